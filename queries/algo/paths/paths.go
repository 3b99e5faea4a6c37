// Package paths finds the simple paths from one vertex to another that have at
// most a given number of hops. It also answers which cycles a new arc closes:
// the cycles through an arc from u to v are that arc and the paths from v to u.
//
// No vertex is visited twice, parallel arcs make different paths, self loops are
// ignored. The method is that of package cycles with two ends: distances from
// both sides, then a depth-first search that goes only where the target is still
// in reach; see package bounded. A query costs about what its two small searches
// cost, whatever the size of the graph.
package paths

import (
	"context"
	"fmt"
	"slices"

	"roundtrip/queries/algo/bounded"
	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/effort"
)

// Limits of the number of hops.
const (
	LeastHops = 1
	MostHops  = effort.MaxHops
)

// Options say which paths are wanted and how much work may be spent.
type Options struct {
	MinHops, MaxHops int     // LeastHops <= MinHops <= MaxHops <= MostHops
	Through          []int32 // vertices that a path must visit, all of them
	Avoid            []int32 // vertices that a path must not visit
	effort.Limits
}

// Stats is what a search found; ByHops counts paths by their number of hops.
type Stats = effort.Stats

// Index is a graph made ready for path searches, in time linear in its size. It
// is immutable and may be shared by several searchers.
type Index struct {
	bounded *bounded.Index
}

// NewIndex returns the index of a graph.
func NewIndex(g *csr.Graph) *Index { return &Index{bounded: bounded.NewIndex(g)} }

// Searcher answers queries one after the other and keeps its memory, a few bytes
// for each vertex, between them. It is not safe for concurrent use.
type Searcher struct {
	index    *Index
	searcher *bounded.Searcher
}

// NewSearcher returns a searcher on an index.
func NewSearcher(x *Index) *Searcher {
	return &Searcher{index: x, searcher: bounded.NewSearcher(x.bounded)}
}

// Each visits the paths from one vertex to another one. visit receives the ids
// of the arcs in the order of travel; the slice is only valid during the call
// and must not be changed. Returning false stops the search. The order depends
// on nothing but the graph and the arguments.
//
// The error is about a bad argument, or it is that of the context, when that
// ended the search; the Stats then are those up to that moment.
func (s *Searcher) Each(ctx context.Context, from, to int32, opt Options, visit func(arcs []int32) bool) (Stats, error) {
	return s.search(ctx, from, to, opt, func(_, hops int, arcs []int32) (taken int, more bool) {
		for at := 0; at < len(arcs); at += hops {
			taken++
			if !visit(arcs[at : at+hops : at+hops]) {
				return taken, false
			}
		}
		return taken, true
	})
}

// Count counts the paths that Each visits, without walking the last two hops of
// each unless Through is used. It is an error when more than 2^15 parallel arcs
// join two vertices.
func (s *Searcher) Count(ctx context.Context, from, to int32, opt Options) (Stats, error) {
	return s.search(ctx, from, to, opt, nil)
}

func (s *Searcher) search(ctx context.Context, from, to int32, opt Options, sink bounded.Sink) (Stats, error) {
	x := s.index.bounded
	if err := opt.check(from, to, x.N()); err != nil {
		return Stats{}, err
	}
	if sink == nil && x.Widest() > bounded.MaxWidth {
		return Stats{}, fmt.Errorf("paths: %d parallel arcs join two vertices, counting allows %d", x.Widest(), bounded.MaxWidth)
	}
	isEnd := func(v int32) bool { return v == from || v == to }
	if slices.ContainsFunc(opt.Avoid, isEnd) {
		return Stats{}, nil
	}
	through := slices.DeleteFunc(slices.Clone(opt.Through), isEnd)
	slices.Sort(through)
	through = slices.Compact(through)
	if len(through) >= opt.MaxHops {
		return Stats{}, nil
	}
	budget := effort.NewBudget(ctx, opt.Limits, 1)
	meter := budget.Meter(sink == nil)
	s.searcher.Begin(meter, opt.MinHops, 0, sink)
	s.searcher.Search(&bounded.Query{Start: from, Target: to, Hops: opt.MaxHops, Through: through, Avoid: opt.Avoid})
	if sink == nil {
		clear(meter.ByHops[:opt.MinHops])
	}
	return budget.Finish([]*effort.Meter{meter})
}

func (o *Options) check(from, to int32, n int) error {
	if o.MinHops < LeastHops || o.MinHops > o.MaxHops || o.MaxHops > MostHops {
		return fmt.Errorf("paths: hops from %d to %d, allowed are %d <= min <= max <= %d", o.MinHops, o.MaxHops, LeastHops, MostHops)
	}
	if o.MaxArcs < 0 || o.MaxResults < 0 {
		return fmt.Errorf("paths: limits are %d arcs and %d results, allowed is 0 (none) or more", o.MaxArcs, o.MaxResults)
	}
	if from == to {
		return fmt.Errorf("paths: both ends are %d, allowed are two different vertices", from)
	}
	for _, v := range slices.Concat([]int32{from, to}, o.Through, o.Avoid) {
		if v < 0 || int(v) >= n {
			return fmt.Errorf("paths: vertex is %d, allowed are 0 to %d", v, n-1)
		}
	}
	return nil
}
