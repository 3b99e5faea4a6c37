package snapshot

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"

	"roundtrip/graph"
)

// Build reads the records of one revision, in any order, into a snapshot. The
// records have passed the rules of ingest; what a snapshot itself rests on is
// checked again and is an error that names the record: a key that comes twice,
// an end of a leg, a parent, an outcome's leg or a metric's company that is not
// there, parents that form a circle, a kind or a status that does not exist, a
// negative amount.
func Build(rev graph.Revision, records iter.Seq2[graph.Record, error]) (*Snapshot, error) {
	b := builder{
		s: &Snapshot{revision: rev, companies: map[int32]*graph.Company{}}, companyIndex: map[string]int32{},
		shapeIndex: map[shapeKey]uint16{}, lastShape: -1,
	}
	for r, err := range records {
		if err != nil {
			return nil, fmt.Errorf("read the records of revision %d: %w", rev.Number, err)
		}
		if err := b.add(r); err != nil {
			return nil, err
		}
	}
	for _, step := range []func() error{b.orderCompanies, b.findHeads, b.orderLegs, b.attachOutcomes, b.s.families, b.orderRest} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return b.s, nil
}

// builder collects records in order of arrival; its steps then renumber them.
type builder struct {
	s            *Snapshot
	companyIndex map[string]int32 // by id, in order of first mention
	companyIDs   []string
	company      []*graph.Company // nil until its record comes
	text         []byte
	end          []uint32
	shapeIndex   map[shapeKey]uint16
	lastShape    int
	curated      map[int32]*graph.Flow
	outcomes     []*graph.Outcome
}

func (b *builder) add(r graph.Record) error {
	switch r := r.(type) {
	case *graph.Flow:
		return b.addFlow(r)
	case *graph.Company:
		i := b.mention(r.ID)
		if b.company[i] != nil {
			return twice(r)
		}
		b.company[i] = r
	case *graph.Chip:
		b.s.chips = append(b.s.chips, r)
	case *graph.Deal:
		b.s.deals = append(b.s.deals, r)
	case *graph.Source:
		b.s.sources = append(b.s.sources, r)
	case *graph.Outcome:
		if err := checkOutcome(r); err != nil {
			return err
		}
		b.outcomes = append(b.outcomes, r)
	case *graph.Metric:
		b.s.metrics = append(b.s.metrics, r)
	default:
		return fmt.Errorf("a record of type %T is not one that a snapshot knows", r)
	}
	return nil
}

func checkOutcome(o *graph.Outcome) error {
	if o.StatusAfter != "" {
		if _, ok := stateOf(o.StatusAfter); !ok {
			return fmt.Errorf("%s: status_after %q is not a status", o.Key(), o.StatusAfter)
		}
	}
	if o.PaidToDate.Cents() < 0 {
		return fmt.Errorf("%s: paid_to_date_usd %s is negative", o.Key(), o.PaidToDate)
	}
	return nil
}

func twice(r graph.Record) error { return fmt.Errorf("%s comes twice in one revision", r.Key()) }

// mention is the index of a company in order of first mention.
func (b *builder) mention(id string) int32 {
	if i, ok := b.companyIndex[id]; ok {
		return i
	}
	i := int32(len(b.companyIDs))
	b.companyIndex[id] = i
	b.companyIDs = append(b.companyIDs, id)
	b.company = append(b.company, nil)
	return i
}

func (b *builder) addFlow(f *graph.Flow) error {
	s := b.s
	if len(s.from) == math.MaxInt32 || len(b.text)+len(f.ID) > math.MaxUint32 {
		return fmt.Errorf("%s: a snapshot holds at most %d legs and 4 GB of their ids", f.Key(), math.MaxInt32)
	}
	if err := checkFlow(f); err != nil {
		return err
	}
	sh, err := b.shapeOf(f)
	if err != nil {
		return err
	}
	i := int32(len(s.from))
	b.text = append(b.text, f.ID...)
	b.end = append(b.end, uint32(len(b.text)))
	s.from = append(s.from, b.mention(f.From))
	s.to = append(s.to, b.mention(f.To))
	s.amount = append(s.amount, cents(f.Amount))
	s.date = append(s.date, keyOf(f.Announced))
	s.shape = append(s.shape, sh)
	if !plain(f) {
		if b.curated == nil {
			b.curated = map[int32]*graph.Flow{}
		}
		b.curated[i] = f
	}
	return nil
}

func checkFlow(f *graph.Flow) error {
	if min(f.Amount.Cents(), f.AmountLow.Cents(), f.AmountHigh.Cents(), f.Realised.Cents()) < 0 {
		return fmt.Errorf("%s: one of its amounts is negative", f.Key())
	}
	return nil
}

// plain tells whether the columns and the shape describe the leg in full.
func plain(f *graph.Flow) bool {
	return f.DealID == "" && !f.AmountLow.Known() && !f.AmountHigh.Known() && f.Qualifier == "" && f.AmountNote == "" && !f.Overlaps &&
		!f.PeriodStart.Known() && !f.PeriodEnd.Known() && !f.StatusAsOf.Known() && f.Conditions == "" && !f.CapacityGW.Known() && !f.ChipCount.Known() &&
		f.Workload == "" && len(f.Chips) == 0 && f.Instrument == "" && f.ParentFlowID == "" && f.SupersededBy == "" &&
		!f.Realised.Known() && !f.RealisedAsOf.Known() && f.Description == "" && len(f.SourceIDs) == 0 && f.Confidence == "" && f.ConfidenceNote == ""
}

func (b *builder) shapeOf(f *graph.Flow) (uint16, error) {
	key := shapeKey{f.Kind, f.Moves, f.InitialStatus, f.Status}
	if b.lastShape >= 0 && b.s.shapes[b.lastShape].key == key {
		return uint16(b.lastShape), nil
	}
	i, ok := b.shapeIndex[key]
	if !ok {
		sh, err := newShape(key)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", f.Key(), err)
		}
		if len(b.s.shapes) > math.MaxUint16 {
			return 0, fmt.Errorf("%s: the legs have more than %d combinations of kind, moves and statuses", f.Key(), math.MaxUint16+1)
		}
		i = uint16(len(b.s.shapes))
		b.shapeIndex[key] = i
		b.s.shapes = append(b.s.shapes, sh)
	}
	b.lastShape = int(i)
	return i, nil
}

func newShape(key shapeKey) (shape, error) {
	info, ok := key.kind.Info()
	if !ok {
		return shape{}, fmt.Errorf("kind %q is not a kind of leg", key.kind)
	}
	for _, status := range []graph.Status{key.initial, key.status} {
		if _, ok := stateOf(status); status != "" && !ok {
			return shape{}, fmt.Errorf("status %q is not a status", status)
		}
	}
	f := graph.Flow{Kind: key.kind, Moves: key.moves}
	return shape{
		key: key, class: info.Class, state: key.initialState(false), conditional: f.Conditional(),
		cash: key.moves == graph.MovesCash || key.moves == "" && key.kind == graph.Transfer,
	}, nil
}

// initialState is the state before any outcome. Where a record leaves it out it
// is the latest state if no outcome changes that, else the default of the import.
func (k shapeKey) initialState(changes bool) state {
	status := k.initial
	if status == "" && !changes {
		status = k.status
	}
	if status == "" {
		status = graph.Signed
		if k.kind == graph.Transfer {
			status = graph.Closed
		}
	}
	st, _ := stateOf(status)
	return st
}

// orderCompanies renumbers companies in byte order of their ids.
func (b *builder) orderCompanies() error {
	s, n := b.s, len(b.companyIDs)
	order := identity(n)
	slices.SortFunc(order, func(x, y int32) int { return cmp.Compare(b.companyIDs[x], b.companyIDs[y]) })
	index := inverse(order)
	s.ids, s.flags = make([]string, n), make([]companyFlags, n)
	var text []byte
	for _, old := range order {
		text = append(text, b.companyIDs[old]...)
	}
	all := string(text) // one string, so that ids do not keep the records alive they came from
	for i, old := range order {
		id := b.companyIDs[old]
		s.ids[i], all = all[:len(id)], all[len(id):]
		c := b.company[old]
		if c == nil {
			continue // reported below, where the leg that names it is known
		}
		if c.Aggregate() {
			s.flags[i] |= isAggregate
		}
		switch {
		case !plainCompany(c):
			s.companies[int32(i)] = c
		case c.Name != "":
			s.flags[i] |= namedByID
		}
	}
	for i := range s.from {
		for _, end := range [...]struct {
			name string
			at   *int32
		}{{"from", &s.from[i]}, {"to", &s.to[i]}} {
			if b.company[*end.at] == nil {
				f := graph.Flow{ID: b.legs().at(int32(i))}
				return fmt.Errorf("%s: %s names company %q, which is not there", f.Key(), end.name, b.companyIDs[*end.at])
			}
			*end.at = index[*end.at]
		}
	}
	b.companyIndex, b.companyIDs, b.company = nil, nil, nil
	return nil
}

func plainCompany(c *graph.Company) bool {
	return (c.Name == "" || c.Name == c.ID) && c.Kind == "" && c.Country == "" && c.Ticker == "" && len(c.Aliases) == 0 &&
		c.ParentID == "" && len(c.SourceIDs) == 0 && c.Note == ""
}

func (b *builder) findHeads() error {
	s := b.s
	n := len(s.ids)
	s.head = identity(n)
	for i, c := range s.companies {
		if c.ParentID == "" {
			continue
		}
		p, ok := s.company(c.ParentID)
		if !ok {
			return fmt.Errorf("%s: parent_id names company %q, which is not there", c.Key(), c.ParentID)
		}
		s.head[i] = p
	}
	parent := slices.Clone(s.head)
	for i := range parent {
		h := int32(i)
		for steps := 0; parent[h] != h; steps++ {
			if steps > n {
				return fmt.Errorf("company/%s: its parents form a circle", s.ids[i])
			}
			h = parent[h]
		}
		s.head[i] = h
	}
	s.headRank = make([]int32, n)
	for i, h := range s.head {
		if int(h) == i {
			s.headRank[i] = int32(len(s.heads))
			s.heads = append(s.heads, s.ids[i])
		}
	}
	for i, h := range s.head {
		s.headRank[i] = s.headRank[h]
	}
	return nil
}

func (b *builder) legs() arena { return arena{string(b.text), b.end} }

// orderLegs renumbers legs in order of date (undated last), then id.
func (b *builder) orderLegs() error {
	s := b.s
	n := len(s.from)
	arrived := b.legs()
	b.text = nil
	byID := identity(n)
	compareIDs := func(x, y int32) int { return cmp.Compare(arrived.at(x), arrived.at(y)) }
	if !slices.IsSortedFunc(byID, compareIDs) { // stores yield them in this order
		slices.SortFunc(byID, compareIDs)
	}
	for k := 1; k < n; k++ {
		if arrived.at(byID[k-1]) == arrived.at(byID[k]) {
			return twice(&graph.Flow{ID: arrived.at(byID[k])})
		}
	}
	order := s.byDate(byID)
	text, end := make([]byte, 0, len(arrived.text)), make([]uint32, n)
	for i, old := range order {
		text = append(text, arrived.at(old)...)
		end[i] = uint32(len(text))
	}
	s.legIDs = arena{string(text), end}
	s.from, s.to, s.amount = permute(s.from, order), permute(s.to, order), permute(s.amount, order)
	s.date, s.shape = permute(s.date, order), permute(s.shape, order)
	index := inverse(order)
	for k, old := range byID {
		byID[k] = index[old]
	}
	s.byID = byID
	curated := make(map[int32]*graph.Flow, len(b.curated))
	for old, f := range b.curated {
		curated[index[old]] = f
	}
	b.curated = curated
	return nil
}

// byDate is the legs in order of date, those of one date in the given order.
func (s *Snapshot) byDate(byID []int32) []int32 {
	type dated struct {
		instant int64
		rank    int32
	}
	keys := make([]dated, len(byID))
	for rank, i := range byID {
		keys[rank] = dated{s.date[i].instant(), int32(rank)}
	}
	slices.SortFunc(keys, func(x, y dated) int { return cmp.Or(cmp.Compare(x.instant, y.instant), cmp.Compare(x.rank, y.rank)) })
	order := make([]int32, len(byID))
	for k, d := range keys {
		order[k] = byID[d.rank]
	}
	return order
}

func identity(n int) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	return p
}

func inverse(order []int32) []int32 {
	index := make([]int32, len(order))
	for i, old := range order {
		index[old] = int32(i)
	}
	return index
}

func permute[T any](column []T, order []int32) []T {
	out := make([]T, len(column))
	for i, old := range order {
		out[i] = column[old]
	}
	return out
}
