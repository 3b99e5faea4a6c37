package criticality

import "roundtrip/queries"

// charts show what hangs on the firms and legs that most hangs on.
func charts(in queries.Scope, _ Params, rows []Row, _ Summary) []queries.Chart {
	name := in.View.Snapshot().CompanyName
	var list []queries.Chart
	for _, c := range []struct{ what, title, noun string }{
		{Firm, "What no longer goes round without a firm", "firms that something hangs on"},
		{Leg, "What no longer goes round without a leg", "legs that something hangs on"},
	} {
		var some []Row
		for _, r := range rows {
			if r.What == c.what && r.Drop.Cents() > 0 {
				some = append(some, r)
			}
		}
		if len(some) == 0 {
			continue
		}
		shown, note := queries.Drawn(some, c.noun)
		chart := queries.Chart{Kind: queries.Bars, Title: c.title, Unit: queries.MoneyUnit, Note: note, Series: []queries.Series{{Name: "Goes round less"}}}
		for _, r := range shown {
			label := name(r.Between[0])
			if r.What == Leg {
				label += " → " + name(r.Between[1]) + " (" + r.ID + ")"
			}
			chart.Add(label, r.Drop)
		}
		list = append(list, chart)
	}
	return list
}
