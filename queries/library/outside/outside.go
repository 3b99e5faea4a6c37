// Package outside reckons the money of a firm that comes from nobody in the
// graph: what it will sell over some years beyond what is tracked.
package outside

import (
	"math/big"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
)

// Metrics are the names of the metrics that report a year's revenue, the one
// that counts first. Their values are in dollars.
func Metrics() []string { return []string{"revenue_annual", "revenue_run_rate"} }

// Revenue is what a company reports of a year's revenue.
type Revenue struct {
	Amount graph.Money // unknown where none is reported; may be negative
	Metric string      // of Metrics, "" where none is reported
	AsOf   graph.Date
}

// Firm is the money of one vertex.
type Firm struct {
	Revenue Revenue
	// Receipts is the sum of the known amounts of PAYS edges into it under the
	// lens, unknown where there is none.
	Receipts graph.Money
	// Outside is horizon x revenue less receipts, never less than zero; zero
	// where no revenue is reported. Always known.
	Outside graph.Money
}

// Of is the outside money of every vertex of the view, in order of vertices.
// The horizon is a number of years, zero or more; horizon x revenue is rounded
// half up to a cent.
func Of(v *snapshot.View, horizonYears graph.Decimal) []Firm {
	firms := make([]Firm, len(v.Companies()))
	for e := range v.NumEdges() {
		if edge := v.EdgeAt(e); edge.Class == graph.Pays {
			f := &firms[edge.Payee]
			f.Receipts = f.Receipts.Plus(edge.Amount)
		}
	}
	for i, id := range v.Companies() {
		f := &firms[i]
		f.Revenue = RevenueOf(v, id)
		f.Outside = graph.USD(max(0, Over(f.Revenue.Amount, horizonYears).Cents()-f.Receipts.Cents()))
	}
	return firms
}

// Over is what a yearly amount comes to over the years, rounded half up to a
// cent; unknown where the amount is.
func Over(yearly graph.Money, years graph.Decimal) graph.Money {
	if !yearly.Known() {
		return graph.Money{}
	}
	return cents(new(big.Int).Mul(big.NewInt(yearly.Cents()), big.NewInt(years.Micro())), 1_000_000)
}

// RevenueOf is the revenue that a company, itself and not its units, was known
// on the day of the view to report: the first of Metrics that it reports, of
// that the latest, on one day that with the greatest id. Figures without a date,
// in another unit than dollars or of one counterparty are left out.
func RevenueOf(v *snapshot.View, company string) Revenue {
	metrics := v.Snapshot().Metrics(company)
	for _, name := range Metrics() {
		var r Revenue
		for _, m := range metrics { // the later of a name come later
			if m.Metric != name || !m.Value.Known() || !m.AsOf.Known() || m.AsOf.Last() > v.AsOf() ||
				m.Unit != "" && m.Unit != "USD" || m.Counterparty != "" {
				continue
			}
			r = Revenue{Amount: cents(big.NewInt(m.Value.Micro()), 10_000), Metric: name, AsOf: m.AsOf}
		}
		if r.Amount.Known() {
			return r
		}
	}
	return Revenue{}
}

// cents is num/den rounded half up.
func cents(num *big.Int, den int64) graph.Money {
	n := new(big.Int).Lsh(num, 1)
	n.Add(n, big.NewInt(den))
	return graph.USD(n.Div(n, big.NewInt(2*den)).Int64()) // Div floors for a positive divisor
}
