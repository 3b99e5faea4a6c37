package realisation

import (
	"fmt"
	"iter"
	"math/big"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
)

// sum adds up amounts: an empty one is zero, one of unknown terms only unknown.
type sum struct {
	n     int
	total graph.Money
}

func (s *sum) add(m graph.Money) { s.n, s.total = s.n+1, s.total.Plus(m) }

func (s *sum) money() graph.Money {
	if s.n == 0 {
		return graph.USD(0)
	}
	return s.total
}

// line is a leg with a row of its own, with the figures of its parts.
type line struct {
	Leg
	amount            graph.Money // its headline
	settled, realised graph.Money
	parts             []string // legs whose figures were added
}

// headline is the announced amount, of a superseded leg the shortfall of its
// successor.
func (l Leg) headline() graph.Money {
	if graph.Status(l.Status) != graph.Superseded || !l.Succeeded || !l.Amount.Known() {
		return l.Amount
	}
	if !l.Successor.Known() {
		return graph.Money{}
	}
	return graph.USD(max(0, l.Amount.Cents()-l.Successor.Cents()))
}

// key is the row of the leg; false when it has none under this grouping.
func (l Leg) key(by By) (string, bool) {
	switch by {
	case ByVendor:
		return l.Vendor, l.Vendor != ""
	case ByYear:
		if !l.Announced.Known() {
			return "undated", true
		}
		return l.Announced.String()[:4], true
	case ByDeal:
		if l.Deal != "" {
			return l.Deal, true
		}
	}
	return l.ID, true
}

// book is the legs of one row with their sums.
type book struct {
	lines                        []*line
	headline, lost, soft, signed sum
	settled, realised            graph.Money // unknown where there is none
}

func (b *book) add(l *line) {
	b.lines = append(b.lines, l)
	b.headline.add(l.amount)
	switch status := graph.Status(l.Status); {
	case status.Dead():
		b.lost.add(l.amount)
	case !status.Firm() || l.Conditional:
		b.soft.add(l.amount)
	default:
		b.signed.add(l.amount)
	}
	b.settled, b.realised = b.settled.Plus(l.settled), b.realised.Plus(l.realised)
}

func finish(in queries.Scope, p Params, facts iter.Seq[Leg]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	books := map[string]*book{}
	var all book
	for _, l := range lines(facts, p.By) {
		key, _ := l.key(p.By)
		if books[key] == nil {
			books[key] = &book{}
		}
		books[key].add(l)
		all.add(l)
	}
	s := &ans.Summary
	for key, b := range books {
		r := b.row(in, key, p)
		ans.Rows = append(ans.Rows, r)
		*map[Test]*int{Pass: &s.ByTest.Pass, Fail: &s.ByTest.Fail, NotDue: &s.ByTest.NotDue, Unknown: &s.ByTest.Unknown}[r.Test]++
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Descending(a.Headline, b.Headline), queries.Bytes(a.Key, b.Key))
	})
	s.Totals = all.totals()
	s.Signing, s.Closing = spans(in, all.lines)
	ans.Finding = finding(*s, p, len(ans.Rows))
	return ans, nil
}

// lines are the legs that have a row, each with the figures of those of its
// parts that have none.
func lines(facts iter.Seq[Leg], by By) []*line {
	var list []*line
	var parts []Leg
	byID := map[string]*line{}
	for f := range facts {
		if _, has := f.key(by); f.Row && has {
			l := &line{Leg: f, amount: f.headline(), settled: f.Settled, realised: f.Realised}
			byID[f.ID] = l
			list = append(list, l)
		} else if !f.Row && (f.Settled.Known() || f.Realised.Known()) {
			parts = append(parts, f)
		}
	}
	for _, f := range parts {
		for _, id := range f.Ancestors {
			if l := byID[id]; l != nil {
				l.settled, l.realised = l.settled.Plus(f.Settled), l.realised.Plus(f.Realised)
				l.parts = append(l.parts, f.ID)
				break
			}
		}
	}
	return list
}

func (b *book) row(in queries.Scope, key string, p Params) Row {
	r := Row{
		Key: key, Headline: b.headline.money(), Lost: b.lost.money(), Soft: b.soft.money(), Signed: b.signed.money(),
		Settled: b.settled, Realised: b.realised, Test: b.test(in.View.AsOf(), p.Threshold), Count: len(b.lines),
	}
	r.Ratio = graph.Ratio(r.Realised, r.Headline)
	var legs []string
	for _, l := range b.lines {
		legs = append(append(legs, l.ID), l.parts...)
		if l.Announced.Known() {
			if m := months(l.Announced.First(), in.View.AsOf()); r.Months == nil || m > *r.Months {
				r.Months = &m
			}
		}
	}
	r.Legs = in.InOrder(legs)
	return r
}

// test sums headline and figure over the due legs that have both.
func (b *book) test(asOf graph.Day, threshold graph.Decimal) Test {
	dated, old := false, false
	headline, realised := new(big.Int), new(big.Int)
	for _, l := range b.lines {
		if !l.Announced.Known() {
			continue
		}
		dated = true
		if months(l.Announced.First(), asOf) < due {
			continue
		}
		old = true
		if l.amount.Known() && l.realised.Known() {
			headline.Add(headline, big.NewInt(l.amount.Cents()))
			realised.Add(realised, big.NewInt(l.realised.Cents()))
		}
	}
	switch {
	case dated && !old:
		return NotDue
	case headline.Sign() == 0:
		return Unknown
	}
	realised.Mul(realised, big.NewInt(1_000_000))
	headline.Mul(headline, big.NewInt(threshold.Micro()))
	if realised.Cmp(headline) >= 0 {
		return Pass
	}
	return Fail
}

// months is the number of full calendar months from one day to a later one; a
// day that a month does not have stands for its last.
func months(from, to graph.Day) int {
	a, b := from.Time(), to.Time()
	n := (b.Year()-a.Year())*12 + int(b.Month()-a.Month())
	last := time.Date(b.Year(), b.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if b.Day() < min(a.Day(), last) {
		n--
	}
	return n
}

func (b *book) totals() Totals {
	t := Totals{
		Headline: b.headline.money(), Lost: b.lost.money(), Soft: b.soft.money(), Signed: b.signed.money(), Settled: b.settled, Realised: b.realised,
	}
	if len(b.lines) == 0 {
		t.Settled, t.Realised = graph.USD(0), graph.USD(0)
	}
	for share, part := range map[*graph.Decimal]graph.Money{
		&t.LostShare: t.Lost, &t.SoftShare: t.Soft, &t.SignedShare: t.Signed, &t.SettledShare: t.Settled, &t.RealisedShare: t.Realised,
	} {
		*share = graph.Ratio(part, t.Headline)
	}
	return t
}

// spans are the days from announcement to signing and to closing. A leg that was
// announced as signed or closed tells nothing of that day.
func spans(in queries.Scope, lines []*line) (signing, closing Days) {
	snap, asOf := in.View.Snapshot(), in.View.AsOf()
	var toSigning, toClosing []int64
	for _, l := range lines {
		if !l.Announced.Known() {
			continue
		}
		i, _ := snap.FlowIndex(l.ID)
		start := l.Announced.First()
		now := snap.StateOn(i, start-1)
		firm, closed := now.Firm(), now == graph.Closed
		for _, o := range snap.Outcomes(i) {
			if !o.Date.Known() || o.Date.First() > asOf || o.StatusAfter == "" {
				continue
			}
			days := int64(max(0, o.Date.First()-start))
			if o.StatusAfter == graph.Signed && !firm {
				toSigning = append(toSigning, days)
			}
			if o.StatusAfter == graph.Closed && !closed {
				toClosing = append(toClosing, days)
			}
			firm, closed = firm || o.StatusAfter.Firm(), closed || o.StatusAfter == graph.Closed
		}
	}
	return days(toSigning), days(toClosing)
}

func days(list []int64) Days {
	n := len(list)
	if n == 0 {
		return Days{}
	}
	slices.Sort(list)
	return Days{
		Legs: n, Least: graph.Micro(list[0] * 1_000_000), Most: graph.Micro(list[n-1] * 1_000_000),
		Median: graph.Micro((list[(n-1)/2] + list[n/2]) * 500_000),
	}
}

func finding(s Summary, p Params, rows int) string {
	t := s.Totals
	if rows == 0 {
		return "Under this lens nothing was announced."
	}
	if !t.Headline.Known() {
		return fmt.Sprintf("%s, none of known headline.", queries.Count(rows, "row", "rows"))
	}
	realised := "no figure of what was paid is reported"
	if t.Realised.Known() {
		realised = fmt.Sprintf("%s (%s) is reported as paid", t.Realised.Short(), t.RealisedShare.Percent())
	}
	text := fmt.Sprintf("Of %s announced, %s was lost, %s is soft and %s is signed or further; %s.", t.Headline.Short(), part(t.Lost, t.LostShare), part(t.Soft, t.SoftShare),
		part(t.Signed, t.SignedShare), realised)
	one, many := string(p.By), string(p.By)+"s"
	return text + fmt.Sprintf(" After 24 months %s at least %s of the headline and %d did not; %d cannot be tested and %d are not due.",
		queries.Count(s.ByTest.Pass, one+" reached", many+" reached"), percent(p.Threshold), s.ByTest.Fail, s.ByTest.Unknown, s.ByTest.NotDue)
}

func part(m graph.Money, share graph.Decimal) string {
	if !m.Known() {
		return "an unknown amount"
	}
	return fmt.Sprintf("%s (%s)", m.Short(), share.Percent())
}

func percent(d graph.Decimal) string { return strings.Replace(d.Percent(), ".0 %", " %", 1) }
