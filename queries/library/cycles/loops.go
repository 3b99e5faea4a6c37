package cycles

import (
	"context"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/chain"
)

// Loop is one loop, for analyses that compare loops.
type Loop struct {
	ID                 string
	Kind               string
	Hops               Ring
	Bottleneck, AtMost graph.Money
}

// Loops yields every loop of the view that passes the parameters, in the order
// of the search; sort, limit and count_only change nothing. Of the parameters
// MinHops, MaxHops and Timeout have to be set.
func Loops(ctx context.Context, in queries.Scope, p Params, yield func(Loop) bool) (queries.Truncation, error) {
	f, err := newFilter(in, p)
	if err != nil {
		return queries.Truncation{}, err
	}
	return native(ctx, in, p, func(r Ring) bool {
		kind := r.kind()
		bottleneck, atMost := chain.Hops(r).Bottleneck()
		return !f.passes(r, kind, bottleneck) || yield(Loop{r.id(p.Level), kind, slices.Clone(r), bottleneck, atMost})
	})
}
