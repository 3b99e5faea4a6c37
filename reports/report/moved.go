package report

import (
	"fmt"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries/render"
)

// countsMoved is what moved, in numbers.
func (r *Report) countsMoved() []render.Fact {
	d := r.Differences
	count := func(name string, n int) render.Fact {
		return render.Fact{Name: name, Value: render.Thousands(int64(n))}
	}
	legs := map[string]int{}
	for _, l := range d.Legs {
		legs[l.Change]++
	}
	facts := []render.Fact{
		count("Loops new", d.count(New)), count("Loops gone", d.count(Gone)), count("Loops changed", d.count(Changed)), count("Loops unchanged", d.LoopsSame),
		count("Legs new", legs[New]), count("Legs gone", legs[Gone]), count("Legs changed", legs[Changed]), count("Figures moved", len(d.Figures)),
	}
	if n := d.LoopsHidden + d.FiguresHidden; n > 0 {
		facts = append(facts, count("Within the tolerance", n))
	}
	return facts
}

// tablesMoved are the tables of what moved: loops, legs, figures, rows, sources.
func (r *Report) tablesMoved() []grid {
	d := r.Differences
	var list []grid
	add := func(g grid, all int) {
		if len(g.Rows) < all {
			g.More = fmt.Sprintf("The first %d of %s; JSON and CSV have all.", len(g.Rows), render.Thousands(int64(all)))
		}
		list = append(list, g)
	}
	if d.LoopsCut != "" {
		list = append(list, grid{ID: "loops-cut", Title: "Loops were not compared", Lead: "Not all loops were found: " + d.LoopsCut + ".", Table: render.Table{Heads: heads("Loop"), Rows: [][]string{{"not compared"}}}})
	}
	for _, change := range []string{New, Gone, Changed} {
		if g := r.loopsMoved(change); len(g.Rows) > 0 {
			add(g, d.count(change))
		}
	}
	legs := grid{ID: "moved-legs", Title: "Legs that moved", Table: render.Table{Heads: heads("Leg", "Change", "Before", "After", "Why")}}
	for _, l := range d.Legs[:min(mostMoves, len(d.Legs))] {
		legs.Rows = append(legs.Rows, []string{
			fmt.Sprintf("%s → %s, %s", r.CompanyName(l.Payer), r.CompanyName(l.Payee), strings.ReplaceAll(l.Kind, "_", " ")), l.Change, l.Before, l.After, l.Reason,
		})
	}
	if len(legs.Rows) > 0 {
		add(legs, len(d.Legs))
	}
	figures := grid{ID: "moved-figures", Title: "Figures that moved", Table: render.Table{Heads: []render.Head{
		{Text: "Answer"}, {Text: "Figure"}, {Text: "Before", Right: true}, {Text: "After", Right: true}, {Text: "Change", Right: true},
	}}}
	shown := map[string]int{}
	for _, f := range d.Figures {
		if strings.Contains(f.Path, "/") {
			continue // one of many of its kind
		}
		if shown[f.Ask]++; shown[f.Ask] > mostFigures {
			continue
		}
		figures.Rows = append(figures.Rows, []string{
			r.titleOf(f.Ask), render.SentenceCase(r.namesIn(f.Title)), r.names.People(f.Before, f.Before.Column), r.names.People(f.After, f.After.Column), r.moveInWords(f),
		})
	}
	if len(figures.Rows) > 0 {
		if len(figures.Rows) < len(d.Figures) {
			figures.More = fmt.Sprintf("The leading figures of each answer, %d of %s that moved; JSON and CSV have all.", len(figures.Rows), render.Thousands(int64(len(d.Figures))))
		}
		list = append(list, figures)
	}
	rows := grid{ID: "moved-rows", Title: "Rows that moved, by answer", Table: render.Table{Heads: []render.Head{
		{Text: "Answer"}, {Text: "New", Right: true}, {Text: "Gone", Right: true}, {Text: "Changed", Right: true}, {Text: "Unchanged", Right: true}, {Text: "Within tolerance", Right: true},
	}}}
	for _, m := range d.Rows {
		n := func(n int) string { return render.Thousands(int64(n)) }
		rows.Rows = append(rows.Rows, []string{r.titleOf(m.Ask), n(m.New), n(m.Gone), n(m.Changed), n(m.Same), n(m.Hidden)})
		if m.Cut != "" {
			rows.Lead = "Of answers that a limit cuts, rows may come and go by the limit."
		}
	}
	if len(rows.Rows) > 0 {
		add(rows, len(rows.Rows))
	}
	sources := grid{ID: "moved-sources", Title: "Sources that came or went", Table: render.Table{Heads: heads("Change", "Source")}}
	for _, s := range d.Sources[:min(mostSources, len(d.Sources))] {
		title := s.Title
		if title == "" {
			title = s.ID
		}
		sources.Rows = append(sources.Rows, []string{s.Change, title})
	}
	if len(sources.Rows) > 0 {
		add(sources, len(d.Sources))
	}
	return list
}

func heads(names ...string) []render.Head {
	list := make([]render.Head, len(names))
	for i, n := range names {
		list[i] = render.Head{Text: n}
	}
	return list
}

// loopsMoved is the table of the loops with that change.
func (r *Report) loopsMoved(change string) grid {
	title := map[string]string{New: "New loops", Gone: "Loops that are gone", Changed: "Loops that changed"}[change]
	g := grid{ID: "loops-" + change, Title: title, Table: render.Table{Heads: []render.Head{{Text: "Loop"}, {Text: "Kind", Whole: true}}}}
	amount := render.Head{Text: "Can go round", Right: true}
	if change == Changed {
		g.Heads = append(g.Heads, render.Head{Text: "Before", Right: true}, render.Head{Text: "After", Right: true})
	} else {
		g.Heads = append(g.Heads, amount)
	}
	g.Heads = append(g.Heads, render.Head{Text: "Why"})
	for _, l := range r.Differences.Loops {
		if l.Change != change || len(g.Rows) == mostLoops {
			continue
		}
		row := []string{r.ring(l.Ring), strings.ReplaceAll(l.Kind, "_", " ")}
		if change != New {
			row = append(row, bottleneck(l.Before, l.AtMostBefore))
		}
		if change != Gone {
			row = append(row, bottleneck(l.After, l.AtMostAfter))
		}
		g.Rows = append(g.Rows, append(row, r.causes(l)))
	}
	return g
}

// mostCauses is how many legs the reason of a loop names.
const mostCauses = 3

// causes are the legs that moved a loop, with their reasons, by the names of their
// parties.
func (r *Report) causes(l LoopMove) string {
	var parts []string
	for _, leg := range r.Differences.Legs {
		if slices.Contains(l.Causes, leg.ID) {
			parts = append(parts, fmt.Sprintf("%s → %s: %s", r.CompanyName(leg.Payer), r.CompanyName(leg.Payee), leg.Reason))
		}
	}
	if len(parts) == 0 {
		return "no leg of it is recorded as moved"
	}
	if more := len(parts) - mostCauses; more > 0 {
		parts = append(parts[:mostCauses], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "; ")
}

// bottleneck is what can go round, or what that cannot exceed.
func bottleneck(m, atMost graph.Money) string {
	switch {
	case m.Known():
		return m.Short()
	case atMost.Known():
		return "at most " + atMost.Short()
	}
	return "unknown"
}

// titleOf is the title of the answer to an ask.
func (r *Report) titleOf(ask string) string {
	a, ok := r.Find(ask)
	if !ok || a.Ask.Name != a.Ask.Analysis {
		return render.SentenceCase(strings.ReplaceAll(ask, "-", " "))
	}
	return a.Result.Title
}

// namesIn puts names for ids in the title of a figure: buyers: openai: promised.
func (r *Report) namesIn(title string) string {
	parts := strings.Split(title, ": ")
	for i, p := range parts {
		if i > 0 {
			parts[i] = r.CompanyName(p)
		}
	}
	return strings.Join(parts, ": ")
}

// moveInWords is the change of a figure with its sign; ratios in points.
func (r *Report) moveInWords(f FigureMove) string {
	sign := func(n int64) string {
		if n > 0 {
			return "+"
		}
		return ""
	}
	switch x := f.Change.Value.(type) {
	case graph.Money:
		if x.Known() {
			return sign(x.Cents()) + x.Short()
		}
	case graph.Decimal:
		if x.Known() && f.Type == "ratio" {
			return sign(x.Micro()) + strings.TrimSuffix(x.Percent(), " %") + " points"
		}
		if x.Known() {
			return sign(x.Micro()) + x.String()
		}
	case int:
		return sign(int64(x)) + render.Thousands(int64(x))
	}
	return ""
}
