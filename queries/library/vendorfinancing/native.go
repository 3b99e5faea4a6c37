package vendorfinancing

import (
	"context"

	"roundtrip/graph"
	"roundtrip/queries"
)

// native looks, for every PAYS edge, at what goes the other way.
func native(_ context.Context, in queries.Scope, _ Params, yield func(Pair) bool) (queries.Truncation, error) {
	v := in.View
	names := v.Companies()
	for e := range v.NumEdges() {
		buy := v.EdgeAt(e)
		if buy.Class != graph.Pays {
			continue
		}
		pair := Pair{Vendor: names[buy.Payee], Customer: names[buy.Payer], Buy: buy.Amount, BuyLegs: v.LegIDs(buy.Legs)}
		for _, class := range []graph.Class{graph.Funds, graph.Grants} {
			if i, ok := v.Edge(buy.Payee, buy.Payer, class); ok {
				fin := v.EdgeAt(i)
				pair.Fin = pair.Fin.Plus(fin.Amount)
				pair.FinLegs = append(pair.FinLegs, v.LegIDs(fin.Legs)...)
			}
		}
		if !yield(pair) {
			break
		}
	}
	return queries.Truncation{}, nil
}
