package render

import (
	"fmt"
	"math/big"
	"strings"

	"roundtrip/queries"
)

// picture is a chart laid out in pixels; chart.html writes it as SVG.
type picture struct {
	ID, Title, Desc, Note string
	Width, Height         int
	Axis                  int // x of the line on which bars stand
	Top                   int // y of its upper end
	Boxes                 []box
	Words                 []word
}

// box is a bar, a part of one, or a sample in the legend.
type box struct {
	X, Y, W, H int
	Class      string
	Tip        string
}

// word is a line of text; x is its start, or its end or middle as Anchor says.
type word struct {
	X, Y   int
	Class  string
	Anchor string
	Text   string
	Full   string // where Text is shortened
}

const (
	chartWidth  = 880
	labelWidth  = 280 // of the widest label before it is broken
	labelLines  = 3
	legendWidth = 240 // of the widest name in the legend
	lineHeight  = 16
	barHeight   = 20
	thinBar     = 16 // where several stand side by side
	colours     = 7
)

// pictures lays out the charts of a result.
func pictures(charts []queries.Chart) []picture {
	var list []picture
	for _, c := range charts {
		if worthDrawing(c) {
			list = append(list, draw(c, fmt.Sprintf("chart-%d", len(list)+1)))
		}
	}
	return list
}

// worthDrawing leaves out a picture of no number at all, and of a single one.
func worthDrawing(c queries.Chart) bool {
	known := 0
	for _, s := range c.Series {
		for _, v := range s.Values {
			if v.Known() {
				known++
			}
		}
	}
	return known > 1 || known == 1 && c.Kind != queries.Bars
}

func draw(c queries.Chart, id string) picture {
	p := picture{ID: id, Title: c.Title, Note: c.Note, Width: chartWidth, Desc: describe(c)}
	y := p.legend(c)
	p.Top = y
	labels := make([][]string, len(c.Labels))
	widest, ends := 0, 0
	for i, l := range c.Labels {
		labels[i] = breakLabel(clean(l), labelWidth, labelLines)
		for _, line := range labels[i] {
			widest = max(widest, textWidth(line))
		}
		for _, e := range endTexts(c, i) {
			ends = max(ends, textWidth(e))
		}
	}
	p.Axis = widest + 12
	room := chartWidth - p.Axis - ends - 8 - 3*len(c.Series)
	whole := largest(c)
	for i, l := range c.Labels {
		bars := barHeight
		if c.Kind == queries.Bars && len(c.Series) > 1 {
			bars = len(c.Series) * (thinBar + 2)
		}
		height := max(bars, len(labels[i])*lineHeight) + 10
		p.label(labels[i], clean(l), y+height/2)
		if c.Kind == queries.Bars {
			p.bars(c, i, y+(height-bars)/2, room, whole)
		} else {
			p.parts(c, i, y+(height-bars)/2, room, whole)
		}
		y += height
	}
	p.Height = y + 4
	return p
}

// legend names the series where there are several; it returns where the bars
// begin.
func (p *picture) legend(c queries.Chart) int {
	if len(c.Series) < 2 {
		return 4
	}
	x, y := 0, 4
	for i, s := range c.Series {
		name := clean(s.Name)
		text := shorten(name, legendWidth)
		width := 12 + 6 + textWidth(text)
		if x > 0 && x+width > chartWidth {
			x, y = 0, y+lineHeight+4
		}
		p.Boxes = append(p.Boxes, box{X: x, Y: y, W: 12, H: 12, Class: colour(i)})
		p.Words = append(p.Words, word{X: x + 18, Y: y + 11, Text: text, Full: full(text, name)})
		x += width + 20
	}
	return y + lineHeight + 10
}

// label writes the lines of a label around y, up to the axis.
func (p *picture) label(lines []string, name string, y int) {
	first := y - (len(lines)-1)*lineHeight/2 + 4
	for i, l := range lines {
		p.Words = append(p.Words, word{X: p.Axis - 8, Y: first + i*lineHeight, Anchor: "end", Text: l, Full: full(strings.Join(lines, " "), name)})
	}
}

// bars draws one bar for each series, with its number at its end.
func (p *picture) bars(c queries.Chart, i, y, room int, whole int64) {
	height, step := barHeight, 0
	if len(c.Series) > 1 {
		height, step = thinBar, thinBar+2
	}
	for k, s := range c.Series {
		w := extent(number(s.Values[i]), whole, room)
		top := y + k*step
		if w > 0 {
			p.Boxes = append(p.Boxes, box{X: p.Axis + 1, Y: top, W: w, H: height, Class: colour(k), Tip: tip(c, i, k)})
		}
		p.Words = append(p.Words, word{X: p.Axis + w + 6, Y: top + height/2 + 4, Class: soft(short(s.Values[i], c.Unit)), Text: short(s.Values[i], c.Unit)})
	}
}

// parts draws the series one after the other, numbers inside where they fit and
// the total at the end.
func (p *picture) parts(c queries.Chart, i, y, room int, whole int64) {
	end := p.Axis + 1
	var sum int64
	for k, s := range c.Series {
		n := number(s.Values[i])
		if n <= 0 {
			continue
		}
		sum += n
		x := end
		end = max(x+3, p.Axis+1+extent(sum, whole, room))
		p.Boxes = append(p.Boxes, box{X: x, Y: y, W: end - x - 1, H: barHeight, Class: colour(k), Tip: tip(c, i, k)})
		if text := short(s.Values[i], c.Unit); textWidth(text)+8 <= end-x {
			p.Words = append(p.Words, word{X: (x + end) / 2, Y: y + barHeight/2 + 4, Class: "on-" + colour(k), Anchor: "middle", Text: text})
		}
	}
	for _, text := range endTexts(c, i) {
		p.Words = append(p.Words, word{X: end + 6, Y: y + barHeight/2 + 4, Class: soft(text), Text: text})
	}
}

// largest is the value that fills the width.
func largest(c queries.Chart) int64 {
	var most int64
	for i := range c.Labels {
		if c.Kind != queries.Bars {
			total, _, _ := sumOf(c, i)
			most = max(most, number(total))
			continue
		}
		for _, s := range c.Series {
			most = max(most, number(s.Values[i]))
		}
	}
	if c.Kind == queries.Shares {
		most = max(most, 1_000_000)
	}
	return most
}

// extent is n/whole of the room in whole pixels, at least one where n is more
// than 0. It is computed on integers, so that every machine draws the same.
func extent(n, whole int64, room int) int {
	if n <= 0 || whole <= 0 {
		return 0
	}
	px := new(big.Int).Mul(big.NewInt(n), big.NewInt(int64(room)))
	return max(1, int(px.Div(px, big.NewInt(whole)).Int64()))
}

func colour(i int) string { return fmt.Sprintf("s%d", i%colours+1) }

func soft(text string) string {
	if text == "unknown" {
		return "soft"
	}
	return ""
}

func full(shown, name string) string {
	if shown == name {
		return ""
	}
	return name
}
