package temporal

import (
	"math/bits"

	"roundtrip/queries/algo/effort"
)

// missing returns the bits of the vertices to visit that are not on the path of
// the root.
func (s *searcher) missing(tail, head int32) uint16 {
	if s.bit == nil {
		return 0
	}
	var all uint16
	for _, v := range s.opt.Through {
		all |= s.bit[v]
	}
	return all &^ (s.bit[tail] | s.bit[head])
}

// walk visits the cycles that go on from v with a leg at position low or later,
// after a path of n legs. missing are the vertices still to visit.
func (s *searcher) walk(v, low int32, n int, missing uint16) {
	if n+1 >= s.opt.MinHops && missing == 0 {
		c := &s.closing
		for place := c.last[v]; place > 0 && c.at[place-1] >= low; place = c.prev[place-1] {
			s.path[n] = c.at[place-1]
			if !s.report(n + 1) {
				return
			}
		}
	}
	left := s.opt.MaxHops - n // hops left, the next included
	if left < 2 || bits.OnesCount16(missing) >= left {
		return
	}
	until := s.until[int(v)*s.opt.MaxHops+left]
	seen := 1
	for _, leg := range s.outFrom(v, low) {
		if leg.at >= until {
			break
		}
		seen++
		if leg.at < low {
			continue
		}
		next := s.after(leg.at)
		w := &s.vertices[leg.other]
		if w.onPath || s.until[int(leg.other)*s.opt.MaxHops+left-1] <= next {
			continue
		}
		s.path[n] = leg.at
		gone := missing
		if s.bit != nil {
			gone &^= s.bit[leg.other]
		}
		w.onPath = true
		s.walk(leg.other, next, n+1, gone)
		w.onPath = false
		if s.meter.Stopped {
			return
		}
	}
	s.meter.Spend(seen)
}

// report visits the cycle of the first n legs of the path.
func (s *searcher) report(n int) bool {
	if s.meter.Quota() == 0 {
		return false
	}
	s.meter.Take(1)
	s.meter.ByHops[n]++
	for i, at := range s.path[:n] {
		s.ids[i] = s.g.id[at]
	}
	if !s.visit(s.worker, s.ids[:n:n]) {
		return s.meter.Stop(effort.Visitor)
	}
	return s.meter.Spend(1)
}
