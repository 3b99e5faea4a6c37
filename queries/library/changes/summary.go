package changes

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/circularity"
	"roundtrip/queries/library/coverage"
	"roundtrip/queries/library/cycles"
	"roundtrip/queries/library/vendors"
)

// summarise shows one side in numbers. Most of them are those of other analyses.
func summarise(ctx context.Context, s *side, loops map[string]cycles.Loop, counted bool) (Side, error) {
	v := s.view
	out := Side{Day: graph.On(v.AsOf()), Revision: int64(v.Revision().Number), Legs: v.NumLegs()}
	if counted {
		out.Loops = graph.Micro(int64(len(loops)) * 1_000_000)
		kinds := map[string]int{}
		for _, l := range loops {
			kinds[l.Kind]++
		}
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			out.ByKind = append(out.ByKind, KindCount{kind, kinds[kind]})
		}
	}
	legs := map[graph.Class]int{}
	for i := range v.NumLegs() {
		legs[v.Leg(i).Class]++
	}
	for _, class := range graph.AllClasses() {
		if legs[class] > 0 {
			out.Totals = append(out.Totals, ClassTotal{class.String(), legs[class], v.Total(class)})
		}
	}
	round, err := circularity.Analysis().On(ctx, v, queries.Args{"ranges": false, "limit": 0})
	if err != nil {
		return out, fmt.Errorf("circularity: %w", err)
	}
	ci := round.Summary.(circularity.Summary)
	out.Total, out.Circular, out.CI = ci.Total, ci.Circular, ci.CI
	in := queries.Scope{View: v, Lens: v.Lens()}
	buyers, err := coverage.Buyers(ctx, in)
	if err != nil {
		return out, fmt.Errorf("coverage: %w", err)
	}
	for _, b := range buyers {
		out.Coverage = append(out.Coverage, Covered{b.Buyer, b.Promised, b.Tied, b.TiedCoverage})
	}
	hhi, err := vendors.Concentrations(ctx, in, "compute")
	if err != nil {
		return out, fmt.Errorf("vendors: %w", err)
	}
	for _, customer := range slices.Sorted(maps.Keys(hhi)) {
		out.HHI = append(out.HHI, Concentrate{customer, hhi[customer]})
	}
	return out, nil
}

// matched pairs the items of two lists by name; a pair has nil where a list has
// none of that name.
func matched[T any](before, after []T, name func(T) string) map[string][2]*T {
	pairs := map[string][2]*T{}
	for side, list := range [][]T{before, after} {
		for i := range list {
			pair := pairs[name(list[i])]
			pair[side] = &list[i]
			pairs[name(list[i])] = pair
		}
	}
	return pairs
}

func totalsMoved(before, after []ClassTotal) []TotalMoved {
	pairs := matched(before, after, func(t ClassTotal) string { return t.Class })
	var list []TotalMoved
	for _, class := range graph.AllClasses() {
		pair, ok := pairs[class.String()]
		if !ok {
			continue
		}
		sum := [2]graph.Money{graph.USD(0), graph.USD(0)}
		for i, t := range pair {
			if t != nil {
				sum[i] = t.Amount
			}
		}
		list = append(list, TotalMoved{class.String(), sum[0], sum[1], delta(sum[0], sum[1])})
	}
	return list
}

func kindsMoved(before, after []KindCount) []KindMoved {
	var list []KindMoved
	for kind, pair := range matched(before, after, func(k KindCount) string { return k.Kind }) {
		k := KindMoved{Kind: kind}
		if pair[0] != nil {
			k.Before = pair[0].Loops
		}
		if pair[1] != nil {
			k.After = pair[1].Loops
		}
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b KindMoved) int {
		return queries.Order(cmp.Compare(max(b.Before, b.After), max(a.Before, a.After)), queries.Bytes(a.Kind, b.Kind))
	})
	return list
}

func coverageMoved(before, after []Covered) []CoverMoved {
	var list []CoverMoved
	for buyer, pair := range matched(before, after, func(c Covered) string { return c.Buyer }) {
		m := CoverMoved{Buyer: buyer, PromisedBefore: graph.USD(0), PromisedAfter: graph.USD(0)}
		if pair[0] != nil {
			m.PromisedBefore, m.Before = pair[0].Promised, pair[0].Coverage
		}
		if pair[1] != nil {
			m.PromisedAfter, m.After = pair[1].Promised, pair[1].Coverage
		}
		if m.PromisedBefore != m.PromisedAfter || m.Before != m.After {
			list = append(list, m)
		}
	}
	larger := func(m CoverMoved) graph.Money {
		if queries.Descending(m.PromisedBefore, m.PromisedAfter) < 0 {
			return m.PromisedBefore
		}
		return m.PromisedAfter
	}
	slices.SortFunc(list, func(a, b CoverMoved) int {
		return queries.Order(queries.Descending(larger(a), larger(b)), queries.Bytes(a.Buyer, b.Buyer))
	})
	return list
}

func sharesMoved(before, after []Concentrate) []ShareMoved {
	var list []ShareMoved
	for customer, pair := range matched(before, after, func(c Concentrate) string { return c.Customer }) {
		m := ShareMoved{Customer: customer}
		if pair[0] != nil {
			m.Before = pair[0].HHI
		}
		if pair[1] != nil {
			m.After = pair[1].HHI
		}
		if m.Before != m.After {
			list = append(list, m)
		}
	}
	move := func(m ShareMoved) int64 {
		return max(m.Before.Micro()-m.After.Micro(), m.After.Micro()-m.Before.Micro())
	}
	slices.SortFunc(list, func(a, b ShareMoved) int {
		return queries.Order(cmp.Compare(move(b), move(a)), queries.Bytes(a.Customer, b.Customer))
	})
	return list
}
