package feedback

import (
	"context"
	"math/bits"
)

// checkEvery is the number of sets of vertices between two looks at the context.
const checkEvery = 1 << 14

// cost is what an order pays: weight first, then the number of arcs.
type cost struct {
	weight int64
	arcs   int64
}

func (c cost) plus(o cost) cost { return cost{c.weight + o.weight, c.arcs + o.arcs} }

func (c cost) below(o cost) bool {
	return c.weight < o.weight || c.weight == o.weight && c.arcs < o.arcs
}

// exact returns the arcs that go backward in a best order.
func (p *part) exact(ctx context.Context) ([]int32, error) {
	t := p.table()
	best := make([]cost, 1<<p.n) // by set of vertices: the least that an order of them pays
	for s := 1; s < len(best); s++ {
		if s%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		_, best[s] = p.last(t, best, s)
	}
	place := make([]int32, p.n)
	for s := len(best) - 1; s > 0; {
		v, _ := p.last(t, best, s)
		s &^= 1 << v
		place[v] = int32(bits.OnesCount(uint(s)))
	}
	return p.backward(place), nil
}

// last is the vertex, the smallest of several, that is best placed last in a set,
// and what the set then pays: every arc from that vertex into the rest of the set
// goes backward.
func (p *part) last(t *table, best []cost, s int) (vertex int, least cost) {
	vertex = -1
	for v := range p.n {
		if s>>v&1 == 0 {
			continue
		}
		rest := s &^ (1 << v)
		if c := best[rest].plus(t.low[v][rest&t.mask]).plus(t.high[v][rest>>t.split]); vertex < 0 || c.below(least) {
			vertex, least = v, c
		}
	}
	return vertex, least
}

// table holds what the arcs from a vertex into a set cost. Sets are cut in two
// halves, so that the table stays small.
type table struct {
	split     int
	mask      int
	low, high [][]cost // by vertex and half of a set
}

func (p *part) table() *table {
	split := p.n / 2
	t := &table{split: split, mask: 1<<split - 1, low: make([][]cost, p.n), high: make([][]cost, p.n)}
	into := make([]cost, p.n*p.n)
	for _, a := range p.arcs {
		at := &into[int(a.Tail)*p.n+int(a.Head)]
		*at = at.plus(cost{a.Weight, 1})
	}
	for v := range p.n {
		row := into[v*p.n : (v+1)*p.n]
		t.low[v], t.high[v] = sums(row[:split]), sums(row[split:])
	}
	return t
}

// sums adds up every subset of the list.
func sums(list []cost) []cost {
	all := make([]cost, 1<<len(list))
	for i, c := range list {
		for s := range 1 << i {
			all[s|1<<i] = all[s].plus(c)
		}
	}
	return all
}
