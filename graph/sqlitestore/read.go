package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"roundtrip/graph"
)

// chunkRows is how many versions one statement reads.
const chunkRows = 1000

// Revision is the current revision.
func (s *Store) Revision(ctx context.Context) (graph.Revision, error) {
	if err := s.usable(ctx); err != nil {
		return graph.Revision{}, fmt.Errorf("read the revision: %w", err)
	}
	rev, err := currentRevision(ctx, s.readers)
	if err != nil {
		return graph.Revision{}, fmt.Errorf("read the revision: %w", s.explain(ctx, err))
	}
	return rev, nil
}

func currentRevision(ctx context.Context, q querier) (graph.Revision, error) {
	var rev graph.Revision
	var hash, at string
	err := q.QueryRowContext(ctx, "SELECT revision, hash, at FROM batch ORDER BY revision DESC LIMIT 1").Scan(&rev.Number, &hash, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return rev, nil
	}
	if err != nil {
		return rev, err
	}
	if rev.Hash, err = graph.ParseHash(hash); err != nil {
		return rev, fmt.Errorf("revision %d: %w", rev.Number, err)
	}
	if rev.At, err = time.Parse(time.RFC3339Nano, at); err != nil {
		return rev, fmt.Errorf("revision %d: %w", rev.Number, err)
	}
	return rev, nil
}

// Records yields the records of a revision. A revision never changes, so it is
// read in pieces and no transaction stays open while the caller is at work.
func (s *Store) Records(ctx context.Context, revision uint64, kinds ...graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		fail := func(err error) { yield(nil, fmt.Errorf("records of revision %d: %w", revision, err)) }
		now, err := s.Revision(ctx)
		if err != nil {
			fail(err)
			return
		}
		if revision > now.Number {
			fail(fmt.Errorf("%w; the current revision is %d", graph.ErrNotFound, now.Number))
			return
		}
		for _, kind := range graph.RecordKinds() {
			if len(kinds) > 0 && !slices.Contains(kinds, kind) {
				continue
			}
			for rows, err := range s.pieces(ctx, revision, kind) {
				if err != nil {
					fail(err)
					return
				}
				for _, row := range rows {
					if row.body == nil {
						continue
					}
					r, err := decode(kind, row.body)
					if err != nil {
						fail(fmt.Errorf("%s/%s: %w", kind, row.id, err))
						return
					}
					if !yield(r, nil) {
						return
					}
				}
			}
		}
	}
}

// versionsFrom finds the next versions of one kind after a version of an id, in
// order of id and age, with the body of those that were current at a revision.
// It counts versions, not records, so that a piece is short work however much
// of the history lies between two records.
const versionsFrom = `SELECT id, rev_from, iif(rev_from <= ?4 AND rev_to > ?4, body, NULL) FROM (
	SELECT id, rev_from, 9223372036854775807 AS rev_to, body FROM record WHERE kind = ?1 AND id >= ?2 AND (id > ?2 OR rev_from > ?3)
	UNION ALL
	SELECT id, rev_from, rev_to, body FROM past WHERE kind = ?1 AND id >= ?2 AND (id > ?2 OR rev_from > ?3)
	ORDER BY id, rev_from LIMIT ?5)`

// stored is one version; its body is nil when it was not current.
type stored struct {
	id   string
	from uint64
	body []byte
}

// pieces yields the versions of one kind in order of id, some at a time. The
// next ones are read while the caller is at work on the last.
func (s *Store) pieces(ctx context.Context, revision uint64, kind graph.RecordKind) iter.Seq2[[]stored, error] {
	type piece struct {
		rows []stored
		err  error
	}
	next := make(chan piece, 1) // room for the answer nobody waits for any more
	ask := func(last stored) {
		rows, err := s.versions(ctx, kind.String(), last.id, last.from, revision, chunkRows)
		next <- piece{rows, s.explain(ctx, err)}
	}
	return func(yield func([]stored, error) bool) {
		ask(stored{})
		for {
			p := <-next
			if p.err != nil {
				yield(nil, p.err)
				return
			}
			more := len(p.rows) == chunkRows
			if more {
				go ask(p.rows[len(p.rows)-1])
			}
			if len(p.rows) > 0 && !yield(p.rows, nil) || !more {
				return
			}
		}
	}
}

func (s *Store) versions(ctx context.Context, args ...any) ([]stored, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	rows, err := s.readers.QueryContext(ctx, versionsFrom, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := make([]stored, 0, chunkRows)
	for rows.Next() {
		var v stored
		if err := rows.Scan(&v.id, &v.from, &v.body); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// Get returns the current record, or graph.ErrNotFound.
func (s *Store) Get(ctx context.Context, key graph.Key) (graph.Record, error) {
	if err := s.usable(ctx); err != nil {
		return nil, fmt.Errorf("get %s: %w", key, err)
	}
	var body []byte
	err := s.readers.QueryRowContext(ctx, "SELECT body FROM record WHERE kind = ? AND id = ?", key.Kind.String(), key.ID).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%s: %w", key, graph.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", key, s.explain(ctx, err))
	}
	return decode(key.Kind, body)
}

// Batches lists committed batches, the latest first. UndoneBy names the undo
// that is in force: it is empty again once that undo has been undone itself.
func (s *Store) Batches(ctx context.Context) ([]graph.BatchInfo, error) {
	if err := s.usable(ctx); err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	list, err := batches(ctx, s.readers)
	if err != nil {
		return nil, fmt.Errorf("list batches: %w", s.explain(ctx, err))
	}
	return list, nil
}

type rowsQuerier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func batches(ctx context.Context, q rowsQuerier) ([]graph.BatchInfo, error) {
	rows, err := q.QueryContext(ctx, "SELECT revision, origin, at, added, changed, deleted, undoes FROM batch ORDER BY revision DESC")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []graph.BatchInfo
	undoneBy := map[string]string{}
	for rows.Next() {
		var b graph.BatchInfo
		var at string
		var undoes sql.Null[uint64]
		if err := rows.Scan(&b.Revision, &b.Origin, &at, &b.Added, &b.Changed, &b.Deleted, &undoes); err != nil {
			return nil, err
		}
		if b.At, err = time.Parse(time.RFC3339Nano, at); err != nil {
			return nil, fmt.Errorf("batch of revision %d: %w", b.Revision, err)
		}
		b.ID = batchID(b.Revision)
		b.UndoneBy = undoneBy[b.ID]
		if undoes.Valid {
			b.Undoes = batchID(undoes.V)
			if b.UndoneBy == "" { // later batches come first, so it is known whether this undo is in force
				undoneBy[b.Undoes] = b.ID
			}
		}
		list = append(list, b)
	}
	return list, rows.Err()
}

func batchID(revision uint64) string { return fmt.Sprintf("b%d", revision) }

// Stats are sizes of the store at one revision.
type Stats struct {
	Revision graph.Revision
	Records  map[graph.RecordKind]int // current records; kinds without any are left out
	Past     int                      // earlier versions kept
	Schema   int                      // schema version of the file
}

// Stats counts what the store holds.
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	st := Stats{Records: map[graph.RecordKind]int{}}
	err := s.read(ctx, func(tx *sql.Tx) error {
		var err error
		if st.Revision, err = currentRevision(ctx, tx); err != nil {
			return err
		}
		if st.Records, err = stock(ctx, tx); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM past), (SELECT user_version FROM pragma_user_version)").Scan(&st.Past, &st.Schema)
	})
	if err != nil {
		return Stats{}, fmt.Errorf("count records: %w", err)
	}
	return st, nil
}

// stock is the number of current records of each kind that has some.
func stock(ctx context.Context, q rowsQuerier) (map[graph.RecordKind]int, error) {
	rows, err := q.QueryContext(ctx, "SELECT kind, records FROM stock WHERE records > 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts := map[graph.RecordKind]int{}
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		kind, err := graph.ParseRecordKind(name)
		if err != nil {
			return nil, err
		}
		counts[kind] = n
	}
	return counts, rows.Err()
}

// read runs statements that all see one revision.
func (s *Store) read(ctx context.Context, run func(tx *sql.Tx) error) (err error) {
	if err := s.usable(ctx); err != nil {
		return err
	}
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.explain(ctx, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return s.explain(ctx, run(tx))
}
