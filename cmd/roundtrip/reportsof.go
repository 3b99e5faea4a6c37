package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/reports"
	"roundtrip/server"
)

// reportsOf is the schedules of an office for a server.
type reportsOf struct{ office *office }

// Keys are the keys of a schedule.
func (r reportsOf) Keys() []scenario.Key { return reports.Head() }

// Formats are the forms of a report.
func (r reportsOf) Formats() []string { return reports.Forms() }

// Schedules are all schedules by name.
func (r reportsOf) Schedules(ctx context.Context) ([]server.Schedule, error) {
	found, err := r.office.book.List(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]server.Schedule, len(found))
	for i, f := range found {
		if list[i], err = r.info(ctx, f); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (r reportsOf) info(ctx context.Context, f reports.Found) (server.Schedule, error) {
	x := server.Schedule{Name: f.ID, Origin: f.Origin, Version: f.Version, Text: f.Text, Next: []time.Time{}}
	if f.Origin == reports.Saved && f.Version > 0 {
		at := f.At.UTC()
		x.At = &at
	}
	if f.Err != nil {
		text := f.Err.Error()
		x.Fault = &text
		return x, nil
	}
	x.Title, x.Note, x.Cron, x.TimeZone, x.Missed = f.Title, f.Note, f.Cron, f.TimeZone, string(f.Missed)
	if x.TimeZone == "" {
		x.TimeZone = "UTC"
	}
	next, err := reports.NextRuns(f.Schedule, time.Now(), nextShown)
	if err != nil {
		return x, err
	}
	for _, at := range next {
		x.Next = append(x.Next, at.UTC())
	}
	x.Paused, err = r.office.runner.Paused(ctx, f)
	return x, err
}

// CheckSchedule judges a text and tells what it would be.
func (r reportsOf) CheckSchedule(ctx context.Context, text []byte) (server.Schedule, error) {
	checker := r.office.checker
	checker.More = r.office.allowed.check
	s, err := reports.ReadSchedule(ctx, "", text, checker)
	if err != nil {
		return server.Schedule{}, err
	}
	return r.info(ctx, reports.Found{Schedule: s, ID: s.Name, Origin: reports.Saved, Text: text})
}

// SaveSchedule keeps a text under the name that stands in it.
func (r reportsOf) SaveSchedule(ctx context.Context, text []byte, base *uint64) (server.Schedule, error) {
	if _, err := r.CheckSchedule(ctx, text); err != nil {
		return server.Schedule{}, err
	}
	f, err := r.office.book.Save(ctx, "", text, base, time.Now().UTC())
	if err != nil {
		return server.Schedule{}, err
	}
	r.office.runner.Changed()
	return r.info(ctx, f)
}

// DeleteSchedule takes a saved schedule away.
func (r reportsOf) DeleteSchedule(ctx context.Context, name string, base *uint64) (server.Schedule, error) {
	f, err := r.office.book.Delete(ctx, name, base)
	if err != nil {
		return server.Schedule{}, err
	}
	r.office.runner.Changed()
	return r.info(ctx, f)
}

// PauseSchedule stops the slots of a schedule, or lets them come again.
func (r reportsOf) PauseSchedule(ctx context.Context, name string, paused bool) error {
	return r.office.runner.Pause(ctx, name, paused)
}

// RunSchedule asks for a run now.
func (r reportsOf) RunSchedule(ctx context.Context, name string) (string, error) {
	return r.office.runner.RunNow(ctx, name)
}

// Acknowledge takes note of an alert.
func (r reportsOf) Acknowledge(ctx context.Context, schedule, key, note string) error {
	return r.office.runner.Acknowledge(ctx, schedule, key, note)
}

// Acknowledged are the alerts of which note was taken.
func (r reportsOf) Acknowledged(ctx context.Context, schedule string) ([]server.Acknowledged, error) {
	list, err := r.office.runner.Acknowledged(ctx, schedule)
	noted := make([]server.Acknowledged, len(list))
	for i, a := range list {
		noted[i] = server.Acknowledged(a)
	}
	return noted, err
}

// Runs are the runs of a schedule.
func (r reportsOf) Runs(ctx context.Context, schedule string) ([]server.ReportRun, error) {
	runs, err := r.office.runner.Runs(ctx, schedule)
	if err != nil {
		return nil, err
	}
	list := make([]server.ReportRun, len(runs))
	for i, run := range runs {
		list[i] = runOf(run)
	}
	return list, nil
}

// Run is the run of that id.
func (r reportsOf) Run(ctx context.Context, id string) (server.ReportRun, error) {
	run, err := r.office.runner.Find(ctx, id)
	return runOf(run), err
}

func runOf(r reports.Run) server.ReportRun {
	x := server.ReportRun{
		ID: r.ID, Schedule: r.Schedule, Slot: r.Slot, Manual: r.Manual, Started: r.Started, Ended: known(r.Ended), Outcome: string(r.Outcome),
		Error: given(r.Error), Version: r.Version, Revision: r.Revision, Hash: r.Hash, Digest: r.Digest, Finding: r.Finding,
		Alerts: []server.ReportAlert{}, Deliveries: []server.ReportDelivery{},
	}
	if r.Since != nil {
		x.Since = &r.Since.Run
	}
	for _, a := range r.Alerts {
		x.Alerts = append(x.Alerts, server.ReportAlert{Name: a.Name, Title: a.Title, Text: a.Text, Key: a.Key, Muted: given(a.Muted), Acknowledged: a.Acknowledged})
	}
	for _, d := range r.Deliveries {
		x.Deliveries = append(x.Deliveries, server.ReportDelivery{
			Recipient: d.Recipient, Key: d.Key, State: d.State, Attempts: d.Attempts, Next: known(d.Next), At: known(d.At), Error: given(d.Error), Notice: given(d.Notice),
		})
	}
	return x
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Report is the report of a run, made again.
func (r reportsOf) Report(ctx context.Context, id, format string) (contentType, name string, body []byte, err error) {
	made, err := r.office.runner.Replay(ctx, id)
	if errors.Is(err, reports.ErrDiffers) || errors.Is(err, reports.ErrNoReport) {
		return "", "", nil, fmt.Errorf("%w: %w", server.ErrNotReplayed, err)
	}
	if err != nil {
		return "", "", nil, err
	}
	files, err := made.Files(ctx, []string{format})
	if err != nil {
		return "", "", nil, err
	}
	if len(files) != 1 {
		return "", "", nil, graph.NotFound("the report of %s has %d files in the form %s", id, len(files), format)
	}
	return files[0].ContentType, files[0].Name, files[0].Body, nil
}

// Totals are what became of slots.
func (r reportsOf) Totals(ctx context.Context) (server.ReportTotals, error) {
	t, err := r.office.runner.Totals(ctx)
	x := server.ReportTotals{Outcomes: map[string]int{}}
	for _, o := range []reports.Outcome{reports.Done, reports.Failed, reports.Skipped} {
		x.Outcomes[string(o)] = t.Slots[o]
	}
	for _, s := range t.Schedules {
		x.Schedules = append(x.Schedules, server.ReportStanding(s))
	}
	return x, err
}

// Resend delivers again.
func (r reportsOf) Resend(ctx context.Context, id, recipient string) (int, error) {
	return r.office.runner.Resend(ctx, id, recipient)
}
