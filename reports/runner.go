package reports

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"roundtrip/graph"
)

// Times of the runner.
const (
	leaseTime     = 20 * time.Second // a lease that was not renewed for so long is taken over
	renewEvery    = 5 * time.Second
	leadAtMost    = 15 * time.Second // after the last renewal
	reloadEvery   = 5 * time.Second  // of schedules that others may have written
	pollEvery     = 2 * time.Second  // of requests
	grace         = 2 * time.Minute  // a slot that cannot start within it is missed
	retryAfter    = 5 * time.Second  // of what the store refused
	catchUp       = 1000             // slots that were missed and are still looked at
	staleRequest  = time.Hour        // to run now
	forgetRequest = time.Minute      // of a schedule that is not there
	forgetEvery   = 10               // runs between two tidyings of the history
)

// Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// WallClock is the clock of the machine.
type WallClock struct{}

// Now is the time.
func (WallClock) Now() time.Time { return time.Now() }

// After waits.
func (WallClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Options are what a Runner works with. Documents, Book, Maker and Sender are
// required.
type Options struct {
	Documents graph.Documents
	Book      *Book
	Maker     Maker
	Sender    Sender
	Scenario  ScenarioText // nil where there are none
	Clock     Clock        // WallClock when nil
	Holder    string       // a name that no other process has
	Version   string       // of the program
	Workers   int          // reports that are made at once, 4 when 0
	Couriers  int          // runs that are delivered at once, 16 when 0
	Timeout   time.Duration
	// OnlyRequests leaves the slots alone and does what was asked for by hand.
	OnlyRequests bool
	Logger       *slog.Logger
}

// Runner runs schedules: one loop that leads while it holds the lease, with
// workers that make reports and couriers that deliver them.
type Runner struct {
	o     Options
	store store
	nudge chan struct{}
	pace  time.Duration // what the times of the loop are multiplied by; 1 but in tests with a hurried clock
}

// NewRunner makes a Runner.
func NewRunner(o Options) *Runner {
	if o.Clock == nil {
		o.Clock = WallClock{}
	}
	o.Workers, o.Couriers, o.Timeout = cmp.Or(o.Workers, 4), cmp.Or(o.Couriers, 16), cmp.Or(o.Timeout, 5*time.Minute)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Runner{o: o, store: store{o.Documents, o.Clock.Now}, nudge: make(chan struct{}, 1), pace: 1}
}

// planned is a schedule as the loop knows it.
type planned struct {
	name   string
	found  *Found // nil where it is gone or cannot be used
	slots  *Slots
	state  state
	from   time.Time // slots after it are due
	next   time.Time // the first of them, zero for none
	busy   bool      // a run is being made
	after  time.Time // not before, because something failed
	manual []string  // requests to run, by the names of their documents
	asked  map[string]request
	open   map[string]*openRun

	touched time.Time // when the state was last written here
}

// openRun is a run that is not done, or has deliveries to make.
type openRun struct {
	name  string
	run   *kept[Run] // nil until it is made or read
	made  *Made      // until its first delivery
	busy  bool
	after time.Time
}

func (e *planned) paused() bool {
	if e.state.Paused != nil {
		return *e.state.Paused
	}
	return e.found != nil && e.found.Paused
}

type loop struct {
	*Runner
	entries  map[string]*planned
	done     chan func()
	jobs     sync.WaitGroup
	making   int
	carrying int

	lease   lease
	reload  time.Time
	loading bool
	poll    time.Time
	told    map[string]string // what was logged of a schedule that cannot be used
	resends map[string]bool   // requests that are being done
}

// Run leads while it can, until the context ends. What is under way then is taken
// up by whoever leads next.
func (r *Runner) Run(ctx context.Context) {
	l := &loop{
		Runner: r, entries: map[string]*planned{}, done: make(chan func(), 64),
		told: map[string]string{}, resends: map[string]bool{}, lease: lease{store: r.store, holder: r.o.Holder, pace: r.pace},
	}
	jobs, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		go func() {
			l.jobs.Wait()
			close(l.done)
		}()
		for range l.done { // what they would tell is in the store
			continue
		}
		l.lease.release(context.WithoutCancel(ctx))
	}()
	for ctx.Err() == nil {
		l.step(jobs)
		select {
		case <-ctx.Done():
		case <-r.nudge:
			l.reload, l.poll = time.Time{}, time.Time{}
		case f := <-l.done:
			f()
			for more := true; more; {
				select {
				case f := <-l.done:
					f()
				default:
					more = false
				}
			}
		case <-r.o.Clock.After(l.wake().Sub(r.o.Clock.Now())):
		}
	}
}

// step does what is due now.
func (l *loop) step(ctx context.Context) {
	now := l.o.Clock.Now()
	was := l.lease.leading(now)
	if err := l.lease.keep(ctx, now); err != nil {
		l.fail(ctx, "the lease of reports cannot be kept", err)
	}
	if now = l.o.Clock.Now(); !l.lease.leading(now) {
		return
	}
	if !was {
		l.entries, l.reload, l.poll = map[string]*planned{}, time.Time{}, time.Time{}
		l.loading = false // what is being read was begun before
		l.o.Logger.InfoContext(ctx, "leading the schedules", "holder", l.o.Holder)
	}
	if !now.Before(l.reload) {
		l.load(ctx, now)
		l.reload = now.Add(reloadEvery * l.pace)
	}
	if !now.Before(l.poll) {
		if err := l.requests(ctx); err != nil {
			l.fail(ctx, "the requests for reports cannot be read", err)
		}
		l.poll = now.Add(pollEvery * l.pace)
	}
	l.dispatch(ctx, now)
}

func (l *loop) fail(ctx context.Context, message string, err error) {
	if ctx.Err() == nil {
		l.o.Logger.ErrorContext(ctx, "reports: "+message, "error", err) //nolint:sloglint // the message is one of a few
	}
}

// load reads the schedules and how far they are, beside the loop; what was
// written meanwhile is known better.
func (l *loop) load(ctx context.Context, now time.Time) {
	if l.loading {
		return
	}
	l.loading = true
	l.goDo(func() func() {
		list, err := l.o.Book.List(ctx)
		var states map[string]state
		if err == nil {
			states, err = l.store.states(ctx)
		}
		return func() {
			l.loading = false
			if err == nil {
				err = l.loaded(ctx, now, list, states)
			}
			if err != nil {
				l.fail(ctx, "the schedules cannot be read", err)
			}
		}
	})
}

// loaded takes up what was read from a time on.
func (l *loop) loaded(ctx context.Context, now time.Time, list []Found, states map[string]state) error {
	here := map[string]*Found{}
	for _, f := range list {
		if f.Err != nil {
			if l.told[f.ID] != f.Err.Error() {
				l.o.Logger.ErrorContext(ctx, "a schedule cannot be used", "schedule", f.ID, "error", f.Err)
				l.told[f.ID] = f.Err.Error()
			}
			continue
		}
		delete(l.told, f.ID)
		here[f.ID] = &f
	}
	names := slices.Collect(maps.Keys(here))
	for name := range states {
		if here[name] == nil {
			names = append(names, name)
		}
	}
	for name, e := range l.entries {
		if _, known := states[name]; !known && here[name] == nil {
			e.found, e.slots, e.next = nil, nil, time.Time{}
		}
	}
	for _, name := range names {
		e := l.entries[name]
		if e == nil {
			e = &planned{name: name, open: map[string]*openRun{}, asked: map[string]request{}}
			l.entries[name] = e
		}
		st, known := states[name]
		if err := l.renew(ctx, e, here[name], st, known, now); err != nil {
			return err
		}
	}
	return nil
}

// renew brings a schedule up to what was read.
func (l *loop) renew(ctx context.Context, e *planned, f *Found, st state, known bool, now time.Time) error {
	last := e.found
	e.found = f
	if e.busy || !e.touched.Before(now) || slices.ContainsFunc(e.opened(), func(o *openRun) bool { return o.busy }) {
		e.state.Paused = st.Paused // the rest is written by what is under way
	} else {
		e.state = st
	}
	if f == nil {
		e.slots, e.next = nil, time.Time{}
		if !st.Gone {
			if _, err := l.store.change(ctx, e.name, func(s *state) error { s.Gone = true; return nil }); err != nil {
				return err
			}
		}
		e.opened()
		return nil
	}
	var err error
	if e.slots == nil || last == nil || last.Cron != f.Cron || last.TimeZone != f.TimeZone {
		if e.slots, err = f.Slots(); err != nil {
			return err // not reached: it was parsed
		}
	}
	seen := now
	if f.Origin == Saved {
		seen = earlier(f.At, now)
	}
	switch fresh := !known || st.Cron != f.Cron || st.Zone != f.TimeZone || st.Gone; {
	case fresh && f.Origin != Saved: // a file has no day of its own
		st, err = l.store.change(ctx, e.name, func(s *state) error { return e.take(s, seen) })
		if err != nil {
			return err
		}
		e.from = st.From
		e.state.From = later(e.state.From, st.From)
	case fresh:
		e.from = later(st.From, seen)
	default:
		e.from = later(e.state.From, st.From)
	}
	e.next = e.slots.Next(later(e.from, e.state.From))
	e.opened()
	return nil
}

// take makes a state one of the schedule as it is now.
func (e *planned) take(s *state, from time.Time) error {
	if s.Cron != e.found.Cron || s.Zone != e.found.TimeZone || s.Gone {
		s.Cron, s.Zone, s.Gone, s.From = e.found.Cron, e.found.TimeZone, false, later(s.From, from)
	}
	return nil
}

// opened are the open runs of the state, in order.
func (e *planned) opened() []*openRun {
	for _, name := range e.state.Open {
		if e.open[name] == nil {
			e.open[name] = &openRun{name: name}
		}
	}
	list := make([]*openRun, 0, len(e.open))
	for name, o := range e.open {
		if !o.busy && !slices.Contains(e.state.Open, name) {
			delete(e.open, name)
			continue
		}
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b *openRun) int { return cmp.Compare(a.name, b.name) })
	return list
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// requests reads what was asked for by hand.
func (l *loop) requests(ctx context.Context) error {
	all, err := l.store.requests(ctx)
	if err != nil {
		return err
	}
	for document, q := range all {
		e := l.entries[q.Schedule]
		if q.Do == doRun && l.o.Clock.Now().Sub(q.At) > staleRequest { // nobody waits for it any more
			if err := l.store.answered(ctx, document); err != nil {
				return err
			}
			continue
		}
		if e == nil { // it may have been saved a moment ago
			if l.o.Clock.Now().Sub(q.At) > forgetRequest {
				if err := l.store.answered(ctx, document); err != nil {
					return err
				}
			}
			continue
		}
		switch q.Do {
		case doRun:
			if _, ok := e.asked[document]; !ok {
				e.asked[document] = q
				e.manual = append(e.manual, document)
				slices.Sort(e.manual)
			}
		case doResend:
			if !l.resends[document] {
				l.resends[document] = true
				l.goDo(func() func() { return l.resend(ctx, e, document, q) })
			}
		}
	}
	return nil
}

// goDo does something beside the loop; what it returns is done in the loop.
func (l *loop) goDo(work func() func()) {
	l.jobs.Go(func() {
		then := work()
		l.done <- then
	})
}

// dispatch starts what is due, that which has waited longest first.
func (l *loop) dispatch(ctx context.Context, now time.Time) {
	var due []*planned
	for _, e := range l.entries {
		if e.due(l.o.OnlyRequests).Compare(now) <= 0 {
			due = append(due, e)
		}
		for _, o := range e.open {
			if l.carrying < l.o.Couriers && o.due().Compare(now) <= 0 {
				l.carry(ctx, e, o)
			}
		}
	}
	slices.SortFunc(due, func(a, b *planned) int {
		return cmp.Or(a.due(false).Compare(b.due(false)), cmp.Compare(a.name, b.name))
	})
	for _, e := range due {
		if l.making >= l.o.Workers {
			return
		}
		l.begin(ctx, e, now)
	}
}

// never is later than anything that is due.
func never() time.Time { return time.Unix(1<<40, 0) }

// due is when the loop has to make a report of the schedule.
func (e *planned) due(onlyRequests bool) time.Time {
	if e.busy {
		return never()
	}
	at := never()
	switch unmade := slices.ContainsFunc(e.opened(), func(o *openRun) bool { return o.run == nil && !o.busy }); {
	case unmade || len(e.manual) > 0:
		at = time.Time{}
	case e.found != nil && !e.next.IsZero() && !onlyRequests:
		at = e.next
	}
	return later(at, e.after)
}

// due is when deliveries of the run are to be made.
func (o *openRun) due() time.Time {
	if o.run == nil || o.busy {
		return never()
	}
	at := never()
	for _, d := range o.run.value.Deliveries {
		if d.State == Pending {
			at = earlier(at, d.Next)
		}
	}
	if o.run.value.pending() == 0 {
		at = time.Time{} // it is to be closed
	}
	return later(at, o.after)
}

// pending counts the deliveries that are to be made.
func (r *Run) pending() int {
	n := 0
	for _, d := range r.Deliveries {
		if d.State == Pending {
			n++
		}
	}
	return n
}

// wake is when the loop has to look again.
func (l *loop) wake() time.Time {
	now := l.o.Clock.Now()
	at := l.lease.due(now)
	if !l.lease.leading(now) {
		return at
	}
	at = earlier(earlier(at, l.reload), l.poll)
	for _, e := range l.entries {
		if l.making < l.o.Workers {
			at = earlier(at, e.due(l.o.OnlyRequests))
		}
		if l.carrying < l.o.Couriers {
			for _, o := range e.open {
				at = earlier(at, o.due())
			}
		}
	}
	return at
}

// Changed says that schedules were written: the loop looks at them at once.
func (r *Runner) Changed() { r.wakeUp() }

// wakeUp makes the loop look at once.
func (r *Runner) wakeUp() {
	select {
	case r.nudge <- struct{}{}:
	default:
	}
}
