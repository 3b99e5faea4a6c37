// Package cycles declares the analysis of loops: value that returns to where it
// left.
package cycles

import (
	_ "embed"
	"fmt"
	"strconv"
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
)

//go:embed query.cypher
var text string

// Params select and order the loops.
type Params struct {
	MinHops       int           `json:"min_hops" default:"2" min:"2" max:"12" doc:"Least number of hops."`
	MaxHops       int           `json:"max_hops" default:"5" min:"2" max:"12" doc:"Largest number of hops."`
	Through       []string      `json:"through" refs:"company" doc:"Only loops through all of these companies."`
	Avoid         []string      `json:"avoid" refs:"company" doc:"Only loops through none of these companies."`
	Kind          string        `json:"kind" enum:"contingent,round_trip,reciprocal_trade,cross_holding,other" doc:"Only loops of this kind."`
	MinBottleneck graph.Money   `json:"min_bottleneck" doc:"Least bottleneck in dollars; loops of unknown bottleneck are left out."`
	MinRetention  graph.Decimal `json:"min_retention" min:"0" max:"1" doc:"Least retention, 0 to 1; loops of unknown retention are left out."`
	WindowMonths  int           `json:"window_months" default:"0" min:"0" max:"1200" doc:"Only loops with a dated leg on every hop within that many months; 0 asks nothing."`
	Ordered       bool          `json:"ordered" default:"false" doc:"Only loops with a dated leg on every hop such that, from some funding hop on, the dates never go back."`
	Sort          string        `json:"sort" default:"bottleneck" enum:"bottleneck,retention,gross,hops" doc:"What the loops are ordered by: largest first, fewest hops first."`
	Limit         int           `json:"limit" default:"100" min:"0" max:"100000" doc:"Largest number of rows; the summary counts all loops."`
	CountOnly     bool          `json:"count_only" default:"false" doc:"Only the summary."`
	Timeout       time.Duration `json:"timeout" default:"20s" max:"10m" doc:"Time for the native search; what was found until then is the answer, marked as cut short. Cypher answers in full or not at all."`
	Level         string        `json:"level" default:"edge" enum:"edge,leg" doc:"edge: rings of companies over merged legs; leg: sequences of single dated legs whose times go up."`
	Strict        bool          `json:"strict" default:"true" doc:"Level leg: times go up strictly; false also allows equal times, in order of leg id."`
	Window        time.Duration `json:"window" default:"365d" max:"36500d" doc:"Level leg: longest time from the first leg to the last, such as 12h or 90d."`
}

// Row is one loop.
type Row struct {
	ID         string        `json:"id" key:"true" title:"Id" detail:"true" doc:"Stable across runs, stores and engines: c_ and 16 hex digits of the SHA-256 of ring and classes (of the leg ids for level leg)."`
	Ring       []string      `json:"ring" title:"Ring" type:"ring" doc:"The companies in the direction of value, from the smallest id; at level leg from the payer of the earliest leg."`
	Classes    []string      `json:"classes" title:"Classes" doc:"Class of the hop from each company to the next."`
	Hops       int           `json:"hops" title:"Hops" doc:"Number of hops."`
	Kind       string        `json:"kind" title:"Kind" doc:"contingent: a BACKS hop; else round_trip: funding and payments; reciprocal_trade: payments only; cross_holding: funding only; other."`
	Amounts    []graph.Money `json:"hop_amounts_cents" title:"Hop amounts" doc:"Known amount of each hop."`
	Legs       [][]string    `json:"legs" title:"Legs" type:"leg_lists" detail:"true" doc:"Legs of each hop, by date, then id."`
	Bottleneck graph.Money   `json:"bottleneck_cents" title:"Bottleneck" doc:"Least hop amount: principal that can go all the way round; unknown when a hop is."`
	AtMost     graph.Money   `json:"bottleneck_at_most_cents" title:"At most" doc:"Least hop amount that is known in full: what the bottleneck cannot exceed."`
	Gross      graph.Money   `json:"gross_cents" title:"Gross" detail:"true" doc:"Sum of the hop amounts; unknown when a hop is."`
	Partial    bool          `json:"partial" title:"Partial" detail:"true" doc:"The amount of some hop is known only in part."`
	Retention  graph.Decimal `json:"retention" title:"Retention" doc:"Bottleneck divided by the largest funding hop, or by the largest hop where there is none."`
	First      graph.Date    `json:"first_date" title:"First" doc:"First date of its legs."`
	Last       graph.Date    `json:"last_date" title:"Last" doc:"Last date of its legs."`
	Confidence string        `json:"weakest_confidence" title:"Weakest confidence" detail:"true" doc:"The lowest confidence among its legs that state one."`
}

// Summary counts all loops that pass the filters, shown or not.
type Summary struct {
	Count  int64            `json:"count" title:"Loops" doc:"Number of loops; at least so many when the search was cut short."`
	Known  int64            `json:"known_bottleneck" title:"With a known bottleneck" doc:"Those whose bottleneck is known."`
	ByHops map[string]int64 `json:"by_hops" title:"By hops" doc:"Number by hops."`
	ByKind map[string]int64 `json:"by_kind" title:"By kind" doc:"Number by kind."`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Ring, Row, Summary]{
		Name:     "cycles",
		Title:    "Loops of value",
		Question: "Which loops return value to where it left?",
		Method: "A loop is a simple cycle: companies joined by edges (payer, payee, class), none visited twice; two classes between the same companies are two edges. " +
			"Its bottleneck is the least amount on its way, the principal that can go all the way round; gross adds its hops. " +
			"Loops overlap, so their amounts must not be added up: circularity counts each dollar once. " +
			"A loop is a structural round trip of reported amounts. It does not say that the same dollars moved, nor in which order; ordered and window_months ask for that. " +
			"At level leg a loop is a sequence of single dated legs that follow each other in time within the window, found once, at its earliest leg.",
		Formula: "bottleneck = min w(hop); gross = sum w(hop); retention = bottleneck / largest Fin hop (largest hop where there is none)",
		Origin:  "J. C. Tiernan, An efficient search algorithm to find the elementary circuits of a graph, 1970, with pruning by distances from both sides.",
		Order:   "bottleneck descending; those without one by what it cannot exceed, unknown last; then hops, id",
		Check:   check,
		Native:  native,
		Twin: &queries.Twin[Params, Ring]{
			Text: text, Shown: shown,
			Args: func(_ queries.Scope, p Params) map[string]any {
				return map[string]any{"min_hops": p.MinHops, "max_hops": p.MaxHops}
			},
			Native: needsNative,
			Fact:   fact,
		},
		Finish: finish,
		Charts: charts,
	})
}

func check(p Params) queries.ArgumentErrors {
	if p.MinHops > p.MaxHops {
		return queries.ArgumentErrors{{Name: "min_hops", Given: strconv.Itoa(p.MinHops), Problem: fmt.Sprintf("is more than max_hops, which is %d", p.MaxHops)}}
	}
	return nil
}

func needsNative(p Params) string {
	switch {
	case p.Level == "leg":
		return "level=leg is native only"
	case p.WindowMonths > 0:
		return "window_months is native only"
	case p.Ordered:
		return "ordered is native only"
	}
	return ""
}
