package library_test

import (
	"errors"
	"os"
	"testing"

	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
)

func TestEveryWrittenCaseHoldsOnTheEmbeddedStore(t *testing.T) {
	casetest.Run(t, library.All(), os.DirFS("."), embedded())
}

func TestTheEmbeddedStoreRefusesCypherAndRunsNative(t *testing.T) {
	store, _ := embedded().New(t)
	runner := queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(store), Now: casetest.Now})
	_, err := runner.Run(t.Context(), queries.Request{Analysis: "cycles", Engine: queries.Cypher})
	if !errors.Is(err, queries.ErrEngine) || err.Error() != "engine not available: cypher needs a store in Neo4j; this one is embedded" {
		t.Errorf("error is %v", err)
	}
	res, err := runner.Run(t.Context(), queries.Request{Analysis: "cycles"})
	if err != nil || res.Engine != queries.Native || res.Cypher == nil {
		t.Errorf("answer is %+v, error %v", res, err)
	}
}
