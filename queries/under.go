package queries

import (
	"context"
	"errors"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
)

// viewOf looks at the snapshot through the lens; what the lens names and the
// graph does not have is a bad argument.
func viewOf(ctx context.Context, s *snapshot.Snapshot, lens graph.Lens) (*snapshot.View, error) {
	v, err := s.View(ctx, lens)
	var bad *snapshot.LensError
	if errors.As(err, &bad) {
		problem := "want " + bad.Want
		if len(bad.Near) > 0 {
			problem += "; did you mean " + strings.Join(bad.Near, " or ") + "?"
		}
		return nil, ArgumentErrors{{Name: bad.Field, Given: bad.Given, Problem: problem}}
	}
	return v, err
}

func metBy(v *snapshot.View) Met {
	m := Met{Unknown: v.NUnknown(), Partial: v.NPartial(), Legs: v.NumLegs()}
	for _, s := range v.States() {
		m.States = append(m.States, StateSeen{string(s.Status), s.Legs})
	}
	return m
}

func viewWarnings(v *snapshot.View) []Warning {
	var list []Warning
	for _, w := range v.Warnings() {
		list = append(list, Warning{w.Code, w.Message, w.Count})
	}
	return list
}

// evidence is the legs that the rows rest on, and their pages.
func evidence(s *snapshot.Snapshot, rows []Row) (Evidence, []*graph.Source) {
	legs, pages := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		for _, id := range r.Legs {
			if legs[id] {
				continue
			}
			legs[id] = true
			if i, ok := s.FlowIndex(id); ok {
				for _, p := range s.Flow(i).SourceIDs {
					pages[p] = true
				}
			}
		}
	}
	e := Evidence{FlowIDs: sortedKeys(legs), SourceIDs: sortedKeys(pages)}
	var sources []*graph.Source
	for _, p := range s.Sources() {
		if pages[p.ID] {
			sources = append(sources, p)
		}
	}
	return e, sources
}

func sortedKeys(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// CompanyArg maps a company that a parameter names to its vertex under the
// lens; a company that is not in the graph is a bad argument.
func CompanyArg(v *snapshot.View, argument, id string) (int32, error) {
	i, ok := v.Vertex(id)
	if !ok {
		problem := "no such company"
		if near := v.Snapshot().NearCompanies(id); len(near) > 0 {
			problem += "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return 0, ArgumentErrors{{Name: argument, Given: id, Problem: problem}}
	}
	return i, nil
}
