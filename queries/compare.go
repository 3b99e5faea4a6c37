package queries

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
)

// Comparison is one question answered twice: for the graph as it is and under a
// scenario.
type Comparison struct {
	Base, Scenario *Result
	// Delta has the rows that differ, joined by their key columns: those of the
	// base in its order, then the new ones in theirs. Rows that rest on other legs
	// but have the same values do not differ. Its columns are the key, the
	// change (gone, changed, new), and for every other column the value before and
	// after, and the difference of numbers.
	Delta *Result
}

// Differences is the summary of a comparison.
type Differences struct {
	New     int          `json:"new" doc:"Rows that only the scenario has."`
	Gone    int          `json:"gone" doc:"Rows that only the base has."`
	Changed int          `json:"changed" doc:"Rows that both have with other values."`
	Same    int          `json:"same" doc:"Rows that both have with the same values; they are not listed."`
	Figures []FigureMove `json:"figures" title:"Summary before and after" doc:"The figures of the summary that differ."`
}

// FigureMove is one figure of the summary on both sides.
type FigureMove struct {
	Path   string `json:"path" detail:"true"`
	Title  string `json:"title" title:"Figure"`
	Type   string `json:"type" detail:"true"`
	Unit   string `json:"unit" detail:"true"`
	Before Value  `json:"before" title:"Before"`
	After  Value  `json:"after" title:"After"`
	Change Value  `json:"change" title:"Change"`
}

// Value is a value with the column that says how to read it.
type Value struct {
	Column Column
	Value  any
	Absent bool // one of the two summaries does not have the figure
}

// Compare answers the request without and with its scenario, both from one
// reading of the graph and natively.
func (r *Runner) Compare(ctx context.Context, req Request) (*Comparison, error) {
	if req.Scenario == nil {
		return nil, ArgumentErrors{{Name: "scenario", Problem: "is missing; want the changes to compare with"}}
	}
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	read := sync.OnceValues(func() (*snapshot.Snapshot, error) { return r.snapshotAt(ctx, req.Revision) })
	answer := func(req Request) (*Prepared, *Result, error) {
		p, err := r.prepare(ctx, req, read)
		if err != nil {
			return nil, nil, err
		}
		res, err := p.Run(ctx)
		return p, res, err
	}
	p, changed, err := answer(req)
	if err != nil {
		return nil, err
	}
	req.Scenario, req.Engine, req.Lens = nil, Native, maps.Clone(req.Lens)
	if req.Lens == nil {
		req.Lens = Args{}
	}
	req.Lens["as_of"] = changed.Lens.AsOf.String() // the scenario may have chosen the day
	_, base, err := answer(req)
	if err != nil {
		return nil, err
	}
	return &Comparison{Base: base, Scenario: changed, Delta: p.Analysis.Delta(base, changed)}, nil
}

// Changes of a row between two answers.
const (
	RowNew     = "new"
	RowGone    = "gone"
	RowChanged = "changed"
)

// Delta joins two answers of the analysis by their key columns: under two lenses,
// of two revisions, or without and with a scenario. It is as in Comparison.
func (a *Analysis) Delta(base, other *Result) *Result {
	d := &Result{
		Analysis: a.Name, Title: a.Title + ": before and after", Question: a.Question, Engine: other.Engine, Lens: other.Lens,
		Params: other.Params, Met: other.Met, Truncated: other.Truncated, Warnings: other.Warnings, Scenario: other.Scenario,
		Revision: other.Revision, Elapsed: base.Elapsed + other.Elapsed, Method: a.Method, Graph: other.Graph,
	}
	if base.Truncated.Is {
		d.Truncated = base.Truncated
	}
	keys, rest := keyColumns(base.Columns)
	sides := map[string][2]*Row{}
	var order []string
	for side, res := range []*Result{base, other} {
		for i := range res.Rows {
			k := keyOf(res.Rows[i], keys)
			both, met := sides[k]
			if !met {
				order = append(order, k)
			}
			both[side] = &res.Rows[i]
			sides[k] = both
		}
	}
	var sum Differences
	moved := make([]bool, len(base.Columns))
	for _, k := range order {
		row, change := joined(base.Columns, keys, rest, sides[k], moved)
		switch change {
		case RowNew:
			sum.New++
		case RowGone:
			sum.Gone++
		case RowChanged:
			sum.Changed++
		default:
			sum.Same++
			continue
		}
		d.Rows = append(d.Rows, row)
	}
	d.Columns = deltaColumns(base.Columns, keys, rest, moved)
	sum.Figures = figureMoves(base.Summary, other.Summary)
	d.Summary = sum
	d.Finding = fmt.Sprintf("Before: %s After: %s", base.Finding, other.Finding)
	d.Evidence.FlowIDs = union(base.Evidence.FlowIDs, other.Evidence.FlowIDs)
	d.Evidence.SourceIDs = union(base.Evidence.SourceIDs, other.Evidence.SourceIDs)
	for _, s := range slices.Concat(base.Sources, other.Sources) {
		if !slices.ContainsFunc(d.Sources, func(x *graph.Source) bool { return x.ID == s.ID }) {
			d.Sources = append(d.Sources, s)
		}
	}
	slices.SortFunc(d.Sources, func(x, y *graph.Source) int { return strings.Compare(x.ID, y.ID) })
	return d
}

func keyColumns(columns []Column) (keys, rest []int) {
	for i, c := range columns {
		if c.Key {
			keys = append(keys, i)
		} else {
			rest = append(rest, i)
		}
	}
	return keys, rest
}

func keyOf(r Row, keys []int) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = CellText(r.Values[k])
	}
	return strings.Join(parts, "\x00")
}

// joined is the row of a key that one or both answers have, and its change, ""
// where nothing differs. It marks the columns that differ.
func joined(columns []Column, keys, rest []int, both [2]*Row, moved []bool) (Row, string) {
	change := ""
	some := both[0]
	switch {
	case both[0] == nil:
		change, some = RowNew, both[1]
	case both[1] == nil:
		change = RowGone
	}
	var row Row
	for _, k := range keys {
		row.Values = append(row.Values, some.Values[k])
	}
	row.Values = append(row.Values, "")
	for _, i := range rest {
		before, after := absent(columns[i].Type), absent(columns[i].Type)
		if both[0] != nil {
			before = both[0].Values[i]
		}
		if both[1] != nil {
			after = both[1].Values[i]
		}
		if both[0] == nil || both[1] == nil || CellText(before) != CellText(after) {
			moved[i] = true
			if change == "" && !Evidential(columns[i].Type) {
				change = RowChanged
			}
		}
		row.Values = append(row.Values, before, after)
		if Numeric(columns[i].Type) {
			row.Values = append(row.Values, Difference(before, after))
		}
	}
	row.Values[len(keys)] = change
	if both[0] != nil {
		row.Legs = slices.Clone(both[0].Legs)
	}
	if both[1] != nil {
		for _, id := range both[1].Legs {
			if both[0] == nil || !slices.Contains(both[0].Legs, id) {
				row.Legs = append(row.Legs, id)
			}
		}
	}
	return row, change
}

// Evidential tells whether a column lists the legs that a row rests on: other
// evidence for the same values makes no other row.
func Evidential(columnType string) bool { return columnType == "legs" || columnType == "leg_lists" }

// absent is the value of a row that an answer does not have: unknown.
func absent(columnType string) any {
	switch columnType {
	case "money":
		return graph.Money{}
	case "ratio", "number":
		return graph.Decimal{}
	}
	return nil
}

// Numeric tells whether values of that type have a difference.
func Numeric(columnType string) bool {
	return slices.Contains([]string{"money", "ratio", "number", "count"}, columnType)
}

// deltaColumns are the columns of a comparison; those that differ nowhere are
// details.
func deltaColumns(columns []Column, keys, rest []int, moved []bool) []Column {
	var list []Column
	for _, k := range keys {
		c := columns[k]
		c.Detail = c.Detail && len(keys) > 1
		list = append(list, c)
	}
	list = append(list, Column{Name: "change", Title: "Row", Type: "text", Description: "new: only the answer after has the row; gone: only the one before; changed: both have it with other values."})
	for _, i := range rest {
		c := columns[i]
		c.Detail = c.Detail || !moved[i]
		c.Nullable = true
		stem, cents := strings.CutSuffix(c.Name, "_cents")
		for _, part := range []struct{ name, title, doc string }{{"before", "before", "Before: "}, {"after", "after", "After: "}, {"delta", "change", "After less before: "}} {
			if part.name == "delta" && !Numeric(c.Type) {
				continue
			}
			x := c
			x.Name = stem + "_" + part.name
			if cents {
				x.Name += "_cents"
			}
			x.Title, x.Description = c.Title+", "+part.title, part.doc+c.Description
			x.Change = part.name == "delta"
			list = append(list, x)
		}
	}
	return list
}

// figureMoves are the figures of two summaries that differ, in declared order.
func figureMoves(before, after any) []FigureMove {
	old, fresh := Figures(before), Figures(after)
	of := map[string]Value{}
	for _, f := range fresh {
		of[f.Path] = Value{Column: f.Column, Value: f.Value}
	}
	moves := []FigureMove{}
	seen := map[string]bool{}
	add := func(f Figure, b, a Value) {
		if CellText(b.Value) != CellText(a.Value) {
			moved := f.Column
			moved.Change = true
			change := Value{Column: moved, Value: Difference(b.Value, a.Value), Absent: b.Absent || a.Absent}
			moves = append(moves, FigureMove{f.Path, f.Title, f.Column.Type, f.Column.Unit, b, a, change})
		}
	}
	for _, f := range old {
		seen[f.Path] = true
		a, ok := of[f.Path]
		a.Absent = !ok
		add(f, Value{Column: f.Column, Value: f.Value}, a)
	}
	for _, f := range fresh {
		if !seen[f.Path] {
			add(f, Value{Column: f.Column, Absent: true}, of[f.Path])
		}
	}
	return moves
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
