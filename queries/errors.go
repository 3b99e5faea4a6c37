package queries

import (
	"errors"
	"fmt"
	"strings"

	"roundtrip/graph/near"
)

// Errors of the one door; compare with errors.Is and errors.As.
var (
	// ErrUnknownAnalysis: no analysis has that name.
	ErrUnknownAnalysis = errors.New("unknown analysis")
	// ErrEngine: the engine asked for cannot run this analysis on this store.
	ErrEngine = errors.New("engine not available")
	// ErrMoved: the graph changed between two readings of one answer.
	ErrMoved = errors.New("the graph changed while it was being read; ask again")
)

// ArgumentError is one bad argument.
type ArgumentError struct {
	Name    string `json:"name"`    // the argument: as_of, max_hops ...
	Given   string `json:"given"`   // what was given, "" when nothing
	Problem string `json:"problem"` // one sentence: what is wrong and what is allowed
}

// Error names the argument, what was given and what is allowed.
func (e ArgumentError) Error() string {
	if e.Given == "" {
		return fmt.Sprintf("%s: %s", e.Name, e.Problem)
	}
	return fmt.Sprintf("%s=%s: %s", e.Name, e.Given, e.Problem)
}

// ArgumentErrors are all bad arguments of a request, in order of their names.
type ArgumentErrors []ArgumentError

// Error is one line for each.
func (e ArgumentErrors) Error() string {
	lines := make([]string, len(e))
	for i, a := range e {
		lines[i] = a.Error()
	}
	return strings.Join(lines, "\n")
}

func didYouMean(given string, candidates []string) string {
	if n := near.Name(given, candidates); n != "" {
		return fmt.Sprintf("; did you mean %s?", n)
	}
	return ""
}
