// Package realisation declares the analysis of what became of announced
// amounts.
package realisation

import (
	_ "embed"

	"roundtrip/graph"
	"roundtrip/queries"
)

//go:embed query.cypher
var text string

// Params say how legs are grouped and what passes the test.
type Params struct {
	By        By            `json:"by" default:"deal" enum:"leg,deal,vendor,year" doc:"One row for each leg, deal, vendor (payee of PAYS legs) or year of announcement."`
	Threshold graph.Decimal `json:"threshold" default:"0.5" min:"0" max:"1" doc:"Share of the headline that must be realised after 24 months to pass the test."`
}

// By is what a row stands for.
type By string

// The groupings.
const (
	ByLeg    By = "leg"
	ByDeal   By = "deal"
	ByVendor By = "vendor"
	ByYear   By = "year"
)

// Leg is the fact: one leg that the lens lets pass in whatever state.
type Leg struct {
	ID          string      `json:"leg"`
	Deal        string      `json:"deal"`   // "" for none
	Vendor      string      `json:"vendor"` // payee of a PAYS leg, else ""
	Announced   graph.Date  `json:"announced"`
	Status      string      `json:"status"`
	Conditional bool        `json:"conditional"`
	Amount      graph.Money `json:"amount_cents"`    // as announced
	Succeeded   bool        `json:"succeeded"`       // superseded by a leg that is known
	Successor   graph.Money `json:"successor_cents"` // what that one announced
	Row         bool        `json:"row"`             // not a part of a leg that is announced with an amount
	Ancestors   []string    `json:"ancestors"`       // the nearest first
	Settled     graph.Money `json:"settled_cents"`   // of the leg itself
	Realised    graph.Money `json:"realised_cents"`  // of the leg itself; a reported zero is zero
}

// Test is the outcome of the 24-month test.
type Test string

// The outcomes.
const (
	Pass    Test = "pass"
	Fail    Test = "fail"
	NotDue  Test = "not_due"
	Unknown Test = "unknown"
)

// due is the age in months at which a headline is tested.
const due = 24

// Row is one leg or group of legs.
type Row struct {
	Key      string        `json:"key" key:"true" title:"Key" type:"key" doc:"Id of the leg, deal or vendor, or the year. A leg without a deal stands under its own id, one without a date under undated."`
	Headline graph.Money   `json:"headline_cents" title:"Headline" doc:"Announced amounts; of a superseded leg only what its successor fell short of it."`
	Lost     graph.Money   `json:"lost_cents" title:"Lost" doc:"Headline of cancelled legs, and shortfalls of successors."`
	Soft     graph.Money   `json:"soft_cents" title:"Soft" doc:"Headline of other legs in talks, letter of intent, stalled or paused, or conditional."`
	Signed   graph.Money   `json:"signed_cents" title:"Signed" doc:"Headline of the rest."`
	Settled  graph.Money   `json:"settled_cents" title:"Settled" doc:"Figures paid, and amounts of closed cash legs without a figure; null where there is neither."`
	Realised graph.Money   `json:"realised_cents" title:"Realised" doc:"Figures paid, those of parts included; null where no leg has one."`
	Ratio    graph.Decimal `json:"realised_share" title:"Realised share" doc:"Realised divided by headline."`
	Months   *int          `json:"months" title:"Months" type:"count" doc:"Full calendar months since announcement, of the oldest leg; null where none is dated."`
	Test     Test          `json:"test" title:"24-month test" doc:"pass or fail over the legs that are 24 months old and have headline and figure; not_due, or unknown."`
	Count    int           `json:"n_legs" title:"Legs" detail:"true" doc:"Legs of the row, parts left out."`
	Legs     []string      `json:"legs" title:"Leg ids" type:"legs" detail:"true" doc:"The legs and the parts whose figures were added, by date, then id."`
}

// Summary adds up the rows.
type Summary struct {
	Totals  Totals `json:"totals" doc:"Sums over the rows, and their shares of the headline."`
	ByTest  Tests  `json:"by_test" title:"Rows by test" doc:"Number of rows by the outcome of the test."`
	Signing Days   `json:"days_to_signing" title:"Days to signing" doc:"From announcement to signing, of legs that were announced before they were signed and whose outcomes tell the day."`
	Closing Days   `json:"days_to_closing" title:"Days to closing" doc:"From announcement to closing, of legs whose outcomes tell the day."`
}

// Totals are sums and shares of the headline.
type Totals struct {
	Headline      graph.Money   `json:"headline_cents"`
	Lost          graph.Money   `json:"lost_cents"`
	Soft          graph.Money   `json:"soft_cents"`
	Signed        graph.Money   `json:"signed_cents"`
	Settled       graph.Money   `json:"settled_cents"`
	Realised      graph.Money   `json:"realised_cents"`
	LostShare     graph.Decimal `json:"lost_share"`
	SoftShare     graph.Decimal `json:"soft_share"`
	SignedShare   graph.Decimal `json:"signed_share"`
	SettledShare  graph.Decimal `json:"settled_share"`
	RealisedShare graph.Decimal `json:"realised_share"`
}

// Tests are numbers of rows.
type Tests struct {
	Pass    int `json:"pass"`
	Fail    int `json:"fail"`
	NotDue  int `json:"not_due"`
	Unknown int `json:"unknown"`
}

// Days are spans of days over some legs.
type Days struct {
	Legs   int           `json:"legs"`
	Least  graph.Decimal `json:"least" type:"number" unit:"days"`
	Median graph.Decimal `json:"median" type:"number" unit:"days"`
	Most   graph.Decimal `json:"most" type:"number" unit:"days"`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Leg, Row, Summary]{
		Name:     "realisation",
		Title:    "Headlines and what was paid",
		Question: "What became of the headlines?",
		Method: "Every leg of the lens counts with its announced amount in whatever state; the basis is ignored. A superseded leg counts only what its successor fell short of it: nothing where the successor is as large, all where none is known, unknown where the successor's amount is. " +
			"The headline divides into lost (cancelled, or that shortfall), soft (talks, letter of intent, stalled, paused, or conditional) and signed (the rest). " +
			"Apart from that stand settled and realised as the lens defines them: realised is the latest figure of what was paid, settled adds closed cash legs without a figure. A part of a leg that is announced with an amount has no headline of its own, and its figure is added to that leg. " +
			"The test asks legs announced 24 full months ago or more whether realised divided by headline reaches the threshold; legs that lack either, or have a headline of zero, are unknown, and a group is tested on the sums over its due legs that have both. " +
			"Figures are reported for few legs, so a small realised sum says that little was reported, not that little was paid.",
		Formula: "headline = lost + soft + signed; test = realised / headline >= threshold, 24 months after the announcement",
		Origin:  "The definition is that of this project.",
		Order:   "headline descending, unknown last, then key",
		Needs:   func(l *graph.Lens) { l.Basis = graph.AnyState },
		Native:  native,
		Twin: &queries.Twin[Params, Leg]{
			Text: text, Shown: shown,
			Lens: func(l *graph.Lens) { l.Parts = true },
			Args: func(in queries.Scope, _ Params) map[string]any {
				return map[string]any{"amount_property": string(in.Lens.Amount) + "_cents"}
			},
		},
		Finish: finish,
		Charts: charts,
	})
}
