package circularity

import (
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
)

// charts show which part of the whole network goes round, and where.
func charts(in queries.Scope, _ Params, _ []Row, s Summary) []queries.Chart {
	series := func() []queries.Series { return []queries.Series{{Name: "Goes round"}, {Name: "Moves on for good"}} }
	whole := queries.Chart{Kind: queries.Stacked, Title: "What goes round of all that is paid and put in", Unit: queries.MoneyUnit, Series: series()}
	whole.Add("All companies", s.Circular, rest(s.Total, s.Circular))
	name := in.View.Snapshot().CompanyName
	shown, note := queries.Drawn(s.Edges, "edges in the summary")
	edges := queries.Chart{
		Kind: queries.Stacked, Title: "Where most of it goes round", Unit: queries.MoneyUnit, Series: series(),
		Note: strings.TrimSpace("One of perhaps several largest circulations. " + note),
	}
	for _, e := range shown {
		edges.Add(name(e.Payer)+" → "+name(e.Payee), e.Round, rest(e.Amount, e.Round))
	}
	return []queries.Chart{whole, edges}
}

// rest is what is left of a whole, unknown where either is.
func rest(whole, part graph.Money) graph.Money {
	if !whole.Known() || !part.Known() {
		return graph.Money{}
	}
	return graph.USD(whole.Cents() - part.Cents())
}
