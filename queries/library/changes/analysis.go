// Package changes declares the analysis of what moved between two dates, or
// between two revisions of the graph.
package changes

import (
	"roundtrip/graph"
	"roundtrip/queries"
)

// Params are the two ends of the comparison and the length of the loops that it
// compares.
type Params struct {
	From    Point `json:"from" required:"true" doc:"A date such as 2025-12-16, or a revision such as r3: what it is compared with."`
	To      Point `json:"to" doc:"A date or a revision, of the same sort as from; when not given the as_of of the lens, or the current revision."`
	MaxHops int   `json:"max_hops" default:"5" min:"2" max:"12" doc:"Largest number of hops of the loops that are compared and counted."`
}

// The values of what and change, in the order of the rows.
const (
	OfLeg   = "leg"
	OfCycle = "cycle"

	New     = "new"
	Gone    = "gone"
	Changed = "changed"
)

// Row is one leg or one loop that is not the same on both sides.
type Row struct {
	What         string      `json:"what" key:"true" title:"What" doc:"leg or cycle."`
	Change       string      `json:"change" title:"Change" doc:"new, gone or changed; the method says what each means."`
	ID           string      `json:"id" key:"true" title:"Id" type:"key" doc:"Id of the leg, or of the loop as in cycles."`
	Companies    []string    `json:"companies" title:"Companies" type:"path" doc:"Payer and payee of the leg; the ring of the loop, back to where it starts. As they are after, before where there is no after."`
	Kind         string      `json:"kind" title:"Kind" doc:"Kind of the leg, or of the loop as in cycles."`
	Before       string      `json:"before" title:"Before" doc:"State and amount of the leg under the lens, or the bottleneck of the loop, in words."`
	After        string      `json:"after" title:"After" doc:"The same at the end of the comparison."`
	AmountBefore graph.Money `json:"amount_before_cents" title:"Amount before" detail:"true" doc:"Amount of the leg under the lens, or bottleneck of the loop; null where it is not known, or there is none that counts."`
	AmountAfter  graph.Money `json:"amount_after_cents" title:"Amount after" detail:"true" doc:"The same at the end of the comparison."`
	Delta        graph.Money `json:"delta_cents" title:"Change in amount" doc:"Amount after minus before; a leg that does not count and a loop that is not there have zero. Null where an amount is not known."`
	AtMostBefore graph.Money `json:"at_most_before_cents" title:"At most before" detail:"true" doc:"What the bottleneck of the loop cannot exceed; null for a leg."`
	AtMostAfter  graph.Money `json:"at_most_after_cents" title:"At most after" detail:"true" doc:"The same at the end of the comparison."`
	StateBefore  string      `json:"state_before" title:"State before" detail:"true" doc:"State of the leg where it is known; empty where it is not, and for a loop."`
	StateAfter   string      `json:"state_after" title:"State after" detail:"true" doc:"The same at the end of the comparison."`
	Reason       string      `json:"reason" title:"Why" doc:"What moved it. A leg between dates: its announcement, an outcome or a figure; between revisions: the imports that touched it or its outcomes, looked up for the first 500 legs. A loop: the legs that appeared, went or moved."`
	Causes       []string    `json:"causes" title:"Causes" detail:"true" doc:"Ids of the outcomes, batches or legs that the reason names."`
	Legs         []string    `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The leg, or the legs of the loop on both sides, that the current graph has, by date, then id."`
}

// Side is the graph at one end of the comparison.
type Side struct {
	Day      graph.Date    `json:"as_of" title:"as of"`
	Revision int64         `json:"revision"`
	Legs     int           `json:"n_legs" title:"legs"`
	Loops    graph.Decimal `json:"cycles" title:"loops" type:"number"` // unknown where the search was cut short
	ByKind   []KindCount   `json:"cycles_by_kind" detail:"true"`
	Total    graph.Money   `json:"total_cents" title:"paid and put in"`
	Circular graph.Money   `json:"circular_cents" title:"goes round"`
	CI       graph.Decimal `json:"ci" title:"circularity index"`
	Totals   []ClassTotal  `json:"totals" detail:"true"`
	Coverage []Covered     `json:"coverage" detail:"true"`
	HHI      []Concentrate `json:"hhi" detail:"true"`
}

// KindCount is the number of loops of one kind.
type KindCount struct {
	Kind  string `json:"kind"`
	Loops int    `json:"cycles"`
}

// ClassTotal is the legs of one class and the sum of their known amounts.
type ClassTotal struct {
	Class  string      `json:"class"`
	Legs   int         `json:"n_legs"`
	Amount graph.Money `json:"amount_cents"`
}

// Covered is what one buyer promised and how much of that is covered under rule
// tied.
type Covered struct {
	Buyer    string        `json:"buyer"`
	Promised graph.Money   `json:"promised_cents"`
	Tied     graph.Money   `json:"tied_cents"`
	Coverage graph.Decimal `json:"tied_coverage"`
}

// Concentrate is how concentrated the payments of one customer are.
type Concentrate struct {
	Customer string        `json:"customer"`
	HHI      graph.Decimal `json:"hhi"`
}

// Summary counts the rows and shows both sides.
type Summary struct {
	LegsNew       int          `json:"legs_new" title:"Legs new" doc:"Number of rows of new legs."`
	LegsGone      int          `json:"legs_gone" title:"Legs gone" doc:"Number of rows of legs that are gone."`
	LegsChanged   int          `json:"legs_changed" title:"Legs changed" doc:"Number of rows of changed legs."`
	CyclesNew     int          `json:"cycles_new" title:"Loops new" doc:"Number of rows of new loops."`
	CyclesGone    int          `json:"cycles_gone" title:"Loops gone" doc:"Number of rows of loops that are gone."`
	CyclesChanged int          `json:"cycles_changed" title:"Loops changed" doc:"Number of rows of changed loops."`
	Before        Side         `json:"before" title:"Before" doc:"The graph at from under the lens: legs, loops by kind, what goes round, totals by class, coverage of promises per buyer (tied) and HHI per customer (scope compute)."`
	After         Side         `json:"after" title:"After" doc:"The same at to."`
	Totals        []TotalMoved `json:"totals" title:"Totals by class" doc:"Sums of known amounts before and after, of every class that has legs on either side."`
	ByKind        []KindMoved  `json:"cycles_by_kind" title:"Loops by kind" doc:"Number of loops before and after; empty where there were too many to compare."`
	Coverage      []CoverMoved `json:"coverage" title:"Coverage of promises that moved" doc:"Buyers whose promises or their tied coverage moved, in order of the larger promise."`
	HHI           []ShareMoved `json:"hhi" title:"Concentration that moved" doc:"Customers whose HHI moved, the largest move first."`
}

// TotalMoved is the total of one class on both sides.
type TotalMoved struct {
	Class  string      `json:"class"`
	Before graph.Money `json:"before_cents" title:"before"`
	After  graph.Money `json:"after_cents" title:"after"`
	Delta  graph.Money `json:"delta_cents" title:"change"`
}

// KindMoved is the number of loops of one kind on both sides.
type KindMoved struct {
	Kind   string `json:"kind" type:"text"`
	Before int    `json:"before"`
	After  int    `json:"after"`
}

// CoverMoved is the coverage of one buyer on both sides.
type CoverMoved struct {
	Buyer          string        `json:"buyer"`
	PromisedBefore graph.Money   `json:"promised_before_cents" title:"promised before"`
	PromisedAfter  graph.Money   `json:"promised_after_cents" title:"promised after"`
	Before         graph.Decimal `json:"tied_coverage_before" title:"covered before"`
	After          graph.Decimal `json:"tied_coverage_after" title:"covered after"`
}

// ShareMoved is the HHI of one customer on both sides.
type ShareMoved struct {
	Customer string        `json:"customer"`
	Before   graph.Decimal `json:"before" type:"number"`
	After    graph.Decimal `json:"after" type:"number"`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Comparison, Row, Summary]{
		Name:     "changes",
		Title:    "What changed",
		Question: "What moved between two dates, or two revisions?",
		Method: "Between two dates the current revision is seen on both days and the as_of of the lens only stands in for a missing to; between two revisions both are seen on the as_of of the lens. Everything else of the lens holds on both sides; a scenario lies over the current revision alone. " +
			"A leg is known when its record is there and it was announced by that day, or is undated; it is live when it passes the lens. New: live at to, not known at from. Gone: live at from, not live at to. " +
			"Changed: known on both sides and live at to, with another state, another amount under the lens, other parties or another kind, or not live at from. A leg that is live on neither side has no row. " +
			"Loops are those of cycles with 2 to max_hops hops, told apart by their id; one is changed when its bottleneck or what that cannot exceed differs. A loop is new, gone or changed through legs of its hops, which are the reason. " +
			"Reasons name what is recorded; they do not say why firms acted. The summary repeats circularity (CI), cycles (number by kind), coverage (rule tied) and vendors (HHI, scope compute) on both sides under this one lens; where the analysis coverage stands alone, it keeps aggregates by default. " +
			"Corrections of texts, sources and figures that move nothing under the lens are left out. It is native only: Cypher sees one revision on one day.",
		Formula: "new = live(to) - known(from); gone = live(from) - live(to); changed = legs of live(to) and known(from) with (state, amount, parties, kind) at to other than at from; delta = amount(to) - amount(from)",
		Origin:  "Difference of two sets by key; for loops by the hash of ring and classes.",
		Order:   "what (leg, cycle), change (new, gone, changed), size of the change in amount descending, unknown last (of loops without one: size of the change in what the bottleneck cannot exceed), id",
		Example: queries.Args{"from": "2025-12-16"},
		Check:   check,
		Native:  native,
		Finish:  finish,
		Charts:  charts,
	})
}

func check(p Params) queries.ArgumentErrors {
	if p.To.given() && p.To.isRevision() != p.From.isRevision() {
		want := "want a date, because from is one"
		if p.From.isRevision() {
			want = "want a revision such as r3, because from is one"
		}
		return queries.ArgumentErrors{{Name: "to", Given: p.To.String(), Problem: want}}
	}
	return nil
}
