package roundtrips

import "roundtrip/queries"

// charts show what goes out and what comes back, side by side.
func charts(in queries.Scope, _ Params, rows []Row, _ Summary) []queries.Chart {
	name := in.View.Snapshot().CompanyName
	shown, note := queries.Drawn(rows, "pairs")
	c := queries.Chart{
		Kind: queries.Bars, Title: "What funders put into their customers, and what these pay back", Unit: queries.MoneyUnit, Note: note,
		Series: []queries.Series{{Name: "Puts in"}, {Name: "Pays back"}},
	}
	for _, r := range shown {
		c.Add(name(r.Funder)+" → "+name(r.Customer), r.Fin, r.Buy)
	}
	return []queries.Chart{c}
}
