package library_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"
	"testing/fstest"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/render"
)

// Two legs there and back: 10 to 20 out in talks (25 in 100 come true), 30 home,
// signed (90 in 100).
const drawnFlows = `id,from,to,kind,announced_date,amount_usd,amount_low_usd,amount_high_usd,status
out,a,b,equity_investment,2025-01-01,15,10,20,talks
home,b,a,lease,2025-01-01,30,,,signed
`

func runnerOver(t testing.TB, flows string) *queries.Runner {
	t.Helper()
	store, _ := embedded().New(t)
	casetest.Import(t, store, fstest.MapFS{"flows.csv": {Data: []byte(flows)}})
	return newRunner(store, nil)
}

func drawsOf(t testing.TB, r *queries.Runner, req queries.Request) map[string]queries.Spread {
	t.Helper()
	res, err := r.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]queries.Spread{}
	for _, f := range res.Uncertainty.Fields {
		by[f.Name] = f
	}
	return by
}

func TestALegLivesWithTheProbabilityOfItsStateAndItsAmountIsUniform(t *testing.T) {
	const n = 40_000
	by := drawsOf(t, runnerOver(t, drawnFlows), queries.Request{Analysis: "circularity", Draws: n, Seed: 7})
	// The total is 30 with 0.9, plus 10 to 20 with 0.25; it is circular when both
	// live: 2 x the amount that goes out, as 20 is less than 30.
	total, circular := by["total_cents"], by["circular_cents"]
	near(t, "mean total", total.Mean, 100*(0.9*30+0.25*15), 20)
	near(t, "mean circular", circular.Mean, 100*0.9*0.25*2*15, 20)
	if total.Known != n || circular.P50 != queries.ChartValue(graph.USD(0)) {
		t.Errorf("known in %d draws, median of the circular sum %v", total.Known, circular.P50)
	}
	// 77.5 % of draws have no circular dollar; the 95th per cent stand at the
	// quantile (0.95-0.775)/0.225 of 20 to 40.
	near(t, "p95 circular", circular.P95, 100*(20+20*(0.95-0.775)/0.225), 40)
	if ci := by["ci"]; ci.Known >= n || ci.Known < n*9/10 {
		t.Errorf("circularity is known in %d draws; without any leg it is not", ci.Known)
	}
}

func near(t *testing.T, what string, got queries.ChartValue, want, within float64) {
	t.Helper()
	m, ok := got.(graph.Money)
	if !ok || math.Abs(float64(m.Cents())-want) > within {
		t.Errorf("%s is %v, want %.0f cents within %.0f", what, got, want, within)
	}
}

func TestDrawsAreTheSameBytesWhateverTheNumberOfWorkers(t *testing.T) {
	store, _ := embedded().New(t)
	casetest.Import(t, store, dataset.FS())
	runner := newRunner(store, nil)
	var answers []string
	for _, workers := range []int{1, 2, 7} {
		before := runtime.GOMAXPROCS(workers)
		res, err := runner.Run(t.Context(), queries.Request{Analysis: "circularity", Draws: 60, Seed: 3})
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		res.Elapsed = 0
		var b bytes.Buffer
		if err := render.Write(&b, "json", res); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, b.String())
	}
	if answers[0] != answers[1] || answers[1] != answers[2] {
		t.Error("the answers differ")
	}
	one := drawsOf(t, runner, queries.Request{Analysis: "circularity", Draws: 60, Seed: 3})
	if other := drawsOf(t, runner, queries.Request{Analysis: "circularity", Draws: 60, Seed: 4}); fmt.Sprint(one) == fmt.Sprint(other) {
		t.Error("another seed draws the same")
	}
}

func TestWhatIsCertainDoesNotSpread(t *testing.T) {
	flows := "id,from,to,kind,announced_date,amount_usd,status\nx,a,b,loan,2025-01-01,10,closed\ny,b,a,lease,2025-01-01,4,in_force\n"
	runner := runnerOver(t, flows)
	res, err := runner.Run(t.Context(), queries.Request{Analysis: "circularity", Draws: 25})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range res.Uncertainty.Fields {
		if f.Known != 25 || f.Mean != f.P5 || f.P5 != f.P50 || f.P50 != f.P95 {
			t.Errorf("%s spreads: %+v", f.Name, f)
		}
		if f.Name == "circular_cents" && f.Mean != queries.ChartValue(graph.USD(800)) {
			t.Errorf("the circular sum is %v", f.Mean)
		}
	}
}

// A share of what is up to an amount is drawn from nothing to that amount, and a
// basis that reads figures leaves nothing to chance.
func TestDrawsFollowTheLens(t *testing.T) {
	flows := "id,from,to,kind,announced_date,amount_usd,amount_qualifier,status,realised_usd,realised_as_of\n" +
		"x,a,b,loan,2025-01-01,100,up_to,in_force,,\ny,b,a,lease,2025-01-01,100,,talks,40,2025-02-01\n"
	runner := runnerOver(t, flows)
	by := drawsOf(t, runner, queries.Request{Analysis: "circularity", Lens: queries.Args{"companies": "a,b", "kinds": "loan"}, Draws: 20_000})
	near(t, "mean of an upper bound", by["total_cents"].Mean, 5000, 60)
	by = drawsOf(t, runner, queries.Request{Analysis: "circularity", Lens: queries.Args{"basis": "realised"}, Draws: 50})
	if got := by["total_cents"]; got.P5 != queries.ChartValue(graph.USD(4000)) || got.P95 != got.P5 {
		t.Errorf("what was paid spreads: %+v", got)
	}
	by = drawsOf(t, runner, queries.Request{Analysis: "circularity", Lens: queries.Args{"basis": "signed"}, Draws: 2_000})
	if got := by["total_cents"]; got.P95.(graph.Money).Cents() > 10_000 {
		t.Errorf("a leg in talks was drawn under basis signed: %+v", got)
	}
}

func TestDrawsThatCannotBeMadeAreRefused(t *testing.T) {
	runner := runnerOver(t, drawnFlows)
	for want, req := range map[string]queries.Request{
		"draws=-1: want a whole number from 0 to 100000":          {Analysis: "circularity", Draws: -1},
		"draws=100001: want a whole number from 0 to 100000":      {Analysis: "circularity", Draws: 100_001},
		"draws=5: draws need the native engine; leave engine out": {Analysis: "cycles", Draws: 5, Engine: queries.Cypher},
	} {
		_, err := runner.Run(t.Context(), req)
		var bad queries.ArgumentErrors
		if !errors.As(err, &bad) || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}

func BenchmarkDrawsOfCircularity(b *testing.B) {
	store, _ := embedded().New(b)
	casetest.Import(b, store, dataset.FS())
	runner := newRunner(store, nil)
	for b.Loop() {
		drawsOf(b, runner, queries.Request{Analysis: "circularity", Draws: 1000, Seed: 1})
	}
}
