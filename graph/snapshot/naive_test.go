package snapshot

import (
	"math/big"
	"slices"

	"roundtrip/graph"
)

// naive is the lens a second time: maps of records, one question per leg, read
// off the specification line by line and slow on purpose. It shares no code with
// the engine but the records, dates and names of package graph.
type naive struct {
	lens      graph.Lens
	companies map[string]*graph.Company
	flows     map[string]*graph.Flow
	outcomes  map[string][]*graph.Outcome
}

type naiveLeg struct {
	payer, payee string
	class        graph.Class
	amount       graph.Money
	state        graph.Status
}

func newNaive(records []graph.Record, lens graph.Lens) naive {
	n := naive{lens, map[string]*graph.Company{}, map[string]*graph.Flow{}, map[string][]*graph.Outcome{}}
	for _, r := range records {
		switch r := r.(type) {
		case *graph.Company:
			n.companies[r.ID] = r
		case *graph.Flow:
			n.flows[r.ID] = r
		case *graph.Outcome:
			n.outcomes[r.FlowID] = append(n.outcomes[r.FlowID], r)
		}
	}
	return n
}

// legs are those that pass all six steps, by id.
func (n naive) legs() map[string]naiveLeg {
	passed := map[string]naiveLeg{}
	for id, f := range n.flows {
		if n.steps1to3(f) && !n.isPart(f) && n.step6(f) {
			passed[id] = naiveLeg{n.firm(f.From), n.firm(f.To), f.Kind.Class(), n.amount(f), n.state(f)}
		}
	}
	return passed
}

func (n naive) today() graph.Day { return n.lens.AsOf.Last() }

// Step 2: the status_after of the latest outcome by date, then id.
func (n naive) state(f *graph.Flow) graph.Status {
	var latest *graph.Outcome
	for _, o := range n.outcomes[f.ID] {
		if o.Date.First() > n.today() || o.StatusAfter == "" {
			continue
		}
		if latest == nil || o.Date.UnixMilli() > latest.Date.UnixMilli() || o.Date.UnixMilli() == latest.Date.UnixMilli() && o.ID > latest.ID {
			latest = o
		}
	}
	if latest != nil {
		return latest.StatusAfter
	}
	return f.InitialStatus
}

// The figure of basis realised: unknown when there is none.
func (n naive) figure(f *graph.Flow) graph.Money {
	best, bestDay, bestID := graph.Money{}, graph.Day(-1<<31), ""
	if f.Realised.Known() && f.RealisedAsOf.Known() && f.RealisedAsOf.Last() <= n.today() {
		best, bestDay = f.Realised, f.RealisedAsOf.Last()
	}
	for _, o := range n.outcomes[f.ID] {
		day := o.Date.First()
		if !o.PaidToDate.Known() || day > n.today() || day < bestDay || day == bestDay && o.ID < bestID {
			continue
		}
		best, bestDay, bestID = o.PaidToDate, day, o.ID
	}
	return best
}

func (n naive) hasFigureAboveZero(f *graph.Flow) bool { return n.figure(f).Cents() > 0 }

func (n naive) steps1to3(f *graph.Flow) bool {
	if f.Announced.Known() && f.Announced.First() > n.today() {
		return false
	}
	state := n.state(f)
	switch n.lens.Basis {
	case graph.SignedBy:
		return slices.Contains([]graph.Status{"signed", "partially_disbursed", "closed", "in_force"}, state)
	case graph.Realised:
		return n.hasFigureAboveZero(f)
	case graph.Settled:
		if n.figure(f).Known() {
			return n.hasFigureAboveZero(f)
		}
		return state == "closed" && f.Moves == "cash"
	}
	return state != "cancelled" && state != "superseded"
}

// amount is that of step 4, weighted by step 3.
func (n naive) amount(f *graph.Flow) graph.Money {
	if (n.lens.Basis == graph.Realised || n.lens.Basis == graph.Settled) && n.figure(f).Known() {
		return n.figure(f)
	}
	a := n.step4(f)
	if n.lens.Basis != graph.Expected || !a.Known() {
		return a
	}
	weights := map[graph.Status]int64{
		"talks": 2500, "letter_of_intent": 4000, "signed": 9000, "partially_disbursed": 9500, "closed": 10000, "in_force": 10000, "stalled": 1000, "paused": 3000,
	}
	// floor(amount * weight / 10000 + 1/2) = floor((2 * amount * weight + 10000) / 20000)
	x := new(big.Int).Mul(big.NewInt(2*weights[n.state(f)]), big.NewInt(a.Cents()))
	x.Add(x, big.NewInt(10000)).Div(x, big.NewInt(20000))
	return graph.USD(x.Int64())
}

func (n naive) step4(f *graph.Flow) graph.Money {
	point := f.Amount
	if !point.Known() && f.AmountLow.Known() && f.AmountHigh.Known() {
		point = graph.USD((f.AmountLow.Cents() + f.AmountHigh.Cents()) / 2)
	}
	if n.lens.Amount == graph.High && f.AmountHigh.Known() {
		return f.AmountHigh
	}
	if n.lens.Amount == graph.Low {
		if f.AmountLow.Known() {
			return f.AmountLow
		}
		nothingReported := !f.Amount.Known() && !f.AmountHigh.Known() // unknown stays unknown
		if f.Qualifier == "up_to" && n.state(f) != "closed" && !nothingReported {
			return graph.USD(n.figure(f).Cents())
		}
	}
	return point
}

// isPart is step 5: the leg goes because of a part of it or because of a leg
// that it is a part of.
func (n naive) isPart(f *graph.Flow) bool {
	if n.yieldsToPart(f) {
		return true
	}
	for a := n.parent(f); a != nil; a = n.parent(a) {
		if a.Kind != graph.Umbrella && n.steps1to3(a) && n.amount(a).Known() && !n.yieldsToPart(a) {
			return true
		}
	}
	return false
}

func (n naive) parent(f *graph.Flow) *graph.Flow { return n.flows[f.ParentFlowID] }

// yieldsToPart: under realised and settled a leg goes that has a descendant with
// a figure above zero.
func (n naive) yieldsToPart(f *graph.Flow) bool {
	return (n.lens.Basis == graph.Realised || n.lens.Basis == graph.Settled) && n.descendantWithFigure(f)
}

func (n naive) descendantWithFigure(f *graph.Flow) bool {
	for _, child := range n.flows {
		if child.ParentFlowID != f.ID {
			continue
		}
		if child.Kind != graph.Umbrella && n.steps1to3(child) && n.hasFigureAboveZero(child) || n.descendantWithFigure(child) {
			return true
		}
	}
	return false
}

func (n naive) firm(id string) string {
	if c := n.companies[id]; n.lens.Rollup && c.ParentID != "" {
		return n.firm(c.ParentID)
	}
	return id
}

func (n naive) step6(f *graph.Flow) bool {
	l := n.lens
	from, to := n.firm(f.From), n.firm(f.To)
	if f.Kind == graph.Umbrella || f.Overlaps && !l.Overlaps {
		return false
	}
	conditional := f.Moves == "contingent_cash" || f.Moves == "credit_support"
	if l.Conditional == graph.ConditionalOut && conditional || l.Conditional == graph.ConditionalOnly && !conditional {
		return false
	}
	if !slices.Contains(l.Classes.List(), f.Kind.Class()) || len(l.Kinds) > 0 && !slices.Contains(l.Kinds, f.Kind) || from == to {
		return false
	}
	if !l.Aggregates && (n.companies[from].Kind == "aggregate" || n.companies[to].Kind == "aggregate") {
		return false
	}
	if len(l.Companies) > 0 {
		var firms []string
		for _, id := range l.Companies {
			firms = append(firms, n.firm(id))
		}
		if !slices.Contains(firms, from) || !slices.Contains(firms, to) {
			return false
		}
	}
	least := l.MinAmount.Cents()
	return least == 0 || n.amount(f).Known() && n.amount(f).Cents() >= least
}
