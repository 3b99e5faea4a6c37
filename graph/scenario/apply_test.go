package scenario_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/snapshot/graphgen"
)

// small is a leg of 100 dollars from a to b with a term and two events, a part
// of it, and a leg that it superseded.
func small(t *testing.T) *snapshot.Snapshot {
	t.Helper()
	d := func(text string) graph.Date {
		date, err := graph.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return date
	}
	usd := func(n int64) graph.Money { return graph.USD(n * 100) }
	return build(t, &graph.Company{ID: "a", Name: "A"}, &graph.Company{ID: "b", Kind: "ai_lab"}, &graph.Company{ID: "unit", ParentID: "b"},
		&graph.Flow{
			ID: "whole", DealID: "deal", From: "a", To: "b", Kind: graph.Loan, Amount: usd(100), Announced: d("2025-01-31"),
			PeriodStart: d("2025-03-31"), PeriodEnd: d("2027"), InitialStatus: graph.Talks, Status: graph.Closed,
			Realised: usd(40), RealisedAsOf: d("2026-01"),
		},
		&graph.Outcome{ID: "o1", FlowID: "whole", Date: d("2025-06-30"), StatusAfter: graph.Signed},
		&graph.Outcome{ID: "o2", FlowID: "whole", Date: d("2025-12"), StatusAfter: graph.Closed, PaidToDate: usd(30)},
		&graph.Flow{ID: "part", From: "a", To: "unit", Kind: graph.Loan, Amount: usd(10), ParentFlowID: "whole"},
		&graph.Flow{ID: "old", From: "a", To: "b", Kind: graph.Loan, Amount: usd(50), Status: graph.Superseded, SupersededBy: "whole"},
	)
}

// told is what became of a leg: the fields of its change.
func told(t *testing.T, e *scenario.Effect, id string) string {
	t.Helper()
	for _, list := range [][]scenario.Change{e.Added, e.Removed, e.Changed} {
		if i := slices.IndexFunc(list, func(c scenario.Change) bool { return c.ID == id }); i >= 0 {
			b, err := json.Marshal(list[i].Fields())
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
	}
	return ""
}

func TestADelayMovesWhatLiesAfterItsDay(t *testing.T) {
	_, effect := apply(t, steps("- delay: {legs: whole, months: 12, after: 2025-06-30}"), small(t))
	if got := effect.Steps[0]; got != (scenario.StepEffect{Kind: "delay", Legs: 1, Changed: 1}) {
		t.Errorf("the step is told as %+v", got)
	}
	const want = `[{"field":"period_end","before":"2027","after":"2028"},` +
		`{"field":"realised_as_of","before":"2026-01","after":"2027-01"},` +
		`{"outcome":"o2","field":"date","before":"2025-12","after":"2026-12"}]`
	if got := told(t, effect, "whole"); got != want {
		t.Errorf("the delay does %s, want %s", got, want)
	}
}

func TestADelayWithoutADayCountsFromTheAnnouncement(t *testing.T) {
	_, effect := apply(t, steps("- delay: {legs: whole, months: 11}"), small(t))
	const want = `[{"field":"period_start","before":"2025-03-31","after":"2026-02-28"},` + // no 31 February
		`{"field":"period_end","before":"2027","after":"2028-11"},` + // the end of December 2027 and 11 months
		`{"field":"realised_as_of","before":"2026-01","after":"2026-12"},` +
		`{"outcome":"o1","field":"date","before":"2025-06-30","after":"2026-05-30"},` +
		`{"outcome":"o2","field":"date","before":"2025-12","after":"2026-11"}]`
	if got := told(t, effect, "whole"); got != want {
		t.Errorf("the delay does %s, want %s", got, want)
	}
}

func TestAStateHoldsFromItsDayOnAndReplacesWhatCameAfter(t *testing.T) {
	after, effect := apply(t, steps("- set_status: {legs: whole, status: cancelled, on: 2025-09-01}"), small(t))
	const want = `[{"field":"status","before":"closed","after":"cancelled"},{"field":"status_as_of","before":"","after":"2025-09-01"},` +
		`{"field":"realised_usd","before":"40","after":""},{"field":"realised_as_of","before":"2026-01","after":""},` +
		`{"outcome":"o2","field":"id","before":"o2","after":""},{"outcome":"o2","field":"flow_id","before":"whole","after":""},` +
		`{"outcome":"o2","field":"date","before":"2025-12","after":""},{"outcome":"o2","field":"paid_to_date_usd","before":"30","after":""},` +
		`{"outcome":"o2","field":"status_after","before":"closed","after":""},` +
		`{"outcome":"whole_step1","field":"id","before":"","after":"whole_step1"},{"outcome":"whole_step1","field":"flow_id","before":"","after":"whole"},` +
		`{"outcome":"whole_step1","field":"date","before":"","after":"2025-09-01"},{"outcome":"whole_step1","field":"event","before":"","after":"cancelled"},` +
		`{"outcome":"whole_step1","field":"status_after","before":"","after":"cancelled"},{"outcome":"whole_step1","field":"note","before":"","after":"scenario test"}]`
	if got := told(t, effect, "whole"); got != want {
		t.Errorf("the state does %s, want %s", got, want)
	}
	i, _ := after.FlowIndex("whole")
	for day, want := range map[string]graph.Status{"2025-02-01": graph.Talks, "2025-07-01": graph.Signed, "2025-08-31": graph.Signed, "2025-09-01": graph.Cancelled, "2030": graph.Cancelled} {
		if got := after.StateOn(i, lensOn(t, day).AsOf.First()); got != want {
			t.Errorf("on %s the leg is %s, want %s", day, got, want)
		}
	}
}

func TestAStateWithoutADayHoldsFromTheAnnouncement(t *testing.T) {
	after, _ := apply(t, steps("- set_status: {legs: [whole], status: in_force}"), small(t))
	f := flow(t, after, "whole")
	if f.InitialStatus != graph.InForce || f.Status != graph.InForce || f.Realised.Known() {
		t.Errorf("the leg is %s, then %s, with %s moved", f.InitialStatus, f.Status, f.Realised)
	}
}

func TestTheDayOfTheScenarioIsTheDayOfItsSteps(t *testing.T) {
	base := small(t)
	named, _ := apply(t, "name: test\nas_of: 2025-09-01\nsteps:\n  - set_status: {legs: whole, status: paused}\n  - delay: {legs: whole, months: 3}\n", base)
	spelt, _ := apply(t, steps("- set_status: {legs: whole, status: paused, on: 2025-09-01}", "- delay: {legs: whole, months: 3, after: 2025-09-01}"), base)
	if hash(named) != hash(spelt) {
		t.Error("the defaults are not the as_of of the scenario")
	}
}

func TestALegThatIsTakenAwayTakesItsPartsAlong(t *testing.T) {
	after, effect := apply(t, steps("- remove: {legs: whole}"), small(t))
	if effect.Steps[0] != (scenario.StepEffect{Kind: "remove", Legs: 1, Changed: 2}) {
		t.Errorf("the step is told as %+v", effect.Steps[0])
	}
	if len(effect.Removed) != 2 || len(effect.Changed) != 1 || after.NumFlows() != 1 {
		t.Errorf("the effect is %q", effect)
	}
	if f := flow(t, after, "old"); f.SupersededBy != "" || f.Status != graph.Superseded {
		t.Errorf("the leg that it superseded is %s by %q", f.Status, f.SupersededBy)
	}
}

func TestAStepTellsHowManyOfItsLegsItChanged(t *testing.T) {
	for line, changed := range map[string]int{
		"- delay: {kinds: loan, months: 1, after: 2040}": 0,
		"- delay: {kinds: loan, months: 1}":              1, // the others have no dates
		"- scale: {kinds: loan, factor: 1}":              0,
		"- scale: {kinds: loan, factor: 2}":              3,
		"- set_status: {kinds: loan, status: in_force}":  3,
	} {
		if _, effect := apply(t, steps(line), small(t)); effect.Steps[0].Legs != 3 || effect.Steps[0].Changed != changed {
			t.Errorf("%s is told as %+v, want %d changed", line, effect.Steps[0], changed)
		}
	}
}

func TestHalfACentIsRoundedUp(t *testing.T) {
	for _, c := range []struct{ amount, factor, want string }{
		{"0.01", "0.5", "0.01"},
		{"0.01", "0.499999", "0"},
		{"0.03", "0.5", "0.02"},
		{"9tn", "1", "9000000000000"},
		{"100", "0", "0"},
		{"0.02", "0.333333", "0.01"},
	} {
		after, _ := apply(t, steps("- add: {id: new, from: a, to: b, kind: loan, amount: "+c.amount+"}", "- scale: {legs: new, factor: "+c.factor+"}"), small(t))
		if got := flow(t, after, "new").Amount.String(); got != c.want {
			t.Errorf("%s times %s is %s, want %s", c.amount, c.factor, got, c.want)
		}
	}
}

func TestAStateReplacesWhatIsRecordedOnItsOwnDay(t *testing.T) {
	after, _ := apply(t, steps("- set_status: {legs: whole, status: paused, on: 2025-12-01}"), small(t)) // o2 is of 2025-12
	i, _ := after.FlowIndex("whole")
	if ids := outcomeIDs(after, i); !slices.Equal(ids, []string{"o1", "whole_step1"}) {
		t.Errorf("the outcomes are %v", ids)
	}
	after, _ = apply(t, steps("- set_status: {legs: whole, status: paused, on: 2025-12-02}"), small(t))
	i, _ = after.FlowIndex("whole")
	if ids := outcomeIDs(after, i); !slices.Equal(ids, []string{"o1", "o2", "whole_step1"}) {
		t.Errorf("the outcomes are %v", ids)
	}
}

func TestALegThatLivesAgainIsSupersededByNothing(t *testing.T) {
	for status, by := range map[string]string{"in_force": "", "superseded": "whole"} {
		after, _ := apply(t, steps("- set_status: {legs: old, status: "+status+"}"), small(t))
		if got := flow(t, after, "old").SupersededBy; got != by {
			t.Errorf("a leg that is set to %s is superseded by %q, want %q", status, got, by)
		}
	}
}

func outcomeIDs(s *snapshot.Snapshot, i int) []string {
	var ids []string
	for _, e := range s.Outcomes(i) {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestStepsAreDoneInTheirOrder(t *testing.T) {
	base := small(t)
	const add, scale = "- add: {id: new, from: a, to: b, kind: loan, amount: 80}", "- scale: {kinds: loan, factor: 0.5}"
	for want, order := range map[string][]string{"40": {add, scale}, "80": {scale, add}} {
		after, effect := apply(t, steps(order...), base)
		if got := flow(t, after, "new").Amount.String(); got != want {
			t.Errorf("after %v the new leg has %s, want %s", order, got, want)
		}
		if effect.Steps[0].Kind == effect.Steps[1].Kind {
			t.Errorf("the steps are told as %v", effect.Steps)
		}
	}
}

func TestAScenarioMayBringCompanies(t *testing.T) {
	after, effect := apply(t, `
name: test
companies: [{id: new, kind: neocloud, parent_id: a}]
steps:
  - add: {id: x, deal_id: fresh, from: b, to: new, kind: compute_commitment, amount: 1.5bn, count_in_totals: no, chips: []}
  - scale: {payee: a, factor: 2}
`, small(t))
	if head, _ := after.Head("new"); head != "a" || !slices.Equal(effect.Companies, []string{"new"}) || !slices.Equal(effect.Deals, []string{"fresh"}) {
		t.Errorf("the new company belongs to %q; companies %v, deals %v", head, effect.Companies, effect.Deals)
	}
	if f := flow(t, after, "x"); f.Amount != graph.USD(3e11) || f.Status != graph.Signed || f.InitialStatus != graph.Signed || !f.Overlaps {
		t.Errorf("the new leg is %+v", f)
	}
}

func TestAnAddedLegTakesItsStateFromItsOutcomes(t *testing.T) {
	after, _ := apply(t, steps("- add: {id: x, from: a, to: b, kind: loan, announced_date: 2026-01, outcomes: [{date: 2026-03, status_after: closed, paid_to_date: 5m}, {date: 2026-02, status_after: stalled}]}"), small(t))
	f := flow(t, after, "x")
	i, _ := after.FlowIndex("x")
	if f.InitialStatus != graph.Signed || f.Status != graph.Closed || after.StateOn(i, lensOn(t, "2026-02-15").AsOf.First()) != graph.Stalled {
		t.Errorf("the leg is %s, then %s", f.InitialStatus, f.Status)
	}
	if ids := []string{after.Outcomes(i)[0].ID, after.Outcomes(i)[1].ID}; !slices.Equal(ids, []string{"x_2", "x_1"}) {
		t.Errorf("the outcomes are %v", ids)
	}
}

func TestAStepThatChoosesTooManyLegsIsRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("builds 250,001 legs")
	}
	base, err := snapshot.Build(graph.Revision{Number: 1}, graphgen.Transfers(1, 1000, 250_001))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = parse(t, steps("- scale: {kinds: transfer, factor: 2}")).Apply(t.Context(), base)
	wantFaults(t, err, []string{"line 3:12: steps[0].scale: chooses 250001 legs; a scenario changes at most 250000"})
}

func TestApplyEndsWhenItsContextDoes(t *testing.T) {
	ctx, cancel := contextOf(t)
	cancel()
	_, _, err := parse(t, steps("- remove: {legs: whole}")).Apply(ctx, small(t))
	var faults scenario.Faults
	if err == nil || errors.As(err, &faults) {
		t.Errorf("the error is %v", err)
	}
}
