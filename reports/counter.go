package reports

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
)

// RunNow asks for a run beside the slots and gives its id. Whoever leads makes it.
func (r *Runner) RunNow(ctx context.Context, schedule string) (string, error) {
	f, err := r.o.Book.Get(ctx, schedule)
	if err != nil {
		return "", err
	}
	if f.Err != nil {
		return "", f.Err
	}
	now := r.o.Clock.Now().UTC()
	name := runName(now, true)
	if err := r.store.ask(ctx, request{Do: doRun, Schedule: schedule, Run: name, At: now}); err != nil {
		return "", err
	}
	r.wakeUp()
	return runID(schedule, name), nil
}

// Pause stops the slots of a schedule, or lets them come again from now on.
func (r *Runner) Pause(ctx context.Context, schedule string, paused bool) error {
	if _, err := r.o.Book.Get(ctx, schedule); err != nil {
		return err
	}
	_, err := r.store.change(ctx, schedule, func(s *state) error {
		if s.Paused != nil && *s.Paused && !paused || s.From.IsZero() {
			s.From = later(s.From, r.o.Clock.Now().UTC())
		}
		s.Paused = &paused
		return nil
	})
	r.wakeUp()
	return err
}

// Resend asks that the deliveries of a run that were given up be made again, or
// that to one recipient in whatever state it is, by Delivery.Name; and tells how
// many.
func (r *Runner) Resend(ctx context.Context, id, recipient string) (int, error) {
	run, err := r.Find(ctx, id)
	if err != nil {
		return 0, err
	}
	n := 0
	var there []string
	for _, d := range run.Deliveries {
		there = append(there, d.Name())
		if run.means(recipient, d) {
			n++
		}
	}
	if n == 0 && recipient != "" {
		return 0, graph.NotFound("run %s has no recipient %q; it has %v", id, shown(recipient), there)
	}
	if n == 0 {
		return 0, nil
	}
	_, name, _ := splitRunID(id)
	if err := r.store.ask(ctx, request{Do: doResend, Schedule: run.Schedule, Run: name, Recipient: recipient, At: r.o.Clock.Now().UTC()}); err != nil {
		return 0, err
	}
	r.wakeUp()
	return n, nil
}

// Find is the run of that id, graph.ErrNotFound when there is none.
func (r *Runner) Find(ctx context.Context, id string) (Run, error) {
	schedule, name, ok := splitRunID(id)
	if ok {
		k, err := r.store.run(ctx, schedule, name)
		if err != nil || k.version > 0 {
			return k.value, err
		}
	}
	return Run{}, graph.NotFound("no run has the id %q", shown(id))
}

// Runs are the runs of a schedule, the latest first.
func (r *Runner) Runs(ctx context.Context, schedule string) ([]Run, error) {
	if err := graph.CheckDocumentName(runKind+schedule, "x"); err != nil {
		return nil, graph.NotFound("no schedule is named %q", shown(schedule))
	}
	return r.store.runs(ctx, schedule)
}

// Figures are the metrics of a run, empty where it has none.
func (r *Runner) Figures(ctx context.Context, id string) (map[string]Metric, error) {
	schedule, name, ok := splitRunID(id)
	if !ok {
		return nil, graph.NotFound("no run has the id %q", shown(id))
	}
	k, err := read[map[string]Metric](ctx, r.store, figuresKind+schedule, name)
	return k.value, err
}

// Replay makes the report of a run again. Where that is not what it was, its
// files are those that are kept for a recipient that has not taken them.
func (r *Runner) Replay(ctx context.Context, id string) (*Made, error) {
	run, err := r.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	made, err := Replay(ctx, r.o.Maker, run)
	if err == nil || len(run.Kept) == 0 || ctx.Err() != nil {
		return made, err
	}
	p := newPages(r.store, r.o.Maker, nil, 0, run, nil)
	p.gone = err
	return &Made{Hash: run.Hash, Digest: run.Digest, Finding: run.Finding, Alerts: run.Alerts, Files: p.files}, nil
}

// Paused tells whether the slots of a schedule are stopped.
func (r *Runner) Paused(ctx context.Context, f Found) (bool, error) {
	k, err := read[state](ctx, r.store, stateKind, f.ID)
	if err != nil || k.value.Paused == nil {
		return f.Err == nil && f.Paused, err
	}
	return *k.value.Paused, nil
}

// Acknowledged are the alerts of a schedule of which somebody has taken note, in
// that order, until they cease.
func (r *Runner) Acknowledged(ctx context.Context, schedule string) ([]Acknowledgement, error) {
	k, err := r.store.acknowledged(ctx, schedule)
	return k.value, err
}

// Acknowledge notes that somebody has taken note of an alert of a schedule, by
// its key. It is graph.ErrNotFound when the latest runs did not raise it.
func (r *Runner) Acknowledge(ctx context.Context, schedule, key, note string) error {
	runs, err := r.Runs(ctx, schedule)
	if err != nil {
		return err
	}
	if len(runs) == 0 { // perhaps there is no such schedule
		if _, err := r.o.Book.Get(ctx, schedule); err != nil {
			return err
		}
	}
	const latest = 50
	raised := func(run Run) bool {
		return slices.ContainsFunc(run.Alerts, func(a Raised) bool { return a.Key == key })
	}
	if !slices.ContainsFunc(runs[:min(len(runs), latest)], raised) {
		return graph.NotFound("no alert with the key %q was raised by the latest runs of %s", shown(key), schedule)
	}
	for {
		k, err := r.store.acknowledged(ctx, schedule)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(k.value, func(a Acknowledgement) bool { return a.Key == key }) {
			return nil
		}
		k.value = append(slices.Clone(k.value), Acknowledgement{Key: key, Note: note, At: r.o.Clock.Now().UTC()})
		err = write(ctx, r.store, acknowledgedKind+schedule, acknowledgedName, &k)
		if !errors.Is(err, graph.ErrConflict) {
			return err
		}
	}
}

// Totals are what became of all slots that were ever due, runs by hand not
// counted, and how each schedule stands.
type Totals struct {
	Slots     map[Outcome]int
	Schedules []Standing // those that there are, by name
}

// Standing is how a schedule stands.
type Standing struct {
	Name    string
	Last    time.Time // the latest slot whose report was made, zero for none
	Failing int       // slots that failed since
}

// Totals counts the slots. Outcomes of slots before a program that counts them
// are not in it.
func (r *Runner) Totals(ctx context.Context) (Totals, error) {
	states, err := r.store.states(ctx)
	if err != nil {
		return Totals{}, err
	}
	t := Totals{Slots: map[Outcome]int{}}
	for name, s := range states {
		for outcome, n := range s.Outcomes {
			t.Slots[outcome] += n
		}
		if s.Gone {
			continue
		}
		x := Standing{Name: name}
		if s.Last != nil {
			x.Last = s.Last.Slot
		}
		if s.Failing != nil {
			x.Failing = s.Failing.Slots
		}
		t.Schedules = append(t.Schedules, x)
	}
	slices.SortFunc(t.Schedules, func(a, b Standing) int { return strings.Compare(a.Name, b.Name) })
	return t, nil
}
