package cycles

import (
	"context"

	"roundtrip/queries"
	algo "roundtrip/queries/algo/cycles"
	"roundtrip/queries/algo/effort"
	"roundtrip/queries/library/chain"
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
	hops, arcs, g, err := chain.Edges(v)
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
	return chain.Cut(ctx, p.Timeout, stats, err)
}
