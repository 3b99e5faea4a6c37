package main

import (
	"context"
	"errors"
	"maps"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/reports"
	"roundtrip/reports/report"
	"roundtrip/server"
)

// trendsOf finds figures over time for a server.
type trendsOf struct {
	answers *queries.Runner
	runs    *reports.Runner
}

// Months is the history of a report under a lens.
func (t trendsOf) Months(ctx context.Context, from, until graph.Date, revision uint64, lens queries.Args) ([]server.TrendPoint, error) {
	under := func(ctx context.Context, req queries.Request) (*queries.Result, error) {
		all := maps.Clone(lens)
		maps.Copy(all, req.Lens) // the day, and the class of a total
		req.Lens = all
		return t.answers.Run(ctx, req)
	}
	samples, err := report.History(ctx, under, library.All(), from, report.Point{Day: until, Revision: revision}, 0)
	if err != nil {
		return nil, err
	}
	points := make([]server.TrendPoint, len(samples))
	for i, s := range samples {
		points[i] = server.TrendPoint{Day: s.Day, Figures: map[string]server.Figure{}}
		for path, m := range s.Metrics {
			points[i].Figures[path] = server.Figure(m)
		}
	}
	return points, nil
}

// Runs is the figures of the latest runs.
func (t trendsOf) Runs(ctx context.Context, schedule string, most int) ([]server.TrendPoint, error) {
	runs, err := t.runs.Runs(ctx, schedule)
	if err != nil {
		return nil, err
	}
	var points []server.TrendPoint
	for _, run := range runs {
		if run.Outcome != reports.Done || len(points) == most {
			continue
		}
		figures, err := t.runs.Figures(ctx, run.ID)
		if errors.Is(err, graph.ErrNotFound) || err == nil && len(figures) == 0 {
			continue
		} else if err != nil {
			return nil, err
		}
		p := server.TrendPoint{Run: run.ID, Slot: run.Slot, Figures: map[string]server.Figure{}}
		for path, m := range figures {
			p.Figures[path] = server.Figure(m)
		}
		points = append(points, p)
	}
	slices.Reverse(points)
	return points, nil
}
