// Package exposure declares the analysis of who stands behind whom: guarantees,
// equity claims given, and legs that move only under a condition.
package exposure

import (
	_ "embed"
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/chain"
)

//go:embed query.cypher
var text string

// Params bound the search for chains.
type Params struct {
	K       int           `json:"k" default:"3" min:"1" max:"12" doc:"Largest number of hops of a chain of guarantees."`
	Limit   int           `json:"limit" default:"100" min:"0" max:"100000" doc:"Largest number of chains in the list of the summary, which counts all."`
	Timeout time.Duration `json:"timeout" default:"20s" max:"10m" doc:"Time for the search for chains; what was found until then is the answer, marked as cut short."`
}

// Firm is what one company gives and gets. A sum is 0 where there is no leg and
// unknown where there are legs and no amount is known.
type Firm struct {
	ID             string      `json:"firm"`
	BacksGiven     graph.Money `json:"backs_given_cents"`
	BacksReceived  graph.Money `json:"backs_received_cents"`
	StandsBehind   []string    `json:"stands_behind"` // each once, in any order
	BackedBy       []string    `json:"backed_by"`
	GrantsGiven    int         `json:"grants_given"`
	GrantsReceived int         `json:"grants_received"`
	CondOut        graph.Money `json:"conditional_out_cents"`
	CondIn         graph.Money `json:"conditional_in_cents"`
	NumCondOut     int         `json:"n_conditional_out"`
	NumCondIn      int         `json:"n_conditional_in"`
	Legs           []string    `json:"legs"` // in any order
}

// Fact is one firm, or chains of guarantees, or both. The chains are only valid
// until the next fact.
type Fact struct {
	Firm   *Firm
	Chains []chain.Hops
}

// Row is one firm.
type Row struct {
	Firm           string      `json:"firm" key:"true" title:"Firm" type:"company" doc:"A company that gives or gets a guarantee, an equity claim, or something under a condition."`
	BacksGiven     graph.Money `json:"backs_given_cents" title:"Guarantees given" doc:"Known amounts with which it stands behind others: BACKS legs out of it."`
	BacksReceived  graph.Money `json:"backs_received_cents" title:"Guarantees received" doc:"Known amounts with which others stand behind it."`
	GrantsGiven    int         `json:"grants_given" title:"Claims given" doc:"Number of GRANTS legs out of it: warrants and shares that it gives without cash."`
	GrantsReceived int         `json:"grants_received" title:"Claims received" doc:"Number of GRANTS legs into it."`
	CondOut        graph.Money `json:"conditional_out_cents" title:"Conditional out" doc:"Known amounts of legs out of it that move contingent cash or credit support, guarantees among them."`
	CondIn         graph.Money `json:"conditional_in_cents" title:"Conditional in" doc:"The same of legs into it."`
	StandsBehind   []string    `json:"stands_behind" title:"Stands behind" doc:"Firms that it gives a guarantee, by id."`
	BackedBy       []string    `json:"backed_by" title:"Backed by" doc:"Firms that give it a guarantee, by id."`
	NumCondOut     int         `json:"n_conditional_out" title:"Conditional legs out" detail:"true" doc:"Number of those legs out of it, of known amount or not."`
	NumCondIn      int         `json:"n_conditional_in" title:"Conditional legs in" detail:"true" doc:"Number of those legs into it."`
	Legs           []string    `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"All legs that the row counts, by date, then id."`
}

// Chain is guarantees one after the other.
type Chain struct {
	Path       []string    `json:"path" title:"Chain" type:"path"` // each stands behind the next
	Hops       int         `json:"hops" title:"Hops"`
	Bottleneck graph.Money `json:"bottleneck_cents" title:"Bottleneck"`
	AtMost     graph.Money `json:"bottleneck_at_most_cents" title:"At most"`
	Legs       [][]string  `json:"legs" detail:"true"` // by hop, by date, then id
}

// Summary is the chains and the sums.
type Summary struct {
	Backs      graph.Money `json:"backs_cents" title:"Guarantees" doc:"Sum of the known amounts of all guarantees."`
	Grants     int         `json:"grants" title:"Equity claims" doc:"Number of GRANTS legs."`
	Cond       graph.Money `json:"conditional_cents" title:"Conditional" doc:"Sum of the known amounts of all legs that move contingent cash or credit support."`
	NumCond    int         `json:"n_conditional" title:"Conditional legs" doc:"Number of these legs."`
	NumChains  int         `json:"n_chains" title:"Chains" doc:"Number of chains of at most k hops; at least so many when the search was cut short."`
	LongChains int         `json:"n_long_chains" title:"Chains of two hops and more" doc:"Those in which a firm that is backed backs another."`
	Chains     []Chain     `json:"chains" title:"Chains of guarantees" doc:"By bottleneck, unknown last and then by what it cannot exceed, then the shorter, then the ids; at most limit."`
}

// ListCut and ConditionalOut are codes of warnings.
const (
	ListCut        = "list_cut"
	ConditionalOut = "conditional_left_out"
)

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Fact, Row, Summary]{
		Name:     "exposure",
		Title:    "Guarantees, equity claims and conditions",
		Question: "Who stands behind whom?",
		Method: "Guarantees are BACKS legs, from the guarantor to the firm that it helps; equity claims given are GRANTS legs, from the firm whose shares they are on to their holder, and are counted, as their worth is seldom reported. " +
			"Both are added to the classes of the lens. A leg is conditional when it moves contingent cash or credit support, whatever its class; every such leg of the lens's classes counts, and most guarantees are among them, so that the columns must not be added up. " +
			"A chain is a simple path of guarantees of 1 to k hops, each firm standing behind the next, with the guarantees between two firms added up; its bottleneck is the least of its hops, unknown when one is. " +
			"Chains share their hops, so bottlenecks must not be added up either, and a chain does not say that the last guarantee falls due when the first does. " +
			"Sums count legs of unknown amount as nothing and are unknown where no amount is known. Firms without any such leg have no row. With conditional=false the lens leaves out what moves credit support, and so nearly every guarantee.",
		Formula: "backs_given(i) = sum w(i to j, BACKS); conditional_out(i) = sum w(leg) over legs out of i that move contingent_cash or credit_support; bottleneck = min w(hop, BACKS)",
		Origin:  "Contingent liabilities as in the notes of accounts; chains of guarantees as in networks of guarantee circles.",
		Order:   "guarantees given descending, unknown last, then firm",
		Needs:   func(l *graph.Lens) { l.Classes = l.Classes.With(graph.Backs, graph.Grants) },
		Native:  native,
		Twin: &queries.Twin[Params, Fact]{
			Text: text, Shown: shown,
			Args: func(_ queries.Scope, p Params) map[string]any { return map[string]any{"k": p.K} },
			Fact: fact,
		},
		Finish: finish,
		Charts: charts,
	})
}

// fact reads a firm and the chains that start from it.
func fact(row queries.Record) (Fact, error) {
	var f Firm
	if err := queries.Scan(row, &f); err != nil {
		return Fact{}, err
	}
	var c struct {
		Paths   [][]string      `json:"paths"`
		Amounts [][]graph.Money `json:"hop_amounts_cents"`
		Partial [][]bool        `json:"partials"`
		Legs    [][][]string    `json:"hop_legs"`
	}
	if err := queries.Scan(row, &c); err != nil {
		return Fact{}, err
	}
	chains := make([]chain.Hops, len(c.Paths))
	for i, path := range c.Paths {
		for h := range c.Amounts[i] {
			chains[i] = append(chains[i], &chain.Hop{
				Payer: path[h], Payee: path[h+1], Class: graph.Backs, Amount: c.Amounts[i][h], Partial: c.Partial[i][h], Legs: c.Legs[i][h],
			})
		}
	}
	return Fact{&f, chains}, nil
}
