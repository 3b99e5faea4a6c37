package circularity

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

func finish(in queries.Scope, p Params, facts iter.Seq[Solution]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	for s := range facts {
		for _, f := range s.Firms {
			ans.Rows = append(ans.Rows, f.row())
		}
		ans.Summary = summary(s)
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Descending(a.In.Plus(a.Out), b.In.Plus(b.Out)), queries.Bytes(a.Company, b.Company))
	})
	s := &ans.Summary
	if cut := max(0, len(s.Edges)-p.Limit) + max(0, len(s.Cycles)-p.Limit); cut > 0 {
		s.Edges, s.Cycles = s.Edges[:min(len(s.Edges), p.Limit)], s.Cycles[:min(len(s.Cycles), p.Limit)]
		ans.Warnings = append(ans.Warnings, queries.Warning{
			Code: ListsCut, Count: cut, Message: fmt.Sprintf("The lists of edges and cycles show the largest %d each; %d are left out.", p.Limit, cut),
		})
	}
	if s.CI.Known() {
		ans.Warnings = append(ans.Warnings, queries.Warning{
			Code:    CIFalls,
			Message: "The index can fall as commitments rise: a promise that does not come home adds to the total and not to what goes round.",
		})
	}
	ans.Finding = finding(ans.Rows, *s, in.View.Snapshot().CompanyName)
	return ans, nil
}

func (f Firm) row() Row {
	r := Row{
		Company: f.ID, In: f.In, Out: f.Out, Throughput: graph.USD(f.Throughput), Min: f.Min, Max: f.Max,
		Potential: f.Potential, Legs: f.Legs,
	}
	if f.In.Known() && f.Out.Known() {
		r.Net = graph.USD(f.In.Cents() - f.Out.Cents())
	}
	return r
}

func summary(s Solution) Summary {
	sum := Summary{
		Certificate: s.Certificate == nil, NumEdges: len(s.Edges), NumCycles: len(s.Cycles),
		Edges: s.Edges, Cycles: s.Cycles, Circular: graph.USD(0),
	}
	if len(s.Edges) == 0 {
		sum.Total = graph.USD(0)
	}
	for _, e := range s.Edges {
		sum.Total, sum.Circular = sum.Total.Plus(e.Amount), sum.Circular.Plus(e.Round)
	}
	sum.CI = graph.Ratio(sum.Circular, sum.Total)
	if sum.CI.Known() {
		// From the exact difference: one minus a rounded ratio can be off by one.
		sum.NetToGross = graph.Ratio(graph.USD(sum.Total.Cents()-sum.Circular.Cents()), sum.Total)
	}
	slices.SortFunc(sum.Edges, func(a, b Edge) int {
		return queries.Order(queries.Descending(a.Round, b.Round), queries.Descending(a.Amount, b.Amount), queries.Bytes(a.Payer, b.Payer), queries.Bytes(a.Payee, b.Payee))
	})
	slices.SortFunc(sum.Cycles, func(a, b Cycle) int {
		return queries.Order(queries.Descending(a.Amount, b.Amount), cmp.Compare(len(a.Ring), len(b.Ring)), slices.Compare(a.Ring, b.Ring))
	})
	return sum
}

func finding(rows []Row, s Summary, name func(string) string) string {
	switch {
	case s.NumEdges == 0:
		return "Under this lens no company pays or funds another."
	case !s.Total.Known():
		return "Under this lens no amount between two companies is known."
	case s.Total.Cents() == 0:
		return "Under this lens all known amounts are zero, so nothing goes round."
	case !s.Certificate:
		return fmt.Sprintf("At least %s of %s can go round; the check that no more can has failed.", s.Circular.Short(), s.Total.Short())
	case s.Circular.Cents() == 0:
		return fmt.Sprintf("None of the %s that companies pay or put into each other can go round.", s.Total.Short())
	}
	top := slices.MaxFunc(rows, func(a, b Row) int { // the first of the largest: rows are in order
		return cmp.Compare(a.Throughput.Cents(), b.Throughput.Cents())
	})
	text := fmt.Sprintf("Of the %s that companies pay or put into each other, at most %s (%s) can go round without counting a dollar twice; ",
		s.Total.Short(), s.Circular.Short(), s.CI.Percent())
	if top.Min.Known() {
		return text + fmt.Sprintf("%s, in any such solution, runs through %s.", between(top.Min, top.Max), name(top.Company))
	}
	return text + fmt.Sprintf("%s of it runs through %s in the solution shown.", top.Throughput.Short(), name(top.Company))
}

func between(low, high graph.Money) string {
	if low == high {
		return high.Short()
	}
	return "from " + low.Short() + " to " + high.Short()
}
