package reports

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
)

// How many deliveries are under way at once to one receiver, and to one host, so
// that those that do not answer leave couriers for the others.
const (
	perReceiver = 4
	perHost     = 16
)

// receiver is what a delivery waits for when it waits for an answer.
type receiver struct {
	address string
	host    string // "" where no two receivers have one
}

// receiverOf tells recipients of all schedules that are one receiver. Mail goes
// through one server, and one feed is written at a time.
func receiverOf(to Recipient) receiver {
	switch to.Kind {
	case "email":
		return receiver{"email " + strings.Join(to.To, ","), "email"}
	case "folder", "atom":
		return receiver{to.Kind + " " + to.Path, strings.TrimPrefix(to.Kind, "folder")}
	}
	if u, err := url.Parse(to.URL); err == nil {
		return receiver{to.URL, "host " + strings.ToLower(u.Host)}
	}
	return receiver{address: to.URL}
}

// traffic counts the deliveries that are under way.
type traffic struct {
	all     int
	address map[string]int
	host    map[string]int
}

func (t *traffic) add(to receiver, n int) {
	t.all += n
	count(t.address, to.address, n)
	count(t.host, to.host, n)
}

func count(m map[string]int, name string, n int) {
	if m[name] += n; m[name] == 0 {
		delete(m, name)
	}
}

// free tells whether one more may be under way to a receiver.
func (t *traffic) free(to receiver) bool {
	return t.address[to.address] < perReceiver && (to.host == "" || t.host[to.host] < perHost)
}

// couriers starts the deliveries that are due, that which is due longest first,
// and finds when the next is.
func (l *loop) couriers(ctx context.Context, now time.Time) {
	type task struct {
		e *planned
		o *openRun
		d Delivery
	}
	var due []task
	l.delivery = never()
	for _, e := range l.entries {
		for _, o := range e.open {
			if o.record == nil || o.busy {
				continue
			}
			run := o.record.run()
			done := run.pending() == 0 && len(o.under) == 0 && !l.resends[run.ID]
			switch {
			case o.after.After(now):
				l.delivery = earlier(l.delivery, o.after)
				continue
			case done && l.closing < l.o.Couriers:
				l.finish(ctx, e, o)
			}
			for _, d := range run.Deliveries {
				switch {
				case d.State != Pending || o.under[d.Name()]:
				case d.Next.After(now):
					l.delivery = earlier(l.delivery, d.Next)
				default:
					due = append(due, task{e, o, d})
				}
			}
		}
	}
	slices.SortFunc(due, func(a, b task) int {
		return cmp.Or(a.d.Next.Compare(b.d.Next), cmp.Compare(a.d.Key, b.d.Key))
	})
	for _, x := range due {
		if l.traffic.all >= l.o.Couriers {
			return // one that comes back makes the loop look again
		}
		to, _, _ := addressed(x.e.found, x.o.record.then, x.d.Recipient)
		if at := receiverOf(to); l.traffic.free(at) {
			l.carry(ctx, x.e, x.o, x.d, at)
		}
	}
}
