package cycles

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/algo/csr"
	algo "roundtrip/queries/algo/cycles"
	"roundtrip/queries/algo/effort"
)

// native searches the merged edges of the view; vertices are numbered in byte
// order of ids, so a loop starts at its smallest number.
func native(ctx context.Context, in queries.Scope, p Params, yield func(Ring) bool) (queries.Truncation, error) {
	if p.Level == "leg" {
		return nativeLegs(ctx, in, p, yield)
	}
	v := in.View
	through, err := vertices(in, "through", p.Through)
	if err != nil {
		return queries.Truncation{}, err
	}
	avoid, err := vertices(in, "avoid", p.Avoid)
	if err != nil {
		return queries.Truncation{}, err
	}
	hops, arcs := make([]Hop, v.NumEdges()), make([]csr.Arc, v.NumEdges())
	for e := range arcs {
		edge := v.EdgeAt(e)
		arcs[e] = csr.Arc{Tail: edge.Payer, Head: edge.Payee, Label: uint8(edge.Class)}
		hops[e] = hopOf(v, edge)
	}
	g, err := csr.Build(len(v.Companies()), arcs)
	if err != nil {
		return queries.Truncation{}, err
	}
	search, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	ring := make(Ring, 0, effort.MaxHops)
	opt := algo.Options{MinHops: p.MinHops, MaxHops: p.MaxHops, Through: through, Avoid: avoid, Workers: 1}
	stats, err := algo.Each(search, g, opt, func(_ int, ids []int32) bool {
		first := 0
		for i, e := range ids {
			if arcs[e].Tail < arcs[ids[first]].Tail {
				first = i
			}
		}
		ring = ring[:0]
		for i := range ids {
			ring = append(ring, &hops[ids[(first+i)%len(ids)]])
		}
		return yield(ring)
	})
	return cutBy(ctx, p, stats, err)
}

// cutBy makes the end of the search by its own timeout a truncation; any other
// early end is an error.
func cutBy(ctx context.Context, p Params, stats effort.Stats, err error) (queries.Truncation, error) {
	switch {
	case err == nil && stats.Truncated == effort.Complete:
		return queries.Truncation{}, nil
	case ctx.Err() != nil:
		return queries.Truncation{}, ctx.Err()
	case err != nil && !errors.Is(err, context.DeadlineExceeded):
		return queries.Truncation{}, err
	}
	return queries.Truncation{Is: true, Reason: fmt.Sprintf("timeout: the search ended after %s; counts are at least", p.Timeout)}, nil
}

func hopOf(v *snapshot.View, e snapshot.Edge) Hop {
	h := Hop{
		Payer: v.Companies()[e.Payer], Payee: v.Companies()[e.Payee], Class: e.Class,
		Amount: e.Amount, Partial: e.Partial, Legs: v.LegIDs(e.Legs),
	}
	h.days = days(v, e.Legs)
	return h
}

// days are the first days of the dated legs, ascending.
func days(v *snapshot.View, legs []int32) []graph.Day {
	var list []graph.Day
	for _, i := range legs {
		if d := v.Leg(int(i)).Date; d.Known() {
			list = append(list, d.First())
		}
	}
	slices.Sort(list)
	return list
}
