package coverage

import (
	"fmt"

	"roundtrip/graph"
	"roundtrip/queries"
)

// charts show for each buyer how much of the promises in the rows is covered
// under the chosen rule, and when the first buyer is to pay.
func charts(in queries.Scope, p Params, rows []Row, s Summary) []queries.Chart {
	if len(rows) == 0 {
		return nil
	}
	covered, gap, unknown := map[string]graph.Money{}, map[string]graph.Money{}, map[string]int{}
	for _, r := range rows {
		if !r.Amount.Known() {
			unknown[r.Buyer]++
		}
		if r.Gap.Known() {
			covered[r.Buyer] = covered[r.Buyer].Plus(graph.USD(r.Amount.Cents() - r.Gap.Cents()))
			gap[r.Buyer] = gap[r.Buyer].Plus(r.Gap)
		}
	}
	rule := map[Rule]string{Tied: "tied", Fifo: "first in, first out", ProRata: "pro rata"}[p.Rule]
	name := in.View.Snapshot().CompanyName
	shown, note := queries.Drawn(s.Buyers, "buyers")
	buyers := queries.Chart{
		Kind: queries.Stacked, Title: "Promises by buyer: covered under the rule " + rule + ", and without a visible source", Unit: queries.MoneyUnit, Note: note,
		Series: []queries.Series{{Name: "Covered"}, {Name: "No visible source"}},
	}
	for _, b := range shown {
		remark := ""
		if n := unknown[b.Buyer]; n > 0 && gap[b.Buyer].Known() {
			remark = fmt.Sprintf("+ %d unknown", n)
		}
		buyers.Add(name(b.Buyer), covered[b.Buyer], gap[b.Buyer])
		buyers.Remarks = append(buyers.Remarks, remark)
	}
	first := rows[0].Buyer
	years := queries.Chart{Kind: queries.Bars, Title: "Promised by " + name(first) + ", by year of payment", Unit: queries.MoneyUnit, Series: []queries.Series{{}}}
	if n := unknown[first]; n > 0 {
		years.Note = queries.Count(n, "promise of unknown amount is", "promises of unknown amount are") + " left out."
	}
	for _, y := range s.ByYear {
		if y.Buyer == first {
			years.Add(y.Year, y.Amount)
		}
	}
	return []queries.Chart{buyers, years}
}
