package alert

import (
	"cmp"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/render"
)

// Input is a report as rules see it.
type Input struct {
	Answers []Answer
	First   bool // there is no earlier run
	Loops   []Loop
	Legs    []Leg
	Sources []Source
	Names   render.Names // for sentences
}

// Answer is the answer to one ask.
type Answer struct {
	Ask    string
	Result *queries.Result
	Before *queries.Result // of the last run; nil where there is none
	// Delta is the rows that differ, as in queries.Comparison; nil where there is
	// no last run.
	Delta *queries.Result
}

// Loop is a loop that is new, gone or changed.
type Loop struct {
	ID, Change, Kind, Reason     string
	Ring, Legs                   []string
	Bottleneck, BottleneckBefore graph.Money
	AtMost, AtMostBefore         graph.Money
}

// Leg is a leg that is new, gone or changed.
type Leg struct {
	ID, Change, Payer, Payee, Kind string
	StateBefore, StateAfter        string
	Amount, AmountBefore           graph.Money
	Reason                         string
}

// Source is a page that answers rest on only now (new), or only before (gone).
type Source struct{ ID, Change, Title, URL string }

// company is the name of a company.
func (in *Input) company(id string) string { return in.Names.Of(id, "company") }

func (in *Input) ring(ids []string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = in.company(id)
	}
	return strings.Join(names, " → ")
}

// facts are what the expressions of a report see. It is for one goroutine.
type facts struct {
	in      *Input
	answers map[string]map[string]any // by ask, made when first needed
	common  map[string]any
}

func newFacts(in *Input) *facts {
	f := &facts{in: in, answers: map[string]map[string]any{}, common: map[string]any{
		"first": in.First, "k": 1e3, "m": 1e6, "bn": 1e9, "tn": 1e12,
	}}
	var loops, legs, sources []any
	for _, l := range in.Loops {
		row := map[string]any{"id": l.ID, "change": l.Change, "ring": l.Ring, "kind": l.Kind, "legs": l.Legs, "reason": l.Reason}
		money(row, "bottleneck", l.Bottleneck)
		money(row, "bottleneck_before", l.BottleneckBefore)
		money(row, "at_most", l.AtMost)
		money(row, "at_most_before", l.AtMostBefore)
		loops = append(loops, identified(row, identity{l.ID, in.ring(append(slices.Clone(l.Ring), l.Ring[:min(1, len(l.Ring))]...)), []detail{
			{"bottleneck", "bottleneck", l.Bottleneck.Short()},
			{"bottleneck_before", "bottleneck before", l.BottleneckBefore.Short()},
			{"at_most", "at most", l.AtMost.Short()},
			{"at_most_before", "at most before", l.AtMostBefore.Short()},
			{"kind", "kind", shownText(l.Kind)},
		}}))
	}
	for _, l := range in.Legs {
		row := map[string]any{
			"id": l.ID, "change": l.Change, "payer": l.Payer, "payee": l.Payee, "kind": l.Kind,
			"state_before": text{l.StateBefore, l.StateBefore != ""}, "state_after": text{l.StateAfter, l.StateAfter != ""}, "reason": l.Reason,
		}
		money(row, "amount", l.Amount)
		money(row, "amount_before", l.AmountBefore)
		legs = append(legs, identified(row, identity{l.ID, in.ring([]string{l.Payer, l.Payee}) + " (" + l.ID + ")", []detail{
			{"amount", "amount", l.Amount.Short()},
			{"amount_before", "amount before", l.AmountBefore.Short()},
			{"kind", "kind", shownText(l.Kind)},
			{"state_before", "before", shownText(l.StateBefore)},
			{"state_after", "now", shownText(l.StateAfter)},
		}}))
	}
	for _, s := range in.Sources {
		row := map[string]any{"id": s.ID, "change": s.Change, "title": s.Title, "url": s.URL}
		label := s.ID
		if s.Title != "" {
			label = s.Title + " (" + s.ID + ")"
		}
		sources = append(sources, identified(row, identity{s.ID, label, []detail{{"url", "address", s.URL}}}))
	}
	f.common["loops"], f.common["legs"], f.common["sources"] = list(loops), list(legs), list(sources)
	return f
}

// list is the list, never nil.
func list(l []any) []any {
	if l == nil {
		return []any{}
	}
	return l
}

func money(row map[string]any, name string, m graph.Money) {
	row[name], row[name+"_cents"] = dollars(m), cents(m)
}

func identified(row map[string]any, id identity) map[string]any {
	row[identityKey] = &id
	return row
}

// environment is what a program sees.
func (f *facts) environment(p *Program) map[string]any {
	env := map[string]any{}
	for name, v := range f.common {
		env[name] = v
	}
	for _, ask := range p.uses {
		env[variable(ask)] = f.answer(ask)
	}
	return env
}

func (f *facts) answer(ask string) map[string]any {
	if a, ok := f.answers[ask]; ok {
		return a
	}
	i := slices.IndexFunc(f.in.Answers, func(a Answer) bool { return a.Ask == ask })
	var a Answer
	if i >= 0 {
		a = f.in.Answers[i]
	}
	now, byKey := f.rows(a.Result)
	was, wasByKey := f.rows(a.Before)
	summary, figures := summaryOf(a.Result)
	summaryBefore, figuresBefore := summaryOf(a.Before)
	m := map[string]any{
		"rows": now, "summary": summary, "figures": figures, "list": f.in.listOf(a.Result, figuresBefore),
		"before": map[string]any{"rows": was, "summary": summaryBefore, "figures": figuresBefore},
		"new":    []any{}, "gone": []any{}, "changed": []any{}, "finding": "",
	}
	if a.Result != nil {
		m["finding"] = a.Result.Finding
	}
	if a.Delta != nil && a.Result != nil {
		f.moves(m, a, byKey, wasByKey)
	}
	f.answers[ask] = m
	return m
}

// moves fills the lists of rows that are new, gone or changed.
func (f *facts) moves(m map[string]any, a Answer, now, was map[string]map[string]any) {
	n := 0
	for _, c := range a.Result.Columns {
		if c.Key {
			n++
		}
	}
	for _, r := range a.Delta.Rows {
		if len(r.Values) <= n {
			continue
		}
		parts := make([]string, n)
		for i := range n {
			parts[i] = queries.CellText(r.Values[i])
		}
		key := strings.Join(parts, "\x00")
		change, _ := r.Values[n].(string)
		switch before, after := was[key], now[key]; {
		case change == queries.RowNew && after != nil:
			m["new"] = append(m["new"].([]any), after)
		case change == queries.RowGone && before != nil:
			m["gone"] = append(m["gone"].([]any), before)
		case change == queries.RowChanged && before != nil && after != nil:
			row := map[string]any{"before": before, "after": after, identityKey: moved(before, after)}
			for _, c := range a.Result.Columns {
				if v, ok := after[c.Name]; ok && c.Key {
					row[c.Name] = v
				}
			}
			m["changed"] = append(m["changed"].([]any), row)
		}
	}
}

// moved is the identity of a row that changed: values that differ are said as they
// are and as they were.
func moved(before, after map[string]any) *identity {
	now, _ := after[identityKey].(*identity)
	was, _ := before[identityKey].(*identity)
	id := *now
	id.values = slices.Clone(now.values)
	for i, d := range id.values {
		j := slices.IndexFunc(was.values, func(x detail) bool { return x.name == d.name })
		if j >= 0 && was.values[j].shown != d.shown {
			id.values[i].shown += " (" + was.values[j].shown + " before)"
		}
	}
	return &id
}

// rows are the rows of an answer, in order and by key.
func (f *facts) rows(r *queries.Result) (all []any, byKey map[string]map[string]any) {
	all, byKey = []any{}, map[string]map[string]any{}
	if r == nil {
		return all, byKey
	}
	for _, row := range r.Rows {
		m := map[string]any{}
		var keys, labels, ring []string
		var details []detail
		for i, c := range r.Columns {
			v := row.Values[i]
			put(m, c, v)
			switch {
			case c.Key:
				labels = append(labels, f.in.label(c, queries.CellText(v)))
			case c.Type == "ring" || c.Type == "path":
				if ids, ok := v.([]string); ok && len(ids) > 0 && ring == nil {
					ring = slices.Clone(ids)
					if c.Type == "ring" {
						ring = append(ring, ids[0])
					}
				}
			default:
				details = append(details, f.details(c, v)...)
			}
			if c.Key {
				keys = append(keys, queries.CellText(v))
			}
		}
		label := strings.Join(labels, ", ")
		if ring != nil {
			label = f.in.ring(ring)
		}
		key := strings.Join(keys, "\x00")
		all = append(all, identified(m, identity{key, label, details}))
		byKey[key] = m
	}
	return all, byKey
}

// details are what a sentence may say of a column.
func (f *facts) details(c queries.Column, v any) []detail {
	shown := f.in.shown(c, v)
	if shown == "" {
		return nil
	}
	list := []detail{{c.Name, lower(c.Title), shown}}
	if plain, ok := strings.CutSuffix(c.Name, "_cents"); ok {
		list = append(list, detail{plain, lower(c.Title), shown})
	}
	return list
}

// lower is a title inside of a sentence: its first letter is small unless the
// word is an abbreviation.
func lower(title string) string {
	if len(title) > 1 && title[0] >= 'A' && title[0] <= 'Z' && (title[1] < 'A' || title[1] > 'Z') {
		return strings.ToLower(title[:1]) + title[1:]
	}
	return title
}

// titleOf is the title of a figure in a sentence; that of a figure of one company,
// such as buyers/openai/tied_coverage, is the name of the company and the last
// part of the title.
func titleOf(f queries.Figure, company func(id string) string) string {
	parts := strings.Split(f.Path, "/")
	if len(parts) == 3 {
		if name := company(parts[1]); name != parts[1] {
			titles := strings.Split(f.Title, ": ")
			return name + ": " + lower(titles[len(titles)-1])
		}
	}
	return lower(f.Title)
}

// label is the value of a key in a sentence: a name, and the id of what a reader
// may have to look up.
func (in *Input) label(c queries.Column, id string) string {
	name := in.Names.Of(id, c.Type)
	if name != id && c.Type != "company" && name != in.company(id) {
		return name + " (" + id + ")"
	}
	return name
}

// shown is a value in a sentence, written as the tables of the report write it;
// "" for lists and objects.
func (in *Input) shown(c queries.Column, v any) string {
	switch c.Type {
	case "money", "ratio", "count", "number", "text", "company", "chip", "leg", "key", "date", "flag":
		return cmp.Or(in.Names.People(v, c), "unknown")
	}
	return ""
}

func shownText(s string) string { return render.People(s, queries.Column{Type: "text"}) }

// summaryOf are the single fields of a summary and all its figures by path.
func summaryOf(r *queries.Result) (summary, byPath map[string]any) {
	summary, byPath = map[string]any{}, map[string]any{}
	if r == nil {
		return summary, byPath
	}
	for _, f := range queries.Figures(r.Summary) {
		if !strings.Contains(f.Path, "/") {
			put(summary, f.Column, f.Value)
		}
		if n, ok := asFigure(f); ok {
			byPath[f.Path] = n
			if plain, isCents := strings.CutSuffix(f.Path, "_cents"); isCents {
				if m, isMoney := f.Value.(graph.Money); isMoney {
					byPath[plain] = dollars(m)
				}
			}
		}
	}
	return summary, byPath
}

// asFigure is a figure as a number; money in cents.
func asFigure(f queries.Figure) (number, bool) {
	switch x := f.Value.(type) {
	case graph.Money:
		return cents(x), true
	case graph.Decimal:
		return ratio(x), true
	}
	if queries.Numeric(f.Column.Type) {
		n, _ := valueOf(f.Column, f.Value).(number)
		return n, true
	}
	return number{}, false
}

// partsOf are the group and the label of a path such as buyers/openai/tied_coverage;
// "" where it has none.
func partsOf(path string) (group, label string) {
	parts := strings.Split(path, "/")
	if len(parts) < 2 {
		return "", ""
	}
	return parts[0], strings.Join(parts[1:max(2, len(parts)-1)], "/")
}

// listOf are the figures of a summary as a list.
func (in *Input) listOf(r *queries.Result, before map[string]any) []any {
	all := []any{}
	if r == nil {
		return all
	}
	for _, f := range queries.Figures(r.Summary) {
		n, ok := asFigure(f)
		if !ok {
			continue
		}
		row := map[string]any{"path": f.Path, "title": f.Title, "name": f.Column.Name, "value": n, "cents": number{}, "before": number{}, "before_cents": number{}}
		row["group"], row["label"] = partsOf(f.Path)
		was, _ := before[f.Path].(number)
		row["before"] = was
		if m, isMoney := f.Value.(graph.Money); isMoney {
			row["value"], row["cents"], row["before_cents"] = dollars(m), n, was
			row["before"] = number{was.v / 100, was.known}
		}
		all = append(all, identified(row, identity{f.Path, titleOf(f, in.company), []detail{{"value", "", in.shown(f.Column, f.Value)}}}))
	}
	return all
}
