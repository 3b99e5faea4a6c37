package snapshot

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"roundtrip/graph"
	"roundtrip/graph/snapshot/graphgen"
)

func TestASnapshotGivesBackTheRecordsItWasBuiltFrom(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := graphgen.Draw(rt)
		sameRecords(t, records, build(t, records...))
	})
	records := shipped(t)
	sameRecords(t, records, build(t, records...))
}

func sameRecords(t *testing.T, want []graph.Record, s *Snapshot) {
	t.Helper()
	want = slices.Clone(want)
	slices.SortFunc(want, func(x, y graph.Record) int {
		a, b := x.Key(), y.Key()
		if a.Kind != b.Kind {
			return int(a.Kind) - int(b.Kind)
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	got := slices.Collect(s.Records())
	if len(got) != len(want) {
		t.Fatalf("%d records come back of %d", len(got), len(want))
	}
	for i := range want {
		if !graph.Same(got[i], want[i]) {
			t.Errorf("record %d is %s, want %s", i, graph.AppendCanonical(nil, got[i]), graph.AppendCanonical(nil, want[i]))
		}
	}
}

func TestRecordsOfSomeKindsComeInTheirDeclaredOrder(t *testing.T) {
	s := build(t, shipped(t)...)
	var kinds []graph.RecordKind
	for r := range s.Records(graph.MetricKind, graph.CompanyKind) {
		if k := r.Key().Kind; len(kinds) == 0 || kinds[len(kinds)-1] != k {
			kinds = append(kinds, k)
		}
	}
	if !slices.Equal(kinds, []graph.RecordKind{graph.CompanyKind, graph.MetricKind}) {
		t.Errorf("kinds come as %v", kinds)
	}
	for r := range s.Records() { // a consumer may stop
		if r.Key().Kind != graph.SourceKind {
			t.Errorf("the first record is %s", r.Key())
		}
		break
	}
}

func TestNearFlowsNamesWhatWasMeant(t *testing.T) {
	s := graphOf(t, leg("f_oai_aws38", usd(1)), leg("f_oai_aws100", usd(1)), leg("other", usd(1)))
	if got := s.NearFlows("f_oai_aws83"); !slices.Equal(got, []string{"f_oai_aws38", "f_oai_aws100"}) {
		t.Errorf("near f_oai_aws83 are %v, want the one with two digits swapped first", got)
	}
}
