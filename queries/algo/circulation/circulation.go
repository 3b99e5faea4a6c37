// Package circulation finds the largest circulation of a directed graph with
// whole capacities: amounts on the arcs, none above its capacity, such that what
// enters a vertex leaves it again, with the largest sum. A dual certificate
// proves that no circulation has a larger one. Everything is exact.
package circulation

import (
	"context"
	"fmt"
	"math"
	"slices"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/maxflow"
	"roundtrip/queries/algo/scc"
	"roundtrip/queries/algo/wide"
)

// Arc is an arc that carries at most Cap, which is not negative. Parallel arcs
// and self loops are allowed; a self loop is always full.
type Arc = maxflow.Arc

// Solution is a maximum circulation and its certificate.
type Solution struct {
	Of []int64 // by arc, 0 to its capacity
	// Potential is by vertex. The margin of an arc is 1 + Potential[tail] -
	// Potential[head]. An arc with a margin above 0 is full and one with a margin
	// below 0 is empty, in every maximum circulation; the sum of capacity times
	// margin over the arcs with a margin above 0 is the sum of the circulation.
	Potential []int64
}

// Maximum returns a maximum circulation on the vertices 0 to n-1. The same input
// gives the same solution; others with the same sum may exist. It is an error
// when an arc lies outside, when a capacity is negative, when the capacities into
// or out of one vertex add up to more than 2^63-1, or when the context ends.
//
// Only arcs inside a strongly connected component can carry anything. There the
// program starts from full arcs, which is best but does not balance, and takes
// back as little as balances: what it takes back is a flow of unit costs from the
// vertices that pay too much to those that pay too little. It goes along shortest
// paths, those of one distance at a time, by the primal-dual method (R. Busacker and
// P. Gowen 1960; J. Edmonds and R. Karp, "Theoretical improvements in algorithmic
// efficiency for network flow problems", J. ACM 19 (1972)), with the buckets of
// R. Dial (1969) for the distances and the blocking flows of E. Dinic (1970)
// between two of them.
func Maximum(ctx context.Context, n int, arcs []Arc) (Solution, error) {
	b, err := balance(ctx, n, arcs)
	if err != nil {
		return Solution{}, err
	}
	return b.solution(arcs), nil
}

// balanced is the network after what had to be taken back was.
type balanced struct {
	solver    *solver
	component []int32 // by vertex
	groups    [][]int32
}

func balance(ctx context.Context, n int, arcs []Arc) (*balanced, error) {
	if err := check(n, arcs); err != nil {
		return nil, err
	}
	component, count, err := components(n, arcs)
	if err != nil {
		return nil, err
	}
	b := &balanced{newSolver(n, arcs, component), component, grouped(component, count)}
	for _, members := range b.groups {
		if len(members) < 2 {
			continue
		}
		if err := b.solver.solve(ctx, members); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *balanced) solution(arcs []Arc) Solution {
	sol := Solution{Of: make([]int64, len(arcs)), Potential: slices.Clone(b.solver.potential)}
	apart(arcs, sol.Potential, b.component, len(b.groups))
	for i, a := range arcs {
		switch h := b.solver.first[i]; {
		case h >= 0:
			sol.Of[i] = b.solver.halves[h].left
		case a.Tail == a.Head:
			sol.Of[i] = a.Cap
		}
	}
	return sol
}

func check(n int, arcs []Arc) error {
	if n < 0 || n >= math.MaxInt32/2 || len(arcs) >= math.MaxInt32/2 {
		return fmt.Errorf("circulation: %d vertices and %d arcs given, allowed are up to %d of each", n, len(arcs), math.MaxInt32/2-1)
	}
	in, out := make([]wide.Int, n), make([]wide.Int, n)
	for i, a := range arcs {
		if a.Tail < 0 || int(a.Tail) >= n || a.Head < 0 || int(a.Head) >= n {
			return fmt.Errorf("circulation: arc %d goes from %d to %d, allowed vertices are 0 to %d", i, a.Tail, a.Head, n-1)
		}
		if a.Cap < 0 {
			return fmt.Errorf("circulation: arc %d has capacity %d, allowed are 0 and more", i, a.Cap)
		}
		in[a.Head], out[a.Tail] = in[a.Head].Plus(a.Cap), out[a.Tail].Plus(a.Cap)
	}
	for v := range n {
		_, inFits := in[v].Int64()
		_, outFits := out[v].Int64()
		if !inFits || !outFits {
			return fmt.Errorf("circulation: capacities into vertex %d add up to %s and out of it to %s, allowed are sums up to %d", v, in[v], out[v], int64(math.MaxInt64))
		}
	}
	return nil
}

// components are the strongly connected components of the arcs that can carry
// something, numbered from 0 against the direction of the arcs between them.
func components(n int, arcs []Arc) (component []int32, count int, err error) {
	list := make([]csr.Arc, 0, len(arcs))
	for _, a := range arcs {
		if a.Cap > 0 {
			list = append(list, csr.Arc{Tail: a.Tail, Head: a.Head})
		}
	}
	g, err := csr.Build(n, list)
	if err != nil {
		return nil, 0, err
	}
	component, count = scc.Components(g)
	return component, count, nil
}

// grouped are the vertices of every component in ascending order.
func grouped(component []int32, count int) [][]int32 {
	size := make([]int32, count)
	for _, k := range component {
		size[k]++
	}
	all, groups, start := make([]int32, len(component)), make([][]int32, count), int32(0)
	for k, n := range size {
		groups[k] = all[start : start : start+n]
		start += n
	}
	for v, k := range component {
		groups[k] = append(groups[k], int32(v))
	}
	return groups
}

// apart lifts the potentials of whole components, by as little as gives every
// arc between two of them a margin of at most 0.
func apart(arcs []Arc, potential []int64, component []int32, count int) {
	leaving := make([][]int32, count) // arcs to other components
	for i, a := range arcs {
		if k := component[a.Tail]; a.Cap > 0 && k != component[a.Head] {
			leaving[k] = append(leaving[k], int32(i))
		}
	}
	lift := make([]int64, count)
	for k := count - 1; k >= 0; k-- { // arcs lead to components of a lower number
		for _, i := range leaving[k] {
			a := arcs[i]
			head := component[a.Head]
			lift[head] = max(lift[head], potential[a.Tail]+lift[k]+1-potential[a.Head])
		}
	}
	for v := range potential {
		potential[v] += lift[component[v]]
	}
}

// Throughput is what enters every vertex, which is what leaves it.
func Throughput(n int, arcs []Arc, of []int64) []int64 {
	through := make([]int64, n)
	for i, a := range arcs {
		through[a.Head] += of[i]
	}
	return through
}
