// Package roundtrips declares the analysis of pairs in which a funder is paid
// by the company that it funds.
package roundtrips

import (
	_ "embed"
	"fmt"
	"iter"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

//go:embed query.cypher
var text string

// Params has no parameters beside the lens.
type Params struct{}

// Pair is the fact: what A puts into B, and what B pays A.
type Pair struct {
	Funder   string      `json:"funder"`
	Customer string      `json:"customer"`
	Fin      graph.Money `json:"fin_cents"`
	Buy      graph.Money `json:"buy_cents"`
	Legs     []string    `json:"legs"` // in any order
}

// Row is one pair.
type Row struct {
	Funder     string        `json:"funder" key:"true" title:"Funder" type:"company" doc:"The company A that puts money into B and is paid by B."`
	Customer   string        `json:"customer" key:"true" title:"Customer" type:"company" doc:"The company B that is funded by A and pays A."`
	Fin        graph.Money   `json:"fin_cents" title:"Puts in" doc:"What A puts into B: FUNDS legs, with GRANTS where the lens has them."`
	Buy        graph.Money   `json:"buy_cents" title:"Pays back" doc:"What B pays or promises A: PAYS legs."`
	RoundTrip  graph.Money   `json:"rt_cents" title:"Round trip" doc:"The smaller of the two: what can go out and come home."`
	Ratio      graph.Decimal `json:"rt_ratio" title:"Of funding" doc:"Round trip divided by what A puts in."`
	Financed   graph.Decimal `json:"vendor_financed_share" title:"Of payments" doc:"Round trip divided by what B pays: the share of A's sales to B that A's own money can cover."`
	Gap        graph.Money   `json:"unfunded_gap_cents" title:"Gap" doc:"What B pays beyond what A puts in, never below zero."`
	LegsOfPair []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The legs of both directions, by date, then id."`
}

// Summary adds up the pairs.
type Summary struct {
	Pairs int         `json:"pairs" doc:"Number of pairs."`
	Fin   graph.Money `json:"fin_cents" title:"Put in" doc:"Sum of what funders put into their customers."`
	Buy   graph.Money `json:"buy_cents" title:"Paid back" doc:"Sum of what customers pay their funders."`
	RT    graph.Money `json:"rt_cents" title:"Round trips" doc:"Sum of the round trips; a dollar can be in several pairs."`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Pair, Row, Summary]{
		Name:     "roundtrips",
		Title:    "Round trips between two companies",
		Question: "Who pays its own customers?",
		Method: "A pair is a company A that puts money into B (FUNDS, with GRANTS where the lens has them) and is paid by B (PAYS). " +
			"The structural round trip is the smaller of the two sums; it says how much of the funding can come home as revenue, not that any dollar did. " +
			"An amount that is not known makes the pair's round trip unknown; an edge known in part counts with its known part. " +
			"Chains through a third company are left to cycles and recycling, and the same dollar can be part of several pairs.",
		Formula: "rt = min(Fin(A to B), Buy(B to A)); rt_ratio = rt / Fin; vendor_financed_share = rt / Buy; unfunded_gap = max(0, Buy - Fin)",
		Origin:  "The question behind this project: money that leaves as investment and comes home as revenue.",
		Order:   "round trip descending, unknown last, then funder, then customer",
		Native:  native,
		Twin:    &queries.Twin[Params, Pair]{Text: text, Shown: shown},
		Finish:  finish,
		Charts:  charts,
	})
}

func finish(in queries.Scope, _ Params, facts iter.Seq[Pair]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.LegsOfPair }}
	s := &ans.Summary
	s.Fin, s.Buy, s.RT = graph.USD(0), graph.USD(0), graph.USD(0)
	var sums [3]graph.Money
	for p := range facts {
		row := Row{Funder: p.Funder, Customer: p.Customer, Fin: p.Fin, Buy: p.Buy, RoundTrip: p.Fin.Min(p.Buy), LegsOfPair: in.InOrder(p.Legs)}
		row.Ratio = graph.Ratio(row.RoundTrip, p.Fin)
		row.Financed = graph.Ratio(row.RoundTrip, p.Buy)
		if p.Fin.Known() && p.Buy.Known() {
			row.Gap = graph.USD(max(0, p.Buy.Cents()-p.Fin.Cents()))
		}
		ans.Rows = append(ans.Rows, row)
		sums[0], sums[1], sums[2] = sums[0].Plus(p.Fin), sums[1].Plus(p.Buy), sums[2].Plus(row.RoundTrip)
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Descending(a.RoundTrip, b.RoundTrip), queries.Bytes(a.Funder, b.Funder), queries.Bytes(a.Customer, b.Customer))
	})
	if s.Pairs = len(ans.Rows); s.Pairs > 0 {
		s.Fin, s.Buy, s.RT = sums[0], sums[1], sums[2]
	}
	ans.Finding = finding(ans.Rows, in.View.Snapshot().CompanyName)
	return ans, nil
}

func finding(rows []Row, name func(string) string) string {
	if len(rows) == 0 {
		return "Under this lens no company funds a customer that pays it."
	}
	top := rows[0]
	if !top.RoundTrip.Known() {
		return fmt.Sprintf("%s; of none are both amounts known.", queries.Count(len(rows), "pair of companies fund and pay each other", "pairs of companies fund and pay each other"))
	}
	text := fmt.Sprintf("%s puts %s into %s and is to be paid %s by it: %s can come home, %s of what it puts in and %s of what it is paid.",
		name(top.Funder), top.Fin.Short(), name(top.Customer), top.Buy.Short(), top.RoundTrip.Short(), top.Ratio.Percent(), top.Financed.Percent())
	if len(rows) > 1 {
		text += fmt.Sprintf(" It is the largest of %d pairs.", len(rows))
	}
	return text
}
