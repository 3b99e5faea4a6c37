package standoff

import (
	"context"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

// native adds up, for every customer and vendor, the PAYS legs of the scope, and
// weighs the vendors of each customer.
func native(ctx context.Context, in queries.Scope, p Params, yield func(Fact) bool) (queries.Truncation, error) {
	v, kinds := in.View, p.Scope.Kinds()
	names := v.Companies()
	for customer := range names {
		var facts []Fact
		first, end := v.Out(int32(customer))
		for e := first; e < end; e++ {
			edge := v.EdgeAt(e)
			if edge.Class != graph.Pays {
				continue
			}
			var amount graph.Money
			var legs []int32
			for _, i := range edge.Legs {
				leg := v.Leg(int(i))
				if kinds != nil && !slices.Contains(kinds, leg.Kind) {
					continue
				}
				amount = amount.Plus(leg.Amount)
				legs = append(legs, i)
			}
			if legs == nil {
				continue
			}
			f := Fact{Customer: names[customer], Vendor: names[edge.Payee], Amount: amount, Legs: v.LegIDs(legs)}
			for _, class := range []graph.Class{graph.Funds, graph.Grants} {
				if fin, ok := v.Edge(edge.Payee, int32(customer), class); ok {
					f.FinLegs = append(f.FinLegs, v.LegIDs(v.EdgeAt(fin).Legs)...)
				}
			}
			facts = append(facts, f)
		}
		if err := weigh(ctx, facts); err != nil {
			return queries.Truncation{}, err
		}
		for _, f := range facts {
			if !yield(f) {
				return queries.Truncation{}, nil
			}
		}
	}
	return queries.Truncation{}, ctx.Err()
}
