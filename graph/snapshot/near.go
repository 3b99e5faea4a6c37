package snapshot

import (
	"cmp"
	"slices"
	"strings"
)

const mostNear = 3

// NearCompanies are the ids of at most three companies that someone who wrote
// id may have meant: whose id, name or an alias is much like it, nearest first.
func (s *Snapshot) NearCompanies(id string) []string {
	best := map[string]int{}
	offer := func(companyID, text string) {
		if d, ok := distance(id, text); ok {
			if old, seen := best[companyID]; !seen || d < old {
				best[companyID] = d
			}
		}
	}
	for _, known := range s.ids {
		offer(known, known)
	}
	for _, c := range s.companies {
		offer(c.ID, c.Name)
		for _, a := range c.Aliases {
			offer(c.ID, a)
		}
	}
	return nearest(best)
}

// near are at most three of the names that are much like text, nearest first.
func near(text string, names []string) []string {
	best := map[string]int{}
	for _, n := range names {
		if d, ok := distance(text, n); ok {
			best[n] = d
		}
	}
	return nearest(best)
}

func nearest(best map[string]int) []string {
	names := make([]string, 0, len(best))
	for n := range best {
		names = append(names, n)
	}
	slices.SortFunc(names, func(x, y string) int { return cmp.Or(cmp.Compare(best[x], best[y]), cmp.Compare(x, y)) })
	return names[:min(len(names), mostNear)]
}

// distance is how many bytes to insert, delete, change or swap with a neighbour
// to make one text of the other, case aside; false when that is more than a third of the given text.
// A text that starts with the given one is near as well.
func distance(given, other string) (int, bool) {
	a, b := strings.ToLower(given), strings.ToLower(other)
	limit := max(1, len(a)/3)
	if a == "" || b == "" {
		return 0, false
	}
	if len(a) >= 3 && strings.HasPrefix(b, a) {
		return limit, true
	}
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return 0, false
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
	return row[len(b)], row[len(b)] <= limit
}
