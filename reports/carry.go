package reports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"roundtrip/graph"
)

// carry delivers what is due of a run, and closes it when nothing is left.
func (l *loop) carry(ctx context.Context, e *planned, o *openRun) {
	o.busy = true
	l.carrying++
	k, made, found := *o.run, o.made, e.found
	o.made = nil
	k.value.Deliveries = slices.Clone(k.value.Deliveries)
	l.goDo(func() func() {
		err := l.deliver(ctx, found, &k, made)
		var st state
		if err == nil && k.value.pending() == 0 {
			st, err = l.settle(ctx, e.name, o.name, &k.value)
		}
		return func() {
			l.carrying--
			o.busy = false
			switch {
			case err == nil:
				o.run = &k
				if k.value.pending() == 0 {
					e.state.Open, e.touched = st.Open, l.o.Clock.Now()
					delete(e.open, o.name)
				}
			case errors.Is(err, graph.ErrConflict): // somebody else wrote the run: read it again
				o.run = nil
			default:
				o.after = l.o.Clock.Now().Add(retryAfter)
				l.fail(ctx, "deliveries could not be made and are tried again", fmt.Errorf("run %s: %w", k.value.ID, err))
				o.run = nil
			}
		}
	})
}

// deliver makes the deliveries that are due and notes each as soon as it is known
// what became of it.
func (l *loop) deliver(ctx context.Context, f *Found, k *kept[Run], made *Made) error {
	now := l.o.Clock.Now()
	var due []int
	for i, d := range k.value.Deliveries {
		if d.State == Pending && !d.Next.After(now) {
			due = append(due, i)
		}
	}
	if len(due) == 0 {
		return nil
	}
	s, err := ParseSchedule(k.value.Schedule, k.value.Declared)
	if err != nil {
		return err
	}
	run := k.value
	run.Deliveries = slices.Clone(run.Deliveries)
	report := newPages(ctx, l.store, l.o.Maker, run, made)
	type outcome struct {
		at  int
		err error
	}
	results := make(chan outcome, len(due))
	for _, i := range due {
		d := k.value.Deliveries[i]
		go func() { results <- outcome{i, l.hand(ctx, f, s, k.value, d, report)} }()
	}
	var cut []Delivery
	for range due {
		r := <-results
		if ctx.Err() != nil && r.err != nil {
			cut = append(cut, run.Deliveries[r.at])
			continue // the server stops: it is not known whether it arrived, so it is sent again
		}
		d := &run.Deliveries[r.at]
		d.Attempts++
		d.At = l.o.Clock.Now().UTC()
		d.State, d.Next, d.Error = Delivered, time.Time{}, ""
		if r.err != nil {
			next, again := l.o.Sender.Next(d.Key, d.Attempts, d.At, r.err)
			d.State, d.Next, d.Error = Pending, next.UTC(), r.err.Error()
			if !again || errors.Is(r.err, ErrDiffers) {
				d.State, d.Next = Dead, time.Time{}
			}
			l.o.Logger.WarnContext(ctx, "a report was not delivered", "run", run.ID, "recipient", d.Recipient, "attempt", d.Attempts, "state", d.State, "error", r.err)
			l.keepFor(ctx, f, s, &run, *d, report)
		}
		done := run.Kept
		if run.waiting() {
			done = nil
		} else {
			run.Kept = nil
		}
		noted := kept[Run]{run, k.version}
		if err := l.store.putRun(context.WithoutCancel(ctx), &noted); err != nil {
			return err // the others are sent again, with the same keys
		}
		k.version = noted.version
		if err := l.store.dropPages(ctx, &run, done); err != nil {
			l.fail(ctx, "a report that is not needed any more could not be deleted", err)
		}
	}
	if len(cut) > 0 {
		l.keepCut(ctx, f, s, &run, k.version, cut, report)
	}
	k.value = run
	return ctx.Err()
}

// keepCut keeps what was being sent when the server was told to stop, as far as it
// is written already: whoever goes on may be another program.
func (l *loop) keepCut(ctx context.Context, f *Found, then *Schedule, run *Run, version uint64, list []Delivery, report *pages) {
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	n := len(run.Kept)
	for _, d := range list {
		l.keepFor(ctx, f, then, run, d, report)
	}
	if len(run.Kept) == n {
		return
	}
	if err := l.store.putRun(ctx, &kept[Run]{*run, version}); err != nil && !errors.Is(err, graph.ErrConflict) {
		l.fail(ctx, "a report that was being sent is not kept", err)
	}
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
	if run.Kept, err = report.keep(ctx, run, forms); err != nil && err.Error() != d.Error {
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
func (l *loop) hand(ctx context.Context, f *Found, then *Schedule, run Run, d Delivery, report *pages) error {
	to, forms, ok := addressed(f, then, d.Recipient)
	if !ok {
		return fmt.Errorf("run %s has no recipient %s", run.ID, d.Recipient)
	}
	if d.Notice != "" {
		p, err := run.notice(then, d)
		if err != nil {
			return err
		}
		return l.o.Sender.Send(ctx, to, p)
	}
	files, err := report.files(ctx, forms)
	if err != nil {
		return err
	}
	p := Parcel{Key: d.Key, Subject: then.Title, Finding: run.Finding, At: run.Slot, Files: files}
	for _, a := range run.Alerts {
		if a.Muted == "" && !a.Acknowledged {
			p.Alerts = append(p.Alerts, a.Title+": "+a.Text)
		}
	}
	return l.o.Sender.Send(ctx, to, p)
}

// resend makes deliveries pending again.
func (l *loop) resend(ctx context.Context, e *planned, document string, q request) func() {
	st, err := l.again(ctx, q)
	if err == nil {
		err = l.store.answered(ctx, document)
	}
	return func() {
		delete(l.resends, document)
		if err != nil {
			l.fail(ctx, "a run could not be sent again", fmt.Errorf("run %s of %s: %w", q.Run, q.Schedule, err))
			return
		}
		e.state.Open, e.touched = st.Open, l.o.Clock.Now()
		if o := e.open[q.Run]; o != nil && !o.busy {
			o.run = nil
		}
		e.opened()
	}
}

func (l *loop) again(ctx context.Context, q request) (state, error) {
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
	return l.store.change(ctx, q.Schedule, func(s *state) error {
		if !slices.Contains(s.Open, q.Run) {
			s.Open = append(s.Open, q.Run)
		}
		return nil
	})
}
