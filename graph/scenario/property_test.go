package scenario_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"roundtrip/graph"
	"roundtrip/graph/ingest"
	"roundtrip/graph/scenario"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/snapshot/graphgen"
)

// drawn is a small random graph.
func drawn(t *rapid.T) *snapshot.Snapshot {
	records := graphgen.Draw(t)
	s, err := snapshot.Build(graph.Revision{Number: 3}, func(yield func(graph.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// someLegs are ids of one or more legs of the graph, as a YAML list.
func someLegs(t *rapid.T, s *snapshot.Snapshot) (ids []string, list string) {
	for i := range s.NumFlows() {
		if rapid.Bool().Draw(t, "leg") {
			ids = append(ids, s.FlowID(i))
		}
	}
	if len(ids) == 0 {
		ids = []string{s.FlowID(0)}
	}
	b, err := json.Marshal(ids)
	if err != nil {
		t.Fatal(err)
	}
	return ids, string(b)
}

func do(t *rapid.T, s *snapshot.Snapshot, lines ...string) *snapshot.Snapshot {
	after, _, err := run(t, s, lines...)
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, steps(lines...))
	}
	return after
}

func run(t *rapid.T, s *snapshot.Snapshot, lines ...string) (*snapshot.Snapshot, *scenario.Effect, error) {
	sc, err := scenario.Parse("", []byte(steps(lines...)))
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, steps(lines...))
	}
	return sc.Apply(t.Context(), s)
}

func TestAddingALegAndTakingItAwayLeavesTheGraph(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := drawn(t)
		from, to, _ := base.Ends(0)
		if from == to {
			t.Skip("a leg has two ends")
		}
		after, effect, err := run(t, base,
			fmt.Sprintf("- add: {id: new leg, deal_id: new deal, from: %q, to: %q, kind: loan, amount: 1bn, outcomes: [{date: 2026, status_after: closed}]}", from, to),
			"- remove: {legs: new leg}")
		if err != nil {
			t.Fatal(err)
		}
		if hash(after) != hash(base) || len(effect.Added)+len(effect.Removed)+len(effect.Changed)+len(effect.Deals) > 0 {
			t.Errorf("the graph is another one: %s", effect)
		}
	})
}

func TestScalingByOneChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := drawn(t)
		_, legs := someLegs(t, base)
		if hash(do(t, base, "- scale: {legs: "+legs+", factor: 1, paid: true}")) != hash(base) {
			t.Error("the graph is another one")
		}
	})
}

func TestScalingByTwoAndThreeIsScalingBySix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := drawn(t)
		_, legs := someLegs(t, base)
		base = do(t, base, "- scale: {legs: "+legs+", factor: 0.1}") // room below the largest amount
		two, three, six := "- scale: {legs: "+legs+", factor: 2}", "- scale: {legs: "+legs+", factor: 3}", "- scale: {legs: "+legs+", factor: 6}"
		if hash(do(t, base, two, three)) != hash(do(t, base, six)) || hash(do(t, base, two, "- scale: {legs: "+legs+", factor: 0.5}")) != hash(base) {
			t.Error("the factors do not compose")
		}
	})
}

func TestScaledAmountsAreRoundedHalfUpToACent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := drawn(t)
		ids, legs := someLegs(t, base)
		micro := rapid.Int64Range(0, 1_000_000).Draw(t, "factor")
		paid := rapid.Bool().Draw(t, "paid")
		after := do(t, base, fmt.Sprintf("- scale: {legs: %s, factor: %q, paid: %v}", legs, graph.Micro(micro), paid))
		expect := func(m graph.Money, scaled bool) graph.Money {
			if !m.Known() || !scaled {
				return m
			}
			x := new(big.Int).Mul(big.NewInt(m.Cents()), big.NewInt(2*micro)) // floor(2xf + 1 over 2), f = micro/10^6
			x.Add(x, big.NewInt(1_000_000))
			return graph.USD(x.Div(x, big.NewInt(2_000_000)).Int64())
		}
		for i := range base.NumFlows() {
			f := *base.Flow(i)
			hit := slices.Contains(ids, f.ID)
			f.Amount, f.AmountLow, f.AmountHigh = expect(f.Amount, hit), expect(f.AmountLow, hit), expect(f.AmountHigh, hit)
			f.Realised = expect(f.Realised, hit && paid)
			j, ok := after.FlowIndex(f.ID)
			if !ok || !graph.Same(after.Flow(j), &f) {
				t.Errorf("%s is not as worked out", f.ID)
			}
			for k, o := range base.Outcomes(i) {
				e := *o
				e.PaidToDate = expect(e.PaidToDate, hit && paid)
				if !graph.Same(after.Outcomes(j)[k], &e) {
					t.Errorf("%s is not as worked out", o.ID)
				}
			}
		}
	})
}

func TestALegGoesWithItsPartsAndItsOutcomesAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := drawn(t)
		ids, legs := someLegs(t, base)
		gone := map[string]bool{}
		for _, id := range ids {
			gone[id] = true
		}
		for range base.NumFlows() { // parts of parts, one level in each round
			for i := range base.NumFlows() {
				if f := base.Flow(i); gone[f.ParentFlowID] {
					gone[f.ID] = true
				}
			}
		}
		after := do(t, base, "- remove: {legs: "+legs+"}")
		var want graph.Hash
		for r := range base.Records() {
			switch x := r.(type) {
			case *graph.Flow:
				if gone[x.ID] {
					continue
				}
				if gone[x.SupersededBy] {
					f := *x
					f.SupersededBy = ""
					r = &f
				}
			case *graph.Outcome:
				if gone[x.FlowID] {
					continue
				}
			}
			want = want.Plus(graph.Digest(r))
		}
		if hash(after) != want {
			t.Error("the graph is not the base without these legs")
		}
	})
}

func TestASelectorChoosesWhatMeetsAllItsConditions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := drawn(t)
		var conditions []string
		meets := func(*graph.Flow) bool { return true }
		and := func(text string, more func(*graph.Flow) bool) {
			before := meets
			conditions = append(conditions, text)
			meets = func(f *graph.Flow) bool { return before(f) && more(f) }
		}
		inside := func(id, group string) bool { // by walking up from the company
			for id != "" {
				if id == group {
					return true
				}
				c, _ := base.Company(id)
				id = c.ParentID
			}
			return false
		}
		sample := base.Flow(rapid.IntRange(0, base.NumFlows()-1).Draw(t, "sample"))
		day, err := graph.ParseDate("2025-06-30")
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "payer") {
			and(fmt.Sprintf("payer: %q", sample.From), func(f *graph.Flow) bool { return inside(f.From, sample.From) })
		}
		if rapid.Bool().Draw(t, "payee") {
			and(fmt.Sprintf("payees: [%q]", sample.To), func(f *graph.Flow) bool { return inside(f.To, sample.To) })
		}
		if rapid.Bool().Draw(t, "kind") {
			and(fmt.Sprintf("kinds: [%s]", sample.Kind), func(f *graph.Flow) bool { return f.Kind == sample.Kind })
		}
		if c := sample.Kind.Class(); c != graph.NoClass && rapid.Bool().Draw(t, "class") {
			and("class: "+strings.ToLower(c.String()), func(f *graph.Flow) bool { return f.Kind.Class() == c })
		}
		if rapid.Bool().Draw(t, "conditional") {
			and(fmt.Sprintf("conditional: %v", sample.Conditional()), func(f *graph.Flow) bool { return f.Conditional() == sample.Conditional() })
		}
		if sample.DealID != "" && rapid.Bool().Draw(t, "deal") {
			and(fmt.Sprintf("deals: %q", sample.DealID), func(f *graph.Flow) bool { return f.DealID == sample.DealID })
		}
		stateOf := func(id string) graph.Status {
			i, _ := base.FlowIndex(id)
			return base.StateOn(i, day.Last())
		}
		if len(conditions) == 0 || rapid.Bool().Draw(t, "state") {
			and(fmt.Sprintf("statuses: [%s]", stateOf(sample.ID)), func(f *graph.Flow) bool { return stateOf(f.ID) == stateOf(sample.ID) })
		}
		text := "name: a\nas_of: 2025-06-30\nsteps: [{scale: {factor: 1, " + strings.Join(conditions, ", ") + "}}]"
		sc, err := scenario.Parse("", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		_, effect, err := sc.Apply(t.Context(), base)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for r := range base.Records(graph.FlowRecord) {
			if f, ok := r.(*graph.Flow); ok && meets(f) {
				want++
			}
		}
		if effect.Steps[0].Legs != want {
			t.Errorf("%s chooses %d legs, want %d", strings.Join(conditions, ", "), effect.Steps[0].Legs, want)
		}
	})
}

// Whatever the steps, the answer is a graph that an import would take, or
// faults; the base stays, and the same steps give the same bytes.
func TestAnySequenceOfStepsGivesACheckedGraphOrFaults(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := drawn(t)
		before := hash(base)
		var lines []string
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			_, legs := someLegs(t, base)
			status := rapid.SampledFrom(graph.Statuses()).Draw(t, "status")
			lines = append(lines, rapid.SampledFrom([]string{
				"- remove: {legs: " + legs + "}",
				"- scale: {legs: " + legs + ", factor: 0.333333}",
				"- delay: {legs: " + legs + ", months: 7, after: 2025-03}",
				"- delay: {legs: " + legs + ", months: 12}",
				fmt.Sprintf("- set_status: {legs: %s, status: %s}", legs, status),
				fmt.Sprintf("- set_status: {legs: %s, status: %s, on: 2025-05-05}", legs, status),
			}).Draw(t, "step"))
		}
		after, effect, err := run(t, base, lines...)
		if hash(base) != before {
			t.Fatal("the base has changed")
		}
		var faults scenario.Faults
		if errors.As(err, &faults) {
			for _, f := range faults {
				if f.Code != scenario.CodeUnknownLeg { // only a leg that is gone can be wrong here
					t.Errorf("%v\nin\n%s", f, steps(lines...))
				}
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if after.Revision() != base.Revision() {
			t.Errorf("the revision is %v", after.Revision())
		}
		report, _, err := ingest.CheckRecords(t.Context(), slices.Collect(after.Records()), nil, nil, ingest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !report.OK() {
			t.Errorf("an import would refuse the graph: %v\nin\n%s", report.Err(), steps(lines...))
		}
		again, effectAgain, err := run(t, base, lines...)
		if err != nil {
			t.Fatal(err)
		}
		first, err := json.Marshal(effect)
		if err != nil {
			t.Fatal(err)
		}
		second, err := json.Marshal(effectAgain)
		if err != nil {
			t.Fatal(err)
		}
		if hash(again) != hash(after) || !bytes.Equal(first, second) {
			t.Error("the same steps give another graph or another effect")
		}
	})
}
