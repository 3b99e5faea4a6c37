package contagion

import (
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
)

// charts show who loses how much of what it is owed, or the ranking.
func charts(in queries.Scope, p Params, rows []Row, _ Summary) []queries.Chart {
	name := in.View.Snapshot().CompanyName
	if p.Rank {
		shown, note := queries.Drawn(rows, "companies")
		ranking := queries.Chart{Kind: queries.Bars, Title: "DebtRank of each company as X", Unit: queries.RatioUnit, Series: []queries.Series{{}}, Note: note}
		for _, r := range shown {
			ranking.Add(name(r.Company), r.DR)
		}
		return []queries.Chart{ranking}
	}
	var losing, distressed []Row
	for _, r := range rows {
		if r.Loss.Cents() > 0 {
			losing = append(losing, r)
		}
		if r.H.Micro() > 0 {
			distressed = append(distressed, r)
		}
	}
	var list []queries.Chart
	if len(losing) > 0 {
		shown, note := queries.Drawn(losing, "companies that lose receipts")
		c := queries.Chart{
			Kind: queries.Stacked, Title: "What companies are owed, and lose through the shock", Unit: queries.MoneyUnit, Note: note,
			Series: []queries.Series{{Name: "Lost"}, {Name: "Not lost"}},
		}
		for _, r := range shown {
			c.Add(name(r.Company), r.Loss, graph.USD(r.Receivable.Cents()-r.Loss.Cents()))
		}
		if p.Assets == Reported {
			c.Note = strings.TrimSpace("What is not lost may not have been paid before the shock either. " + c.Note)
		}
		list = append(list, c)
	}
	if len(distressed) > 0 {
		byDistress(distressed)
		shown, note := queries.Drawn(distressed, "companies in distress")
		c := queries.Chart{Kind: queries.Bars, Title: "Distress by company", Unit: queries.RatioUnit, Series: []queries.Series{{}}, Note: note}
		for _, r := range shown {
			c.Add(name(r.Company), r.H)
		}
		list = append(list, c)
	}
	return list
}

func byDistress(rows []Row) {
	slices.SortStableFunc(rows, func(a, b Row) int { return queries.DescendingRatio(a.H, b.H) })
}
