package bounded

import "roundtrip/queries/algo/effort"

// Searcher answers queries on one Index, one after the other, and keeps its
// memory between them. It is not safe for concurrent use.
type Searcher struct {
	index    *Index
	forward  side
	backward side
	builder  localBuilder
	local    local
	walker   walker
	meter    *effort.Meter
}

// NewSearcher returns a searcher; its memory grows with the number of vertices.
func NewSearcher(x *Index) *Searcher {
	return &Searcher{
		index:    x,
		forward:  newSide(x.out),
		backward: newSide(x.in),
		builder:  localBuilder{id: make([]int32, x.N())},
	}
}

// Begin sets what the next queries share: the meter that counts their work and
// their answers, the least number of hops of an answer, and the sink. Without a
// sink answers are only counted, those with fewer hops included; the index must
// then not be wider than MaxWidth.
func (s *Searcher) Begin(meter *effort.Meter, least, worker int, sink Sink) {
	s.meter = meter
	w := &s.walker
	w.index, w.meter, w.least = s.index, meter, least
	w.out.sink, w.out.worker = sink, worker
}

// Search answers one query.
func (s *Searcher) Search(q *Query) {
	if s.prepare(q) {
		s.run(&s.local)
	}
}

// prepare fills s.local. It returns false when there is nothing to search.
func (s *Searcher) prepare(q *Query) bool {
	more := s.label(q) && s.buildLocal(q) && s.buildThrough(q)
	if more && s.walker.out.sink == nil && q.Hops >= 3 && s.local.through.all == 0 {
		more = s.buildCount(q)
		if q.Hops == 3 {
			s.local.close() // countStart does it all
		}
	}
	s.unlabel(q)
	return more
}

// run searches the local graph that this searcher has made.
func (s *Searcher) run(l *local) {
	w := &s.walker
	w.enter(l)
	switch {
	case l.through.all != 0:
	case w.out.sink == nil:
		w.countStart()
	case w.closing[0] != open && w.least <= 1:
		w.path[0] = w.closing[0]
		w.report(1, w.closing[0] < 0)
	}
	w.join(l)
}

// join searches the first hops of a local graph that nobody has taken.
func (w *walker) join(l *local) {
	w.enter(l)
	switch {
	case l.through.all != 0:
		w.branches(w.throughBranch)
	case w.out.sink == nil:
		w.branches(w.countBranch)
	default:
		w.branches(w.visitBranch)
	}
	w.out.flush(w.meter)
}
