package server

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// places bounds how much heavy work runs at once.
type places struct {
	free chan struct{}
	wait time.Duration
}

func newPlaces(n int, wait time.Duration) *places {
	return &places{free: make(chan struct{}, n), wait: wait}
}

// take waits for a place, and is a fault when none gets free in time. Who took
// a place leaves it again.
func (p *places) take(ctx context.Context) error {
	select {
	case p.free <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	select {
	case p.free <- struct{}{}:
		return nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
	case <-timer.C:
	}
	return &fault{
		kind: overloaded, retryAfter: 1,
		detail: fmt.Sprintf("%d analyses and imports are at work, as many as are allowed at once; repeat the request", cap(p.free)),
	}
}

func (p *places) leave() { <-p.free }
