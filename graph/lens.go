package graph

import (
	"fmt"
	"slices"
	"strings"
)

// Basis says which legs count, and with which amount.
type Basis string

// The bases.
const (
	Headline Basis = "headline" // every state but cancelled and superseded
	SignedBy Basis = "signed"   // signed, partially_disbursed, closed, in_force
	Expected Basis = "expected" // headline, amount times the probability of the state
	Settled  Basis = "settled"  // realised, and closed cash legs without a figure
	Realised Basis = "realised" // any state, the amount that really moved

	// AnyState lets every state pass with the amount as announced. Analyses that
	// ignore the basis use it; a request cannot ask for it.
	AnyState Basis = "any"
)

// AmountRule chooses among the low, point and high amount of a leg.
type AmountRule string

// The amount rules.
const (
	Point AmountRule = "point"
	Low   AmountRule = "low"
	High  AmountRule = "high"
)

// ConditionalRule says what becomes of conditional legs.
type ConditionalRule string

// The conditional rules.
const (
	ConditionalKept ConditionalRule = "true"
	ConditionalOut  ConditionalRule = "false"
	ConditionalOnly ConditionalRule = "only"
)

// ClassSet is a set of classes. It reads "money" (FUNDS, PAYS), "value" (money
// with ACQUIRES, GRANTS, BACKS), "all", or a comma-separated list of classes.
// The zero value is empty.
type ClassSet uint8

// Classes makes a set.
func Classes(classes ...Class) ClassSet {
	var s ClassSet
	for _, c := range classes {
		s |= 1 << c
	}
	return s
}

// MoneyClasses is the set money: FUNDS and PAYS.
func MoneyClasses() ClassSet { return Classes(Funds, Pays) }

// ValueClasses is the set value: money with ACQUIRES, GRANTS and BACKS.
func ValueClasses() ClassSet { return Classes(Funds, Pays, Acquires, Grants, Backs) }

// EveryClass is the set all.
func EveryClass() ClassSet { return Classes(AllClasses()...) }

// Has tells whether the class is in the set.
func (s ClassSet) Has(c Class) bool { return s&(1<<c) != 0 }

// With is the set with these classes added.
func (s ClassSet) With(classes ...Class) ClassSet { return s | Classes(classes...) }

// List is the classes of the set in declared order.
func (s ClassSet) List() []Class {
	var list []Class
	for _, c := range AllClasses() {
		if s.Has(c) {
			list = append(list, c)
		}
	}
	return list
}

// String is money, value, all or the list.
func (s ClassSet) String() string {
	switch s {
	case MoneyClasses():
		return "money"
	case ValueClasses():
		return "value"
	case EveryClass():
		return "all"
	}
	names := make([]string, 0, 6)
	for _, c := range s.List() {
		names = append(names, c.String())
	}
	return strings.Join(names, ",")
}

// MarshalText writes String.
func (s ClassSet) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads String's form.
func (s *ClassSet) UnmarshalText(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "money":
		*s = MoneyClasses()
		return nil
	case "value":
		*s = ValueClasses()
		return nil
	case "all":
		*s = EveryClass()
		return nil
	}
	var set ClassSet
	for name := range strings.SplitSeq(string(text), ",") {
		c, err := ParseClass(strings.TrimSpace(name))
		if err != nil {
			return fmt.Errorf("%q: want money, value, all, or a list of classes: %w", text, err)
		}
		set = set.With(c)
	}
	*s = set
	return nil
}

// Lens says through which glass an answer looks. The tags declare each field
// for flags, query keys, forms and documentation: its name, its default, its
// allowed values and one sentence. A lens together with a graph revision
// determines every number.
type Lens struct {
	AsOf        Date            `json:"as_of" doc:"The day whose knowledge counts; today when not given."`
	Basis       Basis           `json:"basis" default:"headline" enum:"headline,signed,expected,settled,realised" doc:"Which states count: headline all but cancelled and superseded; signed firm ones; expected weighs by probability; realised only money that moved; settled realised and closed cash legs."`
	Amount      AmountRule      `json:"amount" default:"point" enum:"point,low,high" doc:"Which end of a reported range counts."`
	Classes     ClassSet        `json:"classes" default:"money" doc:"money, value, all, or a list of FUNDS, PAYS, ACQUIRES, GRANTS, BACKS, SUPPLIES."`
	Rollup      bool            `json:"rollup" default:"true" doc:"A subsidiary counts as its ultimate parent."`
	Aggregates  bool            `json:"aggregates" default:"false" doc:"Keep legs that touch an aggregate of unnamed companies."`
	Overlaps    bool            `json:"overlaps" default:"false" doc:"Keep legs that overlap others (count_in_totals=no), marked."`
	Conditional ConditionalRule `json:"conditional" default:"true" enum:"true,false,only" doc:"Legs that move contingent cash or credit support: kept, left out, or only they."`
	MinAmount   Money           `json:"min_amount" default:"0" doc:"Least amount of a leg in dollars, with k, m, bn or tn; above zero, legs of unknown amount are left out."`
	Kinds       []FlowKind      `json:"kinds" refs:"kind" doc:"Only legs of these kinds."`
	Companies   []string        `json:"companies" refs:"company" doc:"Only legs with both ends among these companies."`

	// Probabilities are the weights of states under basis expected, in basis
	// points. They come from the configuration, not from the request.
	Probabilities Probabilities `json:"-"`

	// Loops keeps legs from a company to itself, under rollup those inside one
	// group. Analyses that need them set it, not the request.
	Loops bool `json:"-"`
	// Parts keeps the parts of a leg beside it. Analyses that need them set it,
	// not the request.
	Parts bool `json:"-"`
	// Draw makes the lens look at one random state of what is uncertain; nil looks
	// at what was reported. Requests ask for many draws at once.
	Draw *Draw `json:"-"`
}

// Draw is one random choice of what is uncertain: whether a leg lives, with the
// probability of its state, and its amount, uniform between low and high. The
// choice for a leg depends on the seed, the number of the draw and the leg's id,
// on nothing else.
type Draw struct {
	Seed   uint64
	Number int
}

// DefaultLens is the lens with every default and no as_of.
func DefaultLens() Lens {
	return Lens{
		Basis: Headline, Amount: Point, Classes: MoneyClasses(), Rollup: true,
		Conditional: ConditionalKept, MinAmount: USD(0), Probabilities: DefaultProbabilities(),
	}
}

// Probability is the weight of one state in basis points, 0 to 10000.
type Probability struct {
	Status      Status
	BasisPoints int
}

// Probabilities are weights by state, in declared order of the states.
type Probabilities []Probability

// DefaultProbabilities are the shipped weights.
func DefaultProbabilities() Probabilities {
	return Probabilities{
		{Talks, 2500},
		{LetterOfIntent, 4000},
		{Signed, 9000},
		{PartiallyDisbursed, 9500},
		{Closed, 10000},
		{InForce, 10000},
		{Stalled, 1000},
		{Paused, 3000},
	}
}

// Of is the weight of the state, 0 for one that has none.
func (p Probabilities) Of(s Status) int {
	i := slices.IndexFunc(p, func(x Probability) bool { return x.Status == s })
	if i < 0 {
		return 0
	}
	return p[i].BasisPoints
}
