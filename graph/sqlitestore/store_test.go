package sqlitestore_test

import (
	"context"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/sqlitestore"
	"roundtrip/graph/storetest"
)

func TestStoreKeepsThePromisesOfTheContract(t *testing.T) {
	storetest.Run(t, fresh, storetest.Options{})
}

func TestDocumentsAreKeptAsPromised(t *testing.T) {
	storetest.RunDocuments(t, fresh, storetest.Options{})
}

func fresh(t *testing.T) storetest.Open {
	dir := t.TempDir()
	return func(ctx context.Context) (graph.Store, error) { return openStore(ctx, dir) }
}

func openStore(ctx context.Context, dir string) (graph.Store, error) {
	return sqlitestore.Open(ctx, dir, sqlitestore.Options{})
}

func TestAKilledImportLeavesAllOfItOrNothing(t *testing.T) {
	storetest.Kill(t, storetest.KillTest{Place: func(t *testing.T) string { return t.TempDir() }, Open: openStore})
}

func TestADocumentThatWasAnsweredOutlivesAKill(t *testing.T) {
	storetest.KillDocuments(t, storetest.KillTest{Place: func(t *testing.T) string { return t.TempDir() }, Open: openStore})
}

func TestDocumentsThatAreWrittenTogetherOutliveAKillTogether(t *testing.T) {
	storetest.KillDocumentsTogether(t, storetest.KillTest{Place: func(t *testing.T) string { return t.TempDir() }, Open: openStore})
}
