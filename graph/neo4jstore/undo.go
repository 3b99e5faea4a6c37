package neo4jstore

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"roundtrip/graph"
)

// Undo commits a new batch that restores what a batch changed.
func (s *Store) Undo(ctx context.Context, batch string, at time.Time) (graph.Applied, error) {
	what := "undo batch " + strconv.Quote(batch)
	l, w, err := s.begin(ctx, what)
	if err != nil {
		return graph.Applied{}, err
	}
	defer l.release(ctx)
	rev, err := batchRevision(batch, w.base.revision)
	if err != nil {
		return graph.Applied{}, fmt.Errorf("undo: %w", err)
	}
	later, done, err := s.laterBatches(ctx, rev)
	if err != nil {
		return graph.Applied{}, err
	}
	if done {
		return graph.Applied{BatchInfo: graph.BatchInfo{Revision: uint64(w.base.revision)}, Hash: w.base.hash}, nil
	}
	touched := map[graph.Key]bool{}
	var deletes []graph.Key
	if err := s.touched(ctx, rev, func(k graph.Key, added bool) bool {
		touched[k] = true
		if added {
			deletes = append(deletes, k)
		}
		return true
	}); err != nil {
		return graph.Applied{}, err
	}
	for _, n := range later {
		var both *graph.Key
		err := s.touched(ctx, n, func(k graph.Key, _ bool) bool {
			if touched[k] {
				both = &k
			}
			return both == nil
		})
		if err != nil {
			return graph.Applied{}, err
		}
		if both != nil {
			return graph.Applied{}, &graph.UndoBlockedError{Batch: batch, Later: batchID(n), Key: *both}
		}
	}
	return w.commit(ctx, graph.Batch{Origin: "undo of " + batch, At: at, Records: s.before(ctx, rev), Deletes: deletes}, batch)
}

// laterBatches are the batches after one, in order, that count: not those that
// an undo in force took back, nor that undo. Done says that the batch itself was
// taken back.
func (s *Store) laterBatches(ctx context.Context, rev int64) (later []int64, done bool, err error) {
	all, err := s.Batches(ctx)
	if err != nil {
		return nil, false, err
	}
	aside := map[string]bool{}
	for _, b := range all {
		if int64(b.Revision) == rev {
			done = b.UndoneBy != ""
		}
		if b.UndoneBy != "" && int64(b.Revision) > rev {
			aside[b.ID], aside[b.UndoneBy] = true, true
		}
	}
	for _, b := range slices.Backward(all) {
		if int64(b.Revision) > rev && !aside[b.ID] {
			later = append(later, int64(b.Revision))
		}
	}
	return later, done, nil
}

// touched names the records that a revision changed, and which it added, until
// use returns false.
func (s *Store) touched(ctx context.Context, rev int64, use func(k graph.Key, added bool) bool) error {
	parts, err := s.parts(ctx, "MATCH (c:RoundtripChunk) USING INDEX c:RoundtripChunk(rev, seq) WHERE c.rev = $rev AND c.seq > 0 RETURN c.rev, c.seq ORDER BY c.seq", map[string]any{"rev": rev})
	if err != nil {
		return err
	}
	for _, p := range parts {
		var kind graph.RecordKind
		var added, others []string
		err := s.read(ctx, "read what a batch touched", func(ctx context.Context, t tx) error {
			return t.each(ctx, `MATCH (c:RoundtripChunk {rev: $rev, seq: $seq}) RETURN c.kind, c.direct + c.added, c.changed + c.deleted`,
				map[string]any{"rev": p.rev, "seq": p.seq}, func(v []any) (err error) {
					name, _ := v[0].(string)
					kind, err = graph.ParseRecordKind(name)
					added, others = texts(v[1]), texts(v[2])
					return err
				})
		})
		if err != nil {
			return err
		}
		for i, ids := range [][]string{added, others} {
			for _, id := range ids {
				if !use(graph.Key{Kind: kind, ID: id}, i == 0) {
					return nil
				}
			}
		}
	}
	return nil
}

// before yields the content that a revision replaced or deleted.
func (s *Store) before(ctx context.Context, rev int64) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		var keys []graph.Key
		err := s.touched(ctx, rev, func(k graph.Key, added bool) bool {
			if !added {
				keys = append(keys, k)
			}
			return true
		})
		if err != nil {
			yield(nil, err)
			return
		}
		for len(keys) > 0 {
			n := 0
			var ids []string
			for n < len(keys) && n < 500 && keys[n].Kind == keys[0].Kind {
				ids = append(ids, keys[n].ID)
				n++
			}
			kind := keys[0].Kind
			keys = keys[n:]
			var records []graph.Record
			err := s.read(ctx, "read what a batch replaced", func(ctx context.Context, t tx) error {
				records = records[:0]
				return t.each(ctx, "UNWIND $ids AS id MATCH (c:RoundtripChange {kind: $kind, id: id, rev: $rev}) RETURN c.before",
					map[string]any{"ids": ids, "kind": kind.String(), "rev": rev}, func(v []any) error {
						text, _ := v[0].(string)
						r, err := graph.ParseCanonical(kind, []byte(text))
						records = append(records, r)
						return err
					})
			})
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}
