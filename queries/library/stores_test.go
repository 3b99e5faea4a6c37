package library_test

import (
	"context"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/sqlitestore"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
)

func embedded() casetest.Store {
	return casetest.Store{Name: "sqlite", New: func(t testing.TB) (graph.Store, queries.CypherSource) {
		t.Helper()
		s, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		closeAfter(t, s)
		return s, nil
	}}
}

func closeAfter(t testing.TB, s graph.Store) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}
