package customers

import (
	"context"
	"maps"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/reported"
)

// native yields every PAYS edge with the reported share of its pair, then the
// pairs that are only reported.
func native(_ context.Context, in queries.Scope, _ Params, yield func(Pair) bool) (queries.Truncation, error) {
	v := in.View
	names, shares := v.Companies(), reported.Shares(v)
	for e := range v.NumEdges() {
		edge := v.EdgeAt(e)
		if edge.Class != graph.Pays {
			continue
		}
		key := reported.Pair{Vendor: names[edge.Payee], Customer: names[edge.Payer]}
		s := shares[key]
		delete(shares, key)
		if !yield(Pair{key.Vendor, key.Customer, edge.Amount, s.Value, s.AsOf, s.Metric, v.LegIDs(edge.Legs)}) {
			return queries.Truncation{}, nil
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(shares), reported.Pair.Compare) {
		s := shares[key]
		if !yield(Pair{key.Vendor, key.Customer, graph.Money{}, s.Value, s.AsOf, s.Metric, nil}) {
			break
		}
	}
	return queries.Truncation{}, nil
}
