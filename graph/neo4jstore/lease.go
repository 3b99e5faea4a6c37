package neo4jstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"roundtrip/graph"
)

// errLeaseLost says that another writer took the lease over.
var errLeaseLost = fmt.Errorf("%w: the lease ran out and was taken over", graph.ErrBusy)

// lease is the right to write, until it is released or runs out.
type lease struct {
	s     *Store
	token int64
	stop  context.CancelFunc
	done  chan struct{}
	busy  atomic.Int32 // transactions of the writer under way; they renew by themselves
}

// Setting first takes the lock of the node, so that what is read after it holds
// until the end of the transaction.
const takeLease = `
MATCH (l:RoundtripLease {key: 'writer'}) SET l.asked = timestamp()
WITH l WHERE l.owner IS NULL OR l.owner = $owner OR l.expires < timestamp()
SET l.owner = $owner, l.token = l.token + 1, l.expires = timestamp() + $ttl
RETURN l.token`

const renewLease = `
MATCH (l:RoundtripLease {key: 'writer'}) SET l.asked = timestamp()
WITH l WHERE l.token = $token AND l.owner IS NOT NULL
SET l.expires = timestamp() + $ttl
RETURN l.token`

const releaseLease = `
MATCH (l:RoundtripLease {key: 'writer'}) SET l.asked = timestamp()
WITH l WHERE l.token = $token REMOVE l.owner`

// acquire waits for the lease. When the deadline passes it is graph.ErrBusy.
func (s *Store) acquire(ctx context.Context) (*lease, error) {
	select {
	case s.turn <- struct{}{}:
	default:
		select {
		case s.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, busy(ctx)
		}
	}
	wait := 20 * time.Millisecond
	for {
		l, err := s.tryLease(ctx)
		if l != nil {
			return l, nil
		}
		if err == nil {
			select {
			case <-ctx.Done():
				err = busy(ctx)
			case <-time.After(wait/2 + rand.N(wait)):
				wait = min(2*wait, 300*time.Millisecond)
				continue
			}
		}
		<-s.turn
		return nil, err
	}
}

func busy(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("wait for the right to write: %w: %w", graph.ErrBusy, ctx.Err())
	}
	return fmt.Errorf("wait for the right to write: %w", context.Cause(ctx))
}

// tryLease takes the lease if it is free; nil when it is not. The caller holds
// the turn; a lease that was taken gives it back when it is released.
func (s *Store) tryLease(ctx context.Context) (*lease, error) {
	var token int64
	err := s.write(ctx, "take the lease", func(ctx context.Context, t tx) error {
		token = 0
		v, err := t.one(ctx, takeLease, map[string]any{"owner": s.owner, "ttl": s.config.LeaseTime.Milliseconds()})
		if err == nil && v != nil {
			token, _ = v[0].(int64)
		}
		return err
	})
	if err != nil || token == 0 {
		return nil, err
	}
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &lease{s: s, token: token, stop: stop, done: make(chan struct{})}
	go l.keep(keeping)
	return l, nil
}

// keep renews the lease while the writer waits for something else than Neo4j.
func (l *lease) keep(ctx context.Context) {
	defer close(l.done)
	tick := time.NewTicker(l.s.config.LeaseTime / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if l.busy.Load() > 0 {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, l.s.config.LeaseTime)
		err := l.s.write(limited, "renew the lease", l.fence)
		cancel()
		if err != nil && ctx.Err() == nil {
			l.s.config.Logger.WarnContext(ctx, "the lease of the writer was not renewed", "error", err)
		}
	}
}

// fence is the first step of each of the writer's transactions: it fails when
// the lease is not ours any more, and keeps others from taking it until the
// transaction ends.
func (l *lease) fence(ctx context.Context, t tx) error {
	v, err := t.one(ctx, renewLease, map[string]any{"token": l.token, "ttl": l.s.config.LeaseTime.Milliseconds()})
	if err == nil && v == nil {
		err = errLeaseLost
	}
	return err
}

// write runs a transaction of the writer.
func (l *lease) write(ctx context.Context, what string, f work) error {
	l.busy.Add(1)
	defer l.busy.Add(-1)
	return l.s.write(ctx, what, func(ctx context.Context, t tx) error {
		start := time.Now()
		if err := l.fence(ctx, t); err != nil {
			return err
		}
		if err := f(ctx, t); err != nil {
			return err
		}
		if time.Since(start) < l.s.config.LeaseTime/4 {
			return nil
		}
		return l.fence(ctx, t) // nobody could take the lease meanwhile, but it may have run out
	})
}

// release gives the lease back. It also does so when ctx has ended.
func (l *lease) release(ctx context.Context) {
	l.stop()
	<-l.done
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.s.config.ConnectTimeout)
	defer cancel()
	err := l.s.write(ctx, "release the lease", func(ctx context.Context, t tx) error {
		return t.run(ctx, releaseLease, map[string]any{"token": l.token})
	})
	if err != nil {
		l.s.config.Logger.WarnContext(ctx, "the lease of the writer runs out by itself: it could not be released", "error", err)
	}
	<-l.s.turn
}
