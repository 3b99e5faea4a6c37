package workloads

import (
	"context"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

// native yields the legs of every PAYS edge that are in the scope.
func native(_ context.Context, in queries.Scope, _ Params, yield func(Leg) bool) (queries.Truncation, error) {
	v, kinds := in.View, scope()
	names := v.Companies()
	for e := range v.NumEdges() {
		edge := v.EdgeAt(e)
		if edge.Class != graph.Pays {
			continue
		}
		for _, i := range edge.Legs {
			leg := v.Leg(int(i))
			if !slices.Contains(kinds, leg.Kind) {
				continue
			}
			if !yield(Leg{names[edge.Payer], names[edge.Payee], v.Flow(int(i)).Workload, leg.ID, leg.Amount}) {
				return queries.Truncation{}, nil
			}
		}
	}
	return queries.Truncation{}, nil
}
