package ingest

import (
	"strings"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
)

func TestTheShippedDataHasNoFaultsAndItsKnownWarnings(t *testing.T) {
	src, err := FromFS(dataset.FS())
	if err != nil {
		t.Fatal(err)
	}
	report, batch, err := Check(t.Context(), src, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	t.Log(text.String())
	if !report.OK() {
		t.Fatalf("%d faults", report.FaultsTotal)
	}
	got := map[graph.RecordKind]int{}
	for r, err := range batch.Records {
		if err != nil {
			t.Fatal(err)
		}
		got[r.Key().Kind]++
	}
	t.Log(got)
}
