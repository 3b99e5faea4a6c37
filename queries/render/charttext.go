package render

import (
	"fmt"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
)

// endTexts are what stands behind the bars of a label: the number of each bar,
// or the total of its parts, of two parts also the first, and whether some are
// unknown.
func endTexts(c queries.Chart, i int) []string {
	var texts []string
	if c.Kind == queries.Bars {
		for _, s := range c.Series {
			texts = append(texts, short(s.Values[i], c.Unit))
		}
		return texts
	}
	total, known, unknown := sumOf(c, i)
	text := ""
	switch {
	case known == 0:
		text = "unknown"
	case c.Kind == queries.Shares:
	case len(c.Series) == 2 && unknown == 0 && 0 < number(c.Series[0].Values[i]) && number(c.Series[0].Values[i]) < number(total):
		text = short(c.Series[0].Values[i], c.Unit) + " of " + short(total, c.Unit)
	default:
		text = short(total, c.Unit)
	}
	switch {
	case i < len(c.Remarks) && c.Remarks[i] != "":
		text += " " + clean(c.Remarks[i])
	case known > 0 && unknown > 0:
		text += " + unknown"
	}
	return []string{strings.TrimSpace(text)}
}

// sumOf adds up the known values of a label and counts them and the others.
func sumOf(c queries.Chart, i int) (total queries.ChartValue, known, unknown int) {
	var sum int64
	for _, s := range c.Series {
		if s.Values[i].Known() {
			known++
			sum += number(s.Values[i])
		} else {
			unknown++
		}
	}
	if c.Unit == queries.MoneyUnit {
		return graph.USD(sum), known, unknown
	}
	return graph.Micro(sum), known, unknown
}

// number is cents or millionths, 0 where the value is unknown.
func number(v queries.ChartValue) int64 {
	switch x := v.(type) {
	case graph.Money:
		return x.Cents()
	case graph.Decimal:
		return x.Micro()
	}
	return 0
}

// short is a value as people read it.
func short(v queries.ChartValue, unit queries.ChartUnit) string {
	switch x := v.(type) {
	case graph.Money:
		return x.Short()
	case graph.Decimal:
		if unit == queries.CountUnit && x.Known() {
			return Thousands(x.Micro() / 1_000_000)
		}
		return x.Percent()
	}
	return "unknown"
}

// describe is the picture in words, for those who do not see it.
func describe(c queries.Chart) string {
	var b strings.Builder
	for i, l := range c.Labels {
		fmt.Fprintf(&b, "%s: ", clean(l))
		for k, s := range c.Series {
			if k > 0 {
				b.WriteString(", ")
			}
			if len(c.Series) > 1 {
				b.WriteString(clean(s.Name) + " ")
			}
			b.WriteString(short(s.Values[i], c.Unit))
		}
		if i < len(c.Remarks) && c.Remarks[i] != "" {
			b.WriteString(" " + clean(c.Remarks[i]))
		}
		b.WriteString(". ")
	}
	return strings.TrimSpace(b.String() + c.Note)
}

func tip(c queries.Chart, i, k int) string {
	name := ""
	if len(c.Series) > 1 {
		name = ", " + clean(c.Series[k].Name)
	}
	return clean(c.Labels[i]) + name + ": " + short(c.Series[k].Values[i], c.Unit)
}
