package feedback

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"
)

// adjacency is the arcs of a part by their ends.
type adjacency struct {
	out, in [][]int32 // by vertex, numbers of arcs
}

func (p *part) adjacency() adjacency {
	a := adjacency{make([][]int32, p.n), make([][]int32, p.n)}
	for i, x := range p.arcs {
		a.out[x.Tail], a.in[x.Head] = append(a.out[x.Tail], int32(i)), append(a.in[x.Head], int32(i))
	}
	return a
}

// heuristic returns the lighter of two good sets, without arcs that close no
// cycle, and a bound below which no set can be. Each of its later steps stops when
// it has looked at so many arcs.
func (p *part) heuristic(ctx context.Context, work int) (back []int32, least int64, err error) {
	adj := p.adjacency()
	order := p.greedy(adj)
	place := make([]int32, p.n)
	for i, v := range order {
		place[v] = int32(i)
	}
	if err := p.improve(ctx, adj, order, place, work); err != nil {
		return nil, 0, err
	}
	if back, err = p.thin(ctx, adj, p.backward(place), work); err != nil {
		return nil, 0, err
	}
	least, used, complete, err := p.pack(ctx, adj, work)
	if err != nil || !complete {
		return back, least, err
	}
	if used, err = p.thin(ctx, adj, used, work); err != nil {
		return nil, 0, err
	}
	if p.weigh(used) < p.weigh(back) {
		back = used
	}
	return back, least, nil
}

// greedy is the order of Eades, Lin and Smyth: vertices that nothing enters any
// more go to the front, those that nothing leaves to the back, and when there is
// neither, the one that gives most beyond what it gets goes to the front.
func (p *part) greedy(adj adjacency) []int32 {
	g := &greedy{part: p, adj: adj, surplus: make([]int64, p.n), ins: make([]int32, p.n), outs: make([]int32, p.n), gone: make([]bool, p.n)}
	for _, a := range p.arcs {
		g.surplus[a.Tail] += a.Weight
		g.surplus[a.Head] -= a.Weight
		g.outs[a.Tail]++
		g.ins[a.Head]++
	}
	for v := range int32(p.n) {
		g.rich = append(g.rich, entry{g.surplus[v], v})
	}
	heap.Init(&g.rich)
	front, back := make([]int32, 0, p.n), make([]int32, 0, p.n)
	for len(front)+len(back) < p.n {
		v, toBack := g.next()
		if toBack {
			back = append(back, v)
		} else {
			front = append(front, v)
		}
		g.remove(v)
	}
	slices.Reverse(back)
	return append(front, back...)
}

type greedy struct {
	part           *part
	adj            adjacency
	surplus        []int64 // weight out of a vertex less weight into it, among those that are left
	ins, outs      []int32
	gone           []bool
	sources, sinks []int32
	rich           byRichness
}

func (g *greedy) next() (v int32, toBack bool) {
	for len(g.sinks) > 0 {
		v, g.sinks = g.sinks[0], g.sinks[1:]
		if !g.gone[v] {
			return v, true
		}
	}
	for len(g.sources) > 0 {
		v, g.sources = g.sources[0], g.sources[1:]
		if !g.gone[v] {
			return v, false
		}
	}
	for {
		e := heap.Pop(&g.rich).(entry)
		if !g.gone[e.vertex] && e.surplus == g.surplus[e.vertex] { // else an entry of what it was before
			return e.vertex, false
		}
	}
}

func (g *greedy) remove(v int32) {
	g.gone[v] = true
	changed := func(u int32, by int64, left int32, ends *[]int32) {
		g.surplus[u] += by
		if left == 0 {
			*ends = append(*ends, u)
		}
		heap.Push(&g.rich, entry{g.surplus[u], u})
	}
	for _, i := range g.adj.out[v] {
		if a := g.part.arcs[i]; !g.gone[a.Head] {
			g.ins[a.Head]--
			changed(a.Head, a.Weight, g.ins[a.Head], &g.sources)
		}
	}
	for _, i := range g.adj.in[v] {
		if a := g.part.arcs[i]; !g.gone[a.Tail] {
			g.outs[a.Tail]--
			changed(a.Tail, -a.Weight, g.outs[a.Tail], &g.sinks)
		}
	}
}

type entry struct {
	surplus int64
	vertex  int32
}

// byRichness is a heap of entries, the largest surplus first.
type byRichness []entry

func (h byRichness) Len() int { return len(h) }
func (h byRichness) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[j].surplus, h[i].surplus), cmp.Compare(h[i].vertex, h[j].vertex)) < 0
}
func (h byRichness) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *byRichness) Push(x any)   { *h = append(*h, x.(entry)) }
func (h *byRichness) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}

// improve moves one vertex after the other to the place where it pays least,
// until no move pays.
func (p *part) improve(ctx context.Context, adj adjacency, order, place []int32, work int) error {
	var near []neighbour
	for better := true; better; {
		better = false
		for v := range int32(p.n) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			near = p.neighbours(adj, place, v, near[:0])
			if work -= p.n + len(near); work < 0 {
				return nil
			}
			if to, pays := bestPlace(near, place[v]); pays {
				move(order, place, v, to)
				better = true
			}
		}
	}
	return nil
}

// neighbour is the end of an arc of a vertex: where it stands, and what it costs
// when the vertex goes past it, away from where it stands now.
type neighbour struct {
	place int32
	costs int64
}

func (p *part) neighbours(adj adjacency, place []int32, v int32, near []neighbour) []neighbour {
	add := func(at int32, weight int64, forward bool) {
		if !forward {
			weight = -weight // it would go forward again
		}
		near = append(near, neighbour{at, weight})
	}
	for _, i := range adj.out[v] {
		at := place[p.arcs[i].Head]
		add(at, p.arcs[i].Weight, at > place[v])
	}
	for _, i := range adj.in[v] {
		at := place[p.arcs[i].Tail]
		add(at, p.arcs[i].Weight, at < place[v])
	}
	slices.SortFunc(near, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.costs, b.costs))
	})
	return near
}

// bestPlace is where a vertex that stands at a place pays least, and whether it
// pays less there than where it is.
func bestPlace(near []neighbour, now int32) (to int32, pays bool) {
	right, _ := slices.BinarySearchFunc(near, now, func(x neighbour, at int32) int { return cmp.Compare(x.place, at) })
	sum, least := int64(0), int64(0)
	for i := right; i < len(near); i++ {
		sum += near[i].costs
		if last := i+1 == len(near) || near[i+1].place != near[i].place; last && sum < least {
			least, to = sum, near[i].place
		}
	}
	sum = 0
	for i := right - 1; i >= 0; i-- {
		sum += near[i].costs
		if last := i == 0 || near[i-1].place != near[i].place; last && sum < least {
			least, to = sum, near[i].place
		}
	}
	return to, least < 0
}

// move puts a vertex at a place and those between one place aside.
func move(order, place []int32, v, to int32) {
	from := place[v]
	if from < to {
		copy(order[from:to], order[from+1:to+1])
	} else {
		copy(order[to+1:from+1], order[to:from])
	}
	order[to] = v
	for i := min(from, to); i <= max(from, to); i++ {
		place[order[i]] = i
	}
}

// thin puts arcs back, the heaviest first, that close no cycle with those that
// stay.
func (p *part) thin(ctx context.Context, adj adjacency, back []int32, work int) ([]int32, error) {
	open := make([]bool, len(p.arcs)) // arcs that stay
	for i := range open {
		open[i] = true
	}
	for _, i := range back {
		open[i] = false
	}
	slices.SortFunc(back, func(a, b int32) int {
		return cmp.Or(cmp.Compare(p.arcs[b].Weight, p.arcs[a].Weight), cmp.Compare(a, b))
	})
	s := p.search(adj)
	var kept []int32
	for k, i := range back {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if s.seen > work {
			return append(kept, back[k:]...), nil
		}
		if _, closes := s.path(p.arcs[i].Head, p.arcs[i].Tail, func(j int32) bool { return open[j] }); closes {
			kept = append(kept, i)
		} else {
			open[i] = true
		}
	}
	return kept, nil
}

// pack takes cycles out of the weights, short ones first through each arc, and
// returns what was taken: a set pays at least that, once for every cycle. When it
// is complete, no cycle is left without the arcs that are used up.
func (p *part) pack(ctx context.Context, adj adjacency, work int) (packed int64, used []int32, complete bool, err error) {
	left := make([]int64, len(p.arcs))
	for i, a := range p.arcs {
		left[i] = a.Weight
	}
	s := p.search(adj)
	for i, a := range p.arcs {
		for left[i] > 0 {
			if ctx.Err() != nil {
				return 0, nil, false, ctx.Err()
			}
			if s.seen > work {
				return packed, nil, false, nil
			}
			path, closes := s.path(a.Head, a.Tail, func(j int32) bool { return left[j] > 0 })
			if !closes {
				break
			}
			amount := left[i]
			for _, j := range path {
				amount = min(amount, left[j])
			}
			left[i] -= amount
			for _, j := range path {
				left[j] -= amount
			}
			packed += amount
		}
	}
	for i, x := range left {
		if x == 0 {
			used = append(used, int32(i))
		}
	}
	return packed, used, true, nil
}

// search finds shortest paths.
type search struct {
	part  *part
	adj   adjacency
	came  []int32 // the arc by which a vertex was reached, -1 where it was not
	queue []int32
	seen  int // arcs looked at so far
}

func (p *part) search(adj adjacency) *search {
	return &search{part: p, adj: adj, came: make([]int32, p.n)}
}

// path is the arcs of a path with the fewest arcs, the last one first.
func (s *search) path(from, to int32, open func(arc int32) bool) (arcs []int32, found bool) {
	for v := range s.came {
		s.came[v] = -1
	}
	s.seen += s.part.n
	s.came[from] = math.MaxInt32
	s.queue = append(s.queue[:0], from)
	for k := 0; k < len(s.queue) && s.came[to] < 0; k++ {
		out := s.adj.out[s.queue[k]]
		s.seen += len(out)
		for _, i := range out {
			if head := s.part.arcs[i].Head; s.came[head] < 0 && open(i) {
				s.came[head] = i
				s.queue = append(s.queue, head)
			}
		}
	}
	if s.came[to] < 0 {
		return nil, false
	}
	for v := to; v != from; v = s.part.arcs[s.came[v]].Tail {
		arcs = append(arcs, s.came[v])
	}
	return arcs, true
}
