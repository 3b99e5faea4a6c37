package library_test

import (
	"context"
	"os"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
)

// inNeo4j empties the one database of the server for every store.
func inNeo4j() casetest.Store {
	return casetest.Store{Name: "neo4j", New: func(t testing.TB) (graph.Store, queries.CypherSource) {
		t.Helper()
		server := neo4jtest.Start(t)
		server.Wipe(t)
		s, err := neo4jstore.Open(t.Context(), neo4jstore.Config{
			URI: server.URI, Username: server.Username, Password: server.Password, Database: server.Database,
		})
		if err != nil {
			t.Fatal(err)
		}
		closeAfter(t, s)
		return s, cypherOf{s}
	}}
}

// cypherOf lets a Runner ask a store in Neo4j.
type cypherOf struct{ store *neo4jstore.Store }

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

func TestEveryWrittenCaseHoldsInNeo4jWithBothEngines(t *testing.T) {
	casetest.Run(t, library.All(), os.DirFS("."), inNeo4j())
}
