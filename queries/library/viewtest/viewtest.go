// Package viewtest gives tests of analyses what they look at: views of random
// graphs, and numbers written out from exact fractions.
package viewtest

import (
	"context"
	"fmt"
	"iter"
	"math/big"
	"math/rand/v2"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/ingest"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/snapshot/graphgen"
	"roundtrip/queries"
)

// View is the graph of these records under a lens.
func View(t testing.TB, records []graph.Record, lens graph.Lens) *snapshot.View {
	t.Helper()
	s, err := snapshot.Build(graph.Revision{Number: 1}, func(yield func(graph.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.View(t.Context(), lens)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Shipped is the shipped data under a lens.
func Shipped(t testing.TB, lens graph.Lens) *snapshot.View {
	t.Helper()
	src, err := ingest.FromFS(dataset.FS())
	if err != nil {
		t.Fatal(err)
	}
	_, batch, err := ingest.Check(t.Context(), src, nil, ingest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var records []graph.Record
	for r, err := range batch.Records {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return View(t, records, lens)
}

// ScopeOf is a view without a past.
func ScopeOf(v *snapshot.View) queries.Scope { return queries.Scope{View: v, Lens: v.Lens()} }

// Answer is what the two halves of an analysis make of a scope: the native engine
// finds facts, and finish makes rows of them.
func Answer[P, F, R, S any](t testing.TB, in queries.Scope, p P,
	native func(context.Context, queries.Scope, P, func(F) bool) (queries.Truncation, error),
	finish func(queries.Scope, P, iter.Seq[F]) (queries.Answer[R, S], error),
) queries.Answer[R, S] {
	t.Helper()
	var cut queries.Truncation
	var failed error
	answer, err := finish(in, p, func(yield func(F) bool) { cut, failed = native(t.Context(), in, p, yield) })
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	if cut.Is {
		answer.Truncated = cut
	}
	return answer
}

// Random is a random graph and lens. Beside what the awkward graphs of graphgen
// have there are small amounts, so that shares tie, in every second graph a
// thicket of payments and funding, and reported shares of customers.
func Random(seed uint64) ([]graph.Record, graph.Lens) {
	r := rand.New(rand.NewPCG(seed, 99))
	records := graphgen.Random(seed, graphgen.Options{Companies: 2 + int(seed%7), Legs: 4 + int(seed%40), Money: seed%2 == 0})
	var companies []string
	for _, record := range records {
		switch x := record.(type) {
		case *graph.Company:
			companies = append(companies, x.ID)
		case *graph.Flow:
			if x.Amount.Known() && !x.AmountLow.Known() && !x.AmountHigh.Known() && !x.Realised.Known() && r.IntN(3) == 0 {
				x.Amount = graph.USD(int64(r.IntN(12)))
			}
		}
	}
	thicket := 0
	if seed%2 == 1 {
		thicket = 10 + r.IntN(60)
	}
	for i := range thicket {
		f := &graph.Flow{
			ID: fmt.Sprintf("thicket%d", i), From: companies[r.IntN(len(companies))], To: companies[r.IntN(len(companies))], Moves: graph.MovesCash,
			Kind:          []graph.FlowKind{graph.Lease, graph.Lease, graph.ServicePurchase, graph.Loan, graph.EquityInvestment}[r.IntN(5)],
			InitialStatus: graph.Closed, Status: graph.Closed,
		}
		if r.IntN(5) > 0 {
			f.Amount = graph.USD(int64(r.IntN(9)))
		}
		records = append(records, f)
	}
	for i := range r.IntN(8) {
		m := &graph.Metric{
			ID: fmt.Sprintf("share%d", i), CompanyID: companies[r.IntN(len(companies))], Counterparty: companies[r.IntN(len(companies))],
			Metric: []string{"rpo_share_of_customer", "revenue_share_of_customer", "share_of_customer"}[r.IntN(3)],
			Value:  graph.Micro(int64(r.IntN(11)) * 100_000), Unit: "fraction",
		}
		if r.IntN(6) > 0 {
			m.AsOf, _ = graph.ParseDate([]string{"2024", "2025-06", "2025-06-30", "2026-01-15", "2030"}[r.IntN(5)])
		}
		records = append(records, m)
	}
	lens := graphgen.RandomLens(seed, records)
	if seed%3 == 0 {
		lens = graph.DefaultLens()
		lens.AsOf, _ = graph.ParseDate("2026-06-30")
	}
	lens.Probabilities = graph.DefaultProbabilities()
	return records, lens
}

// Decimal is a fraction rounded half up to six places, unknown for nil.
func Decimal(r *big.Rat) graph.Decimal {
	if r == nil {
		return graph.Decimal{}
	}
	x := new(big.Rat).Mul(r, big.NewRat(1_000_000, 1))
	x.Add(x, big.NewRat(1, 2))
	floor, rest := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int))
	if rest.Sign() < 0 {
		floor.Sub(floor, big.NewInt(1))
	}
	return graph.Micro(floor.Int64())
}

// Over is a/b, nil where either is unknown or b is zero.
func Over(a, b graph.Money) *big.Rat {
	if !a.Known() || !b.Known() || b.Cents() == 0 {
		return nil
	}
	return big.NewRat(a.Cents(), b.Cents())
}

// Key is a payer and a payee.
type Key struct{ Payer, Payee string }

// Sums adds up the legs of a view, one by one, that belong.
func Sums(v *snapshot.View, belongs func(snapshot.Leg) bool) map[Key]graph.Money {
	sums := map[Key]graph.Money{}
	for i := range v.NumLegs() {
		if leg := v.Leg(i); belongs(leg) {
			k := Key{v.Companies()[leg.Payer], v.Companies()[leg.Payee]}
			sums[k] = sums[k].Plus(leg.Amount)
		}
	}
	return sums
}

// Of tells whether a leg is of one of the classes.
func Of(classes ...graph.Class) func(snapshot.Leg) bool {
	return func(l snapshot.Leg) bool {
		for _, c := range classes {
			if l.Class == c {
				return true
			}
		}
		return false
	}
}
