package snapshot

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"roundtrip/graph"
)

// attachOutcomes makes the details of curated legs and of legs with outcomes.
func (b *builder) attachOutcomes() error {
	s := b.s
	seen := make(map[string]bool, len(b.outcomes))
	slices.SortFunc(b.outcomes, compareOutcomes)
	of := make(map[int32]detail, len(b.curated))
	for i, f := range b.curated {
		of[i] = detail{flow: f}
	}
	for _, o := range b.outcomes {
		if seen[o.ID] {
			return twice(o)
		}
		seen[o.ID] = true
		i, ok := s.FlowIndex(o.FlowID)
		if !ok {
			return fmt.Errorf("%s: flow_id names leg %q, which is not there", o.Key(), o.FlowID)
		}
		d := of[int32(i)]
		d.outcomes = append(d.outcomes, o)
		of[int32(i)] = d
	}
	s.outcomes = len(b.outcomes)
	s.special = slices.Sorted(maps.Keys(of))
	s.details = make([]detail, len(s.special))
	for k, i := range s.special {
		d := of[i]
		changes := slices.ContainsFunc(d.outcomes, func(o *graph.Outcome) bool { return o.StatusAfter != "" })
		d.initial = s.shapes[s.shape[i]].key.initialState(changes)
		s.details[k] = d
	}
	return nil
}

// compareOutcomes orders by date (undated last), then id.
func compareOutcomes(x, y *graph.Outcome) int {
	return cmp.Or(x.Date.Compare(y.Date), cmp.Compare(x.ID, y.ID))
}

// families lists the legs that are parts or have parts.
func (s *Snapshot) families() error {
	parentOf := map[int32]int32{} // -1 for a leg that only has parts
	for k, i := range s.special {
		f := s.details[k].flow
		if f == nil || f.ParentFlowID == "" {
			continue
		}
		p, ok := s.FlowIndex(f.ParentFlowID)
		if !ok {
			return fmt.Errorf("%s: parent_flow_id names leg %q, which is not there", f.Key(), f.ParentFlowID)
		}
		parentOf[i] = int32(p)
		if _, ok := parentOf[int32(p)]; !ok {
			parentOf[int32(p)] = -1
		}
	}
	legs := slices.Sorted(maps.Keys(parentOf))
	s.family = make([]member, len(legs))
	for k, i := range legs {
		s.family[k] = member{leg: i, parent: -1}
		if p := parentOf[i]; p >= 0 {
			at, _ := slices.BinarySearch(legs, p)
			s.family[k].parent = int32(at)
		}
	}
	for k := range s.family {
		steps := 0
		for p := s.family[k].parent; p >= 0; p = s.family[p].parent {
			if steps++; steps > len(s.family) {
				return fmt.Errorf("flow/%s: its parents form a circle", s.FlowID(int(s.family[k].leg)))
			}
		}
	}
	return nil
}

// orderRest sorts the records that no column holds.
func (b *builder) orderRest() error {
	s := b.s
	if err := sortByID(s.chips); err != nil {
		return err
	}
	if err := sortByID(s.deals); err != nil {
		return err
	}
	if err := sortByID(s.sources); err != nil {
		return err
	}
	if err := sortByID(s.metrics); err != nil {
		return err
	}
	for _, m := range s.metrics {
		if _, ok := s.company(m.CompanyID); !ok {
			return fmt.Errorf("%s: company_id names company %q, which is not there", m.Key(), m.CompanyID)
		}
	}
	slices.SortStableFunc(s.metrics, func(x, y *graph.Metric) int {
		byCompany := cmp.Or(cmp.Compare(x.CompanyID, y.CompanyID), cmp.Compare(x.Metric, y.Metric))
		if byCompany != 0 || x.AsOf.Known() != y.AsOf.Known() {
			return cmp.Or(byCompany, x.AsOf.Compare(y.AsOf))
		}
		return cmp.Compare(x.AsOf.Last(), y.AsOf.Last())
	})
	return nil
}

func sortByID[R graph.Record](records []R) error {
	slices.SortFunc(records, func(x, y R) int { return cmp.Compare(x.Key().ID, y.Key().ID) })
	for i := 1; i < len(records); i++ {
		if records[i-1].Key() == records[i].Key() {
			return twice(records[i])
		}
	}
	return nil
}
