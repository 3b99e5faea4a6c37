package queries

import (
	"cmp"
	"fmt"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
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

// InOrder is the ids of legs of a view by date, then id.
func InOrder(v *snapshot.View, lists ...[]int32) []string {
	legs := slices.Concat(lists...)
	slices.Sort(legs) // legs of a view are numbered in that order
	return v.LegIDs(legs)
}

// Count is a number with its noun: 1 pair, 2 pairs.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
