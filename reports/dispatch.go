package reports

import (
	"cmp"
	"context"
	"slices"
	"time"
)

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
			id := runID(q.Schedule, q.Run)
			o := e.open[q.Run]
			if l.resends[id] || o != nil && (o.busy || o.record == nil) {
				continue // it is being written or read: the next time
			}
			var rec *record
			if o != nil {
				rec = o.record
			}
			l.resends[id] = true
			l.goDo(func() func() { return l.resend(ctx, e, document, q, rec) })
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
	}
	l.couriers(ctx, now)
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
	switch unmade := slices.ContainsFunc(e.opened(), func(o *openRun) bool { return o.record == nil && !o.busy }); {
	case unmade || len(e.manual) > 0:
		at = time.Time{}
	case e.found != nil && !e.next.IsZero() && !onlyRequests:
		at = e.next
	}
	return later(at, e.after)
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
	}
	return earlier(at, l.delivery)
}
