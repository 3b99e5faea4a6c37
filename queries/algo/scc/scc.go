// Package scc finds the strongly connected components of a directed graph: two
// vertices share a component when each can be reached from the other. A cycle
// never leaves its component.
package scc

import "roundtrip/queries/algo/csr"

// Components returns the component of every vertex and the number of
// components. Components are numbered from 0 in reverse topological order: an
// arc between two components goes from the higher number to the lower.
//
// The algorithm is that of R. Tarjan, "Depth-first search and linear graph
// algorithms", SIAM J. Comput. 1 (1972), with an explicit stack, in time linear
// in vertices and arcs.
func Components(g *csr.Graph) (component []int32, count int) {
	n := g.N()
	t := tarjan{
		component: make([]int32, n),
		number:    make([]int32, n),
		low:       make([]int32, n),
		next:      make([]int32, n),
	}
	for v := range t.component {
		t.component[v] = unassigned
	}
	for v := range int32(n) {
		if t.number[v] == 0 {
			t.search(g, v)
		}
	}
	return t.component, int(t.count)
}

const unassigned = -1

type tarjan struct {
	component []int32
	number    []int32 // order of first visit, from 1; 0 is not visited
	low       []int32 // smallest number known to be reachable within the open vertices
	next      []int32 // next position to look at in the row of each vertex
	open      []int32 // visited vertices whose component is not closed
	call      []int32 // the path of the depth-first search
	visited   int32
	count     int32
}

func (t *tarjan) enter(v int32) {
	t.visited++
	t.number[v], t.low[v] = t.visited, t.visited
	t.open = append(t.open, v)
	t.call = append(t.call, v)
}

func (t *tarjan) search(g *csr.Graph, start int32) {
	t.enter(start)
	for len(t.call) > 0 {
		v := t.call[len(t.call)-1]
		if w, ok := t.step(v, g.Out(v).Heads); ok {
			t.enter(w)
			continue
		}
		t.call = t.call[:len(t.call)-1]
		if len(t.call) > 0 {
			parent := t.call[len(t.call)-1]
			t.low[parent] = min(t.low[parent], t.low[v])
		}
		if t.low[v] == t.number[v] {
			t.closeComponent(v)
		}
	}
}

// step reads on in the row of v up to the next vertex that was not visited.
func (t *tarjan) step(v int32, row []int32) (int32, bool) {
	for int(t.next[v]) < len(row) {
		w := row[t.next[v]]
		t.next[v]++
		if t.number[w] == 0 {
			return w, true
		}
		if t.component[w] == unassigned {
			t.low[v] = min(t.low[v], t.number[w])
		}
	}
	return 0, false
}

func (t *tarjan) closeComponent(root int32) {
	for {
		w := t.open[len(t.open)-1]
		t.open = t.open[:len(t.open)-1]
		t.component[w] = t.count
		if w == root {
			t.count++
			return
		}
	}
}
