package queries

import "fmt"

// Chart is a picture of an answer as plain data: for every label a value of each
// series. It says nothing that the rows and the summary do not say, and is no
// part of the result contract.
type Chart struct {
	Kind   ChartKind
	Title  string
	Unit   ChartUnit
	Labels []string // names as people read them
	Series []Series
	Note   string // what the picture leaves out, "" for nothing
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

// Drawn is the first rows, as many as a picture shows, and a note that says how
// many there are, "" when all are drawn. The noun is in the plural.
func Drawn[R any](rows []R, noun string) (shown []R, note string) {
	if len(rows) <= chartLabels {
		return rows, ""
	}
	return rows[:chartLabels], fmt.Sprintf("The first %d of %d %s are drawn.", chartLabels, len(rows), noun)
}
