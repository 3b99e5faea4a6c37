package realisation

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/snapshot/graphgen"
	"roundtrip/queries"
	"roundtrip/queries/library/viewtest"
)

func build(t testing.TB, records []graph.Record) *snapshot.Snapshot {
	t.Helper()
	s, err := snapshot.Build(graph.Revision{Number: 1}, func(yield func(graph.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(t testing.TB, s *snapshot.Snapshot, lens graph.Lens, p Params) queries.Answer[Row, Summary] {
	t.Helper()
	lens.Basis = graph.AnyState
	v, err := s.View(t.Context(), lens)
	if err != nil {
		t.Fatal(err)
	}
	in := viewtest.ScopeOf(v)
	return viewtest.Answer(t, in, p, native, finish)
}

// slow is the definition read off leg by leg. It takes states and figures from
// the snapshot, and nothing from a view.
type slow struct {
	s    *snapshot.Snapshot
	lens graph.Lens
}

func (o slow) flow(id string) *graph.Flow {
	i, _ := o.s.FlowIndex(id)
	return o.s.Flow(i)
}

func (o slow) state(f *graph.Flow) graph.Status {
	i, _ := o.s.FlowIndex(f.ID)
	return o.s.StateOn(i, o.lens.AsOf.Last())
}

func (o slow) figure(f *graph.Flow) graph.Money {
	i, _ := o.s.FlowIndex(f.ID)
	return o.s.FigureOn(i, o.lens.AsOf.Last())
}

func (o slow) known(f *graph.Flow) bool {
	return f.Kind != graph.Umbrella && (!f.Announced.Known() || f.Announced.First() <= o.lens.AsOf.Last())
}

func (o slow) amount(f *graph.Flow) graph.Money {
	point := f.Amount
	if !point.Known() && f.AmountLow.Known() && f.AmountHigh.Known() {
		point = graph.USD((f.AmountLow.Cents() + f.AmountHigh.Cents()) / 2)
	}
	switch {
	case o.lens.Amount == graph.Low && f.AmountLow.Known():
		return f.AmountLow
	case o.lens.Amount == graph.Low && f.Qualifier == "up_to" && o.state(f) != graph.Closed && (point.Known() || f.AmountHigh.Known()):
		return graph.USD(o.figure(f).Cents())
	case o.lens.Amount == graph.High && f.AmountHigh.Known():
		return f.AmountHigh
	}
	return point
}

func (o slow) above(f *graph.Flow) []*graph.Flow {
	var list []*graph.Flow
	for f.ParentFlowID != "" {
		if f = o.flow(f.ParentFlowID); f.Kind != graph.Umbrella {
			list = append(list, f)
		}
	}
	return list
}

func (o slow) paidBelow(f *graph.Flow) bool {
	for i := range o.s.NumFlows() {
		if g := o.s.Flow(i); o.known(g) && o.figure(g).Cents() > 0 && slices.ContainsFunc(o.above(g), func(a *graph.Flow) bool { return a.ID == f.ID }) {
			return true
		}
	}
	return false
}

func (o slow) end(id string) (string, bool) {
	if o.lens.Rollup {
		id, _ = o.s.Head(id)
	}
	c, _ := o.s.Company(id)
	return id, c.Aggregate()
}

func (o slow) passes(f *graph.Flow) bool {
	from, fromMany := o.end(f.From)
	to, toMany := o.end(f.To)
	among := func(id string) bool {
		return len(o.lens.Companies) == 0 || slices.ContainsFunc(o.lens.Companies, func(c string) bool { e, _ := o.end(c); return e == id })
	}
	amount := o.amount(f)
	return o.known(f) && from != to && (o.lens.Aggregates || !fromMany && !toMany) && (o.lens.Overlaps || !f.Overlaps) &&
		(o.lens.Conditional == graph.ConditionalKept || f.Conditional() == (o.lens.Conditional == graph.ConditionalOnly)) &&
		o.lens.Classes.Has(f.Kind.Class()) && (len(o.lens.Kinds) == 0 || slices.Contains(o.lens.Kinds, f.Kind)) && among(from) && among(to) &&
		(o.lens.MinAmount.Cents() == 0 || amount.Known() && amount.Cents() >= o.lens.MinAmount.Cents())
}

func (o slow) hasRow(f *graph.Flow) bool {
	return o.passes(f) && !slices.ContainsFunc(o.above(f), func(a *graph.Flow) bool { return o.known(a) && o.amount(a).Known() })
}

// money is what a leg itself has realised and settled.
func (o slow) money(f *graph.Flow) (settled, realised graph.Money) {
	closed := func(f *graph.Flow) bool {
		return !o.figure(f).Known() && o.state(f) == graph.Closed && (f.Moves == graph.MovesCash || f.Moves == "" && f.Kind == graph.Transfer)
	}
	switch figure := o.figure(f); {
	case figure.Known() && figure.Cents() == 0:
		return figure, figure
	case o.paidBelow(f):
	case figure.Known():
		return figure, figure
	case closed(f):
		for _, a := range o.above(f) {
			if o.known(a) && closed(a) && o.amount(a).Known() && !o.paidBelow(a) || o.known(a) && o.figure(a).Cents() > 0 && !o.paidBelow(a) {
				return
			}
		}
		return o.amount(f), realised
	}
	return
}

func (o slow) headline(f *graph.Flow) graph.Money {
	amount := o.amount(f)
	if o.state(f) != graph.Superseded || f.SupersededBy == "" || !o.known(o.flow(f.SupersededBy)) || !amount.Known() {
		return amount
	}
	next := o.amount(o.flow(f.SupersededBy))
	if !next.Known() {
		return next
	}
	return graph.USD(max(amount.Cents()-next.Cents(), 0))
}

// age counts months one by one.
func age(from, to graph.Day) int {
	for n := 1; ; n++ {
		first := time.Date(from.Time().Year(), from.Time().Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
		day := first.AddDate(0, 0, from.Time().Day()-1)
		if day.Month() != first.Month() {
			day = first.AddDate(0, 1, -1)
		}
		if day.After(to.Time()) {
			return n - 1
		}
	}
}

func (o slow) rows(p Params) []string {
	of := map[string]*Row{}
	for i := range o.s.NumFlows() {
		f := o.s.Flow(i)
		if !o.hasRow(f) {
			continue
		}
		r := &Row{Key: f.ID, Headline: o.headline(f), Lost: graph.USD(0), Soft: graph.USD(0), Signed: graph.USD(0)}
		switch state := o.state(f); {
		case state == graph.Cancelled || state == graph.Superseded:
			r.Lost = r.Headline
		case f.Conditional() || slices.Contains([]graph.Status{graph.Talks, graph.LetterOfIntent, graph.Stalled, graph.Paused}, state):
			r.Soft = r.Headline
		default:
			r.Signed = r.Headline
		}
		of[f.ID] = r
	}
	for i := range o.s.NumFlows() {
		f := o.s.Flow(i)
		if !o.passes(f) {
			continue
		}
		r := of[f.ID]
		for _, a := range o.above(f) {
			if r == nil {
				r = of[a.ID]
			}
		}
		if r != nil {
			settled, realised := o.money(f)
			r.Settled, r.Realised = r.Settled.Plus(settled), r.Realised.Plus(realised)
		}
	}
	var list []string
	for id, r := range of {
		months, test := -1, Unknown
		if f := o.flow(id); f.Announced.Known() {
			months = age(f.Announced.First(), o.lens.AsOf.Last())
			switch {
			case months < 24:
				test = NotDue
			case r.Headline.Cents() > 0 && r.Realised.Known():
				test = Fail
				if big.NewRat(r.Realised.Cents(), r.Headline.Cents()).Cmp(big.NewRat(p.Threshold.Micro(), 1_000_000)) >= 0 {
					test = Pass
				}
			}
		}
		list = append(list, rowText(*r, months, test))
	}
	slices.Sort(list)
	return list
}

func rowText(r Row, months int, test Test) string {
	return fmt.Sprintf("%s headline %s lost %s soft %s signed %s settled %s realised %s months %d %s", r.Key, r.Headline, r.Lost, r.Soft, r.Signed, r.Settled, r.Realised, months, test)
}

func TestEveryRowIsThatOfTheDefinitionReadLegByLeg(t *testing.T) {
	p := Params{By: ByLeg, Threshold: graph.Micro(500_000)}
	met := map[Test]int{}
	for seed := range uint64(300) {
		records := graphgen.Random(seed, graphgen.Options{Companies: 3 + int(seed%6), Legs: 30})
		s, lens := build(t, records), graphgen.RandomLens(seed, records)
		if seed%2 == 0 {
			lens.Classes, lens.Kinds, lens.Companies, lens.Conditional = graph.EveryClass(), nil, nil, graph.ConditionalKept
		}
		var got []string
		for _, r := range ask(t, s, lens, p).Rows {
			months := -1
			if r.Months != nil {
				months = *r.Months
			}
			met[r.Test]++
			got = append(got, rowText(r, months, r.Test))
		}
		slices.Sort(got)
		if want := (slow{s, lens}).rows(p); !slices.Equal(got, want) {
			for i := range max(len(got), len(want)) {
				if i >= len(got) || i >= len(want) || got[i] != want[i] {
					t.Fatalf("seed %d: %d rows, want %d; first difference at %d:\n%v\n%v", seed, len(got), len(want), i, got[i:min(i+1, len(got))], want[i:min(i+1, len(want))])
				}
			}
		}
	}
	for _, test := range []Test{Pass, Fail, NotDue, Unknown} {
		if met[test] < 10 {
			t.Errorf("only %d rows are %s: the graphs do not try it", met[test], test)
		}
	}
}

func TestGroupingMovesNoMoney(t *testing.T) {
	for seed := range uint64(60) {
		records := graphgen.Random(seed, graphgen.Options{Legs: 40})
		s, lens := build(t, records), graphgen.RandomLens(seed, records)
		legs := ask(t, s, lens, Params{By: ByLeg, Threshold: graph.Micro(500_000)})
		for _, by := range []By{ByDeal, ByYear} {
			groups := ask(t, s, lens, Params{By: by, Threshold: graph.Micro(500_000)})
			n := 0
			for _, r := range groups.Rows {
				n += r.Count
			}
			if groups.Summary.Totals != legs.Summary.Totals || n != len(legs.Rows) {
				t.Errorf("seed %d: by %s totals are %+v of %d legs, want %+v of %d", seed, by, groups.Summary.Totals, n, legs.Summary.Totals, len(legs.Rows))
			}
		}
	}
}
