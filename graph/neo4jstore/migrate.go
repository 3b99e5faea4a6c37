package neo4jstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"roundtrip/graph"
)

//go:embed schema/*.cypher
var schemaFiles embed.FS

// ErrSchema says that the schema in the database is not the one that this
// program knows.
var ErrSchema = errors.New("the schema of the database does not fit this program")

// migrations are the statements of each numbered file, the first file first.
func migrations() ([][]string, error) {
	entries, err := fs.ReadDir(schemaFiles, "schema")
	if err != nil {
		return nil, fmt.Errorf("read the embedded schema: %w", err)
	}
	var all [][]string
	for i, e := range entries {
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(e.Name(), want) {
			return nil, fmt.Errorf("schema file %s does not begin with %s", e.Name(), want)
		}
		text, err := fs.ReadFile(schemaFiles, "schema/"+e.Name())
		if err != nil {
			return nil, fmt.Errorf("read the embedded schema: %w", err)
		}
		all = append(all, statements(string(text)))
	}
	return all, nil
}

// statements splits a file at semicolons at line ends and leaves comment lines
// out.
func statements(text string) []string {
	var list []string
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		b.WriteString(strings.TrimSuffix(line, ";") + "\n")
		if strings.HasSuffix(line, ";") {
			list = append(list, b.String())
			b.Reset()
		}
	}
	return list
}

func checkSchema(found, known int64) error {
	switch {
	case found > known:
		return fmt.Errorf("%w: it is version %d and the newest that this program knows is %d; use a newer program", ErrSchema, found, known)
	case found < known:
		return fmt.Errorf("%w: it is version %d and this program needs %d; run migrate, or open it for writing once", ErrSchema, found, known)
	}
	return nil
}

// migrate applies the schema files that the database does not have yet. Several
// servers may do so at once: statements may be repeated, and the version is
// raised after the last statement of a file.
func (s *Store) migrate(ctx context.Context) error {
	known, err := migrations()
	if err != nil {
		return err
	}
	var found int64
	var exists bool
	err = s.read(ctx, "read the schema version", func(ctx context.Context, t tx) error {
		v, err := t.one(ctx, "OPTIONAL MATCH (m:RoundtripMeta {key: 'graph'}) RETURN m.schema", nil)
		if err != nil {
			return err
		}
		found, exists = v[0].(int64)
		return nil
	})
	if err != nil {
		return err
	}
	if exists && found >= int64(len(known)) {
		return checkSchema(found, int64(len(known)))
	}
	const key = "CREATE CONSTRAINT roundtrip_meta IF NOT EXISTS FOR (n:RoundtripMeta) REQUIRE n.key IS UNIQUE"
	if err := s.declare(ctx, key); err != nil {
		return err
	}
	err = s.write(ctx, "create the meta node", func(ctx context.Context, t tx) error {
		return t.run(ctx, `MERGE (m:RoundtripMeta {key: 'graph'})
			ON CREATE SET m.schema = 0, m.revision = 0, m.published = 0, m.hash = $hash, m.at = '', m.counts = []
			WITH m MERGE (l:RoundtripLease {key: 'writer'}) ON CREATE SET l.token = 0, l.expires = 0`,
			map[string]any{"hash": graph.Hash{}.String()})
	})
	if err != nil {
		return err
	}
	for i := int(found); i < len(known); i++ {
		for _, statement := range known[i] {
			if err := s.declare(ctx, statement); err != nil {
				return err
			}
		}
		err := s.write(ctx, "record the schema version", func(ctx context.Context, t tx) error {
			return t.run(ctx, "MATCH (m:RoundtripMeta {key: 'graph'}) WHERE m.schema < $version SET m.schema = $version",
				map[string]any{"version": int64(i + 1)})
		})
		if err != nil {
			return err
		}
		s.config.Logger.InfoContext(ctx, "neo4j schema brought up to date", "version", i+1)
	}
	return s.declare(ctx, "CALL db.awaitIndexes(60)")
}

// declare runs one schema statement in a transaction of its own. Another server
// that declares the same at the same moment may get in the way, so it is tried
// again for a while.
func (s *Store) declare(ctx context.Context, statement string) error {
	for attempt := 1; ; attempt++ {
		err := s.write(ctx, "schema statement "+strings.TrimSpace(statement), func(ctx context.Context, t tx) error {
			return t.run(ctx, statement, nil)
		})
		if err == nil || attempt == 10 || ctx.Err() != nil || !errors.As(err, new(*StatementError)) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(attempt) * 50 * time.Millisecond):
		}
	}
}
