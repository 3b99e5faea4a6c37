package absorbing

import (
	"container/heap"
	"context"
	"fmt"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/scc"
)

// Factored is a chain made ready to answer for one target after the other. It is
// immutable.
type Factored struct {
	chain *Chain

	// closed is by vertex the closed class it belongs to: a strongly connected
	// component that no walker ever leaves. It is transient where there is none.
	closed  []int32
	members [][]int32 // vertices by closed class
	into    [][]entry // by closed class: transient vertices and their weight into it

	order []int32   // transient vertices in the order of elimination
	pivot []float64 // by vertex: what leads on from it when it is eliminated
	lower [][]entry // by vertex k: later vertices with their weight on k
	upper [][]entry // by vertex k: later vertices with their part of pivot k
}

// transient marks a vertex that belongs to no closed class.
const transient = -1

// Factor makes the chain ready. A closed class (a strongly connected component
// that no arc leaves and in which nobody leaves for good) would make the system
// singular and is taken as one end of the walk. The other vertices are eliminated
// one by one, the walk being watched only while it is at the rest: the state
// reduction of W. K. Grassmann, M. I. Taksar and D. P. Heyman, "Regenerative
// analysis and steady state distributions for Markov chains", Oper. Res. 33
// (1985). It never subtracts, so every number has a small relative error, however
// skewed the weights. The next vertex is the one with the least product of
// arcs in and out (H. M. Markowitz, "The elimination form of the inverse and its
// application to linear programming", 1957), ties by number. The time depends on
// the arcs that come up on the way: on n vertices at most in proportion to n^3,
// on sparse networks far less. It is an error when the context ends.
func (c *Chain) Factor(ctx context.Context) (*Factored, error) {
	f := &Factored{
		chain: c, closed: make([]int32, c.n), pivot: make([]float64, c.n),
		lower: make([][]entry, c.n), upper: make([][]entry, c.n),
	}
	if err := f.classify(); err != nil {
		return nil, err
	}
	if err := newEliminator(f).run(ctx); err != nil {
		return nil, err
	}
	return f, nil
}

// classify finds the closed classes.
func (f *Factored) classify() error {
	c := f.chain
	var arcs []csr.Arc
	for v, row := range c.rows {
		for _, e := range row {
			arcs = append(arcs, csr.Arc{Tail: int32(v), Head: e.at})
		}
	}
	g, err := csr.Build(c.n, arcs)
	if err != nil {
		return fmt.Errorf("absorbing: %w", err)
	}
	component, count := scc.Components(g)
	open := make([]bool, count)
	for v, row := range c.rows {
		k := component[v]
		open[k] = open[k] || c.leave[v] > 0
		for _, e := range row {
			open[k] = open[k] || component[e.at] != k
		}
	}
	number := make([]int32, count)
	for k := range number {
		number[k] = transient
		if !open[k] {
			number[k] = int32(len(f.members))
			f.members = append(f.members, nil)
		}
	}
	f.into = make([][]entry, len(f.members))
	for v := range c.rows {
		f.closed[v] = number[component[v]]
		if k := f.closed[v]; k != transient {
			f.members[k] = append(f.members[k], int32(v))
		}
	}
	for v, row := range c.rows {
		if f.closed[v] != transient {
			continue
		}
		sums := map[int32]float64{}
		for _, e := range row {
			if k := f.closed[e.at]; k != transient {
				sums[k] += e.weight
			}
		}
		for k, w := range sums {
			f.into[k] = append(f.into[k], entry{int32(v), w})
		}
	}
	return nil
}

// eliminator holds the weights between the vertices that are left.
type eliminator struct {
	f     *Factored
	rows  [][]entry // by vertex, in order of head; arcs to vertices that are left
	lost  []float64 // by vertex: what leads from it to a closed class or away
	in    [][]int32 // by vertex: vertices with an arc to it, some of them eliminated
	count []int     // by vertex: those of in that are left
	done  []bool
	queue queue
	spare []entry
}

func newEliminator(f *Factored) *eliminator {
	n := f.chain.n
	e := &eliminator{f: f, rows: make([][]entry, n), lost: make([]float64, n), in: make([][]int32, n), count: make([]int, n), done: make([]bool, n)}
	for v, row := range f.chain.rows {
		if f.closed[v] != transient {
			e.done[v] = true
			continue
		}
		e.lost[v] = f.chain.leave[v]
		for _, x := range row {
			switch {
			case f.closed[x.at] != transient:
				e.lost[v] += x.weight
			case x.at != int32(v): // a step that stays changes no end
				e.rows[v] = append(e.rows[v], x)
				e.in[x.at] = append(e.in[x.at], int32(v))
				e.count[x.at]++
			}
		}
	}
	return e
}

func (e *eliminator) run(ctx context.Context) error {
	for v := range e.rows {
		e.offer(int32(v))
	}
	for e.queue.Len() > 0 {
		next := heap.Pop(&e.queue).(waiting)
		if e.done[next.vertex] || next.cost != e.cost(next.vertex) {
			continue // offered again since, at another cost
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		e.eliminate(next.vertex)
	}
	return nil
}

func (e *eliminator) cost(v int32) int { return e.count[v] * len(e.rows[v]) }

func (e *eliminator) offer(v int32) {
	if !e.done[v] {
		heap.Push(&e.queue, waiting{e.cost(v), v})
	}
}

// eliminate takes vertex k out: whoever would step on it steps on to where it
// leads.
func (e *eliminator) eliminate(k int32) {
	e.done[k] = true
	row := e.rows[k]
	pivot := e.lost[k]
	for _, x := range row {
		pivot += x.weight
	}
	f := e.f
	f.order, f.pivot[k] = append(f.order, k), pivot
	if pivot > 0 { // zero only where weights are so skewed that products vanish
		f.upper[k] = make([]entry, len(row))
		for i, x := range row {
			f.upper[k][i] = entry{x.at, x.weight / pivot}
		}
	}
	for _, x := range row {
		e.count[x.at]--
	}
	for _, v := range e.in[k] {
		if e.done[v] {
			continue
		}
		w := e.step(v, k)
		f.lower[k] = append(f.lower[k], entry{v, w})
		if pivot > 0 {
			e.lost[v] += float64(w * (e.lost[k] / pivot))
		}
	}
	for _, x := range row {
		e.offer(x.at)
	}
	for _, x := range f.lower[k] {
		e.offer(x.at)
	}
	e.rows[k], e.in[k] = nil, nil
}

// step takes the arc from v to k out of the row of v and puts in its place what
// k leads to; it returns the weight of the arc.
func (e *eliminator) step(v, k int32) float64 {
	old, onward := e.rows[v], e.f.upper[k]
	i := 0
	for old[i].at != k {
		i++
	}
	w := old[i].weight
	out := e.spare[:0]
	i = 0
	for _, x := range onward {
		for ; i < len(old) && old[i].at < x.at; i++ {
			if old[i].at != k {
				out = append(out, old[i])
			}
		}
		add := float64(w * x.weight) // rounded here on every machine: never fused
		switch {
		case i < len(old) && old[i].at == x.at:
			out = append(out, entry{x.at, old[i].weight + add})
			i++
		case x.at != v && add > 0: // back to v is a step that stays
			out = append(out, entry{x.at, add})
			e.in[x.at] = append(e.in[x.at], v)
			e.count[x.at]++
		}
	}
	for ; i < len(old); i++ {
		if old[i].at != k {
			out = append(out, old[i])
		}
	}
	e.rows[v] = append(old[:0], out...)
	e.spare = out
	return w
}

// waiting is a vertex with what its elimination would cost.
type waiting struct {
	cost   int
	vertex int32
}

// queue is a heap of vertices, the cheapest first.
type queue []waiting

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].cost < q[j].cost || q[i].cost == q[j].cost && q[i].vertex < q[j].vertex
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(waiting)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
