// Package adhoc is the contract of Cypher statements that users write
// themselves: what they ask, what they get, what can go wrong, and the forms of
// an answer. The store runs them; this package knows no store.
package adhoc

import (
	"errors"
	"fmt"
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
)

// Request is a statement with its parameters.
type Request struct {
	Text string
	// Params are plain values of JSON, with numbers as json.Number, and typed
	// ones such as {"type": "date", "value": "2025-12-16"}.
	Params  map[string]any
	Limit   int           // most rows, at most that of Caps
	Timeout time.Duration // at most that of Caps
	Explain bool          // answer with the plan and do not run
}

// Caps bound what one statement may take.
type Caps struct {
	Text int           // bytes of the statement
	Rows int           // rows of an answer
	Size int64         // bytes of the rows of an answer as JSON
	Time time.Duration // for the whole statement
}

// Answer is what a statement came to.
type Answer struct {
	Columns   []string
	Rows      [][]any // values that encoding/json can write; see the store for their types
	Truncated queries.Truncation
	// Graph is the revision that was answered from, nil where the graph was being
	// written meanwhile.
	Graph   *graph.Revision
	Elapsed time.Duration
	Plan    *PlanStep // where it was asked for
	Notices []Notice
}

// Notice is what the database remarks on a statement that it runs all the same:
// a label that no node has, a pattern that makes a product of rows.
type Notice struct {
	Code    string `json:"code" doc:"Of the database, such as Neo.ClientNotification.Statement.UnknownLabelWarning."`
	Message string `json:"message"`
	Line    int    `json:"line" doc:"In the statement, from 1; 0 where the notice names no place."`
	Column  int    `json:"column" doc:"As line."`
}

// String is the message with its place.
func (n Notice) String() string {
	if n.Line == 0 {
		return n.Message
	}
	return fmt.Sprintf("%s (line %d, column %d)", n.Message, n.Line, n.Column)
}

// PlanStep is one operator of a plan with those that feed it.
type PlanStep struct {
	Operator string     `json:"operator"`
	Details  string     `json:"details"`
	Rows     float64    `json:"estimated_rows"`
	Children []PlanStep `json:"children" nullable:"false"`
}

// RefusedError says that a statement is not run, or not to its end, because of
// what it does or takes.
type RefusedError struct {
	Rule   string // one word: write, procedure, file, memory ...
	Detail string // for people: what is wrong and what is allowed
}

// Error is the detail.
func (e *RefusedError) Error() string { return e.Detail }

// FaultError is what the database says of a statement that it cannot read or
// run.
type FaultError struct {
	Code         string // Neo.ClientError.Statement.SyntaxError ...
	Message      string
	Line, Column int // in the statement, from 1; 0 where it names no place
}

// Error is the message.
func (e *FaultError) Error() string { return e.Message }

// ErrSlow says that the time was over before there was a row.
var ErrSlow = errors.New("the statement gave no row in its time")

// ErrBusy says that the database still works on statements that were ended.
var ErrBusy = errors.New("statements that were ended are still at work in the database; try again later")

// ErrNoCypher says that the store does not run Cypher.
var ErrNoCypher = errors.New("the embedded store runs no Cypher; statements need a store in Neo4j (setting store.kind=neo4j)")
