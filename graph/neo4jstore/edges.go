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

// retire are the statements that end the relationships in force of legs whose
// projection is replaced.
func (w *writer) retire(c chunk) []statement {
	var steps []statement
	for _, class := range graph.AllClasses() {
		ids := slices.DeleteFunc(slices.Clone(c.again), func(id string) bool { return c.class[id] != class })
		if len(ids) > 0 {
			steps = append(steps, statement{
				"UNWIND $ids AS id " + matchLeg(class) + " WHERE r.rev_to = $last AND r.rev_from < $rev SET r.rev_to = $rev",
				map[string]any{"ids": ids, "last": int64(lastRev), "rev": w.rev},
			})
		}
	}
	return steps
}

// shape is what all relationships that one statement creates have in common.
type shape struct {
	class    graph.Class
	from, to string // labels
	names    string // of the properties, where the statement lists them, else ""
}

// alike is the number of relationships from which on it pays to have a
// statement that lists their properties: it is a fifth faster.
const alike = 500

// createEdges makes the step that creates staged relationships, and places for
// companies that have no node yet.
func (w *writer) createEdges(edges []edge) work {
	var places []string
	node := func(id string) string {
		if c := w.companies[id]; c != nil && c.node != "" {
			return c.node
		}
		places = append(places, id)
		return placeLabel
	}
	groups := map[shape][]edge{}
	for _, e := range edges {
		e.props["rev_from"], e.props["rev_to"] = w.rev, int64(lastRev)
		s := shape{class: e.class, from: node(e.from), to: node(e.to)}
		if len(edges) >= alike {
			s.names = strings.Join(sortedKeys(e.props), " ")
		}
		groups[s] = append(groups[s], e)
	}
	for _, id := range places { // they are there for the chunks after this one
		if known := w.companies[id]; known != nil {
			known.node = placeLabel
		}
	}
	slices.Sort(places)
	places = slices.Compact(places)
	for s, list := range groups {
		if s.names != "" && len(list) < alike {
			delete(groups, s)
			s.names = ""
			groups[s] = append(groups[s], list...)
		}
	}
	order := make([]shape, 0, len(groups))
	for s := range groups {
		order = append(order, s)
	}
	slices.SortFunc(order, func(x, y shape) int { return strings.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
	steps := make([]statement, len(order))
	for i, s := range order {
		steps[i] = s.create(groups[s])
	}
	return func(ctx context.Context, t tx) error {
		if len(places) > 0 {
			if err := t.run(ctx, "UNWIND $ids AS id MERGE (:RoundtripPlace {id: id})", map[string]any{"ids": places}); err != nil {
				return err
			}
		}
		for i, step := range steps {
			v, err := t.one(ctx, step.text, step.params)
			if err != nil {
				return err
			}
			if created, _ := v[0].(int64); created != int64(len(groups[order[i]])) {
				return fmt.Errorf("%d of %d relationships of type %s could not be created", int64(len(groups[order[i]]))-created, len(groups[order[i]]), order[i].class)
			}
		}
		return nil
	}
}

// create is the statement that creates relationships of one shape.
func (s shape) create(edges []edge) statement {
	text := fmt.Sprintf("UNWIND $rows AS row MATCH (a:%s {id: row[0]}) MATCH (b:%s {id: row[1]}) CREATE (a)-[r:%s", s.from, s.to, s.class)
	rows := make([]any, len(edges))
	params := map[string]any{"rows": rows}
	if s.names == "" {
		for i, e := range edges {
			rows[i] = []any{e.from, e.to, e.props}
		}
		return statement{text + "]->(b) SET r = row[2] RETURN count(r)", params}
	}
	// What is the same in all of them is sent once.
	var terms, differ []string
	for _, name := range strings.Fields(s.names) {
		v := edges[0].props[name]
		same := !slices.ContainsFunc(edges, func(e edge) bool { return !equal(e.props[name], v) })
		if same {
			params["same_"+name] = v
			terms = append(terms, name+": $same_"+name)
			continue
		}
		terms = append(terms, fmt.Sprintf("%s: row[%d]", name, 2+len(differ)))
		differ = append(differ, name)
	}
	for i, e := range edges {
		row := make([]any, 2, 2+len(differ))
		row[0], row[1] = e.from, e.to
		for _, name := range differ {
			row = append(row, e.props[name])
		}
		rows[i] = row
	}
	return statement{text + " {" + strings.Join(terms, ", ") + "}]->(b) RETURN count(r)", params}
}

// equal compares two values of properties; lists are taken to differ.
func equal(x, y any) bool {
	if _, list := x.([]string); list {
		return false
	}
	if _, list := y.([]string); list {
		return false
	}
	return x == y
}
