package render

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
)

// page is a result as a reader sees it, before it becomes text, Markdown or
// HTML.
type page struct {
	Title    string
	Question string
	Finding  string
	Pictures []picture
	Tables   []table
	Facts    []fact
	Scenario string
	Lens     string // and the parameters
	Met      string
	Cut      string
	Warnings []string
	Method   string
	Sources  []string
	Pages    []*graph.Source
	Legs     int
	Stamp    string
	Cypher   *queries.Statement
}

type table struct {
	Title string
	Heads []head
	Rows  [][]string
	// Asides are ids to look up what a cell names in other words, as small text
	// beside it: "" where a cell has none, nil where no cell of the table has one.
	Asides [][]string
}

// Aside is the id beside a cell, "" for none.
func (t table) Aside(row, column int) string {
	if t.Asides == nil {
		return ""
	}
	return t.Asides[row][column]
}

type head struct {
	Text  string
	Right bool // numbers stand to the right
	Whole bool // dates are not broken
}

type fact struct{ Name, Value string }

// PageOf lays a result out for people: the table of its rows first, then those of
// its summary.
func PageOf(r *queries.Result, names Names) Page {
	p := page{
		Title: r.Title, Question: r.Question, Finding: r.Finding, Lens: LensLine(r.Lens) + paramsLine(r.Params), Met: metLine(r.Met), Method: r.Method,
		Pages: r.Sources, Legs: len(r.Evidence.FlowIDs), Cypher: r.Cypher,
		Stamp: fmt.Sprintf("Analysis %s, engine %s, graph revision %d, content %s.", r.Analysis, r.Engine, r.Revision.Number, r.Revision.Hash.String()[:12]),
	}
	p.Tables = append(p.Tables, rowsTable(r, names))
	facts, tables := summaryOf(r.Summary, names)
	p.Facts = facts
	p.Tables = append(p.Tables, tables...)
	if r.Scenario != nil {
		p.Scenario = scenarioLine(r.Scenario)
		p.Tables = append(p.Tables, effectTable(r.Scenario.Effect, names))
	}
	if r.Uncertainty != nil {
		p.Tables = append(p.Tables, spreadTable(r.Uncertainty))
	}
	if r.Truncated.Is {
		p.Cut = r.Truncated.Reason
	}
	for _, w := range r.Warnings {
		p.Warnings = append(p.Warnings, w.Message)
	}
	for _, s := range r.Sources {
		p.Sources = append(p.Sources, sourceLine(s))
	}
	return p
}

func rowsTable(r *queries.Result, names Names) table {
	var t table
	var shown []int
	for i, c := range r.Columns {
		if !c.Detail {
			shown = append(shown, i)
			t.Heads = append(t.Heads, head{Text: c.Title, Right: rightAligned(c.Type), Whole: c.Type == "date"})
		}
	}
	for _, row := range r.Rows {
		cells, asides := make([]string, len(shown)), make([]string, len(shown))
		for j, i := range shown {
			cells[j], asides[j] = names.People(row.Values[i], r.Columns[i]), names.aside(row.Values[i], r.Columns[i])
		}
		t.Rows, t.Asides = append(t.Rows, cells), append(t.Asides, asides)
	}
	if !slices.ContainsFunc(t.Asides, func(row []string) bool { return strings.Join(row, "") != "" }) {
		t.Asides = nil
	}
	return t
}

func rightAligned(columnType string) bool {
	switch columnType {
	case "money", "ratio", "number", "count":
		return true
	}
	return false
}

// People is a value as people read it, with ids as they are: $38.0bn, 26.3 %,
// unknown, a ring with arrows.
func People(value any, c queries.Column) string { return Names{}.People(value, c) }

func mapLine(v reflect.Value) string {
	text := string(queries.AppendJSON(nil, v.Interface()))
	text = strings.NewReplacer("{", "", "}", "", `"`, "", ",", ", ", ":", ": ").Replace(text)
	if text == "" {
		return "none"
	}
	return strings.ReplaceAll(text, "_", " ")
}

// Thousands is a whole number with commas: 1,204.
func Thousands(n int64) string {
	s := fmt.Sprint(n)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// summaryOf splits a summary into single facts and tables (its objects and lists
// of objects).
func summaryOf(summary any, names Names) ([]fact, []table) {
	v := reflect.Indirect(reflect.ValueOf(summary))
	if v.Kind() != reflect.Struct {
		return nil, nil
	}
	var facts []fact
	var tables []table
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Tag.Get("json") == "-" {
			continue
		}
		title := f.Tag.Get("title")
		if title == "" {
			title = strings.ReplaceAll(strings.TrimSuffix(f.Tag.Get("json"), "_cents"), "_", " ")
		}
		if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct && f.Type.Elem() != reflect.TypeFor[graph.Money]() {
			if v.Field(i).Len() > 0 {
				tables = append(tables, structsTable(title, v.Field(i), names))
			}
			continue
		}
		if f.Type.Kind() == reflect.Struct && f.Type.NumField() > 0 && f.Type.Field(0).Tag.Get("json") != "" { // Money and Decimal have no tags
			one := reflect.MakeSlice(reflect.SliceOf(f.Type), 0, 1)
			tables = append(tables, structsTable(title, reflect.Append(one, v.Field(i)), names))
			continue
		}
		c := queries.Column{Type: f.Tag.Get("type"), Unit: f.Tag.Get("unit")}
		facts = append(facts, fact{title, names.People(v.Field(i).Interface(), c)})
	}
	return facts, tables
}

func structsTable(title string, list reflect.Value, names Names) table {
	t := table{Title: title}
	elem := list.Type().Elem()
	var shown []int
	columns := make([]queries.Column, elem.NumField())
	for i := range elem.NumField() {
		f := elem.Field(i)
		name := f.Tag.Get("json")
		if name == "-" || name == "" || f.Tag.Get("detail") == "true" {
			continue
		}
		text := f.Tag.Get("title")
		if text == "" {
			text = strings.ReplaceAll(strings.TrimSuffix(name, "_cents"), "_", " ")
		}
		columns[i] = queries.Column{Type: f.Tag.Get("type"), Unit: f.Tag.Get("unit")}
		shown = append(shown, i)
		right := f.Type == reflect.TypeFor[graph.Money]() || f.Type == reflect.TypeFor[queries.Value]() || f.Type == reflect.TypeFor[graph.Decimal]() || f.Type.Kind() == reflect.Int
		t.Heads = append(t.Heads, head{Text: text, Right: right})
	}
	for i := range list.Len() {
		cells := make([]string, len(shown))
		for j, k := range shown {
			cells[j] = names.People(list.Index(i).Field(k).Interface(), columns[k])
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// LensLine is a lens in words.
func LensLine(l graph.Lens) string {
	parts := []string{"as of " + l.AsOf.String(), "basis " + string(l.Basis), string(l.Amount) + " amounts", "classes " + l.Classes.String()}
	parts = append(parts, pick(l.Rollup, "subsidiaries rolled up", "subsidiaries apart"))
	parts = append(parts, pick(l.Aggregates, "aggregates kept", "aggregates left out"))
	parts = append(parts, pick(l.Overlaps, "overlapping legs kept", "overlapping legs left out"))
	switch l.Conditional {
	case graph.ConditionalOut:
		parts = append(parts, "conditional legs left out")
	case graph.ConditionalOnly:
		parts = append(parts, "conditional legs only")
	default:
		parts = append(parts, "conditional legs kept")
	}
	if l.MinAmount.Cents() > 0 {
		parts = append(parts, "legs of at least "+l.MinAmount.Short())
	}
	if len(l.Kinds) > 0 {
		kinds := make([]string, len(l.Kinds))
		for i, k := range l.Kinds {
			kinds[i] = string(k)
		}
		parts = append(parts, "kinds "+strings.Join(kinds, ", "))
	}
	if len(l.Companies) > 0 {
		parts = append(parts, "companies "+strings.Join(l.Companies, ", "))
	}
	if l.Basis == graph.Expected {
		weights := make([]string, len(l.Probabilities))
		for i, p := range l.Probabilities {
			weights[i] = fmt.Sprintf("%s %d", p.Status, p.BasisPoints)
		}
		parts = append(parts, "probabilities in basis points: "+strings.Join(weights, ", "))
	}
	return "Lens: " + strings.Join(parts, "; ") + "."
}

// paramsLine are the parameters of an analysis in words, "" where none is set.
func paramsLine(params any) string {
	v := reflect.Indirect(reflect.ValueOf(params))
	if v.Kind() != reflect.Struct {
		return ""
	}
	var parts []string
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if text := queries.CellText(v.Field(i).Interface()); text != "" && name != "" && name != "-" {
			if _, ok := v.Field(i).Interface().(time.Duration); ok {
				text = strings.TrimSuffix(text, "0m0s")
			}
			parts = append(parts, name+" "+strings.ReplaceAll(text, ";", ", "))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " Parameters: " + strings.Join(parts, "; ") + "."
}

func pick(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

func metLine(m queries.Met) string {
	var states []string
	for _, s := range m.States {
		states = append(states, fmt.Sprintf("%s %d", strings.ReplaceAll(s.Status, "_", " "), s.Legs))
	}
	line := fmt.Sprintf("Met: %d legs", m.Legs)
	if len(states) > 0 {
		line += " (" + strings.Join(states, ", ") + ")"
	}
	return line + fmt.Sprintf("; %d edges of unknown amount, %d known in part.", m.Unknown, m.Partial)
}

func sourceLine(s *graph.Source) string {
	var parts []string
	for _, x := range []string{s.Publisher, s.Date.String(), s.Title} {
		if x != "" {
			parts = append(parts, x)
		}
	}
	line := strings.Join(parts, ", ")
	if line == "" {
		line = s.ID
	}
	return line
}
