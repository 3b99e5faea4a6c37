// Package temporal finds simple cycles over dated legs: the legs of a cycle
// follow each other in time, the whole lies within a window, and no vertex is
// visited twice. Each sequence of legs is found once, at its earliest leg. Self
// loops are ignored.
//
// The method: for every leg from u to v as the earliest, a search forward from v
// keeps the earliest arrival at each vertex and one backward from u the latest
// departure, each half as deep as needed; the backward search is then finished
// through vertices that the forward one has reached in time. The depth-first
// search that follows takes a leg only when the latest departure from its head,
// within the hops left, is not over. Earliest arrival and latest departure are
// those of Wu et al., "Path problems in temporal graphs", PVLDB 7 (2014); rooting
// at the earliest leg is that of Kumar and Calders, "2SCENT: an efficient
// algorithm to enumerate all simple temporal cycles", PVLDB 11 (2018).
package temporal

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
)

// Leg is a directed arc with a time in any unit. The id of a leg is its position
// in the input, and that is its rank among legs of equal time.
type Leg struct {
	From, To int32
	Time     int64
}

// Graph is an immutable set of legs between the vertices 0 to N()-1, made ready
// for searching. It may be shared.
//
// Inside, a leg is known by its position in the order of time, then rank.
type Graph struct {
	legs    []Leg   // by position
	id      []int32 // by position
	later   []int32 // the first position of a later time, by position
	earlier []int32 // the first position of the same time, by position
	out, in rows
}

// rows hold the legs out of or into each vertex, in order of position.
type rows struct {
	off   []int32
	other []int32
	at    []int32
}

// Build returns the graph with n vertices and the given legs. It is an error
// when a leg has an end outside 0 to n-1.
func Build(n int, legs []Leg) (*Graph, error) {
	if n < 0 || n >= math.MaxInt32 || len(legs) >= math.MaxInt32 {
		return nil, fmt.Errorf("temporal: %d vertices and %d legs, allowed is 0 to %d", n, len(legs), math.MaxInt32-1)
	}
	g := &Graph{id: make([]int32, len(legs)), legs: make([]Leg, len(legs))}
	for i, l := range legs {
		if l.From < 0 || int(l.From) >= n || l.To < 0 || int(l.To) >= n {
			return nil, fmt.Errorf("temporal: leg %d goes from %d to %d, allowed vertices are 0 to %d", i, l.From, l.To, n-1)
		}
		g.id[i] = int32(i)
	}
	slices.SortFunc(g.id, func(a, b int32) int {
		return cmp.Or(cmp.Compare(legs[a].Time, legs[b].Time), cmp.Compare(a, b))
	})
	for at, i := range g.id {
		g.legs[at] = legs[i]
	}
	g.later = make([]int32, len(legs))
	g.earlier = make([]int32, len(legs))
	for from := 0; from < len(legs); {
		to := from + 1
		for to < len(legs) && g.legs[to].Time == g.legs[from].Time {
			to++
		}
		for at := from; at < to; at++ {
			g.later[at], g.earlier[at] = int32(to), int32(from)
		}
		from = to
	}
	g.out = newRows(n, g.legs, func(l Leg) (row, other int32) { return l.From, l.To })
	g.in = newRows(n, g.legs, func(l Leg) (row, other int32) { return l.To, l.From })
	return g, nil
}

func newRows(n int, legs []Leg, ends func(Leg) (row, other int32)) rows {
	r := rows{off: make([]int32, n+2)}
	kept := 0
	for _, l := range legs {
		if l.From != l.To {
			row, _ := ends(l)
			r.off[row+2]++
			kept++
		}
	}
	for v := range n {
		r.off[v+2] += r.off[v+1]
	}
	r.other, r.at = make([]int32, kept), make([]int32, kept)
	for at, l := range legs {
		if l.From != l.To {
			row, other := ends(l)
			i := r.off[row+1]
			r.other[i], r.at[i] = other, int32(at)
			r.off[row+1]++
		}
	}
	r.off = r.off[:n+1]
	return r
}

// N returns the number of vertices.
func (g *Graph) N() int { return len(g.out.off) - 1 }

// from returns where the legs of v at positions from low on lie in the rows.
func (r *rows) from(v, low int32) (begin, end int32) {
	begin, end = r.off[v], r.off[v+1]
	for stop := end; begin < stop; {
		if mid := begin + (stop-begin)/2; r.at[mid] < low {
			begin = mid + 1
		} else {
			stop = mid
		}
	}
	return begin, end
}

// length returns the number of legs of v.
func (r *rows) length(v int32) int { return int(r.off[v+1] - r.off[v]) }

// lastWithin returns the last position whose time is at most window after that
// of position at.
func (g *Graph) lastWithin(at int32, window int64) int32 {
	first := g.legs[at].Time
	if first > 0 && window > math.MaxInt64-first {
		return int32(len(g.legs)) - 1
	}
	until := first + window
	after := sort.Search(len(g.legs)-int(at), func(i int) bool { return g.legs[int(at)+i].Time > until })
	return at + int32(after) - 1
}
