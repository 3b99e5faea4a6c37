package sqlitestore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"roundtrip/graph"
)

// spans are the times of a record: what it was, from which revision up to the
// one before which. The last one has no end where the record is current.
const spans = `SELECT rev_from, rev_to, body FROM past WHERE kind = ?1 AND id = ?2
	UNION ALL SELECT rev_from, NULL, body FROM record WHERE kind = ?1 AND id = ?2 ORDER BY rev_from`

// touchedBy finds the records that the batch of a revision touched. It looks
// through all versions: an index for it would slow every import down.
const touchedBy = `SELECT kind, id FROM record WHERE rev_from = ?1
	UNION SELECT kind, id FROM past WHERE rev_from = ?1 OR rev_to = ?1`

// History returns the versions of a record, the first one first.
func (s *Store) History(ctx context.Context, key graph.Key) ([]graph.Version, error) {
	var list []graph.Version
	err := s.read(ctx, func(tx *sql.Tx) error {
		var err error
		if list, err = versionsOf(ctx, tx, key); err != nil {
			return err
		}
		for i := range list {
			if err := tellBatch(ctx, tx, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && len(list) == 0 {
		err = graph.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", key, err)
	}
	return list, nil
}

func versionsOf(ctx context.Context, tx *sql.Tx, key graph.Key) ([]graph.Version, error) {
	rows, err := tx.QueryContext(ctx, spans, key.Kind.String(), key.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []graph.Version
	var gone sql.Null[uint64] // where the span before ended
	for rows.Next() {
		var from uint64
		var body []byte
		before := gone
		if err := rows.Scan(&from, &gone, &body); err != nil {
			return nil, err
		}
		if before.Valid && before.V < from {
			list = append(list, graph.Version{Revision: before.V})
		}
		r, err := decode(key.Kind, body)
		if err != nil {
			return nil, fmt.Errorf("at revision %d: %w", from, err)
		}
		list = append(list, graph.Version{Revision: from, Record: r})
	}
	if gone.Valid {
		list = append(list, graph.Version{Revision: gone.V})
	}
	return list, rows.Err()
}

// tellBatch fills in the batch of a version.
func tellBatch(ctx context.Context, tx *sql.Tx, v *graph.Version) error {
	var at string
	err := tx.QueryRowContext(ctx, "SELECT origin, at FROM batch WHERE revision = ?", v.Revision).Scan(&v.Origin, &at)
	if err == nil {
		v.At, err = time.Parse(time.RFC3339Nano, at)
	}
	if err != nil {
		return fmt.Errorf("batch of revision %d: %w", v.Revision, err)
	}
	v.Batch = batchID(v.Revision)
	return nil
}

// Touched returns the keys of the records that a batch touched.
func (s *Store) Touched(ctx context.Context, batch string) ([]graph.Key, error) {
	var keys []graph.Key
	err := s.read(ctx, func(tx *sql.Tx) error {
		var revision uint64
		err := tx.QueryRowContext(ctx, "SELECT revision FROM batch WHERE 'b' || revision = ?", batch).Scan(&revision)
		if errors.Is(err, sql.ErrNoRows) {
			return graph.ErrNotFound
		}
		if err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, touchedBy, revision)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var kind string
			var key graph.Key
			if err := rows.Scan(&kind, &key.ID); err != nil {
				return err
			}
			if key.Kind, err = graph.ParseRecordKind(kind); err != nil {
				return err
			}
			keys = append(keys, key)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("what batch %q touched: %w", batch, err)
	}
	slices.SortFunc(keys, func(a, b graph.Key) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return keys, nil
}
