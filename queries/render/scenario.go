package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
)

// WriteComparison writes both answers and what differs as JSON; in the other
// formats it writes what differs, with the pictures of both answers.
func WriteComparison(w io.Writer, format string, c *queries.Comparison) error {
	if format == "json" {
		return writeComparisonJSON(w, c)
	}
	delta := *c.Delta
	switch format {
	case "table":
		delta = Arrows(c, Names{})
	case "md", "html":
		delta = Arrows(c, namesFor(c.Delta))
	}
	for _, side := range []struct {
		title  string
		charts []queries.Chart
	}{{"Before: ", c.Base.Charts}, {"After: ", c.Scenario.Charts}} {
		for i, chart := range side.charts {
			if i < len(c.Base.Charts) {
				chart.Series = inOrderOf(c.Base.Charts[i].Series, chart.Series)
			}
			chart.Title = side.title + chart.Title
			delta.Charts = append(delta.Charts, chart)
		}
	}
	return Write(w, format, &delta)
}

// inOrderOf is the series in the order that other series of the same names have,
// so that a name keeps its place and colour; those that are new come behind.
func inOrderOf(other, series []queries.Series) []queries.Series {
	place := func(s queries.Series) int {
		if i := slices.IndexFunc(other, func(o queries.Series) bool { return o.Name == s.Name }); i >= 0 {
			return i
		}
		return len(other)
	}
	ordered := slices.Clone(series)
	slices.SortStableFunc(ordered, func(a, b queries.Series) int { return cmp.Compare(place(a), place(b)) })
	return ordered
}

// Arrows is what differs with one column for each that moved, its cells with the
// value before and after: 0.0 % → 26.3 %.
func Arrows(c *queries.Comparison, names Names) queries.Result {
	flat := *c.Delta
	flat.Columns, flat.Rows = nil, make([]queries.Row, len(c.Delta.Rows))
	at := 0 // in the columns of the comparison
	change := func(r queries.Row) any {
		return r.Values[slices.IndexFunc(c.Delta.Columns, func(x queries.Column) bool { return x.Name == "change" })]
	}
	take := func(column queries.Column, width int, cell func(change any, values []any) any) {
		flat.Columns = append(flat.Columns, column)
		for i, r := range c.Delta.Rows {
			flat.Rows[i].Values = append(flat.Rows[i].Values, cell(change(r), r.Values[at:at+width]))
			flat.Rows[i].Legs = r.Legs
		}
		at += width
	}
	first := func(_ any, values []any) any { return values[0] }
	for _, column := range c.Base.Columns {
		if column.Key {
			take(c.Delta.Columns[at], 1, first)
		}
	}
	take(c.Delta.Columns[at], 1, first)
	for _, column := range c.Base.Columns {
		if column.Key {
			continue
		}
		width := 2
		if queries.Numeric(column.Type) {
			width = 3
		}
		shown := queries.Column{Name: column.Name, Title: column.Title, Type: "shown", Detail: c.Delta.Columns[at].Detail}
		take(shown, width, func(change any, values []any) any {
			before, after := names.People(values[0], column), names.People(values[1], column)
			switch {
			case change == queries.RowNew:
				return after
			case change == queries.RowGone:
				return before
			case before == after && queries.CellText(values[0]) != queries.CellText(values[1]):
				return before + ", moved by less than is shown"
			case before == after:
				return before
			}
			return cmp.Or(before, "none") + " → " + cmp.Or(after, "none")
		})
	}
	return flat
}

// scenarioLine names a scenario and tells what it assumes.
func scenarioLine(u *queries.ScenarioUsed) string {
	line := "Scenario: " + u.Name
	if u.Title != "" {
		line = fmt.Sprintf("Scenario: %s (%s)", u.Title, u.Name)
	}
	line += "; " + u.Effect.String() + "."
	if u.Note != "" {
		line += " " + strings.TrimSpace(u.Note)
	}
	return line
}

// effectRows is how many legs the table of a scenario shows.
const effectRows = 25

// effectTable shows the legs that a scenario changes.
func effectTable(e *scenario.Effect, names Names) table {
	t := table{Title: "what the scenario changes", Heads: []head{{Text: "leg"}, {Text: "from"}, {Text: "to"}, {Text: "kind"}, {Text: "change"}}}
	add := func(changes []scenario.Change, what func(scenario.Change) string) {
		for _, c := range changes {
			if len(t.Rows) < effectRows {
				t.Rows = append(t.Rows, []string{c.ID, names.Of(c.From, "company"), names.Of(c.To, "company"), string(c.Kind), what(c)})
			}
		}
	}
	add(e.Added, func(c scenario.Change) string {
		var parts []string
		for _, f := range c.Fields() {
			if f.Outcome == "" && (f.Field == "amount_usd" || f.Field == "status") {
				parts = append(parts, fieldPhrase(f))
			}
		}
		return "added: " + strings.Join(parts, "; ")
	})
	add(e.Removed, func(scenario.Change) string { return "taken away" })
	add(e.Changed, func(c scenario.Change) string {
		var parts []string
		events := map[string]bool{}
		for _, f := range c.Fields() {
			switch {
			case f.Outcome == "":
				parts = append(parts, fieldPhrase(f))
			case !events[f.Outcome]:
				events[f.Outcome] = true
				parts = append(parts, eventPhrase(f.Outcome, c.Fields()))
			}
		}
		return strings.Join(parts, "; ")
	})
	if all := len(e.Added) + len(e.Removed) + len(e.Changed); all > effectRows {
		t.Title += fmt.Sprintf(", the first %d of %d legs", effectRows, all)
	}
	return t
}

func fieldPhrase(f scenario.FieldChange) string {
	name := strings.ReplaceAll(strings.TrimSuffix(f.Field, "_usd"), "_", " ")
	show := func(text string) string {
		if strings.HasSuffix(f.Field, "_usd") && text != "" {
			if m, err := graph.ParseMoney(text); err == nil {
				return m.Short()
			}
		}
		if text == "" {
			return "none"
		}
		if f.Field == "status" {
			return strings.ReplaceAll(text, "_", " ")
		}
		return text
	}
	if f.Before == "" {
		return name + " " + show(f.After)
	}
	return name + " " + show(f.Before) + " → " + show(f.After)
}

// eventPhrase tells what became of an outcome: that it comes, goes or moves.
func eventPhrase(id string, fields []scenario.FieldChange) string {
	of := map[string]scenario.FieldChange{}
	for _, f := range fields {
		if f.Outcome == id {
			of[f.Field] = f
		}
	}
	name := strings.ReplaceAll(of["event"].Before+of["event"].After, "_", " ")
	switch {
	case of["id"].Before != "":
		return fmt.Sprintf("outcome of %s (%s) goes", of["date"].Before, name)
	case of["id"].After != "":
		return fmt.Sprintf("outcome of %s (%s) comes", of["date"].After, name)
	case of["date"].After != "":
		return fmt.Sprintf("outcome %s moves from %s to %s", id, of["date"].Before, of["date"].After)
	}
	return fmt.Sprintf("outcome %s changes", id)
}
