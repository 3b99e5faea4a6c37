// Package criticality declares the analysis of which legs and firms the
// circulation of a network hangs on.
package criticality

import (
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
)

// Params choose what is taken away.
type Params struct {
	What    string        `json:"what" enum:"leg,firm" doc:"What is taken away: each leg, or each firm with all its legs; both when it is not given."`
	Limit   int           `json:"limit" default:"1000" min:"0" max:"1000000" doc:"Largest number of rows, and of edges in the list of the summary."`
	Timeout time.Duration `json:"timeout" default:"20s" max:"10m" doc:"Time for taking legs and firms away; those that were looked at until then are the answer, marked as cut short."`
}

// What can be taken away.
const (
	Leg  = "leg"
	Firm = "firm"
)

// Removal is one leg or firm and what its absence costs.
type Removal struct {
	What    string
	ID      string
	Between []string    // payer and payee of a leg, the firm itself
	Amount  graph.Money // of the leg; the known amounts of all legs of the firm
	Drop    graph.Money // unknown for a leg of unknown amount
	Date    graph.Date  // of the leg
	Legs    []string    // by date, then id
}

// Edge is what one company pays another, classes merged.
type Edge struct {
	Payer  string      `json:"payer" title:"Payer" type:"company"`
	Payee  string      `json:"payee" title:"Payee" type:"company"`
	Amount graph.Money `json:"w_cents" title:"Amount"`
	Legs   []string    `json:"legs" title:"Legs"` // by date, then id
}

// Solution is the one fact.
type Solution struct {
	Total    graph.Money // known amounts of all edges
	Circular graph.Money // unknown when there was no time to find it
	Removals []Removal   // those that were looked at
	Feedback []Edge
	Weight   int64 // of Feedback
	AtLeast  int64 // below which no feedback arc set is
	Exact    bool
}

// Row is one leg or firm.
type Row struct {
	What    string        `json:"what" key:"true" title:"Taken away" doc:"leg, or firm: a company with all its legs."`
	ID      string        `json:"id" key:"true" title:"Id" type:"key" doc:"Id of the leg or of the firm."`
	Drop    graph.Money   `json:"drop_cents" title:"Goes round less" doc:"By how much the largest circulation is smaller without it; null for a leg of unknown amount."`
	Change  graph.Decimal `json:"ci_change" title:"Change of CI" type:"number" doc:"Circularity index without it minus the index with it: below zero where the rest is less circular. Null where there is no index before or after, and for a leg of unknown amount."`
	Share   graph.Decimal `json:"drop_share" title:"Of what goes round" doc:"The drop divided by all that can go round."`
	Amount  graph.Money   `json:"amount_cents" title:"Amount" doc:"What is taken away: the amount of the leg, or the known amounts of all legs of the firm."`
	Between []string      `json:"between" title:"Between" type:"path" doc:"Payer and payee of a leg; the firm itself."`
	Legs    []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The legs that go with it, by date, then id."`
	Date    graph.Date    `json:"-"` // of the leg
}

// Summary is the network as a whole.
type Summary struct {
	Total    graph.Money   `json:"total_cents" title:"Total" doc:"Sum of the known amounts of all edges."`
	Circular graph.Money   `json:"circular_cents" title:"Goes round" doc:"The maximum circulation of the whole network; null when the search was cut short before it was found."`
	CI       graph.Decimal `json:"ci" title:"Circularity index" doc:"What goes round divided by the total."`
	Feedback graph.Money   `json:"feedback_arc_set_cents" title:"Without which there is no loop" doc:"Sum of the amounts of the feedback arc set: edges of known amount without which no loop of such edges is left."`
	AtLeast  graph.Money   `json:"feedback_at_least_cents" title:"No such set is below" doc:"A bound: no feedback arc set weighs less. It is the set's own weight where that is the least."`
	Exact    bool          `json:"feedback_exact" title:"The set is the least" doc:"It is proved that no feedback arc set weighs less; false where a heuristic found a set that may not be the least."`
	Legs     int           `json:"taken_legs" title:"Legs taken away" doc:"Legs that were taken away one by one, without those of unknown amount."`
	Firms    int           `json:"taken_firms" title:"Firms taken away" doc:"Firms that were taken away one by one."`
	Unknown  int           `json:"unknown_legs" title:"Legs of unknown amount" doc:"Legs whose amount is not known, so that nothing can be said of them."`
	Edges    []Edge        `json:"feedback_arc_set" title:"Feedback arc set" doc:"The edges of the set, one of several of its weight, by amount, then ids; at most limit."`
}

// Heuristic and ListCut are codes of warnings.
const (
	Heuristic = "feedback_heuristic"
	ListCut   = "list_cut"
)

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Solution, Row, Summary]{
		Name:     "criticality",
		Title:    "What the circulation hangs on",
		Question: "Which leg or firm, taken away, lowers what can go round most?",
		Method: "The network and its maximum circulation are those of circularity: edges are what one company pays or puts into another (FUNDS, PAYS, and GRANTS where the lens has them), classes added up, an edge of unknown amount counts as zero. " +
			"Each leg, and each firm with all its legs, is taken away alone and the largest circulation of the rest is found again, exactly and in whole cents; the drop is how much smaller it is. " +
			"A drop can be larger than the leg, as a loop carries its amount on every edge, and drops must not be added up, as two legs of one loop share theirs. " +
			"The change of the index is the index after minus the index before, both exact before they are rounded: taking away a leg that carries nothing round raises it. " +
			"What a leg of unknown amount carries is not known, so its drop is null; the drop of a firm rests on its known amounts. " +
			"A feedback arc set is a set of edges of known amount without which no loop of such edges is left; the one shown has the least sum, which is proved for strongly connected components of up to 20 firms and else where a packing of loops weighs as much; otherwise it comes from a heuristic that gives the same set every time, and is marked. " +
			"Legs are taken out of what the lens shows: a part that the lens leaves out for its whole does not come in for it, and nothing is said of what firms would do instead. The analysis is native only: Cypher cannot express a linear programme.",
		Formula: "drop(x) = C(G) - C(G without x), C the maximum circulation; ci_change = C(G without x) / W(G without x) - C(G) / W(G), W the sum of all amounts; feedback arc set = argmin sum w(F) over sets F of edges with G without F acyclic",
		Origin:  "Removal one by one on the circulation of Ford and Fulkerson, 1962; E. Lawler, A comment on minimum feedback arc sets, 1964; P. Eades, X. Lin and W. Smyth, A fast and effective heuristic for the feedback arc set problem, 1993; C. Demetrescu and I. Finocchi, Combinatorial algorithms for feedback problems in directed graphs, 2003.",
		Order:   "drop descending, unknown last, then what, then id",
		Native:  native,
		Finish:  finish,
		Charts:  charts,
	})
}
