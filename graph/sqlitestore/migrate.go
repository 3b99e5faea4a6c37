package sqlitestore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// applicationID marks the files of this program in the header of the database.
const applicationID = 0x52545250

// migration is one file; its number is the schema version that it leads to.
type migration struct {
	number int
	name   string
	text   string
}

// migrations are all numbered files, in order; the numbers are 1, 2, 3 ...
func migrations() ([]migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	list := make([]migration, 0, len(names))
	for i, name := range names {
		base := strings.TrimPrefix(name, "migrations/")
		digits, _, _ := strings.Cut(base, "_")
		number, err := strconv.Atoi(digits)
		if err != nil || number != i+1 {
			return nil, fmt.Errorf("migration %s must have the number %d", base, i+1)
		}
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", base, err)
		}
		list = append(list, migration{number, base, string(text)})
	}
	return list, nil
}

// migrate brings the schema up to date, one transaction for each step.
func (s *Store) migrate(ctx context.Context) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	found := unread // the version of the file as it was
	for _, m := range steps {
		err := s.step(ctx, m, len(steps), &found)
		// Of several that open a new file at once, some are refused without
		// waiting while one turns it to write-ahead logging.
		for resultCode(err) == sqlite3.SQLITE_BUSY {
			select {
			case <-ctx.Done():
				return err
			case <-time.After(busyPause):
				err = s.step(ctx, m, len(steps), &found)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	unread    = -1 // no version
	busyPause = 10 * time.Millisecond
)

func (s *Store) step(ctx context.Context, m migration, newest int, found *int) (err error) {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", s.path, err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // the first error is the one to tell
		}
	}()
	// Read under the lock: another process may have just done the same.
	version, err := s.version(ctx, tx, newest)
	if err != nil {
		return err
	}
	if version >= m.number {
		return tx.Rollback()
	}
	if _, err := tx.ExecContext(ctx, m.text+fmt.Sprintf("\nPRAGMA user_version = %d;", m.number)); err != nil {
		return fmt.Errorf("migration %s of %s: %w", m.name, s.path, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("migration %s of %s: %w", m.name, s.path, err)
	}
	s.log.LogAttrs(ctx, levelOf(*found), "schema migrated", attr("file", s.path), attr("migration", m.name))
	return nil
}

// checkSchema is an error when the file is not of this version of the program.
func (s *Store) checkSchema(ctx context.Context) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	version, err := s.version(ctx, s.readers, len(steps))
	if err != nil {
		return err
	}
	if version < len(steps) {
		return fmt.Errorf("%s has schema version %d, this program needs %d; open it for writing once to migrate it", s.path, version, len(steps))
	}
	return nil
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// version is the schema version of the file, 0 when it is empty.
func (s *Store) version(ctx context.Context, q querier, newest int) (int, error) {
	var version, application, tables int
	row := q.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version),
		(SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)`)
	if err := row.Scan(&version, &application, &tables); err != nil {
		return 0, fmt.Errorf("read the schema version of %s: %w", s.path, err)
	}
	if application != applicationID && (application != 0 || version != 0 || tables != 0) {
		return 0, fmt.Errorf("%s is a SQLite database of another program; choose another data directory", s.path)
	}
	if version > newest {
		return 0, fmt.Errorf("%s has schema version %d, this program knows versions up to %d; use a newer roundtrip", s.path, version, newest)
	}
	return version, nil
}
