package render

import (
	"fmt"
	"io"
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
	for _, side := range []struct {
		title  string
		charts []queries.Chart
	}{{"Before: ", c.Base.Charts}, {"After: ", c.Scenario.Charts}} {
		for _, chart := range side.charts {
			chart.Title = side.title + chart.Title
			delta.Charts = append(delta.Charts, chart)
		}
	}
	return Write(w, format, &delta)
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
func effectTable(e *scenario.Effect) table {
	t := table{Title: "what the scenario changes", Heads: []head{{Text: "leg"}, {Text: "from"}, {Text: "to"}, {Text: "kind"}, {Text: "change"}}}
	add := func(changes []scenario.Change, what func(scenario.Change) string) {
		for _, c := range changes {
			if len(t.Rows) < effectRows {
				t.Rows = append(t.Rows, []string{c.ID, c.From, c.To, string(c.Kind), what(c)})
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
		fields := c.Fields()
		parts := make([]string, len(fields))
		for i, f := range fields {
			parts[i] = fieldPhrase(f)
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
		return strings.ReplaceAll(text, "_", " ")
	}
	if f.Outcome != "" {
		name = "outcome " + f.Outcome + " " + name
	}
	if f.Before == "" {
		return name + " " + show(f.After)
	}
	return name + " " + show(f.Before) + " → " + show(f.After)
}
