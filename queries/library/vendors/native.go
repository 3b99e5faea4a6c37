package vendors

import (
	"context"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

// native adds up the legs of every PAYS edge that are in the scope.
func native(_ context.Context, in queries.Scope, p Params, yield func(Pair) bool) (queries.Truncation, error) {
	v, kinds := in.View, p.Scope.Kinds()
	names := v.Companies()
	for e := range v.NumEdges() {
		edge := v.EdgeAt(e)
		if edge.Class != graph.Pays {
			continue
		}
		var amount graph.Money
		var gw graph.Decimal
		var legs []int32
		for _, i := range edge.Legs {
			leg := v.Leg(int(i))
			if kinds != nil && !slices.Contains(kinds, leg.Kind) {
				continue
			}
			amount, gw = amount.Plus(leg.Amount), gw.Plus(v.Flow(int(i)).CapacityGW)
			legs = append(legs, i)
		}
		if legs == nil {
			continue
		}
		if !yield(Pair{names[edge.Payer], names[edge.Payee], amount, gw, v.LegIDs(legs)}) {
			break
		}
	}
	return queries.Truncation{}, nil
}
