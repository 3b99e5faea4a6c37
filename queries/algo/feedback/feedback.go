// Package feedback finds a feedback arc set of small weight: arcs without which
// a directed graph has no cycle. In small components the set is one of least
// weight, in larger ones a good one with a bound that says how far it can be from
// the least.
package feedback

import (
	"context"
	"fmt"
	"math"
	"slices"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/scc"
	"roundtrip/queries/algo/wide"
)

// MostExact is the largest number of vertices of a strongly connected component
// whose least set is always found.
const MostExact = 20

// Arc is an arc that costs Weight, which is not negative, to take away. Parallel
// arcs and self loops are allowed; a self loop is in every set.
type Arc struct {
	Tail, Head int32
	Weight     int64
}

// Set is a feedback arc set.
type Set struct {
	// Arcs are ascending. None of them can be left out, except in a component so
	// large that there was not the work to see to that.
	Arcs    []int32
	Weight  int64
	AtLeast int64 // no set weighs less; Weight where Exact
	Exact   bool  // no set weighs less than this one
}

// Minimum returns a feedback arc set of the graph on the vertices 0 to n-1. The
// same input gives the same set; others of the same weight may exist, and in an
// exact component none of them has fewer arcs. It is an error when an arc lies
// outside, when a weight is negative, when the weights add up to more than 2^63-1,
// or when the context ends.
//
// A cycle never leaves its strongly connected component, so each is solved by
// itself. A set of arcs leaves no cycle just when it holds every arc that goes
// backward in some order of the vertices. Up to MostExact vertices the best order
// is found by dynamic programming over the sets of vertices that may come first
// (E. Lawler, "A comment on minimum feedback arc sets", IEEE Trans. Circuit Theory
// 11 (1964), with the recursion of M. Held and R. Karp, 1962), in time 2^k k for k
// vertices. Larger components get an order by the rule of P. Eades, X. Lin and
// W. Smyth, "A fast and effective heuristic for the feedback arc set problem",
// Information Processing Letters 47 (1993), with weights, which is improved by
// moving one vertex at a time to its best place. A packing of cycles bounds the least
// weight from below, and the arcs that it uses up are a second set (C. Demetrescu and
// I. Finocchi, "Combinatorial algorithms for feedback problems in directed graphs",
// Information Processing Letters 86 (2003)); the lighter one is taken.
func Minimum(ctx context.Context, n int, arcs []Arc) (Set, error) {
	return within(ctx, n, arcs, MostExact, heuristicWork)
}

// heuristicWork is the number of arcs that each step of the heuristic may look at.
const heuristicWork = 50_000_000

func within(ctx context.Context, n int, arcs []Arc, exact, work int) (Set, error) {
	parts, loops, err := split(n, arcs)
	if err != nil {
		return Set{}, err
	}
	set := Set{Exact: true}
	for _, i := range loops {
		set.Arcs, set.AtLeast = append(set.Arcs, i), set.AtLeast+arcs[i].Weight
	}
	for _, p := range parts {
		var back []int32
		var least int64
		if p.n <= exact {
			back, err = p.exact(ctx)
			least = p.weigh(back)
		} else {
			back, least, err = p.heuristic(ctx, work)
		}
		if err != nil {
			return Set{}, err
		}
		set.AtLeast += least
		set.Exact = set.Exact && least == p.weigh(back)
		for _, i := range back {
			set.Arcs = append(set.Arcs, p.id[i])
		}
	}
	for _, i := range set.Arcs {
		set.Weight += arcs[i].Weight
	}
	slices.Sort(set.Arcs)
	return set, nil
}

// part is a strongly connected component of two vertices or more, which are
// numbered from 0.
type part struct {
	n    int
	arcs []Arc
	id   []int32 // by arc, its number in the whole graph
}

func (p *part) weigh(arcs []int32) (sum int64) {
	for _, i := range arcs {
		sum += p.arcs[i].Weight
	}
	return sum
}

// split returns the components that have a cycle, and the self loops.
func split(n int, arcs []Arc) (parts []*part, loops []int32, err error) {
	list, sum := make([]csr.Arc, len(arcs)), wide.Int{}
	for i, a := range arcs {
		if a.Weight < 0 {
			return nil, nil, fmt.Errorf("feedback: arc %d has weight %d, allowed are 0 and more", i, a.Weight)
		}
		sum = sum.Plus(a.Weight)
		list[i] = csr.Arc{Tail: a.Tail, Head: a.Head}
	}
	if _, fits := sum.Int64(); !fits {
		return nil, nil, fmt.Errorf("feedback: weights add up to %s, allowed are sums up to %d", sum, int64(math.MaxInt64))
	}
	g, err := csr.Build(n, list)
	if err != nil {
		return nil, nil, fmt.Errorf("feedback: %w", err)
	}
	component, count := scc.Components(g)
	all, local := make([]part, count), make([]int32, n)
	for v, k := range component {
		local[v] = int32(all[k].n)
		all[k].n++
	}
	for i, a := range arcs {
		switch p := &all[component[a.Tail]]; {
		case a.Tail == a.Head:
			loops = append(loops, int32(i))
		case component[a.Tail] == component[a.Head]:
			p.arcs, p.id = append(p.arcs, Arc{local[a.Tail], local[a.Head], a.Weight}), append(p.id, int32(i))
		}
	}
	for k := range all {
		if all[k].n > 1 {
			parts = append(parts, &all[k])
		}
	}
	return parts, loops, nil
}

// backward are the arcs that go backward when vertices stand at these places.
func (p *part) backward(place []int32) []int32 {
	var back []int32
	for i, a := range p.arcs {
		if place[a.Tail] > place[a.Head] {
			back = append(back, int32(i))
		}
	}
	return back
}
