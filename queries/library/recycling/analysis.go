// Package recycling declares the analysis of how much of what a company puts
// into others can come home to it along any chain.
package recycling

import (
	"fmt"
	"iter"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

// Params choose among the funders.
type Params struct {
	Funder string `json:"funder" refs:"company" doc:"Only this company as the funder; every edge still takes part in its flow."`
}

// Path is one way home and how much comes along it.
type Path struct {
	Path   []string    `json:"path"` // companies from the funder to the funder
	Amount graph.Money `json:"amount_cents"`
}

// Edge is an edge of a cut.
type Edge struct {
	Payer  string      `json:"payer"`
	Payee  string      `json:"payee"`
	Amount graph.Money `json:"w_cents"`
}

// Funder is the fact: one company that puts money into another, and its maximum
// flow.
type Funder struct {
	ID            string
	PutIn         graph.Money
	Received      graph.Money
	Recycled      int64
	Paths         []Path
	Cut           []Edge
	Legs          []string // by date, then id
	NoCertificate error    // why the cut does not prove the flow; nil when it does
}

// Row is one funder.
type Row struct {
	Funder   string        `json:"funder" key:"true" title:"Funder" type:"company" doc:"A company that puts money into another."`
	PutIn    graph.Money   `json:"put_in_cents" title:"Puts in" doc:"Known amounts that it puts into others: FUNDS, with GRANTS where the lens has them."`
	Received graph.Money   `json:"received_cents" title:"Receives" doc:"Known amounts that it is paid: PAYS."`
	Recycled graph.Money   `json:"recycled_cents" title:"Can come home" doc:"The maximum flow from it through others back to it."`
	Ratio    graph.Decimal `json:"ratio" title:"Of what it puts in" doc:"What can come home divided by what it puts in."`
	Paths    []Path        `json:"paths" title:"Paths" detail:"true" doc:"Paths that add up to the flow, the shortest first, then by ids; one of several ways to take the flow apart."`
	Cut      []Edge        `json:"cut" title:"Limited by" detail:"true" doc:"Edges of a least cut: without them nothing comes home, and their amounts add up to what can."`
	Legs     []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"Its FUNDS and GRANTS legs out, its PAYS legs in and the legs along the paths, by date, then id."`
}

// Summary counts the funders.
type Summary struct {
	Funders      int  `json:"funders" doc:"Number of companies that put money into another."`
	Home         int  `json:"with_recycling" title:"To which money can come home" doc:"Those to which some of it can come home."`
	Certificates bool `json:"certificates_hold" title:"Certificates hold" doc:"The program has checked each flow against a cut of the same amount, so no flow is larger."`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Funder, Row, Summary]{
		Name:     "recycling",
		Title:    "Recycling along any chain",
		Question: "How much of what a company puts in can come home along any chain?",
		Method: "For each company that puts money into another (FUNDS, with GRANTS where the lens has them), the maximum flow from it back to it is found, exactly in whole cents. " +
			"Money leaves the funder only as funding and comes home only as payment (PAYS); in between it may pass any company along edges of these classes, none carrying more than its amount. " +
			"An edge of unknown amount counts as zero. The paths are the flow taken apart, shortest first, and one of several ways to do so. " +
			"Funders are looked at one by one: the same dollar can come home to several, so rows must not be added up. " +
			"The flow says what could come home under the amounts of the lens, not that any dollar did. " +
			"The analysis is native only: Cypher cannot express a maximum flow.",
		Formula: "recycled = maximum flow from the half of A that Fin edges leave to the half that Buy edges enter, capacities w; ratio = recycled / put in",
		Origin:  "L. R. Ford and D. R. Fulkerson, Maximal flow through a network, 1956; E. A. Dinic, 1970.",
		Order:   "what can come home descending, then funder",
		Native:  native,
		Finish:  finish,
	})
}

func finish(in queries.Scope, p Params, facts iter.Seq[Funder]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }, Summary: Summary{Certificates: true}}
	s := &ans.Summary
	for f := range facts {
		r := Row{Funder: f.ID, PutIn: f.PutIn, Received: f.Received, Recycled: graph.USD(f.Recycled), Paths: f.Paths, Cut: f.Cut, Legs: f.Legs}
		r.Ratio = graph.Ratio(r.Recycled, r.PutIn)
		ans.Rows = append(ans.Rows, r)
		s.Funders++
		if f.Recycled > 0 {
			s.Home++
		}
		s.Certificates = s.Certificates && f.NoCertificate == nil
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Descending(a.Recycled, b.Recycled), queries.Bytes(a.Funder, b.Funder))
	})
	ans.Finding = finding(ans.Rows, p, *s, in.View.Snapshot().CompanyName)
	return ans, nil
}

func finding(rows []Row, p Params, s Summary, name func(string) string) string {
	switch {
	case s.Funders == 0 && p.Funder != "":
		return fmt.Sprintf("Under this lens %s puts money into no other company.", name(p.Funder))
	case s.Funders == 0:
		return "Under this lens no company puts money into another."
	case s.Home == 0:
		return fmt.Sprintf("Nothing that the %s in can come home as payments under this lens.", queries.Count(s.Funders, "funder puts", "funders put"))
	case !s.Certificates:
		return "The check that no more can come home has failed; the amounts are lower bounds."
	}
	top := rows[0]
	text := fmt.Sprintf("Of the %s that %s puts into others, up to %s (%s) can come home as payments along any chain",
		top.PutIn.Short(), name(top.Funder), top.Recycled.Short(), top.Ratio.Percent())
	if s.Home > 1 {
		text += fmt.Sprintf("; it is the first of %d funders to which money can come home", s.Home)
	}
	return text + "."
}
