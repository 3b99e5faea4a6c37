package snapshot

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"roundtrip/graph"
)

// Replace is a snapshot of the same revision without the legs of these ids and
// their outcomes, and with these records: legs, outcomes of these legs, and
// deals. It is what Build makes of the same records, at the cost of copying the
// columns; s does not change, and both share what they have in common. What
// Build checks of a record is checked of these; an id that s has not is an
// error as well.
func (s *Snapshot) Replace(drop []string, records []graph.Record) (*Snapshot, error) {
	r := &replacing{old: s, s: &Snapshot{
		revision: s.revision, ids: s.ids, companies: s.companies, flags: s.flags, head: s.head, heads: s.heads, headRank: s.headRank,
		shapes: slices.Clone(s.shapes), chips: s.chips, deals: slices.Clone(s.deals), sources: s.sources, metrics: s.metrics,
	}, dropped: make([]bool, s.NumFlows()), outcomes: map[string][]*graph.Outcome{}}
	for _, id := range drop {
		i, ok := s.FlowIndex(id)
		if !ok {
			return nil, fmt.Errorf("flow/%s is to be replaced and is not there", id)
		}
		r.dropped[i] = true
	}
	for _, step := range []func() error{func() error { return r.take(records) }, r.merge, r.index, r.detail, r.s.families} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.s, nil
}

// replacing makes one snapshot out of another.
type replacing struct {
	old, s   *Snapshot
	dropped  []bool  // by index in old
	moved    []int32 // the index in s of a leg of old
	fresh    []fresh // by date, then id
	outcomes map[string][]*graph.Outcome
}

// fresh is a leg that comes in.
type fresh struct {
	flow     *graph.Flow
	from, to int32
	shape    uint16
	date     dateKey
	at       int32 // its index in s
}

// take reads the records that come in.
func (r *replacing) take(records []graph.Record) error {
	b := builder{s: r.s, shapeIndex: map[shapeKey]uint16{}, lastShape: -1}
	for i, sh := range r.s.shapes {
		b.shapeIndex[sh.key] = uint16(i)
	}
	for _, record := range records {
		switch record := record.(type) {
		case *graph.Flow:
			f := fresh{flow: record, date: keyOf(record.Announced)}
			if err := checkFlow(record); err != nil {
				return err
			}
			var err error
			if f.shape, err = b.shapeOf(record); err != nil {
				return err
			}
			for _, end := range []struct {
				name, id string
				at       *int32
			}{{"from", record.From, &f.from}, {"to", record.To, &f.to}} {
				i, ok := r.s.company(end.id)
				if !ok {
					return fmt.Errorf("%s: %s names company %q, which is not there", record.Key(), end.name, end.id)
				}
				*end.at = i
			}
			r.fresh = append(r.fresh, f)
		case *graph.Outcome:
			if err := checkOutcome(record); err != nil {
				return err
			}
			r.outcomes[record.FlowID] = append(r.outcomes[record.FlowID], record)
		case *graph.Deal:
			r.s.deals = append(r.s.deals, record)
		default:
			return fmt.Errorf("%s: only legs, outcomes and deals can be replaced", record.Key())
		}
	}
	slices.SortFunc(r.fresh, func(x, y fresh) int {
		return cmp.Or(cmp.Compare(x.date.instant(), y.date.instant()), cmp.Compare(x.flow.ID, y.flow.ID))
	})
	return sortByID(r.s.deals)
}

// merge copies the columns of the legs that stay and puts those that come in
// between them.
func (r *replacing) merge() error {
	old, s := r.old, r.s
	n := old.NumFlows()
	size := n + len(r.fresh)
	if size > math.MaxInt32 {
		return fmt.Errorf("a snapshot holds at most %d legs", math.MaxInt32)
	}
	s.from, s.to, s.amount = make([]int32, 0, size), make([]int32, 0, size), make([]int64, 0, size)
	s.date, s.shape, s.legIDs.end = make([]dateKey, 0, size), make([]uint16, 0, size), make([]uint32, 0, size)
	text := make([]byte, 0, len(old.legIDs.text)+32*len(r.fresh))
	r.moved = make([]int32, n)
	before := func(f fresh, i int) bool {
		if d := old.date[i].instant(); f.date.instant() != d {
			return f.date.instant() < d
		}
		return f.flow.ID < old.FlowID(i)
	}
	next := 0
	for i := 0; i < n || next < len(r.fresh); {
		if next < len(r.fresh) && (i == n || before(r.fresh[next], i)) {
			f := &r.fresh[next]
			f.at = int32(len(s.from))
			text = append(text, f.flow.ID...)
			s.legIDs.end = append(s.legIDs.end, uint32(len(text)))
			s.from, s.to, s.amount = append(s.from, f.from), append(s.to, f.to), append(s.amount, cents(f.flow.Amount))
			s.date, s.shape = append(s.date, f.date), append(s.shape, f.shape)
			next++
			continue
		}
		if r.dropped[i] {
			r.moved[i] = -1
			i++
			continue
		}
		end := i + 1 // of the run of legs that stay together
		for end < n && !r.dropped[end] && (next == len(r.fresh) || !before(r.fresh[next], end)) {
			end++
		}
		start := uint32(0)
		if i > 0 {
			start = old.legIDs.end[i-1]
		}
		shift := len(text) - int(start)
		text = append(text, old.legIDs.text[start:old.legIDs.end[end-1]]...)
		for k := i; k < end; k++ {
			r.moved[k] = int32(len(s.legIDs.end))
			s.legIDs.end = append(s.legIDs.end, uint32(int(old.legIDs.end[k])+shift))
		}
		s.from, s.to, s.amount = append(s.from, old.from[i:end]...), append(s.to, old.to[i:end]...), append(s.amount, old.amount[i:end]...)
		s.date, s.shape = append(s.date, old.date[i:end]...), append(s.shape, old.shape[i:end]...)
		i = end
	}
	if len(text) > math.MaxUint32 {
		return fmt.Errorf("a snapshot holds at most 4 GB of ids of legs")
	}
	s.legIDs.text = string(text)
	return nil
}

// index puts the legs in order of their ids.
func (r *replacing) index() error {
	byID := slices.Clone(r.fresh)
	slices.SortFunc(byID, func(x, y fresh) int { return cmp.Compare(x.flow.ID, y.flow.ID) })
	r.s.byID = make([]int32, 0, len(r.s.from))
	for _, i := range r.old.byID {
		if r.moved[i] < 0 {
			continue
		}
		for len(byID) > 0 && byID[0].flow.ID < r.old.FlowID(int(i)) {
			r.s.byID = append(r.s.byID, byID[0].at)
			byID = byID[1:]
		}
		r.s.byID = append(r.s.byID, r.moved[i])
	}
	for _, f := range byID {
		r.s.byID = append(r.s.byID, f.at)
	}
	for _, f := range r.fresh { // only these can come twice
		at, _ := slices.BinarySearchFunc(r.s.byID, f.flow.ID, func(i int32, id string) int { return cmp.Compare(r.s.legIDs.at(i), id) })
		if at+1 < len(r.s.byID) && r.s.legIDs.at(r.s.byID[at+1]) == f.flow.ID {
			return twice(f.flow)
		}
	}
	return nil
}

// detail lists what curated legs and legs with outcomes have beyond the columns.
func (r *replacing) detail() error {
	type place struct {
		leg int32
		detail
	}
	known := map[string]bool{}
	var all []place
	for k, i := range r.old.special {
		if r.moved[i] < 0 {
			continue
		}
		all = append(all, place{r.moved[i], r.old.details[k]})
		for _, o := range r.old.details[k].outcomes {
			known[o.ID] = true
		}
	}
	r.s.outcomes = len(known)
	for _, f := range r.fresh {
		d := detail{outcomes: r.outcomes[f.flow.ID]}
		delete(r.outcomes, f.flow.ID)
		if !plain(f.flow) {
			d.flow = f.flow
		}
		changes := false
		slices.SortFunc(d.outcomes, compareOutcomes)
		for _, o := range d.outcomes {
			if known[o.ID] {
				return twice(o)
			}
			known[o.ID] = true
			changes = changes || o.StatusAfter != ""
		}
		if r.s.outcomes += len(d.outcomes); d.flow == nil && len(d.outcomes) == 0 {
			continue
		}
		d.initial = r.s.shapes[f.shape].key.initialState(changes)
		all = append(all, place{f.at, d})
	}
	for _, id := range slices.Sorted(maps.Keys(r.outcomes)) {
		return fmt.Errorf("%s: flow_id names leg %q, which is not among those that come in", r.outcomes[id][0].Key(), id)
	}
	slices.SortFunc(all, func(x, y place) int { return cmp.Compare(x.leg, y.leg) })
	r.s.details = make([]detail, len(all))
	for k, p := range all {
		r.s.special = append(r.s.special, p.leg)
		r.s.details[k] = p.detail
	}
	return nil
}
