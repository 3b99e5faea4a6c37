package queries

import (
	"errors"
	"fmt"
	"slices"
	"strings"
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

// Nearest is the candidate that differs least from the given name, "" when
// none is near (more than a third of its letters would have to change).
func Nearest(given string, candidates []string) string {
	best, distance := "", 1+max(2, len(given)/3)
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if d := editDistance(strings.ToLower(given), strings.ToLower(c)); d < distance {
			best, distance = c, d
		}
	}
	return best
}

// editDistance is the number of insertions, deletions, substitutions and swaps
// of neighbours that turn a into b (optimal string alignment).
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

func didYouMean(given string, candidates []string) string {
	if n := Nearest(given, candidates); n != "" {
		return fmt.Sprintf("; did you mean %s?", n)
	}
	return ""
}
