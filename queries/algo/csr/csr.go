// Package csr stores a directed multigraph in compressed sparse rows: one
// array of heads, cut into one row per tail. The rows are sorted, so that
// parallel arcs lie side by side and every reader sees the same order whatever
// the order of the input was.
package csr

import (
	"fmt"
	"math"
)

// Arc is a directed arc between two vertices. Arcs with equal ends are
// parallel; the label is a small class that tells them apart. Self loops are
// kept: each algorithm says what it does with them.
type Arc struct {
	Tail, Head int32
	Label      uint8
}

// Graph is an immutable directed multigraph on the vertices 0 to N()-1. Its
// arcs are sorted by tail, head, label and position in the input; the id of an
// arc is that position. A Graph may be read by several goroutines.
type Graph struct {
	off   []int32 // row of v is [off[v], off[v+1])
	head  []int32
	label []uint8
	id    []int32
}

// Row holds the arcs out of one vertex: element i of each slice belongs to the
// same arc. The slices belong to the graph and must not be changed.
type Row struct {
	Heads  []int32
	Labels []uint8
	IDs    []int32
}

// Build returns the graph with n vertices and the given arcs, in time linear
// in both. It is an error when n is negative, when an arc has an end outside 0
// to n-1, or when there are 2^31 arcs or more.
func Build(n int, arcs []Arc) (*Graph, error) {
	if n < 0 || n >= math.MaxInt32 {
		return nil, fmt.Errorf("csr: number of vertices is %d, allowed is 0 to %d", n, math.MaxInt32-1)
	}
	if len(arcs) > math.MaxInt32 {
		return nil, fmt.Errorf("csr: number of arcs is %d, allowed is at most %d", len(arcs), math.MaxInt32)
	}
	for i, a := range arcs {
		if a.Tail < 0 || int(a.Tail) >= n || a.Head < 0 || int(a.Head) >= n {
			return nil, fmt.Errorf("csr: arc %d goes from %d to %d, allowed vertices are 0 to %d", i, a.Tail, a.Head, n-1)
		}
	}
	// Radix sort: three stable counting passes, least significant key first.
	ids := make([]int32, len(arcs))
	for i := range ids {
		ids[i] = int32(i)
	}
	spare := make([]int32, len(arcs))
	countingSort(ids, spare, 256, func(i int32) int32 { return int32(arcs[i].Label) })
	countingSort(spare, ids, n, func(i int32) int32 { return arcs[i].Head })
	off := countingSort(ids, spare, n, func(i int32) int32 { return arcs[i].Tail })

	g := &Graph{off: off, head: make([]int32, len(arcs)), label: make([]uint8, len(arcs)), id: spare}
	for pos, i := range spare {
		g.head[pos] = arcs[i].Head
		g.label[pos] = arcs[i].Label
	}
	return g, nil
}

// countingSort writes the elements of src to dst in the order of their keys (0
// to n-1), equal keys in the order of src, and returns where each key starts,
// with len(src) as a last element.
func countingSort(src, dst []int32, n int, key func(int32) int32) []int32 {
	off := make([]int32, n+1)
	for _, x := range src {
		off[key(x)+1]++
	}
	for k := range n {
		off[k+1] += off[k]
	}
	for _, x := range src {
		k := key(x)
		dst[off[k]] = x
		off[k]++
	}
	// Each off[k] has moved to the start of k+1: move them back.
	copy(off[1:], off[:n])
	off[0] = 0
	return off
}

// N returns the number of vertices.
func (g *Graph) N() int { return len(g.off) - 1 }

// M returns the number of arcs, parallel arcs and self loops included.
func (g *Graph) M() int { return len(g.head) }

// Out returns the arcs out of v, sorted by head, label and id.
func (g *Graph) Out(v int32) Row {
	lo, hi := g.off[v], g.off[v+1]
	return Row{Heads: g.head[lo:hi:hi], Labels: g.label[lo:hi:hi], IDs: g.id[lo:hi:hi]}
}

// Filter returns the graph with the same vertices and those arcs for which keep
// is true. Arcs keep their ids.
func (g *Graph) Filter(keep func(tail, head int32) bool) *Graph {
	kept := &Graph{off: make([]int32, len(g.off))}
	for v := range int32(g.N()) {
		for i := g.off[v]; i < g.off[v+1]; i++ {
			if keep(v, g.head[i]) {
				kept.head = append(kept.head, g.head[i])
				kept.label = append(kept.label, g.label[i])
				kept.id = append(kept.id, g.id[i])
			}
		}
		kept.off[v+1] = int32(len(kept.head))
	}
	return kept
}
