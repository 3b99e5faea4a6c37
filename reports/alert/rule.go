package alert

import (
	"fmt"

	"roundtrip/graph"
	"roundtrip/queries"
)

// Rule is an alert as it is written in a schedule.
type Rule struct {
	Name  string // of letters, digits and hyphens
	Title string // what is wrong when something is found; Name when empty
	When  string // the expression
	Mute  Mute
}

// Mute keeps a rule quiet to the end of a day.
type Mute struct {
	Until  graph.Date // unknown mutes nothing
	Reason string
}

// on is the reason why the rule is quiet on a day, "" where it is not.
func (m Mute) on(day graph.Date) string {
	if !m.Until.Known() || !day.Known() || day.First() > m.Until.Last() {
		return ""
	}
	if m.Reason == "" {
		return "muted until " + m.Until.String()
	}
	return m.Reason
}

// Shape is a question whose answer rules may look at.
type Shape struct {
	Name     string // of the ask
	Analysis *queries.Analysis
}

// Error is a rule that cannot be compiled, or judged.
type Error struct {
	Rule    string
	Line    int // of the expression, from 1; 0 where the fault is nowhere in it
	Column  int // from 1
	Problem string
	Err     error // the cause, nil where Problem says all
}

// Error names the place and the problem.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("rule %s: %s", e.Rule, e.Problem)
	}
	return fmt.Sprintf("rule %s, line %d, column %d: %s", e.Rule, e.Line, e.Column, e.Problem)
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }
