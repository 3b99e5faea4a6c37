package cycles

import (
	"strings"

	"roundtrip/queries"
)

// charts show the bottlenecks of the first loops. They are not parts of one
// sum, so they stand apart.
func charts(in queries.Scope, _ Params, rows []Row, _ Summary) []queries.Chart {
	name := in.View.Snapshot().CompanyName
	shown, note := queries.Drawn(rows, "loops in the table")
	c := queries.Chart{
		Kind: queries.Bars, Title: "What can go all the way round the first loops", Unit: queries.MoneyUnit, Series: []queries.Series{{}},
		Note: strings.TrimSpace("Loops share legs: their bottlenecks must not be added up. " + note),
	}
	for _, r := range shown {
		c.Add(spell(r.Ring, name), r.Bottleneck)
	}
	return []queries.Chart{c}
}
