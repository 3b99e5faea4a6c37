// Package sqlitestore keeps a graph in one SQLite file, without a server. It is
// the default store.
//
// A batch is one transaction of a write-ahead log that is flushed to the disk
// before Apply returns. Readers work beside the writer and each sees one
// revision. Other processes may open the same data; one writes at a time.
package sqlitestore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"

	"roundtrip/graph"
)

// FileName is the name of the database inside the data directory. SQLite keeps
// two more files beside it, with -wal and -shm added, while it is open.
const FileName = "roundtrip.db"

// Options change how a store is opened. The zero value is fine.
type Options struct {
	// Logger is told what was repaired after a crash and which migrations ran.
	// Nil is silent.
	Logger *slog.Logger
	// ReadOnly opens data that must be there already; Apply and Undo are
	// graph.ErrReadOnly.
	ReadOnly bool
}

// Store is a graph.Store in a SQLite file.
type Store struct {
	path     string
	log      *slog.Logger
	readOnly bool
	readers  *sql.DB
	writer   *sql.DB // one connection; nil when read-only

	writing chan struct{} // holds one token while a writer is at work
	closed  atomic.Bool

	checkpoints chan struct{} // asks for a checkpoint; closed by Close
	idle        chan struct{} // closed when the last checkpoint is done
}

var _ graph.Store = (*Store)(nil)

var errClosed = errors.New("the store is closed")

// Open opens the store in the data directory. The directory is made, readable
// by its owner only, when it is missing; an older schema is migrated, a newer
// one is an error. What a process that was killed left behind is repaired.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	s := &Store{
		path: path, log: o.Logger, readOnly: o.ReadOnly,
		writing:     make(chan struct{}, 1),
		checkpoints: make(chan struct{}, 1),
		idle:        make(chan struct{}),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := prepare(path, o.ReadOnly); err != nil {
		return nil, err
	}
	if !o.ReadOnly {
		if err := s.repair(ctx); err != nil {
			return nil, s.explain(ctx, err)
		}
		s.writer = s.connect(1, "_txlock=immediate", pragma("journal_mode(wal)"), pragma("synchronous(full)"),
			pragma("cache_size(-65536)"), pragma("wal_autocheckpoint(0)"), pragma("journal_size_limit(1048576)"), waitForever)
		if err := s.migrate(ctx); err != nil {
			return nil, errors.Join(s.explain(ctx, err), s.writer.Close())
		}
	}
	s.readers = s.connect(16, pragma("query_only(1)"), pragma("cache_size(-8192)"), pragma("busy_timeout(10000)"))
	if err := s.checkSchema(ctx); err != nil {
		return nil, errors.Join(s.explain(ctx, err), s.closeAll())
	}
	go s.checkpointer()
	return s, nil
}

// prepare makes the directory and the file, or finds them.
func prepare(path string, readOnly bool) error {
	dir := filepath.Dir(path)
	if readOnly {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("data directory %s holds no data to read: %w", dir, err)
		}
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data directory %s cannot be made: %w", dir, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("data directory %s is not writable: %w", dir, err)
	}
	return f.Close()
}

// waitForever lets SQLite wait for another process as long as the context of
// the call allows.
const waitForever = "_busy_timeout=2000000000"

func pragma(text string) string { return "_pragma=" + url.QueryEscape(text) }

// connect makes a pool of at most that many connections. It opens none.
func (s *Store) connect(most int, params ...string) *sql.DB {
	p := filepath.ToSlash(s.path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // a path with a drive letter
	}
	params = append(params, "_error_rc=1", "_dqs=0", "_defensive=1")
	if s.readOnly {
		params = append(params, "mode=ro")
	}
	db := sql.OpenDB(&connector{dsn: "file:" + (&url.URL{Path: p}).EscapedPath() + "?" + strings.Join(params, "&"), driver: newDriver()})
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	db.SetConnMaxIdleTime(time.Minute)
	return db
}

// connector opens connections that know the functions of this package.
type connector struct {
	dsn    string
	driver *sqlite.Driver
}

// Connect opens one connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.driver.Open(c.dsn)
}

// Driver is the driver of this store.
func (c *connector) Driver() driver.Driver { return c.driver }

// Path is the database file.
func (s *Store) Path() string { return s.path }

// Close waits for a writer at work as long as the context allows, then releases
// the file. Closing again does nothing.
func (s *Store) Close(ctx context.Context) error {
	if s.closed.Swap(true) {
		return nil
	}
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		s.closed.Store(false)
		return fmt.Errorf("close: %w: %w", graph.ErrBusy, ctx.Err())
	}
	defer func() { <-s.writing }() // whoever waits to write learns that the store is closed
	close(s.checkpoints)
	<-s.idle
	return s.closeAll()
}

func (s *Store) closeAll() error {
	var err error
	if s.readers != nil {
		err = s.readers.Close()
	}
	if s.writer != nil {
		err = errors.Join(err, s.writer.Close())
	}
	if err != nil {
		return fmt.Errorf("close %s: %w", s.path, err)
	}
	return nil
}

// usable is the error of a call on a closed store or with a context that has
// ended.
func (s *Store) usable(ctx context.Context) error {
	if s.closed.Load() {
		return errClosed
	}
	return ctx.Err()
}
