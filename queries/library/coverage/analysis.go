// Package coverage declares the analysis of what funds a buyer's promises, and
// of what has no visible source.
package coverage

import (
	_ "embed"

	"roundtrip/graph"
	"roundtrip/queries"
)

//go:embed query.cypher
var text string

// Params choose among the rows and the rule that the finding speaks of.
type Params struct {
	Buyer string `json:"buyer" refs:"company" doc:"Only promises of this company; every promise still takes part in the allocation."`
	Payee string `json:"payee" refs:"company" doc:"Only promises to this company; every promise still takes part in the allocation."`
	Rule  Rule   `json:"rule" default:"tied" enum:"tied,fifo,pro_rata" doc:"The rule that the finding and the columns coverage and gap follow."`
}

// Rule is a way to allocate funding to promises.
type Rule string

// The rules.
const (
	Tied    Rule = "tied"
	Fifo    Rule = "fifo"
	ProRata Rule = "pro_rata"
)

// Leg is the fact: one FUNDS leg into a buyer or one promise out of it, in
// order of date (undated last), then id.
type Leg struct {
	Buyer   string      `json:"buyer"`
	ID      string      `json:"leg"`
	Promise bool        `json:"promise"`
	Other   string      `json:"other"`      // the funder, or the payee
	Head    string      `json:"other_head"` // its ultimate parent
	Amount  graph.Money `json:"amount_cents"`
	Tied    graph.Money `json:"tied_cents"`   // of a promise: covered under rule tied
	Start   graph.Date  `json:"period_start"` // of a promise; first day
	End     graph.Date  `json:"period_end"`   // of a promise; last day
}

// Row is one promise.
type Row struct {
	Buyer    string        `json:"buyer" key:"true" title:"Buyer" type:"company" doc:"Who promises to pay."`
	Promise  string        `json:"commitment" key:"true" title:"Promise" type:"leg" doc:"The leg that is the promise."`
	Payee    string        `json:"payee" title:"Payee" type:"company" doc:"Who is to be paid."`
	Amount   graph.Money   `json:"amount_cents" title:"Amount" doc:"Amount of the promise under the lens."`
	Tied     graph.Money   `json:"tied_cents" title:"Tied" doc:"Covered when a funder's money pays only promises to that funder's own group."`
	Fifo     graph.Money   `json:"fifo_cents" title:"First in, first out" doc:"Covered when all funding fills all promises, both in order of date; no causality is claimed."`
	ProRata  graph.Money   `json:"pro_rata_cents" title:"Pro rata" doc:"Covered when every promise gets the same share of all funding."`
	Coverage graph.Decimal `json:"coverage" title:"Coverage" doc:"Covered amount under the chosen rule divided by the amount."`
	Gap      graph.Money   `json:"gap_cents" title:"Gap" doc:"Amount that has no visible source under the chosen rule."`
	Funders  []Share       `json:"funders" title:"Funders" detail:"true" doc:"Who covers how much under each rule, in order of their first leg."`
	Legs     []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The promise and the FUNDS legs that cover it under any rule."`
}

// Share is what one funder covers of a promise under each rule.
type Share struct {
	Funder  string      `json:"funder"`
	Tied    graph.Money `json:"tied_cents"`
	Fifo    graph.Money `json:"fifo_cents"`
	ProRata graph.Money `json:"pro_rata_cents"`
}

// Summary adds up by buyer and spreads promises over calendar years.
type Summary struct {
	Buyers []Buyer `json:"buyers" doc:"Totals of every buyer in the rows, over all its promises of known amount."`
	ByYear []Year  `json:"by_year" title:"Promised by year" doc:"Promises of the rows by calendar year of payment, for terms with both ends; the others are unscheduled."`
}

// Buyer is the totals of one buyer.
type Buyer struct {
	Buyer           string        `json:"buyer"`
	Promised        graph.Money   `json:"promised_cents"`
	Funding         graph.Money   `json:"funding_cents"`
	Tied            graph.Money   `json:"tied_cents"`
	Fifo            graph.Money   `json:"fifo_cents" title:"First in, first out"`
	ProRata         graph.Money   `json:"pro_rata_cents"`
	TiedCoverage    graph.Decimal `json:"tied_coverage"`
	FifoCoverage    graph.Decimal `json:"fifo_coverage"`
	ProRataCoverage graph.Decimal `json:"pro_rata_coverage"`
	TiedGap         graph.Money   `json:"gap_tied_cents" title:"gap, tied"`
	UnknownPromises int           `json:"n_unknown_promises" title:"promises unknown"`
	UnknownFunding  int           `json:"n_unknown_funding" title:"funding legs unknown"`
}

// Year is what one buyer promised to pay in one calendar year.
type Year struct {
	Buyer  string      `json:"buyer"`
	Year   string      `json:"year"` // "unscheduled" where the term has not both ends
	Amount graph.Money `json:"promised_cents"`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Leg, Row, Summary]{
		Name:     "coverage",
		Title:    "Coverage of promises by funding",
		Question: "What funds the promises?",
		Method: "A promise is a PAYS leg of kind compute_commitment, chip_purchase, lease, goods_purchase, service_purchase or licence_payment. " +
			"FUNDS legs into the buyer cover its promises under three rules side by side. Tied: a leg pays only promises to its own funder, compared as ultimate parents. " +
			"Fifo: legs fill promises, both in order of date, then id; no causality is claimed. Pro rata: every promise gets the same share of all funding, never more than its amount. " +
			"Legs of unknown amount allocate nothing and are counted. A buyer's own revenue, cash and debt outside the graph are left out, so the gap is money without a visible source, not money that is missing.",
		Formula: "coverage = covered / K; gap = K - covered; pro rata: covered = min(K, F x K / T), F all funding, T all promises, K one promise",
		Origin:  "Shares in whole cents by largest remainder (Hamilton).",
		Order:   "buyer's total promises descending, buyer, amount descending, promise",
		Lens:    func(l *graph.Lens) { l.Aggregates = true },
		Native:  native,
		Twin:    &queries.Twin[Params, Leg]{Text: text, Shown: shown, Args: promiseKinds},
		Finish:  finish,
		Charts:  charts,
	})
}

func promiseKinds(queries.Scope, Params) map[string]any {
	var kinds []string
	for _, k := range graph.FlowKinds() {
		if k.Promise {
			kinds = append(kinds, string(k.Kind))
		}
	}
	return map[string]any{"promise_kinds": kinds}
}
