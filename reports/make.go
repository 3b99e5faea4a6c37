package reports

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roundtrip/graph/scenario"
)

// Order says what a report is made of. Two orders that are equal are answered
// with the same bytes.
type Order struct {
	Schedule  *Schedule
	Slot      time.Time
	Revision  uint64 // of the graph
	Since     *Since // what the differences are to, nil for none
	Scenarios map[string]*scenario.Scenario
	Version   string // of the program that made it first
	// Settings are those of the program as they were; nil takes those of today.
	Settings map[string]string
	// Acknowledged are the keys of alerts that somebody has taken note of.
	Acknowledged []string
	// Judged are the alerts as an earlier making found them; nil judges them now.
	Judged []Raised
}

// Made is a report that was made.
type Made struct {
	Hash    string // of the graph
	Digest  string // SHA-256 of the report as JSON
	Finding string
	Metrics map[string]Metric
	Alerts  []Raised
	Still   []string // acknowledged keys that have not ceased
	// Settings of the program that the report depends on, by name.
	Settings map[string]string
	Moved    bool // something differs from the run before, or there was none
	// Files writes the report in some of its forms.
	Files func(ctx context.Context, forms []string) ([]File, error)
}

// Maker makes reports.
type Maker interface {
	// Revision is the current one of the graph.
	Revision(ctx context.Context) (uint64, error)
	Make(ctx context.Context, o Order) (*Made, error)
}

// Sender delivers.
type Sender interface {
	// Send delivers the parcel, once.
	Send(ctx context.Context, to Recipient, p Parcel) error
	// Next is when to try again after an attempt (1 for the first) failed; false
	// gives up.
	Next(key string, attempt int, at time.Time, err error) (time.Time, bool)
}

// ScenarioText finds the text of a scenario by its name; graph.ErrNotFound when
// there is none.
type ScenarioText func(ctx context.Context, name string) ([]byte, error)

// scenariosOf are the texts of the scenarios that the schedule names.
func scenariosOf(ctx context.Context, s *Schedule, find ScenarioText) (map[string][]byte, error) {
	var texts map[string][]byte
	for _, a := range s.Asks {
		if a.Scenario == "" || texts[a.Scenario] != nil {
			continue
		}
		if find == nil {
			return nil, fmt.Errorf("ask %s wants the scenario %s, and there are none here", a.Name, a.Scenario)
		}
		text, err := find(ctx, a.Scenario)
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", a.Name, err)
		}
		if texts == nil {
			texts = map[string][]byte{}
		}
		texts[a.Scenario] = text
	}
	return texts, nil
}

// order is what the report of a run is made of.
func (r *Run) order() (Order, error) {
	s, err := ParseSchedule(r.Schedule, r.Declared)
	if err != nil {
		return Order{}, fmt.Errorf("the schedule of the run %s cannot be read any more: %w", r.ID, err)
	}
	o := Order{Schedule: s, Slot: r.Slot, Revision: r.Revision, Since: r.Since, Version: r.Version, Settings: r.Settings, Scenarios: map[string]*scenario.Scenario{}}
	for name, text := range r.Scenarios {
		if o.Scenarios[name], err = scenario.Parse(name, text); err != nil {
			return Order{}, fmt.Errorf("the scenario %s of the run %s cannot be read any more: %w", name, r.ID, err)
		}
	}
	return o, nil
}

// ErrDiffers says that a run was made again and is not what it was, because the
// program or its settings have changed since.
var ErrDiffers = errors.New("the report is not what it was when the run was made; the program or its settings have changed since")

// ErrNoReport says that a run has made no report.
var ErrNoReport = errors.New("it has no report")

// neverMade tells whether an error says of itself, by a method Final, that what
// failed cannot be made however often it is tried.
func neverMade(err error) bool {
	var x interface{ Final() bool }
	return errors.As(err, &x) && x.Final()
}

// Replay makes the report of a run that is done again: the same bytes as the
// first time, or ErrDiffers.
func Replay(ctx context.Context, m Maker, run Run) (*Made, error) {
	if run.Outcome != Done {
		return nil, fmt.Errorf("the run %s is %s: %w", run.ID, run.Outcome, ErrNoReport)
	}
	o, err := run.order()
	if err != nil {
		return nil, err
	}
	o.Judged = run.Alerts
	if o.Judged == nil {
		o.Judged = []Raised{}
	}
	made, err := m.Make(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("make the report of %s again: %w", run.ID, err)
	}
	if made.Digest != run.Digest {
		return nil, fmt.Errorf("run %s: %w", run.ID, ErrDiffers)
	}
	return made, nil
}
