package neo4jstore

import (
	"context"
	"slices"

	"roundtrip/graph"
)

// company is what a writer knows of a company: as the batch leaves it, and
// which node stands for it now.
type company struct {
	companyNode
	node string // label of the node that relationships can be tied to, "" for none yet
}

const (
	companyLabel = "Company"
	placeLabel   = "RoundtripPlace" // a company that legs name and that has no record
)

const readCompanies = `
UNWIND $ids AS id
OPTIONAL MATCH (c:Company {id: id})
OPTIONAL MATCH (p:RoundtripPlace {id: id})
RETURN id, c IS NOT NULL, c.kind, c.parent_id, p IS NOT NULL`

// lookUp makes these companies and all above them known.
func (w *writer) lookUp(ctx context.Context, ids []string) error {
	missing := func(ids []string) []string {
		var list []string
		for _, id := range ids {
			if _, ok := w.companies[id]; !ok {
				list = append(list, id)
			}
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	for ids = missing(ids); len(ids) > 0; ids = missing(ids) {
		var above []string
		err := w.s.read(ctx, "look up companies", func(ctx context.Context, t tx) error {
			above = above[:0]
			return t.each(ctx, readCompanies, map[string]any{"ids": ids}, func(v []any) error {
				c := &company{}
				id, _ := v[0].(string)
				c.exists, _ = v[1].(bool)
				kind, _ := v[2].(string)
				c.aggregate = kind == graph.KindAggregate
				c.parent, _ = v[3].(string)
				if place, _ := v[4].(bool); place {
					c.node = placeLabel
				}
				if c.exists {
					c.node = companyLabel
				}
				if c.parent != "" {
					above = append(above, c.parent)
				}
				w.companies[id] = c
				return nil
			})
		})
		if err != nil {
			return err
		}
		ids = above
	}
	return nil
}

func (w *writer) companyNode(id string) companyNode {
	if c := w.companies[id]; c != nil {
		return c.companyNode
	}
	return companyNode{}
}

// party is an end of a leg; its company has been looked up.
func (w *writer) party(id string) party {
	head := headOf(id, w.companyNode)
	return party{id: id, head: head, aggregate: w.companyNode(id).aggregate, headAggregate: w.companyNode(head).aggregate}
}

// noteCompanies takes over changes of companies and remembers those that move
// the tree or become or cease to be an aggregate: their legs are projected again.
func (w *writer) noteCompanies(ctx context.Context, c chunk, items []item) error {
	after := map[string]*graph.Company{}
	for _, i := range items {
		if r, ok := i.record.(*graph.Company); ok {
			after[r.ID] = r
		}
	}
	var ids []string
	for _, change := range c.changes {
		ids = append(ids, change.id)
		if r := after[change.id]; r != nil && r.ParentID != "" {
			ids = append(ids, r.ParentID)
		}
	}
	if err := w.lookUp(ctx, ids); err != nil {
		return err
	}
	for _, change := range c.changes {
		known, now := w.companies[change.id], companyNode{}
		if r := after[change.id]; r != nil {
			now = companyNode{exists: true, aggregate: r.Aggregate(), parent: r.ParentID}
		}
		switch {
		case known.aggregate != now.aggregate || known.parent != now.parent:
			w.moved = append(w.moved, change.id)
		case known.exists != now.exists: // no difference to its own legs
			w.appeared = append(w.appeared, change.id)
		}
		known.companyNode = now
	}
	return nil
}

// legsOfCompanies marks the legs that moved companies, and all below them, touch.
func (w *writer) legsOfCompanies(ctx context.Context) error {
	affected := map[string]bool{}
	for _, id := range w.moved {
		affected[id] = true
	}
	next := append(slices.Clone(w.moved), w.appeared...)
	for len(next) > 0 && w.base.count(graph.CompanyKind) > 0 {
		var below []string
		for ids := range slices.Chunk(next, w.s.config.ChunkRows) {
			var found []string
			err := w.s.read(ctx, "look up subsidiaries", func(ctx context.Context, t tx) error {
				found = found[:0]
				return t.each(ctx, "UNWIND $ids AS id MATCH (c:Company {parent_id: id}) RETURN c.id", map[string]any{"ids": ids}, func(v []any) error {
					id, _ := v[0].(string)
					found = append(found, id)
					return nil
				})
			})
			if err != nil {
				return err
			}
			below = append(below, found...)
		}
		next = slices.DeleteFunc(below, func(id string) bool { return affected[id] })
		slices.Sort(next)
		next = slices.Compact(next)
		for _, id := range next {
			affected[id] = true
		}
	}
	if w.base.count(graph.FlowRecord) == 0 {
		return nil
	}
	all := sortedKeys(affected)
	if err := w.lookUp(ctx, all); err != nil {
		return err
	}
	for _, node := range []string{companyLabel, placeLabel} {
		with := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return w.companies[id].node != node })
		for ids := range slices.Chunk(with, 100) {
			err := w.s.read(ctx, "look up the legs of companies", func(ctx context.Context, t tx) error {
				return t.each(ctx, `UNWIND $ids AS id MATCH (:`+node+` {id: id})-[r:FUNDS|PAYS|ACQUIRES|GRANTS|BACKS|SUPPLIES]-()
					WHERE r.unit AND r.rev_to = $last RETURN DISTINCT r.id`, map[string]any{"ids": ids, "last": int64(lastRev)}, func(v []any) error {
					id, _ := v[0].(string)
					w.again[id] = struct{}{}
					return nil
				})
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
