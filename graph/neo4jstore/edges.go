package neo4jstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"roundtrip/graph"
)

// matchLeg finds the relationships r of a class that belong to the leg id. The
// planner is told which index to use: a plan made while there are few of them
// would go through all.
func matchLeg(class graph.Class) string {
	return fmt.Sprintf("MATCH ()-[r:%[1]s {id: id}]->() USING INDEX r:%[1]s(id)", class)
}

// retire ends the relationships that are in force of legs whose projection is
// replaced.
func (w *writer) retire(ctx context.Context, t tx, c chunk) error {
	for _, class := range graph.AllClasses() {
		ids := slices.DeleteFunc(slices.Clone(c.again), func(id string) bool { return c.class[id] != class })
		if len(ids) == 0 {
			continue
		}
		err := t.run(ctx, "UNWIND $ids AS id "+matchLeg(class)+" WHERE r.rev_to = $last AND r.rev_from < $rev SET r.rev_to = $rev",
			map[string]any{"ids": ids, "last": int64(lastRev), "rev": w.rev})
		if err != nil {
			return err
		}
	}
	return nil
}

// shape is what all relationships that one statement creates have in common.
type shape struct {
	class    graph.Class
	from, to string // labels
}

// createEdges creates staged relationships, and places for companies that have
// no node yet.
func (w *writer) createEdges(ctx context.Context, t tx, edges []edge) error {
	var places []string
	rows := map[shape][]any{}
	node := func(id string) string {
		if c := w.companies[id]; c != nil && c.node != "" {
			return c.node
		}
		places = append(places, id)
		return placeLabel
	}
	for _, e := range edges {
		e.props["rev_from"], e.props["rev_to"] = w.rev, int64(lastRev)
		s := shape{e.class, node(e.from), node(e.to)}
		rows[s] = append(rows[s], []any{e.from, e.to, e.props})
	}
	if len(places) > 0 {
		slices.Sort(places)
		places = slices.Compact(places)
		if err := t.run(ctx, "UNWIND $ids AS id MERGE (:RoundtripPlace {id: id})", map[string]any{"ids": places}); err != nil {
			return err
		}
	}
	order := make([]shape, 0, len(rows))
	for s := range rows {
		order = append(order, s)
	}
	slices.SortFunc(order, func(x, y shape) int { return strings.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
	for _, s := range order {
		v, err := t.one(ctx, fmt.Sprintf(`UNWIND $rows AS row MATCH (a:%s {id: row[0]}) MATCH (b:%s {id: row[1]})
			CREATE (a)-[r:%s]->(b) SET r = row[2] RETURN count(r)`, s.from, s.to, s.class), map[string]any{"rows": rows[s]})
		if err != nil {
			return err
		}
		if created, _ := v[0].(int64); created != int64(len(rows[s])) {
			return fmt.Errorf("%d of %d relationships of type %s could not be created", int64(len(rows[s]))-created, len(rows[s]), s.class)
		}
	}
	return nil
}
