package snapshot

import (
	"iter"
	"testing"

	"roundtrip/graph"
)

func yield(records ...graph.Record) iter.Seq2[graph.Record, error] {
	return func(next func(graph.Record, error) bool) {
		for _, r := range records {
			if !next(r, nil) {
				return
			}
		}
	}
}

func build(t testing.TB, records ...graph.Record) *Snapshot {
	t.Helper()
	s, err := Build(graph.Revision{Number: 1}, yield(records...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func date(text string) graph.Date { return mustDate(text) }

func lensOn(day string) graph.Lens {
	l := graph.DefaultLens()
	l.AsOf = date(day)
	return l
}

func look(t testing.TB, s *Snapshot, lens graph.Lens) *View {
	t.Helper()
	v, err := s.View(t.Context(), lens)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func company(id, parent string) *graph.Company { return &graph.Company{ID: id, ParentID: parent} }

// bn is that many billions of dollars.
func bn(n int64) graph.Money { return graph.USD(n * 1e11) }

// The seed story: Amazon may put 10bn into OpenAI, which promised 38bn to AWS.
func seed() []graph.Record {
	return []graph.Record{
		&graph.Flow{
			ID: "invest", From: "amazon", To: "openai", Kind: graph.EquityInvestment, Moves: graph.MovesCash, Amount: bn(10),
			Announced: date("2025-12"), InitialStatus: graph.Talks, Status: graph.Talks,
		},
		&graph.Flow{
			ID: "promise", From: "openai", To: "aws", Kind: graph.ComputeCommitment, Moves: graph.MovesPromisedCash, Amount: bn(38),
			Announced: date("2025-11-03"), InitialStatus: graph.Signed, Status: graph.Signed,
		},
		company("openai", ""), company("aws", "amazon"), company("amazon", ""),
	}
}

func TestTheSeedIsTwoEdgesBetweenAmazonAndOpenAI(t *testing.T) {
	v := look(t, build(t, seed()...), lensOn("2025-12-16"))
	if got := v.Companies(); len(got) != 2 || got[0] != "amazon" || got[1] != "openai" {
		t.Fatalf("vertices are %v", got)
	}
	want := []Edge{
		{Payer: 0, Payee: 1, Class: graph.Funds, Amount: bn(10), Legs: []int32{1}},
		{Payer: 1, Payee: 0, Class: graph.Pays, Amount: bn(38), Legs: []int32{0}},
	}
	checkEdges(t, v, want)
	if v.LegID(0) != "promise" || v.LegID(1) != "invest" {
		t.Errorf("legs are not in order of date: %s, %s", v.LegID(0), v.LegID(1))
	}
	if v.Total() != bn(48) || v.Total(graph.Funds) != bn(10) || v.Total(graph.Grants) != graph.USD(0) {
		t.Errorf("totals are %v, %v, %v", v.Total(), v.Total(graph.Funds), v.Total(graph.Grants))
	}
}
