package reports

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"
)

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
	name   string
	record *record         // nil until it is made or read
	under  map[string]bool // deliveries that are under way, by their names
	busy   bool            // it is being closed
	after  time.Time
}

func (e *planned) paused() bool {
	if e.state.Paused != nil {
		return *e.state.Paused
	}
	return e.found != nil && e.found.Paused
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
		s.adopt(e.found, later(s.From, from))
	}
	return nil
}

// opened are the open runs of the state, in order.
func (e *planned) opened() []*openRun {
	for _, name := range e.state.Open {
		if e.open[name] == nil {
			e.open[name] = &openRun{name: name, under: map[string]bool{}}
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
