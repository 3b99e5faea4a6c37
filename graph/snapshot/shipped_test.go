package snapshot

import (
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/ingest"
	"roundtrip/graph/snapshot/graphgen"
)

// shipped are the records of the data set that comes with the program.
func shipped(t testing.TB) []graph.Record {
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
		t.Fatalf("the shipped data has %d faults", report.FaultsTotal)
	}
	var records []graph.Record
	for r, err := range batch.Records {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func TestTheShippedDataTellsTheSeedStory(t *testing.T) {
	lens := lensOn("2025-12-16")
	lens.Companies = []string{"aws", "openai"} // aws means amazon
	v := look(t, build(t, shipped(t)...), lens)
	amazon, _ := v.Vertex("amazon")
	openai, _ := v.Vertex("openai")
	checkEdges(t, v, []Edge{
		{Payer: amazon, Payee: openai, Class: graph.Funds, Amount: bn(10), Legs: []int32{1}},
		{Payer: openai, Payee: amazon, Class: graph.Pays, Amount: bn(38), Legs: []int32{0}},
	})
}

func TestTheLensAgreesWithTheNaiveOneOnTheShippedData(t *testing.T) {
	records := shipped(t)
	s := build(t, records...)
	for seed := range uint64(300) {
		lens := graphgen.RandomLens(seed, records)
		if seed%3 != 0 {
			lens.Companies, lens.Kinds = nil, nil // most companies would hide most legs
		}
		agree(t, records, s, lens)
	}
}

func BenchmarkShippedData(b *testing.B) {
	records := shipped(b)
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			build(b, records...)
		}
	})
	s := build(b, records...)
	b.Run("view", func(b *testing.B) {
		lens := lensOn("2026-07-01")
		for b.Loop() {
			look(b, s, lens)
		}
	})
}
