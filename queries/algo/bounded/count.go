package bounded

import (
	"math"
	"math/bits"

	"roundtrip/queries/algo/effort"
)

// Counting does not walk the last two hops. For a vertex p on the path with
// three hops left, the number of ways p, u, v, target is taken from tables made
// once for the local graph, and the few ways that meet the path are taken off:
//
//	closings(u) = sum over v of arcs(u,v) x arcs(v,target)
//	two(p,u)    = arcs(p,u) x (closings(u) - arcs(u,p) x arcs(p,target))
//
// two is the number of ways that do not come back to p; the sum of two(p,u) over
// the row of p is kept too. What is left to take off are heads u on the path,
// and ways whose v is on the path before p. For the latter, whenever a vertex x
// with a hop to the target joins the path, arcs(u,x) x arcs(x,target) is added
// to a mark on every u that has a hop to x. Most heads of p bear no mark, and
// looking at them is all the work there is.
type countTable struct {
	closings []int64 // by vertex
	two      []int64 // by position in row
	twoAll   []int64 // by vertex: the sum of two over the heads within two hops of the target
	// Hops into vertices that close, by head: tails and arcs(tail,head) x arcs(head,target).
	intoOff  []int32
	intoTail []int32
	intoWays []int64
	back     []int64 // scratch: arcs(u,p) x arcs(p,target) by u
}

// onPathMark is added to the mark of a vertex on the path. Ways to take off are
// far below: an Index for counting has at most MaxWidth arcs in a link.
const onPathMark = 1 << 62

// MaxWidth is the largest number of parallel arcs between two vertices with
// which counting cannot overflow before the number of answers does.
const MaxWidth = 1 << 15

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		s = make([]T, n, 2*n)
	}
	return s[:n]
}

func (s *Searcher) buildCount(q *Query) bool {
	l, t, x := &s.local, &s.local.count, s.index
	n := len(l.vertex)
	t.closings = grow(t.closings, n)
	t.twoAll = grow(t.twoAll, n)
	t.two = grow(t.two, len(l.row))
	t.back = grow(t.back, n)
	clear(t.back)
	t.intoOff = grow(t.intoOff, n+1)
	clear(t.intoOff)

	for u := range int32(n) {
		from, to := l.prefix(u, 1)
		var sum int64
		for at := from; at < to; at++ {
			v := l.row[at].head
			sum += x.width(l.row[at].code) * x.width(l.closing[v])
			t.intoOff[v]++
		}
		t.closings[u] = sum
	}
	total := int32(0)
	for v := range n {
		total += t.intoOff[v]
		t.intoOff[v] = total
	}
	t.intoOff[n] = total
	t.intoTail = grow(t.intoTail, int(total))
	t.intoWays = grow(t.intoWays, int(total))
	for u := range int32(n) {
		from, to := l.prefix(u, 1)
		for at := from; at < to; at++ {
			v := l.row[at].head
			t.intoOff[v]--
			t.intoTail[t.intoOff[v]] = u
			t.intoWays[t.intoOff[v]] = x.width(l.row[at].code) * x.width(l.closing[v])
		}
	}
	for p := range int32(n) {
		if q.Hops-int(s.forward.dist[l.vertex[p]]) >= 3 {
			s.buildTwo(p)
		}
	}
	return s.meter.Spend(len(l.row) + int(total))
}

func (s *Searcher) buildTwo(p int32) {
	l, t := &s.local, &s.local.count
	lo, hi := t.intoOff[p], t.intoOff[p+1]
	for at := lo; at < hi; at++ {
		t.back[t.intoTail[at]] = t.intoWays[at]
	}
	var sum int64
	from, to := l.prefix(p, 2)
	for at := from; at < to; at++ {
		u := l.row[at].head
		t.two[at] = s.index.width(l.row[at].code) * (t.closings[u] - t.back[u])
		sum += t.two[at]
	}
	t.twoAll[p] = sum
	for at := lo; at < hi; at++ {
		t.back[t.intoTail[at]] = 0
	}
}

// countStart counts the answers of one hop, or all of them when there are at
// most three hops; branches with countBranch does the rest.
func (w *walker) countStart() {
	if w.hops == 3 {
		w.countLast(0, 0, 1)
	} else if c := w.closing[0]; c != open {
		w.meter.Add(1, 1, w.index.width(c))
	}
}

func (w *walker) countBranch(at int32) { w.countHop(at, 0, 1) }

// countHop counts the answers that take the hop at position at of a row, after
// i hops for which there are ways choices of arcs.
func (w *walker) countHop(at int32, i int, ways int64) {
	v := w.row[at].head
	if c := w.row[at].code; c < 0 {
		if ways = w.times(ways, c); w.meter.Stopped {
			return
		}
	}
	marks := i+1 <= w.hops-4 && w.closing[v] != open
	if marks {
		w.markTails(v, 1)
	}
	w.mark[v] += onPathMark
	if w.hops-i-1 == 3 {
		w.countLast(v, i+1, ways)
	} else {
		w.count(v, i+1, ways)
	}
	w.mark[v] -= onPathMark
	if marks {
		w.markTails(v, -1)
	}
}

// times multiplies by the number of arcs of a link.
func (w *walker) times(ways int64, code int32) int64 {
	high, low := bits.Mul64(uint64(ways), uint64(w.index.width(code)))
	if high != 0 || low > math.MaxInt64 {
		w.meter.Stop(effort.Overflow)
		return 0
	}
	return int64(low)
}

func (w *walker) markTails(v int32, sign int64) {
	t := &w.local.count
	lo, hi := t.intoOff[v], t.intoOff[v+1]
	ways := t.intoWays[lo:hi]
	for j, u := range t.intoTail[lo:hi] {
		w.mark[u] += sign * ways[j]
	}
}

func (w *walker) count(u int32, i int, ways int64) {
	if c := w.closing[u]; c != open {
		w.meter.Add(i+1, ways, w.index.width(c))
	}
	from, to := w.prefix(u, w.hops-i-1)
	if !w.meter.Spend(int(to - from)) {
		return
	}
	for at := from; at < to; at++ {
		if w.mark[w.row[at].head] < onPathMark {
			w.countHop(at, i, ways)
			if w.meter.Stopped {
				return
			}
		}
	}
}

// countLast counts the answers that go on from p, at the end of a path of i
// hops, when there are three hops left.
func (w *walker) countLast(p int32, i int, ways int64) {
	t := &w.local.count
	if c := w.closing[p]; c != open {
		w.meter.Add(i+1, ways, w.index.width(c))
	}
	w.meter.Add(i+2, ways, t.closings[p]-w.mark[p]&(onPathMark-1))
	from, to := w.prefix(p, 2)
	if !w.meter.Spend(int(to - from)) {
		return
	}
	var off int64
	for j, h := range w.row[from:to] {
		m := w.mark[h.head]
		switch {
		case m == 0:
		case m >= onPathMark:
			off += t.two[from+int32(j)]
		default:
			off += m * w.index.width(h.code)
		}
	}
	w.meter.Add(i+3, ways, t.twoAll[p]-off)
}
