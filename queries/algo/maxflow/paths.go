package maxflow

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Path is a part of a flow along one path.
type Path struct {
	Vertices []int32 // from the source to the sink
	Arcs     []int32 // one fewer
	Amount   int64
}

// Paths takes a flow apart into paths from the source to the sink: those with
// the fewest arcs first, among these the one whose vertices come first, arcs of
// equal ends in their order; each takes all that it can. Amounts add up to the
// value of the flow; what runs in circles belongs to no path. The list depends
// on the arcs and the flow only, but it is one of several ways to take the flow
// apart. The error is that of the context.
func Paths(ctx context.Context, n int, arcs []Arc, source, sink int32, f Flow) ([]Path, error) {
	p := newPeeler(n, arcs, f.Of, source, sink)
	var list []Path
	for p.label() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		list = p.peel(list)
	}
	return list, nil
}

// peeler holds the arcs that still carry something.
type peeler struct {
	arcs         []Arc
	source, sink int32
	left         []int64   // by arc
	out, in      [][]int32 // arcs by vertex, out in order of head
	far          []int32   // arcs to the sink, -1 where there is no way
	next         []int32
	queue        []int32
}

func newPeeler(n int, arcs []Arc, flow []int64, source, sink int32) *peeler {
	p := &peeler{
		arcs: arcs, source: source, sink: sink, left: slices.Clone(flow),
		out: make([][]int32, n), in: make([][]int32, n), far: make([]int32, n), next: make([]int32, n),
	}
	for i, a := range arcs {
		if flow[i] > 0 {
			p.out[a.Tail] = append(p.out[a.Tail], int32(i))
			p.in[a.Head] = append(p.in[a.Head], int32(i))
		}
	}
	for _, row := range p.out {
		slices.SortStableFunc(row, func(a, b int32) int { return cmp.Compare(arcs[a].Head, arcs[b].Head) })
	}
	return p
}

func (p *peeler) label() bool {
	for v := range p.far {
		p.far[v], p.next[v] = -1, 0
	}
	p.far[p.sink] = 0
	p.queue = append(p.queue[:0], p.sink)
	for i := 0; i < len(p.queue) && p.far[p.source] < 0; i++ {
		v := p.queue[i]
		for _, e := range p.in[v] {
			if u := p.arcs[e].Tail; p.left[e] > 0 && p.far[u] < 0 {
				p.far[u] = p.far[v] + 1
				p.queue = append(p.queue, u)
			}
		}
	}
	return p.far[p.source] >= 0
}

// peel appends the paths of the present length.
func (p *peeler) peel(list []Path) []Path {
	var path []int32
	u := p.source
	for {
		if u == p.sink {
			list = append(list, p.take(path))
			path, u = path[:0], p.source
			continue
		}
		if e, ok := p.advance(u); ok {
			path = append(path, e)
			u = p.arcs[e].Head
			continue
		}
		if u == p.source {
			return list
		}
		u = p.arcs[path[len(path)-1]].Tail
		path = path[:len(path)-1]
		p.next[u]++
	}
}

func (p *peeler) advance(u int32) (int32, bool) {
	for ; int(p.next[u]) < len(p.out[u]); p.next[u]++ {
		if e := p.out[u][p.next[u]]; p.left[e] > 0 && p.far[p.arcs[e].Head] == p.far[u]-1 {
			return e, true
		}
	}
	return 0, false
}

func (p *peeler) take(path []int32) Path {
	t := Path{Vertices: []int32{p.source}, Arcs: slices.Clone(path), Amount: math.MaxInt64}
	for _, e := range path {
		t.Amount = min(t.Amount, p.left[e])
		t.Vertices = append(t.Vertices, p.arcs[e].Head)
	}
	for _, e := range path {
		p.left[e] -= t.Amount
	}
	return t
}
