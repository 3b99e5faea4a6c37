package bounded

// throughTable tells, for answers that must visit given vertices, how far those
// are. It is empty when nothing has to be visited.
type throughTable struct {
	all   uint16    // a bit for each vertex to visit
	bit   []uint16  // by vertex: its bit if it must be visited
	round [][]uint8 // round[j][v]: hops from v over the j-th vertex to visit to the target, at least
}

// buildThrough fills the table. It returns false when a vertex to visit does not
// lie on any answer.
func (s *Searcher) buildThrough(q *Query) bool {
	l, t := &s.local, &s.local.through
	t.all = 0
	if len(q.Through) == 0 {
		return true
	}
	n := len(l.vertex)
	t.bit = grow(t.bit, n)
	clear(t.bit)
	t.round = grow(t.round, len(q.Through))
	for j, via := range q.Through {
		at := -1
		for v, x := range l.vertex {
			if x == via && v > 0 {
				at = v
			}
		}
		if at < 0 {
			return false
		}
		t.all |= 1 << j
		t.bit[at] = 1 << j
		t.round[j] = grow(t.round[j], n)
		for v := range t.round[j] {
			t.round[j][v] = far
		}
		t.round[j][at] = s.backward.dist[via]
		if !s.relax(t.round[j]) {
			return false
		}
	}
	return true
}

// relax shortens distances along the hops of the local graph until none changes
// (Bellman and Ford); no answer is longer than the number of rounds.
func (s *Searcher) relax(dist []uint8) bool {
	l := &s.local
	for range l.hops {
		changed := false
		for v := range dist {
			from, to := l.prefix(int32(v), l.hops)
			for _, h := range l.row[from:to] {
				if d := dist[h.head]; d != far && d+1 < dist[v] {
					dist[v] = d + 1
					changed = true
				}
			}
		}
		if !s.meter.Spend(len(l.row)) {
			return false
		}
		if !changed {
			break
		}
	}
	return true
}

func (w *walker) throughBranch(at int32) {
	w.walkThroughHop(at, 0, w.through.all, false)
}

func (w *walker) walkThroughHop(at int32, i int, missing uint16, several bool) {
	v, code := w.row[at].head, w.row[at].code
	missing &^= w.through.bit[v]
	for j, round := range w.through.round {
		if missing>>j&1 != 0 && int(round[v]) > w.hops-i-1 {
			return
		}
	}
	w.path[i] = code
	several = several || code < 0
	w.onPath[v] = true
	if missing == 0 {
		w.walk(v, i+1, several)
	} else {
		w.walkThrough(v, i+1, missing, several)
	}
	w.onPath[v] = false
}

// walkThrough is walk as long as vertices to visit are missing.
func (w *walker) walkThrough(u int32, i int, missing uint16, several bool) {
	from, to := w.prefix(u, w.hops-i-1)
	if !w.meter.Spend(int(to - from)) {
		return
	}
	for at := from; at < to && !w.meter.Stopped; at++ {
		if !w.onPath[w.row[at].head] {
			w.walkThroughHop(at, i, missing, several)
		}
	}
}
