package report

import (
	"fmt"
	"html"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/render"
)

// curves is figures over time, drawn as lines.
type curves struct {
	ID, Title, Note string
	Type            string // money, ratio, number, count
	Lines           []line
}

type line struct {
	Name   string
	Values []Metric // one for each sample
}

// The size of a picture of curves in pixels, and of its parts.
const (
	curveWidth  = 470
	curveHeight = 236
	curveTop    = 14
	curveBottom = 26
	labelStep   = 15 // between labels of lines
	leastRoom   = 72 // for labels
	mostRoom    = 200
)

// tones is how many lines have a colour of their own.
const tones = 6

// sparkline is the course of one figure without axes: a line that is broken where
// the figure is unknown, and a dot at its end.
func sparkline(values []Metric, title string) template.HTML {
	const width, height, edge = 150, 30, 4
	low, high, known := bounds(values)
	if !known {
		return ""
	}
	place := func(i int) (x, y int) {
		x = edge + i*(width-2*edge)/max(1, len(values)-1)
		return x, height - edge - scaled(values[i].Value-low, high-low, height-2*edge)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="spark" viewBox="0 0 %d %d" role="img" aria-label="%s">`, width, height, html.EscapeString(title))
	for _, run := range runs(values) {
		b.WriteString(`<polyline points="`)
		for i := run[0]; i < run[1]; i++ {
			x, y := place(i)
			fmt.Fprintf(&b, "%d,%d ", x, y)
		}
		b.WriteString(`"/>`)
	}
	if last := len(values) - 1; values[last].Known {
		x, y := place(last)
		fmt.Fprintf(&b, `<circle cx="%d" cy="%d" r="3"/>`, x, y)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // numbers, and a text that is escaped
}

// runs are the stretches of known values, each from an index up to another.
func runs(values []Metric) [][2]int {
	var list [][2]int
	for i := 0; i < len(values); i++ {
		if !values[i].Known {
			continue
		}
		j := i
		for j < len(values) && values[j].Known {
			j++
		}
		list = append(list, [2]int{i, j})
		i = j
	}
	return list
}

// bounds are the least and largest known value.
func bounds(values []Metric) (low, high int64, known bool) {
	for _, v := range values {
		switch {
		case !v.Known:
		case !known:
			low, high, known = v.Value, v.Value, true
		default:
			low, high = min(low, v.Value), max(high, v.Value)
		}
	}
	return low, high, known
}

// scaled is n/whole of the room in whole pixels.
func scaled(n, whole int64, room int) int {
	if whole <= 0 {
		return room / 2
	}
	return int(float64(n) / float64(whole) * float64(room))
}

// draw draws the lines over the days, from zero up, with their names at their
// ends; "" where nothing is known.
func (c curves) draw(days []graph.Date) template.HTML {
	var all []Metric
	for _, l := range c.Lines {
		all = append(all, l.Values...)
	}
	_, high, known := bounds(all)
	if !known || len(days) < 2 {
		return ""
	}
	step := niceStep(high, c.Type)
	top := (high + step - 1) / step * step
	left := 0
	for v := int64(0); v <= top; v += step {
		left = max(left, render.TextWidth(tick(c.Type, v))+8)
	}
	room := leastRoom
	for _, l := range c.Lines {
		room = max(room, render.TextWidth(strings.TrimSpace(l.Name+" "+l.Values[len(l.Values)-1].people()))+20)
	}
	room = min(room, mostRoom)
	right := curveWidth - room
	base := curveHeight - curveBottom
	x := func(i int) int {
		first, last := days[0].Last(), days[len(days)-1].Last()
		return left + scaled(int64(days[i].Last()-first), int64(last-first), right-left)
	}
	y := func(v int64) int { return base - scaled(v, top, base-curveTop) }

	var b strings.Builder
	fmt.Fprintf(&b, `<figure class="curve"><figcaption>%s</figcaption><svg viewBox="0 0 %d %d" role="img" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		html.EscapeString(c.Title), curveWidth, curveHeight, c.ID, c.ID, c.ID, html.EscapeString(c.Title), c.ID, html.EscapeString(c.describe(days)))
	for v := int64(0); v <= top; v += step {
		fmt.Fprintf(&b, `<line class="grid" x1="%d" y1="%d" x2="%d" y2="%d"/><text class="tick" x="%d" y="%d" text-anchor="end">%s</text>`,
			left, y(v), right, y(v), left-6, y(v)+4, html.EscapeString(tick(c.Type, v)))
	}
	for i, d := range days {
		if t := d.Last().Time(); i == 0 || t.Year() != days[i-1].Last().Time().Year() {
			fmt.Fprintf(&b, `<line class="grid" x1="%d" y1="%d" x2="%d" y2="%d"/>`, x(i), base, x(i), base+4)
			if x(i)+34 < curveWidth {
				fmt.Fprintf(&b, `<text class="tick" x="%d" y="%d">%d</text>`, x(i), base+18, t.Year())
			}
		}
	}
	type label struct {
		y    int
		text string
		tone int
	}
	var labels []label
	for k, l := range c.Lines {
		for _, run := range runs(l.Values) {
			if run[1]-run[0] == 1 {
				fmt.Fprintf(&b, `<circle class="f%d" cx="%d" cy="%d" r="2"/>`, k%tones+1, x(run[0]), y(l.Values[run[0]].Value))
				continue
			}
			fmt.Fprintf(&b, `<polyline class="t%d" points="`, k%tones+1)
			for i := run[0]; i < run[1]; i++ {
				fmt.Fprintf(&b, "%d,%d ", x(i), y(l.Values[i].Value))
			}
			b.WriteString(`"/>`)
		}
		if last := l.Values[len(l.Values)-1]; last.Known {
			fmt.Fprintf(&b, `<circle class="f%d" cx="%d" cy="%d" r="3"/>`, k%tones+1, right, y(last.Value))
			value := last.people()
			name := render.Shorten(l.Name, room-16-render.TextWidth(value))
			labels = append(labels, label{y(last.Value) + 4, strings.TrimSpace(name + " " + value), k%tones + 1})
		}
	}
	slices.SortStableFunc(labels, func(a, b label) int { return a.y - b.y })
	for i := range labels { // down, so that none lies on another
		if i > 0 {
			labels[i].y = max(labels[i].y, labels[i-1].y+labelStep)
		}
	}
	for i := len(labels) - 1; i >= 0; i-- { // and up again from the lower edge
		limit := base + 4
		if i+1 < len(labels) {
			limit = labels[i+1].y - labelStep
		}
		labels[i].y = min(labels[i].y, limit)
	}
	for _, l := range labels {
		fmt.Fprintf(&b, `<text class="f%d" x="%d" y="%d">%s</text>`, l.tone, right+8, l.y, html.EscapeString(l.text))
	}
	b.WriteString("</svg>")
	if c.Note != "" {
		fmt.Fprintf(&b, `<p class="small">%s</p>`, html.EscapeString(c.Note))
	}
	b.WriteString("</figure>")
	return template.HTML(b.String()) //nolint:gosec // numbers, and texts that are escaped
}

// describe tells the first and last value of each line.
func (c curves) describe(days []graph.Date) string {
	var parts []string
	for _, l := range c.Lines {
		for i, v := range l.Values {
			if v.Known {
				parts = append(parts, fmt.Sprintf("%s %s on %s, %s on %s", l.Name, v.people(), inWords(days[i]), l.Values[len(days)-1].people(), inWords(days[len(days)-1])))
				break
			}
		}
	}
	return strings.TrimSpace(strings.Join(parts, ". ") + ".")
}

// niceStep divides the axis into three to five steps of 1, 2 or 5 times a power
// of ten.
func niceStep(high int64, metricType string) int64 {
	least := int64(1)
	switch metricType {
	case "ratio":
		least = 10_000 // a hundredth
	case "number":
		least = 1_000_000
	}
	for decade := least; ; decade *= 10 {
		for _, factor := range []int64{1, 2, 5} {
			if step := decade * factor; high <= 4*step {
				return step
			}
		}
	}
}

// tick is a value on an axis.
func tick(metricType string, v int64) string {
	switch metricType {
	case "money":
		if v == 0 {
			return "$0"
		}
		return strings.Replace(graph.USD(v).Short(), ".0", "", 1)
	case "ratio":
		return strconv.FormatInt(v/10_000, 10) + " %"
	case "number":
		return render.Thousands(v / 1_000_000)
	}
	return render.Thousands(v)
}

// people is the value as people read it.
func (m Metric) people() string {
	if !m.Known {
		return "unknown"
	}
	return render.People(m.typed(), queries.Column{Type: m.Type})
}
