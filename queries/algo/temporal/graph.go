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

// rows hold the legs out of or into each vertex, in order of position. Behind
// each row stands a leg of position never, so that a scan ends without a look at
// off.
type rows struct {
	off  []int32
	legs []end
}

// end is a leg as seen from one of its ends: the other end and the position.
type end struct {
	other, at int32
}

const never = math.MaxInt32

// Build returns the graph with n vertices and the given legs. It is an error
// when a leg has an end outside 0 to n-1.
func Build(n int, legs []Leg) (*Graph, error) {
	if n < 0 || n >= math.MaxInt32 || len(legs) >= math.MaxInt32-n {
		return nil, fmt.Errorf("temporal: %d vertices and %d legs, allowed is fewer than %d in all", n, len(legs), math.MaxInt32)
	}
	type dated struct {
		time int64
		id   int32
	}
	order := make([]dated, len(legs))
	g := &Graph{id: make([]int32, len(legs)), legs: make([]Leg, len(legs))}
	for i, l := range legs {
		if l.From < 0 || int(l.From) >= n || l.To < 0 || int(l.To) >= n {
			return nil, fmt.Errorf("temporal: leg %d goes from %d to %d, allowed vertices are 0 to %d", i, l.From, l.To, n-1)
		}
		order[i] = dated{l.Time, int32(i)}
	}
	slices.SortFunc(order, func(a, b dated) int {
		if c := cmp.Compare(a.time, b.time); c != 0 {
			return c
		}
		return cmp.Compare(a.id, b.id)
	})
	for at, d := range order {
		g.id[at], g.legs[at] = d.id, legs[d.id]
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
	for _, l := range legs {
		if l.From != l.To {
			row, _ := ends(l)
			r.off[row+2]++
		}
	}
	for v := range n {
		r.off[v+2] += r.off[v+1] + 1
	}
	r.legs = make([]end, r.off[n+1])
	for at, l := range legs {
		if l.From != l.To {
			row, other := ends(l)
			r.legs[r.off[row+1]] = end{other: other, at: int32(at)}
			r.off[row+1]++
		}
	}
	for v := n; v > 0; v-- { // off[v] is at the end of the row of v-1
		r.legs[r.off[v]].at = never
		r.off[v]++
	}
	r.off = r.off[:n+1]
	return r
}

// N returns the number of vertices.
func (g *Graph) N() int { return len(g.out.off) - 1 }

// length returns the number of legs of v.
func (r *rows) length(v int32) int { return int(r.off[v+1]-r.off[v]) - 1 }
