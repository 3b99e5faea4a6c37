package bounded

import "roundtrip/queries/algo/effort"

// batchArcs is the number of arcs in a full batch, at most: small enough to stay
// in the cache nearest to the processor.
const batchArcs = 2048

// output collects answers of equal length into batches for the sink.
type output struct {
	sink    Sink
	worker  int
	batches [MaxHops + 1]batch
}

type batch struct {
	arcs []int32 // with place for one more answer behind a full batch, see copyLast
	used int     // arcs of the answers not yet sent
	room int     // answers that still fit
}

// room returns for how many answers of so many hops there is place and leave, 0
// when the search must stop. It sends a full batch.
func (o *output) room(m *effort.Meter, hops int) int {
	b := &o.batches[hops]
	if b.room == 0 {
		if b.arcs == nil {
			b.arcs = make([]int32, batchArcs+MaxHops)
			b.room = batchArcs / hops
		} else if !o.send(m, hops) {
			return 0
		}
	}
	return min(b.room, m.Quota())
}

// free is the place behind the answers that wait in a batch, and MaxHops more.
func (o *output) free(hops int) []int32 {
	b := &o.batches[hops]
	return b.arcs[b.used:]
}

// used tells that so many answers were written there.
func (o *output) used(m *effort.Meter, hops, answers int) {
	b := &o.batches[hops]
	b.used += hops * answers
	b.room -= answers
	m.Take(answers)
}

// put adds one answer.
func (o *output) put(m *effort.Meter, arcs []int32) {
	if o.room(m, len(arcs)) > 0 {
		copy(o.free(len(arcs)), arcs)
		o.used(m, len(arcs), 1)
	}
}

// send empties a batch.
func (o *output) send(m *effort.Meter, hops int) bool {
	b := &o.batches[hops]
	taken, more := o.sink(o.worker, hops, b.arcs[:b.used:b.used])
	m.ByHops[hops] += int64(taken)
	more = more && taken*hops == b.used
	b.clear(hops)
	if !more {
		for h := range o.batches {
			o.batches[h].clear(h)
		}
		return m.Stop(effort.Visitor)
	}
	return true
}

func (b *batch) clear(hops int) {
	if b.used > 0 {
		b.used, b.room = 0, batchArcs/hops
	}
}

// flush sends what waits, shorter answers first.
func (o *output) flush(m *effort.Meter) {
	for hops := range o.batches {
		if o.batches[hops].used > 0 {
			o.send(m, hops)
		}
	}
}
