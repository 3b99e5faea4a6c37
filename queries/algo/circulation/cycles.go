package circulation

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Cycle is a part of a circulation along one cycle that meets no vertex twice.
type Cycle struct {
	Vertices []int32 // the smallest first, each once
	Arcs     []int32 // as many; arc i leaves vertex i
	Amount   int64
}

// shortestWork is the number of arcs that Cycles looks at for the sake of short
// cycles.
const shortestWork = 5_000_000

// Cycles takes a circulation apart into cycles, whose amounts times lengths add
// up to its sum. Vertices come in order of their throughput, the largest first,
// then by number; of each the shortest cycles come first, those whose vertices
// come first among equals. On large graphs, after a fixed number of arcs looked
// at, the rest is taken apart as walks meet it. There are at most as many cycles
// as arcs. The list depends on the arcs and the amounts only, but it is one of
// several ways to take the circulation apart. The error is that of the context.
func Cycles(ctx context.Context, n int, arcs []Arc, of []int64) ([]Cycle, error) {
	return cyclesWithin(ctx, n, arcs, of, shortestWork)
}

func cyclesWithin(ctx context.Context, n int, arcs []Arc, of []int64, work int) ([]Cycle, error) {
	p := newPeeler(n, arcs, of)
	p.work = work
	through := Throughput(n, arcs, of)
	roots := make([]int32, n)
	for v := range roots {
		roots[v] = int32(v)
	}
	slices.SortStableFunc(roots, func(a, b int32) int { return cmp.Compare(through[b], through[a]) })
	for i, root := range roots {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for p.work > 0 && p.label(root) {
			p.peel(root)
		}
	}
	if err := p.walk(ctx); err != nil {
		return nil, err
	}
	return p.list, nil
}

// peeler holds the arcs that still carry something.
type peeler struct {
	arcs  []Arc
	left  []int64
	off   []int32 // arcs out of v are row[off[v]:off[v+1]], in order of head
	row   []int32
	next  []int32
	depth []int32 // arcs from the root, -1 where there is no way
	queue []int32
	last  int32 // depth of the vertices that close the shortest cycles
	work  int
	list  []Cycle
}

func newPeeler(n int, arcs []Arc, of []int64) *peeler {
	p := &peeler{arcs: arcs, left: slices.Clone(of), off: make([]int32, n+1), next: make([]int32, n), depth: make([]int32, n)}
	for i, a := range arcs {
		if of[i] > 0 {
			p.row = append(p.row, int32(i))
			p.off[a.Tail+1]++
		}
	}
	for v := range n {
		p.off[v+1] += p.off[v]
		p.depth[v] = -1
	}
	slices.SortStableFunc(p.row, func(a, b int32) int {
		return cmp.Or(cmp.Compare(arcs[a].Tail, arcs[b].Tail), cmp.Compare(arcs[a].Head, arcs[b].Head))
	})
	copy(p.next, p.off)
	return p
}

// label finds how far vertices are from the root, up to those that close a
// shortest cycle, and tells whether there is one.
func (p *peeler) label(root int32) bool {
	for _, v := range p.queue {
		p.depth[v] = -1
	}
	p.last = math.MaxInt32
	p.depth[root], p.next[root] = 0, p.off[root]
	p.queue = append(p.queue[:0], root)
	for i := 0; i < len(p.queue); i++ {
		v := p.queue[i]
		if p.depth[v] > p.last {
			break
		}
		p.work -= int(p.off[v+1] - p.off[v])
		for _, e := range p.row[p.off[v]:p.off[v+1]] {
			if p.left[e] == 0 {
				continue
			}
			u := p.arcs[e].Head
			if u == root {
				p.last = p.depth[v]
			} else if p.depth[u] < 0 && p.depth[v] < p.last {
				p.depth[u], p.next[u] = p.depth[v]+1, p.off[u]
				p.queue = append(p.queue, u)
			}
		}
	}
	return p.last < math.MaxInt32
}

// peel takes the cycles of the present length through the root.
func (p *peeler) peel(root int32) {
	var path []int32
	for u := root; ; {
		e, ok := p.advance(u, root)
		switch {
		case ok && p.arcs[e].Head == root:
			p.take(append(path, e))
			path, u = path[:0], root
		case ok:
			path = append(path, e)
			u = p.arcs[e].Head
		case u == root:
			return
		default:
			u = p.arcs[path[len(path)-1]].Tail
			path = path[:len(path)-1]
			p.next[u]++
		}
	}
}

func (p *peeler) advance(u, root int32) (int32, bool) {
	for ; p.next[u] < p.off[u+1]; p.next[u]++ {
		e := p.row[p.next[u]]
		head := p.arcs[e].Head
		if p.left[e] > 0 && (head == root && p.depth[u] == p.last || head != root && p.depth[u] < p.last && p.depth[head] == p.depth[u]+1) {
			return e, true
		}
	}
	return 0, false
}

// walk takes apart what is left: it follows the first arc that carries something
// until it meets a vertex again.
func (p *peeler) walk(ctx context.Context) error {
	copy(p.next, p.off)
	at := make([]int32, len(p.next)) // place on the path, from 1
	var path []int32
	for start := range int32(len(at)) {
		at[start] = 1
		for u := start; ; {
			for p.next[u] < p.off[u+1] && p.left[p.row[p.next[u]]] == 0 {
				p.next[u]++
			}
			if p.next[u] == p.off[u+1] {
				break // what enters leaves: only the start can end a walk
			}
			e := p.row[p.next[u]]
			path = append(path, e)
			u = p.arcs[e].Head
			if at[u] == 0 {
				at[u] = int32(len(path)) + 1
				continue
			}
			cycle := path[at[u]-1:]
			for _, e := range cycle {
				at[p.arcs[e].Tail] = 0
			}
			p.take(cycle)
			path = path[:len(path)-len(cycle)]
			at[u] = int32(len(path)) + 1
			if len(p.list)%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
		}
		at[start] = 0
	}
	return nil
}

func (p *peeler) take(arcs []int32) {
	c := Cycle{Amount: math.MaxInt64}
	first := 0
	for i, e := range arcs {
		c.Amount = min(c.Amount, p.left[e])
		if p.arcs[e].Tail < p.arcs[arcs[first]].Tail {
			first = i
		}
	}
	c.Arcs = slices.Concat(arcs[first:], arcs[:first])
	c.Vertices = make([]int32, len(arcs))
	for i, e := range c.Arcs {
		c.Vertices[i] = p.arcs[e].Tail
		p.left[e] -= c.Amount
	}
	p.list = append(p.list, c)
}
