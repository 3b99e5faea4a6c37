package ingest

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"iter"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"roundtrip/graph"
)

// checker holds what one check has to remember: little for each record, and
// only of those stored records that a rule may ask for.
type checker struct {
	opts     Options
	existing Existing
	base     *uint64
	seed     maphash.Seed

	faults     faultList
	warnings   warnings
	fileNames  []string
	bytes      atomic.Int64 // read by a transfer list of its own goroutine
	totalBytes int64
	rows       int
	tally      map[graph.RecordKind]*Count
	// blind are kinds of which a file could not be read to its end, so that a
	// missing record of that kind tells nothing.
	blind map[graph.RecordKind]bool

	ids       *idSet // keys of the records of the batch
	pending   map[graph.Key]*pendingRef
	waiting   []graph.Key // the keys of pending in the order in which they came
	weak      map[string]bool
	deals     map[string]recordState
	dealIDs   []string // the keys of deals in the order in which they came
	parties   *partyTable
	chips     []chipInfo
	flows     []flowInfo
	flowAt    map[string]int
	outcomes  map[string][]outcomeInfo // by leg
	payees    []flowInfo               // legs of transfer lists with a picky kind
	payeeSeen map[payeeLeg]bool
	deleted   map[graph.Key]bool
	taken     map[graph.Key]graph.Record // the records to delete that the store has
	outcomeOf map[string]string          // the leg of a stored outcome
	touched   map[string]bool            // legs whose outcomes the batch changes

	reaching  bool // the batch changes what stored legs are judged by
	transfers transferIDs
	ends      []int32 // of the legs of a block, kept for the next
}

type chipInfo struct {
	id     string
	vendor string
}

// flowInfo is what rules across records ask of a leg.
type flowInfo struct {
	id       string
	deal     string
	parent   string
	next     string // superseded_by
	from, to int32  // parties
	kind     graph.FlowKind
	at       place
}

type outcomeInfo struct {
	id     string
	date   graph.Date
	after  graph.Status
	at     place
	broken bool
}

// payeeLeg is a leg of a plain transfer list whose kind asks something of the
// parties, once for each kind and pair.
type payeeLeg struct {
	kind     graph.FlowKind
	from, to int32
}

// pendingRef are the places that point at a record which was not seen yet.
type pendingRef struct {
	from []reference
	more int // places beyond those kept
}

type reference struct {
	at     place
	column string
	record string
}

const storeFile = math.MaxInt32

func (c *checker) fault(at place, record, column, value string, code Code, problem, want string) {
	r, ok := RuleOf(code)
	if !ok {
		panic("ingest: no rule " + string(code))
	}
	if want == "" {
		want = r.Want
	}
	f := Fault{Column: column, Record: record, Value: shown(value), Code: code, rank: int(at.file), row: int(at.row)}
	f.Message = problem + "; " + want
	if value != "" {
		f.Message = fmt.Sprintf("%q %s", f.Value, f.Message)
	}
	switch {
	case at.file == storeFile:
		f.Record = "stored " + record
	case at.file >= 0 && int(at.file) < len(c.fileNames):
		f.File, f.Line = c.fileNames[at.file], int(at.row)
	}
	c.faults.add(f)
}

func (c *checker) count(k graph.RecordKind) *Count {
	if c.tally[k] == nil {
		c.tally[k] = &Count{Kind: k.Plural()}
	}
	return c.tally[k]
}

func (c *checker) blindAll() {
	for _, k := range graph.RecordKinds() {
		c.blind[k] = true
	}
}

// loadBefore reads what the rules for single rows ask of the store.
func (c *checker) loadBefore(ctx context.Context, onlyTransfers bool) error {
	if c.existing == nil {
		return nil
	}
	rev, err := c.existing.Revision(ctx)
	if err != nil {
		return fmt.Errorf("ask the store for its revision: %w", err)
	}
	c.base = &rev.Number
	if rev.Number == 0 {
		return nil
	}
	kinds := []graph.RecordKind{graph.OutcomeKind}
	if !onlyTransfers {
		kinds = append(kinds, graph.SourceKind)
	}
	for r, err := range c.storedRecords(ctx, kinds...) {
		if err != nil {
			return err
		}
		switch r := r.(type) {
		case *graph.Source:
			c.weak[r.ID] = weakTier(r.Tier)
		case *graph.Outcome:
			c.outcomeOf[r.ID] = r.FlowID
			c.outcomes[r.FlowID] = append(c.outcomes[r.FlowID], outcomeInfo{r.ID, r.Date, r.StatusAfter, place{file: storeFile}, false})
		}
	}
	for _, list := range c.outcomes {
		sortOutcomes(list)
	}
	return nil
}

// storedRecords are the stored records at the revision that is checked
// against, without those that are to be deleted.
func (c *checker) storedRecords(ctx context.Context, kinds ...graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		if c.existing == nil || *c.base == 0 {
			return
		}
		for r, err := range c.existing.Records(ctx, *c.base, kinds...) {
			if err != nil {
				yield(nil, fmt.Errorf("read the store: %w", err))
				return
			}
			if len(c.deleted) > 0 && c.deleted[r.Key()] {
				c.taken[r.Key()] = r
				if o, ok := r.(*graph.Outcome); ok {
					c.touched[o.FlowID] = true
				}
				continue
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// stored tells whether the store has a record that is to be deleted.
func (c *checker) stored(key graph.Key) bool { return c.taken[key] != nil }

func weakTier(tier string) bool { return tier == "aggregator" || tier == "blog" }

func (c *checker) dealNamed(id string, s recordState) {
	if _, ok := c.deals[id]; !ok {
		c.dealIDs = append(c.dealIDs, id)
	}
	c.deals[id] |= s
}

// createdCompanies are the ids of the companies that only legs name, in byte
// order.
func (c *checker) createdCompanies() iter.Seq[string] {
	return func(yield func(string) bool) {
		ids := make([]string, 0, 16)
		for i := range c.parties.list {
			if c.parties.state[i] == named {
				ids = append(ids, c.parties.list[i].id)
			}
		}
		slices.Sort(ids)
		for _, id := range ids {
			if !yield(id) {
				return
			}
		}
	}
}

// createdDeals are the ids of the deals that only legs name, in byte order.
func (c *checker) createdDeals() []string {
	var ids []string
	for _, id := range c.dealIDs {
		if c.deals[id] == named {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// add takes a record of the batch: its id, its references and what rules
// across records need. whole is false when cells of it were at fault.
func (c *checker) add(r graph.Record, at place, whole bool) {
	key := r.Key()
	c.count(key.Kind).Rows++
	if key.ID == "" {
		return
	}
	if !c.ids.add(key.Kind, key.ID) {
		c.fault(at, key.String(), "id", key.ID, IDTwice, "is the id of an earlier "+key.Kind.String()+" of the import", "")
		return
	}
	if c.deleted[key] {
		c.fault(at, key.String(), "id", key.ID, DeleteUnknown, "is written and deleted by the same change", "")
	}
	c.refer(r, at)
	switch r := r.(type) {
	case *graph.Source:
		c.weak[r.ID] = weakTier(r.Tier)
	case *graph.Company:
		p := c.parties.add(r.ID)
		c.parties.state[p] |= inBatch
		c.parties.list[p].info = &companyInfo{kind: r.Kind, parent: r.ParentID, at: at}
		if whole && r.Aggregate() && r.ParentID != "" {
			c.fault(at, key.String(), "parent_id", r.ParentID, AggregateParent, "is the parent of an aggregate", "")
		}
	case *graph.Chip:
		c.chips = append(c.chips, chipInfo{r.ID, r.VendorID})
	case *graph.Deal:
		c.dealNamed(r.ID, inBatch)
	case *graph.Flow:
		c.addFlow(r, at, whole)
	case *graph.Outcome:
		c.addOutcome(r, at, whole)
	}
}

func (c *checker) addOutcome(o *graph.Outcome, at place, whole bool) {
	if o.FlowID == "" {
		return
	}
	if leg, ok := c.outcomeOf[o.ID]; ok {
		c.touched[leg] = true
		c.outcomes[leg] = slices.DeleteFunc(c.outcomes[leg], func(x outcomeInfo) bool { return x.id == o.ID })
	}
	c.touched[o.FlowID] = true
	c.outcomes[o.FlowID] = append(c.outcomes[o.FlowID], outcomeInfo{o.ID, o.Date, o.StatusAfter, at, !whole})
	sortOutcomes(c.outcomes[o.FlowID])
}

// refer notes what a record points at, but for the ends and the deal of a leg,
// which are created when they are not known.
func (c *checker) refer(r graph.Record, at place) {
	kind := r.Key().Kind
	record := ""
	for _, f := range graph.Fields(kind) {
		if f.Refs == graph.NoKind || kind == graph.FlowRecord && (f.Name == "from" || f.Name == "to" || f.Name == "deal_id") {
			continue
		}
		ids := f.List(r)
		if f.Type == graph.IDField {
			if id := f.Text(r); id != "" {
				ids = []string{id}
			}
		}
		for _, id := range ids {
			if c.ids.has(f.Refs, id) {
				continue
			}
			if f.Refs == graph.SourceKind {
				if _, ok := c.weak[id]; ok {
					continue
				}
			}
			if record == "" {
				record = r.Key().String()
			}
			key := graph.Key{Kind: f.Refs, ID: id}
			p := c.pending[key]
			if p == nil {
				p = &pendingRef{}
				c.pending[key] = p
				c.waiting = append(c.waiting, key)
			}
			if len(p.from) < c.opts.MaxFaults {
				p.from = append(p.from, reference{at, f.Name, record})
			} else {
				p.more++
			}
		}
	}
}

// report sums the check up.
func (c *checker) report() *Report {
	r := &Report{Origin: c.opts.Origin, FaultsTotal: c.faults.total, Faults: c.faults.cut(), Warnings: c.warnings.list(), Bytes: c.bytes.Load()}
	if r.Faults == nil {
		r.Faults = []Fault{}
	}
	for _, k := range graph.RecordKinds() {
		if t := c.tally[k]; t != nil {
			r.Counts = append(r.Counts, *t)
		}
	}
	return r
}

// sortOutcomes orders by date, then id.
func sortOutcomes(list []outcomeInfo) {
	slices.SortFunc(list, func(a, b outcomeInfo) int {
		return cmp.Or(a.date.Compare(b.date), strings.Compare(a.id, b.id))
	})
}
