package upstream

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"roundtrip/graph"
	"roundtrip/queries"
)

// tiersDrawn is how many tiers have a part of the bar of their own.
const tiersDrawn = 5

// charts show how many firms hang on each target, by tier.
func charts(in queries.Scope, p Params, _ []Row, s Summary) []queries.Chart {
	reaches := slices.Clone(s.ByTarget)
	slices.SortStableFunc(reaches, func(a, b Reach) int { return cmp.Compare(b.Firms, a.Firms) })
	shown, note := queries.Drawn(reaches, "targets on which some firm hangs")
	c := queries.Chart{Kind: queries.Stacked, Title: "Firms that hang on each supplier, by tier", Unit: queries.CountUnit, Note: note}
	last := min(p.K, tiersDrawn)
	for tier := 1; tier <= last; tier++ {
		label := "Tier " + strconv.Itoa(tier)
		if tier == last && p.K > last {
			label += " and more"
		}
		c.Series = append(c.Series, queries.Series{Name: label})
	}
	name := in.View.Snapshot().CompanyName
	for _, r := range shown {
		counts := make([]int64, last)
		for tier := 1; tier <= p.K; tier++ {
			counts[min(tier, last)-1] += int64(r.ByTier[strconv.Itoa(tier)])
		}
		values := make([]queries.ChartValue, last)
		for i, n := range counts {
			values[i] = graph.Micro(n * 1_000_000)
		}
		c.Add(name(r.Target), values...)
		c.Remarks = append(c.Remarks, fmt.Sprintf("of %d firms", r.Others))
	}
	return []queries.Chart{c}
}
