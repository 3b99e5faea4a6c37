// Package lookthrough declares the analysis of how much of what a company is
// paid is its own money that comes back through others.
package lookthrough

import (
	"fmt"
	"iter"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/algo/absorbing"
)

// Params say how much money of their own firms are taken to have.
type Params struct {
	Horizon graph.Decimal `json:"horizon_years" default:"5" min:"0" max:"100" doc:"Years of reported revenue that a firm is taken to have beside what is tracked."`
	Company string        `json:"company" refs:"company" doc:"Only the row of this company; every edge still takes part."`
}

// Payer is what one customer pays a company, and how much of its money is that
// company's own.
type Payer struct {
	ID     string
	Amount graph.Money
	Own    float64 // with outside money
	Closed float64 // without
	// Chain is the company, firms on the way and the payer: one of the shortest
	// ways of the money; nil where none leads there.
	Chain []string
}

// Firm is the fact: one company that is paid by another.
type Firm struct {
	ID      string
	Outside graph.Money
	Payers  []Payer  // in any order
	Legs    []string // by date, then id
}

// PayerRow is one payer of a row.
type PayerRow struct {
	Payer  string        `json:"payer"`
	Amount graph.Money   `json:"amount_cents"`
	Own    graph.Decimal `json:"own_share"`
	Closed graph.Decimal `json:"own_share_closed"`
	Chain  []string      `json:"chain"` // from the company to the payer
}

// Row is one company.
type Row struct {
	Company  string        `json:"company" key:"true" title:"Company" type:"company" doc:"Who is paid."`
	Receipts graph.Money   `json:"receipts_cents" title:"Is paid" doc:"Known amounts of PAYS edges into it."`
	Self     graph.Decimal `json:"self_funded" title:"Its own money" doc:"Share of the receipts that is its own money, come back through any chain; firms have outside money."`
	Closed   graph.Decimal `json:"self_funded_closed" title:"In a closed system" doc:"The same where nobody has outside money: an upper bound."`
	Outside  graph.Money   `json:"outside_cents" title:"Outside money" doc:"Money from nobody in the graph that the company itself is taken to have; it thins what passes through it to others. Zero where it reports no revenue."`
	Unknown  int           `json:"n_unknown_payers" title:"Payers unknown" doc:"Payers of which no amount is known; they count as nothing."`
	Payers   []PayerRow    `json:"payers" title:"Payers" type:"object" detail:"true" doc:"Who pays it, by amount descending, unknown last, then id, with the share of each payer's money that is the company's own, with and without outside money, and one of the shortest chains on which that money gets there (fewest hops, then by id)."`
	Legs     []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The PAYS legs into it, and the legs along those chains, by date, then id."`
}

// Summary counts the companies.
type Summary struct {
	Companies int `json:"companies" doc:"Number of companies that are paid by another."`
	Own       int `json:"with_own_money" title:"With own money" doc:"Those of whose receipts some part is their own money."`
	NoRevenue int `json:"without_revenue" title:"Without a reported revenue" doc:"Firms with known money in from others that report no revenue, and so are taken to have no outside money."`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Fact, Row, Summary]{
		Name:     "lookthrough",
		Title:    "Own money in receipts",
		Question: "How much of a company's receipts is its own money, through any chain?",
		Method: "Each firm is taken to pass on what it gets in proportion: money in, put in by others (FUNDS, with GRANTS where the lens has them), paid by others (PAYS) or from outside the graph, mixes, and every dollar out is made of that mix. " +
			"For each company A this gives h, the share of a firm's money that is A's own, whatever the number of hops: h is 1 at A itself, 0 for outside money and for firms with no known money in, and else the mean of h over what comes in, weighed by amount (the least non-negative solution, to 1e-12). Self-funded is the mean of h over those who pay A, weighed by what they pay. " +
			"Outside money of a firm is horizon_years times the revenue that it reports itself (the latest revenue_annual by as_of, else the latest revenue_run_rate; never that of its units) less what is tracked as paid to it, and never less than nothing. A firm that reports no revenue has none, so self-funded leans high. " +
			"Beside it stands the same for a closed system in which nobody has outside money: an upper bound. Unknown amounts count as nothing. " +
			"Dates do not matter: money is taken to mix over the whole time, promised amounts like paid ones. Rows must not be added up. " +
			"The analysis is native only: Cypher cannot express a system of equations.",
		Formula: "self_funded(A) = sum Buy(u to A) h(u) / sum Buy(u to A); h(A) = 1, h(u) = sum w(x to u) h(x) / (sum w(x to u) + outside(u)); outside(u) = max(0, horizon_years x revenue(u) - sum Buy into u)",
		Origin:  "W. W. Leontief, proportional input-output analysis, 1936, seen as the absorbing Markov chain of J. G. Kemeny and J. L. Snell, Finite Markov Chains, 1960; the rule for outside money is that of this project.",
		Order:   "self-funded share descending, unknown last, then company",
		Native:  native,
		Finish:  finish,
		Charts:  charts,
	})
}

// Fact is a company that is paid, or the number of firms without a reported
// revenue.
type Fact struct {
	Firm      *Firm
	NoRevenue int
}

func finish(in queries.Scope, p Params, facts iter.Seq[Fact]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	s := &ans.Summary
	for f := range facts {
		s.NoRevenue += f.NoRevenue
		if f.Firm == nil {
			continue
		}
		r := rowOf(*f.Firm)
		ans.Rows = append(ans.Rows, r)
		s.Companies++
		if r.Self.Micro() > 0 {
			s.Own++
		}
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.DescendingRatio(a.Self, b.Self), queries.Bytes(a.Company, b.Company))
	})
	if s.NoRevenue > 0 && len(ans.Rows) > 0 {
		ans.Warnings = append(ans.Warnings, queries.Warning{
			Code: "no_revenue", Count: s.NoRevenue,
			Message: fmt.Sprintf("%s known money in and no reported revenue: %s taken to have no outside money, so self_funded leans high",
				queries.Count(s.NoRevenue, "firm has", "firms have"), map[bool]string{true: "it is", false: "they are"}[s.NoRevenue == 1]),
		})
	}
	ans.Finding = finding(ans.Rows, *s, p, in.View.Snapshot().CompanyName)
	return ans, nil
}

func rowOf(f Firm) Row {
	r := Row{Company: f.ID, Outside: f.Outside, Legs: f.Legs}
	slices.SortFunc(f.Payers, func(a, b Payer) int {
		return queries.Order(queries.Descending(a.Amount, b.Amount), queries.Bytes(a.ID, b.ID))
	})
	var own, closed float64
	for _, u := range f.Payers {
		r.Receipts = r.Receipts.Plus(u.Amount)
		if !u.Amount.Known() {
			r.Unknown++
		}
		amount := float64(u.Amount.Cents())
		own += float64(amount * u.Own) // rounded here on every machine: never fused
		closed += float64(amount * u.Closed)
		r.Payers = append(r.Payers, PayerRow{u.ID, u.Amount, share(u.Own), share(u.Closed), u.Chain})
	}
	if total := float64(r.Receipts.Cents()); total > 0 {
		r.Self, r.Closed = share(own/total), share(closed/total)
	}
	return r
}

func share(x float64) graph.Decimal { return graph.Micro(absorbing.Millionths(min(1, x))) }

func finding(rows []Row, s Summary, p Params, name func(string) string) string {
	asked := "no company"
	if p.Company != "" {
		asked = "the company that was asked for"
	}
	if len(rows) == 0 {
		return fmt.Sprintf("Under this lens %s is %spaid by another.", asked, not(p))
	}
	top, known := rows[0], 0
	for _, r := range rows {
		if r.Self.Known() {
			known++
		}
	}
	if known == 0 {
		return fmt.Sprintf("Under this lens %s is %spaid a known amount above zero.", asked, not(p))
	}
	outside := fmt.Sprintf("each firm's outside money reckoned as %s years of reported revenue less what is tracked", p.Horizon)
	if p.Horizon.Micro() == 1_000_000 {
		outside = "each firm's outside money reckoned as one year of reported revenue less what is tracked"
	}
	var text string
	if top.Self.Micro() == 0 {
		whose := map[bool]string{true: "its", false: "their"}[known == 1]
		text = fmt.Sprintf("None of what %s known to be paid comes back from %s own money, %s", queries.Count(known, "company is", "companies are"), whose, outside)
	} else {
		text = fmt.Sprintf("Of the %s that %s is paid or promised, %s is its own money come back through any chain, %s; in a closed system it would be at most %s.",
			top.Receipts.Short(), name(top.Company), top.Self.Percent(), outside, top.Closed.Percent())
		if s.Companies == 1 {
			return text
		}
		text += fmt.Sprintf(" Of %s paid a known amount, %d %s own money again", queries.Count(known, "company that is", "companies that are"), s.Own, map[bool]string{true: "sees", false: "see"}[s.Own == 1])
	}
	if more := s.Companies - known; more > 0 {
		text += fmt.Sprintf("; of %d more no payment above zero is known", more)
	}
	return text + "."
}

// not denies what is said of one company; "no company" denies it already.
func not(p Params) string {
	if p.Company != "" {
		return "not "
	}
	return ""
}
