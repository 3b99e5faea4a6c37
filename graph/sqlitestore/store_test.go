package sqlitestore_test

import (
	"context"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/sqlitestore"
	"roundtrip/graph/storetest"
)

func TestStoreKeepsThePromisesOfTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Open {
		dir := t.TempDir()
		return func(ctx context.Context) (graph.Store, error) {
			return sqlitestore.Open(ctx, dir, sqlitestore.Options{})
		}
	}, storetest.Options{})
}

func TestAKilledImportLeavesAllOfItOrNothing(t *testing.T) {
	storetest.Kill(t, storetest.KillTest{
		Place: func(t *testing.T) string { return t.TempDir() },
		Open: func(ctx context.Context, dir string) (graph.Store, error) {
			return sqlitestore.Open(ctx, dir, sqlitestore.Options{})
		},
	})
}
