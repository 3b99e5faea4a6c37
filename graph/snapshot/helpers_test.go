package snapshot

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
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

// leg is a signed compute commitment from a to b, announced on 2025-01-01, after
// the given changes.
func leg(id string, amount graph.Money, changes ...func(*graph.Flow)) *graph.Flow {
	f := &graph.Flow{
		ID: id, From: "a", To: "b", Kind: graph.ComputeCommitment, Moves: graph.MovesPromisedCash, Amount: amount,
		Announced: date("2025-01-01"), InitialStatus: graph.Signed, Status: graph.Signed,
	}
	for _, change := range changes {
		change(f)
	}
	return f
}

func between(from, to string) func(*graph.Flow) {
	return func(f *graph.Flow) { f.From, f.To = from, to }
}

func announced(day string) func(*graph.Flow) {
	return func(f *graph.Flow) { f.Announced = date(day) }
}

func in(state graph.Status) func(*graph.Flow) {
	return func(f *graph.Flow) { f.InitialStatus, f.Status = state, state }
}

func kind(k graph.FlowKind, moves string) func(*graph.Flow) {
	return func(f *graph.Flow) { f.Kind, f.Moves = k, moves }
}

func partOf(id string) func(*graph.Flow) {
	return func(f *graph.Flow) { f.ParentFlowID = id }
}

func realised(amount graph.Money, day string) func(*graph.Flow) {
	return func(f *graph.Flow) { f.Realised, f.RealisedAsOf = amount, date(day) }
}

func span(low, high graph.Money, qualifier string) func(*graph.Flow) {
	return func(f *graph.Flow) { f.AmountLow, f.AmountHigh, f.Qualifier = low, high, qualifier }
}

// threeFirms are companies a, b and c.
func threeFirms() []graph.Record {
	return []graph.Record{company("a", ""), company("b", ""), company("c", "")}
}

// graphOf is threeFirms with these records.
func graphOf(t testing.TB, records ...graph.Record) *Snapshot {
	t.Helper()
	return build(t, append(threeFirms(), records...)...)
}

// passed prints the legs of a view with their amounts in dollars: "f1 10, f2 ?".
func passed(v *View) string {
	var parts []string
	for i := range v.NumLegs() {
		amount := v.Leg(i).Amount.String()
		if amount == "" {
			amount = "?"
		}
		parts = append(parts, fmt.Sprintf("%s %s", v.LegID(i), amount))
	}
	return strings.Join(parts, ", ")
}

// wantLegs fails unless the lens lets these legs pass, in passed's form.
func wantLegs(t *testing.T, s *Snapshot, lens graph.Lens, want string) {
	t.Helper()
	if got := passed(look(t, s, lens)); got != want {
		t.Errorf("under basis %s, amount %s, as of %s the legs are %q, want %q", lens.Basis, lens.Amount, lens.AsOf, got, want)
	}
}

// usd is that many dollars.
func usd(n int64) graph.Money { return graph.USD(n * 100) }

func checkEdges(t *testing.T, v *View, want []Edge) {
	t.Helper()
	var got []Edge
	for e := range v.NumEdges() {
		got = append(got, v.EdgeAt(e))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("edges are\n%v, want\n%v", got, want)
	}
	for i, e := range want {
		if at, ok := v.Edge(e.Payer, e.Payee, e.Class); !ok || at != i {
			t.Errorf("edge %v is found at %d, %v; want %d", e, at, ok, i)
		}
	}
}

// legOrder are the ids of the legs of a view.
func legOrder(v *View) []string {
	all := make([]int32, v.NumLegs())
	for i := range all {
		all[i] = int32(i)
	}
	return slices.Clone(v.LegIDs(all))
}
