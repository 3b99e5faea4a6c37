package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"roundtrip/graph"
)

// Undo commits a new batch that restores what the batch changed. An undone
// batch is left as it is: nothing changes and there is no new batch.
func (s *Store) Undo(ctx context.Context, batch string, at time.Time) (graph.Applied, error) {
	applied, err := s.undo(ctx, batch, at)
	if err != nil {
		return graph.Applied{}, fmt.Errorf("undo: %w", s.explain(ctx, err))
	}
	return applied, nil
}

func (s *Store) undo(ctx context.Context, batch string, at time.Time) (graph.Applied, error) {
	e, err := s.begin(ctx)
	if err != nil {
		return graph.Applied{}, err
	}
	defer e.end()
	list, err := batches(ctx, e.conn)
	if err != nil {
		return graph.Applied{}, err
	}
	i := slices.IndexFunc(list, func(b graph.BatchInfo) bool { return b.ID == batch })
	if i < 0 {
		return graph.Applied{}, fmt.Errorf("batch %q: %w", batch, graph.ErrNotFound)
	}
	target := list[i]
	if target.UndoneBy == "" {
		if err := e.touched(ctx, target.Revision); err != nil {
			return graph.Applied{}, err
		}
		if err := e.blocked(ctx, target, list[:i]); err != nil {
			return graph.Applied{}, err
		}
		if err := e.restore(ctx); err != nil {
			return graph.Applied{}, err
		}
	}
	return e.commit(ctx, "undo of "+batch, at, target.Revision)
}

// touched fills a table of the records that the batch of that revision touched,
// with what they were before, NULL for those that it added.
func (e *edit) touched(ctx context.Context, revision uint64) error {
	_, err := e.conn.ExecContext(ctx, "CREATE TEMP TABLE touched (n INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT)")
	if err == nil {
		_, err = e.conn.ExecContext(ctx, "INSERT INTO touched (kind, id, body) SELECT t.kind, t.id, b.body FROM ("+touchedBy+`) t
			LEFT JOIN past b ON b.kind = t.kind AND b.id = t.id AND b.rev_to = ?1`, revision)
	}
	if err != nil {
		return fmt.Errorf("find what revision %d changed: %w", revision, err)
	}
	return nil
}

// blocked is the error that names the first later batch that touched one of the
// records, pairs of an undone batch and its undo aside.
func (e *edit) blocked(ctx context.Context, target graph.BatchInfo, later []graph.BatchInfo) error {
	pairs := []uint64{}
	for _, b := range later {
		if j := slices.IndexFunc(later, func(u graph.BatchInfo) bool { return u.ID == b.UndoneBy }); j >= 0 {
			pairs = append(pairs, b.Revision, later[j].Revision)
		}
	}
	aside, err := json.Marshal(pairs)
	if err != nil {
		return fmt.Errorf("list undone batches: %w", err)
	}
	var revision uint64
	var kind, id string
	err = e.conn.QueryRowContext(ctx, `SELECT revision, kind, id FROM (
			SELECT r.rev_from AS revision, t.kind, t.id FROM touched t CROSS JOIN record r ON r.kind = t.kind AND r.id = t.id
			UNION ALL SELECT p.rev_from, t.kind, t.id FROM touched t CROSS JOIN past p ON p.kind = t.kind AND p.id = t.id
			UNION ALL SELECT p.rev_to, t.kind, t.id FROM touched t CROSS JOIN past p ON p.kind = t.kind AND p.id = t.id)
		WHERE revision > ?1 AND revision NOT IN (SELECT value FROM json_each(?2))
		ORDER BY revision, kind, id LIMIT 1`, target.Revision, string(aside)).Scan(&revision, &kind, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for later changes: %w", err)
	}
	k, err := graph.ParseRecordKind(kind)
	if err != nil {
		return err
	}
	return &graph.UndoBlockedError{Batch: target.ID, Later: batchID(revision), Key: graph.Key{Kind: k, ID: id}}
}

// restore writes or removes every touched record as it was before.
func (e *edit) restore(ctx context.Context) error {
	for _, kind := range graph.RecordKinds() {
		last := int64(0)
		for {
			rows, gone, next, err := e.before(ctx, kind, last)
			if err != nil {
				return fmt.Errorf("read what a %s was before: %w", kind, err)
			}
			if next == last {
				break
			}
			last = next
			if len(rows) > 0 {
				if err := e.put(ctx, kind, rows); err != nil {
					return err
				}
			}
			if len(gone) > 0 {
				if err := e.remove(ctx, kind, gone); err != nil {
					return err
				}
			}
		}
	}
	_, err := e.conn.ExecContext(ctx, "DROP TABLE temp.touched")
	return err
}

// before reads some touched records of a kind after number last: those to write
// back, those to take away, and the number of the last one read.
func (e *edit) before(ctx context.Context, kind graph.RecordKind, last int64) (rows []row, gone []string, next int64, err error) {
	next = last
	list, err := e.conn.QueryContext(ctx, "SELECT n, id, body FROM touched WHERE n > ? AND kind = ? ORDER BY n LIMIT ?", last, kind.String(), editRows)
	if err != nil {
		return nil, nil, last, err
	}
	defer list.Close()
	for list.Next() {
		var id string
		var body sql.Null[string]
		if err := list.Scan(&next, &id, &body); err != nil {
			return nil, nil, last, err
		}
		if body.Valid {
			rows = append(rows, row{id, body.V, graph.DigestCanonical(kind, []byte(body.V))})
		} else {
			gone = append(gone, id)
		}
	}
	return rows, gone, next, list.Err()
}
