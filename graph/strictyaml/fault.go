package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The codes of faults that any text may have.
const (
	CodeText       = "text_malformed"    // the text is not YAML or JSON, or too large
	CodeShape      = "shape"             // a list where a value is wanted, and the like
	CodeUnknownKey = "unknown_key"       // no such key
	CodeKeyTwice   = "key_twice"         // a key that was given before
	CodeMissing    = "value_missing"     // a required value is not there
	CodeNotAllowed = "value_not_allowed" // not on the list, or out of limits
	CodeMalformed  = "value_malformed"   // not of the form of its type
)

// Fault is one thing that is wrong with a text, or with what it asks for.
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

// InOrder sorts by place in the text and leaves equal places as they came.
func (f Faults) InOrder() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	return f
}

// Shown is a value as a fault shows it: valid text of at most 80 characters.
func Shown(value string) string {
	const limit = 80
	value = strings.ToValidUTF8(value, "\uFFFD")
	if utf8.RuneCountInString(value) <= limit {
		return value
	}
	return string([]rune(value)[:limit]) + "..."
}

// DidYouMean offers the names that are near as the continuation of a problem, ""
// where there are none.
func DidYouMean(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// place is where something stands in a text, from 1; zero for the text as a
// whole.
type place struct{ line, column int }

// Places tells where the values of a text stand, for faults that are found after
// it was read. The zero Places knows of no text.
type Places struct {
	file string
	at   map[string]place // by location
}

// Fault is a fault at the value of that location, or at the nearest one around
// it that the text has.
func (p Places) Fault(location, given, code, format string, args ...any) Fault {
	var at place
	for around := location; around != "" && at == (place{}); around = around[:max(strings.LastIndexAny(around, ".["), 0)] {
		at = p.at[around]
	}
	return Fault{
		File: p.file, Line: at.line, Column: at.column, Location: location,
		Given: Shown(given), Code: code, Problem: fmt.Sprintf(format, args...),
	}
}
