package criticality

import (
	"fmt"
	"iter"
	"math/big"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
)

func finish(in queries.Scope, p Params, facts iter.Seq[Solution]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	for s := range facts {
		for _, r := range s.Removals {
			ans.Rows = append(ans.Rows, r.row(s))
		}
		ans.Summary = summary(s)
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Descending(a.Drop, b.Drop), queries.Bytes(a.What, b.What), queries.Bytes(a.ID, b.ID))
	})
	ans.Finding = finding(ans.Rows, ans.Summary, in.View.Snapshot().CompanyName)
	s := &ans.Summary
	if !s.Exact {
		ans.Warnings = append(ans.Warnings, queries.Warning{
			Code: Heuristic,
			Message: fmt.Sprintf("The feedback arc set of %s comes from a heuristic, as a strongly connected component has more than 20 firms; no set is below %s.",
				s.Feedback.Short(), s.AtLeast.Short()),
		})
	}
	if all := len(ans.Rows); all > p.Limit {
		ans.Rows = ans.Rows[:p.Limit]
		ans.Truncated = queries.Truncation{Is: true, Reason: fmt.Sprintf("limit: %d of %d legs and firms are shown; the summary counts all", p.Limit, all)}
	}
	if all := len(s.Edges); all > p.Limit {
		s.Edges = s.Edges[:p.Limit]
		ans.Warnings = append(ans.Warnings, queries.Warning{
			Code: ListCut, Count: all - p.Limit, Message: fmt.Sprintf("The list of the feedback arc set shows the largest %d of %d edges.", p.Limit, all),
		})
	}
	return ans, nil
}

func (r Removal) row(s Solution) Row {
	row := Row{What: r.What, ID: r.ID, Between: r.Between, Amount: r.Amount, Drop: r.Drop, Legs: r.Legs, Date: r.Date}
	row.Share = graph.Ratio(r.Drop, s.Circular)
	if r.Drop.Known() && s.Total.Known() {
		row.Change = change(s.Circular.Cents(), s.Total.Cents(), r.Drop.Cents(), r.Amount.Cents())
	}
	return row
}

// change is the index (round - drop) / (total - away) less round / total, in one
// fraction: the difference of two rounded indexes can be off by one.
func change(round, total, drop, away int64) graph.Decimal {
	n := big.NewInt
	gain, loss := new(big.Int).Mul(n(round), n(away)), new(big.Int).Mul(n(drop), n(total))
	return graph.Quotient(gain.Sub(gain, loss), new(big.Int).Mul(n(total), n(total-away)))
}

func summary(s Solution) Summary {
	sum := Summary{
		Total: s.Total, Circular: s.Circular, CI: graph.Ratio(s.Circular, s.Total),
		Feedback: graph.USD(s.Weight), AtLeast: graph.USD(s.AtLeast), Exact: s.Exact, Edges: s.Feedback,
	}
	for _, r := range s.Removals {
		switch {
		case r.What == Firm:
			sum.Firms++
		case r.Drop.Known():
			sum.Legs++
		default:
			sum.Unknown++
		}
	}
	slices.SortFunc(sum.Edges, func(a, b Edge) int {
		return queries.Order(queries.Descending(a.Amount, b.Amount), queries.Bytes(a.Payer, b.Payer), queries.Bytes(a.Payee, b.Payee))
	})
	return sum
}

func finding(rows []Row, s Summary, name func(string) string) string {
	switch {
	case len(rows) == 0 && s.Total == graph.USD(0):
		return "Under this lens no company pays or funds another."
	case !s.Total.Known():
		return "Under this lens no amount between two companies is known."
	case !s.Circular.Known():
		return "What can go round was not found."
	case s.Circular.Cents() == 0:
		text := fmt.Sprintf("None of the %s that companies pay or put into each other can go round, so nothing hangs on any leg or firm", s.Total.Short())
		if s.Unknown > 0 {
			text += "; " + queries.Count(s.Unknown, "leg of unknown amount counts", "legs of unknown amount count") + " as nothing"
		}
		return text + "."
	}
	var parts []string
	for _, what := range []string{Firm, Leg} {
		if i := slices.IndexFunc(rows, func(r Row) bool { return r.What == what && r.Drop.Known() }); i >= 0 {
			parts = append(parts, rows[i].without(name))
		}
	}
	text := fmt.Sprintf("Of the %s that can go round at most", s.Circular.Short())
	if len(parts) > 0 {
		text += ", " + strings.Join(parts, " and ")
	} else {
		text += ", nothing that was taken away is of known amount"
	}
	least := "the cheapest set found"
	if s.Exact {
		least = "the cheapest set"
	}
	return fmt.Sprintf("%s; %s of edges without which no loop is left has %s with %s.",
		text, least, queries.Count(len(s.Edges), "edge", "edges"), s.Feedback.Short())
}

// without says what goes with a row.
func (r Row) without(name func(string) string) string {
	if r.Drop.Cents() == 0 {
		return "nothing is lost without any one " + r.What
	}
	lost := fmt.Sprintf("%s (%s) is lost without ", r.Drop.Short(), r.Share.Percent())
	if r.What == Firm {
		return lost + name(r.ID)
	}
	of := r.Amount.Short()
	if r.Date.Known() {
		of += " of " + r.Date.String()
	}
	return fmt.Sprintf("%sthe leg %s from %s to %s (%s)", lost, r.ID, name(r.Between[0]), name(r.Between[1]), of)
}
