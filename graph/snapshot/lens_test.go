package snapshot

import (
	"slices"
	"testing"

	"roundtrip/graph"
)

func TestALegIsKnownFromTheFirstDayOfItsDateToTheLastDayOfTheAsOf(t *testing.T) {
	s := graphOf(
		t, leg("day", usd(1), announced("2025-03-15")), leg("month", usd(2), announced("2025-03")), leg("year", usd(3), announced("2025")),
		leg("instant", usd(4), announced("2025-03-15T23:59:59Z")), leg("undated", usd(5), announced("")),
	)
	for asOf, want := range map[string]string{
		"2024-12-31":           "undated 5",
		"2025-01-01":           "year 3, undated 5",
		"2025-02":              "year 3, undated 5",
		"2025-03-01":           "year 3, month 2, undated 5",
		"2025-03-14":           "year 3, month 2, undated 5",
		"2025-03-15":           "year 3, month 2, day 1, instant 4, undated 5",
		"2025-03-15T00:00:00Z": "year 3, month 2, day 1, instant 4, undated 5",
		"2025-03":              "year 3, month 2, day 1, instant 4, undated 5",
		"2024":                 "undated 5",
		"2025":                 "year 3, month 2, day 1, instant 4, undated 5",
	} {
		wantLegs(t, s, lensOn(asOf), want)
	}
}

func TestUndatedLegsAreCountedByAWarning(t *testing.T) {
	s := graphOf(t, leg("x", usd(1), announced("")), leg("y", usd(1), announced("")), leg("self", usd(1), announced(""), in(graph.Cancelled)), leg("dated", usd(1)))
	got := look(t, s, lensOn("2025-06-01")).Warnings()
	want := []Warning{{Code: "undated_legs", Count: 2, Message: "2 legs without an announcement date counted as known on every date"}}
	if !slices.Equal(got, want) {
		t.Errorf("warnings are %v, want %v", got, want)
	}
	if w := look(t, graphOf(t, leg("dated", usd(1))), lensOn("2025-06-01")).Warnings(); len(w) != 0 {
		t.Errorf("a graph of dated legs warns %v", w)
	}
}

func TestLegsAreInOrderOfDateThenIDWithUndatedOnesLast(t *testing.T) {
	s := graphOf(
		t, leg("b", usd(1), announced("2025-01-01")), leg("a", usd(1), announced("2025-01-01T00:00:00Z")), leg("c", usd(1), announced("2025")),
		leg("B", usd(1), announced("2025-01")), leg("0", usd(1), announced("")), leg("z", usd(1), announced("2024-12-31")), leg("é", usd(1), announced("2025-01-01")),
		leg("late", usd(1), announced("2025-01-01T00:00:00.001Z")), leg("before", usd(1), announced("1969-12-31T23:00:00Z")),
	)
	want := []string{"before", "z", "B", "a", "b", "c", "é", "late", "0"}
	if got := legOrder(look(t, s, lensOn("2026"))); !slices.Equal(got, want) {
		t.Errorf("legs are %q, want %q", got, want)
	}
	for i, id := range want {
		if at, ok := s.FlowIndex(id); !ok || at != i || s.FlowID(i) != id {
			t.Errorf("leg %q is at %d, %v; leg %d is %q", id, at, ok, i, s.FlowID(i))
		}
	}
	if d := s.Flow(0).Announced.String(); d != "1969-12-31T23:00:00Z" {
		t.Errorf("a date before 1970 came back as %s", d)
	}
}

func outcome(id, flow, day string, after graph.Status, paid graph.Money) *graph.Outcome {
	return &graph.Outcome{ID: id, FlowID: flow, Date: date(day), StatusAfter: after, PaidToDate: paid}
}

func TestTheStateIsReplayedFromTheOutcomesUpToTheDay(t *testing.T) {
	f := leg("f", usd(100), func(f *graph.Flow) { f.InitialStatus, f.Status = graph.Talks, graph.Closed })
	s := graphOf(
		t, f,
		outcome("o9", "f", "2025-02-10", graph.LetterOfIntent, graph.Money{}),
		outcome("o1", "f", "2025-03", graph.Signed, graph.Money{}),          // stands for 1 March
		outcome("o5", "f", "2025-04-20", "", graph.Money{}),                 // says nothing of the state
		outcome("b", "f", "2025-05-01", graph.Paused, graph.Money{}),        // on one day the greatest id is the latest
		outcome("a", "f", "2025-05-01", graph.Stalled, graph.Money{}),       //
		outcome("c", "f", "2025-05-01", "", graph.Money{}),                  //
		outcome("o2", "f", "2025-06-01", graph.Cancelled, graph.Money{}),    //
		outcome("o0", "f", "2025-07-01", graph.Closed, graph.Money{}),       //
		outcome("later", "f", "2025-12-31", graph.Superseded, graph.USD(1)), //
	)
	for day, want := range map[string]graph.Status{
		"2025-01-01": graph.Talks, "2025-02-09": graph.Talks, "2025-02-10": graph.LetterOfIntent, "2025-02": graph.LetterOfIntent, "2025-03-01": graph.Signed,
		"2025-04-30": graph.Signed, "2025-05-01": graph.Paused, "2025-06-30": graph.Cancelled, "2025-07-01": graph.Closed, "2025-12": graph.Superseded,
	} {
		if got := s.StateOn(0, date(day).Last()); got != want {
			t.Errorf("on %s the leg is %s, want %s", day, got, want)
		}
	}
	wantLegs(t, s, lensOn("2025-06-15"), "")
	wantLegs(t, s, lensOn("2025-07-01"), "f 100")
	if got, want := look(t, s, lensOn("2025-05-01")).States(), []StateCount{{graph.Paused, 1}}; !slices.Equal(got, want) {
		t.Errorf("states met are %v, want %v", got, want)
	}
}

func TestOutcomesOfOneDayAreInOrderOfTheirInstantsAndItsFigureIsThatOfTheGreatestID(t *testing.T) {
	f := leg("f", usd(100), func(f *graph.Flow) { f.InitialStatus, f.Status = graph.Talks, graph.Signed })
	s := graphOf(
		t, f, outcome("b", "f", "2025-02-01T10:00:00Z", graph.Stalled, usd(2)), outcome("a", "f", "2025-02-01T12:00:00Z", graph.Signed, usd(1)),
		outcome("c", "f", "2025-02-01", graph.Paused, graph.Money{}),
	)
	if got := s.StateOn(0, date("2025-02-01").First()); got != graph.Signed {
		t.Errorf("the leg is %s", got)
	}
	if got := s.FigureOn(0, date("2025-02-01").First()); got != usd(2) {
		t.Errorf("the figure is %s", got)
	}
}

func everyState() []graph.Record {
	var records []graph.Record
	for i, st := range graph.Statuses() {
		records = append(records, leg(string(rune('a'+i))+"_"+string(st), usd(100), in(st)))
	}
	return records
}

func TestHeadlineKeepsEveryStateButCancelledAndSuperseded(t *testing.T) {
	wantLegs(t, graphOf(t, everyState()...), lensOn("2025-06-01"),
		"a_talks 100, b_letter_of_intent 100, c_signed 100, d_partially_disbursed 100, e_closed 100, f_in_force 100, g_stalled 100, h_paused 100")
}

func TestSignedKeepsFirmStates(t *testing.T) {
	lens := lensOn("2025-06-01")
	lens.Basis = graph.SignedBy
	wantLegs(t, graphOf(t, everyState()...), lens, "c_signed 100, d_partially_disbursed 100, e_closed 100, f_in_force 100")
}

func TestExpectedWeighsTheAmountByTheStateInBasisPoints(t *testing.T) {
	lens := lensOn("2025-06-01")
	lens.Basis = graph.Expected
	wantLegs(t, graphOf(t, everyState()...), lens,
		"a_talks 25, b_letter_of_intent 40, c_signed 90, d_partially_disbursed 95, e_closed 100, f_in_force 100, g_stalled 10, h_paused 30")

	lens.Probabilities = graph.Probabilities{{Status: graph.Signed, BasisPoints: 3333}}
	wantLegs(t, graphOf(t, leg("f", usd(1)), leg("talks", usd(9), in(graph.Talks)), leg("u", graph.Money{})), lens, "f 0.33, talks 0, u ?")
}

func TestExpectedRoundsHalfUpToACentAndHoldsTheLargestAmount(t *testing.T) {
	for _, c := range []struct {
		cents, basisPoints, want int64
	}{
		{1, 5000, 1},
		{1, 4999, 0},
		{3, 5000, 2},
		{5, 9000, 5},
		{4, 9000, 4},
		{7, 2500, 2},
		{6, 2500, 2},
		{2, 2500, 1},
		{1, 2500, 0},
		{graph.MaxCents, 10000, graph.MaxCents},
		{graph.MaxCents - 1, 9999, 899909999999999},
		{0, 9000, 0},
		{1<<63 - 1, 10000, 1<<63 - 1},
	} {
		if got := weigh(c.cents, uint64(c.basisPoints)); got != c.want {
			t.Errorf("%d cents at %d basis points are %d cents, want %d", c.cents, c.basisPoints, got, c.want)
		}
	}
}

func TestTheFigureIsTheLatestDatedOne(t *testing.T) {
	s := graphOf(
		t, leg("f", usd(100), realised(usd(40), "2025-03")), // stands for 31 March
		outcome("o1", "f", "2025-02-01", "", usd(10)),
		outcome("o2", "f", "2025-03-31", "", usd(35)), // the same day: an outcome wins over the leg's own
		outcome("o3", "f", "2025-03-31", "", usd(30)), // and the greatest id among outcomes
		outcome("o4", "f", "2025-03-31", "", graph.Money{}),
		outcome("o0", "f", "2025-05", "", usd(50)), // stands for 1 May
		outcome("zero", "f", "2025-06-01", "", usd(0)),
		outcome("o5", "f", "2025-07-01", "", usd(120)),
	)
	lens := lensOn("2025")
	lens.Basis = graph.Realised
	for day, want := range map[string]string{
		"2025-01-31": "", "2025-02-01": "f 10", "2025-03-30": "f 10", "2025-03-31": "f 30", "2025-04-30": "f 30", "2025-05-01": "f 50",
		"2025-06-01": "", "2025-07-01": "f 120",
	} {
		lens.AsOf = date(day)
		for _, rule := range []graph.AmountRule{graph.Point, graph.Low, graph.High} {
			lens.Amount = rule
			wantLegs(t, s, lens, want)
		}
	}
}

func TestALegsOwnFigureCountsFromTheLastDayOfItsDateAndWinsOverOlderOutcomes(t *testing.T) {
	s := graphOf(t, leg("f", usd(100), realised(usd(40), "2025")), outcome("o", "f", "2025-12-30", "", usd(60)))
	lens := lensOn("2025-12-30")
	lens.Basis = graph.Realised
	wantLegs(t, s, lens, "f 60")
	lens.AsOf = date("2025-12-31")
	wantLegs(t, s, lens, "f 40")
}

func TestRealisedKeepsAnyStateAndDropsLegsWithoutADatedFigureAboveZero(t *testing.T) {
	s := graphOf(
		t, leg("cancelled", usd(100), in(graph.Cancelled), realised(usd(7), "2025-01")), leg("nofigure", usd(100)), leg("nodate", usd(100), realised(usd(5), "")),
		leg("zero", usd(100), realised(usd(0), "2025-01")), leg("unknown", graph.Money{}, realised(usd(3), "2025-01")),
	)
	lens := lensOn("2025-06-01")
	lens.Basis = graph.Realised
	wantLegs(t, s, lens, "cancelled 7, unknown 3")
}

func TestSettledAddsClosedCashLegsWithoutAFigure(t *testing.T) {
	cash := kind(graph.EquityInvestment, graph.MovesCash)
	s := graphOf(
		t, leg("figure", usd(100), in(graph.Closed), cash, realised(usd(7), "2025-01")), leg("closed", usd(50), in(graph.Closed), cash),
		leg("dated_later", usd(60), in(graph.Closed), cash, realised(usd(9), "2026")), leg("nodate", usd(70), in(graph.Closed), cash, realised(usd(9), "")),
		leg("zero", usd(80), in(graph.Closed), cash, realised(usd(0), "2025-01")), leg("unknown", graph.Money{}, in(graph.Closed), cash),
		leg("promised", usd(90), in(graph.Closed)), leg("signed", usd(90), cash), leg("force", usd(90), cash, in(graph.InForce)),
		leg("transfer", usd(5), in(graph.Closed), kind(graph.Transfer, graph.MovesCash)), leg("range", graph.Money{}, in(graph.Closed), cash, span(usd(10), usd(21), "range")),
	)
	lens := lensOn("2025-06-01")
	lens.Basis = graph.Settled
	wantLegs(t, s, lens, "closed 50, dated_later 60, figure 7, nodate 70, range 15.50, transfer 5, unknown ?")
	lens.Amount = graph.Low
	wantLegs(t, s, lens, "closed 50, dated_later 60, figure 7, nodate 70, range 10, transfer 5, unknown ?")
}

func TestTheAmountRuleChoosesWithinTheReportedRange(t *testing.T) {
	none := graph.Money{}
	s := graphOf(
		t, leg("exact", usd(10)), leg("full", usd(10), span(usd(8), usd(13), "range")), leg("mid", none, span(graph.USD(100), graph.USD(103), "range")),
		leg("only_low", none, span(usd(8), none, "at_least")), leg("only_high", none, span(none, usd(9), "up_to")), leg("nothing", none),
		leg("upto", usd(20), span(none, usd(20), "up_to")), leg("upto_paid", usd(20), span(none, none, "up_to"), realised(usd(6), "2025-02")),
		leg("upto_paid_later", usd(20), span(none, none, "up_to"), realised(usd(6), "2025-12")), leg("upto_low", usd(20), span(usd(5), none, "up_to"), realised(usd(6), "2025-02")),
		leg("upto_closed", usd(20), span(none, none, "up_to"), in(graph.Closed)), leg("upto_nothing", none, span(none, none, "up_to")), leg("zero", usd(0)),
	)
	lens := lensOn("2025-06-01")
	wantLegs(t, s, lens, "exact 10, full 10, mid 1.01, nothing ?, only_high ?, only_low ?, upto 20, upto_closed 20, upto_low 20, upto_nothing ?, upto_paid 20, upto_paid_later 20, zero 0")
	lens.Amount = graph.Low
	wantLegs(t, s, lens, "exact 10, full 8, mid 1, nothing ?, only_high 0, only_low 8, upto 0, upto_closed 20, upto_low 5, upto_nothing ?, upto_paid 6, upto_paid_later 0, zero 0")
	lens.Amount = graph.High
	wantLegs(t, s, lens, "exact 10, full 13, mid 1.03, nothing ?, only_high 9, only_low ?, upto 20, upto_closed 20, upto_low 20, upto_nothing ?, upto_paid 20, upto_paid_later 20, zero 0")
}

func TestExpectedWeighsTheAmountThatTheRuleChose(t *testing.T) {
	s := graphOf(t, leg("f", usd(10), span(usd(8), usd(20), "range"), in(graph.Talks)))
	lens := lensOn("2025-06-01")
	lens.Basis = graph.Expected
	for rule, want := range map[graph.AmountRule]string{graph.Low: "f 2", graph.Point: "f 2.50", graph.High: "f 5"} {
		lens.Amount = rule
		wantLegs(t, s, lens, want)
	}
}
