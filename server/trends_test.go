package server_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/server"
)

// scriptedTrends knows two points of the months and the runs of one schedule.
type scriptedTrends struct{ asked []string }

func withTrends(o *server.Options) { o.Trends = &scriptedTrends{} }

func (s *scriptedTrends) Months(_ context.Context, from, until graph.Date, revision uint64, lens queries.Args) ([]server.TrendPoint, error) {
	s.asked = append(s.asked, fmt.Sprintf("%s to %s at %d under %v", from, until, revision, lens))
	first, err := graph.ParseDate("2025-11-30")
	if err != nil {
		return nil, err
	}
	return []server.TrendPoint{
		{Day: first, Figures: map[string]server.Figure{
			"cycles/count":            {Title: "Loops", Type: "count", Value: 3, Known: true},
			"circularity/total_cents": {Title: "Total", Type: "money"},
		}},
		{Day: until, Figures: map[string]server.Figure{
			"cycles/count":            {Title: "Loops", Type: "count", Value: 5, Known: true},
			"circularity/total_cents": {Title: "Total", Type: "money", Value: 149530380000000, Known: true},
			"circularity/ci":          {Title: "=Index", Type: "ratio", Value: 86254, Known: true},
		}},
	}, nil
}

func (s *scriptedTrends) Runs(_ context.Context, schedule string, _ int) ([]server.TrendPoint, error) {
	if schedule != "daily" {
		return nil, fmt.Errorf("no schedule is named %q: %w", schedule, graph.ErrNotFound)
	}
	slot := time.Date(2025, 12, 1, 6, 0, 0, 0, time.UTC)
	return []server.TrendPoint{{Run: "daily-1", Slot: slot, Figures: map[string]server.Figure{"cycles/count": {Title: "Loops", Type: "count", Value: 4, Known: true}}}}, nil
}

func TestTrendsAreSeriesWithNullForWhatIsUnknown(t *testing.T) {
	script := &scriptedTrends{}
	s := emptySite(t, func(o *server.Options) { o.Trends = script })
	a := s.get("/api/v1/trends")
	m := a.ok(200)
	require.Equal(t, []string{"2023-01 to 2025-12-16 at 0 under map[]"}, script.asked)
	require.Equal(t, []any{
		map[string]any{"as_of": "2025-11-30", "run": nil, "slot": nil},
		map[string]any{"as_of": "2025-12-16", "run": nil, "slot": nil},
	}, m["points"])
	require.Equal(t, []any{
		map[string]any{"figure": "circularity/ci", "title": "=Index", "type": "ratio", "values": []any{nil, 0.086254}},
		map[string]any{"figure": "circularity/total_cents", "title": "Total", "type": "money", "values": []any{nil, 149530380000000.0}},
		map[string]any{"figure": "cycles/count", "title": "Loops", "type": "count", "values": []any{3.0, 5.0}},
	}, m["series"])
	require.Equal(t, 304, s.get("/api/v1/trends", "If-None-Match", a.header.Get("ETag")).status)
	require.Len(t, script.asked, 1, "what the client has is not found again")
}

func TestTrendsUnderALensEndOnItsDay(t *testing.T) {
	script := &scriptedTrends{}
	s := emptySite(t, func(o *server.Options) { o.Trends = script })
	s.get("/api/v1/trends?from=2024-06&as_of=2025-07&basis=signed").ok(200)
	require.Equal(t, []string{"2024-06 to 2025-07-31 at 0 under map[basis:signed]"}, script.asked)
	require.Equal(t, "query.basis", s.get("/api/v1/trends?basis=x").problem(422, "bad-arguments").Errors[0].Location)
	require.Equal(t, "query.from", s.get("/api/v1/trends?from=soon").problem(422, "bad-arguments").Errors[0].Location)
	require.Equal(t, "query.from", s.get("/api/v1/trends?from=0900").problem(422, "bad-arguments").Errors[0].Location)
}

func TestTrendsAsCSVHaveALineForEachPointAndFigure(t *testing.T) {
	a := emptySite(t, withTrends).get("/api/v1/trends?format=csv")
	require.Equal(t, 200, a.status)
	require.Equal(t, "text/csv; charset=utf-8", a.header.Get("Content-Type"))
	require.Equal(t, `as_of,run,figure,title,type,value
2025-11-30,,circularity/total_cents,Total,money,
2025-11-30,,cycles/count,Loops,count,3
2025-12-16,,circularity/ci,=Index,ratio,0.086254
2025-12-16,,circularity/total_cents,Total,money,149530380000000
2025-12-16,,cycles/count,Loops,count,5
`, a.body)
}

func TestFiguresOfRunsTakeNoLens(t *testing.T) {
	s := emptySite(t, withTrends)
	m := s.get("/api/v1/trends?schedule=daily").ok(200)
	require.Equal(t, []any{map[string]any{"as_of": nil, "run": "daily-1", "slot": "2025-12-01T06:00:00Z"}}, m["points"])
	require.Nil(t, m["graph"])
	s.get("/api/v1/trends?schedule=weekly").problem(404, "not-found")
	require.Equal(t, "query.as_of", s.get("/api/v1/trends?schedule=daily&as_of=2025").problem(422, "bad-arguments").Errors[0].Location)
	emptySite(t).get("/api/v1/trends").problem(501, "no-trends")
}

// noRuns is trends of schedules that have not run.
type noRuns struct{ scriptedTrends }

func (*noRuns) Runs(context.Context, string, int) ([]server.TrendPoint, error) { return nil, nil }

func TestAScheduleThatIsNotThereHasNoFigures(t *testing.T) {
	s := emptySite(t, newBureau().with, func(o *server.Options) { o.Trends = &noRuns{} })
	require.Equal(t, 201, s.send("PUT", "/api/v1/schedules/daily", "application/yaml", "name: daily\ncron: 0 6 * * *\n").status)
	require.Empty(t, s.get("/api/v1/trends?schedule=daily").ok(200)["points"])
	require.Equal(t, `no schedule is named "nope"; there are daily`, s.get("/api/v1/trends?schedule=nope").problem(404, "not-found").Detail)
}
