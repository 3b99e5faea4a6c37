package changes

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"roundtrip/graph"
)

// histories reads which imports moved the records of legs between two revisions.
type histories struct {
	c           *comparing
	first, last uint64 // revisions
	made        map[graph.Key][]change
}

// change is one version of a record that an import made between the two
// revisions.
type change struct {
	graph.Version
	did string // with %s for the record
}

func newHistories(c *comparing) *histories {
	h := &histories{c: c, first: c.p.From.revision, last: c.p.To.revision, made: map[graph.Key][]change{}}
	if h.first > h.last {
		h.first, h.last = h.last, h.first
	}
	return h
}

// imports are what touched a leg between the revisions: its record and its
// outcomes, or else its relatives, or else its companies.
func (h *histories) imports(ctx context.Context, e *entry) ([]cause, error) {
	own, err := h.touched(ctx, h.ofLeg(e.ID), graph.Key{Kind: graph.FlowRecord, ID: e.ID})
	if err != nil || len(own) > 0 {
		return own, err
	}
	var family []graph.Key
	for _, s := range []*side{h.c.before, h.c.after} {
		for _, r := range s.relatives(e.ID) {
			family = append(family, h.ofLeg(r.id)...)
		}
	}
	through, err := h.touched(ctx, family, graph.Key{})
	if err != nil || len(through) > 0 {
		return through, err
	}
	var companies []graph.Key
	for _, s := range []*side{h.c.before, h.c.after} {
		if i, ok := s.snap.FlowIndex(e.ID); ok {
			from, to, _ := s.snap.Ends(i)
			companies = append(companies, lineage(s, from)...)
			companies = append(companies, lineage(s, to)...)
		}
	}
	return h.touched(ctx, companies, graph.Key{})
}

// ofLeg are the records that say what a leg is: its own, and its outcomes on
// either side.
func (h *histories) ofLeg(id string) []graph.Key {
	keys := []graph.Key{{Kind: graph.FlowRecord, ID: id}}
	for _, s := range []*side{h.c.before, h.c.after} {
		if i, ok := s.snap.FlowIndex(id); ok {
			for _, o := range s.snap.Outcomes(i) {
				keys = append(keys, o.Key())
			}
		}
	}
	return keys
}

// lineage is a company and those that it is a unit of.
func lineage(s *side, id string) []graph.Key {
	var keys []graph.Key
	for id != "" {
		k := graph.Key{Kind: graph.CompanyKind, ID: id}
		c, ok := s.snap.Company(id)
		if !ok || slices.Contains(keys, k) {
			break
		}
		keys = append(keys, k)
		id = c.ParentID
	}
	return keys
}

// touched tells which imports made versions of the records, the earliest first.
func (h *histories) touched(ctx context.Context, keys []graph.Key, it graph.Key) ([]cause, error) {
	type touch struct {
		change
		key graph.Key
	}
	var all []touch
	for i, k := range keys {
		if slices.Contains(keys[:i], k) {
			continue
		}
		list, err := h.of(ctx, k)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			all = append(all, touch{x, k})
		}
	}
	slices.SortStableFunc(all, func(a, b touch) int { return int(int64(a.Revision) - int64(b.Revision)) })
	var causes []cause
	for i := 0; i < len(all); {
		v := all[i].Version
		text := fmt.Sprintf("%s (%s, %s) ", v.Batch, v.Origin, v.At.UTC().Format("2 January 2006 15:04"))
		for n := 0; i < len(all) && all[i].Revision == v.Revision; i, n = i+1, n+1 {
			if n > 0 {
				text += ", "
			}
			what := "it"
			if all[i].key != it {
				what = all[i].key.Kind.String() + " " + all[i].key.ID
			}
			text += fmt.Sprintf(all[i].did, what)
		}
		causes = append(causes, cause{v.Batch, text})
	}
	return causes, nil
}

// of are the versions of one record that imports made between the revisions.
func (h *histories) of(ctx context.Context, key graph.Key) ([]change, error) {
	if list, ok := h.made[key]; ok {
		return list, nil
	}
	if h.c.in.Past == nil {
		return nil, nil
	}
	versions, err := h.c.in.Past.History(ctx, key)
	if err != nil && !errors.Is(err, graph.ErrNotFound) {
		return nil, fmt.Errorf("reading the history of %s: %w", key, err)
	}
	var list []change
	for i, v := range versions {
		if v.Revision <= h.first || v.Revision > h.last {
			continue
		}
		did := "changed %s"
		switch {
		case v.Record == nil:
			did = "took %s away"
		case i == 0 || versions[i-1].Record == nil:
			did = "added %s"
		}
		list = append(list, change{v, did})
	}
	h.made[key] = list
	return list, nil
}
