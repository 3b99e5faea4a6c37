package sqlitestore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"roundtrip/graph"
)

// explain turns an error of SQLite into one that a person can act on. An error
// that came of the end of the context is that of the context.
func (s *Store) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if s.closed.Load() {
		return errClosed
	}
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) && cutShort(err) {
		return fmt.Errorf("%w: %w", ended, err)
	}
	switch resultCode(err) {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is not a SQLite database; restore it from a backup or move it away: %w", s.path, err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s is damaged; restore it from a backup: %w", s.path, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("no space is left for %s; nothing of the change was kept: %w", s.path, err)
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%s: %w: %w", s.path, graph.ErrBusy, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%s cannot be read or written: %w", s.path, err)
	}
	return err
}

// cutShort tells whether an error is how a statement ends that was stopped.
func cutShort(err error) bool {
	code := resultCode(err)
	return code == sqlite3.SQLITE_INTERRUPT || code == sqlite3.SQLITE_BUSY || errors.Is(err, sql.ErrTxDone) || errors.Is(err, driver.ErrBadConn)
}

// resultCode is the primary result code of SQLite in an error, 0 when it has none.
func resultCode(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & 0xff
}
