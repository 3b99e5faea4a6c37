package scenario_test

import (
	"strings"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/ingest"
	"roundtrip/graph/scenario"
	"roundtrip/graph/snapshot"
)

// shipped is the data set that comes with the program.
func shipped(t testing.TB) *snapshot.Snapshot {
	t.Helper()
	src, err := ingest.FromFS(dataset.FS())
	if err != nil {
		t.Fatal(err)
	}
	report, batch, err := ingest.Check(t.Context(), src, nil, ingest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() {
		t.Fatal(report.Err())
	}
	s, err := snapshot.Build(graph.Revision{Number: 7}, batch.Records)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// build makes a snapshot of records that keep the rules of an import.
func build(t testing.TB, records ...graph.Record) *snapshot.Snapshot {
	t.Helper()
	report, batch, err := ingest.CheckRecords(t.Context(), records, nil, nil, ingest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() {
		t.Fatal(report.Err())
	}
	s, err := snapshot.Build(graph.Revision{Number: 7}, batch.Records)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// steps makes a scenario of the given lines under "steps:".
func steps(lines ...string) string {
	return "name: test\nsteps:\n  " + strings.Join(lines, "\n  ") + "\n"
}

func parse(t testing.TB, text string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Parse("", []byte(text))
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	return s
}

func apply(t testing.TB, text string, base *snapshot.Snapshot) (*snapshot.Snapshot, *scenario.Effect) {
	t.Helper()
	after, effect, err := parse(t, text).Apply(t.Context(), base)
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	return after, effect
}

// hash is the content hash of all records of a snapshot.
func hash(s *snapshot.Snapshot) graph.Hash {
	var h graph.Hash
	for r := range s.Records() {
		h = h.Plus(graph.Digest(r))
	}
	return h
}

// flow is the record of a leg.
func flow(t testing.TB, s *snapshot.Snapshot, id string) *graph.Flow {
	t.Helper()
	i, ok := s.FlowIndex(id)
	if !ok {
		t.Fatalf("no leg %s", id)
	}
	return s.Flow(i)
}
