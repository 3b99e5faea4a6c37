package scenario

import (
	"roundtrip/graph"
	"roundtrip/graph/strictyaml"
)

// Scenario is a what-if: changes to legs of the graph, in order. Parse makes
// one; it does not change after that.
type Scenario struct {
	Name      string
	Title     string
	Question  string
	Note      string
	AsOf      graph.Date // unknown where none is recommended
	Companies []*graph.Company
	Steps     []Step

	places strictyaml.Places // none where it did not come from a text
}

// Step is one change. Which fields it uses follows from its kind.
type Step struct {
	Kind     string           // one of the names of Steps
	Select   Selector         // all but add
	Leg      *graph.Flow      // add
	Outcomes []*graph.Outcome // add, with their flow_id
	Factor   graph.Decimal    // scale
	Paid     bool             // scale
	Months   int              // delay
	After    graph.Date       // delay; unknown for the default
	Status   graph.Status     // set_status
	On       graph.Date       // set_status; unknown for the default
}

// Selector chooses legs: those that meet every condition that is given. An
// empty list is no condition.
type Selector struct {
	Legs        []string
	Deals       []string
	Payers      []string
	Payees      []string
	Kinds       []graph.FlowKind
	Classes     []graph.Class
	Conditional *bool
	Statuses    []graph.Status
}
