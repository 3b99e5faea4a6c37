package render_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/queries/render"
)

// dejaVu is the advances of DejaVu Sans from space to tilde, in thousandths of
// the size. It is the widest sans serif face that browsers fall back to.
var dejaVu = [...]int{
	317, 400, 459, 837, 636, 950, 779, 274, 390, 390, 500, 837, 317, 360, 317, 336, 636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 336, 336, 837, 837, 837, 530,
	1000, 684, 686, 698, 770, 631, 575, 774, 751, 294, 294, 655, 557, 862, 748, 787, 603, 787, 694, 634, 610, 731, 684, 988, 685, 610, 685, 390, 336, 390, 837, 500,
	500, 612, 634, 549, 634, 615, 352, 634, 633, 277, 277, 579, 277, 974, 633, 611, 634, 634, 411, 521, 392, 633, 591, 817, 591, 591, 524, 636, 336, 636, 837,
}

func widthInDejaVu(s string) int {
	sum := 0
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~':
			sum += dejaVu[r-' ']
		case r < 0x2000:
			sum += 900
		default:
			sum += 1000 // arrows and ideographs
		}
	}
	return (sum*13 + 999) / 1000
}

type svg struct {
	ViewBox string `xml:"viewBox,attr"`
	Title   string `xml:"title"`
	Desc    string `xml:"desc"`
	Boxes   []struct {
		X   int    `xml:"x,attr"`
		Y   int    `xml:"y,attr"`
		W   int    `xml:"width,attr"`
		H   int    `xml:"height,attr"`
		Tip string `xml:"title"`
	} `xml:"rect"`
	Texts []struct {
		X      int    `xml:"x,attr"`
		Y      int    `xml:"y,attr"`
		Class  string `xml:"class,attr"`
		Anchor string `xml:"text-anchor,attr"`
		Full   string `xml:"title"`
		Text   string `xml:",chardata"`
	} `xml:"text"`
}

func (s svg) says() string {
	var all []string
	for _, t := range s.Texts {
		all = append(all, t.Text)
	}
	return strings.Join(all, "|")
}

// drawn renders charts and reads their pictures back.
func drawn(t interface{ Fatal(...any) }, charts ...queries.Chart) []svg {
	var b bytes.Buffer
	if err := render.Write(&b, "html", &queries.Result{Charts: charts}); err != nil {
		t.Fatal(err)
	}
	var list []svg
	rest := b.String()
	for {
		start, end := strings.Index(rest, "<svg"), strings.Index(rest, "</svg>")
		if start < 0 {
			return list
		}
		var s svg
		if err := xml.Unmarshal([]byte(rest[start:end+6]), &s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
		rest = rest[end+6:]
	}
}

// faults are texts that leave the picture or touch one another, and bars that
// leave it or run under a text beside them.
func faults(s svg) []string {
	type frame struct {
		x1, y1, x2, y2 int
		what           string
	}
	var width, height, zero int
	if n, err := fmt.Sscan(s.ViewBox, &zero, &zero, &width, &height); n != 4 {
		return []string{fmt.Sprintf("view box %q: %v", s.ViewBox, err)}
	}
	var texts, bars []frame
	for _, t := range s.Texts {
		f := frame{t.X, t.Y - 10, t.X + widthInDejaVu(t.Text), t.Y + 3, t.Text}
		switch t.Anchor {
		case "end":
			f.x1, f.x2 = t.X-widthInDejaVu(t.Text), t.X
		case "middle":
			f.x1, f.x2 = t.X-widthInDejaVu(t.Text)/2, t.X+widthInDejaVu(t.Text)/2
		}
		texts = append(texts, f)
	}
	for _, b := range s.Boxes {
		bars = append(bars, frame{b.X, b.Y, b.X + b.W, b.Y + b.H, b.Tip})
	}
	var bad []string
	for _, f := range append(bars, texts...) {
		if f.x1 < 0 || f.y1 < 0 || f.x2 > width || f.y2 > height || f.x1 >= f.x2 {
			bad = append(bad, fmt.Sprintf("%q at %d,%d to %d,%d is outside %d x %d or has no width", f.what, f.x1, f.y1, f.x2, f.y2, width, height))
		}
	}
	touch := func(a, b frame) bool { return a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2 }
	for i, a := range texts {
		for _, b := range texts[:i] {
			if touch(a, b) {
				bad = append(bad, fmt.Sprintf("%q overlaps %q", a.what, b.what))
			}
		}
		for _, b := range bars {
			inside := b.x1 <= a.x1 && a.x2 <= b.x2
			if touch(a, b) && (!inside || !strings.HasPrefix(s.Texts[i].Class, "on-")) {
				bad = append(bad, fmt.Sprintf("%q lies across the bar %q", a.what, b.what))
			}
		}
	}
	return bad
}

func usd(cents ...int64) []queries.ChartValue {
	var list []queries.ChartValue
	for _, c := range cents {
		if c < 0 {
			list = append(list, graph.Money{})
		} else {
			list = append(list, graph.USD(c))
		}
	}
	return list
}

func TestPartsShowTheFirstOfTheirTotalAndBarsTheirNumber(t *testing.T) {
	parts := queries.Chart{
		Kind: queries.Stacked, Title: "Promises", Unit: queries.MoneyUnit, Labels: []string{"OpenAI", "Quiet", "Half"},
		Series: []queries.Series{{Name: "Covered", Values: usd(10e11, -1, -1)}, {Name: "Gap", Values: usd(28e11, -1, 19e11)}}, Note: "Two of three.",
	}
	bars := queries.Chart{Kind: queries.Bars, Title: "Years", Unit: queries.MoneyUnit, Labels: []string{"2025", "2026", "2027"}, Series: []queries.Series{{Values: usd(10e11, 0, -1)}}}
	list := drawn(t, parts, bars)
	if got, want := list[0].says(), "Covered|Gap|OpenAI|$10.0bn|$28.0bn|$10.0bn of $38.0bn|Quiet|unknown|Half|$19.0bn|$19.0bn + unknown"; got != want {
		t.Errorf("the parts say\n%s, want\n%s", got, want)
	}
	if got, want := list[0].Desc, "OpenAI: Covered $10.0bn, Gap $28.0bn. Quiet: Covered unknown, Gap unknown. Half: Covered unknown, Gap $19.0bn. Two of three."; got != want {
		t.Errorf("the description is %s, want %s", got, want)
	}
	a, b, c := list[0].Boxes[2], list[0].Boxes[3], list[0].Boxes[4] // after the two samples of the legend
	if a.X+a.W+1 != b.X || a.Tip != "OpenAI, Covered: $10.0bn" || c.X != a.X {
		t.Errorf("the parts of OpenAI are %+v and %+v, that of Half is %+v", a, b, c)
	}
	if whole := a.W + b.W + 2; 2*(c.W+1) < whole-2 || 2*(c.W+1) > whole+2 || 38*(a.W+1) < 10*whole-38 || 38*(a.W+1) > 10*whole+38 {
		t.Errorf("widths %d and %d, and %d, are not as 10 to 28, and 19", a.W, b.W, c.W)
	}
	if got, want := list[1].says(), "2025|$10.0bn|2026|$0.00|2027|unknown"; got != want || len(list[1].Boxes) != 1 {
		t.Errorf("the bars say %s, want %s; there are %d", got, want, len(list[1].Boxes))
	}
	for _, s := range list {
		for _, f := range faults(s) {
			t.Error(f)
		}
	}
}

func TestSharesAndCountsAreWrittenAsPeopleReadThem(t *testing.T) {
	third := graph.Micro(333_333)
	list := drawn(t,
		queries.Chart{
			Kind: queries.Shares, Unit: queries.RatioUnit, Labels: []string{"One", "Two"}, Remarks: []string{"of $3.0bn", "of $1.0bn + 2 unknown"},
			Series: []queries.Series{{Name: "A", Values: []queries.ChartValue{third, graph.Micro(0)}}, {Name: "B", Values: []queries.ChartValue{third, graph.Micro(1e6)}}, {Name: "C", Values: []queries.ChartValue{third, graph.Micro(0)}}},
		},
		queries.Chart{Kind: queries.Bars, Unit: queries.CountUnit, Labels: []string{"One", "Two"}, Series: []queries.Series{{Values: []queries.ChartValue{graph.Micro(1204e6), graph.Micro(1e6)}}}},
	)
	if got, want := list[0].says(), "A|B|C|One|33.3 %|33.3 %|33.3 %|of $3.0bn|Two|100.0 %|of $1.0bn + 2 unknown"; got != want {
		t.Errorf("the shares say %s, want %s", got, want)
	}
	if got, want := list[1].says(), "One|1,204|Two|1"; got != want {
		t.Errorf("the counts say %s, want %s", got, want)
	}
}

func TestNoPictureIsMadeOfNothing(t *testing.T) {
	for name, c := range map[string]queries.Chart{
		"no label":      {Kind: queries.Stacked, Series: []queries.Series{{}, {}}},
		"no series":     {Kind: queries.Shares},
		"all unknown":   {Kind: queries.Stacked, Labels: []string{"x"}, Series: []queries.Series{{Values: usd(-1)}, {Values: usd(-1)}}},
		"a single bar":  {Kind: queries.Bars, Labels: []string{"x", "y"}, Series: []queries.Series{{Values: usd(5, -1)}}},
		"no known bars": {Kind: queries.Bars, Labels: []string{"x", "y"}, Series: []queries.Series{{Values: usd(-1, -1)}}},
	} {
		if n := len(drawn(t, c)); n != 0 {
			t.Errorf("%s: %d pictures", name, n)
		}
	}
}

func TestSmallPartsBehindALargeOneStayInThePicture(t *testing.T) {
	c := queries.Chart{Kind: queries.Stacked, Unit: queries.MoneyUnit, Labels: []string{"WWWW"}}
	for _, cents := range []int64{9e14, 1, 1, 1, 1, 1, 1} {
		c.Series = append(c.Series, queries.Series{Name: "WWWW", Values: usd(cents)})
	}
	s := drawn(t, c)[0]
	last := s.Boxes[len(s.Boxes)-1]
	if room := 880 - 6 - widthInDejaVu("$9.0tn"); last.W < 2 || last.X+last.W > room {
		t.Errorf("the last part is %+v; there is room up to %d", last, room)
	}
	for _, f := range faults(s) {
		t.Error(f)
	}
}

func TestHostileNamesStayTextInAPicture(t *testing.T) {
	name := "</title></text></svg><script>alert(1)</script>\u202e\x00 & \"Sons\"\n'x' onload=y"
	c := queries.Chart{
		Kind: queries.Stacked, Title: name, Unit: queries.MoneyUnit, Labels: []string{name}, Note: name,
		Series: []queries.Series{{Name: name, Values: usd(1)}, {Name: "b", Values: usd(2)}},
	}
	var b bytes.Buffer
	if err := render.Write(&b, "html", &queries.Result{Charts: []queries.Chart{c}}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "</text></svg>", "\"Sons\""} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	s := drawn(t, c)[0]
	if want := `</title></text></svg><script>alert(1)</script> & "Sons" 'x' onload=y: `; !strings.HasPrefix(s.Desc, want) {
		t.Errorf("the description is %q", s.Desc)
	}
	for _, f := range faults(s) {
		t.Error(f)
	}
}

func TestNoLabelIsCutOrOverlapsWhateverTheNamesAndAmounts(t *testing.T) {
	name := rapid.OneOf(
		rapid.SampledFrom([]string{"Meta", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", "MMMM WWWW MMMM WWWW MMMM WWWW MMMM WWWW MMMM WWWW MMMM WWWW", "Beignet Investor LLC / Hyperion Joint Venture Holdings (Luxembourg) S.à r.l. → Meta Platforms, Incorporated → Beignet Investor LLC", "日本電信電話株式会社日本電信電話株式会社日本電信電話株式会社", "x"}),
		rapid.StringMatching(`[ -~]{1,90}[!-~]`), rapid.StringMatching(`([A-Za-z@%]{1,14} ){1,12}[a-z]`),
	).Filter(func(s string) bool { return strings.TrimSpace(s) != "" })
	cents := rapid.OneOf(rapid.Int64Range(-1, 9e14), rapid.SampledFrom([]int64{-1, 0, 1, 9e14, 38e11}))
	rapid.Check(t, func(t *rapid.T) {
		c := queries.Chart{Kind: rapid.SampledFrom([]queries.ChartKind{queries.Bars, queries.Stacked}).Draw(t, "kind"), Unit: queries.MoneyUnit}
		for range rapid.IntRange(1, 7).Draw(t, "series") {
			c.Series = append(c.Series, queries.Series{Name: name.Draw(t, "name")})
		}
		for range rapid.IntRange(0, 30).Draw(t, "labels") {
			values := make([]int64, len(c.Series))
			for i := range values {
				values[i] = cents.Draw(t, "cents")
			}
			c.Add(name.Draw(t, "label"), usd(values...)...)
		}
		for _, s := range drawn(t, c) {
			if bad := faults(s); len(bad) > 0 {
				t.Fatal(strings.Join(bad, "\n"))
			}
			for _, x := range s.Texts {
				if strings.HasSuffix(x.Text, "…") && x.Full == "" && x.Anchor != "" {
					t.Fatal(x.Text + " is cut, and its whole is not told")
				}
			}
		}
	})
}

func TestOnlyHTMLHoldsPictures(t *testing.T) {
	res := answer(t, "coverage")
	if len(res.Charts) != 2 {
		t.Fatalf("%d charts", len(res.Charts))
	}
	for _, f := range render.Formats() {
		var b bytes.Buffer
		if err := render.Write(&b, f.Name, res); err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(b.String(), "<svg"); has != (f.Name == "html") {
			t.Errorf("%s: pictures %v", f.Name, has)
		}
		if f.Name != "html" && strings.Contains(b.String(), "No visible source") {
			t.Errorf("%s tells the names of the series", f.Name)
		}
	}
}

func TestEveryAnalysisDrawsWholeChartsAndShowsNoRawJSON(t *testing.T) {
	pictures := 0
	for _, a := range library.All() {
		res := run(t, shipped(t), queries.Request{Analysis: a.Name, Params: a.Example})
		for _, c := range res.Charts {
			if c.Title == "" || c.Remarks != nil && len(c.Remarks) != len(c.Labels) {
				t.Errorf("%s: a chart has title %q and %d remarks for %d labels", a.Name, c.Title, len(c.Remarks), len(c.Labels))
			}
			for _, s := range c.Series {
				if len(s.Values) != len(c.Labels) {
					t.Errorf("%s: %q has %d values of %q for %d labels", a.Name, c.Title, len(s.Values), s.Name, len(c.Labels))
				}
			}
		}
		for _, s := range drawn(t, res.Charts...) {
			pictures++
			for _, f := range faults(s) {
				t.Errorf("%s: %s", a.Name, f)
			}
		}
		var b bytes.Buffer
		if err := render.Write(&b, "table", res); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), `{"`) {
			t.Errorf("%s shows raw JSON:\n%s", a.Name, b.String())
		}
	}
	if pictures < 8 {
		t.Errorf("only %d pictures", pictures)
	}
}
