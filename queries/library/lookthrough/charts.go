package lookthrough

import (
	"roundtrip/queries"
)

// charts show the companies that see most of their own money again.
func charts(in queries.Scope, _ Params, rows []Row, _ Summary) []queries.Chart {
	var own []Row
	for _, r := range rows {
		if r.Self.Micro() > 0 {
			own = append(own, r)
		}
	}
	shown, note := queries.Drawn(own, "companies that see own money again")
	c := queries.Chart{
		Kind: queries.Bars, Title: "Share of receipts that is the company's own money", Unit: queries.RatioUnit, Note: note,
		Series: []queries.Series{{Name: "With outside money"}, {Name: "In a closed system, at most"}},
	}
	name := in.View.Snapshot().CompanyName
	for _, r := range shown {
		c.Add(name(r.Company), r.Self, r.Closed)
	}
	return []queries.Chart{c}
}
