package queries

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
)

// Source is what a Live graph reads: the part of graph.Store that it needs.
type Source interface {
	Revision(ctx context.Context) (graph.Revision, error)
	Records(ctx context.Context, revision uint64, kinds ...graph.RecordKind) iter.Seq2[graph.Record, error]
}

// readLimit bounds one reading of the whole graph.
const readLimit = 10 * time.Minute

// Live keeps the snapshot of a store's current revision. It asks the store for
// the revision each time and reads the graph anew only when that has moved, so
// several servers may share one store.
type Live struct {
	source Source
	flight singleflight.Group

	mu   sync.Mutex
	last *snapshot.Snapshot
	past []*snapshot.Snapshot // earlier revisions that were read last, the latest first
}

// pastKept is how many earlier revisions are kept in memory.
const pastKept = 3

// At is the graph at an earlier revision; the current one is that of Snapshot. A
// number above the current revision is graph.ErrNotFound.
func (l *Live) At(ctx context.Context, number uint64) (*snapshot.Snapshot, error) {
	now, err := l.Snapshot(ctx)
	if err != nil || now.Revision().Number == number {
		return now, err
	}
	l.mu.Lock()
	i := slices.IndexFunc(l.past, func(s *snapshot.Snapshot) bool { return s.Revision().Number == number })
	if i >= 0 {
		defer l.mu.Unlock()
		return l.past[i], nil
	}
	l.mu.Unlock()
	return l.shared(ctx, strconv.FormatUint(number, 10), func(ctx context.Context) (*snapshot.Snapshot, error) {
		rev := graph.Revision{Number: number}
		s, err := snapshot.Build(rev, func(yield func(graph.Record, error) bool) {
			for r, err := range l.source.Records(ctx, number) {
				if err == nil {
					rev.Hash = rev.Hash.Plus(graph.Digest(r))
				}
				if !yield(r, err) {
					return
				}
			}
		})
		if err != nil {
			return nil, err
		}
		s = s.Stamped(rev)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.past = append([]*snapshot.Snapshot{s}, l.past[:min(len(l.past), pastKept-1)]...)
		return s, nil
	})
}

// shared reads a graph once for all that wait for it. The reading outlives a
// caller that gives up, so that the next one finds the work done.
func (l *Live) shared(ctx context.Context, key string, read func(context.Context) (*snapshot.Snapshot, error)) (*snapshot.Snapshot, error) {
	done := l.flight.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readLimit)
		defer cancel()
		return read(ctx)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*snapshot.Snapshot), nil
	}
}

// History is the versions of a record, none where the source keeps no history;
// graph.ErrNotFound for a record that never was.
func (l *Live) History(ctx context.Context, key graph.Key) ([]graph.Version, error) {
	h, ok := l.source.(interface {
		History(ctx context.Context, key graph.Key) ([]graph.Version, error)
	})
	if !ok {
		return nil, nil
	}
	return h.History(ctx, key)
}

// NewLive is a Live graph over the source. Nothing is read before the first use.
func NewLive(source Source) *Live { return &Live{source: source} }

// Snapshot is the graph at the store's current revision.
func (l *Live) Snapshot(ctx context.Context) (*snapshot.Snapshot, error) {
	rev, err := l.source.Revision(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	last := l.last
	l.mu.Unlock()
	if last != nil && last.Revision().Number == rev.Number && last.Revision().Hash == rev.Hash {
		return last, nil
	}
	return l.shared(ctx, rev.Hash.String(), func(ctx context.Context) (*snapshot.Snapshot, error) {
		s, err := snapshot.Build(rev, l.source.Records(ctx, rev.Number))
		if err != nil {
			return nil, err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.last == nil || l.last.Revision().Number <= rev.Number {
			l.last = s
		}
		return s, nil
	})
}
