package graphgen_test

import (
	"context"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"roundtrip/graph"
	"roundtrip/graph/ingest"
	"roundtrip/graph/snapshot/graphgen"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	rapid.TB
	Context() context.Context
}

// accept fails unless an import of the records has no fault and leaves every
// record as it is.
func accept(t tester, records []graph.Record) {
	t.Helper()
	report, batch, err := ingest.CheckRecords(t.Context(), records, nil, nil, ingest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Faults {
		t.Errorf("fault %+v", f)
	}
	if !report.OK() {
		t.FailNow()
	}
	given := map[graph.Key]graph.Record{}
	for _, r := range records {
		given[r.Key()] = r
	}
	n := 0
	for r, err := range batch.Records {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if old, ok := given[r.Key()]; !ok || !graph.Same(old, r) {
			t.Fatalf("the import made\n%s of\n%s", graph.AppendCanonical(nil, r), graph.AppendCanonical(nil, old))
		}
	}
	if n != len(records) || len(given) != n {
		t.Fatalf("%d records with %d keys became %d", len(records), len(given), n)
	}
}

func TestAnImportAcceptsEveryDrawnGraph(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { accept(t, graphgen.Draw(t)) })
}

func TestAnImportAcceptsRandomGraphsOfEverySize(t *testing.T) {
	for seed := range uint64(200) {
		o := graphgen.Options{Companies: 1 + int(seed%30), Legs: 1 + int(seed*3%150), Plain: seed%10 == 9, Money: seed%4 == 1}
		accept(t, graphgen.Random(seed, o))
	}
}

func TestAnImportAcceptsATransferList(t *testing.T) {
	var records []graph.Record
	for r, err := range graphgen.Transfers(3, 20, 500) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	if len(records) != 520 {
		t.Errorf("%d records, want 20 companies and 500 legs", len(records))
	}
	accept(t, records)
}

func TestTheSameSeedGivesTheSameGraphAndLens(t *testing.T) {
	a, b := graphgen.Random(7, graphgen.Options{}), graphgen.Random(7, graphgen.Options{})
	if !reflect.DeepEqual(a, b) {
		t.Error("records differ")
	}
	if !reflect.DeepEqual(graphgen.RandomLens(7, a), graphgen.RandomLens(7, b)) {
		t.Error("lenses differ")
	}
	if reflect.DeepEqual(a, graphgen.Random(8, graphgen.Options{})) {
		t.Error("another seed gives the same records")
	}
}

// A generator that never makes the awkward case proves nothing.
func TestRandomGraphsHoldTheAwkwardCases(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(100) {
		records := graphgen.Random(seed, graphgen.Options{})
		byID, pairs := map[string]*graph.Flow{}, map[string]int{}
		for _, r := range records {
			switch r := r.(type) {
			case *graph.Company:
				count(met, "subsidiary", r.ParentID != "")
				count(met, "aggregate", r.Aggregate())
			case *graph.Flow:
				byID[r.ID] = r
				pairs[r.From+" "+r.To]++
				whole := byID[r.ParentFlowID]
				count(met, "part", whole != nil)
				count(met, "part of a part", whole != nil && whole.ParentFlowID != "")
				count(met, "part of an umbrella", whole != nil && whole.Kind == graph.Umbrella)
				count(met, "umbrella as a part", whole != nil && r.Kind == graph.Umbrella)
				count(met, "self loop", r.From == r.To)
				count(met, "unknown amount", !r.Amount.Known() && !r.AmountHigh.Known())
				count(met, "known zero", r.Amount == graph.USD(0))
				count(met, "largest amount", r.Amount == graph.USD(graph.MaxCents))
				count(met, "midpoint", !r.Amount.Known() && r.AmountLow.Known() && r.AmountHigh.Known())
				count(met, "up to", r.Qualifier == "up_to" && !r.AmountLow.Known())
				count(met, "overlap", r.Overlaps)
				count(met, "conditional", r.Conditional())
				count(met, "undated", !r.Announced.Known())
				count(met, "undated figure", r.Realised.Known() && !r.RealisedAsOf.Known())
				count(met, "figure", r.Realised.Cents() > 0 && r.RealisedAsOf.Known())
				count(met, "class "+r.Kind.Class().String(), true)
				count(met, "state "+string(r.Status), true)
				count(met, "precision "+r.Announced.Precision().String(), true)
			case *graph.Outcome:
				count(met, "outcome that changes the state", r.StatusAfter != "")
				count(met, "outcome with a figure", r.PaidToDate.Cents() > 0)
			}
		}
		for _, n := range pairs {
			count(met, "parallel legs", n > 1)
		}
	}
	want := []string{
		"subsidiary", "aggregate", "part", "part of a part", "part of an umbrella", "umbrella as a part", "self loop", "unknown amount", "known zero",
		"largest amount", "midpoint", "up to", "overlap", "conditional", "undated", "undated figure", "figure", "outcome that changes the state",
		"outcome with a figure", "parallel legs", "class ", "precision year", "precision month", "precision day", "precision instant",
	}
	for _, c := range graph.AllClasses() {
		want = append(want, "class "+c.String())
	}
	for _, s := range graph.Statuses() {
		want = append(want, "state "+string(s))
	}
	for _, w := range want {
		if met[w] < 20 {
			t.Errorf("%d of %q in 100 graphs, want at least 20", met[w], w)
		}
	}
}

func count(met map[string]int, what string, holds bool) {
	if holds {
		met[what]++
	}
}
