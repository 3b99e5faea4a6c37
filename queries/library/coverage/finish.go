package coverage

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
)

func finish(in queries.Scope, p Params, facts iter.Seq[Leg]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	wanted, err := filter(in, p)
	if err != nil {
		return ans, err
	}
	books := booksOf(facts)
	totals := map[string]graph.Money{}
	years := map[string]map[string]int64{}
	for _, b := range books {
		b.allocate()
		shown := false
		for i, promise := range b.promises {
			if !wanted(promise) {
				continue
			}
			shown = true
			ans.Rows = append(ans.Rows, b.row(in, i, p.Rule))
			addYears(years, promise)
		}
		if shown {
			s := b.totals()
			totals[b.buyer] = s.Promised
			ans.Summary.Buyers = append(ans.Summary.Buyers, s)
		}
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Descending(totals[a.Buyer], totals[b.Buyer]), queries.Bytes(a.Buyer, b.Buyer),
			queries.Descending(a.Amount, b.Amount), queries.Bytes(a.Promise, b.Promise))
	})
	slices.SortFunc(ans.Summary.Buyers, byPromised)
	for buyer, of := range years {
		for year, cents := range of {
			ans.Summary.ByYear = append(ans.Summary.ByYear, Year{buyer, year, graph.USD(cents)})
		}
	}
	slices.SortFunc(ans.Summary.ByYear, func(a, b Year) int {
		return queries.Order(queries.Bytes(a.Buyer, b.Buyer), queries.Bytes(a.Year, b.Year))
	})
	ans.Finding = finding(ans.Rows, p, in.View.Snapshot().CompanyName)
	return ans, nil
}

// booksOf sorts the facts by buyer.
func booksOf(facts iter.Seq[Leg]) map[string]*book {
	books := map[string]*book{}
	for f := range facts {
		b := books[f.Buyer]
		if b == nil {
			b = &book{buyer: f.Buyer}
			books[f.Buyer] = b
		}
		if f.Promise {
			b.promises = append(b.promises, f)
		} else {
			b.funding = append(b.funding, f)
		}
	}
	return books
}

func byPromised(a, b Buyer) int {
	return queries.Order(queries.Descending(a.Promised, b.Promised), queries.Bytes(a.Buyer, b.Buyer))
}

// Buyers are the totals of every buyer with a promise in the view, the same as
// in the summary of the analysis and in its order.
func Buyers(ctx context.Context, in queries.Scope) ([]Buyer, error) {
	var failed error
	books := booksOf(func(yield func(Leg) bool) { _, failed = native(ctx, in, Params{}, yield) })
	var list []Buyer
	for _, b := range books {
		if len(b.promises) > 0 {
			b.allocate()
			list = append(list, b.totals())
		}
	}
	slices.SortFunc(list, byPromised)
	return list, failed
}

// filter tells which promises the parameters ask for.
func filter(in queries.Scope, p Params) (func(Leg) bool, error) {
	name := func(argument, id string) (string, error) {
		if id == "" {
			return "", nil
		}
		v, err := queries.CompanyArg(in.View, argument, id)
		if err != nil {
			return "", err
		}
		return in.View.Companies()[v], nil
	}
	buyer, err := name("buyer", p.Buyer)
	if err != nil {
		return nil, err
	}
	payee, err := name("payee", p.Payee)
	if err != nil {
		return nil, err
	}
	return func(l Leg) bool {
		return (buyer == "" || l.Buyer == buyer) && (payee == "" || l.Other == payee)
	}, nil
}

func (b *book) row(in queries.Scope, i int, rule Rule) Row {
	p := b.promises[i]
	r := Row{Buyer: p.Buyer, Promise: p.ID, Payee: p.Other, Amount: p.Amount, Funders: b.shares[i]}
	if p.Amount.Known() {
		r.Tied, r.Fifo, r.ProRata = p.Tied, graph.USD(b.fifo[i]), graph.USD(b.proRata[i])
		covered := map[Rule]graph.Money{Tied: r.Tied, Fifo: r.Fifo, ProRata: r.ProRata}[rule]
		r.Coverage = graph.Ratio(covered, p.Amount)
		r.Gap = graph.USD(p.Amount.Cents() - covered.Cents())
	}
	covering := slices.Collect(maps.Keys(b.legs[i]))
	r.Legs = in.InOrder(covering, []string{p.ID})
	return r
}

func (b *book) totals() Buyer {
	s := Buyer{Buyer: b.buyer, Promised: total(b.promises), Funding: total(b.funding)}
	for _, l := range b.promises {
		if !l.Amount.Known() {
			s.UnknownPromises++
		}
		s.Tied = s.Tied.Plus(l.Tied)
	}
	for _, l := range b.funding {
		if !l.Amount.Known() {
			s.UnknownFunding++
		}
	}
	if s.Promised.Known() {
		s.Fifo, s.ProRata = graph.USD(sum(b.fifo)), graph.USD(sum(b.proRata))
		s.TiedGap = graph.USD(s.Promised.Cents() - s.Tied.Cents())
	}
	s.TiedCoverage = graph.Ratio(s.Tied, s.Promised)
	s.FifoCoverage = graph.Ratio(s.Fifo, s.Promised)
	s.ProRataCoverage = graph.Ratio(s.ProRata, s.Promised)
	return s
}

// total is the sum of the known amounts: 0 of no legs, unknown when no amount
// is known.
func total(legs []Leg) graph.Money {
	if len(legs) == 0 {
		return graph.USD(0)
	}
	var t graph.Money
	for _, l := range legs {
		t = t.Plus(l.Amount)
	}
	return t
}

const unscheduled = "unscheduled"

// addYears spreads a promise over the days of its term and adds the cents of
// each calendar year.
func addYears(years map[string]map[string]int64, p Leg) {
	if !p.Amount.Known() {
		return
	}
	of := years[p.Buyer]
	if of == nil {
		of = map[string]int64{}
		years[p.Buyer] = of
	}
	if !p.Start.Known() || !p.End.Known() {
		of[unscheduled] += p.Amount.Cents()
		return
	}
	var names []string
	var days []int64
	for first := p.Start.First(); first <= p.End.Last(); {
		year := first.Time().Year()
		last := min(p.End.Last(), graph.DayOf(time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC)))
		names, days = append(names, strconv.Itoa(year)), append(days, int64(last-first)+1)
		first = last + 1
	}
	for i, cents := range split(p.Amount.Cents(), days) {
		of[names[i]] += cents
	}
}

// finding speaks of the promises of the first buyer among the rows.
func finding(rows []Row, p Params, name func(string) string) string {
	if len(rows) == 0 {
		return "Under this lens there is no promise to pay that fits the question."
	}
	buyer, payee := rows[0].Buyer, rows[0].Payee
	var promised, covered graph.Money
	n := 0
	for _, r := range rows {
		if r.Buyer != buyer {
			break
		}
		n++
		promised, covered = promised.Plus(r.Amount), covered.Plus(map[Rule]graph.Money{Tied: r.Tied, Fifo: r.Fifo, ProRata: r.ProRata}[p.Rule])
		if r.Payee != payee {
			payee = ""
		}
	}
	if !promised.Known() {
		return fmt.Sprintf("%s has made %s, none of known amount.", name(buyer), queries.Count(n, "promise", "promises"))
	}
	to, by := "", "is funded by the payees themselves"
	if payee != "" {
		to, by = " "+name(payee), "is funded by "+name(payee)+" itself"
	}
	switch p.Rule {
	case Fifo:
		by = "is funded when money fills promises in order of date"
	case ProRata:
		by = "is funded when every promise gets the same share"
	}
	gap := graph.USD(promised.Cents() - covered.Cents())
	return fmt.Sprintf("Of the %s that %s promised%s, %s (%s) %s; %s has no visible source.",
		promised.Short(), name(buyer), to, covered.Short(), graph.Ratio(covered, promised).Percent(), by, gap.Short())
}
