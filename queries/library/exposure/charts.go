package exposure

import (
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

// charts show who stands behind whom, and what depends on conditions.
func charts(in queries.Scope, _ Params, rows []Row, s Summary) []queries.Chart {
	name := in.View.Snapshot().CompanyName
	var list []queries.Chart
	var direct []Chain
	for _, c := range s.Chains {
		if c.Hops == 1 {
			direct = append(direct, c)
		}
	}
	if len(direct) > 0 {
		shown, note := queries.Drawn(direct, "pairs of firms in the list")
		c := queries.Chart{Kind: queries.Bars, Title: "Who stands behind whom", Unit: queries.MoneyUnit, Note: note, Series: []queries.Series{{Name: "Guarantees"}}}
		for _, d := range shown {
			c.Add(name(d.Path[0])+" → "+name(d.Path[1]), d.Bottleneck)
		}
		list = append(list, c)
	}
	var some []Row
	for _, r := range rows {
		if r.NumCondOut > 0 || r.NumCondIn > 0 {
			some = append(some, r)
		}
	}
	if len(some) > 0 {
		sum := func(r Row) graph.Money { return graph.USD(r.CondOut.Cents() + r.CondIn.Cents()) }
		slices.SortStableFunc(some, func(a, b Row) int { return queries.Descending(sum(a), sum(b)) })
		shown, note := queries.Drawn(some, "firms with a conditional leg")
		c := queries.Chart{
			Kind: queries.Bars, Title: "What moves only under a condition, guarantees among it", Unit: queries.MoneyUnit, Note: note,
			Series: []queries.Series{{Name: "Out"}, {Name: "In"}},
		}
		for _, r := range shown {
			c.Add(name(r.Firm), r.CondOut, r.CondIn)
		}
		list = append(list, c)
	}
	return list
}
