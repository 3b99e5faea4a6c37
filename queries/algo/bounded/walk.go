package bounded

import "roundtrip/queries/algo/effort"

// MaxHops is the largest number of hops of a query.
const MaxHops = effort.MaxHops

// Visit receives the ids of the arcs of one answer in the order of travel. The
// slice is only valid during the call and must not be changed. worker is the
// number of the calling worker, from 0; calls of one worker never overlap.
// Returning false stops the search; workers other than the caller may visit a
// few thousand more answers.
type Visit func(worker int, arcs []int32) bool

// walker searches a local graph depth first. At depth i the path has i hops.
type walker struct {
	*local
	index  *Index
	meter  *effort.Meter
	least  int // hops that an answer must have
	worker int
	visit  Visit

	onPath []bool
	path   [MaxHops + 1]int32 // codes of the hops
	arcs   [MaxHops]int32     // arcs of the answer being visited, where some hop has several

	mark []int64 // see countTable
}

// enter makes the walker work on a local graph.
func (w *walker) enter(l *local) {
	w.local = l
	if n := len(l.vertex); len(w.onPath) < n {
		w.onPath = make([]bool, 2*n)
		w.mark = make([]int64, 2*n)
	}
}

// branches takes first hops that no other worker has taken, by their positions
// in the row of the start, until none is left.
func (w *walker) branches(step func(at int32)) {
	from, to := w.prefix(0, w.hops-1)
	for !w.meter.Stopped {
		at := from + w.taken.Add(1) - 1
		if at >= to {
			return
		}
		step(at)
	}
}

// visitBranch visits the answers whose first hop is the one at position at of the
// row of the start.
func (w *walker) visitBranch(at int32) {
	v := w.row[at]
	w.path[0] = w.code[at]
	w.onPath[v] = true
	w.walk(v, 1, w.code[at] < 0)
	w.onPath[v] = false
}

// walk visits the answers that go on from u, at the end of a path of i hops.
// several says that a hop on the path stands for more than one arc.
func (w *walker) walk(u int32, i int, several bool) {
	if c := w.closing[u]; c != open && i+1 >= w.least {
		w.path[i] = c
		w.report(i+1, several || c < 0)
	}
	left := w.hops - i - 1 // hops left after the next
	if left == 0 || w.meter.Stopped {
		return
	}
	from, to := w.prefix(u, left)
	if !w.meter.Spend(int(to - from)) {
		return
	}
	if left == 1 {
		if i+2 >= w.least {
			w.visitLast(from, to, i, several)
		}
		return
	}
	codes := w.code[from:to]
	for j, v := range w.row[from:to] {
		if w.onPath[v] {
			continue
		}
		w.onPath[v] = true
		w.path[i] = codes[j]
		w.walk(v, i+1, several || codes[j] < 0)
		w.onPath[v] = false
		if w.meter.Stopped {
			return
		}
	}
}

// visitLast reports the answers whose last two hops go through the heads at
// from to to, from each of which the target is one hop away.
func (w *walker) visitLast(from, to int32, i int, several bool) {
	several = several || w.visit == nil
	codes := w.code[from:to]
	for j, v := range w.row[from:to] {
		if w.onPath[v] {
			continue
		}
		c := w.closing[v]
		w.path[i], w.path[i+1] = codes[j], c
		if several || codes[j]|c < 0 {
			w.report(i+2, true)
			if w.meter.Stopped {
				return
			}
			continue
		}
		if !w.meter.Take() {
			return
		}
		w.meter.ByHops[i+2]++
		if !w.visit(w.worker, w.path[:i+2:i+2]) {
			w.meter.Stop(effort.Visitor)
			return
		}
	}
}

// report visits the answer on the path, or one for each choice of arcs where a
// hop has several. Without a visit it counts them.
func (w *walker) report(hops int, several bool) {
	if w.visit == nil {
		ways := int64(1)
		for _, c := range w.path[:hops] {
			ways = w.times(ways, c)
		}
		w.meter.Add(hops, 1, ways)
		return
	}
	if several {
		w.choose(0, hops)
		return
	}
	if !w.meter.Take() {
		return
	}
	w.meter.ByHops[hops]++
	if !w.visit(w.worker, w.path[:hops:hops]) {
		w.meter.Stop(effort.Visitor)
	}
}

// choose goes through the arcs of hop i; those before are chosen.
func (w *walker) choose(i, hops int) {
	if i == hops {
		if !w.meter.Take() {
			return
		}
		w.meter.ByHops[hops]++
		if !w.visit(w.worker, w.arcs[:hops:hops]) {
			w.meter.Stop(effort.Visitor)
		}
		return
	}
	if c := w.path[i]; c >= 0 {
		w.arcs[i] = c
		w.choose(i+1, hops)
		return
	}
	choices := w.index.arcsOf(w.path[i])
	if !w.meter.Spend(len(choices)) {
		return
	}
	for _, arc := range choices {
		w.arcs[i] = arc
		w.choose(i+1, hops)
		if w.meter.Stopped {
			return
		}
	}
}
