package reports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"roundtrip/graph"
)

// record is a run whose deliveries are made. Several couriers may be under way;
// what became of each is written on its own, one after another.
type record struct {
	then  *Schedule // as it was for the run, nil where that cannot be read any more
	bad   error     // why
	pages *pages    // while couriers are under way; the loop's
	made  *Made     // until the first courier is under way; the loop's
	out   int       // couriers under way; the loop's

	at atomic.Pointer[kept[Run]] // as it was written last; what it points to is not changed

	mu  sync.Mutex // held to write the run
	err error      // it could not be written: it has to be read again
}

func newRecord(k kept[Run], made *Made) *record {
	r := &record{made: made}
	r.then, r.bad = ParseSchedule(k.value.Schedule, k.value.Declared)
	r.at.Store(&k)
	return r
}

// run is the run as it was written last.
func (r *record) run() *Run { return &r.at.Load().value }

// finish closes a run of which nothing is left to do.
func (l *loop) finish(ctx context.Context, e *planned, o *openRun) {
	o.busy = true
	l.closing++
	run := o.record.run()
	l.goDo(func() func() {
		st, err := l.settle(ctx, e.name, o.name, run)
		return func() {
			l.closing--
			o.busy = false
			if err != nil {
				o.after, o.record = l.o.Clock.Now().Add(retryAfter), nil
				l.fail(ctx, "a run could not be closed", fmt.Errorf("run %s: %w", run.ID, err))
				return
			}
			e.state.Open, e.touched = st.Open, l.o.Clock.Now()
			delete(e.open, o.name)
		}
	})
}

// carry makes one delivery of a run, beside the loop and all other deliveries.
func (l *loop) carry(ctx context.Context, e *planned, o *openRun, d Delivery, to receiver) {
	rec, found := o.record, e.found
	if rec.pages == nil {
		rec.pages = newPages(l.store, l.o.Maker, l.presses, l.o.Timeout, *rec.run(), rec.made)
		rec.made = nil
	}
	report := rec.pages
	rec.out++
	o.under[d.Name()] = true
	l.traffic.add(to, 1)
	l.goDo(func() func() {
		err := l.hand(ctx, found, rec, d, report)
		err = l.note(ctx, found, rec, d, report, err)
		return func() {
			l.traffic.add(to, -1)
			delete(o.under, d.Name())
			if rec.out--; rec.out == 0 {
				rec.pages = nil
			}
			if err == nil || ctx.Err() != nil {
				return
			}
			cur := e.open[o.name]
			if cur == nil || cur.record != rec {
				return // it was read again already
			}
			cur.record = nil // somebody else wrote the run, or nobody can: read it again
			if !errors.Is(err, graph.ErrConflict) {
				cur.after = l.o.Clock.Now().Add(retryAfter)
				l.fail(ctx, "a delivery could not be noted and is made again", fmt.Errorf("run %s: %w", rec.run().ID, err))
			}
		}
	})
}

// note writes what became of a delivery that was sent: with err it failed. The
// error says that it is not written, and then it is sent again with the same key.
func (l *loop) note(ctx context.Context, f *Found, rec *record, sent Delivery, report *pages, err error) error {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if rec.err != nil {
		return rec.err
	}
	k := *rec.at.Load()
	run := k.value
	run.Deliveries = slices.Clone(run.Deliveries)
	if ctx.Err() != nil && err != nil { // the server stops: it is not known whether it arrived, so it is sent again
		l.keepCut(ctx, f, rec, sent, report)
		return ctx.Err()
	}
	d := &run.Deliveries[slices.IndexFunc(run.Deliveries, func(d Delivery) bool { return d.Name() == sent.Name() })]
	if err != nil && d.State != Pending {
		return nil // another server has come further with it
	}
	d.Attempts++
	d.At = l.o.Clock.Now().UTC()
	d.State, d.Next, d.Error = Delivered, time.Time{}, ""
	if err != nil {
		next, again := l.o.Sender.Next(d.Key, d.Attempts, d.At, err)
		d.State, d.Next, d.Error = Pending, next.UTC(), err.Error()
		if !again || errors.Is(err, ErrDiffers) || neverMade(err) {
			d.State, d.Next = Dead, time.Time{}
		}
		l.o.Logger.WarnContext(ctx, "a report was not delivered", "run", run.ID, "recipient", d.Recipient, "attempt", d.Attempts, "state", d.State, "error", err)
		l.keepFor(ctx, f, rec.then, &run, *d, report)
	}
	done := run.Kept
	if run.waiting() {
		done = nil
	} else {
		run.Kept = nil
	}
	k.value = run
	if err := l.store.putRun(context.WithoutCancel(ctx), &k); err != nil {
		rec.err = err
		return err
	}
	rec.at.Store(&k)
	if err := l.store.dropPages(ctx, &run, done); err != nil {
		l.fail(ctx, "a report that is not needed any more could not be deleted", err)
	}
	return nil
}

// keepCut keeps what was being sent when the server was told to stop, as far as it
// is written already: whoever goes on may be another program. The record is held.
func (l *loop) keepCut(ctx context.Context, f *Found, rec *record, sent Delivery, report *pages) {
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	k := *rec.at.Load()
	n := len(k.value.Kept)
	l.keepFor(ctx, f, rec.then, &k.value, sent, report)
	if len(k.value.Kept) == n {
		return
	}
	if err := l.store.putRun(ctx, &k); err != nil {
		rec.err = err
		if !errors.Is(err, graph.ErrConflict) {
			l.fail(ctx, "a report that was being sent is not kept", err)
		}
		return
	}
	rec.at.Store(&k)
}

// waiting tells whether a report of the run was not taken yet, be it given up.
func (r *Run) waiting() bool {
	return slices.ContainsFunc(r.Deliveries, func(d Delivery) bool {
		return d.Notice == "" && (d.State == Pending || d.State == Dead)
	})
}

// keepFor keeps what a recipient did not take, so that the next attempt sends the
// same bytes whatever program and settings are then.
func (l *loop) keepFor(ctx context.Context, f *Found, then *Schedule, run *Run, d Delivery, report *pages) {
	_, forms, ok := addressed(f, then, d.Recipient)
	if d.Notice != "" || !ok {
		return
	}
	var err error
	if run.Kept, err = report.keep(ctx, run, forms); err != nil {
		l.o.Logger.WarnContext(ctx, "a report that was not delivered is not kept; it is made again for the next attempt", "run", run.ID, "recipient", d.Recipient, "error", err)
	}
}

// addressed is the recipient of that name as the schedule has it now, as it had it
// then where it is gone, and the forms that it gets; false where neither has it.
func addressed(f *Found, then *Schedule, name string) (to Recipient, forms []string, ok bool) {
	isIt := func(x Recipient) bool { return x.Name == name }
	s := then
	if f != nil && slices.ContainsFunc(f.Recipients, isIt) {
		s = f.Schedule
	}
	if s == nil {
		return Recipient{}, nil, false
	}
	i := slices.IndexFunc(s.Recipients, isIt)
	if i < 0 {
		return Recipient{}, nil, false
	}
	to, forms = s.Recipients[i], s.Recipients[i].Formats
	if len(forms) == 0 {
		forms = s.Formats
	}
	return to, forms, true
}

// hand makes one delivery of a run.
func (l *loop) hand(ctx context.Context, f *Found, rec *record, d Delivery, report *pages) error {
	run := *rec.run()
	if rec.bad != nil {
		return fmt.Errorf("the schedule of the run %s cannot be read any more: %w", run.ID, rec.bad)
	}
	to, forms, ok := addressed(f, rec.then, d.Recipient)
	if !ok {
		return fmt.Errorf("run %s has no recipient %s", run.ID, d.Recipient)
	}
	if d.Notice != "" {
		p, err := run.notice(rec.then, d)
		if err != nil {
			return err
		}
		return l.o.Sender.Send(ctx, to, p)
	}
	files, err := report.files(ctx, forms)
	if err != nil {
		return err
	}
	p := Parcel{Key: d.Key, Subject: rec.then.Title, Finding: run.Finding, At: run.Slot, Files: files}
	for _, a := range run.Alerts {
		if a.Muted == "" && !a.Acknowledged {
			p.Alerts = append(p.Alerts, a.Title+": "+a.Text)
		}
	}
	return l.o.Sender.Send(ctx, to, p)
}

// resend makes deliveries pending again. rec is the run where it is open here.
func (l *loop) resend(ctx context.Context, e *planned, document string, q request, rec *record) func() {
	st, err := l.again(ctx, q, rec)
	if err == nil {
		err = l.store.answered(ctx, document)
	}
	return func() {
		delete(l.resends, runID(q.Schedule, q.Run))
		if err != nil {
			l.fail(ctx, "a run could not be sent again", fmt.Errorf("run %s of %s: %w", q.Run, q.Schedule, err))
			return
		}
		e.state.Open, e.touched = st.Open, l.o.Clock.Now()
		if o := e.open[q.Run]; o != nil && !o.busy && (rec == nil || o.record != rec) {
			o.record = nil
		}
		e.opened()
	}
}

func (l *loop) again(ctx context.Context, q request, rec *record) (state, error) {
	if rec != nil { // couriers that are under way note what became of theirs after it
		rec.mu.Lock()
		defer rec.mu.Unlock()
	}
	k, err := l.store.run(ctx, q.Schedule, q.Run)
	if err != nil {
		return state{}, err
	}
	k.value.Deliveries = slices.Clone(k.value.Deliveries)
	for i, d := range k.value.Deliveries {
		if k.value.means(q.Recipient, d) {
			d.State, d.Attempts, d.Next, d.Error = Pending, 0, l.o.Clock.Now().UTC(), ""
			k.value.Deliveries[i] = d
		}
	}
	if k.version == 0 || k.value.pending() == 0 {
		st, err := read[state](ctx, l.store, stateKind, q.Schedule)
		return st.value, err
	}
	// First the run: one that is open and has nothing to do is closed. Whoever is
	// killed in between leaves the request, and so this is done again.
	if err := l.store.putRun(ctx, &k); err != nil {
		return state{}, err
	}
	if rec != nil {
		rec.at.Store(&k)
	}
	return l.store.change(ctx, q.Schedule, func(s *state) error {
		if !slices.Contains(s.Open, q.Run) {
			s.Open = append(s.Open, q.Run)
		}
		return nil
	})
}
