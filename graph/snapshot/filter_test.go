package snapshot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph"
)

func TestOverlappingLegsAreLeftOutOrKeptAndMarked(t *testing.T) {
	s := graphOf(t, leg("f", usd(10)), leg("again", usd(10), func(f *graph.Flow) { f.Overlaps = true }))
	lens := lensOn("2025-06-01")
	wantLegs(t, s, lens, "f 10")
	lens.Overlaps = true
	v := look(t, s, lens)
	if passed(v) != "again 10, f 10" || !v.Leg(0).Overlaps || v.Leg(1).Overlaps {
		t.Errorf("legs are %s, marked %v and %v", passed(v), v.Leg(0).Overlaps, v.Leg(1).Overlaps)
	}
}

func TestConditionalLegsAreKeptLeftOutOrTheOnlyOnes(t *testing.T) {
	s := graphOf(
		t, leg("firm", usd(1)), leg("contingent", usd(2), kind(graph.EquityInvestment, graph.MovesContingentCash)),
		leg("backed", usd(3), kind(graph.BackstopGuarantee, graph.MovesCreditSupport)),
	)
	lens := lensOn("2025-06-01")
	lens.Classes = graph.ValueClasses()
	for rule, want := range map[graph.ConditionalRule]string{
		graph.ConditionalKept: "backed 3, contingent 2, firm 1", graph.ConditionalOut: "firm 1", graph.ConditionalOnly: "backed 3, contingent 2",
	} {
		lens.Conditional = rule
		wantLegs(t, s, lens, want)
	}
}

func TestClassesAndKindsChooseLegs(t *testing.T) {
	var records []graph.Record
	for _, k := range graph.FlowKinds() {
		records = append(records, leg(string(k.Kind), usd(1), kind(k.Kind, "")))
	}
	s := graphOf(t, records...)
	for text, want := range map[string]string{
		"money": "chip_purchase, compute_commitment, compute_payment_realised, equity_investment, goods_purchase, lease, licence_payment, loan, " +
			"revenue_share, service_purchase, transfer",
		"FUNDS":                "equity_investment, loan",
		"ACQUIRES":             "acquisition, purchase_option, stake_sale",
		"grants,backs":         "backstop_guarantee, equity_grant, warrant_grant",
		"SUPPLIES":             "chip_usage, supply",
		"FUNDS,ACQUIRES,BACKS": "acquisition, backstop_guarantee, equity_investment, loan, purchase_option, stake_sale",
	} {
		lens := lensOn("2025-06-01")
		if err := lens.Classes.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(legOrder(look(t, s, lens)), ", "); got != want {
			t.Errorf("classes %s keep %s, want %s", text, got, want)
		}
	}
	lens := lensOn("2025-06-01")
	lens.Classes = graph.EveryClass()
	if n := look(t, s, lens).NumLegs(); n != len(graph.FlowKinds())-1 {
		t.Errorf("all classes keep %d legs, want every kind but umbrella", n)
	}
	lens.Kinds = []graph.FlowKind{graph.Loan, graph.Supply, graph.Umbrella}
	if got := strings.Join(legOrder(look(t, s, lens)), ", "); got != "loan, supply" {
		t.Errorf("kinds keep %s", got)
	}
}

// A group a > a1 > a2, a firm b, and an aggregate.
func group(legs ...graph.Record) []graph.Record {
	return append([]graph.Record{
		company("a", ""), company("a1", "a"), company("a2", "a1"), company("b", ""), &graph.Company{ID: "many", Name: "Investors", Kind: graph.KindAggregate},
	}, legs...)
}

func TestRollupCountsASubsidiaryAsItsUltimateParent(t *testing.T) {
	s := build(t, group(
		leg("out", usd(10), between("a2", "b")), leg("out2", usd(5), between("a1", "b")), leg("back", usd(7), between("b", "a")),
		leg("inside", usd(3), between("a", "a2")), leg("self", usd(4), between("b", "b"), kind(graph.Transfer, graph.MovesCash)),
	)...)
	lens := lensOn("2025-06-01")
	v := look(t, s, lens)
	if got := v.Companies(); !slices.Equal(got, []string{"a", "b", "many"}) {
		t.Fatalf("vertices are %v", got)
	}
	checkEdges(t, v, []Edge{
		{Payer: 0, Payee: 1, Class: graph.Pays, Amount: usd(15), Legs: []int32{1, 2}}, {Payer: 1, Payee: 0, Class: graph.Pays, Amount: usd(7), Legs: []int32{0}},
	})
	for id, want := range map[string]int32{"a": 0, "a1": 0, "a2": 0, "b": 1, "many": 2} {
		if got, ok := v.Vertex(id); !ok || got != want {
			t.Errorf("vertex of %s is %d, %v; want %d", id, got, ok, want)
		}
	}
	if _, ok := v.Vertex("nobody"); ok {
		t.Error("a company that is not there has a vertex")
	}
	if head, ok := s.Head("a2"); !ok || head != "a" {
		t.Errorf("the head of a2 is %q, %v", head, ok)
	}

	lens.Rollup = false
	v = look(t, s, lens)
	if got := v.Companies(); !slices.Equal(got, []string{"a", "a1", "a2", "b", "many"}) {
		t.Fatalf("vertices are %v", got)
	}
	if got := passed(v); got != "back 7, inside 3, out 10, out2 5" {
		t.Errorf("without rollup the legs are %s", got)
	}
}

func TestAggregatesAreLeftOutAfterRollup(t *testing.T) {
	s := build(t, group(leg("round", usd(10), between("many", "a2")), leg("f", usd(5), between("a", "b")))...)
	lens := lensOn("2025-06-01")
	wantLegs(t, s, lens, "f 5")
	lens.Aggregates = true
	wantLegs(t, s, lens, "f 5, round 10")
	v := look(t, s, lens)
	if many, _ := v.Vertex("many"); !v.Aggregate(many) || v.Aggregate(0) {
		t.Error("the aggregate is not told from a firm")
	}
}

func TestCompaniesAreMappedThroughRollupAndBothEndsMustBeAmongThem(t *testing.T) {
	s := build(t, group(
		leg("ab", usd(1), between("a2", "b")), leg("a1b", usd(2), between("a1", "b")), leg("am", usd(3), between("a", "many")), leg("bm", usd(4), between("b", "many")),
	)...)
	lens := lensOn("2025-06-01")
	lens.Aggregates = true
	lens.Companies = []string{"b", "a2", "a1", "b"}
	wantLegs(t, s, lens, "a1b 2, ab 1")
	if got := look(t, s, lens).Lens().Companies; !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("the lens as used names %v", got)
	}
	if !slices.Equal(lens.Companies, []string{"b", "a2", "a1", "b"}) {
		t.Errorf("the lens as given was changed to %v", lens.Companies)
	}
	lens.Rollup = false
	wantLegs(t, s, lens, "a1b 2, ab 1")
	lens.Companies = []string{"a", "b"}
	wantLegs(t, s, lens, "") // off, a does not include its units
}

func TestMinAmountIsPerLegAndDropsUnknownAmountsOnlyAboveZero(t *testing.T) {
	s := graphOf(t, leg("one", usd(1)), leg("two", usd(2)), leg("unknown", graph.Money{}), leg("zero", usd(0)))
	lens := lensOn("2025-06-01")
	wantLegs(t, s, lens, "one 1, two 2, unknown ?, zero 0")
	lens.MinAmount = graph.Money{}
	wantLegs(t, s, lens, "one 1, two 2, unknown ?, zero 0")
	lens.MinAmount = usd(2)
	wantLegs(t, s, lens, "two 2")
	lens.MinAmount = graph.USD(1)
	wantLegs(t, s, lens, "one 1, two 2")
	lens.Basis = graph.Expected // the amount under the lens is what is compared
	lens.MinAmount = usd(1)
	wantLegs(t, s, lens, "two 1.80")
}

func TestEdgesSumKnownAmountsAndSayWhatIsMissing(t *testing.T) {
	s := graphOf(
		t, leg("p1", usd(1)), leg("p2", graph.Money{}), leg("p3", usd(2)), leg("u1", graph.Money{}, between("b", "a")), leg("u2", graph.Money{}, between("b", "a")),
		leg("z", usd(0), between("b", "c")), leg("other_class", usd(9), kind(graph.Loan, graph.MovesCash)),
	)
	v := look(t, s, lensOn("2025-06-01"))
	checkEdges(t, v, []Edge{
		{Payer: 0, Payee: 1, Class: graph.Funds, Amount: usd(9), Legs: []int32{0}},
		{Payer: 0, Payee: 1, Class: graph.Pays, Amount: usd(3), Partial: true, Legs: []int32{1, 2, 3}},
		{Payer: 1, Payee: 0, Class: graph.Pays, Legs: []int32{4, 5}},
		{Payer: 1, Payee: 2, Class: graph.Pays, Amount: usd(0), Legs: []int32{6}},
	})
	if v.NUnknown() != 1 || v.NPartial() != 1 {
		t.Errorf("%d unknown and %d partial edges", v.NUnknown(), v.NPartial())
	}
	first, end := v.Out(1)
	if first != 2 || end != 4 || !slices.Equal(v.In(1), []int32{0, 1}) || len(v.In(2)) != 1 || !slices.Equal(v.In(0), []int32{2}) {
		t.Errorf("edges out of b are %d to %d, into a %v, b %v, c %v", first, end, v.In(0), v.In(1), v.In(2))
	}
	if _, ok := v.Edge(2, 0, graph.Pays); ok {
		t.Error("an edge that is not there was found")
	}
	if _, ok := v.Edge(1, 0, graph.Funds); ok {
		t.Error("an edge of another class was found")
	}
}

func TestATotalIsZeroWithoutLegsAndUnknownWithoutAmounts(t *testing.T) {
	s := graphOf(t, leg("u", graph.Money{}), leg("k", usd(3), kind(graph.Loan, graph.MovesCash)))
	v := look(t, s, lensOn("2025-06-01"))
	for class, want := range map[graph.Class]graph.Money{graph.Funds: usd(3), graph.Pays: {}, graph.Backs: usd(0)} {
		if got := v.Total(class); got != want {
			t.Errorf("total of %s is %q, want %q", class, got, want)
		}
	}
	if v.Total() != usd(3) {
		t.Errorf("total is %v", v.Total())
	}
}

func TestASumBeyond64BitsIsAnErrorThatSaysSo(t *testing.T) {
	var records []graph.Record
	for i := range 10249 { // 10248 of them are the most that fit
		records = append(records, leg(string(rune(0x4e00+i)), graph.USD(graph.MaxCents)))
	}
	s := graphOf(t, records...)
	_, err := s.View(t.Context(), lensOn("2025-06-01"))
	if !errors.Is(err, ErrSumTooLarge) || !strings.Contains(err.Error(), "more than $92233720368547758.07") {
		t.Errorf("error is %v", err)
	}
	v := look(t, graphOf(t, records[:10248]...), lensOn("2025-06-01"))
	if got := v.EdgeAt(0).Amount.Cents(); got != 10248*graph.MaxCents {
		t.Errorf("sum is %d", got)
	}
}

func TestALensThatCannotBeUsedIsRefusedByField(t *testing.T) {
	s := build(t, &graph.Company{ID: "openai", Name: "OpenAI"}, &graph.Company{ID: "amazon", Aliases: []string{"Big River"}}, company("anthropic", ""))
	for _, c := range []struct {
		change func(*graph.Lens)
		want   string
	}{
		{func(l *graph.Lens) { l.AsOf = graph.Date{} }, `lens field as_of: "" is not allowed; want a date`},
		{func(l *graph.Lens) { l.Basis = "booked" }, `lens field basis: "booked" is not allowed; want headline, signed, expected, settled or realised`},
		{func(l *graph.Lens) { l.Amount = "mid" }, `lens field amount: "mid" is not allowed; want point, low or high`},
		{func(l *graph.Lens) { l.Conditional = "maybe" }, `lens field conditional: "maybe" is not allowed; want true, false or only`},
		{func(l *graph.Lens) { l.Classes = 0 }, `lens field classes: "" is not allowed; want money, value, all or a list of classes`},
		{func(l *graph.Lens) { l.MinAmount = graph.USD(-1) }, `lens field min_amount: "-0.01" is not allowed; want zero or more dollars`},
		{
			func(l *graph.Lens) { l.Probabilities = graph.Probabilities{{Status: graph.Talks, BasisPoints: 10001}} },
			`lens field probabilities: "talks=10001" is not allowed; want a status and 0 to 10000 basis points`,
		},
		{func(l *graph.Lens) { l.Companies = []string{"amazon", "opanai"} }, `lens field companies: "opanai" is not allowed; want ids of companies; did you mean openai?`},
		{func(l *graph.Lens) { l.Companies = []string{"OpenAI"} }, `lens field companies: "OpenAI" is not allowed; want ids of companies; did you mean openai?`},
		{func(l *graph.Lens) { l.Companies = []string{"big river"} }, `lens field companies: "big river" is not allowed; want ids of companies; did you mean amazon?`},
		{func(l *graph.Lens) { l.Companies = []string{"xyz"} }, `lens field companies: "xyz" is not allowed; want ids of companies`},
	} {
		lens := lensOn("2025-06-01")
		c.change(&lens)
		_, err := s.View(t.Context(), lens)
		var refused *LensError
		if !errors.As(err, &refused) || err.Error() != c.want {
			t.Errorf("error is %v, want %s", err, c.want)
		}
	}
	lens := lensOn("2025-06-01")
	lens.Kinds = []graph.FlowKind{"leases"}
	_, err := s.View(t.Context(), lens)
	var refused *LensError
	if !errors.As(err, &refused) || refused.Field != "kinds" || refused.Given != "leases" || !slices.Equal(refused.Near, []string{"lease"}) {
		t.Errorf("error is %v", err)
	}
}

func TestACancelledContextStopsTheView(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := graphOf(t, leg("f", usd(1))).View(ctx, lensOn("2025-06-01")); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}
