package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"roundtrip/graph"
)

// editRows is how many records one statement writes or looks up.
const editRows = 200

// row is a record to write.
type row struct {
	id     string
	body   string
	digest graph.Hash
}

// edit is one write transaction. It keeps the counts and the hash of the
// revision that it is about to make.
type edit struct {
	store    *Store
	conn     *sql.Conn
	base     graph.Revision
	revision uint64
	hash     graph.Hash
	stock    map[graph.RecordKind]int
	empty    map[graph.RecordKind]bool // kinds without a record before
	info     graph.BatchInfo
	same     int
	prepared map[string]*sql.Stmt
	done     bool
}

// begin waits for other writers, of this process and of others, until the
// context ends. The caller must call end.
func (s *Store) begin(ctx context.Context) (*edit, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if s.readOnly {
		return nil, graph.ErrReadOnly
	}
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return nil, busy(ctx)
	}
	if s.closed.Load() {
		<-s.writing
		return nil, errClosed
	}
	e := &edit{store: s, prepared: map[string]*sql.Stmt{}}
	if err := e.open(ctx); err != nil {
		e.end()
		if ctx.Err() != nil {
			return nil, busy(ctx)
		}
		return nil, s.explain(ctx, err)
	}
	return e, nil
}

// busy is the error of a writer whose context ended while another one wrote.
func busy(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", graph.ErrBusy, ctx.Err())
	}
	return ctx.Err()
}

func (e *edit) open(ctx context.Context) error {
	var err error
	if e.conn, err = e.store.writer.Conn(ctx); err != nil {
		return err
	}
	if _, err := e.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if e.base, err = currentRevision(ctx, e.conn); err != nil {
		return err
	}
	if e.stock, err = stock(ctx, e.conn); err != nil {
		return err
	}
	e.empty = map[graph.RecordKind]bool{}
	for _, k := range graph.RecordKinds() {
		e.empty[k] = e.stock[k] == 0
	}
	e.hash, e.revision = e.base.Hash, e.base.Number+1
	return nil
}

// end takes back what was not committed and lets the next writer in.
func (e *edit) end() {
	ctx := context.Background() // that of the call may have ended
	for _, st := range e.prepared {
		_ = st.Close() // nothing to do about it, and nothing is lost
	}
	if e.conn != nil {
		if !e.done {
			_, _ = e.conn.ExecContext(ctx, "ROLLBACK") // fails when SQLite has rolled back itself
		}
		_ = e.conn.Close()
	}
	<-e.store.writing
}

// commit makes the revision, or nothing when no record differs.
func (e *edit) commit(ctx context.Context, origin string, at time.Time, undoes uint64) (graph.Applied, error) {
	if err := ctx.Err(); err != nil {
		return graph.Applied{}, err
	}
	b := &e.info
	if b.Added+b.Changed+b.Deleted == 0 {
		return graph.Applied{BatchInfo: graph.BatchInfo{Revision: e.base.Number}, Unchanged: e.same, Hash: e.base.Hash}, nil
	}
	b.ID, b.Revision, b.Origin, b.At = batchID(e.revision), e.revision, origin, at
	var undone sql.Null[uint64]
	if undoes > 0 {
		b.Undoes = batchID(undoes)
		undone = sql.Null[uint64]{V: undoes, Valid: true}
	}
	if _, err := e.conn.ExecContext(ctx, "INSERT INTO batch (revision, origin, at, added, changed, deleted, undoes, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		e.revision, origin, at.UTC().Format(time.RFC3339Nano), b.Added, b.Changed, b.Deleted, undone, e.hash.String()); err != nil {
		return graph.Applied{}, err
	}
	for kind, n := range e.stock {
		if _, err := e.conn.ExecContext(ctx, "INSERT INTO stock (kind, records) VALUES (?1, ?2) ON CONFLICT (kind) DO UPDATE SET records = ?2", kind.String(), n); err != nil {
			return graph.Applied{}, err
		}
	}
	if err := e.keep(ctx); err != nil {
		return graph.Applied{}, err
	}
	return graph.Applied{BatchInfo: *b, Unchanged: e.same, Hash: e.hash}, nil
}

// keep commits what was written. From here on the answer must be what happened,
// whatever the context does.
func (e *edit) keep(ctx context.Context) error {
	if _, err := e.conn.ExecContext(context.WithoutCancel(ctx), "COMMIT"); err != nil {
		return err
	}
	e.done = true
	e.store.afterCommit()
	return nil
}

// put writes records of one kind, at most editRows, each id once in the whole
// edit. Records that are stored with the same body are left alone.
func (e *edit) put(ctx context.Context, kind graph.RecordKind, rows []row) error {
	var known map[string]version
	if !e.empty[kind] {
		ids := make([]any, len(rows))
		for i, r := range rows {
			ids[i] = r.id
		}
		var err error
		if known, err = e.current(ctx, kind, ids); err != nil {
			return err
		}
	}
	var fresh, changed, old []any
	for _, r := range rows {
		v, ok := known[r.id]
		switch {
		case !ok:
			fresh = append(fresh, r.id, r.body)
			e.hash = e.hash.Plus(r.digest)
		case v.from == e.revision:
			return twice(kind, r.id)
		case v.body == r.body:
			e.same++
		default:
			changed = append(changed, r.id, r.body)
			old = append(old, r.id, v.from, v.body)
			e.hash = e.hash.Minus(graph.DigestCanonical(kind, []byte(v.body))).Plus(r.digest)
		}
	}
	e.stock[kind] += len(fresh) / 2
	e.info.Added += len(fresh) / 2
	e.info.Changed += len(changed) / 2
	tuple := fmt.Sprintf("('%s', ?, %d, ?)", kind, e.revision)
	err := e.exec(ctx, "INSERT INTO record (kind, id, rev_from, body) VALUES ", tuple, "", fresh, 2)
	if err == nil {
		err = e.keepPast(ctx, kind, old)
	}
	if err == nil {
		err = e.exec(ctx, "INSERT INTO record (kind, id, rev_from, body) VALUES ", tuple,
			" ON CONFLICT (kind, id) DO UPDATE SET rev_from = excluded.rev_from, body = excluded.body", changed, 2)
	}
	if resultCode(err) == sqlite3.SQLITE_CONSTRAINT {
		return e.nameTwice(ctx, kind, rows, err)
	}
	return err
}

// remove takes away records of one kind, at most editRows.
func (e *edit) remove(ctx context.Context, kind graph.RecordKind, ids []string) error {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	known, err := e.current(ctx, kind, args)
	if err != nil {
		return err
	}
	var old []any
	for _, id := range ids {
		v, ok := known[id]
		switch {
		case !ok:
			return fmt.Errorf("%s, to be deleted: %w", graph.Key{Kind: kind, ID: id}, graph.ErrNotFound)
		case v.from == e.revision:
			return fmt.Errorf("%s is both written and deleted in this batch", graph.Key{Kind: kind, ID: id})
		}
		old = append(old, id, v.from, v.body)
		e.hash = e.hash.Minus(graph.DigestCanonical(kind, []byte(v.body)))
	}
	e.stock[kind] -= len(ids)
	e.info.Deleted += len(ids)
	if err := e.keepPast(ctx, kind, old); err != nil {
		return err
	}
	return e.exec(ctx, "DELETE FROM record WHERE kind = '"+kind.String()+"' AND id IN (", "?", ")", args, 1)
}

func (e *edit) keepPast(ctx context.Context, kind graph.RecordKind, old []any) error {
	return e.exec(ctx, "INSERT INTO past (kind, id, rev_from, rev_to, body) VALUES ", fmt.Sprintf("('%s', ?, ?, %d, ?)", kind, e.revision), "", old, 3)
}

// exec runs one statement for all args, per of them in each tuple; without any
// it does nothing.
func (e *edit) exec(ctx context.Context, head, tuple, tail string, args []any, per int) error {
	if len(args) == 0 {
		return nil
	}
	st, err := e.statement(ctx, head, tuple, tail, len(args)/per)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(ctx, args...)
	return err
}

// statement prepares the text with so many tuples; full pieces are prepared once.
func (e *edit) statement(ctx context.Context, head, tuple, tail string, n int) (*sql.Stmt, error) {
	text := head + strings.Repeat(tuple+", ", n-1) + tuple + tail
	if st, ok := e.prepared[text]; ok {
		return st, nil
	}
	st, err := e.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	e.prepared[text] = st
	return st, nil
}

// version is what is stored of a record.
type version struct {
	from uint64
	body string
}

// current looks up the current versions of records of one kind.
func (e *edit) current(ctx context.Context, kind graph.RecordKind, ids []any) (map[string]version, error) {
	st, err := e.statement(ctx, "SELECT id, rev_from, body FROM record WHERE kind = '"+kind.String()+"' AND id IN (", "?", ")", len(ids))
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(ctx, ids...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := make(map[string]version, len(ids))
	for rows.Next() {
		var id string
		var v version
		if err := rows.Scan(&id, &v.from, &v.body); err != nil {
			return nil, err
		}
		known[id] = v
	}
	return known, rows.Err()
}

func twice(kind graph.RecordKind, id string) error {
	return fmt.Errorf("%s is in the batch twice", graph.Key{Kind: kind, ID: id})
}

// nameTwice finds the record that broke the rule of one record for each id.
func (e *edit) nameTwice(ctx context.Context, kind graph.RecordKind, rows []row, broken error) error {
	seen := make(map[string]bool, len(rows))
	ids := make([]any, 0, len(rows))
	for _, r := range rows {
		if seen[r.id] {
			return twice(kind, r.id)
		}
		seen[r.id] = true
		ids = append(ids, r.id)
	}
	known, err := e.current(ctx, kind, ids)
	if err != nil {
		return errors.Join(broken, err)
	}
	for _, r := range rows {
		if known[r.id].from == e.revision {
			return twice(kind, r.id)
		}
	}
	return broken
}
