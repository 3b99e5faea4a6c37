package neo4jstore

import (
	"context"
	"slices"

	"roundtrip/graph"
)

// legPlace is what the tree of legs and their parts needs of one.
type legPlace struct {
	exists   bool
	umbrella bool
	whole    string // parent_flow_id
}

// legNode is the place of a leg as the batch leaves it.
type legNode struct {
	legPlace
	before legPlace
	staged bool // the batch changes the leg
}

// place is the place of a leg before or after the batch.
func (n legNode) place(after bool) legPlace {
	if n.staged && !after {
		return n.before
	}
	return n.legPlace
}

// lookUpLegs makes these legs known.
func (w *writer) lookUpLegs(ctx context.Context, ids []string) error {
	missing := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := w.legs[id]; return ok })
	if len(missing) == 0 {
		return nil
	}
	return w.s.read(ctx, "look up legs", func(ctx context.Context, t tx) error {
		// A plain transfer has no node and no whole.
		for _, id := range missing {
			w.legs[id] = legNode{}
		}
		params := map[string]any{"ids": missing, "last": int64(lastRev)}
		err := t.each(ctx, "UNWIND $ids AS id MATCH (l:Leg {id: id}) RETURN id, l.kind, l.parent_flow_id", params, func(v []any) error {
			id, _ := v[0].(string)
			kind, _ := v[1].(string)
			whole, _ := v[2].(string)
			w.legs[id] = legNode{legPlace: legPlace{exists: true, umbrella: kind == string(graph.Umbrella), whole: whole}}
			return nil
		})
		if err != nil {
			return err
		}
		return t.each(ctx, `UNWIND $ids AS id MATCH ()-[r:PAYS {id: id}]->() USING INDEX r:PAYS(id) WHERE r.record_rev IS NOT NULL AND r.rev_to = $last RETURN id`, params, func(v []any) error {
			id, _ := v[0].(string)
			w.legs[id] = legNode{legPlace: legPlace{exists: true}}
			return nil
		})
	})
}

// ancestorsOf are the legs that a leg is a part of, the nearest first.
func (w *writer) ancestorsOf(ctx context.Context, id string, after bool) ([]string, error) {
	var chain []string
	for {
		if err := w.lookUpLegs(ctx, []string{id}); err != nil {
			return nil, err
		}
		p := w.legs[id].place(after)
		if !p.exists || p.whole == "" || slices.Contains(chain, p.whole) {
			return chain, nil
		}
		id = p.whole
		chain = append(chain, id)
	}
}

// descendantsOf are the parts of a leg at any depth, as the batch leaves them,
// in byte order.
func (w *writer) descendantsOf(ctx context.Context, id string) ([]string, error) {
	seen := map[string]bool{id: true}
	var all []string
	for next := []string{id}; len(next) > 0; {
		parts, err := w.partsOf(ctx, next)
		if err != nil {
			return nil, err
		}
		next = slices.DeleteFunc(parts, func(id string) bool { return seen[id] })
		for _, id := range next {
			seen[id] = true
		}
		all = append(all, next...)
	}
	slices.Sort(all)
	return all, nil
}

// partsOf are the legs right below these.
func (w *writer) partsOf(ctx context.Context, ids []string) ([]string, error) {
	if w.parts == nil {
		w.parts = map[string][]string{}
		for _, id := range sortedKeys(w.legs) {
			if n := w.legs[id]; n.staged && n.exists && n.whole != "" {
				w.parts[n.whole] = append(w.parts[n.whole], id)
			}
		}
	}
	var below []string
	err := w.s.read(ctx, "look up parts of legs", func(ctx context.Context, t tx) error {
		below = below[:0]
		return t.each(ctx, "UNWIND $ids AS id MATCH (l:Leg {parent_flow_id: id}) RETURN l.id", map[string]any{"ids": ids}, func(v []any) error {
			id, _ := v[0].(string)
			if !w.legs[id].staged {
				below = append(below, id)
			}
			return nil
		})
	})
	for _, id := range ids {
		below = append(below, w.parts[id]...)
	}
	return below, err
}

// addFamilies marks the relatives of the legs whose place among wholes and
// parts the batch changes.
func (w *writer) addFamilies(ctx context.Context) error {
	var moved []string
	for _, id := range sortedKeys(w.legs) {
		if n := w.legs[id]; n.staged && n.legPlace != n.before {
			moved = append(moved, id)
		}
	}
	for ids := range slices.Chunk(moved, w.s.config.ChunkRows) {
		whole, err := w.haveParts(ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			n := w.legs[id]
			if n.whole == "" && n.before.whole == "" && !whole[id] {
				continue
			}
			relatives, err := w.descendantsOf(ctx, id)
			if err != nil {
				return err
			}
			for _, after := range []bool{false, true} {
				above, err := w.ancestorsOf(ctx, id, after)
				if err != nil {
					return err
				}
				relatives = append(relatives, above...)
			}
			for _, r := range relatives {
				w.again[r] = struct{}{}
			}
		}
	}
	return nil
}

// haveParts says which of the legs have parts, as the batch leaves them.
func (w *writer) haveParts(ctx context.Context, ids []string) (map[string]bool, error) {
	whole := map[string]bool{}
	if len(ids) == 0 {
		return whole, nil
	}
	parts, err := w.partsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	if err := w.lookUpLegs(ctx, parts); err != nil {
		return nil, err
	}
	for _, id := range parts {
		whole[w.legs[id].whole] = true
	}
	return whole, nil
}

// families fills in the ancestors and descendants of legs.
func (w *writer) families(ctx context.Context, legs []*leg) error {
	ids := make([]string, len(legs))
	for i, l := range legs {
		ids[i] = l.flow.ID
	}
	whole, err := w.haveParts(ctx, ids)
	if err != nil {
		return err
	}
	for _, l := range legs {
		if l.flow.ParentFlowID != "" {
			if l.ancestors, err = w.ancestorsOf(ctx, l.flow.ID, true); err != nil {
				return err
			}
		}
		if whole[l.flow.ID] {
			if l.descendants, err = w.descendantsOf(ctx, l.flow.ID); err != nil {
				return err
			}
		}
		for _, list := range []*[]string{&l.ancestors, &l.descendants} {
			if err := w.lookUpLegs(ctx, *list); err != nil {
				return err
			}
			*list = slices.DeleteFunc(*list, func(id string) bool {
				p := w.legs[id].legPlace
				return p.umbrella || !p.exists || id == l.flow.ID
			})
		}
	}
	return nil
}
