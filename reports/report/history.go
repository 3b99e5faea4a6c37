package report

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
)

// Sample is figures as of one day.
type Sample struct {
	Day graph.Date `json:"as_of"`
	// Metrics is by path: that of the analysis and of the figure in its summary.
	Metrics map[string]Metric `json:"metrics"`
}

// Paths of the main figures. Those that end in a slash are followed by a name.
const (
	Loops          = "cycles/count"
	LoopsOfKind    = "cycles/by_kind/" // a kind of loop, such as round_trip
	CI             = "circularity/ci"
	Circular       = "circularity/circular_cents"
	Total          = "circularity/total_cents"
	TotalOfClass   = "total/"           // a class, FUNDS or PAYS
	Covered        = "coverage/buyers/" // a company, then /tied_coverage or /promised_cents
	HHI            = "vendors/hhi/"     // a company
	VendorFinanced = "vendor-financing/share"
)

// roundTrips is the path of the number of structural round trips.
const roundTrips = LoopsOfKind + "round_trip"

// Kinds of loops, as in the analysis cycles.
var kinds = [...]string{"round_trip", "reciprocal_trade", "cross_holding", "contingent", "other"}

// question is one that a sample asks, and which of its figures it keeps.
type question struct {
	analysis     string
	lens, params queries.Args
	keep         func(to map[string]Metric, figures map[string]Metric)
}

// loopTime bounds the search for the loops of one sample; where it is cut their
// numbers are unknown.
const loopTime = "5s"

// questions are what a sample asks, each under the default lens of its analysis.
func questions() []question {
	some := func(paths ...string) func(map[string]Metric, map[string]Metric) {
		return func(to, figures map[string]Metric) {
			for _, p := range paths {
				if m, ok := figures[p]; ok {
					to[p] = m
				}
			}
		}
	}
	list := []question{
		{analysis: "cycles", params: queries.Args{"count_only": "true", "timeout": loopTime}, keep: func(to, figures map[string]Metric) {
			some(Loops)(to, figures)
			for _, kind := range kinds {
				m, ok := figures[LoopsOfKind+kind]
				if !ok { // the summary leaves out kinds of which there are none
					m = Metric{Title: "Loops: " + strings.ReplaceAll(kind, "_", " "), Type: "count", Known: figures[Loops].Known}
				}
				to[LoopsOfKind+kind] = m
			}
		}},
		{analysis: "circularity", params: queries.Args{"ranges": "false", "limit": "0"}, keep: func(to, figures map[string]Metric) {
			some(CI, Circular, Total)(to, figures)
			if m, ok := to[CI]; ok {
				m.Type = "ratio" // the analysis shows it as a plain number
				to[CI] = m
			}
		}},
		{analysis: "coverage", keep: func(to, figures map[string]Metric) {
			for path, m := range figures {
				if strings.HasPrefix(path, Covered) && (strings.HasSuffix(path, "/tied_coverage") || strings.HasSuffix(path, "/promised_cents")) {
					to[path] = m
				}
			}
		}},
		{analysis: "vendors", keep: func(to, figures map[string]Metric) {
			for path, m := range figures {
				if strings.HasPrefix(path, HHI) {
					to[path] = m
				}
			}
		}},
		{analysis: "vendor-financing", keep: func(to, figures map[string]Metric) {
			financed, bookings := figures["vendor-financing/financed_cents"], figures["vendor-financing/bookings_cents"]
			share := Metric{Title: "Vendor-financed share", Type: "ratio"}
			if financed.Known && bookings.Known {
				d := graph.Ratio(graph.USD(financed.Value), graph.USD(bookings.Value))
				share.Value, share.Known = d.Micro(), d.Known()
			}
			to[VendorFinanced] = share
		}},
	}
	for _, class := range []string{"FUNDS", "PAYS"} {
		list = append(list, question{
			analysis: "circularity", lens: queries.Args{"classes": class}, params: queries.Args{"ranges": "false", "limit": "0"},
			keep: func(to, figures map[string]Metric) {
				m := figures[Total]
				m.Title = "Total " + class
				to[TotalOfClass+class] = m
			},
		})
	}
	return list
}

// sample finds the main figures at a point. Analyses that the catalogue does not
// have are left out.
func sample(ctx context.Context, run RunFunc, c queries.Catalogue, at Point) (Sample, error) {
	s := Sample{Day: at.Day, Metrics: map[string]Metric{}}
	for _, q := range questions() {
		if _, err := c.Find(q.analysis); err != nil {
			continue
		}
		lens := maps.Clone(q.lens)
		if lens == nil {
			lens = queries.Args{}
		}
		lens["as_of"] = at.Day.String()
		res, err := run(ctx, queries.Request{Analysis: q.analysis, Lens: lens, Params: q.params, Engine: queries.Native, Revision: at.Revision})
		if err != nil {
			return s, fmt.Errorf("figures of %s: %s: %w", at.Day, q.analysis, err)
		}
		figures := map[string]Metric{}
		addMetrics(figures, q.analysis, res)
		if res.Truncated.Is { // numbers of what was found until then would pass for the whole
			for path, m := range figures {
				m.Value, m.Known = 0, false
				figures[path] = m
			}
		}
		q.keep(s.Metrics, figures)
	}
	return s, nil
}

// History is the main figures as of the end of every month from the first one on
// and as of the last day, of the graph at one revision. It asks seven questions a
// month, on as many goroutines as workers says (0: the number of cores).
func History(ctx context.Context, run RunFunc, c queries.Catalogue, from graph.Date, until Point, workers int) ([]Sample, error) {
	days := append(monthly(from, until.Day), until.Day)
	list := make([]Sample, len(days))
	var all jobs
	for i, day := range days {
		all.add(func(ctx context.Context) (err error) {
			list[i], err = sample(ctx, run, c, Point{Day: day, Revision: until.Revision})
			return err
		})
	}
	return list, all.run(ctx, workers)
}

// monthly is the last days of the months from the first one on that lie before
// the last day.
func monthly(from, last graph.Date) []graph.Date {
	var days []graph.Date
	t := from.First().Time()
	for t = t.AddDate(0, 0, 1-t.Day()); ; {
		t = t.AddDate(0, 1, 0)
		day := graph.DayOf(t.AddDate(0, 0, -1))
		if day >= last.Last() {
			return days
		}
		days = append(days, graph.On(day))
	}
}

// Series is one figure over time; a metric that a sample does not have is
// unknown.
func Series(samples []Sample, path string) []Metric {
	list := make([]Metric, len(samples))
	for i, s := range samples {
		list[i] = s.Metrics[path]
	}
	return list
}

// Paths are the paths of all figures of the samples, in byte order.
func Paths(samples []Sample) []string {
	all := map[string]bool{}
	for _, s := range samples {
		for p := range s.Metrics {
			all[p] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// WriteSamples writes the figures as CSV, one line for each day and figure: money
// in cents, a ratio or number as a decimal, empty where it is unknown.
func WriteSamples(w io.Writer, samples []Sample) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"as_of", "figure", "title", "type", "value"}) // Error tells
	for _, s := range samples {
		for _, path := range slices.Sorted(maps.Keys(s.Metrics)) {
			m := s.Metrics[path]
			_ = out.Write([]string{s.Day.String(), path, m.Title, m.Type, m.text()})
		}
	}
	out.Flush()
	return out.Error()
}

// text is the value as a cell of a file.
func (m Metric) text() string { return queries.CellText(m.typed()) }

// typed is the value as summaries hold it; nil for an unknown count.
func (m Metric) typed() any {
	switch {
	case m.Type == "money" && m.Known:
		return graph.USD(m.Value)
	case m.Type == "money":
		return graph.Money{}
	case m.Type == "count" && m.Known:
		return int(m.Value)
	case m.Type == "count":
		return nil
	case m.Known:
		return graph.Micro(m.Value)
	}
	return graph.Decimal{}
}
