package server

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/queries"
)

// Trends finds figures over time.
type Trends interface {
	// Months is the main figures as of the end of every month from the first one on
	// and as of the last day, the earliest first, in the graph at that revision.
	// Fields of the lens that are not given are as each analysis has them.
	Months(ctx context.Context, from, until graph.Date, revision uint64, lens queries.Args) ([]TrendPoint, error)
	// Runs is the figures of the latest runs of a schedule that have any, the
	// earliest first, no more than most.
	Runs(ctx context.Context, schedule string, most int) ([]TrendPoint, error)
}

// TrendPoint is figures as of a day, or of a run.
type TrendPoint struct {
	Day     graph.Date // unknown for a run
	Run     string     // id of a run
	Slot    time.Time  // of a run
	Figures map[string]Figure
}

// Figure is a named value. Value is cents of money, millionths of a ratio or
// number, or a count; Known is false where the figure is unknown.
type Figure struct {
	Title string
	Type  string // money, ratio, number, count
	Value int64
	Known bool
}

// number is the value as JSON has it: cents, a count, or a decimal.
func (f Figure) number() *float64 {
	switch {
	case !f.Known:
		return nil
	case f.Type == "money" || f.Type == "count":
		return ptr(float64(f.Value))
	}
	return ptr(float64(f.Value) / 1e6)
}

// text is the value as a cell of a file, empty where it is unknown.
func (f Figure) text() string {
	switch {
	case !f.Known:
		return ""
	case f.Type == "money" || f.Type == "count":
		return strconv.FormatInt(f.Value, 10)
	}
	return graph.Micro(f.Value).String()
}

const (
	maxTrendRuns   = 1000
	firstTrendDay  = "2023-01"
	maxTrendMonths = 600
	trendsHint     = "this server keeps no reports"
)

var noTrends = problemKind{"no-trends", http.StatusNotImplemented, "This server finds no trends"}

// trends is the answer of GET /trends.
type trends struct {
	Graph  *graphName    `json:"graph" doc:"The graph that the figures are of; null for those of runs, each of which has its own."`
	Points []trendPoint  `json:"points" nullable:"false" doc:"The days or runs, the earliest first."`
	Series []trendSeries `json:"series" nullable:"false" doc:"The figures, by name."`
}

type trendPoint struct {
	AsOf *string    `json:"as_of" doc:"The day, null for a run."`
	Run  *string    `json:"run" doc:"Id of the run."`
	Slot *time.Time `json:"slot" doc:"The time that the run was due."`
}

type trendSeries struct {
	Figure string     `json:"figure" doc:"Path of the figure: that of its analysis, and its own."`
	Title  string     `json:"title"`
	Type   string     `json:"type" enum:"money,ratio,number,count"`
	Values []*float64 `json:"values" nullable:"false" doc:"One for each point: whole cents of money, else the number itself; null where it is unknown or the point does not have it."`
}

func (s *Server) addTrends() {
	content := map[string]*huma.MediaType{jsonType: {Schema: s.docs.schema(trends{})}, "text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}}
	op := huma.Operation{
		Method: http.MethodGet, Path: apiBase + "/trends", OperationID: "get_trends", Tags: []string{tagReports}, Summary: "Figures over time",
		Description: "The main figures as of the end of each month, found in the graph as it is known now: loops by kind, the circularity index, totals by class, " +
			"the coverage of each buyer's promises, the concentration of its vendors and the vendor-financed share. Fields of the lens that are not given " +
			"are as each analysis has them; as_of is the last day. With schedule it is the figures of the latest runs of that schedule, which have their own lenses.",
		Parameters: []*huma.Param{
			queryParam("from", "The first month.", &huma.Schema{Type: huma.TypeString, Default: firstTrendDay, Examples: []any{"2024-06"}}),
			queryParam("schedule", "Name of a schedule, for the figures of its runs.", &huma.Schema{Type: huma.TypeString}),
			queryParam(formatKey, "The form of the answer; takes precedence over Accept.", &huma.Schema{Type: huma.TypeString, Enum: []any{"json", "csv"}}),
		},
		Responses: tagged(map[string]*huma.Response{"200": {Description: "The figures.", Content: content}}),
	}
	for _, p := range queries.LensParams() {
		p.Default = "" // differs between analyses
		op.Parameters = append(op.Parameters, argument(p))
	}
	op.Parameters = append(op.Parameters, ifNoneMatch())
	s.add(route{op: op, heavy: true, handle: s.getTrends})
}

func (s *Server) getTrends(ctx context.Context, c *call) (reply, error) {
	if s.o.Trends == nil {
		return reply{}, &fault{kind: noTrends, detail: trendsHint}
	}
	form, err := choose(c, []string{"json", "csv"}, []string{jsonType, "text/csv; charset=utf-8"})
	if err != nil {
		return reply{}, err
	}
	if c.has("schedule") {
		return s.runTrends(ctx, c, form)
	}
	from, err := graph.ParseDate(firstTrendDay)
	if c.has("from") {
		from, err = graph.ParseDate(c.query["from"])
	}
	if err != nil || !from.Known() {
		return reply{}, arguments(Entry{Location: "query.from", Value: c.query["from"], Message: "want a month such as 2023-01"})
	}
	lens := queries.Args{}
	for _, p := range queries.LensParams() {
		if value, ok := c.query[p.Name]; ok {
			lens[p.Name] = value
		}
	}
	view, err := s.o.Runner.View(ctx, lens)
	if err != nil {
		return reply{}, err
	}
	until := graph.On(view.Lens().AsOf.Last())
	if months := (int(until.Last()) - int(from.First())) / 30; months > maxTrendMonths {
		return reply{}, arguments(Entry{Location: "query.from", Value: from.String(), Message: fmt.Sprintf("is more than %d months before %s", maxTrendMonths, until)})
	}
	revision := view.Revision()
	tag := quotedDigest(fmt.Appendf(queries.AppendJSON(nil, lens), "trends %s %d %s %s %s %d", s.o.Version, revision.Number, revision.Hash, from, until, form))
	header := http.Header{"Vary": {"Accept"}}
	if tagMatches(c.r.Header.Get("If-None-Match"), tag) {
		return reply{etag: tag, revision: &revision, header: header}, nil
	}
	delete(lens, "as_of")
	points, err := s.o.Trends.Months(ctx, from, until, revision.Number, lens)
	if err != nil {
		return reply{}, err
	}
	a, err := trendReply(points, form, &graphName{Revision: revision.Number, Hash: revision.Hash.String()})
	a.etag, a.revision, a.header = tag, &revision, header
	return a, err
}

// runTrends answers with the figures of runs, which take no lens.
func (s *Server) runTrends(ctx context.Context, c *call, form int) (reply, error) {
	var bad []Entry
	for _, key := range sortedKeys(c.query) {
		if key != "schedule" && key != formatKey {
			bad = append(bad, Entry{Location: "query." + key, Value: c.query[key], Message: "does not go with schedule, whose runs have their own"})
		}
	}
	if len(bad) > 0 {
		return reply{}, arguments(bad...)
	}
	points, err := s.o.Trends.Runs(ctx, c.query["schedule"], maxTrendRuns)
	if err == nil && len(points) == 0 && s.o.Reports != nil {
		_, err = s.schedule(ctx, c.query["schedule"])
	}
	if err != nil {
		return reply{}, err
	}
	a, err := trendReply(points, form, nil)
	a.header = http.Header{"Vary": {"Accept"}}
	return a, err
}

func trendReply(points []TrendPoint, form int, name *graphName) (reply, error) {
	if form == 1 {
		return reply{contentType: "text/csv; charset=utf-8", write: func(w io.Writer) error { return writeTrends(w, points) }}, nil
	}
	t := trends{Graph: name, Points: []trendPoint{}, Series: []trendSeries{}}
	at := map[string]int{}
	for i, p := range points {
		x := trendPoint{AsOf: textOf(p.Day.String()), Run: textOf(p.Run)}
		if p.Run != "" {
			x.Slot = ptr(p.Slot.UTC())
		}
		t.Points = append(t.Points, x)
		for _, path := range sortedKeys(p.Figures) {
			f := p.Figures[path]
			n, ok := at[path]
			if !ok {
				n = len(t.Series)
				at[path] = n
				t.Series = append(t.Series, trendSeries{Figure: path, Values: make([]*float64, len(points))})
			}
			t.Series[n].Title, t.Series[n].Type = f.Title, f.Type // the latest words hold
			t.Series[n].Values[i] = f.number()
		}
	}
	slices.SortFunc(t.Series, func(a, b trendSeries) int { return strings.Compare(a.Figure, b.Figure) })
	return jsonReply(t)
}

// writeTrends writes one line for each point and figure: money in cents, a ratio
// or number as a decimal, empty where it is unknown.
func writeTrends(w io.Writer, points []TrendPoint) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"as_of", "run", "figure", "title", "type", "value"}) // Error tells
	for _, p := range points {
		day := p.Day.String()
		if p.Run != "" {
			day = p.Slot.UTC().Format(time.RFC3339)
		}
		for _, path := range sortedKeys(p.Figures) {
			f := p.Figures[path]
			_ = out.Write([]string{day, p.Run, path, f.Title, f.Type, f.text()})
		}
	}
	out.Flush()
	return out.Error()
}
