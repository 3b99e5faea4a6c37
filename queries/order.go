package queries

import (
	"cmp"
	"fmt"
	"slices"

	"roundtrip/graph"
)

// Order is the first comparison that is not 0.
func Order(comparisons ...int) int { return cmp.Or(comparisons...) }

// Bytes compares ids byte by byte.
func Bytes(a, b string) int { return cmp.Compare(a, b) }

// Descending compares amounts, the larger first, unknown last.
func Descending(a, b graph.Money) int {
	return descending(a.Known(), b.Known(), a.Cents(), b.Cents())
}

// DescendingRatio compares ratios, the larger first, unknown last.
func DescendingRatio(a, b graph.Decimal) int {
	return descending(a.Known(), b.Known(), a.Micro(), b.Micro())
}

func descending(knownA, knownB bool, a, b int64) int {
	switch {
	case knownA && knownB:
		return cmp.Compare(b, a)
	case knownA:
		return -1
	case knownB:
		return 1
	}
	return 0
}

// InOrder is the ids of legs from all the lists by date, then id.
func (s Scope) InOrder(lists ...[]string) []string {
	all := slices.Concat(lists...)
	snap := s.View.Snapshot()
	at := make(map[string]int, len(all)) // legs of a snapshot are numbered in that order
	for _, id := range all {
		at[id], _ = snap.FlowIndex(id)
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(at[a], at[b]) })
	return all
}

// Count is a number with its noun: 1 pair, 2 pairs.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
