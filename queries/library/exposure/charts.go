package exposure

import "roundtrip/queries"

// charts show what firms stand behind others with, and what depends on conditions.
func charts(in queries.Scope, _ Params, rows []Row, _ Summary) []queries.Chart {
	name := in.View.Snapshot().CompanyName
	var list []queries.Chart
	draw := func(title, noun string, series []string, counts func(Row) bool, values func(Row) []queries.ChartValue) {
		var some []Row
		for _, r := range rows {
			if counts(r) {
				some = append(some, r)
			}
		}
		if len(some) == 0 {
			return
		}
		shown, note := queries.Drawn(some, noun)
		c := queries.Chart{Kind: queries.Bars, Title: title, Unit: queries.MoneyUnit, Note: note}
		for _, s := range series {
			c.Series = append(c.Series, queries.Series{Name: s})
		}
		for _, r := range shown {
			c.Add(name(r.Firm), values(r)...)
		}
		list = append(list, c)
	}
	draw("Guarantees given and received", "firms with a guarantee", []string{"Gives", "Receives"},
		func(r Row) bool { return len(r.StandsBehind) > 0 || len(r.BackedBy) > 0 },
		func(r Row) []queries.ChartValue { return []queries.ChartValue{r.BacksGiven, r.BacksReceived} })
	draw("What moves only under a condition", "firms with a conditional leg", []string{"Out", "In"},
		func(r Row) bool { return r.NumCondOut > 0 || r.NumCondIn > 0 },
		func(r Row) []queries.ChartValue { return []queries.ChartValue{r.CondOut, r.CondIn} })
	return list
}
