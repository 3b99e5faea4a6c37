package neo4jstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"roundtrip/graph"
)

// Apply writes a batch. Without a deadline of ctx each of its transactions has
// that of Config.Timeout; a writer that has to wait for others then waits for
// as long as they take. When ctx ends after the revision was raised, Apply
// still returns what it did.
func (s *Store) Apply(ctx context.Context, b graph.Batch) (graph.Applied, error) {
	l, w, err := s.begin(ctx, "apply a batch")
	if err != nil {
		return graph.Applied{}, err
	}
	defer l.release(ctx)
	if b.Base != nil && *b.Base != uint64(w.base.revision) {
		return graph.Applied{}, fmt.Errorf("the batch was checked against revision %d and the graph is at %d: %w", *b.Base, w.base.revision, graph.ErrConflict)
	}
	return w.commit(ctx, b, "")
}

// begin takes the lease and repairs what the writer before left.
func (s *Store) begin(ctx context.Context, what string) (*lease, *writer, error) {
	if s.config.ReadOnly {
		return nil, nil, fmt.Errorf("%s: %w", what, graph.ErrReadOnly)
	}
	if s.closed.Load() {
		return nil, nil, fmt.Errorf("%s: %w", what, ErrClosed)
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", what, context.Cause(ctx))
	}
	l, err := s.acquire(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", what, err)
	}
	now, err := l.putRight(ctx)
	if err != nil {
		l.release(ctx)
		return nil, nil, fmt.Errorf("%s: %w", what, err)
	}
	return l, newWriter(s, l, now), nil
}

// writer is one attempt to write one batch.
type writer struct {
	s      *Store
	lease  *lease
	base   meta
	rev    int64
	stage  string // names this attempt, so that a commit of unknown outcome can be recognised
	seq    int64  // of the last chunk
	hash   graph.Hash
	counts []int64

	added, changed, deleted, unchanged int

	underway chan error // of the staging transaction under way, nil for none
	told     int        // records, for progress
	progress func(int)

	companies map[string]*company                  // those that were looked up, as the batch leaves them
	outcomes  map[string]map[string]*graph.Outcome // of the batch, by leg and id; nil where one is not of that leg any more
	legs      map[string]legNode                   // staged legs, as the batch leaves them
	wholes    map[string]bool                      // legs that legs of the batch name as the whole
	parts     map[string][]string                  // staged parts by their whole, made when all legs are staged
	again     map[string]struct{}                  // legs to project
	moved     []string                             // companies whose parent, or being an aggregate, changed
	appeared  []string                             // companies that came or went, with nothing else to tell
}

func newWriter(s *Store, l *lease, now meta) *writer {
	return &writer{
		s: s, lease: l, base: now, rev: now.revision + 1, stage: rand.Text(), hash: now.hash, counts: slices.Clone(now.counts),
		companies: map[string]*company{}, outcomes: map[string]map[string]*graph.Outcome{}, legs: map[string]legNode{},
		wholes: map[string]bool{}, again: map[string]struct{}{},
	}
}

// commit stages a batch, makes it visible and publishes it. When anything fails
// before it is visible, nothing of it is kept.
func (w *writer) commit(ctx context.Context, b graph.Batch, undoes string) (graph.Applied, error) {
	w.progress = b.Progress
	err := w.stageBatch(ctx, b)
	nothing := w.added+w.changed+w.deleted == 0
	if err == nil && !nothing {
		err = w.raise(ctx, b, undoes)
	}
	if err != nil {
		w.giveUp(ctx)
		return graph.Applied{}, fmt.Errorf("apply a batch: %w", err)
	}
	if nothing {
		return graph.Applied{
			BatchInfo: graph.BatchInfo{Revision: uint64(w.base.revision)}, Unchanged: w.unchanged, Hash: w.base.hash,
		}, nil
	}
	// The batch is in force from here on; a failure to publish is repaired later.
	publishing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Hour)
	defer cancel()
	if err := w.lease.publish(publishing, w.rev); err != nil {
		w.s.config.Logger.WarnContext(ctx, "a committed batch is not published yet", "revision", w.rev, "error", err)
		w.s.tidyAfter(time.Second)
	} else {
		w.s.tidyAfter(w.s.config.Retain)
	}
	return graph.Applied{
		BatchInfo: graph.BatchInfo{
			ID: batchID(w.rev), Revision: uint64(w.rev), Origin: b.Origin, At: b.At,
			Added: w.added, Changed: w.changed, Deleted: w.deleted, Undoes: undoes,
		},
		Unchanged: w.unchanged, Hash: w.hash,
	}, nil
}

func batchID(rev int64) string { return fmt.Sprintf("b%d", rev) }

// giveUp removes what was staged. It also does so when ctx has ended.
func (w *writer) giveUp(ctx context.Context) {
	if w.seq == 0 {
		return
	}
	_ = w.settle() // the batch has failed already
	removing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Minute)
	defer cancel()
	if err := w.lease.discard(removing, w.base.revision); err != nil {
		w.s.config.Logger.WarnContext(ctx, "what a failed batch staged is not removed yet", "revision", w.rev, "error", err)
		w.s.tidyAfter(time.Second)
	}
}

const raiseRevision = `
MATCH (m:RoundtripMeta {key: 'graph'}) WHERE m.revision = $base
SET m.revision = $rev, m.hash = $hash, m.at = $at, m.counts = $counts
CREATE (:RoundtripBatch {rev: $rev, stage: $stage, origin: $origin, at: $at, hash: $hash, undoes: $undoes,
  added: $added, changed: $changed, deleted: $deleted, unchanged: $unchanged})
RETURN m.revision`

// raise is the one small write that makes the batch visible.
func (w *writer) raise(ctx context.Context, b graph.Batch, undoes string) error {
	err := w.s.write(ctx, "raise the revision", func(ctx context.Context, t tx) error {
		v, err := t.one(ctx, "MATCH (b:RoundtripBatch {rev: $rev, stage: $stage}) RETURN b.rev", map[string]any{"rev": w.rev, "stage": w.stage})
		if err != nil || v != nil {
			return err // an attempt of unknown outcome had come through
		}
		if err := w.lease.fence(ctx, t); err != nil {
			return err
		}
		v, err = t.one(ctx, raiseRevision, map[string]any{
			"base": w.base.revision, "rev": w.rev, "hash": w.hash.String(), "at": timeText(b.At), "counts": w.counts,
			"stage": w.stage, "origin": b.Origin, "undoes": undoes,
			"added": w.added, "changed": w.changed, "deleted": w.deleted, "unchanged": w.unchanged,
		})
		if err == nil && v == nil {
			err = fmt.Errorf("the graph is not at revision %d any more: %w", w.base.revision, graph.ErrConflict)
		}
		return err
	})
	if err == nil {
		return nil
	}
	// The last attempt may have come through without an answer.
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.s.config.Timeout)
	defer cancel()
	found := false
	asked := w.s.read(asking, "look whether the batch was committed", func(ctx context.Context, t tx) error {
		v, err := t.one(ctx, "MATCH (b:RoundtripBatch {rev: $rev, stage: $stage}) RETURN b.rev", map[string]any{"rev": w.rev, "stage": w.stage})
		found = v != nil
		return err
	})
	switch {
	case asked != nil:
		return fmt.Errorf("whether the batch was committed is not known (%w): %w", asked, err)
	case found:
		return nil
	}
	return err
}

// count notes what becomes of one record; an empty text is no record.
func (w *writer) count(k graph.RecordKind, before, after string) {
	switch {
	case before == after:
		w.unchanged++
		return
	case before == "":
		w.added++
		w.counts[k-graph.SourceKind]++
	case after == "":
		w.deleted++
		w.counts[k-graph.SourceKind]--
	default:
		w.changed++
	}
	if before != "" {
		w.hash = w.hash.Minus(graph.DigestCanonical(k, []byte(before)))
	}
	if after != "" {
		w.hash = w.hash.Plus(graph.DigestCanonical(k, []byte(after)))
	}
}

// tell reports progress.
func (w *writer) tell(records int) {
	w.told += records
	if w.progress != nil && records > 0 {
		w.progress(w.told)
	}
}
