package snapshot

import (
	"cmp"
	"iter"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/near"
)

// Records yields every record of the snapshot in the order of graph.Store: by
// kind in declared order, then by id in byte order. With kinds, only records of
// those kinds are yielded. What has nothing beyond the columns is made anew at
// each call.
func (s *Snapshot) Records(kinds ...graph.RecordKind) iter.Seq[graph.Record] {
	return func(yield func(graph.Record) bool) {
		for _, kind := range graph.RecordKinds() {
			if (len(kinds) == 0 || slices.Contains(kinds, kind)) && !s.recordsOf(kind, yield) {
				return
			}
		}
	}
}

// recordsOf yields the records of one kind; false when the consumer has had
// enough.
func (s *Snapshot) recordsOf(kind graph.RecordKind, yield func(graph.Record) bool) bool {
	switch kind {
	case graph.SourceKind:
		return yieldAll(s.sources, yield)
	case graph.CompanyKind:
		for _, id := range s.ids {
			if c, _ := s.Company(id); !yield(c) {
				return false
			}
		}
	case graph.ChipKind:
		return yieldAll(s.chips, yield)
	case graph.DealKind:
		return yieldAll(s.deals, yield)
	case graph.FlowRecord:
		for _, i := range s.byID {
			if !yield(s.Flow(int(i))) {
				return false
			}
		}
	case graph.OutcomeKind:
		list := make([]*graph.Outcome, 0, s.outcomes)
		for _, d := range s.details {
			list = append(list, d.outcomes...)
		}
		slices.SortFunc(list, func(x, y *graph.Outcome) int { return cmp.Compare(x.ID, y.ID) })
		return yieldAll(list, yield)
	case graph.MetricKind:
		list := slices.Clone(s.metrics)
		slices.SortFunc(list, func(x, y *graph.Metric) int { return cmp.Compare(x.ID, y.ID) })
		return yieldAll(list, yield)
	}
	return true
}

func yieldAll[R graph.Record](list []R, yield func(graph.Record) bool) bool {
	for _, r := range list {
		if !yield(r) {
			return false
		}
	}
	return true
}

// Ends are what a choice of legs asks of the leg with index i first: its
// companies and its kind, without making its record.
func (s *Snapshot) Ends(i int) (from, to string, kind graph.FlowKind) {
	return s.ids[s.from[i]], s.ids[s.to[i]], s.shapes[s.shape[i]].key.kind
}

// ConditionalFlow tells whether the leg with index i moves contingent cash or
// credit support.
func (s *Snapshot) ConditionalFlow(i int) bool { return s.shapes[s.shape[i]].conditional }

// PlainFlow tells whether the leg with index i has neither more fields than a
// leg of a transfer list nor outcomes.
func (s *Snapshot) PlainFlow(i int) bool { return s.detail(int32(i)) == nil }

// NearFlows are the ids of at most three legs that someone who wrote id may
// have meant, nearest first; none in a graph of more legs than people name.
func (s *Snapshot) NearFlows(id string) []string {
	const most = 200_000
	if s.NumFlows() > most {
		return nil
	}
	m := near.To(id)
	for i := range s.NumFlows() {
		m.Offer(s.FlowID(i), s.FlowID(i))
	}
	return m.Names()
}
