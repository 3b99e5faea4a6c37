package bounded

import "roundtrip/queries/algo/effort"

// MaxHops is the largest number of hops of a query.
const MaxHops = effort.MaxHops

// Sink receives answers in batches: arcs holds the ids of the arcs of one or more
// answers of so many hops each, one after the other, each in the order of
// travel. The slice is only valid during the call. worker is the number of the
// calling worker, from 0; calls of one worker never overlap. Sink returns how
// many of the answers it has taken; fewer than there are, or more being false,
// stops the search, though other workers may send what they have found until
// they notice.
type Sink func(worker, hops int, arcs []int32) (taken int, more bool)

// walker searches a local graph depth first. At depth i the path has i hops.
type walker struct {
	*local
	index *Index
	meter *effort.Meter
	least int // hops that an answer must have
	out   output

	onPath []bool
	path   [MaxHops]int32 // codes of the hops

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
	h := w.row[at]
	w.path[0] = h.code
	w.onPath[h.head] = true
	w.walk(h.head, 1, h.code < 0)
	w.onPath[h.head] = false
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
	for _, h := range w.row[from:to] {
		if w.onPath[h.head] {
			continue
		}
		w.onPath[h.head] = true
		w.path[i] = h.code
		w.walk(h.head, i+1, several || h.code < 0)
		w.onPath[h.head] = false
		if w.meter.Stopped {
			return
		}
	}
}

// visitLast reports the answers whose last two hops go through the heads at
// from to to, from each of which the target is one hop away.
func (w *walker) visitLast(from, to int32, i int, several bool) {
	if several || w.index.widest > 1 || w.out.sink == nil {
		w.reportLast(from, to, i, several)
		return
	}
	row := w.row[from:to]
	for {
		for len(row) > 0 && w.onPath[row[0].head] {
			row = row[1:]
		}
		if len(row) == 0 {
			return
		}
		room := w.out.room(w.meter, i+2)
		if room == 0 {
			return
		}
		n := min(len(row), room)
		w.out.used(w.meter, i+2, w.copyLast(row[:n], i))
		row = row[n:]
	}
}

// copyLast writes the answers that end over the heads in row behind those in the
// output, and returns how many it wrote. Each is written as a whole array, of
// which the next answer overwrites what is too much: that is faster than
// copying as many hops as there are.
func (w *walker) copyLast(row []hop, i int) int {
	hops := i + 2
	to := w.out.free(hops)
	onPath, closing := w.onPath, w.closing
	path := w.path
	at, answers := 0, 0
	for _, h := range row {
		if onPath[h.head] {
			continue
		}
		answer := (*[MaxHops]int32)(to[at:])
		*answer = path
		answer[i] = h.code
		answer[i+1] = closing[h.head]
		at += hops
		answers++
	}
	return answers
}

// reportLast is visitLast where a hop may stand for several arcs.
func (w *walker) reportLast(from, to int32, i int, several bool) {
	for at := from; at < to && !w.meter.Stopped; at++ {
		h := w.row[at]
		if w.onPath[h.head] {
			continue
		}
		w.path[i], w.path[i+1] = h.code, w.closing[h.head]
		w.report(i+2, several || w.path[i] < 0 || w.path[i+1] < 0)
	}
}

// report hands on the answer on the path, or one for each choice of arcs where a
// hop has several. Without a sink it counts them.
func (w *walker) report(hops int, several bool) {
	switch {
	case w.out.sink == nil:
		ways := int64(1)
		for _, c := range w.path[:hops] {
			ways = w.times(ways, c)
		}
		w.meter.Add(hops, 1, ways)
	case several:
		var arcs [MaxHops]int32
		w.choose(&arcs, 0, hops)
	default:
		w.out.put(w.meter, w.path[:hops])
	}
}

// choose goes through the arcs of hop i; those before are chosen.
func (w *walker) choose(arcs *[MaxHops]int32, i, hops int) {
	if i == hops {
		w.out.put(w.meter, arcs[:hops])
		return
	}
	if c := w.path[i]; c >= 0 {
		arcs[i] = c
		w.choose(arcs, i+1, hops)
		return
	}
	choices := w.index.arcsOf(w.path[i])
	if !w.meter.Spend(len(choices)) {
		return
	}
	for _, arc := range choices {
		arcs[i] = arc
		w.choose(arcs, i+1, hops)
		if w.meter.Stopped {
			return
		}
	}
}
