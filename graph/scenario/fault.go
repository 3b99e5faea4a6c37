package scenario

import "roundtrip/graph/strictyaml"

// The codes of faults beside those of any text and those of ingest rules.
const (
	CodeUnknownLeg    = "leg_unknown"       // no such leg where the step stands
	CodeUnknownID     = "reference_unknown" // no such company or deal
	CodeKnownID       = "id_taken"          // an id that the graph has already
	CodeNothingChosen = "nothing_selected"  // no leg meets the conditions
	CodeTooMany       = "too_many_selected" // more legs than a scenario changes
	CodeAmount        = "amount_too_large"  // the scaled amount is too large
)

// Fault is one thing that is wrong with a scenario, or with the graph that it
// would make.
type Fault = strictyaml.Fault

// Faults are all faults that were found, in the order of the text.
type Faults = strictyaml.Faults
