// Package circularity declares the analysis of how much of a network's money can
// go round when no dollar counts twice.
package circularity

import (
	"roundtrip/graph"
	"roundtrip/queries"
)

// Params choose how much is worked out and listed.
type Params struct {
	Ranges bool `json:"ranges" default:"true" doc:"Work out the range of each company's throughput over all optimal solutions; false saves two maximum flows for every company of a large network."`
	Limit  int  `json:"limit" default:"1000" min:"0" max:"1000000" doc:"At most so many edges and so many cycles in the lists of the summary, the largest first."`
}

// Edge is what one company pays another, classes merged, and how much of it goes
// round.
type Edge struct {
	Payer  string      `json:"payer" type:"company"`
	Payee  string      `json:"payee" type:"company"`
	Amount graph.Money `json:"w_cents" title:"amount"`
	Round  graph.Money `json:"c_cents" title:"goes round"`
}

// Cycle is one cycle of the decomposition.
type Cycle struct {
	Ring   []string    `json:"ring" type:"ring"`
	Amount graph.Money `json:"amount_cents"`
}

// Firm is a company with an edge.
type Firm struct {
	ID         string
	In, Out    graph.Money
	Throughput int64
	Min, Max   graph.Money // unknown when ranges were not asked for
	Potential  int64
	Legs       []string // by date, then id
}

// Solution is the one fact: the network under the lens and its maximum
// circulation.
type Solution struct {
	Firms       []Firm
	Edges       []Edge
	Cycles      []Cycle
	Certificate error // why the dual does not prove the optimum; nil when it does
}

// Row is one company.
type Row struct {
	Company    string      `json:"company" key:"true" title:"Company" type:"company" doc:"A company that pays or is paid."`
	In         graph.Money `json:"gross_in_cents" title:"Gross in" doc:"Known amounts that it is paid or put in, without counting an edge of unknown amount."`
	Out        graph.Money `json:"gross_out_cents" title:"Gross out" doc:"Known amounts that it pays or puts into others."`
	Net        graph.Money `json:"net_cents" title:"Net" doc:"Gross in minus gross out."`
	Throughput graph.Money `json:"throughput_cents" title:"Goes round" doc:"What goes round through it in the solution shown, which is one of perhaps several."`
	Min        graph.Money `json:"min_throughput_cents" title:"At least" when:"ranges" doc:"The least that goes round through it in any optimal solution; null when ranges is false."`
	Max        graph.Money `json:"max_throughput_cents" title:"At most" when:"ranges" doc:"The most that goes round through it in any optimal solution; null when ranges is false."`
	Potential  int64       `json:"potential" title:"Potential" type:"number" detail:"true" doc:"Its number y in the dual certificate. With margin 1 + y(payer) - y(payee), an edge goes round whole where the margin is above 0 and not at all where it is below; amounts times margins above 0 add up to the circulation."`
	Legs       []string    `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"Its legs, by date, then id."`
}

// Summary is the network as a whole.
type Summary struct {
	Total       graph.Money   `json:"total_cents" title:"Total" doc:"Sum of the known amounts of all edges."`
	Circular    graph.Money   `json:"circular_cents" title:"Goes round" doc:"Sum over the edges of what goes round: the maximum circulation."`
	CI          graph.Decimal `json:"ci" title:"Circularity index" doc:"What goes round divided by the total."`
	NetToGross  graph.Decimal `json:"net_to_gross" title:"Net to gross" doc:"One minus the circularity index: the part of the total that moves on for good."`
	Certificate bool          `json:"certificate_holds" title:"Certificate holds" doc:"The program has checked with a dual solution that no larger circulation exists."`
	NumEdges    int           `json:"n_edges" title:"Edges" doc:"Number of edges, classes merged."`
	NumCycles   int           `json:"n_cycles" title:"Cycles" doc:"Number of cycles of the decomposition."`
	Edges       []Edge        `json:"edges" title:"Edges" doc:"By edge the amount w and the part c that goes round, by c, then w, then ids; at most limit."`
	Cycles      []Cycle       `json:"cycles" title:"Decomposition" doc:"Cycles that add up to the circulation, one of several ways to take it apart, by amount, then hops, then ids; at most limit."`
}

// CIFalls and ListsCut are codes of warnings.
const (
	CIFalls  = "ci_can_fall"
	ListsCut = "lists_cut"
)

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Solution, Row, Summary]{
		Name:     "circularity",
		Title:    "Circularity of the network",
		Question: "How circular is the network without counting a dollar twice?",
		Method: "Edges are what one company pays or puts into another (FUNDS, PAYS, and GRANTS where the lens has them), classes added up; an edge of unknown amount counts as zero. " +
			"A circulation assigns each edge a part of its amount such that what enters a company leaves it again; the largest one is what can go round at most without counting a dollar twice, found exactly in whole cents. " +
			"The circularity index CI is its sum divided by the sum of all amounts, net to gross is one minus that. " +
			"A dual solution of the linear programme proves that no circulation is larger, and the program checks it. " +
			"Which edges carry the circulation can differ between optimal solutions: the solution and the cycles shown are one of them, the range of a company's throughput covers all. " +
			"CI measures structure under the lens, not whether any dollar did go round, and it can fall when commitments rise. " +
			"The analysis is native only: Cypher cannot express a linear programme.",
		Formula: "CI = max sum c(e) / sum w(e), with 0 <= c(e) <= w(e) and inflow = outflow at every company; net_to_gross = 1 - CI",
		Origin:  "L. R. Ford and D. R. Fulkerson, Flows in Networks, 1962 (circulations and their dual).",
		Order:   "gross in plus gross out descending, unknown last, then company",
		Native:  native,
		Finish:  finish,
		Charts:  charts,
	})
}
