// Package desk makes and sends what the runner of schedules asks for: it hands
// schedules to the packages that build reports, judge alerts and deliver.
package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/reports"
	"roundtrip/reports/alert"
	"roundtrip/reports/deliver"
	"roundtrip/reports/report"
)

// Graphs are the graphs that reports look at; a queries.Live.
type Graphs interface {
	Snapshot(ctx context.Context) (*snapshot.Snapshot, error)
	At(ctx context.Context, revision uint64) (*snapshot.Snapshot, error)
}

// Press makes reports; it is a reports.Maker.
type Press struct {
	Run       report.RunFunc
	Catalogue queries.Catalogue
	Graphs    Graphs
	History   graph.Date // the first month of the curves; unknown draws none
	Workers   int        // questions asked at a time, 0 for as many as there are cores
	// Settings are those of the program that Run and History follow from, by name;
	// Under gives both as they follow from others, so that a report is made again
	// as it was after settings have changed. Nil where none matter.
	Settings map[string]string
	Under    func(settings map[string]string) (report.RunFunc, graph.Date, error)

	samples report.Samples // the curves are the same for every schedule of a day
}

// Revision is the current one.
func (p *Press) Revision(ctx context.Context) (uint64, error) {
	s, err := p.Graphs.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	return s.Revision().Number, nil
}

// Make builds a report and judges it.
func (p *Press) Make(ctx context.Context, o reports.Order) (*reports.Made, error) {
	in, err := p.input(o)
	if err != nil {
		return nil, err
	}
	settings := p.Settings
	if o.Settings != nil && p.Under != nil && !maps.Equal(o.Settings, settings) {
		if in.Run, in.History, err = p.Under(o.Settings); err != nil {
			return nil, fmt.Errorf("the settings of the run: %w", err)
		}
		settings, in.Samples = o.Settings, nil // what is remembered belongs to the settings of today
	}
	r, err := report.Build(ctx, in)
	if err != nil {
		return nil, err
	}
	m := &reports.Made{Hash: r.At.Hash, Finding: r.Finding, Metrics: map[string]reports.Metric{}, Settings: settings, Moved: r.Differences == nil || r.Differences.Any()}
	m.Alerts = o.Judged
	if o.Judged == nil {
		if m.Alerts, m.Still, err = p.judge(ctx, o, r, in.At.Day); err != nil {
			return nil, err
		}
	}
	for _, a := range m.Alerts {
		r.Alerts = append(r.Alerts, report.Raised(a))
	}
	r.Idle = idle(p.Catalogue, o.Schedule, Facts(r))
	for name, x := range r.Metrics {
		m.Metrics[name] = reports.Metric(x)
	}
	var text bytes.Buffer
	if err := report.Write(ctx, &text, "json", r); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text.Bytes())
	m.Digest = hex.EncodeToString(sum[:])
	m.Files = func(ctx context.Context, forms []string) ([]reports.File, error) { return files(ctx, r, forms) }
	return m, nil
}

func files(ctx context.Context, r *report.Report, forms []string) ([]reports.File, error) {
	list := make([]reports.File, 0, len(forms))
	for _, name := range forms {
		f, err := report.FindFormat(name)
		if err != nil {
			return nil, err
		}
		var body bytes.Buffer
		if err := report.Write(ctx, &body, name, r); err != nil {
			return nil, fmt.Errorf("write the report as %s: %w", name, err)
		}
		list = append(list, reports.File{Name: r.FileName(f), ContentType: f.ContentType, Body: body.Bytes()})
	}
	return list, nil
}

// input is the order as package report takes it.
func (p *Press) input(o reports.Order) (report.Input, error) {
	s := o.Schedule
	day, err := s.Day(o.Slot)
	if err != nil {
		return report.Input{}, err
	}
	in := report.Input{
		Run: p.Run, Catalogue: p.Catalogue, Names: report.NamesOf(p.Graphs), Name: s.Name, Title: s.Title, Note: s.Note,
		Scenario: func(_ context.Context, name string) (*scenario.Scenario, error) {
			if x := o.Scenarios[name]; x != nil {
				return x, nil
			}
			return nil, fmt.Errorf("the run does not hold the scenario %s: %w", name, graph.ErrNotFound)
		},
		Tolerance: report.Tolerance{Percent: s.Tolerance.Percent, Amount: s.Tolerance.Amount},
		At:        report.Point{Day: day, Revision: o.Revision},
		History:   p.History, Samples: &p.samples, Workers: p.Workers, Version: o.Version,
	}
	if o.Since != nil {
		before, err := s.Day(o.Since.Slot)
		if err != nil {
			return report.Input{}, err
		}
		in.Before = &report.Point{Day: before, Revision: o.Since.Revision, Run: o.Since.Run}
	}
	for _, a := range s.Asks {
		in.Asks = append(in.Asks, report.Ask(a))
	}
	return in, nil
}

// judge finds the alerts of a report. A rule that cannot be judged is an alert as
// well: somebody should look.
func (p *Press) judge(ctx context.Context, o reports.Order, r *report.Report, day graph.Date) (raised []reports.Raised, still []string, err error) {
	rules := make([]*alert.Program, len(o.Schedule.Alerts))
	for i, a := range o.Schedule.Alerts {
		if rules[i], err = Compile(p.Catalogue, o.Schedule, a); err != nil {
			return nil, nil, err
		}
	}
	verdicts, still := alert.Judge(ctx, rules, Facts(r), day, o.Acknowledged)
	raised = []reports.Raised{}
	for i, v := range verdicts {
		if v.Err != nil {
			if ctx.Err() != nil {
				return nil, nil, ctx.Err()
			}
			x := reports.Raised{Name: v.Rule, Title: o.Schedule.Alerts[i].Title, Text: v.Note(), Key: v.Rule + "/error"}
			x.Acknowledged = slices.Contains(o.Acknowledged, x.Key)
			raised = append(raised, x)
			continue
		}
		for k, x := range v.Raised {
			text := x.Text
			if note := v.Note(); k == len(v.Raised)-1 && note != "" {
				text += " " + note
			}
			raised = append(raised, reports.Raised{Name: x.Rule, Title: x.Title, Text: text, Key: x.Key, Muted: x.Muted, Acknowledged: x.Acknowledged})
		}
	}
	return raised, still, nil
}

// idle are the rules of a schedule that look for what is not there. One that does
// not compile has none: a report is made again with the alerts that it had.
func idle(c queries.Catalogue, s *reports.Schedule, facts alert.Input) []report.Idle {
	var list []report.Idle
	for _, a := range s.Alerts {
		rule, err := Compile(c, s, a)
		if err != nil {
			continue
		}
		for _, x := range alert.LookedAtNothing([]*alert.Program{rule}, facts) {
			list = append(list, report.Idle{Name: x.Rule, Text: x.Text})
		}
	}
	return list
}

// Idle tells which rules of a schedule would look for what is not there, in a
// report of now. Only the asks that rules look at are asked; one that cannot be
// answered is an error.
func (p *Press) Idle(ctx context.Context, s *reports.Schedule, scenarios map[string]*scenario.Scenario, now time.Time) ([]report.Idle, error) {
	used := map[string]bool{}
	for _, a := range s.Alerts {
		rule, err := Compile(p.Catalogue, s, a)
		if err != nil {
			return nil, err
		}
		for _, ask := range rule.Asks() {
			used[ask] = true
		}
	}
	in, err := p.input(reports.Order{Schedule: s, Slot: now, Scenarios: scenarios})
	if err != nil {
		return nil, err
	}
	if len(used) == 0 {
		revision, err := p.Revision(ctx)
		if err != nil {
			return nil, err
		}
		names, err := in.Names(ctx, revision)
		return idle(p.Catalogue, s, alert.Input{Names: names}), err
	}
	in.Asks = slices.DeleteFunc(asksOf(p.Catalogue, s), func(a report.Ask) bool { return !used[a.Name] })
	in.History, in.Samples = graph.Date{}, nil
	r, err := report.Build(ctx, in)
	if err != nil {
		return nil, err
	}
	return idle(p.Catalogue, s, Facts(r)), nil
}

// asksOf are the asks of a schedule, the whole library where it names none.
func asksOf(c queries.Catalogue, s *reports.Schedule) []report.Ask {
	asks := make([]report.Ask, 0, len(s.Asks))
	for _, x := range s.Asks {
		asks = append(asks, report.Ask(x))
	}
	if len(asks) == 0 {
		asks = report.Library(c)
	}
	return asks
}

// Compile compiles an alert against the asks of its schedule.
func Compile(c queries.Catalogue, s *reports.Schedule, a reports.Alert) (*alert.Program, error) {
	asks := asksOf(c, s)
	shapes := make([]alert.Shape, 0, len(asks))
	for _, x := range asks {
		found, err := c.Find(x.Analysis)
		if err != nil {
			return nil, err
		}
		shapes = append(shapes, alert.Shape{Name: x.Name, Analysis: found})
	}
	return alert.Compile(alert.Rule{Name: a.Name, Title: a.Title, When: a.When, Mute: alert.Mute(a.Mute)}, shapes)
}

// Facts are a report as rules see it.
func Facts(r *report.Report) alert.Input {
	in := alert.Input{First: r.Differences == nil, Names: r.Names()}
	for _, a := range r.Answers {
		in.Answers = append(in.Answers, alert.Answer{Ask: a.Ask.Name, Result: a.Result, Before: a.Before, Delta: a.Delta})
	}
	if r.Differences == nil {
		return in
	}
	for _, l := range r.Differences.Loops {
		in.Loops = append(in.Loops, alert.Loop{
			ID: l.ID, Change: l.Change, Kind: l.Kind, Reason: l.Reason, Ring: l.Ring, Legs: l.Legs,
			Bottleneck: l.After, BottleneckBefore: l.Before, AtMost: l.AtMostAfter, AtMostBefore: l.AtMostBefore,
		})
	}
	for _, l := range r.Differences.Legs {
		in.Legs = append(in.Legs, alert.Leg{
			ID: l.ID, Change: l.Change, Payer: l.Payer, Payee: l.Payee, Kind: l.Kind,
			StateBefore: l.StateBefore, StateAfter: l.StateAfter, Amount: l.Is, AmountBefore: l.Was, Reason: l.Reason,
		})
	}
	for _, s := range r.Differences.Sources {
		in.Sources = append(in.Sources, alert.Source(s))
	}
	return in
}

// Post delivers; it is a reports.Sender.
type Post struct {
	Sender *deliver.Sender
	Secret func(name string) string // the value of an environment variable
}

// Send delivers the parcel, once.
func (p *Post) Send(ctx context.Context, to reports.Recipient, x reports.Parcel) error {
	r := deliver.Recipient{Name: to.Name, Kind: to.Kind, Path: to.Path, URL: to.URL, To: to.To, Body: to.Body, Entries: to.Entries}
	for _, name := range to.Secrets {
		secret := p.Secret(name)
		if secret == "" {
			return fmt.Errorf("the environment variable %s, which holds a secret of recipient %s, is not set", name, to.Name)
		}
		r.Secrets = append(r.Secrets, deliver.Secret(secret))
	}
	parcel := deliver.Parcel{Key: x.Key, Subject: x.Subject, Finding: x.Finding, Alerts: x.Alerts, At: x.At}
	if x.Notice != nil {
		n := deliver.Notice(*x.Notice)
		parcel.Notice = &n
	}
	for _, f := range x.Files {
		parcel.Files = append(parcel.Files, deliver.File(f))
	}
	return p.Sender.Send(ctx, r, parcel)
}

// Next is when to try again.
func (p *Post) Next(key string, attempt int, at time.Time, err error) (time.Time, bool) {
	return deliver.Next(key, attempt, at, err)
}
