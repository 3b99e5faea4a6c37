package paths

import (
	"context"

	"roundtrip/queries"
	algo "roundtrip/queries/algo/paths"
	"roundtrip/queries/library/chain"
)

// native searches the merged edges of the view.
func native(ctx context.Context, in queries.Scope, p Params, yield func(Path) bool) (queries.Truncation, error) {
	from, to, err := ends(in, p)
	if err != nil {
		return queries.Truncation{}, err
	}
	hops, _, g, err := chain.Edges(in.View)
	if err != nil {
		return queries.Truncation{}, err
	}
	search, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	path := make(Path, 0, algo.MostHops)
	searcher := algo.NewSearcher(algo.NewIndex(g))
	stats, err := searcher.Each(search, from, to, algo.Options{MinHops: algo.LeastHops, MaxHops: p.K}, func(arcs []int32) bool {
		path = path[:0]
		for _, e := range arcs {
			path = append(path, &hops[e])
		}
		return yield(path)
	})
	return chain.Cut(ctx, p.Timeout, stats, err)
}
