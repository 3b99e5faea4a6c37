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

	vertices []vertex
	reached  []int32 // by the forward search, in order of level
	leaving  []int32 // by the backward search, likewise
	// 1 + the last position of a leg out of v from which the tail of the root is
	// reached within r hops is until[v*MaxHops+r], 0 if there is none.
	until   []int32
	closing closings

	path [MostHops]int32 // positions
	ids  [MostHops]int32
}

// vertex is what the search knows of a vertex, side by side in memory.
type vertex struct {
	ready  int32 // the first position of a leg that may leave it
	latest int32 // 1 + the position of the latest leg back found so far
	// Where in the rows the legs from start on begin, as far as known. They only
	// move on, because the roots of a worker come in order.
	out, in int32

	near   uint8 // fewest hops from the head of the root
	level  uint8 // the last level that the forward search put it on
	onPath bool  // always true of a vertex to avoid: never left, so never entered
}

// closings are the legs back to the tail of the root, in a list for each vertex.
type closings struct {
	last []int32 // by vertex: 1 + the place of its last leg back, 0 if it has none
	at   []int32 // by place: position
	prev []int32 // by place: 1 + the place of the leg back before, of the same vertex
}

func newSearcher(g *Graph, opt *Options, meter *effort.Meter) *searcher {
	n := g.N()
	s := &searcher{
		g: g, opt: opt, meter: meter,
		hops: opt.MaxHops - 1,

		vertices: make([]vertex, n),
		until:    make([]int32, n*opt.MaxHops),
		closing:  closings{last: make([]int32, n)},
	}
	for v := range s.vertices {
		s.vertices[v] = vertex{ready: never, out: g.out.off[v], in: g.in.off[v]}
	}
	for _, v := range opt.Avoid {
		s.vertices[v].onPath = true
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

// root searches the cycles whose earliest leg is the one at a position. The
// positions of successive calls increase.
func (s *searcher) root(at int32) {
	leg := s.g.legs[at]
	tail, head := &s.vertices[leg.From], &s.vertices[leg.To]
	if tail == head || tail.onPath || head.onPath {
		return
	}
	s.start = s.after(at)
	s.moveEnd(at)
	if s.start > s.end || s.outOf(head)[0].at > s.end || s.into(tail)[0].at > s.end {
		return
	}
	tail.onPath = true
	if s.label(leg.From, leg.To) {
		s.path[0] = at
		head.onPath = true
		s.walk(leg.To, s.start, 1, s.missing(leg.From, leg.To))
		head.onPath = false
	}
	tail.onPath = false
	s.unlabel()
}

// moveEnd sets the last position within the window of the leg at a position.
func (s *searcher) moveEnd(at int32) {
	first := s.g.legs[at].Time
	until := first + s.opt.Window
	if until < first { // beyond the last number
		until = math.MaxInt64
	}
	for int(s.end)+1 < len(s.g.legs) && s.g.legs[s.end+1].Time <= until {
		s.end++
	}
}

// outOf returns the legs out of a vertex from start on, and what follows them.
func (s *searcher) outOf(v *vertex) []end {
	for s.g.out.legs[v.out].at < s.start {
		v.out++
	}
	return s.g.out.legs[v.out:]
}

// outFrom returns the legs out of v from position low on, with up to seven
// earlier ones before them, and what follows them.
func (s *searcher) outFrom(v, low int32) []end {
	row := s.outOf(&s.vertices[v])
	if row[0].at >= low {
		return row
	}
	from, step := 0, 8
	length := int(s.g.out.off[v+1] - s.vertices[v].out)
	for from+step < length && row[from+step].at < low {
		from += step
		step *= 2
	}
	for until := min(from+step, length); until-from > 8; {
		if mid := (from + until) / 2; row[mid].at < low {
			from = mid
		} else {
			until = mid
		}
	}
	return row[from:]
}

// into is outOf for the legs into a vertex.
func (s *searcher) into(v *vertex) []end {
	for s.g.in.legs[v.in].at < s.start {
		v.in++
	}
	return s.g.in.legs[v.in:]
}

// label computes the labels for a root from tail to head. It returns false when
// there is no way back or the search was stopped.
//
// A way back has at most s.hops hops. With a levels forward and b backward, a + b
// = hops - 1, the vertex left with j > b hops to go has been reached within hops
// - j <= a hops, so that from then on the backward search looks only at vertices
// that are ready by the leg in hand.
func (s *searcher) label(tail, head int32) bool {
	s.vertices[head].ready, s.vertices[head].near = s.start, 0
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
	newLevel := len(s.reached)
	for _, v := range s.reached[level:newLevel] {
		ready := s.vertices[v].ready
		seen := 0
		for _, leg := range s.outFrom(v, ready) {
			if leg.at > s.end {
				break
			}
			seen++
			if leg.at < ready {
				continue
			}
			w := &s.vertices[leg.other]
			if leg.at >= w.ready || w.onPath {
				continue
			}
			next := s.after(leg.at)
			if next >= w.ready {
				continue
			}
			if w.ready == never {
				w.near = uint8(hops)
			} else if w.level == uint8(hops) {
				w.ready = next
				continue
			}
			w.ready, w.level = next, uint8(hops)
			s.reached = append(s.reached, leg.other)
		}
		if !s.meter.Spend(seen) {
			break
		}
	}
	return newLevel
}

// begin does the first level of the backward search: the legs into the tail of
// the root.
func (s *searcher) begin(tail int32) {
	c := &s.closing
	c.at, c.prev = c.at[:0], c.prev[:0]
	for _, leg := range s.into(&s.vertices[tail]) {
		if leg.at > s.end {
			break
		}
		v := leg.other
		if s.vertices[v].onPath {
			continue
		}
		s.depart(v, leg.at, 1)
		c.at = append(c.at, leg.at)
		c.prev = append(c.prev, c.last[v])
		c.last[v] = int32(len(c.at))
	}
}

// depart records that the leg at a position leaves v and is r hops from the end.
// It is later than those known.
func (s *searcher) depart(v, at int32, r int) {
	until := &s.until[int(v)*s.opt.MaxHops+r]
	if *until == 0 {
		s.leaving = append(s.leaving, v)
	}
	*until = at + 1
	s.vertices[v].latest = at + 1
}

// backward goes one hop further back from the vertices left from place level on,
// and returns where the new level starts. With filter, only vertices that are
// ready in time are taken.
func (s *searcher) backward(level, r int, filter bool) int {
	next := len(s.leaving)
	for _, v := range s.leaving[level:next] {
		stop := s.before(s.until[int(v)*s.opt.MaxHops+r-1] - 1)
		seen := 0
		for _, leg := range s.into(&s.vertices[v]) {
			if leg.at >= stop {
				break
			}
			seen++
			w := &s.vertices[leg.other]
			if w.latest > leg.at || w.onPath || filter && (leg.at < w.ready || int(w.near) > s.hops-r) {
				continue
			}
			s.depart(leg.other, leg.at, r)
		}
		if !s.meter.Spend(seen) {
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
		s.vertices[v].ready = never
	}
	for _, v := range s.leaving {
		clear(s.until[int(v)*s.opt.MaxHops:][:s.opt.MaxHops])
		s.closing.last[v] = 0
		s.vertices[v].latest = 0
	}
	s.reached, s.leaving = s.reached[:0], s.leaving[:0]
}
