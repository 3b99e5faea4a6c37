package cycles

import (
	"context"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/algo/effort"
	"roundtrip/queries/algo/temporal"
	"roundtrip/queries/library/chain"
)

// nativeLegs searches sequences of single legs. Legs of a view are in order of
// date, then id, which is the order that temporal wants among equal times;
// undated legs come last and take no part.
func nativeLegs(ctx context.Context, in queries.Scope, p Params, yield func(Ring) bool) (queries.Truncation, error) {
	v := in.View
	through, err := vertices(in, "through", p.Through)
	if err != nil {
		return queries.Truncation{}, err
	}
	avoid, err := vertices(in, "avoid", p.Avoid)
	if err != nil {
		return queries.Truncation{}, err
	}
	legs := make([]temporal.Leg, v.NumLegs()-undated(v))
	for i := range legs {
		leg := v.Leg(i)
		legs[i] = temporal.Leg{From: leg.Payer, To: leg.Payee, Time: leg.Date.UnixMilli()}
	}
	g, err := temporal.Build(len(v.Companies()), legs)
	if err != nil {
		return queries.Truncation{}, err
	}
	search, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	hops := make([]*Hop, len(legs)) // of the legs that are on a loop
	ring := make(Ring, 0, effort.MaxHops)
	opt := temporal.Options{
		MinHops: p.MinHops, MaxHops: p.MaxHops, AllowTies: !p.Strict, Window: int64(p.Window / time.Millisecond),
		Through: through, Avoid: avoid, Workers: 1,
	}
	stats, err := temporal.Each(search, g, opt, func(_ int, ids []int32) bool {
		ring = ring[:0]
		for _, i := range ids {
			if hops[i] == nil {
				hops[i] = hopOfLeg(v, int(i))
			}
			ring = append(ring, hops[i])
		}
		return yield(ring)
	})
	return chain.Cut(ctx, p.Timeout, stats, err)
}

func hopOfLeg(v *snapshot.View, i int) *Hop {
	leg, names := v.Leg(i), v.Companies()
	return &Hop{
		Payer: names[leg.Payer], Payee: names[leg.Payee], Class: leg.Class, Amount: leg.Amount,
		Legs: []string{leg.ID}, Days: []graph.Day{leg.Date.First()},
	}
}

// undated is the number of legs of the view without a date; they come last.
func undated(v *snapshot.View) int {
	n := 0
	for i := v.NumLegs() - 1; i >= 0 && !v.Leg(i).Date.Known(); i-- {
		n++
	}
	return n
}
