package snapshot

import (
	"testing"

	"roundtrip/graph"
)

func TestAPartGoesWhenItsWholeCountsWithAnAmount(t *testing.T) {
	s := graphOf(t, leg("whole", usd(100)), leg("part", usd(30), partOf("whole")), leg("part_of_part", usd(10), partOf("part")), leg("other", usd(1)))
	wantLegs(t, s, lensOn("2025-06-01"), "other 1, whole 100")
}

func TestAPartStaysWhenItsWholeHasNoAmount(t *testing.T) {
	s := graphOf(t, leg("whole", graph.Money{}), leg("part", usd(30), partOf("whole")), leg("part_of_part", usd(10), partOf("part")))
	wantLegs(t, s, lensOn("2025-06-01"), "part 30, whole ?")
}

func TestAPartStaysWhenItsWholeDoesNotPassTheDateOrTheBasis(t *testing.T) {
	s := graphOf(
		t, leg("talks", usd(100), in(graph.Talks)), leg("signed_part", usd(30), partOf("talks")),
		leg("later", usd(100), announced("2025-12")), leg("early_part", usd(40), partOf("later")),
		leg("dead", usd(100), in(graph.Cancelled)), leg("live_part", usd(50), partOf("dead")),
	)
	wantLegs(t, s, lensOn("2025-06-01"), "early_part 40, live_part 50, talks 100")
	lens := lensOn("2025-06-01")
	lens.Basis = graph.SignedBy
	wantLegs(t, s, lens, "early_part 40, live_part 50, signed_part 30")
	wantLegs(t, s, lensOn("2025-12-01"), "live_part 50, talks 100, later 100")
}

func TestAGrandparentTakesAPartAwayWhenTheParentDoesNotCount(t *testing.T) {
	s := graphOf(t, leg("whole", usd(100)), leg("dead", usd(50), partOf("whole"), in(graph.Cancelled)), leg("part", usd(30), partOf("dead")))
	wantLegs(t, s, lensOn("2025-06-01"), "whole 100")
}

func TestAnUmbrellaTakesNoPartAwayAndNeverCounts(t *testing.T) {
	umbrella := kind(graph.Umbrella, graph.MovesGoods)
	s := graphOf(t, leg("envelope", usd(500), umbrella), leg("part", usd(30), partOf("envelope")))
	lens := lensOn("2025-06-01")
	lens.Classes = graph.EveryClass()
	wantLegs(t, s, lens, "part 30")

	s = graphOf(
		t, leg("whole", usd(100), realised(usd(20), "2025-01")), leg("envelope", usd(500), umbrella, partOf("whole"), realised(usd(9), "2025-01")),
		leg("part", usd(30), partOf("envelope")),
	)
	wantLegs(t, s, lens, "whole 100")
	lens.Basis = graph.Realised
	wantLegs(t, s, lens, "whole 20") // the figure of an umbrella is nobody's
}

func TestUnderRealisedTheFiguresOfPartsReplaceTheWhole(t *testing.T) {
	s := graphOf(
		t, leg("whole", usd(100), realised(usd(60), "2025-01")), leg("paid", usd(30), partOf("whole")), leg("unpaid", usd(20), partOf("whole")),
		leg("tranche", usd(10), partOf("paid"), realised(usd(9), "2025-02")),
	)
	lens := lensOn("2025-06-01")
	lens.Basis = graph.Realised
	wantLegs(t, s, lens, "tranche 9")
	lens.AsOf = date("2025-01-31") // before the tranche was paid
	wantLegs(t, s, lens, "whole 60")
}

func TestAZeroFigureOfAPartReplacesNothing(t *testing.T) {
	s := graphOf(t, leg("whole", usd(100), realised(usd(60), "2025-01")), leg("part", usd(30), partOf("whole"), realised(usd(0), "2025-02")))
	lens := lensOn("2025-06-01")
	lens.Basis = graph.Realised
	wantLegs(t, s, lens, "whole 60")
}

func TestUnderSettledAWholeYieldsToPaidPartsAndItsOtherPartsStay(t *testing.T) {
	cash := kind(graph.Loan, graph.MovesCash)
	s := graphOf(
		t, leg("whole", usd(100), cash, in(graph.Closed)), leg("paid", usd(40), cash, partOf("whole"), realised(usd(35), "2025-02")),
		leg("closed", usd(30), cash, in(graph.Closed), partOf("whole")),
	)
	lens := lensOn("2025-06-01")
	lens.Basis = graph.Settled
	wantLegs(t, s, lens, "closed 30, paid 35")
	lens.AsOf = date("2025-01-31")
	wantLegs(t, s, lens, "whole 100")
}

func TestAPartAnnouncedLaterWithAnEarlyFigureReplacesNothingYet(t *testing.T) {
	s := graphOf(t, leg("whole", usd(100), realised(usd(60), "2025-01")), leg("part", usd(30), announced("2025-08"), partOf("whole"), realised(usd(10), "2025-02")))
	lens := lensOn("2025-06-01")
	lens.Basis = graph.Realised
	wantLegs(t, s, lens, "whole 60")
	lens.AsOf = date("2025-08")
	wantLegs(t, s, lens, "part 10")
}

func TestPartsAreJudgedBeforeTheFilters(t *testing.T) {
	// The whole is left out by each of these lenses, and its part is not let in
	// for that.
	s := build(
		t, company("a", ""), company("b", ""), company("c", ""), &graph.Company{ID: "many", Kind: graph.KindAggregate},
		leg("overlapping", usd(100), func(f *graph.Flow) { f.Overlaps = true }), leg("p1", usd(1), partOf("overlapping")),
		leg("contingent", usd(100), kind(graph.Loan, graph.MovesContingentCash)), leg("p2", usd(2), partOf("contingent")),
		leg("granted", usd(100), kind(graph.WarrantGrant, graph.MovesEquityClaim)), leg("p3", usd(3), partOf("granted")),
		leg("unnamed", usd(100), between("many", "b")), leg("p4", usd(4), partOf("unnamed")),
		leg("inside", usd(100), between("c", "c"), kind(graph.ChipUsage, graph.MovesGoods)), leg("p5", usd(5), partOf("inside")),
		leg("alone", usd(6)),
	)
	lens := lensOn("2025-06-01")
	lens.Conditional = graph.ConditionalOut
	wantLegs(t, s, lens, "alone 6")
	lens.Kinds = []graph.FlowKind{graph.ComputeCommitment}
	lens.MinAmount = usd(2)
	wantLegs(t, s, lens, "alone 6")
}

func TestUnderLowAWholeThatCountsZeroStillTakesItsPartsAway(t *testing.T) {
	s := graphOf(t, leg("whole", usd(100), span(graph.Money{}, graph.Money{}, "up_to")), leg("part", usd(30), partOf("whole")))
	lens := lensOn("2025-06-01")
	lens.Amount = graph.Low
	wantLegs(t, s, lens, "whole 0")
}
