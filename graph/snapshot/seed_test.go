package snapshot

import (
	"testing"

	"roundtrip/graph"
)

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
