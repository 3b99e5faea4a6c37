// Package cycles finds the simple cycles of a directed multigraph that have at
// most a given number of hops.
//
// A simple cycle visits no vertex twice. Each is found once, whatever vertex one
// starts from. Parallel arcs make different cycles: a ring of vertices with two
// arcs on one hop and three on another is six cycles. Self loops are ignored.
//
// The method: only strongly connected components hold cycles (package scc).
// Vertices are ranked by descending degree and each cycle is searched from its
// vertex of least rank among the vertices of higher rank, so that no memory of
// cycles seen is needed (the idea of J. C. Tiernan, "An efficient search
// algorithm to find the elementary circuits of a graph", Comm. ACM 13 (1970)).
// From each start, a search from both sides finds the vertices that lie close
// enough to it, and a depth-first search goes only where the distance back still
// fits in the hops left; see package bounded. Pruning by plain distances is
// weaker than the locks of Johnson (1975), but it is exact under a hop limit;
// locks that carry a remaining length lose cycles.
package cycles

import (
	"context"
	"fmt"
	"slices"

	"roundtrip/queries/algo/bounded"
	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/effort"
	"roundtrip/queries/algo/scc"
)

// Limits of the number of hops.
const (
	LeastHops = 2
	MostHops  = effort.MaxHops
)

// Options say which cycles are wanted and how much work may be spent.
type Options struct {
	MinHops, MaxHops int     // LeastHops <= MinHops <= MaxHops <= MostHops
	Through          []int32 // vertices that a cycle must visit, all of them
	Avoid            []int32 // vertices that a cycle must not visit
	Workers          int     // goroutines, at least 1
	// Shards above 1 cuts the work into so many parts, of which only part Shard
	// (0 to Shards-1) is done. The parts hold each cycle once and depend on
	// nothing but the graph and the other options.
	Shard, Shards int
	effort.Limits
}

// Visit receives the ids of the arcs of one cycle in the order of travel,
// beginning anywhere. The slice is only valid during the call and must not be
// changed. worker is the number of the calling worker, 0 to Workers-1; calls of
// one worker never overlap, calls of different workers do. Returning false stops
// the search; other workers may visit a few thousand more cycles before they
// notice.
type Visit func(worker int, arcs []int32) bool

// VisitBatch is Visit for one or more cycles at once: arcs holds cycles of so
// many hops each, one after the other.
type VisitBatch func(worker, hops int, arcs []int32) bool

// Stats is what a search found; ByHops counts cycles by their number of hops.
type Stats = effort.Stats

// Each visits the cycles. With one worker the order depends on nothing but the
// graph and the options; with several it varies, but not the set, unless a limit
// cuts the search.
//
// The error is about a bad option, or it is that of the context, when that ended
// the search; the Stats then are those up to that moment.
func Each(ctx context.Context, g *csr.Graph, opt Options, visit Visit) (Stats, error) {
	return search(ctx, g, opt, func(worker, hops int, arcs []int32) (taken int, more bool) {
		for from := 0; from < len(arcs); from += hops {
			taken++
			if !visit(worker, arcs[from:from+hops:from+hops]) {
				return taken, false
			}
		}
		return taken, true
	})
}

// EachBatch is Each with a call for a few hundred cycles at a time, for those who
// need the speed.
func EachBatch(ctx context.Context, g *csr.Graph, opt Options, visit VisitBatch) (Stats, error) {
	return search(ctx, g, opt, func(worker, hops int, arcs []int32) (taken int, more bool) {
		return len(arcs) / hops, visit(worker, hops, arcs)
	})
}

// Count counts the cycles that Each visits. It does not walk the last two hops
// of each and so takes less time than there are cycles, unless Through has two
// vertices or more. It is an error when more than 2^15 parallel arcs join two
// vertices.
func Count(ctx context.Context, g *csr.Graph, opt Options) (Stats, error) {
	return search(ctx, g, opt, nil)
}

func search(ctx context.Context, g *csr.Graph, opt Options, sink bounded.Sink) (Stats, error) {
	through, err := opt.check(g.N())
	if err != nil {
		return Stats{}, err
	}
	index := prepare(g, opt.Avoid)
	if sink == nil && index.Widest() > bounded.MaxWidth {
		return Stats{}, fmt.Errorf("cycles: %d parallel arcs join two vertices, counting allows %d", index.Widest(), bounded.MaxWidth)
	}
	if len(through) > opt.MaxHops {
		return Stats{}, nil
	}
	for i, v := range through {
		rank, ok := index.Rank(v)
		if !ok {
			return Stats{}, nil
		}
		through[i] = rank
	}
	return bounded.Run(ctx, bounded.Task{
		Index:   index,
		Next:    queries(index.N(), through, &opt),
		Least:   opt.MinHops,
		Limits:  opt.Limits,
		Workers: opt.Workers,
		Sink:    sink,
	})
}

// check returns the vertices of Through without repetition.
func (o *Options) check(n int) ([]int32, error) {
	if o.MinHops < LeastHops || o.MinHops > o.MaxHops || o.MaxHops > MostHops {
		return nil, fmt.Errorf("cycles: hops from %d to %d, allowed are %d <= min <= max <= %d", o.MinHops, o.MaxHops, LeastHops, MostHops)
	}
	if o.Workers < 1 {
		return nil, fmt.Errorf("cycles: number of workers is %d, allowed is 1 or more", o.Workers)
	}
	if o.Shards < 0 || o.Shard < 0 || o.Shard >= max(o.Shards, 1) {
		return nil, fmt.Errorf("cycles: shard is %d of %d, allowed are 0 to shards-1", o.Shard, o.Shards)
	}
	if o.MaxArcs < 0 || o.MaxResults < 0 {
		return nil, fmt.Errorf("cycles: limits are %d arcs and %d results, allowed is 0 (none) or more", o.MaxArcs, o.MaxResults)
	}
	for _, v := range slices.Concat(o.Through, o.Avoid) {
		if v < 0 || int(v) >= n {
			return nil, fmt.Errorf("cycles: vertex to visit or avoid is %d, allowed are 0 to %d", v, n-1)
		}
	}
	through := slices.Clone(o.Through)
	slices.Sort(through)
	return slices.Compact(through), nil
}

// prepare leaves out what cannot lie on a cycle and ranks the rest.
func prepare(g *csr.Graph, avoid []int32) *bounded.Index {
	if len(avoid) > 0 {
		left := make([]bool, g.N())
		for v := range left {
			left[v] = true
		}
		for _, v := range avoid {
			left[v] = false
		}
		g = g.Filter(func(tail, head int32) bool { return left[tail] && left[head] })
	}
	component, _ := scc.Components(g)
	return bounded.NewRankedIndex(g.Filter(func(tail, head int32) bool {
		return component[tail] == component[head]
	}))
}

// queries returns one query for each start: every vertex, or the first of those
// to visit, from which all other vertices are allowed.
func queries(n int, through []int32, opt *Options) func() (bounded.Query, bool) {
	shards := max(opt.Shards, 1)
	if len(through) > 0 {
		asked := opt.Shard != int(through[0])%shards
		return func() (bounded.Query, bool) {
			if asked {
				return bounded.Query{}, false
			}
			asked = true
			return bounded.Query{Start: through[0], Target: through[0], Hops: opt.MaxHops, Through: through[1:]}, true
		}
	}
	next := opt.Shard
	return func() (bounded.Query, bool) {
		if next >= n {
			return bounded.Query{}, false
		}
		start := int32(next)
		next += shards
		return bounded.Query{Start: start, Target: start, Floor: start, Hops: opt.MaxHops}, true
	}
}
