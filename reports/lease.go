package reports

import (
	"context"
	"errors"
	"time"

	"roundtrip/graph"
)

// leaseBody is the document that says who leads.
type leaseBody struct {
	Holder string    `json:"holder"` // "" where it was given back
	Until  time.Time `json:"until"`
}

// lease is the right to lead. Clocks of servers need not agree: who waits takes
// it when its version has not changed for the lease time on its own clock, or when
// it is a minute past its end on any clock.
type lease struct {
	store  store
	holder string
	pace   time.Duration // what its times are multiplied by

	held    bool
	renewed time.Time
	version uint64    // as seen last
	since   time.Time // when that version was first seen
	asked   time.Time
}

// farPast is how long after its end a lease is dead on any clock.
const farPast = time.Minute

func (l *lease) leading(now time.Time) bool {
	return l.held && now.Sub(l.renewed) < leadAtMost*l.pace
}

// due is when the lease is to be looked at again.
func (l *lease) due(now time.Time) time.Time {
	if l.asked.IsZero() {
		return now
	}
	return l.asked.Add(renewEvery * l.pace)
}

// keep takes or renews the lease where it can.
func (l *lease) keep(ctx context.Context, now time.Time) error {
	if now.Before(l.due(now)) {
		return nil
	}
	l.asked = now
	if l.held {
		k := kept[leaseBody]{leaseBody{l.holder, now.Add(leaseTime * l.pace).UTC()}, l.version}
		err := write(ctx, l.store, leaseKind, leaseName, &k)
		if errors.Is(err, graph.ErrConflict) {
			l.held = false
			return err
		}
		if err == nil {
			l.renewed, l.version = now, k.version
		}
		return err
	}
	k, err := read[leaseBody](ctx, l.store, leaseKind, leaseName)
	if err != nil {
		return err
	}
	if k.version != l.version || l.since.IsZero() {
		l.version, l.since = k.version, now
	}
	free := k.version == 0 || k.value.Holder == "" || now.Sub(l.since) >= leaseTime*l.pace || now.Sub(k.value.Until) > farPast*l.pace
	if !free {
		return nil
	}
	k.value = leaseBody{l.holder, now.Add(leaseTime * l.pace).UTC()}
	err = write(ctx, l.store, leaseKind, leaseName, &k)
	if errors.Is(err, graph.ErrConflict) {
		return nil // another was first
	}
	if err == nil {
		l.held, l.renewed, l.version = true, now, k.version
	}
	return err
}

// release gives the lease back, so that another need not wait.
func (l *lease) release(ctx context.Context) {
	if !l.held {
		return
	}
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	k := kept[leaseBody]{leaseBody{}, l.version}
	_ = write(ctx, l.store, leaseKind, leaseName, &k) // it ends by itself as well
	l.held = false
}
