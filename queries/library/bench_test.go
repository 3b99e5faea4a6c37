package library_test

import (
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
func benchmarked(engine queries.Engine) []string {
	var names []string
	for _, a := range library.All() {
		if engine == queries.Native || a.HasTwin {
			names = append(names, a.Name)
		}
	}
	return names
}

// BenchmarkColdNative reads the graph from the SQLite file, builds the snapshot
// and answers.
func BenchmarkColdNative(b *testing.B) {
	store, _ := embedded().New(b)
	casetest.Import(b, store, dataset.FS())
	for _, name := range benchmarked(queries.Native) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ask(b, newRunner(store, nil), name, queries.Native)
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
	for _, name := range benchmarked(engine) {
		b.Run(name, func(b *testing.B) {
			ask(b, runner, name, engine)
			for b.Loop() {
				ask(b, runner, name, engine)
			}
		})
	}
}

func newRunner(store graph.Store, cypher queries.CypherSource) *queries.Runner {
	return queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(store), Cypher: cypher, Now: casetest.Now})
}

func ask(b *testing.B, runner *queries.Runner, name string, engine queries.Engine) {
	b.Helper()
	a, err := library.All().Find(name)
	if err != nil {
		b.Fatal(err)
	}
	res, err := runner.Run(b.Context(), queries.Request{Analysis: name, Params: a.Example, Engine: engine})
	if err != nil {
		b.Fatal(err)
	}
	if len(res.Rows) == 0 || res.Truncated.Is && name != "cycles" { // of which the first hundred are shown
		b.Fatalf("%d rows, cut: %v", len(res.Rows), res.Truncated)
	}
}
