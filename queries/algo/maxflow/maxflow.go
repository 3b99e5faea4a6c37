// Package maxflow finds the largest flow between two vertices of a directed
// graph with whole capacities, together with a cut that proves that none is
// larger, and takes a flow apart into paths.
package maxflow

import (
	"context"
	"fmt"
	"math"

	"roundtrip/queries/algo/wide"
)

// Arc is an arc that carries at most Cap, which is not negative. Parallel arcs
// and self loops are allowed; a self loop never carries anything.
type Arc struct {
	Tail, Head int32
	Cap        int64
}

// Flow is a flow from a source to a sink.
type Flow struct {
	Value int64
	Of    []int64 // by arc, 0 to its capacity
	// SourceSide tells which vertices can still be reached from the source. The
	// arcs from them to the others are full and form a cut of the same value.
	SourceSide []bool
}

// Solve returns a maximum flow. The same input gives the same flow; other flows
// of the same value may exist. Vertices are 0 to n-1. It is an error when an arc,
// the source or the sink lies outside, when source and sink are the same, when a
// capacity is negative, when the value could pass 2^63-1, or when the context
// ends.
//
// The algorithm is that of E. Dinic, "Algorithm for solution of a problem of
// maximum flow in networks with power estimation", Soviet Math. Dokl. 11 (1970).
func Solve(ctx context.Context, n int, arcs []Arc, source, sink int32) (Flow, error) {
	if err := check(n, arcs, source, sink); err != nil {
		return Flow{}, err
	}
	g := build(n, arcs, source, sink)
	var value int64
	for g.label() {
		pushed, err := g.block(ctx)
		if err != nil {
			return Flow{}, err
		}
		value += pushed
	}
	f := Flow{Value: value, Of: make([]int64, len(arcs)), SourceSide: make([]bool, n)}
	for i, h := range g.first {
		if h >= 0 {
			f.Of[i] = arcs[i].Cap - g.halves[h].left
		}
	}
	for v, l := range g.level {
		f.SourceSide[v] = l >= 0
	}
	return f, nil
}

func check(n int, arcs []Arc, source, sink int32) error {
	if n < 0 || n >= math.MaxInt32 || len(arcs) > math.MaxInt32/2 {
		return fmt.Errorf("maxflow: %d vertices and %d arcs given, allowed are up to %d and %d", n, len(arcs), math.MaxInt32-1, math.MaxInt32/2)
	}
	if source < 0 || int(source) >= n || sink < 0 || int(sink) >= n || source == sink {
		return fmt.Errorf("maxflow: source %d and sink %d given, allowed are two different vertices from 0 to %d", source, sink, n-1)
	}
	var out, in wide.Int
	for i, a := range arcs {
		if a.Tail < 0 || int(a.Tail) >= n || a.Head < 0 || int(a.Head) >= n {
			return fmt.Errorf("maxflow: arc %d goes from %d to %d, allowed vertices are 0 to %d", i, a.Tail, a.Head, n-1)
		}
		if a.Cap < 0 {
			return fmt.Errorf("maxflow: arc %d has capacity %d, allowed are 0 and more", i, a.Cap)
		}
		if a.Tail == source {
			out = out.Plus(a.Cap)
		}
		if a.Head == sink {
			in = in.Plus(a.Cap)
		}
	}
	_, outFits := out.Int64()
	_, inFits := in.Int64()
	if !outFits && !inFits {
		return fmt.Errorf("maxflow: capacities out of the source add up to %s and into the sink to %s, one of them must be at most %d", out, in, int64(math.MaxInt64))
	}
	return nil
}

// half is one direction of an arc in the residual graph.
type half struct {
	left int64 // what it can still carry
	head int32
	back int32 // the other direction
}

type network struct {
	source, sink int32
	off          []int32 // halves out of v are [off[v], off[v+1]), in the order of the arcs
	halves       []half
	first        []int32 // by arc: its forward half, -1 where it has none
	level        []int32 // arcs from the source, -1 where it cannot be reached or leads nowhere
	next         []int32
	queue, path  []int32
}

func build(n int, arcs []Arc, source, sink int32) *network {
	g := &network{
		source: source, sink: sink, off: make([]int32, n+1), first: make([]int32, len(arcs)),
		level: make([]int32, n), next: make([]int32, n), queue: make([]int32, 0, n),
	}
	useful := func(a Arc) bool { return a.Cap > 0 && a.Tail != a.Head && a.Head != source && a.Tail != sink }
	for _, a := range arcs {
		if useful(a) {
			g.off[a.Tail+1]++
			g.off[a.Head+1]++
		}
	}
	for v := range n {
		g.off[v+1] += g.off[v]
	}
	g.halves = make([]half, g.off[n])
	copy(g.next, g.off)
	for i, a := range arcs {
		if !useful(a) {
			g.first[i] = -1
			continue
		}
		f, b := g.next[a.Tail], g.next[a.Head]
		g.next[a.Tail]++
		g.next[a.Head]++
		g.halves[f] = half{a.Cap, a.Head, b}
		g.halves[b] = half{0, a.Tail, f}
		g.first[i] = f
	}
	return g
}

// label finds how many arcs every vertex is from the source, and tells whether
// the sink can be reached.
func (g *network) label() bool {
	for v := range g.level {
		g.level[v] = -1
	}
	g.level[g.source] = 0
	g.queue = append(g.queue[:0], g.source)
	for i := 0; i < len(g.queue); i++ {
		v := g.queue[i]
		if g.level[g.sink] >= 0 && g.level[v] >= g.level[g.sink]-1 {
			break // farther vertices are on no shortest path
		}
		for h := g.off[v]; h < g.off[v+1]; h++ {
			if x := &g.halves[h]; x.left > 0 && g.level[x.head] < 0 {
				g.level[x.head] = g.level[v] + 1
				g.queue = append(g.queue, x.head)
			}
		}
	}
	return g.level[g.sink] >= 0
}

// checkEvery is the number of augmentations between two looks at the context.
const checkEvery = 4096

// block fills the shortest paths until none is left, and returns what it sent.
func (g *network) block(ctx context.Context) (int64, error) {
	copy(g.next, g.off)
	var sent int64
	u := g.source
	g.path = g.path[:0]
	for n := 0; ; {
		if u == g.sink {
			if n%checkEvery == 0 && ctx.Err() != nil {
				return sent, ctx.Err()
			}
			n++
			var amount int64
			amount, u = g.augment()
			sent += amount
			continue
		}
		if h, ok := g.advance(u); ok {
			g.path = append(g.path, h)
			u = g.halves[h].head
			continue
		}
		if u == g.source {
			return sent, nil
		}
		g.level[u] = -1
		u = g.tail(g.path[len(g.path)-1])
		g.path = g.path[:len(g.path)-1]
		g.next[u]++
	}
}

func (g *network) tail(h int32) int32 { return g.halves[g.halves[h].back].head }

// advance is the next half out of u that leads one level on.
func (g *network) advance(u int32) (int32, bool) {
	for ; g.next[u] < g.off[u+1]; g.next[u]++ {
		if h := &g.halves[g.next[u]]; h.left > 0 && g.level[h.head] == g.level[u]+1 {
			return g.next[u], true
		}
	}
	return 0, false
}

// augment sends what fits along the path, shortens the path to what comes before
// its first full arc, and returns the amount and the vertex where the path ends.
func (g *network) augment() (amount int64, end int32) {
	amount = math.MaxInt64
	for _, h := range g.path {
		amount = min(amount, g.halves[h].left)
	}
	full := -1
	for i, h := range g.path {
		x := &g.halves[h]
		x.left -= amount
		g.halves[x.back].left += amount
		if x.left == 0 && full < 0 {
			full = i
		}
	}
	end = g.tail(g.path[full])
	g.path = g.path[:full]
	return amount, end
}
