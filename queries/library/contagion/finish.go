package contagion

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

func finish(in queries.Scope, p Params, facts iter.Seq[Solution]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	for s := range facts {
		for i := range s.Firms {
			ans.Rows = append(ans.Rows, s.row(i))
		}
		slices.SortFunc(ans.Rows, func(a, b Row) int {
			return queries.Order(queries.Descending(a.Loss, b.Loss), queries.DescendingRatio(a.DR, b.DR), queries.Bytes(a.Company, b.Company))
		})
		ans.Summary = s.summary(p, ans.Rows)
		ans.Warnings = warnings(p, ans.Summary, s)
		t := teller{p: p, rows: ans.Rows, s: ans.Summary, name: in.View.Snapshot().CompanyName}
		ans.Finding = t.finding()
	}
	return ans, nil
}

// places is a number rounded half up to six places. Distress is summed up until
// it moves by less than 1e-12, so a number so little below the middle of two is
// taken for the middle.
func places(x float64) graph.Decimal {
	return graph.Micro(int64(math.Floor(float64(x*1e6) + 0.5 + 1e-6)))
}

func (s *Solution) row(i int) Row {
	f := s.Firms[i]
	r := Row{
		Company: f.ID, Owed: f.Owed, Receivable: f.Receivable, Buffer: graph.USD(f.Buffer), BufferFrom: f.BufferFrom,
		External: graph.USD(f.External), Assumed: graph.USD(f.Assumed), Legs: f.Legs,
	}
	if s.Ranked != nil {
		r.DR = places(s.Ranked[i])
		return r
	}
	h := s.Hits[i]
	r.H, r.Recovery = places(h.Level), h.Recovery
	r.PaidBefore, r.PaidAfter, r.Loss = graph.USD(h.PaidBefore), graph.USD(h.PaidAfter), graph.USD(h.Loss)
	if f.Owed.Known() {
		r.Shortfall = graph.USD(f.Owed.Cents() - h.PaidAfter)
	}
	if f.Owed.Cents() == 0 {
		r.Recovery = graph.Decimal{}
	}
	return r
}

func (s *Solution) summary(p Params, rows []Row) Summary {
	sum := Summary{Firms: len(s.Firms), Receipts: graph.USD(s.Receipts), Rounds: &s.OfX.Rounds, DR: places(s.OfX.DR), ExactToTheCents: s.Exact, Fallen: []string{}}
	if s.X != "" {
		sum.Firm = &s.X
	}
	for _, f := range s.Firms {
		if !f.Revenue {
			sum.WithoutRevenue++
		}
	}
	if p.Rank {
		if s.X == "" {
			sum.DR, sum.Rounds = graph.Decimal{}, nil
		}
		return sum
	}
	var distressed, losers, before, after int
	assumed := int64(0)
	short := map[string]bool{} // after the shock, and not before
	for i, h := range s.Hits {
		f := s.Firms[i]
		distressed += one(h.Level > 0 && f.ID != s.X)
		losers += one(h.Loss > 0)
		before += one(h.ShortBefore)
		after += one(h.Short)
		assumed += f.Assumed
		short[f.ID] = h.Short && !h.ShortBefore && f.ID != s.X
	}
	for _, r := range rows {
		if short[r.Company] {
			sum.Fallen = append(sum.Fallen, r.Company)
		}
	}
	sum.Distressed, sum.Losers, sum.DefaultsBefore, sum.DefaultsAfter = &distressed, &losers, &before, &after
	sum.PaidBefore, sum.PaidAfter, sum.Loss, sum.Assumed = graph.USD(s.PaidBefore), graph.USD(s.PaidAfter), graph.USD(s.Loss), graph.USD(assumed)
	return sum
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func warnings(p Params, sum Summary, s Solution) []queries.Warning {
	var list []queries.Warning
	add := func(code string, count int, message string) {
		list = append(list, queries.Warning{Code: code, Count: count, Message: message})
	}
	if s.Unknown > 0 {
		add(UnknownAsZero, s.Unknown, queries.Count(s.Unknown, "payment or funding edge of unknown amount counts", "payment and funding edges of unknown amount count")+" as zero.")
	}
	if sum.WithoutRevenue > 0 {
		add(NoRevenue, sum.WithoutRevenue, queries.Count(sum.WithoutRevenue, "company reports", "companies report")+" no revenue: tracked receipts are the buffer, so distress leans high.")
	}
	if n := countAssumed(s.Firms); n > 0 && !p.Rank {
		add(AssumedAssets, n, fmt.Sprintf("For %s external assets of %s are assumed that nobody reported, so that all can pay before the shock.", queries.Count(n, "company", "companies"), sum.Assumed.Short()))
	}
	if p.Cash && p.Assets != Reported {
		add(CashNotUsed, 0, "Reported cash counts with assets=reported only.")
	}
	if s.Endless {
		add(ManyRounds, s.OfX.Rounds, fmt.Sprintf("Distress still moved after %d rounds; h and dr are what the rounds come to in the end, the number of rounds is at least.", s.OfX.Rounds))
	}
	if !s.Exact {
		add(NotExact, 0, "Many companies in default owe each other in turn: their payments were found in floating point, and the last digits may be off.")
	}
	return list
}

func countAssumed(firms []Firm) int {
	n := 0
	for _, f := range firms {
		n += one(f.Assumed > 0)
	}
	return n
}

// teller makes the finding.
type teller struct {
	p    Params
	rows []Row
	s    Summary
	name func(string) string
}

func (t teller) finding() string {
	switch {
	case len(t.rows) == 0:
		return "Under this lens no company pays another."
	case t.s.Receipts.Cents() == 0:
		return "Under this lens no amount that one company pays another is known, or all are zero."
	case t.p.Rank:
		return t.ranked()
	case t.s.Firm == nil || t.p.Shock.Micro() == 0:
		return t.unshocked()
	}
	x := *t.s.Firm
	if t.rows[0].Loss.Cents() == 0 {
		return t.unfelt(x)
	}
	top := t.rows[0]
	text := fmt.Sprintf("%s, %s loses %s of the %s that it is owed", t.shock(x), t.name(top.Company), top.Loss.Short(), top.Receivable.Short())
	if *t.s.Losers > 1 {
		text += fmt.Sprintf(", the most of %d companies that lose %s together", *t.s.Losers, t.s.Loss.Short())
	}
	switch n := len(t.s.Fallen); n {
	case 0:
		text += "; no other company fails to pay in full because of it"
	case 1:
		text += fmt.Sprintf("; %s can then not pay in full either", t.name(t.s.Fallen[0]))
	default:
		text += fmt.Sprintf("; %d other companies, %s first, can then not pay in full either", n, t.name(t.s.Fallen[0]))
	}
	text += fmt.Sprintf(", and distress reaches %s of all receipts (DebtRank)", t.s.DR.Percent())
	return text + ", " + t.means() + "."
}

// unfelt says why nobody loses receipts; what is not known to be paid is not
// nothing.
func (t teller) unfelt(x string) string {
	at := slices.IndexFunc(t.rows, func(r Row) bool { return r.Company == x })
	switch {
	case at < 0:
		return fmt.Sprintf("%s, no company loses receipts: under this lens it neither pays nor is paid.", t.shock(x))
	case !t.rows[at].Owed.Known():
		return fmt.Sprintf("%s, no company is seen to lose receipts: of what it pays no amount is known under this lens.", t.shock(x))
	}
	return fmt.Sprintf("%s, no company loses receipts under this lens.", t.shock(x))
}

func (t teller) shock(x string) string {
	if t.p.Shock == graph.Micro(1_000_000) {
		return fmt.Sprintf("If %s stops paying", t.name(x))
	}
	return fmt.Sprintf("If %s loses %s of its means", t.name(x), t.p.Shock.Percent())
}

// means is what the sentence assumes of the others.
func (t teller) means() string {
	switch {
	case t.p.Assets == Solvent:
		return "assuming that all could pay before"
	case t.p.Cash:
		return "counting funding and reported cash alone"
	}
	return "counting funding alone"
}

func (t teller) unshocked() string {
	n := *t.s.DefaultsBefore
	if n == 0 {
		return fmt.Sprintf("Without a shock %s can pay in full, %s.", queries.Count(len(t.rows), "company", "companies"), t.means())
	}
	worst := t.rows[0]
	for _, r := range t.rows {
		if r.Shortfall.Cents() > worst.Shortfall.Cents() {
			worst = r
		}
	}
	return fmt.Sprintf("Without a shock %d of %d companies cannot pay in full, %s; %s is furthest short, by %s of the %s that it owes (recovery %s).",
		n, len(t.rows), t.means(), t.name(worst.Company), worst.Shortfall.Short(), worst.Owed.Short(), worst.Recovery.Percent())
}

func (t teller) ranked() string {
	top := t.rows[0]
	if top.DR.Micro() == 0 {
		return fmt.Sprintf("No company's distress reaches another of the %d under this lens.", len(t.rows))
	}
	text := fmt.Sprintf("%s, distress reaches %s of all receipts, more than from any other of %d companies", t.shock(top.Company), top.DR.Percent(), len(t.rows))
	if len(t.rows) > 1 && t.rows[1].DR == top.DR {
		text = fmt.Sprintf("%s, distress reaches %s of all receipts, no less than from any other of %d companies", t.shock(top.Company), top.DR.Percent(), len(t.rows))
	}
	if len(t.rows) > 1 && t.rows[1].DR.Micro() > 0 {
		text += fmt.Sprintf("; next is %s with %s", t.name(t.rows[1].Company), t.rows[1].DR.Percent())
	}
	return text + " (DebtRank)."
}
