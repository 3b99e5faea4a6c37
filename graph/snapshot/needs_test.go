package snapshot

import (
	"testing"

	"roundtrip/graph"
)

func TestLoopsAreKeptWhereAnAnalysisNeedsThem(t *testing.T) {
	s := build(t, company("a", ""), company("b", ""), company("unit", "a"),
		leg("across", usd(1)), leg("down", usd(2), between("a", "unit")), leg("self", usd(4), between("b", "b")))
	lens := lensOn("2025-06-01")
	wantLegs(t, s, lens, "across 1")
	lens.Loops = true
	wantLegs(t, s, lens, "across 1, down 2, self 4")
	v := look(t, s, lens)
	checkEdges(t, v, []Edge{
		{Payer: 0, Payee: 0, Class: graph.Pays, Amount: usd(2), Legs: []int32{1}},
		{Payer: 0, Payee: 1, Class: graph.Pays, Amount: usd(1), Legs: []int32{0}},
		{Payer: 1, Payee: 1, Class: graph.Pays, Amount: usd(4), Legs: []int32{2}},
	})
	lens.Rollup = false
	wantLegs(t, s, lens, "across 1, down 2, self 4")
	lens.Companies = []string{"b"}
	wantLegs(t, s, lens, "self 4")
}

func TestPartsAreKeptBesideTheirWholeWhereAnAnalysisNeedsThem(t *testing.T) {
	s := graphOf(t, leg("p", usd(3), partOf("w"), realised(usd(2), "2025-02-01")), leg("w", usd(9)))
	lens := lensOn("2025-06-01")
	wantLegs(t, s, lens, "w 9")
	lens.Parts = true
	wantLegs(t, s, lens, "p 3, w 9")
	lens.Basis = graph.Realised
	wantLegs(t, s, lens, "p 2")
}

func TestAnyStatePassesWithTheAmountAsAnnounced(t *testing.T) {
	s := graphOf(t, leg("c", usd(1), in(graph.Cancelled), realised(usd(7), "2025-02-01")), leg("p", usd(2), in(graph.Superseded), partOf("c")),
		leg("s", usd(4), in(graph.Superseded)), leg("t", usd(8), in(graph.Talks)), leg("u", usd(16), announced("2025-07-01")))
	lens := lensOn("2025-06-01")
	wantLegs(t, s, lens, "t 8")
	lens.Basis = graph.AnyState
	wantLegs(t, s, lens, "c 1, s 4, t 8")
}
