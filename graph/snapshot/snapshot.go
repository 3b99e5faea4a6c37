package snapshot

import (
	"cmp"
	"slices"
	"sort"

	"roundtrip/graph"
)

// unknown is the amount of a leg whose amount nobody reported, in columns of
// cents; known amounts are never negative.
const unknown int64 = -1

// Snapshot is an immutable graph: all records that were current at a revision.
// Records that it hands out are not to be changed.
type Snapshot struct {
	revision graph.Revision

	// Companies, by index.
	ids       []string
	companies map[int32]*graph.Company // those with more than an id and a name like it
	flags     []companyFlags
	head      []int32  // the ultimate parent of a company, itself when it has none
	heads     []string // ids of the companies without a parent, in byte order
	headRank  []int32  // position of a company's head in heads

	// Legs, by index. All columns have one element per leg.
	legIDs   arena
	from, to []int32 // companies
	amount   []int64 // reported amount in cents, or unknown
	date     []dateKey
	shape    []uint16
	shapes   []shape
	byID     []int32  // legs in byte order of their ids
	special  []int32  // legs with details, ascending
	details  []detail // of special[i]
	family   []member // legs with a parent or a part, ascending by leg

	chips    []*graph.Chip
	deals    []*graph.Deal
	sources  []*graph.Source
	metrics  []*graph.Metric // by company, metric, as_of (unknown last), id
	outcomes int
}

// companyFlags are what the lens and the compact form of a company need.
type companyFlags uint8

const (
	isAggregate companyFlags = 1 << iota
	namedByID                // a plain company whose name repeats its id
)

// shape is what many legs have in common: everything that a plain leg has
// beside its id, ends, amount and date.
type shape struct {
	key         shapeKey
	class       graph.Class
	state       state // before any outcome, for a leg without details
	conditional bool
	cash        bool
}

type shapeKey struct {
	kind            graph.FlowKind
	moves           string
	initial, status graph.Status
}

// detail is what a curated leg has beyond the columns.
type detail struct {
	flow     *graph.Flow      // nil for a leg that the columns describe in full
	outcomes []*graph.Outcome // by date, then id
	initial  state            // before any outcome
}

// member is a leg that is a part or has parts.
type member struct {
	leg    int32
	parent int32 // position in family, -1 for none
}

// Revision is the revision that the records were read at.
func (s *Snapshot) Revision() graph.Revision { return s.revision }

// Stamped is the same graph under another revision, such as one whose content
// hash is known only once all records were read.
func (s *Snapshot) Stamped(rev graph.Revision) *Snapshot {
	stamped := *s
	stamped.revision = rev
	return &stamped
}

// NumCompanies is the number of companies.
func (s *Snapshot) NumCompanies() int { return len(s.ids) }

// CompanyIDs are the ids of all companies in byte order. The slice is not to be
// changed.
func (s *Snapshot) CompanyIDs() []string { return s.ids }

// Company is the company with that id. One that has nothing but an id is made
// anew at each call.
func (s *Snapshot) Company(id string) (*graph.Company, bool) {
	i, ok := s.company(id)
	if !ok {
		return nil, false
	}
	if c, ok := s.companies[i]; ok {
		return c, true
	}
	c := &graph.Company{ID: s.ids[i]}
	if s.flags[i]&namedByID != 0 {
		c.Name = c.ID
	}
	return c, true
}

// CompanyName is the name of a company, its id when it has no name or is not
// known.
func (s *Snapshot) CompanyName(id string) string {
	if c, ok := s.Company(id); ok && c.Name != "" {
		return c.Name
	}
	return id
}

// Head is the id of the ultimate parent of a company, its own when it has none;
// false when there is no such company.
func (s *Snapshot) Head(id string) (string, bool) {
	i, ok := s.company(id)
	if !ok {
		return "", false
	}
	return s.ids[s.head[i]], true
}

func (s *Snapshot) company(id string) (int32, bool) {
	i, ok := slices.BinarySearch(s.ids, id)
	return int32(i), ok
}

// Chips are all chips in byte order of their ids. The slice is not to be changed.
func (s *Snapshot) Chips() []*graph.Chip { return s.chips }

// Chip is the chip with that id.
func (s *Snapshot) Chip(id string) (*graph.Chip, bool) {
	return find(s.chips, id, func(c *graph.Chip) string { return c.ID })
}

// Deals are all deals in byte order of their ids. The slice is not to be changed.
func (s *Snapshot) Deals() []*graph.Deal { return s.deals }

// Deal is the deal with that id.
func (s *Snapshot) Deal(id string) (*graph.Deal, bool) {
	return find(s.deals, id, func(d *graph.Deal) string { return d.ID })
}

// Sources are all sources in byte order of their ids. The slice is not to be
// changed.
func (s *Snapshot) Sources() []*graph.Source { return s.sources }

// Source is the source with that id.
func (s *Snapshot) Source(id string) (*graph.Source, bool) {
	return find(s.sources, id, func(r *graph.Source) string { return r.ID })
}

func find[T any](sorted []T, id string, idOf func(T) string) (T, bool) {
	i, ok := slices.BinarySearchFunc(sorted, id, func(r T, id string) int { return cmp.Compare(idOf(r), id) })
	if !ok {
		var none T
		return none, false
	}
	return sorted[i], true
}

// Metrics are the figures of a company itself, never of its units, in order of
// metric name, last day of as_of (unknown last), then id. The slice is not to be
// changed.
func (s *Snapshot) Metrics(companyID string) []*graph.Metric {
	lo := sort.Search(len(s.metrics), func(i int) bool { return s.metrics[i].CompanyID >= companyID })
	hi := lo + sort.Search(len(s.metrics)-lo, func(i int) bool { return s.metrics[lo+i].CompanyID > companyID })
	return s.metrics[lo:hi:hi]
}

// Counts is the number of records of each kind.
func (s *Snapshot) Counts() map[graph.RecordKind]int {
	return map[graph.RecordKind]int{
		graph.SourceKind: len(s.sources), graph.CompanyKind: len(s.ids), graph.ChipKind: len(s.chips), graph.DealKind: len(s.deals),
		graph.FlowRecord: s.NumFlows(), graph.OutcomeKind: s.outcomes, graph.MetricKind: len(s.metrics),
	}
}
