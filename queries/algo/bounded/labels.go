package bounded

// Query asks for the simple paths from Start to Target with at most Hops hops
// whose inner vertices have ranks above Floor (or any rank, with Floor 0), or
// for the cycles through Start where Target is the same. Ranks are of an Index.
type Query struct {
	Start, Target int32
	Floor         int32
	Hops          int
	Through       []int32 // inner vertices that every answer must visit, each once
	Avoid         []int32 // vertices that no answer may visit, Start and Target not among them
}

// Distances are hops, at most MaxHops; these two values stand above them.
const (
	far     uint8 = 255 // not reached
	blocked uint8 = 254 // not to be entered
)

// side is a breadth-first search, forward from the start or backward from the
// target.
type side struct {
	rows
	dist  []uint8
	queue []int32 // vertices reached, in order of distance
	level int     // where the last distance starts in queue
	depth int     // the last distance
	cost  int     // arcs out of the vertices at the last distance
}

func newSide(r rows) side {
	s := side{rows: r, dist: make([]uint8, len(r.off)-1)}
	for v := range s.dist {
		s.dist[v] = far
	}
	return s
}

func (s *side) begin(v int32) {
	s.queue = append(s.queue[:0], v)
	s.dist[v] = 0
	s.level, s.depth = 0, 0
	s.cost = int(s.off[v+1] - s.off[v])
}

func (s *side) reset() {
	for _, v := range s.queue {
		s.dist[v] = far
	}
	s.queue = s.queue[:0]
}

// exhausted tells that the last level is empty: every distance is known.
func (s *side) exhausted() bool { return s.level == len(s.queue) }

// grow adds the next level: the vertices that other has reached within limit,
// seen from vertices that other has reached within limitFrom. It returns the
// number of arcs looked at.
func (s *side) grow(other *side, floor int32, limitFrom, limit uint8) (scanned int) {
	end := len(s.queue)
	s.depth++
	s.cost = 0
	for _, u := range s.queue[s.level:end] {
		if other.dist[u] > limitFrom {
			continue
		}
		row := s.adj[s.off[u]:s.off[u+1]]
		seen := len(row)
		for i, v := range row {
			if v < floor {
				seen = i + 1
				break
			}
			if s.dist[v] == far && other.dist[v] <= limit {
				s.dist[v] = uint8(s.depth)
				s.queue = append(s.queue, v)
				s.cost += int(s.off[v+1] - s.off[v])
			}
		}
		scanned += seen
	}
	s.level = end
	return scanned
}

// finish adds levels up to distance hops-1, through vertices that can still lie
// on an answer by the distances of other. The first level is seen from every
// vertex when fromAll is set.
func (s *side) finish(other *side, floor int32, hops int, fromAll bool) (scanned int) {
	for s.depth < hops-1 && !s.exhausted() {
		limitFrom := uint8(hops - s.depth)
		if fromAll || s.depth == 0 {
			limitFrom, fromAll = far, false
		}
		scanned += s.grow(other, floor, limitFrom, uint8(hops-s.depth-1))
	}
	return scanned
}

// label computes forward distances from the start and backward distances from
// the target, exact for every vertex whose two distances add up to at most
// q.Hops. It returns false when it was stopped.
//
// Both searches first go as far as is needed to meet: with a levels forward and
// b backward, a + b = hops - 1, a vertex on an answer lies within a of the start
// or within b of the target. The cheaper side takes the next level. Then each
// side is finished through the vertices that the other has reached: beyond level
// a a vertex matters only if it is within hops - a - 1 = b of the target, and
// those are labelled. Only the first of these levels has to look at all vertices
// of the one before, because those may lie b + 1 from the target.
func (s *Searcher) label(q *Query) bool {
	fw, bw := &s.forward, &s.backward
	fw.begin(q.Start)
	bw.begin(q.Target)
	if q.Start != q.Target {
		// Answers end at the target and never come back to the start.
		fw.dist[q.Target] = blocked
		bw.dist[q.Start] = blocked
	}
	for _, v := range q.Avoid {
		fw.dist[v], bw.dist[v] = blocked, blocked
	}
	for fw.depth+bw.depth < q.Hops-1 && !fw.exhausted() && !bw.exhausted() {
		near, other := cheaper(fw, bw)
		if !s.meter.Spend(near.grow(other, q.Floor, far, far)) {
			return false
		}
	}
	first, second := cheaper(fw, bw)
	return s.meter.Spend(first.finish(second, q.Floor, q.Hops, true)) &&
		s.meter.Spend(second.finish(first, q.Floor, q.Hops, false))
}

func cheaper(a, b *side) (less, more *side) {
	if a.cost <= b.cost {
		return a, b
	}
	return b, a
}

func (s *Searcher) unlabel(q *Query) {
	s.forward.reset()
	s.backward.reset()
	s.forward.dist[q.Target] = far
	s.backward.dist[q.Start] = far
	for _, v := range q.Avoid {
		s.forward.dist[v], s.backward.dist[v] = far, far
	}
}
