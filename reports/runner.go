package reports

import (
	"cmp"
	"context"
	"log/slog"
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
	Couriers  int          // deliveries that are under way at once, 64 when 0
	Timeout   time.Duration
	// OnlyRequests leaves the slots alone and does what was asked for by hand.
	OnlyRequests bool
	// Secrets are texts that must not stand in what is told of a failure.
	Secrets []string
	Logger  *slog.Logger
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
	o.Workers, o.Couriers, o.Timeout = cmp.Or(o.Workers, 4), cmp.Or(o.Couriers, 64), cmp.Or(o.Timeout, 5*time.Minute)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Runner{o: o, store: store{o.Documents, o.Clock.Now}, nudge: make(chan struct{}, 1), pace: 1}
}

type loop struct {
	*Runner
	entries  map[string]*planned
	done     chan func()
	jobs     sync.WaitGroup
	making   int
	closing  int           // runs that are being closed
	traffic  traffic       // deliveries under way
	delivery time.Time     // the next that was not due when the loop looked last
	presses  chan struct{} // held to make a report again, or a form of it

	lease   lease
	reload  time.Time
	loading bool
	poll    time.Time
	told    map[string]string // what was logged of a schedule that cannot be used
	resends map[string]bool   // runs of which deliveries are being made pending again, by id
}

// Run leads while it can, until the context ends. What is under way then is taken
// up by whoever leads next.
func (r *Runner) Run(ctx context.Context) {
	l := &loop{
		Runner: r, entries: map[string]*planned{}, done: make(chan func(), 64), delivery: never(),
		traffic: traffic{address: map[string]int{}, host: map[string]int{}}, presses: make(chan struct{}, r.o.Workers),
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

// Changed says that schedules were written: the loop looks at them at once.
func (r *Runner) Changed() { r.wakeUp() }

// wakeUp makes the loop look at once.
func (r *Runner) wakeUp() {
	select {
	case r.nudge <- struct{}{}:
	default:
	}
}
