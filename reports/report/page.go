package report

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/render"
)

// document is a report as a reader sees it, before it becomes HTML or Markdown.
type document struct {
	*Report
	Day      string
	Subtitle string
	Gauges   []gauge
	Alerts   []Raised      // the first of each rule, those that are muted or acknowledged last
	Aside    string        // what the main figures look through, where the loops of the finding do not
	Counts   []render.Fact // what moved, in numbers
	Moved    []grid
	Drawn    []template.HTML // curves
	Years    grid            // the same as numbers, one line a year
	Picture  template.HTML   // of the biggest loops
	Biggest  grid
	Chapters []chapter
	Methods  []method
	Limits   []string
	Sources  []source
	Stamp    string
}

// gauge is one main figure with its course.
type gauge struct {
	Title, Value, Change string
	Spark                template.HTML
}

// grid is a table of which perhaps only the first rows are shown.
type grid struct {
	ID, Title string
	Lead      string
	render.Table
	More string // what is not shown, "" for nothing
}

// chapter is one answer.
type chapter struct {
	ID, Title, Question, Finding string
	Moved                        *grid // nil where nothing did
	Charts                       []template.HTML
	Tables                       []grid
	Facts                        []render.Fact
	Notes                        []string
	Lens                         string
}

type method struct{ Title, Text string }

type source struct{ Text, URL string }

// How many rows the tables of a report show; files have all.
const (
	mostMoves   = 15
	mostLoops   = 12 // that are new, and so on
	mostFigures = 4  // of one answer that moved
	mostRows    = 8
	mostDelta   = 6
	mostParts   = 5 // of a list in a summary
	mostBiggest = 8
	mostSources = 8 // that came or went
	mostAlerts  = 5 // of one rule
)

func (r *Report) document() (document, error) {
	d := document{
		Report: r, Day: inWords(r.At.Day), Alerts: firstAlerts(r.Alerts), Gauges: r.gauges(),
		Stamp: fmt.Sprintf("Graph revision %d, content %s, as of %s. roundtrip %s.", r.At.Revision, short(r.At.Hash), r.At.Day, version(r.Version)),
	}
	if r.apart() != "" && len(d.Gauges) > 0 {
		d.Aside = "These figures, and the curves, are as of " + inWords(r.At.Day) + " under the default lens of each analysis."
	}
	if r.Differences != nil {
		since := r.Differences.Since
		d.Subtitle = "Differences to " + inWords(since.Day)
		if since.Revision != r.At.Revision {
			d.Subtitle += fmt.Sprintf(", revision %d", since.Revision)
		}
		d.Counts, d.Moved = r.countsMoved(), r.tablesMoved()
	}
	if len(r.History) > 1 {
		d.Drawn, d.Years = r.curves(), r.years()
	}
	loops := r.largest(ringLoops)
	d.Picture = r.ringPicture(loops)
	d.Biggest = r.biggest()
	for i, a := range r.Answers {
		c, err := r.chapter(i, a)
		if err != nil {
			return d, err
		}
		d.Chapters = append(d.Chapters, c)
	}
	d.Methods, d.Limits, d.Sources = r.methods(), r.limits(), r.sources()
	return d, nil
}

// firstAlerts are the first alerts of each rule and how many there are more, those
// that are muted or acknowledged behind the others.
func firstAlerts(all []Raised) []Raised {
	var loud, quiet []Raised
	seen, last := map[string]int{}, map[string]Raised{}
	for _, a := range all {
		a.Text = strings.TrimSpace(a.Text)
		list := &loud
		if a.Muted != "" || a.Acknowledged {
			list = &quiet
		}
		if seen[a.Name]++; seen[a.Name] > mostAlerts {
			last[a.Name] = a
			continue
		}
		*list = append(*list, a)
	}
	shown := slices.Concat(loud, quiet)
	for _, name := range slices.Sorted(maps.Keys(last)) {
		more := last[name]
		_, note, _ := strings.Cut(more.Text, ". It ") // stands behind the last alert of a rule
		more.Text = fmt.Sprintf("It found %d more, which the JSON form lists.", seen[name]-mostAlerts)
		if note != "" {
			more.Text += " It " + note
		}
		i := len(shown) - 1
		for shown[i].Name != name {
			i--
		}
		more.Muted, more.Acknowledged = shown[i].Muted, shown[i].Acknowledged
		shown = slices.Insert(shown, i+1, more)
	}
	return shown
}

func short(hash string) string { return hash[:min(12, len(hash))] }

func version(v string) string {
	if v == "" {
		return "of unknown version"
	}
	return v
}

// main are the figures of the cover and of the curves.
func (r *Report) gauges() []gauge {
	list := []struct{ title, path string }{
		{"Circularity index", CI},
		{"Loops", Loops},
		{"Structural round trips", roundTrips},
		{"Goes round at most", Circular},
		{"Vendor-financed share", VendorFinanced},
	}
	if top := r.top(Covered, "/promised_cents", 1); len(top) > 0 {
		list = append(list, struct{ title, path string }{"Promises of " + r.CompanyName(top[0]) + " that payees fund", Covered + top[0] + "/tied_coverage"})
	}
	var gauges []gauge
	for _, x := range list {
		m, ok := r.Now.Metrics[x.path]
		if !ok {
			continue
		}
		g := gauge{Title: x.title, Value: m.people()}
		if r.Was != nil {
			g.Change = change(r.Was.Metrics[x.path], m)
		}
		if len(r.History) > 1 {
			g.Spark = sparkline(Series(r.History, x.path), x.title+" since "+inWords(r.History[0].Day))
		}
		gauges = append(gauges, g)
	}
	return gauges
}

// change is how a figure moved, in words.
func change(was, is Metric) string {
	switch {
	case !was.Known || !is.Known:
		return "was " + was.people()
	case was.Value == is.Value:
		return "unchanged"
	case was.people() == is.people():
		return "moved by less than is shown"
	}
	return "was " + was.people()
}

// top are the names under a path of samples whose figure is largest now.
func (r *Report) top(prefix, suffix string, most int) []string {
	type entry struct {
		name string
		m    Metric
	}
	var list []entry
	for path, m := range r.Now.Metrics {
		if name, ok := strings.CutPrefix(path, prefix); ok && strings.HasSuffix(name, suffix) && m.Known {
			list = append(list, entry{strings.TrimSuffix(name, suffix), m})
		}
	}
	slices.SortFunc(list, func(a, b entry) int {
		return queries.Order(queries.Descending(graph.USD(a.m.Value), graph.USD(b.m.Value)), queries.Bytes(a.name, b.name))
	})
	var names []string
	for _, e := range list[:min(most, len(list))] {
		names = append(names, e.name)
	}
	return names
}

// curves are the main figures since the first sample.
func (r *Report) curves() []template.HTML {
	days := make([]graph.Date, len(r.History))
	for i, s := range r.History {
		days[i] = s.Day
	}
	at := func(name, path string) line { return line{name, Series(r.History, path)} }
	loops := curves{ID: "curve-loops", Title: "Loops by kind", Type: "count"}
	for _, kind := range kinds {
		l := at(strings.ReplaceAll(kind, "_", " "), LoopsOfKind+kind)
		if _, high, known := bounds(l.Values); known && high > 0 {
			loops.Lines = append(loops.Lines, l)
		}
	}
	covered := curves{ID: "curve-coverage", Title: "Promises that payees fund (tied), largest buyers", Type: "ratio"}
	buyers := r.top(Covered, "/promised_cents", 4)
	for _, id := range buyers {
		covered.Lines = append(covered.Lines, at(r.CompanyName(id), Covered+id+"/tied_coverage"))
	}
	hhi := curves{ID: "curve-hhi", Title: "Concentration of vendors (HHI, compute), largest buyers", Type: "number"}
	for _, id := range buyers {
		if _, ok := r.Now.Metrics[HHI+id]; ok {
			hhi.Lines = append(hhi.Lines, at(r.CompanyName(id), HHI+id))
		}
	}
	list := []curves{
		{ID: "curve-ci", Title: "Circularity index", Type: "ratio", Lines: []line{at("", CI)}},
		loops,
		{ID: "curve-totals", Title: "Put in and paid or promised, all companies", Type: "money", Lines: []line{at("put in", TotalOfClass+"FUNDS"), at("paid", TotalOfClass+"PAYS"), at("goes round", Circular)}},
		{ID: "curve-vendor", Title: "Vendor-financed share of bookings", Type: "ratio", Lines: []line{at("", VendorFinanced)}},
		covered, hhi,
	}
	var drawn []template.HTML
	for _, c := range list {
		if svg := c.draw(days); svg != "" {
			drawn = append(drawn, svg)
		}
	}
	return drawn
}

// years are the figures of the cover at the end of each year and now.
func (r *Report) years() grid {
	paths := []struct{ title, path string }{
		{"Loops", Loops},
		{"Round trips", roundTrips},
		{"Circularity index", CI},
		{"Goes round", Circular},
		{"Put in", TotalOfClass + "FUNDS"},
		{"Paid or promised", TotalOfClass + "PAYS"},
		{"Vendor-financed", VendorFinanced},
	}
	g := grid{ID: "years", Title: "Figures at the end of each year"}
	g.Heads = append(g.Heads, render.Head{Text: "As of", Whole: true})
	for _, p := range paths {
		g.Heads = append(g.Heads, render.Head{Text: p.title, Right: true})
	}
	for i, s := range r.History {
		t := s.Day.Last().Time()
		if i < len(r.History)-1 && (t.Month() != 12 || r.History[i+1].Day.Last().Time().Year() == t.Year()) {
			continue
		}
		row := []string{s.Day.String()}
		for _, p := range paths {
			row = append(row, s.Metrics[p.path].people())
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// biggest is the table beside the picture.
func (r *Report) biggest() grid {
	g := grid{ID: "biggest", Title: "Loops of the largest known bottleneck", Table: render.Table{Heads: []render.Head{
		{Text: "Loop"}, {Text: "Kind", Whole: true}, {Text: "Hop amounts"}, {Text: "Can go round", Right: true},
	}}}
	for _, l := range r.largest(mostBiggest) {
		g.Rows = append(g.Rows, []string{
			r.ring(l.ring), strings.ReplaceAll(l.kind, "_", " "),
			render.People(l.amounts, queries.Column{Type: "money_list"}), l.bottleneck.Short(),
		})
	}
	known := 0
	for _, row := range r.Loops.Rows {
		if value[graph.Money](r.Loops, row, "bottleneck_cents").Known() {
			known++
		}
	}
	if all := len(r.Loops.Rows); known < all || known > len(g.Rows) {
		g.More = fmt.Sprintf("Of %s %d have a known bottleneck; in the others some hop is of unknown amount.", loopCount(Metric{Value: int64(all)}), known)
	}
	return g
}

// chapter lays out one answer.
func (r *Report) chapter(i int, a Answer) (chapter, error) {
	shown := *a.Result
	p := render.PageOf(&shown, r.names)
	c := chapter{
		ID: "answer-" + fmt.Sprint(i+1), Title: p.Title, Question: p.Question, Finding: p.Finding, Facts: p.Facts,
		Lens: p.Lens + " " + p.Met,
	}
	if a.Ask.Name != a.Ask.Analysis {
		c.Title += ": " + strings.ReplaceAll(a.Ask.Name, "-", " ")
	}
	for k, chart := range a.Result.Charts {
		chart.Labels = slices.Clone(chart.Labels)
		for l, label := range chart.Labels {
			chart.Labels[l] = r.names.Of(label, "key")
		}
		svg, err := render.Drawing(chart, fmt.Sprintf("answer-%d-chart-%d", i+1, k+1))
		if err != nil {
			return c, err
		}
		if svg != "" {
			c.Charts = append(c.Charts, svg)
		}
	}
	if a.Delta != nil && len(a.Delta.Rows) > 0 && a.Result.Analysis == loopsBy {
		c.Notes = append(c.Notes, "What became of the loops stands under What moved.")
	} else if a.Delta != nil && len(a.Delta.Rows) > 0 {
		arrows := render.Arrows(&queries.Comparison{Base: a.Before, Scenario: a.Result, Delta: a.Delta}, r.names)
		g := gridOf(render.PageOf(&arrows, r.names).Tables[0], mostDelta, "rows that moved")
		g.ID, g.Title = c.ID+"-moved", "Rows that moved since "+inWords(r.Differences.Since.Day)
		g.narrow()
		c.Moved = &g
	}
	for k, t := range p.Tables {
		if k > 0 && len(t.Heads) > 9 {
			continue // wide lists of a summary are for files
		}
		most := mostRows
		if k > 0 {
			most = mostParts
		}
		g := gridOf(t, most, "rows")
		g.ID = fmt.Sprintf("%s-table-%d", c.ID, k+1)
		c.Tables = append(c.Tables, g)
	}
	if a.Hidden > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("Rows that moved within the tolerance and are not listed: %d.", a.Hidden))
	}
	if a.Undone != "" {
		c.Notes = append(c.Notes, "There is no earlier answer to compare with: "+a.Undone)
	}
	if p.Cut != "" {
		c.Notes = append(c.Notes, "Cut short: "+p.Cut)
	}
	c.Notes = append(c.Notes, p.Warnings...)
	if p.Scenario != "" {
		c.Notes = append(c.Notes, p.Scenario)
	}
	return c, nil
}

// gridOf is the first rows of a table.
func gridOf(t render.Table, most int, noun string) grid {
	n := min(most, len(t.Rows))
	g := grid{Title: t.Title, Table: render.Table{Heads: t.Heads, Rows: t.Rows[:n]}}
	if t.Asides != nil {
		g.Asides = t.Asides[:n]
	}
	if n < len(t.Rows) {
		g.More = fmt.Sprintf("The first %d of %s %s; JSON and CSV have all.", n, render.Thousands(int64(len(t.Rows))), noun)
	}
	return g
}

// widest is how many columns of a comparison fit on a page.
const widest = 7

// narrow keeps the first columns; ids that say nothing beside a ring or a path
// go first.
func (g *grid) narrow() {
	says := func(name string) bool {
		return slices.ContainsFunc(g.Heads, func(h render.Head) bool { return strings.EqualFold(h.Text, name) })
	}
	first := 0
	if len(g.Heads) > 0 && strings.EqualFold(g.Heads[0].Text, "id") && (says("ring") || says("path") || says("companies")) {
		first = 1
	}
	last := min(len(g.Heads), first+widest)
	g.Heads = g.Heads[first:last]
	for i := range g.Rows {
		g.Rows[i] = g.Rows[i][first:last]
	}
	for i := range g.Asides {
		g.Asides[i] = g.Asides[i][first:last]
	}
}

// methods are the methods of the analyses, each once.
func (r *Report) methods() []method {
	var list []method
	seen := map[string]bool{}
	for _, a := range r.Answers {
		if !seen[a.Result.Analysis] {
			seen[a.Result.Analysis] = true
			list = append(list, method{a.Result.Title, a.Result.Method})
		}
	}
	return list
}

// limits are what the report leaves out and the rules that it used.
func (r *Report) limits() []string {
	list := []string{
		"A structural round trip is a loop of funding and payments among the same companies. It describes amounts, dates and states of reported deals; it says nothing about anybody's intent and judges nobody.",
		"Amounts are US dollars as reported; an unknown amount is never taken for zero and is counted as unknown. Every answer names its lens, and how many edges of unknown amount it met.",
		"The main figures of the cover and the curves use the default lens of each analysis at this revision of the graph: what is known today of an earlier day, not what was known then.",
	}
	for _, x := range r.LeftOut {
		list = append(list, fmt.Sprintf("Left out of the whole library: %s (%s).", x.Ask, x.Why))
	}
	if d := r.Differences; d != nil {
		text := "Differences join the answers for both days by the key of their rows; loops are told apart by companies and classes."
		switch p, m := r.Tolerance.Percent, r.Tolerance.Amount; {
		case p.Micro() > 0 && m.Cents() > 0:
			text += fmt.Sprintf(" Moves of at most %s %% of the earlier value that are, in amounts, at most %s are counted and not listed.", p.String(), m.Short())
		case p.Micro() > 0:
			text += fmt.Sprintf(" Moves of at most %s %% of the earlier value are counted and not listed.", p.String())
		case m.Cents() > 0:
			text += fmt.Sprintf(" Amounts that moved by at most %s are counted and not listed.", m.Short())
		default:
			text += " Every move is listed; there is no tolerance."
		}
		list = append(list, text+" Reasons name what is recorded; they do not say why firms acted.")
		if d.LoopsCut != "" {
			list = append(list, "Loops were not compared, because not all were found: "+d.LoopsCut+".")
		}
	}
	return list
}

// sources are the pages that the answers rest on, each once, by publisher, date
// and title.
func (r *Report) sources() []source {
	seen := map[string]bool{}
	var list []source
	for _, a := range r.Answers {
		p := render.PageOf(a.Result, r.names)
		for i, s := range p.Pages {
			if seen[s.ID] {
				continue
			}
			seen[s.ID] = true
			x := source{Text: p.Sources[i]}
			if render.WebAddress(s.URL) {
				x.URL = s.URL
			}
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b source) int {
		return queries.Order(queries.Bytes(a.Text, b.Text), queries.Bytes(a.URL, b.URL))
	})
	return list
}
