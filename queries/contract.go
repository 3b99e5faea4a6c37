package queries

import (
	"time"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/graph/snapshot"
)

// Engine names what finds the facts of an answer.
type Engine string

// The engines. Auto leaves the choice to the Runner.
const (
	Auto   Engine = ""
	Native Engine = "native"
	Cypher Engine = "cypher"
)

// Request asks for one analysis.
type Request struct {
	Analysis string
	Lens     Args
	Params   Args
	Engine   Engine
	// Revision asks an earlier revision of the graph, 0 the current one.
	Revision uint64
	// Scenario changes the graph for this answer; nil asks the graph as it is.
	Scenario *scenario.Scenario
	// Draws is how often the summary is found anew with amounts and states drawn
	// at random, 0 for not at all; Seed chooses the random numbers.
	Draws int
	Seed  uint64
}

// ScenarioUsed names the scenario of an answer.
type ScenarioUsed struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Note  string `json:"note"`
	// Effect is which legs it changed.
	Effect *scenario.Effect `json:"effect"`
}

// Args are values by name as they arrive: texts from flags and query keys, or
// JSON values. The Runner decodes and checks them.
type Args map[string]any

// Result is the answer, the same through every door. See render for its forms.
type Result struct {
	Analysis  string
	Title     string
	Question  string
	Engine    Engine
	Lens      graph.Lens // as used: as_of filled in, companies mapped
	Params    any        // the typed parameters as used
	Columns   []Column
	Rows      []Row
	Summary   any // the typed summary of the analysis
	Met       Met
	Truncated Truncation
	Warnings  []Warning
	Evidence  Evidence
	Sources   []*graph.Source // the pages of the evidence, for renderings that list them
	Cypher    *Statement      // nil where Cypher cannot express the analysis
	Revision  graph.Revision
	Elapsed   time.Duration
	Finding   string
	Method    string
	// Scenario is the what-if that the answer stands under; nil for none.
	Scenario *ScenarioUsed
	// Uncertainty is how the numbers of the summary spread over random draws; nil
	// where none were asked for.
	Uncertainty *Uncertainty
	Charts      []Chart // pictures for renderings that draw; not part of the contract
	// Graph is what was looked at, for renderings that call records by their names;
	// nil where ids do. It is not part of the contract.
	Graph *snapshot.Snapshot
}

// Met says what the lens met on the way.
type Met struct {
	Unknown int         `json:"n_unknown" doc:"Edges (payer, payee, class) of which no amount is known."`
	Partial int         `json:"n_partial" doc:"Edges of which some amounts are unknown."`
	Legs    int         `json:"n_legs" doc:"Legs that passed the lens."`
	States  []StateSeen `json:"states" doc:"Legs that passed the lens, by state."`
}

// StateSeen counts the legs in one state.
type StateSeen struct {
	Status string `json:"status"`
	Legs   int    `json:"legs"`
}

// Row is one row: a value for each column, and the legs it rests on, in order
// of date, then id.
type Row struct {
	Values []any
	Legs   []string
}

// Column declares one column of the rows.
type Column struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Type        string `json:"type"` // text, company, chip, key, ring, path, leg, legs, leg_lists, money, money_list, ratio, number, count, count_list, flag, date, list, object
	Unit        string `json:"unit,omitempty"`
	Description string `json:"description"`
	// Key marks the columns that identify a row: no two rows of an answer share
	// the values of all of them.
	Key bool `json:"key,omitempty"`
	// Nullable marks a column that is null where its value is not known, beside
	// money, ratios, numbers and dates, which always may be.
	Nullable bool `json:"nullable,omitempty"`
	// Detail marks a column that tables for people leave out; files keep it.
	Detail bool `json:"detail,omitempty"`
	// Change marks the difference of two values: that of a share is in points.
	Change bool `json:"-"`
	// When names a parameter of the analysis that is yes or no; with a ! before it
	// no is meant. In answers to other requests the column is a detail without
	// values: what was not asked is not unknown.
	When string `json:"-"`
}

// Truncation says whether a limit cut the answer, and which.
type Truncation struct {
	Is     bool   `json:"is"`
	Reason string `json:"reason,omitempty"`
}

// Warning is something a reader should know, counted.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Count   int    `json:"count,omitempty"`
}

// Evidence is the legs and pages that the rows rest on, without repeats, in
// byte order.
type Evidence struct {
	FlowIDs   []string `json:"flow_ids"`
	SourceIDs []string `json:"source_ids"`
}

// Statement is a Cypher text with its parameters; it runs as it stands.
type Statement struct {
	Text   string         `json:"text"`
	Params map[string]any `json:"params"`
	// Literal is the statement without parameters, with the columns and rows that
	// people look at; Draw returns the legs of these rows as paths. Both look at
	// the newest revision.
	Literal string `json:"literal"`
	Draw    string `json:"draw"`
	// LiteralURL and DrawURL open them in Neo4j Browser; nil where the store is not
	// Neo4j or no address of its Browser is known.
	LiteralURL *string `json:"browser_url"`
	DrawURL    *string `json:"draw_url"`
}
