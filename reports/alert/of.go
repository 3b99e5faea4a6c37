package alert

import (
	"fmt"

	"roundtrip/queries"
	"roundtrip/reports/report"
)

// Of is a report as rules see it.
func Of(r *report.Report) Input {
	in := Input{First: r.Differences == nil, Company: r.CompanyName}
	for _, a := range r.Answers {
		in.Answers = append(in.Answers, Answer{Ask: a.Ask.Name, Result: a.Result, Before: a.Before, Delta: a.Delta})
	}
	if r.Differences == nil {
		return in
	}
	for _, l := range r.Differences.Loops {
		in.Loops = append(in.Loops, Loop{
			ID: l.ID, Change: l.Change, Kind: l.Kind, Reason: l.Reason, Ring: l.Ring, Legs: l.Legs,
			Bottleneck: l.After, BottleneckBefore: l.Before, AtMost: l.AtMostAfter, AtMostBefore: l.AtMostBefore,
		})
	}
	for _, l := range r.Differences.Legs {
		in.Legs = append(in.Legs, Leg{
			ID: l.ID, Change: l.Change, Payer: l.Payer, Payee: l.Payee, Kind: l.Kind, StateBefore: l.StateBefore, StateAfter: l.StateAfter,
			Amount: l.Is, AmountBefore: l.Was, Reason: l.Reason,
		})
	}
	for _, s := range r.Differences.Sources {
		in.Sources = append(in.Sources, Source{s.ID, s.Change, s.Title, s.URL})
	}
	return in
}

// Shapes are the questions that rules of a report may look at; none asks the
// whole library.
func Shapes(asks []report.Ask, c queries.Catalogue) ([]Shape, error) {
	if len(asks) == 0 {
		asks = report.Library(c)
	}
	shapes := make([]Shape, len(asks))
	for i, ask := range asks {
		a, err := c.Find(ask.Analysis)
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", ask.Name, err)
		}
		shapes[i] = Shape{ask.Name, a}
		if ask.Name == "" {
			shapes[i].Name = ask.Analysis
		}
	}
	return shapes, nil
}
