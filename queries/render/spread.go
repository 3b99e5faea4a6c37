package render

import (
	"fmt"
	"strings"

	"roundtrip/queries"
)

// spreadTable shows how the figures of the summary spread over random draws.
func spreadTable(u *queries.Uncertainty) table {
	t := table{
		Title: fmt.Sprintf("uncertainty over %s draws, seed %d", Thousands(int64(u.Draws)), u.Seed),
		Heads: []head{{Text: "figure"}, {Text: "mean", Right: true}, {Text: "5 %", Right: true}, {Text: "median", Right: true}, {Text: "95 %", Right: true}, {Text: "known in", Right: true}},
	}
	for _, f := range u.Fields {
		title := f.Title
		if title == f.Name {
			title = strings.ReplaceAll(strings.TrimSuffix(title, "_cents"), "_", " ")
		}
		c := f.Column
		if c.Type == "count" {
			c.Type = "number"
		}
		t.Rows = append(t.Rows, []string{sentenceCase(title), People(f.Mean, c), People(f.P5, c), People(f.P50, c), People(f.P95, c), Thousands(int64(f.Known))})
	}
	return t
}
