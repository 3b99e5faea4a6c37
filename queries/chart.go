package queries

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"roundtrip/graph"
)

// Chart is a picture of an answer as plain data: for every label a value of each
// series. It says nothing that the rows and the summary do not say, and is no
// part of the result contract.
type Chart struct {
	Kind   ChartKind
	Title  string
	Unit   ChartUnit
	Labels []string // names as people read them
	Series []Series
	// Remarks stand behind the bars of parts, one for each label, "" for the
	// note that some are unknown; nil for none.
	Remarks []string
	Note    string // what the picture leaves out, "" for nothing
}

// ChartKind says how the series of a label stand to each other.
type ChartKind string

// The kinds. Bars stand side by side on one scale; stacked are parts that add up
// to the label's total, on one scale; share are parts of one whole, each a ratio.
const (
	Bars    ChartKind = "bars"
	Stacked ChartKind = "stacked"
	Shares  ChartKind = "share"
)

// ChartUnit is what all values of a chart are.
type ChartUnit string

// The units: graph.Money, and graph.Decimal for ratios and counts.
const (
	MoneyUnit ChartUnit = "money"
	RatioUnit ChartUnit = "ratio"
	CountUnit ChartUnit = "count"
)

// Series is one value for each label. No value is negative; one that is unknown
// stays a gap that the picture names.
type Series struct {
	Name   string
	Values []ChartValue
}

// ChartValue is a graph.Money or a graph.Decimal.
type ChartValue interface{ Known() bool }

// Add appends a label and its value of each series, in their order.
func (c *Chart) Add(label string, values ...ChartValue) {
	c.Labels = append(c.Labels, label)
	for i, v := range values {
		c.Series[i].Values = append(c.Series[i].Values, v)
	}
}

// chartLabels is how many labels a reader still compares at a glance.
const chartLabels = 12

// chartSeries is how many parts of a bar a reader still tells apart.
const chartSeries = 7

// Drawn is the first rows, as many as a picture shows, and a note that says how
// many there are, "" when all are drawn. The noun is in the plural.
func Drawn[R any](rows []R, noun string) (shown []R, note string) {
	if len(rows) <= chartLabels {
		return rows, ""
	}
	return rows[:chartLabels], fmt.Sprintf("The first %d of %d %s are drawn.", chartLabels, len(rows), noun)
}

// Part is an amount that is a part of a whole: what a customer pays one vendor.
type Part struct {
	Whole, Part string // ids of companies
	Amount      graph.Money
}

// ShareChart shows how the first wholes divide into parts. The parts with the
// largest sums have a series of their own, the others one together. Wholes keep
// their order. Unknown amounts are left out of the shares and counted behind
// the bar; wholes without a known amount are left out and counted in the note.
func ShareChart(in Scope, parts []Part, noun string) Chart {
	var wholes []string
	total := map[string]graph.Money{}
	for _, p := range parts {
		if _, ok := total[p.Whole]; !ok {
			wholes = append(wholes, p.Whole)
		}
		total[p.Whole] = total[p.Whole].Plus(p.Amount)
	}
	all := len(wholes)
	wholes = slices.DeleteFunc(wholes, func(id string) bool { return total[id].Cents() == 0 })
	shown, note := Drawn(wholes, noun+" with known amounts")
	if none := all - len(wholes); none > 0 {
		note = strings.TrimSpace(note + fmt.Sprintf(" Without a known amount, and left out: %d.", none))
	}
	c := Chart{Kind: Shares, Unit: RatioUnit, Note: note}
	sums := map[string]graph.Money{}
	for _, p := range parts {
		if slices.Contains(shown, p.Whole) && p.Amount.Known() {
			sums[p.Part] = sums[p.Part].Plus(p.Amount)
		}
	}
	named := slices.SortedFunc(maps.Keys(sums), func(a, b string) int { return Order(Descending(sums[a], sums[b]), Bytes(a, b)) })
	others := len(named) > chartSeries
	if others {
		named = named[:chartSeries-1]
	}
	name := in.View.Snapshot().CompanyName
	for _, id := range named {
		c.Series = append(c.Series, Series{Name: name(id)})
	}
	if others {
		c.Series = append(c.Series, Series{Name: "Others"})
	}
	for _, whole := range shown {
		amounts := slices.Repeat([]graph.Money{graph.USD(0)}, len(c.Series))
		unknown := 0
		for _, p := range parts {
			switch at := slices.Index(named, p.Part); {
			case p.Whole != whole:
			case !p.Amount.Known():
				unknown++
			case at < 0:
				amounts[len(amounts)-1] = amounts[len(amounts)-1].Plus(p.Amount)
			default:
				amounts[at] = amounts[at].Plus(p.Amount)
			}
		}
		shares := make([]ChartValue, len(amounts))
		for i, a := range amounts {
			shares[i] = graph.Ratio(a, total[whole])
		}
		remark := "of " + total[whole].Short()
		if unknown > 0 {
			remark += fmt.Sprintf(" + %d unknown", unknown)
		}
		c.Add(name(whole), shares...)
		c.Remarks = append(c.Remarks, remark)
	}
	return c
}
