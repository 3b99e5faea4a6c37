package temporal

import (
	"math"

	"roundtrip/queries/algo/effort"
)

// searcher is the state of one worker. Positions are of legs in order of time.
type searcher struct {
	g      *Graph
	opt    *Options
	meter  *effort.Meter
	bit    []uint16
	worker int
	visit  Visit

	start, end int32 // first and last position of the legs after the root
	hops       int   // most hops after the root

	// Forward, by vertex: the first position of a leg that may leave it, and the
	// fewest hops from the head of the root.
	ready   []int32
	near    []uint8
	level   []uint8 // the last level that v was put on
	reached []int32

	// Backward: 1 + the last position of a leg out of v from which the tail of the
	// root is reached within r hops is until[v*(hops+1)+r], 0 if there is none. At
	// r = 0 stands the greatest of all.
	until   []int32
	leaving []int32
	closing closings

	onPath []bool
	path   [MostHops]int32 // positions
	ids    [MostHops]int32
}

// closings are the legs back to the tail of the root, in a list for each vertex.
type closings struct {
	last []int32 // by vertex: 1 + the place of its last leg back, 0 if it has none
	at   []int32 // by place: position
	prev []int32 // by place: 1 + the place of the leg back before, of the same vertex
}

const never = math.MaxInt32

func newSearcher(g *Graph, opt *Options, meter *effort.Meter) *searcher {
	n := g.N()
	s := &searcher{
		g: g, opt: opt, meter: meter,
		hops:    opt.MaxHops - 1,
		ready:   make([]int32, n),
		near:    make([]uint8, n),
		level:   make([]uint8, n),
		until:   make([]int32, n*opt.MaxHops),
		closing: closings{last: make([]int32, n)},
		onPath:  make([]bool, n),
	}
	for v := range s.ready {
		s.ready[v] = never
	}
	for _, v := range opt.Avoid {
		s.onPath[v] = true // never left, so never entered
	}
	return s
}

// after returns the first position that may follow a leg.
func (s *searcher) after(at int32) int32 {
	if s.opt.AllowTies {
		return at + 1
	}
	return s.g.later[at]
}

// before returns the first position that may not come before a leg.
func (s *searcher) before(at int32) int32 {
	if s.opt.AllowTies {
		return at
	}
	return s.g.earlier[at]
}

// root searches the cycles whose earliest leg is the one at a position.
func (s *searcher) root(at int32) {
	leg := s.g.legs[at]
	if leg.From == leg.To || s.onPath[leg.From] || s.onPath[leg.To] {
		return
	}
	s.start, s.end = s.after(at), s.g.lastWithin(at, s.opt.Window)
	if s.start > s.end || !s.within(&s.g.out, leg.To) || !s.within(&s.g.in, leg.From) {
		return
	}
	s.onPath[leg.From] = true
	if s.label(leg.From, leg.To) {
		s.path[0] = at
		s.onPath[leg.To] = true
		s.walk(leg.To, s.start, 1, s.missing(leg.From, leg.To))
		s.onPath[leg.To] = false
	}
	s.onPath[leg.From] = false
	s.unlabel()
}

// within tells whether v has a leg between start and end.
func (s *searcher) within(r *rows, v int32) bool {
	i, end := r.from(v, s.start)
	return i < end && r.at[i] <= s.end
}

// label computes the labels for a root from tail to head. It returns false when
// there is no way back or the search was stopped.
//
// A way back has at most s.hops hops. With a levels forward and b backward, a + b
// = hops - 1, the vertex left with j > b hops to go has been reached within hops
// - j <= a hops, so that from then on the backward search looks only at vertices
// that are ready by the leg in hand.
func (s *searcher) label(tail, head int32) bool {
	s.ready[head], s.near[head] = s.start, 0
	s.reached = append(s.reached, head)
	s.begin(tail)
	a, b := 0, 1
	level, back := 0, 0 // where the last levels start
	complete := false   // the forward search has reached all it can
	for a+b < s.hops-1 && !complete && back < len(s.leaving) {
		forward, backward := s.cost(&s.g.out, s.reached[level:]), s.cost(&s.g.in, s.leaving[back:])
		if forward <= backward {
			a++
			level = s.forward(level, a)
			complete = level == len(s.reached)
		} else {
			b++
			back = s.backward(back, b, false)
		}
		if s.meter.Stopped {
			return false
		}
	}
	for b < s.hops && back < len(s.leaving) && !s.meter.Stopped {
		b++
		back = s.backward(back, b, true)
	}
	s.finish()
	return !s.meter.Stopped && s.until[int(head)*s.opt.MaxHops+s.hops] > s.start
}

func (s *searcher) cost(r *rows, level []int32) (sum int) {
	for _, v := range level {
		sum += r.length(v)
	}
	return sum
}

// forward goes one hop on from the vertices reached from place level on, and
// returns where the new level starts. A vertex that becomes ready earlier on a
// later level is looked at again.
func (s *searcher) forward(level, hops int) int {
	next := len(s.reached)
	for _, v := range s.reached[level:next] {
		i, end := s.g.out.from(v, s.ready[v])
		first := i
		for ; i < end; i++ {
			at := s.g.out.at[i]
			if at > s.end {
				break
			}
			w := s.g.out.other[i]
			if at >= s.ready[w] || s.blocked(w) {
				continue
			}
			if ready := s.after(at); ready < s.ready[w] {
				if s.ready[w] == never {
					s.near[w] = uint8(hops)
				} else if s.level[w] == uint8(hops) {
					s.ready[w] = ready
					continue
				}
				s.ready[w], s.level[w] = ready, uint8(hops)
				s.reached = append(s.reached, w)
			}
		}
		if !s.meter.Spend(int(i - first)) {
			break
		}
	}
	return next
}

// begin does the first level of the backward search: the legs into the tail of
// the root.
func (s *searcher) begin(tail int32) {
	in, c := &s.g.in, &s.closing
	c.at, c.prev = c.at[:0], c.prev[:0]
	for i, end := in.from(tail, s.start); i < end && in.at[i] <= s.end; i++ {
		v := in.other[i]
		if s.blocked(v) {
			continue
		}
		s.depart(v, in.at[i], 1)
		c.at = append(c.at, in.at[i])
		c.prev = append(c.prev, c.last[v])
		c.last[v] = int32(len(c.at))
	}
}

// blocked tells whether v is to be avoided or the tail of the root.
func (s *searcher) blocked(v int32) bool { return s.onPath[v] }

// depart records that the leg at a position leaves v and is r hops from the end.
func (s *searcher) depart(v, at int32, r int) {
	row := s.until[int(v)*s.opt.MaxHops:][:s.opt.MaxHops]
	if row[0] > at {
		return
	}
	if row[r] == 0 {
		s.leaving = append(s.leaving, v)
	}
	row[0], row[r] = at+1, at+1
}

// backward goes one hop further back from the vertices left from place level on,
// and returns where the new level starts. With filter, only vertices that are
// ready in time are taken.
func (s *searcher) backward(level, r int, filter bool) int {
	in := &s.g.in
	next := len(s.leaving)
	for _, v := range s.leaving[level:next] {
		stop := s.before(s.until[int(v)*s.opt.MaxHops+r-1] - 1)
		i, end := in.from(v, s.start)
		first := i
		for ; i < end; i++ {
			at := in.at[i]
			if at >= stop {
				break
			}
			w := in.other[i]
			if s.blocked(w) || filter && (at < s.ready[w] || int(s.near[w]) > s.hops-r) {
				continue
			}
			s.depart(w, at, r)
		}
		if !s.meter.Spend(int(i - first)) {
			break
		}
	}
	return next
}

// finish makes the departures within r hops include those within fewer.
func (s *searcher) finish() {
	for _, v := range s.leaving {
		row := s.until[int(v)*s.opt.MaxHops:][:s.opt.MaxHops]
		for r := 2; r < len(row); r++ {
			row[r] = max(row[r], row[r-1])
		}
	}
}

func (s *searcher) unlabel() {
	for _, v := range s.reached {
		s.ready[v] = never
	}
	for _, v := range s.leaving {
		clear(s.until[int(v)*s.opt.MaxHops:][:s.opt.MaxHops])
		s.closing.last[v] = 0
	}
	s.reached, s.leaving = s.reached[:0], s.leaving[:0]
}
