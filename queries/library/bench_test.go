package library_test

import (
	"slices"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
)

// benchmarked are all analyses: their time on the shipped data is promised to be
// at most 50 ms cold and 5 ms warm with the native engine (250 ms where ranges of
// throughput are found), 1 s warm in Cypher.
func benchmarked(engine queries.Engine) []*queries.Analysis {
	return slices.DeleteFunc(library.All(), func(a *queries.Analysis) bool { return engine != queries.Native && !a.HasTwin })
}

// BenchmarkColdNative reads the graph from the SQLite file, builds the snapshot
// and answers.
func BenchmarkColdNative(b *testing.B) {
	store, _ := embedded().New(b)
	casetest.Import(b, store, dataset.FS())
	for _, a := range benchmarked(queries.Native) {
		b.Run(a.Name, func(b *testing.B) {
			for b.Loop() {
				ask(b, newRunner(store, nil), a, queries.Native)
			}
		})
	}
}

// BenchmarkWarmNative answers from the snapshot in memory.
func BenchmarkWarmNative(b *testing.B) {
	store, _ := embedded().New(b)
	casetest.Import(b, store, dataset.FS())
	benchmarkWarm(b, newRunner(store, nil), queries.Native)
}

// BenchmarkWarmCypher answers in Neo4j, statements planned.
func BenchmarkWarmCypher(b *testing.B) {
	store, cypher := inNeo4j().New(b)
	casetest.Import(b, store, dataset.FS())
	benchmarkWarm(b, newRunner(store, cypher), queries.Cypher)
}

func benchmarkWarm(b *testing.B, runner *queries.Runner, engine queries.Engine) {
	b.Helper()
	for _, a := range benchmarked(engine) {
		b.Run(a.Name, func(b *testing.B) {
			ask(b, runner, a, engine)
			for b.Loop() {
				ask(b, runner, a, engine)
			}
		})
	}
}

func newRunner(store graph.Store, cypher queries.CypherSource) *queries.Runner {
	return queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(store), Cypher: cypher, Now: casetest.Now})
}

func ask(b *testing.B, runner *queries.Runner, a *queries.Analysis, engine queries.Engine) {
	b.Helper()
	res, err := runner.Run(b.Context(), queries.Request{Analysis: a.Name, Params: a.Example, Engine: engine})
	if err != nil {
		b.Fatal(err)
	}
	if len(res.Rows) == 0 || res.Truncated.Is && a.Name != "cycles" { // of which the first hundred are shown
		b.Fatalf("%d rows, cut: %v", len(res.Rows), res.Truncated)
	}
}
