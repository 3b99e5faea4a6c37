package reports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
)

// errClaimed says that a slot is somebody else's.
var errClaimed = errors.New("the slot is claimed")

// plan says what becomes of slots that are due, the oldest first: which are
// skipped, and which runs next; the zero time for none. A slot that is not late is
// never skipped, and makes up for those that are where only one is to run.
func plan(policy MissedPolicy, due []time.Time, now time.Time) (skip []time.Time, run time.Time) {
	late := 0
	for late < len(due) && now.Sub(due[late]) > grace {
		late++
	}
	first := 0 // that runs
	switch {
	case policy == MissedOnce && late == len(due):
		first = max(late-1, 0)
	case policy != MissedEach:
		first = late
	}
	if first == len(due) {
		return due, time.Time{}
	}
	return due[:first], due[first]
}

// begin starts what is due of a schedule: a run that somebody left, one that was
// asked for, or a slot.
func (l *loop) begin(ctx context.Context, e *planned, now time.Time) {
	var work func(context.Context) (*openRun, state, error)
	i := slices.IndexFunc(e.opened(), func(o *openRun) bool { return o.record == nil && !o.busy })
	found := e.found
	switch {
	case i >= 0:
		name := e.opened()[i].name
		work = func(ctx context.Context) (*openRun, state, error) { return l.execute(ctx, e.name, found, name) }
	case len(e.manual) > 0:
		document := e.manual[0]
		q := e.asked[document]
		e.manual = e.manual[1:]
		delete(e.asked, document)
		work = func(ctx context.Context) (*openRun, state, error) { return l.manual(ctx, e, found, document, q) }
	case e.paused():
		work = func(ctx context.Context) (o *openRun, st state, err error) { //nolint:unparam // one of several that give a run
			st, err = l.store.change(ctx, e.name, func(s *state) error { s.From = later(s.From, now.UTC()); return nil })
			return o, st, err
		}
	default:
		from := later(e.from, e.state.From)
		due, more := e.slots.Between(from, now, catchUp)
		skip, run := plan(found.Missed, due, now)
		work = func(ctx context.Context) (*openRun, state, error) {
			return l.slot(ctx, e, found, from, skip, run, more)
		}
	}
	e.busy = true
	l.making++
	l.goDo(func() func() {
		o, st, err := work(ctx)
		return func() {
			l.making--
			e.busy = false
			switch {
			case err == nil || errors.Is(err, errClaimed):
				e.state, e.touched = st, l.o.Clock.Now()
			case errors.Is(err, graph.ErrConflict): // another server makes it
				e.after = l.o.Clock.Now().Add(retryAfter)
				l.reload = time.Time{}
			default:
				e.after = l.o.Clock.Now().Add(retryAfter)
				l.fail(ctx, "a run could not be made and is tried again", fmt.Errorf("schedule %s: %w", e.name, err))
			}
			if o != nil {
				if last := e.open[o.name]; last != nil {
					o.under = last.under // they come back later
				}
				e.open[o.name] = o
			}
			e.opened()
			if e.slots != nil {
				e.next = e.slots.Next(later(e.from, e.state.From))
			}
		}
	})
}

// slot claims a slot and makes its run; the skipped ones are recorded.
func (l *loop) slot(ctx context.Context, e *planned, f *Found, from time.Time, skip []time.Time, run time.Time, more int) (*openRun, state, error) {
	now := l.o.Clock.Now().UTC()
	first := max(0, len(skip)-f.Keep)
	for i, slot := range skip[first:] {
		why := "it could not start in time, and the schedule skips slots that were missed"
		if n := more + first; i == 0 && n > 0 {
			why += fmt.Sprintf("; so were %d before it", n)
		}
		name := runName(slot, false)
		k := kept[Run]{value: Run{
			ID: runID(e.name, name), Schedule: e.name, Slot: slot, Started: now, Ended: now, Outcome: Skipped, Error: why,
			Version: l.o.Version, Declared: f.Text, Alerts: []Raised{}, Deliveries: []Delivery{},
		}}
		if err := l.store.putRun(ctx, &k); err != nil && !errors.Is(err, graph.ErrConflict) {
			return nil, state{}, err
		}
	}
	name := runName(run, false)
	st, err := l.store.change(ctx, e.name, func(s *state) error {
		if s.Cron != f.Cron || s.Zone != f.TimeZone || s.Gone {
			s.adopt(f, later(s.From, from))
		}
		to := run
		if run.IsZero() {
			to = skip[len(skip)-1]
		}
		if !to.After(s.From) || s.Paused != nil && *s.Paused {
			return errClaimed
		}
		s.From = to
		if len(skip) > 0 {
			s.count(Skipped, len(skip)+more)
		}
		if !run.IsZero() {
			s.Open = append(s.Open, name)
			s.Runs++
		}
		return nil
	})
	if err != nil || run.IsZero() {
		return nil, st, err
	}
	return l.execute(ctx, e.name, f, name)
}

// manual claims a run that was asked for and makes it.
func (l *loop) manual(ctx context.Context, e *planned, f *Found, document string, q request) (*openRun, state, error) {
	st, err := l.store.change(ctx, e.name, func(s *state) error {
		if slices.Contains(s.Open, q.Run) {
			return errClaimed
		}
		if s.From.IsZero() && f != nil {
			s.Cron, s.Zone, s.From = f.Cron, f.TimeZone, l.o.Clock.Now().UTC()
		}
		s.Open = append(s.Open, q.Run)
		s.Runs++
		return nil
	})
	if err != nil && !errors.Is(err, errClaimed) {
		return nil, st, err
	}
	if err := l.store.answered(ctx, document); err != nil {
		return nil, st, err
	}
	return l.execute(ctx, e.name, f, q.Run)
}

// slotOf reads the slot part of an id.
func slotOf(name string) (slot time.Time, manual bool, err error) {
	stem, manual := strings.CutSuffix(name, "-manual")
	layout := "20060102t1504z"
	if manual {
		layout = "20060102t150405z"
	}
	slot, err = time.Parse(layout, stem)
	return slot, manual, err
}

// execute makes a run that is claimed, or goes on where another server left it,
// until its deliveries are noted.
func (l *loop) execute(ctx context.Context, schedule string, f *Found, name string) (*openRun, state, error) {
	k, err := l.store.run(ctx, schedule, name)
	if err != nil {
		return nil, state{}, err
	}
	var made *Made
	if k.version == 0 {
		if f == nil { // the schedule went before its run began
			st, err := l.settle(ctx, schedule, name, nil)
			return nil, st, err
		}
		if k.value, err = l.beginRun(ctx, schedule, f, name); err != nil {
			return nil, state{}, err
		}
	}
	if k.value.Outcome == Running || k.version == 0 {
		// To write it is to own it: whoever had it before finds a later version.
		if err := l.store.putRun(ctx, &k); err != nil {
			return nil, state{}, err
		}
		if made, err = l.makeRun(ctx, &k.value); err != nil {
			return nil, state{}, err
		}
		if err := l.store.putRun(ctx, &k); err != nil {
			return nil, state{}, err
		}
	}
	st, err := l.settle(ctx, schedule, name, &k.value)
	if err != nil {
		return nil, st, err
	}
	if f != nil && st.Runs%forgetEvery == 0 {
		if err := l.store.forget(ctx, schedule, f.Keep, st.Open); err != nil {
			l.fail(ctx, "old runs could not be deleted", err)
		}
	}
	if k.value.pending() == 0 {
		return nil, st, nil
	}
	return &openRun{name: name, record: newRecord(k, made), under: map[string]bool{}}, st, nil
}

// settle notes in the state what a run has come to, and closes it when nothing is
// left to do.
func (l *loop) settle(ctx context.Context, schedule, name string, run *Run) (state, error) {
	return l.store.change(ctx, schedule, func(s *state) error {
		if run != nil && run.Outcome == Done && !run.Manual && (s.Last == nil || s.Last.Slot.Before(run.Slot)) {
			s.Last = &Since{Run: run.ID, Slot: run.Slot, Revision: run.Revision}
		}
		if run != nil {
			s.judge(run)
		}
		if run == nil || run.pending() == 0 {
			s.Open = slices.DeleteFunc(s.Open, func(x string) bool { return x == name })
		}
		return nil
	})
}

// beginRun is a run with its inputs.
func (l *loop) beginRun(ctx context.Context, schedule string, f *Found, name string) (Run, error) {
	slot, manual, err := slotOf(name)
	if err != nil {
		return Run{}, fmt.Errorf("the run %s of %s: %w", name, schedule, err)
	}
	run := Run{
		ID: runID(schedule, name), Schedule: schedule, Slot: slot, Manual: manual, Started: l.o.Clock.Now().UTC(), Outcome: Running,
		Version: l.o.Version, Declared: f.Text, Alerts: []Raised{}, Deliveries: []Delivery{},
	}
	st, err := read[state](ctx, l.store, stateKind, schedule)
	if err != nil {
		return run, err
	}
	run.Since = st.value.Last
	if run.Revision, err = l.o.Maker.Revision(ctx); err != nil {
		return run, err
	}
	run.Scenarios, err = scenariosOf(ctx, f.Schedule, l.o.Scenario)
	if errors.Is(err, graph.ErrNotFound) || err != nil && l.o.Scenario == nil {
		run.Error = strings.TrimSuffix(err.Error(), ": "+graph.ErrNotFound.Error()) // the run fails with it
		return run, nil
	}
	return run, err
}

// makeRun makes the report of a run and notes its outcome and deliveries. Its
// error is one that another try may not have.
func (l *loop) makeRun(ctx context.Context, run *Run) (*Made, error) {
	var made *Made
	err := errors.New(run.Error)
	if run.Error == "" {
		var o Order
		var acknowledged kept[[]Acknowledgement]
		if acknowledged, err = l.store.acknowledged(ctx, run.Schedule); err != nil {
			return nil, err
		}
		if o, err = run.order(); err == nil {
			for _, a := range acknowledged.value {
				o.Acknowledged = append(o.Acknowledged, a.Key)
			}
			within, cancel := context.WithTimeout(ctx, l.o.Timeout)
			made, err = l.tryMake(within, o)
			cancel()
		}
		if err == nil && !run.Manual {
			l.cease(ctx, run.Schedule, acknowledged, made.Still)
		}
	}
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err() // the server stops; whoever leads next makes it
	}
	run.Ended = l.o.Clock.Now().UTC()
	st, bad := read[state](ctx, l.store, stateKind, run.Schedule)
	if bad != nil {
		return nil, bad
	}
	if err != nil {
		run.Outcome, run.Error = Failed, l.withoutSecrets(err.Error())
		l.o.Logger.ErrorContext(ctx, "a report could not be made", "run", run.ID, "error", run.Error)
		tellFailed(run, st.value.Failing)
		return nil, nil
	}
	run.Outcome, run.Hash, run.Digest, run.Finding, run.Settings = Done, made.Hash, made.Digest, made.Finding, made.Settings
	if err := l.store.putFigures(ctx, run, made.Metrics); err != nil {
		return nil, err
	}
	if made.Alerts != nil {
		run.Alerts = made.Alerts
	}
	loud := slices.ContainsFunc(run.Alerts, func(a Raised) bool { return a.Muted == "" && !a.Acknowledged })
	s, err := ParseSchedule(run.Schedule, run.Declared)
	if err != nil {
		return nil, err // not reached: the order was made of it
	}
	for _, x := range s.Recipients {
		d := Delivery{Recipient: x.Name, Key: run.ID + "." + x.Name, State: Pending, Next: run.Ended}
		if x.Only == "changes" && !made.Moved || x.Only == "alerts" && !loud {
			d.State, d.Next = NotDue, time.Time{}
		}
		run.Deliveries = append(run.Deliveries, d)
	}
	tellRecovered(run, s, st.value.Failing)
	return made, nil
}

// cease forgets what was acknowledged and is not so any more: when it comes
// again it is new. A write that another makes meanwhile goes before.
func (l *loop) cease(ctx context.Context, schedule string, k kept[[]Acknowledgement], still []string) {
	n := len(k.value)
	k.value = slices.DeleteFunc(slices.Clone(k.value), func(a Acknowledgement) bool { return !slices.Contains(still, a.Key) })
	if len(k.value) == n {
		return
	}
	if err := write(ctx, l.store, acknowledgedKind+schedule, acknowledgedName, &k); err != nil && !errors.Is(err, graph.ErrConflict) {
		l.fail(ctx, "acknowledgements could not be written", err)
	}
}

// tryMake makes a report, twice more where that may help.
func (l *loop) tryMake(ctx context.Context, o Order) (*Made, error) {
	waits := []time.Duration{2 * time.Second, 10 * time.Second}
	for i := 0; ; i++ {
		made, err := l.o.Maker.Make(ctx, o)
		var bad queries.ArgumentErrors
		if err == nil || i == len(waits) || ctx.Err() != nil || errors.As(err, &bad) || errors.Is(err, queries.ErrUnknownAnalysis) {
			return made, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-l.o.Clock.After(waits[i]):
		}
	}
}
