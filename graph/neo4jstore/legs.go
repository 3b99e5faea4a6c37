package neo4jstore

import (
	"context"
	"slices"

	"roundtrip/graph"
)

// stageLegChanges stages legs and deletes of legs. New plain transfers that
// nothing else is known of get their relationships at once; the others are
// remembered and projected when all legs are staged.
func (w *writer) stageLegChanges(ctx context.Context, items []item, deletes []string) error {
	if len(items)+len(deletes) == 0 {
		return nil
	}
	c, old, err := w.compare(ctx, graph.FlowRecord, items, deletes)
	if err != nil {
		return err
	}
	after := make(map[string]*graph.Flow, len(items))
	for _, i := range items {
		if f, ok := i.record.(*graph.Flow); ok {
			after[f.ID] = f
		}
	}
	busy, err := w.withRelatives(ctx, c, after)
	if err != nil {
		return err
	}
	all := c.changes
	c.changes = c.changes[:0:0]
	var direct []*leg
	for _, change := range all {
		f := after[change.id]
		if change.after != "" && plainTransfer(f) {
			if change.before == "" && !busy[f.ID] {
				direct = append(direct, &leg{flow: f, recordRev: w.rev})
				c.direct = append(c.direct, f.ID)
				continue
			}
			change.plain = old[change.id].plain
		}
		w.noteLeg(change, old[change.id], f)
		c.changes = append(c.changes, change)
	}
	if err := w.ends(ctx, direct); err != nil {
		return err
	}
	for _, l := range direct {
		c.edges = append(c.edges, project(l)...)
	}
	if err := w.write(ctx, c); err != nil {
		return err
	}
	w.tell(len(items))
	return nil
}

// withRelatives says which of the new plain transfers have outcomes or parts.
func (w *writer) withRelatives(ctx context.Context, c chunk, after map[string]*graph.Flow) (map[string]bool, error) {
	busy := map[string]bool{}
	var ids []string
	for _, change := range c.changes {
		if change.before == "" && plainTransfer(after[change.id]) {
			ids = append(ids, change.id)
			busy[change.id] = w.wholes[change.id] || len(w.outcomes[change.id]) > 0
		}
	}
	for _, q := range []struct {
		kind graph.RecordKind
		text string
	}{
		{graph.OutcomeKind, "UNWIND $ids AS id MATCH (o:Outcome {flow_id: id}) RETURN DISTINCT id"},
		{graph.FlowRecord, "UNWIND $ids AS id MATCH (l:Leg {parent_flow_id: id}) RETURN DISTINCT id"},
	} {
		if len(ids) == 0 || w.base.count(q.kind) == 0 {
			continue
		}
		err := w.s.read(ctx, "look for outcomes and parts of new legs", func(ctx context.Context, t tx) error {
			return t.each(ctx, q.text, map[string]any{"ids": ids}, func(v []any) error {
				id, _ := v[0].(string)
				busy[id] = true
				return nil
			})
		})
		if err != nil {
			return nil, err
		}
	}
	return busy, nil
}

// noteLeg remembers a staged leg.
func (w *writer) noteLeg(change change, old stored, now *graph.Flow) {
	node := legNode{staged: true}
	if f, ok := old.record.(*graph.Flow); ok {
		node.before = legPlace{exists: true, umbrella: f.Kind == graph.Umbrella, whole: f.ParentFlowID}
	}
	if change.after != "" {
		node.legPlace = legPlace{exists: true, umbrella: now.Kind == graph.Umbrella, whole: now.ParentFlowID}
	}
	w.legs[change.id] = node
	w.again[change.id] = struct{}{}
}

// ends fills in the parties of legs.
func (w *writer) ends(ctx context.Context, legs []*leg) error {
	ids := make([]string, 0, 2*len(legs))
	for _, l := range legs {
		ids = append(ids, l.flow.From, l.flow.To)
	}
	if err := w.lookUp(ctx, ids); err != nil {
		return err
	}
	for _, l := range legs {
		l.from, l.to = w.party(l.flow.From), w.party(l.flow.To)
	}
	return nil
}

// projectAgain replaces the relationships of all legs that were touched.
func (w *writer) projectAgain(ctx context.Context) error {
	if err := w.addFamilies(ctx); err != nil {
		return err
	}
	for ids := range slices.Chunk(sortedKeys(w.again), max(1, w.s.config.ChunkRows/4)) {
		c, err := w.projection(ctx, ids)
		if err != nil {
			return err
		}
		if err := w.write(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// projection is the chunk that replaces the relationships of these legs.
func (w *writer) projection(ctx context.Context, ids []string) (chunk, error) {
	c := chunk{kind: graph.FlowRecord, class: map[string]graph.Class{}}
	old, err := w.current(ctx, graph.FlowRecord, ids)
	if err != nil {
		return c, err
	}
	staged, err := w.stagedLegs(ctx, ids)
	if err != nil {
		return c, err
	}
	outcomes, err := w.outcomesOf(ctx, ids)
	if err != nil {
		return c, err
	}
	var legs []*leg
	for _, id := range ids {
		o, had := old[id]
		l := &leg{outcomes: outcomes[id]}
		if had {
			f, _ := o.record.(*graph.Flow)
			l.flow = f
			if class := f.Kind.Class(); class != graph.NoClass {
				c.class[id] = class
			}
			if o.plain {
				l.recordRev = o.rev
			}
		}
		if now, ok := staged[id]; ok {
			l.flow, l.recordRev = now.flow, 0
			if now.plain {
				l.recordRev = w.rev
			}
		}
		if had || l.flow != nil {
			c.again = append(c.again, id)
		}
		if l.flow != nil {
			legs = append(legs, l)
		}
	}
	if err := w.ends(ctx, legs); err != nil {
		return c, err
	}
	if err := w.families(ctx, legs); err != nil {
		return c, err
	}
	for _, l := range legs {
		c.edges = append(c.edges, project(l)...)
	}
	return c, nil
}

// stagedLeg is a leg as the batch leaves it; flow is nil when it deletes it.
type stagedLeg struct {
	flow  *graph.Flow
	plain bool
}

// stagedLegs reads the staged form of those of the legs that the batch changes.
func (w *writer) stagedLegs(ctx context.Context, ids []string) (map[string]stagedLeg, error) {
	staged := map[string]stagedLeg{}
	with := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !w.legs[id].staged })
	if len(with) == 0 {
		return staged, nil
	}
	err := w.s.read(ctx, "read staged legs", func(ctx context.Context, t tx) error {
		clear(staged)
		return t.each(ctx, `UNWIND $ids AS id MATCH (c:RoundtripChange {kind: 'flow', id: id, rev: $rev}) RETURN id, c.after, c.plain`,
			map[string]any{"ids": with, "rev": w.rev}, func(v []any) error {
				id, _ := v[0].(string)
				text, ok := v[1].(string)
				if !ok {
					staged[id] = stagedLeg{}
					return nil
				}
				r, err := graph.ParseCanonical(graph.FlowRecord, []byte(text))
				if err != nil {
					return err
				}
				f, _ := r.(*graph.Flow)
				plain, _ := v[2].(bool)
				staged[id] = stagedLeg{f, plain}
				return nil
			})
	})
	return staged, err
}

// outcomesOf are the outcomes of legs as the batch leaves them.
func (w *writer) outcomesOf(ctx context.Context, ids []string) (map[string][]*graph.Outcome, error) {
	found := map[string][]*graph.Outcome{}
	if w.base.count(graph.OutcomeKind) > 0 {
		err := w.s.read(ctx, "read the outcomes of legs", func(ctx context.Context, t tx) error {
			clear(found)
			return t.each(ctx, "UNWIND $ids AS id MATCH (o:Outcome {flow_id: id}) RETURN properties(o)", map[string]any{"ids": ids}, func(v []any) error {
				props, _ := v[0].(map[string]any)
				r, err := record(graph.OutcomeKind, props)
				if err != nil {
					return err
				}
				if o, ok := r.(*graph.Outcome); ok {
					if _, changed := w.outcomes[o.FlowID][o.ID]; !changed {
						found[o.FlowID] = append(found[o.FlowID], o)
					}
				}
				return nil
			})
		})
		if err != nil {
			return nil, err
		}
	}
	for _, leg := range ids {
		for _, id := range sortedKeys(w.outcomes[leg]) {
			if o := w.outcomes[leg][id]; o != nil {
				found[leg] = append(found[leg], o)
			}
		}
	}
	return found, nil
}
