package cycles_test

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
)

// wanted asks the loop each parameter in turn.
func (l loop) wanted(p queries.Args) bool {
	has := func(name string) ([]string, bool) {
		text, ok := p[name].(string)
		return strings.Split(text, ","), ok
	}
	if len(l.ring) < number(p, "min_hops") {
		return false
	}
	if kind, ok := has("kind"); ok && kind[0] != l.kind {
		return false
	}
	if through, ok := has("through"); ok && !slices.Contains(l.ring, through[0]) {
		return false
	}
	if avoid, ok := has("avoid"); ok && slices.Contains(l.ring, avoid[0]) {
		return false
	}
	if least, ok := has("min_bottleneck"); ok {
		cents := map[string]int64{"0": 0, "0.03": 3, "1bn": 1e11}[least[0]]
		if l.bottleneck == nil || l.bottleneck.Int64() < cents {
			return false
		}
	}
	if least, ok := has("min_retention"); ok {
		share, _ := graph.ParseDecimal(least[0])
		if l.retention == nil || l.retention.Cmp(bigRat(share)) < 0 {
			return false
		}
	}
	months, ordered := number(p, "window_months"), p["ordered"] == "true"
	return months == 0 && !ordered || l.someChoice(months, ordered, nil)
}

// someChoice tries every choice of a dated leg per hop.
func (l loop) someChoice(months int, ordered bool, chosen []graph.Day) bool {
	if k := len(chosen); k < len(l.dates) {
		return slices.ContainsFunc(l.dates[k], func(d graph.Date) bool {
			return l.someChoice(months, ordered, append(slices.Clone(chosen), d.First()))
		})
	}
	if months > 0 && slices.Max(chosen) > later(slices.Min(chosen), months) {
		return false
	}
	if !ordered {
		return true
	}
	for start, class := range l.classes {
		rotated := append(slices.Clone(chosen[start:]), chosen[:start]...)
		if (class == "FUNDS" || class == "GRANTS") && slices.IsSorted(rotated) {
			return true
		}
	}
	return false
}

// later is the day so many months on, or the last of a month that is too short.
func later(d graph.Day, months int) graph.Day {
	t := d.Time()
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return graph.DayOf(first.AddDate(0, 0, min(t.Day(), last)-1))
}

func bigRat(d graph.Decimal) *big.Rat { return big.NewRat(d.Micro(), 1_000_000) }
