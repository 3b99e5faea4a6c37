package bounded

import "sync/atomic"

// local is the part of the graph that can lie on an answer to one query. Its
// vertices are numbered from 0, which is the start; the target is not one of
// them, hops to it are kept apart. Built by one worker, it is then only read,
// but for taken.
//
// Each row is sorted by the distance of the heads from the target, so that the
// heads from which the target can still be reached are a prefix of the row.
type local struct {
	hops    int
	vertex  []int32 // vertex of the index for each local one
	upTo    []int32 // heads of v within r hops of the target: row[upTo[v*(hops+1)]:upTo[v*(hops+1)+r]]
	row     []hop
	closing []int32 // code of the hop from each vertex to the target, open if there is none
	through throughTable
	count   countTable

	taken atomic.Int32 // first hops that workers have taken, see Searcher.branches
}

// hop is an element of a row: the head and the code of the link to it.
type hop struct{ head, code int32 }

// prefix returns where the heads of u within r hops of the target lie in row.
func (l *local) prefix(u int32, r int) (from, to int32) {
	at := int(u) * (l.hops + 1)
	return l.upTo[at], l.upTo[at+r]
}

// openBranches tells whether a first hop is left that no worker has taken.
func (l *local) openBranches() bool {
	from, to := l.prefix(0, l.hops-1)
	return l.taken.Load() < to-from
}

// localBuilder holds what building a local graph needs.
type localBuilder struct {
	id  []int32 // local number plus 1 of each vertex of the index, 0 if it has none
	row []hop   // one row, before it is sorted
}

// buildLocal fills s.local from the labels. It returns false when it was
// stopped or when the query has no answer.
func (s *Searcher) buildLocal(q *Query) bool {
	l, id := &s.local, s.builder.id
	l.hops = q.Hops
	l.taken.Store(0)
	l.vertex = append(l.vertex[:0], q.Start)
	fewer := s.forward.queue
	if len(s.backward.queue) < len(fewer) {
		fewer = s.backward.queue
	}
	for _, v := range fewer[1:] {
		if int(s.forward.dist[v])+int(s.backward.dist[v]) <= q.Hops {
			l.vertex = append(l.vertex, v)
			id[v] = int32(len(l.vertex))
		}
	}
	id[q.Start] = 1
	more := s.buildClosing(q) && s.buildRows(q)
	for _, v := range l.vertex {
		id[v] = 0
	}
	return more
}

func (s *Searcher) buildClosing(q *Query) bool {
	l := &s.local
	l.closing = l.closing[:0]
	for range l.vertex {
		l.closing = append(l.closing, open)
	}
	in := &s.index.in
	some := false
	at := in.off[q.Target]
	end := in.off[q.Target+1]
	for ; at < end && in.adj[at] >= q.Floor; at++ {
		if v := s.builder.id[in.adj[at]]; v != 0 {
			l.closing[v-1] = s.index.code[s.index.inLink[at]]
			some = true
		}
	}
	return s.meter.Spend(int(at-in.off[q.Target])) && some
}

func (s *Searcher) buildRows(q *Query) bool {
	l, b, out := &s.local, &s.builder, &s.index.out
	toTarget := s.backward.dist
	l.row, l.upTo = l.row[:0], l.upTo[:0]
	for _, u := range l.vertex {
		left := q.Hops - int(s.forward.dist[u]) - 1 // hops left at a head
		var number [MaxHops + 2]int32               // heads by distance from the target
		b.row = b.row[:0]
		if left > 0 {
			at, end := out.off[u], out.off[u+1]
			for ; at < end; at++ {
				v := out.adj[at]
				if v < q.Floor {
					break
				}
				d := toTarget[v]
				if int(d) > left {
					continue
				}
				if w := b.id[v]; w > 1 {
					b.row = append(b.row, hop{head: w - 1, code: s.index.code[at]})
					number[d]++
				}
			}
			if !s.meter.Spend(int(at - out.off[u])) {
				return false
			}
		}
		s.placeRow(&number)
	}
	return true
}

// placeRow adds the row in the builder to the local graph, sorted by distance.
func (s *Searcher) placeRow(number *[MaxHops + 2]int32) {
	l, b := &s.local, &s.builder
	next := int32(len(l.row))
	var place [MaxHops + 2]int32
	for d := range l.hops + 1 {
		place[d] = next
		next += number[d]
		l.upTo = append(l.upTo, next)
	}
	l.row = append(l.row, b.row...)
	for _, h := range b.row {
		d := s.backward.dist[l.vertex[h.head]]
		l.row[place[d]] = h
		place[d]++
	}
}

// close takes all first hops that are left.
func (l *local) close() { l.taken.Add(int32(len(l.row))) }
