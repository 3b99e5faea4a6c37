package neo4jstore

import (
	"context"
	"slices"

	"roundtrip/graph"
)

func texts(v any) []string {
	list, _ := v.([]any)
	all := make([]string, 0, len(list))
	for _, item := range list {
		text, _ := item.(string)
		all = append(all, text)
	}
	return all
}

// group is some records of one kind that a revision changed.
type group struct {
	kind graph.RecordKind
	ids  []string
}

// publish brings the record nodes up to a revision that is in force. It may be
// repeated.
func (l *lease) publish(ctx context.Context, rev int64) error {
	var groups []group
	var companies []string
	total := 0
	err := l.s.read(ctx, "read what to publish", func(ctx context.Context, t tx) error {
		groups, companies, total = nil, nil, 0
		return t.each(ctx, `MATCH (c:RoundtripChunk) USING INDEX c:RoundtripChunk(rev, seq) WHERE c.rev = $rev AND c.seq > 0 AND c.logged > 0
			RETURN c.kind, c.added + c.changed + c.deleted ORDER BY c.seq`, map[string]any{"rev": rev}, func(v []any) error {
			name, _ := v[0].(string)
			kind, err := graph.ParseRecordKind(name)
			ids := texts(v[1])
			total += len(ids)
			if kind == graph.CompanyKind {
				companies = append(companies, ids...)
			}
			// Chunks are bounded in text as well, so they are not put together.
			for piece := range slices.Chunk(ids, max(1, l.s.config.ChunkRows/2)) {
				groups = append(groups, group{kind, piece})
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	// What others point at comes first.
	slices.SortStableFunc(groups, func(x, y group) int { return int(x.kind) - int(y.kind) })
	heads := func(ctx context.Context, t tx) error { return t.publishHeads(ctx, companies) }
	mark := func(ctx context.Context, t tx) error {
		return t.run(ctx, `MATCH (m:RoundtripMeta {key: 'graph'}) WHERE m.published < $rev SET m.published = $rev
			WITH m MATCH (b:RoundtripBatch {rev: $rev}) SET b.published_at = timestamp()`, map[string]any{"rev": rev})
	}
	var steps []work
	for _, g := range groups {
		steps = append(steps, func(ctx context.Context, t tx) error { return t.publishNodes(ctx, g, rev) })
	}
	if len(companies) > 0 {
		steps = append(steps, heads)
	}
	for _, g := range groups {
		steps = append(steps, func(ctx context.Context, t tx) error { return t.publishLinks(ctx, g) })
	}
	steps = append(steps, mark)
	if total <= l.s.config.ChunkRows/5 {
		return l.write(ctx, "publish", func(ctx context.Context, t tx) error {
			for _, step := range steps {
				if err := step(ctx, t); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, step := range steps {
		if err := l.write(ctx, "publish", step); err != nil {
			return err
		}
	}
	return nil
}

// publishNodes writes the nodes of some changed records.
func (t tx) publishNodes(ctx context.Context, g group, rev int64) error {
	var rows []any
	var gone []string
	err := t.each(ctx, "UNWIND $ids AS id MATCH (c:RoundtripChange {kind: $kind, id: id, rev: $rev}) RETURN id, c.after, c.plain",
		map[string]any{"ids": g.ids, "kind": g.kind.String(), "rev": rev}, func(v []any) error {
			id, _ := v[0].(string)
			text, ok := v[1].(string)
			if plain, _ := v[2].(bool); plain {
				return nil
			}
			if !ok {
				gone = append(gone, id)
				return nil
			}
			r, err := graph.ParseCanonical(g.kind, []byte(text))
			if err != nil {
				return err
			}
			rows = append(rows, []any{id, properties(r, rev)})
			return nil
		})
	if err != nil {
		return err
	}
	if len(rows) > 0 && g.kind == graph.CompanyKind {
		err := t.run(ctx, `UNWIND $rows AS row MATCH (n:RoundtripPlace {id: row[0]})
			REMOVE n:RoundtripPlace SET n:Company SET n = row[1]`, map[string]any{"rows": rows})
		if err != nil {
			return err
		}
	}
	if len(rows) > 0 {
		err := t.run(ctx, "UNWIND $rows AS row MERGE (n:"+label(g.kind)+" {id: row[0]}) SET n = row[1]", map[string]any{"rows": rows})
		if err != nil {
			return err
		}
	}
	if len(gone) == 0 {
		return nil
	}
	if g.kind != graph.CompanyKind {
		return t.run(ctx, "UNWIND $ids AS id MATCH (n:"+label(g.kind)+" {id: id}) DETACH DELETE n", map[string]any{"ids": gone})
	}
	// Legs may still name the company, and replaced relationships may still be read.
	for _, text := range []string{
		"UNWIND $ids AS id MATCH (n:Company {id: id})-[r:PART_OF|MAKES|DESIGNS|FABRICATES|PROVIDES_MEMORY|RUNS_ON|REPORTED_BY|OF]-() DELETE r",
		"UNWIND $ids AS id MATCH (n:Company {id: id}) WHERE NOT (n)--() DELETE n",
		"UNWIND $ids AS id MATCH (n:Company {id: id}) REMOVE n:Company SET n:RoundtripPlace SET n = {id: id}",
	} {
		if err := t.run(ctx, text, map[string]any{"ids": gone}); err != nil {
			return err
		}
	}
	return nil
}

// publishHeads writes the ultimate parents of changed companies and of all
// below them.
func (t tx) publishHeads(ctx context.Context, changed []string) error {
	nodes := map[string]companyNode{}
	lookUp := func(ids []string) ([]string, error) {
		var above []string
		for _, id := range ids {
			nodes[id] = companyNode{}
		}
		err := t.each(ctx, "UNWIND $ids AS id MATCH (c:Company {id: id}) RETURN id, c.parent_id", map[string]any{"ids": ids}, func(v []any) error {
			id, _ := v[0].(string)
			parent, _ := v[1].(string)
			nodes[id] = companyNode{exists: true, parent: parent}
			if parent != "" {
				above = append(above, parent)
			}
			return nil
		})
		return above, err
	}
	affected := map[string]bool{}
	for next := slices.Clone(changed); len(next) > 0; {
		for _, id := range next {
			affected[id] = true
		}
		var below []string
		err := t.each(ctx, "UNWIND $ids AS id MATCH (c:Company {parent_id: id}) RETURN c.id", map[string]any{"ids": next}, func(v []any) error {
			if id, _ := v[0].(string); !affected[id] {
				below = append(below, id)
			}
			return nil
		})
		if err != nil {
			return err
		}
		slices.Sort(below)
		next = slices.Compact(below)
	}
	for next := sortedKeys(affected); len(next) > 0; {
		above, err := lookUp(next)
		if err != nil {
			return err
		}
		next = slices.DeleteFunc(above, func(id string) bool { _, ok := nodes[id]; return ok })
		slices.Sort(next)
		next = slices.Compact(next)
	}
	var rows []any
	for _, id := range sortedKeys(affected) {
		if head := headOf(id, func(id string) companyNode { return nodes[id] }); nodes[id].exists {
			rows = append(rows, []any{id, head})
		}
	}
	return t.run(ctx, "UNWIND $rows AS row MATCH (c:Company {id: row[0]}) SET c.head = row[1]", map[string]any{"rows": rows})
}

// links are the relationships for exploring that belong to a record, by kind:
// first how to take them away, then how to make them.
func links(k graph.RecordKind) []string {
	one := func(label, field, target, from, to, kind string) string {
		return "UNWIND $ids AS id MATCH (n:" + label + " {id: id}) MATCH (x:" + target + " {id: n." + field + "}) CREATE (" + from + ")-[:" + kind + "]->(" + to + ")"
	}
	many := func(label, field, target, from, to, kind string) string {
		return "UNWIND $ids AS id MATCH (n:" + label + " {id: id}) UNWIND n." + field + " AS item MATCH (x:" + target + " {id: item}) CREATE (" + from + ")-[:" + kind + "]->(" + to + ")"
	}
	clean := func(label, pattern string) string {
		return "UNWIND $ids AS id MATCH (n:" + label + " {id: id})" + pattern + " DELETE r"
	}
	reported := func(label string) string { return many(label, "source_ids", "Source", "n", "x", "REPORTED_BY") }
	switch k {
	case graph.CompanyKind:
		return []string{clean("Company", "-[r:PART_OF|REPORTED_BY]->()"), one("Company", "parent_id", "Company", "n", "x", "PART_OF"), reported("Company")}
	case graph.ChipKind:
		return []string{
			clean("Chip", "-[r:REPORTED_BY]->()"), clean("Chip", "<-[r:MAKES|DESIGNS|FABRICATES|PROVIDES_MEMORY|RUNS_ON]-()"),
			one("Chip", "vendor_id", "Company", "x", "n", "MAKES"), one("Chip", "designer_id", "Company", "x", "n", "DESIGNS"),
			many("Chip", "codesigner_ids", "Company", "x", "n", "DESIGNS"), one("Chip", "foundry_id", "Company", "x", "n", "FABRICATES"),
			many("Chip", "memory_supplier_ids", "Company", "x", "n", "PROVIDES_MEMORY"), many("Chip", "user_ids", "Company", "x", "n", "RUNS_ON"),
			reported("Chip"),
		}
	case graph.DealKind:
		return []string{clean("Deal", "-[r:REPORTED_BY]->()"), reported("Deal")}
	case graph.FlowRecord:
		return []string{
			clean("Leg", "-[r:IN_DEAL|LISTS_CHIP|PART_OF|REPORTED_BY]->()"), one("Leg", "deal_id", "Deal", "n", "x", "IN_DEAL"),
			many("Leg", "chips", "Chip", "n", "x", "LISTS_CHIP"), one("Leg", "parent_flow_id", "Leg", "n", "x", "PART_OF"), reported("Leg"),
		}
	case graph.OutcomeKind:
		return []string{clean("Outcome", "-[r:OF|REPORTED_BY]->()"), one("Outcome", "flow_id", "Leg", "n", "x", "OF"), reported("Outcome")}
	case graph.MetricKind:
		return []string{clean("Metric", "-[r:OF|REPORTED_BY]->()"), one("Metric", "company_id", "Company", "n", "x", "OF"), reported("Metric")}
	default:
		return nil
	}
}

// publishLinks makes the relationships for exploring of some changed records.
func (t tx) publishLinks(ctx context.Context, g group) error {
	for _, text := range links(g.kind) {
		if err := t.run(ctx, text, map[string]any{"ids": g.ids}); err != nil {
			return err
		}
	}
	return nil
}
