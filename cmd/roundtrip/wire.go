package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"roundtrip/config"
	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/ingest"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/scenario"
	"roundtrip/graph/sqlitestore"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/server"
)

// openTimeout bounds the opening of a store, repairs included.
const openTimeout = 2 * time.Minute

// closeTimeout bounds its closing.
const closeTimeout = 10 * time.Second

// opened is a store with what the program needs of it.
type opened struct {
	graph.Store
	graph.Documents
	check  func(ctx context.Context) error
	cypher queries.CypherSource // nil for the embedded store
	name   string               // for people
	live   *queries.Live        // once it was asked for
}

// openStore opens the store that the settings name.
func openStore(ctx context.Context, c config.Config, log *slog.Logger) (*opened, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if c.Store.Kind == "neo4j" {
		s, err := neo4jstore.Open(ctx, neo4jstore.Config{
			URI: c.Neo4j.URI, Username: c.Neo4j.Username, Password: c.Neo4j.Password, Database: c.Neo4j.Database, Logger: log,
		})
		if err != nil {
			return nil, err
		}
		return &opened{Store: s, Documents: s, check: s.Check, cypher: cypherOf{s}, name: c.Neo4j.URI}, nil
	}
	s, err := sqlitestore.Open(ctx, c.Store.Path, sqlitestore.Options{Logger: log})
	if err != nil {
		return nil, err
	}
	return &opened{Store: s, Documents: s, check: s.Check, name: c.Store.Path}, nil
}

// cypherOf lets the Runner ask a Neo4j store.
type cypherOf struct{ store *neo4jstore.Store }

// Query runs a read-only statement.
func (c cypherOf) Query(ctx context.Context, text string, params map[string]any) ([]queries.Record, uint64, error) {
	rows, err := c.store.Query(ctx, text, params)
	if err != nil {
		return nil, 0, err
	}
	records := make([]queries.Record, len(rows.Values))
	for i, values := range rows.Values {
		records[i] = make(queries.Record, len(rows.Columns))
		for j, name := range rows.Columns {
			records[i][name] = values[j]
		}
	}
	return records, rows.Revision.Number, nil
}

// ready is what a server asks before it calls itself ready, beside the store's
// revision: whether a Neo4j has the schema of this program. The check of the
// embedded store reads everything and is left to doctor.
func (o *opened) ready() []server.Check {
	if o.cypher == nil {
		return nil
	}
	return []server.Check{{Name: "schema", Run: o.check}}
}

// closeAfter closes the store and joins what went wrong to err.
func (o *opened) closeAfter(err *error) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	*err = errors.Join(*err, o.Close(ctx))
}

// loadDataset imports the shipped data into a store that never held anything.
// It tells whether it did.
func (o *opened) loadDataset(ctx context.Context, now time.Time) (bool, error) {
	rev, err := o.Revision(ctx)
	if err != nil || rev.Number > 0 {
		return false, err
	}
	src, err := ingest.FromFS(dataset.FS())
	if err != nil {
		return false, err
	}
	report, batch, err := ingest.Check(ctx, src, o, ingest.Options{Origin: "shipped data set ai-deals", At: now})
	if err != nil {
		return false, err
	}
	if err := report.Err(); err != nil {
		return false, fmt.Errorf("the shipped data set breaks a rule: %w", err)
	}
	_, err = o.Apply(ctx, batch)
	if errors.Is(err, graph.ErrConflict) {
		return false, nil // another server was first
	}
	return err == nil, err
}

// newLive is the graph of the store in memory, the same each time.
func newLive(o *opened) *queries.Live {
	if o.live == nil {
		o.live = queries.NewLive(o.Store)
	}
	return o.live
}

// newShelf is the scenarios saved in the store, and those of the shipped data
// where the store may hold that.
func newShelf(c config.Config, o *opened) (*scenario.Shelf, error) {
	if !c.Store.Dataset {
		return scenario.NewShelf(nil, o)
	}
	return scenario.NewShelf(dataset.Scenarios(), o)
}

// newRunner is the one door over the store.
func newRunner(c config.Config, o *opened, now func() time.Time) *queries.Runner {
	return queries.NewRunner(queries.Options{
		Catalogue: library.All(), Live: newLive(o), Cypher: o.cypher, Now: now, Browser: c.Neo4j.BrowserURL,
		Probabilities: graph.Probabilities(c.Analysis.Probabilities), Timeout: c.Analysis.Timeout, CypherLegs: c.Analysis.CypherLegs,
	})
}

// newLogger logs to w as the settings say.
func newLogger(c config.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // config allows only levels that slog knows
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
