package leverage

import (
	"context"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/reported"
)

// native yields every PAYS edge with the reported share of its pair.
func native(_ context.Context, in queries.Scope, _ Params, yield func(Pair) bool) (queries.Truncation, error) {
	v := in.View
	names, shares := v.Companies(), reported.Shares(v)
	for e := range v.NumEdges() {
		edge := v.EdgeAt(e)
		if edge.Class != graph.Pays {
			continue
		}
		vendor, customer := names[edge.Payee], names[edge.Payer]
		s := shares[reported.Pair{Vendor: vendor, Customer: customer}]
		if !yield(Pair{vendor, customer, edge.Amount, s.Value, s.AsOf, v.LegIDs(edge.Legs)}) {
			break
		}
	}
	return queries.Truncation{}, nil
}
