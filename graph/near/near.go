// Package near finds the names that somebody may have meant who wrote one that
// is not there.
package near

import (
	"cmp"
	"slices"
	"strings"
)

// most is how many names are offered.
const most = 3

// Names are at most three of the names that are much like the given one,
// nearest first, equally near ones in order.
func Names(given string, names []string) []string {
	m := To(given)
	for _, n := range names {
		m.Offer(n, n)
	}
	return m.Names()
}

// Name is the nearest of the names, "" when none is near.
func Name(given string, names []string) string {
	if found := Names(given, names); len(found) > 0 {
		return found[0]
	}
	return ""
}

// Matches are the names that are near to a given text.
type Matches struct {
	given string
	best  map[string]int
}

// To begins with none.
func To(given string) *Matches { return &Matches{given, map[string]int{}} }

// Offer adds what goes by a name, if the text by which it is known as well is
// near.
func (m *Matches) Offer(name, text string) {
	if d, ok := distance(m.given, text); ok {
		if old, seen := m.best[name]; !seen || d < old {
			m.best[name] = d
		}
	}
}

// Names are at most three of the names that were near, nearest first. Where none
// is, that is the nearest of those that are one letter farther.
func (m *Matches) Names() []string {
	names := make([]string, 0, len(m.best))
	for n := range m.best {
		names = append(names, n)
	}
	slices.SortFunc(names, func(x, y string) int { return cmp.Or(cmp.Compare(m.best[x], m.best[y]), cmp.Compare(x, y)) })
	for i, n := range names {
		if i == most || i > 0 && m.best[n] > limit(m.given) {
			return names[:i]
		}
	}
	return names
}

// limit is how many letters of a text may be wrong: every third, and any one.
func limit(given string) int { return max(1, len(given)/3) }

// distance is how many bytes to insert, delete, change or swap with a neighbour
// to make one text of the other (optimal string alignment), case aside; false
// when that is more than a third of the given text, rounded, and more than one. A
// text that starts with the given one is within the limit.
func distance(given, other string) (int, bool) {
	a, b := strings.ToLower(given), strings.ToLower(other)
	if a == "" || b == "" {
		return 0, false
	}
	most, begins := max(1, (len(a)+1)/3), len(a) >= 3 && strings.HasPrefix(b, a)
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return limit(a), begins
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, row[j]+1, last[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	if begins {
		return min(row[len(b)], limit(a)), true
	}
	return row[len(b)], row[len(b)] <= most
}
