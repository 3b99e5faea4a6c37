package graph

import "fmt"

// RecordKind is one of the seven kinds of records, in the order in which they
// are stored and exported: what a record points at comes before it.
type RecordKind uint8

// The kinds of records.
const (
	NoKind RecordKind = iota
	SourceKind
	CompanyKind
	ChipKind
	DealKind
	FlowRecord
	OutcomeKind
	MetricKind
)

// RecordKinds are all kinds in their declared order.
func RecordKinds() []RecordKind {
	return []RecordKind{SourceKind, CompanyKind, ChipKind, DealKind, FlowRecord, OutcomeKind, MetricKind}
}

var recordNames = [...]string{"", "source", "company", "chip", "deal", "flow", "outcome", "metric"}

// String is the singular name: company, chip, deal, flow, source, outcome, metric.
func (k RecordKind) String() string { return recordNames[k] }

// Plural is the name of the collection, of its file (companies.csv) and of its
// HTTP path.
func (k RecordKind) Plural() string {
	if k == CompanyKind {
		return "companies"
	}
	return recordNames[k] + "s"
}

// ParseRecordKind reads a singular or plural name.
func ParseRecordKind(name string) (RecordKind, error) {
	for _, k := range RecordKinds() {
		if name == k.String() || name == k.Plural() {
			return k, nil
		}
	}
	return NoKind, fmt.Errorf("%q is not a kind of record; want companies, chips, deals, flows, sources, outcomes or metrics", name)
}

// Key names one record. Ids are case-sensitive and compare byte by byte.
type Key struct {
	Kind RecordKind
	ID   string
}

// String is kind/id.
func (k Key) String() string { return k.Kind.String() + "/" + k.ID }

// Record is one of *Source, *Company, *Chip, *Deal, *Flow, *Outcome, *Metric.
// A record that a store or a snapshot handed out is not to be changed.
type Record interface {
	Key() Key
}

// NewRecord is an empty record of the kind, with the defaults of its fields.
func NewRecord(k RecordKind) Record {
	switch k {
	case SourceKind:
		return &Source{}
	case CompanyKind:
		return &Company{}
	case ChipKind:
		return &Chip{}
	case DealKind:
		return &Deal{}
	case FlowRecord:
		return &Flow{}
	case OutcomeKind:
		return &Outcome{}
	case MetricKind:
		return &Metric{}
	}
	panic(fmt.Sprintf("graph: no record kind %d", k))
}

// Company is a firm, a unit of a firm, or an aggregate of unnamed parties. Its
// fields, like those of every record, are described by Fields.
type Company struct {
	ID        string
	Name      string
	Kind      string
	Country   string
	Ticker    string
	Aliases   []string
	ParentID  string
	SourceIDs []string
	Note      string
}

// Aggregate tells whether the company stands for unnamed parties.
func (c *Company) Aggregate() bool { return c.Kind == KindAggregate }

// Chip is a chip family.
type Chip struct {
	ID                string
	Name              string
	Family            string
	VendorID          string
	DesignerID        string
	CodesignerIDs     []string
	FoundryID         string
	MemorySupplierIDs []string
	MainWorkload      string
	Available         string
	UserIDs           []string
	SourceIDs         []string
	Note              string
}

// Deal is a set of legs that were agreed together.
type Deal struct {
	ID        string
	Title     string
	SourceIDs []string
	Note      string
}

// Source is a page that reported something.
type Source struct {
	ID        string
	Publisher string
	Tier      string
	URL       string
	Date      Date
	Title     string
}

// Flow is a leg: value that moves one way between two companies.
type Flow struct {
	ID             string
	DealID         string
	From           string
	To             string
	Kind           FlowKind
	Moves          string
	Amount         Money
	AmountLow      Money
	AmountHigh     Money
	Qualifier      string
	AmountNote     string
	Overlaps       bool // count_in_totals=no: the leg overlaps others
	Announced      Date
	PeriodStart    Date
	PeriodEnd      Date
	InitialStatus  Status
	Status         Status
	StatusAsOf     Date
	Conditions     string
	CapacityGW     Decimal
	ChipCount      Decimal
	Workload       string
	Chips          []string
	Instrument     string
	ParentFlowID   string
	SupersededBy   string
	Realised       Money
	RealisedAsOf   Date
	Description    string
	SourceIDs      []string
	Confidence     string
	ConfidenceNote string
}

// Conditional tells whether the leg moves contingent cash or credit support.
func (f *Flow) Conditional() bool {
	return f.Moves == MovesContingentCash || f.Moves == MovesCreditSupport
}

// Outcome is a dated event of one leg.
type Outcome struct {
	ID          string
	FlowID      string
	Date        Date
	Event       string
	Amount      Money
	PaidToDate  Money
	StatusAfter Status
	SourceIDs   []string
	Confidence  string
	Note        string
}

// Metric is a dated figure of a company.
type Metric struct {
	ID           string
	CompanyID    string
	Metric       string
	Value        Decimal
	Unit         string
	AsOf         Date
	Counterparty string
	SourceIDs    []string
	Confidence   string
	Note         string
}

// Key names the record.
func (c *Company) Key() Key { return Key{CompanyKind, c.ID} }

// Key names the record.
func (r *Chip) Key() Key { return Key{ChipKind, r.ID} }

// Key names the record.
func (r *Deal) Key() Key { return Key{DealKind, r.ID} }

// Key names the record.
func (r *Source) Key() Key { return Key{SourceKind, r.ID} }

// Key names the record.
func (f *Flow) Key() Key { return Key{FlowRecord, f.ID} }

// Key names the record.
func (r *Outcome) Key() Key { return Key{OutcomeKind, r.ID} }

// Key names the record.
func (r *Metric) Key() Key { return Key{MetricKind, r.ID} }
