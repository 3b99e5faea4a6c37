package roundtrips

import (
	"context"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

// native looks, for every company and each payee that it funds, for the way
// back.
func native(_ context.Context, in queries.Scope, _ Params, yield func(Pair) bool) (queries.Truncation, error) {
	v := in.View
	for a := range v.Companies() {
		first, end := v.Out(int32(a))
		for e := first; e < end; {
			b := v.EdgeAt(e).Payee
			var fin graph.Money
			var legs []int32
			for ; e < end && v.EdgeAt(e).Payee == b; e++ {
				if x := v.EdgeAt(e); x.Class == graph.Funds || x.Class == graph.Grants {
					fin = fin.Plus(x.Amount)
					legs = append(legs, x.Legs...)
				}
			}
			back, ok := v.Edge(b, int32(a), graph.Pays)
			if legs == nil || !ok {
				continue
			}
			buy := v.EdgeAt(back)
			names := v.Companies()
			pair := Pair{Funder: names[a], Customer: names[b], Fin: fin, Buy: buy.Amount, Legs: v.LegIDs(slices.Concat(legs, buy.Legs))}
			if !yield(pair) {
				return queries.Truncation{}, nil
			}
		}
	}
	return queries.Truncation{}, nil
}
