package circulation

import (
	"context"
	"math"
)

// half is one direction of an arc in the residual graph of what is taken back:
// forward takes back more at cost 1, backward gives again at cost -1.
type half struct {
	left    int64 // what it can still carry
	against int64 // what the other direction can
	head    int32
	back    int32 // the other direction
	cost    int32
}

type solver struct {
	members   []int32 // vertices of the component that is being solved
	off       []int32 // halves out of v are [off[v], off[v+1]), in the order of the arcs
	halves    []half
	first     []int32 // by arc: its forward half, -1 where it has none
	excess    []int64 // what v still pays too much; below 0 what it pays too little
	potential []int64 // every half that is not full costs at least 0 with them

	distance []int64
	settled  []bool
	buckets  [][]int32 // vertices by distance

	free        []int32 // halves that cost nothing with the present potentials, by vertex
	freeOff     []int32 // those of v start here ...
	freeEnd     []int32 // ... and end here
	depth       []int32 // free halves to a vertex that lacks something, -1 where none leads there
	next        []int32
	queue, path []int32
	sent        int
}

func newSolver(n int, arcs []Arc, component []int32) *solver {
	s := &solver{
		off: make([]int32, n+1), first: make([]int32, len(arcs)), excess: make([]int64, n), potential: make([]int64, n),
		freeOff: make([]int32, n), freeEnd: make([]int32, n),
		distance: make([]int64, n), settled: make([]bool, n), depth: make([]int32, n), next: make([]int32, n),
	}
	inside := func(a Arc) bool { return a.Cap > 0 && a.Tail != a.Head && component[a.Tail] == component[a.Head] }
	for _, a := range arcs {
		if inside(a) {
			s.off[a.Tail+1]++
			s.off[a.Head+1]++
		}
	}
	for v := range n {
		s.off[v+1] += s.off[v]
	}
	s.halves = make([]half, s.off[n])
	copy(s.next, s.off)
	for i, a := range arcs {
		if !inside(a) {
			s.first[i] = -1
			continue
		}
		f, b := s.next[a.Tail], s.next[a.Head]
		s.next[a.Tail]++
		s.next[a.Head]++
		s.halves[f] = half{left: a.Cap, head: a.Head, back: b, cost: 1}
		s.halves[b] = half{against: a.Cap, head: a.Tail, back: f, cost: -1}
		s.first[i] = f
		s.excess[a.Tail] += a.Cap
		s.excess[a.Head] -= a.Cap
	}
	return s
}

// solve balances one component.
func (s *solver) solve(ctx context.Context, members []int32) error {
	s.members = members
	for s.reach() {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.collect()
		for s.level() {
			if err := s.block(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// reach moves the potentials by the distances from the vertices with excess, and
// tells whether any is left. There is always a way to every vertex that lacks
// something: taking everything back would balance.
func (s *solver) reach() bool {
	for i := range s.buckets {
		s.buckets[i] = s.buckets[i][:0]
	}
	lacking := 0
	for _, v := range s.members {
		s.distance[v], s.settled[v] = math.MaxInt64, false
		switch {
		case s.excess[v] > 0:
			s.distance[v] = 0
			s.put(v, 0)
		case s.excess[v] < 0:
			lacking++
		}
	}
	if lacking == 0 {
		return false
	}
	far := int64(0)
	for d := int64(0); d < int64(len(s.buckets)) && lacking > 0; d++ {
		for i := 0; i < len(s.buckets[d]) && lacking > 0; i++ {
			v := s.buckets[d][i]
			if s.settled[v] || s.distance[v] != d {
				continue
			}
			s.settled[v], far = true, d
			if s.excess[v] < 0 {
				lacking--
			}
			s.relax(v, d)
		}
	}
	for _, v := range s.members {
		s.potential[v] += min(s.distance[v], far)
	}
	return true
}

func (s *solver) relax(v int32, d int64) {
	from := d + s.potential[v]
	for h := s.off[v]; h < s.off[v+1]; h++ {
		x := &s.halves[h]
		if x.left == 0 {
			continue
		}
		if to := from + int64(x.cost) - s.potential[x.head]; to < s.distance[x.head] {
			s.distance[x.head] = to
			s.put(x.head, to)
		}
	}
}

func (s *solver) put(v int32, d int64) {
	for int64(len(s.buckets)) <= d {
		s.buckets = append(s.buckets, nil)
	}
	s.buckets[d] = append(s.buckets[d], v)
}

// collect lists the free halves, a small part of all.
func (s *solver) collect() {
	s.free = s.free[:0]
	for _, v := range s.members {
		s.freeOff[v] = int32(len(s.free))
		from := s.potential[v]
		for h := s.off[v]; h < s.off[v+1]; h++ {
			if x := &s.halves[h]; from+int64(x.cost) == s.potential[x.head] {
				s.free = append(s.free, h)
			}
		}
		s.freeEnd[v] = int32(len(s.free))
	}
}

// level finds how far every vertex is from one that lacks something along free
// halves, and tells whether one with excess is among them.
func (s *solver) level() bool {
	s.queue = s.queue[:0]
	waiting := 0
	for _, v := range s.members {
		s.depth[v] = -1
		switch {
		case s.excess[v] < 0:
			s.depth[v] = 0
			s.queue = append(s.queue, v)
		case s.excess[v] > 0:
			waiting++
		}
	}
	all := waiting
	for i := 0; i < len(s.queue) && waiting > 0; i++ {
		v := s.queue[i]
		for _, h := range s.free[s.freeOff[v]:s.freeEnd[v]] {
			x := &s.halves[h]
			if x.against > 0 && s.depth[x.head] < 0 {
				s.depth[x.head] = s.depth[v] + 1
				s.queue = append(s.queue, x.head)
				if s.excess[x.head] > 0 {
					waiting--
				}
			}
		}
	}
	return waiting < all
}

// checkEvery is the number of augmentations between two looks at the context.
const checkEvery = 4096

// block sends along the levels until no way is left.
func (s *solver) block(ctx context.Context) error {
	for _, v := range s.members {
		s.next[v] = s.freeOff[v]
	}
	for _, v := range s.members {
		if s.excess[v] > 0 && s.depth[v] > 0 {
			if err := s.drain(ctx, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// drain sends what it can of the excess of one vertex.
func (s *solver) drain(ctx context.Context, source int32) error {
	s.path = s.path[:0]
	for u := source; s.excess[source] > 0; {
		if s.excess[u] < 0 {
			if s.sent++; s.sent%checkEvery == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			u = s.augment(source, u)
			continue
		}
		if h, ok := s.advance(u); ok {
			s.path = append(s.path, h)
			u = s.halves[h].head
			continue
		}
		s.depth[u] = -1
		if u == source {
			return nil
		}
		u = s.tail(s.path[len(s.path)-1])
		s.path = s.path[:len(s.path)-1]
		s.next[u]++
	}
	return nil
}

func (s *solver) tail(h int32) int32 { return s.halves[s.halves[h].back].head }

// advance is the next free half out of u that leads one level nearer.
func (s *solver) advance(u int32) (int32, bool) {
	for ; s.next[u] < s.freeEnd[u]; s.next[u]++ {
		h := s.free[s.next[u]]
		if x := &s.halves[h]; x.left > 0 && s.depth[x.head] == s.depth[u]-1 {
			return h, true
		}
	}
	return 0, false
}

// augment sends what fits along the path, shortens the path to what comes before
// its first full half, and returns where it then ends.
func (s *solver) augment(source, sink int32) int32 {
	amount := min(s.excess[source], -s.excess[sink])
	for _, h := range s.path {
		amount = min(amount, s.halves[h].left)
	}
	s.excess[source] -= amount
	s.excess[sink] += amount
	full := -1
	for i, h := range s.path {
		x := &s.halves[h]
		x.left -= amount
		x.against += amount
		back := &s.halves[x.back]
		back.left, back.against = x.against, x.left
		if x.left == 0 && full < 0 {
			full = i
		}
	}
	if full < 0 { // the sink has all that it lacked, or the source gave all: go back one
		full = len(s.path) - 1
	}
	end := s.tail(s.path[full])
	s.path = s.path[:full]
	return end
}
