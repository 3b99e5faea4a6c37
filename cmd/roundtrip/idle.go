package main

import (
	"context"
	"fmt"
	"time"

	"roundtrip/graph/scenario"
	"roundtrip/reports"
)

// warnIdle writes which rules of a schedule look for what the store does not have.
// The schedule can be used all the same: what a rule waits for may come.
func warnIdle(ctx context.Context, s *streams, o *office, x *reports.Schedule) error {
	if len(x.Alerts) == 0 {
		return nil
	}
	scenarios := map[string]*scenario.Scenario{}
	for _, a := range x.Asks {
		if a.Scenario == "" {
			continue
		}
		found, err := o.checker.Scenario(ctx, a.Scenario)
		if err != nil {
			return err
		}
		scenarios[a.Scenario] = found
	}
	idle, err := o.press.Idle(ctx, x, scenarios, time.Now())
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(s.err, "Warning: whether the store has what the alerts look for is not known: %v\n", err)
		return nil
	}
	for _, i := range idle {
		fmt.Fprintf(s.err, "Warning: rule %s looks at nothing: %s.\n", i.Name, i.Text)
	}
	return err
}
