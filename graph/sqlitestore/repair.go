package sqlitestore

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	sqlite3 "modernc.org/sqlite/lib"
)

// bigLog is the size in bytes of the write-ahead log from which it is copied
// into the database.
const bigLog = 4 << 20

// repair puts the database in order when the process before did not close it:
// what that process had committed is in the write-ahead log and is copied into
// the database, what it had not is dropped. It does nothing while another
// process has the database open.
func (s *Store) repair(ctx context.Context) (err error) {
	left, err := os.Stat(s.path + "-wal")
	if err != nil || left.Size() == 0 {
		return nil //nolint:nilerr // no log, nothing to repair
	}
	db := s.connect(1, pragma("locking_mode(exclusive)"), pragma("busy_timeout(0)"))
	defer func() {
		if closing := db.Close(); err == nil && closing != nil {
			err = fmt.Errorf("repair %s: %w", s.path, closing)
		}
	}()
	var busy, pages, copied int
	err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &copied)
	if resultCode(err) == sqlite3.SQLITE_BUSY || err == nil && busy != 0 {
		return nil // somebody else has it open, and keeps it in order
	}
	if err != nil {
		return fmt.Errorf("repair %s: %w", s.path, err)
	}
	var revision uint64
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(revision), 0) FROM batch").Scan(&revision); err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "recovered from a process that did not close the store, before its first change", attr("file", s.path))
		return nil //nolint:nilerr // killed before the first migration; that runs next
	}
	s.log.LogAttrs(ctx, slog.LevelWarn, "recovered from a process that did not close the store: what it had committed is kept, the rest is dropped",
		attr("file", s.path), slog.Int64("log_bytes", left.Size()), slog.Uint64("revision", revision))
	return nil
}

func attr(key, value string) slog.Attr { return slog.String(key, value) }

// levelOf makes the creation of a new file less loud than a migration.
func levelOf(version int) slog.Level {
	if version == 0 {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// afterCommit asks for a checkpoint when the log has grown, without waiting.
func (s *Store) afterCommit() {
	if info, err := os.Stat(s.path + "-wal"); err != nil || info.Size() < bigLog {
		return
	}
	select {
	case s.checkpoints <- struct{}{}:
	default: // one is due already
	}
}

// checkpointer copies the log into the database beside readers and the writer.
// A commit is on the disk before; this only keeps the log short.
func (s *Store) checkpointer() {
	defer close(s.idle)
	for range s.checkpoints {
		db := s.connect(1, pragma("synchronous(full)"), pragma("wal_autocheckpoint(0)"))
		_, err := db.ExecContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)")
		if closing := db.Close(); err == nil {
			err = closing
		}
		if err != nil {
			s.log.Warn("the write-ahead log could not be copied; it is tried again after the next commit", "file", s.path, "error", err)
		}
	}
}
