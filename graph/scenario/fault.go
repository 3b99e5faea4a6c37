package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The codes of faults beside those of ingest rules.
const (
	CodeText          = "text_malformed"    // the text is not YAML or JSON, or too large
	CodeShape         = "shape"             // a list where a value is wanted, and the like
	CodeUnknownKey    = "unknown_key"       // no such key
	CodeKeyTwice      = "key_twice"         // a key that was given before
	CodeMissing       = "value_missing"     // a required value is not there
	CodeNotAllowed    = "value_not_allowed" // not on the list, or out of limits
	CodeMalformed     = "value_malformed"   // not of the form of its type
	CodeUnknownLeg    = "leg_unknown"       // no such leg where the step stands
	CodeUnknownID     = "reference_unknown" // no such company or deal
	CodeKnownID       = "id_taken"          // an id that the graph has already
	CodeNothingChosen = "nothing_selected"  // no leg meets the conditions
	CodeTooMany       = "too_many_selected" // more legs than a scenario changes
	CodeAmount        = "amount_too_large"  // the scaled amount is too large
)

// Fault is one thing that is wrong with a scenario, or with the graph that it
// would make.
type Fault struct {
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`   // from 1; 0 where there is no text
	Column   int    `json:"column,omitempty"` // from 1, in characters
	Location string `json:"location"`         // such as steps[2].scale.factor; "" for the text as a whole
	Given    string `json:"given,omitempty"`  // what was given, shortened
	Code     string `json:"code"`             // of the rule that is broken
	Problem  string `json:"problem"`          // what is wrong and what is allowed
}

// Error is the fault on one line: where, what is wrong, what is allowed.
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		if f.File == "" {
			b.WriteString("line ")
		} else {
			b.WriteString(":")
		}
		fmt.Fprintf(&b, "%d:%d", f.Line, f.Column)
	}
	for _, part := range []string{f.Location, f.Problem} {
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(part)
	}
	return b.String()
}

// Faults are all faults that were found, in the order of the text.
type Faults []Fault

// Error is one line for each.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// inOrder sorts by place in the text and leaves equal places as they came.
func (f Faults) inOrder() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	return f
}

// shown is a value as a fault shows it: valid text of at most 80 characters.
func shown(value string) string {
	const limit = 80
	value = strings.ToValidUTF8(value, "\uFFFD")
	if utf8.RuneCountInString(value) <= limit {
		return value
	}
	return string([]rune(value)[:limit]) + "..."
}
