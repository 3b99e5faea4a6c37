package recycling

import (
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/snapshot/graphgen"
	"roundtrip/queries"
	"roundtrip/queries/library/viewtest"
)

func answer(t testing.TB, v *snapshot.View, p Params) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, viewtest.ScopeOf(v), p, native, finish)
}

func newYear() graph.Lens {
	lens := graph.DefaultLens()
	lens.AsOf = graph.On(graph.DayOf(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)))
	return lens
}

// leastCut tries every set of companies on the funder's side: what leaves the
// set, funding alone from the funder, payments alone to it.
func leastCut(v *snapshot.View, funder int32) *big.Int {
	n := len(v.Companies())
	var best *big.Int
	for set := range 1 << n {
		if set>>funder&1 == 0 {
			continue
		}
		cut := new(big.Int)
		for i := range v.NumLegs() {
			leg := v.Leg(i)
			fin, buy := leg.Class == graph.Funds || leg.Class == graph.Grants, leg.Class == graph.Pays
			if !fin && !buy || leg.Payer == funder && !fin || leg.Payee == funder && !buy {
				continue
			}
			if set>>leg.Payer&1 == 1 && (leg.Payee == funder || set>>leg.Payee&1 == 0) {
				cut.Add(cut, big.NewInt(leg.Amount.Cents()))
			}
		}
		if best == nil || cut.Cmp(best) < 0 {
			best = cut
		}
	}
	return best
}

func TestWhatComesHomeIsTheLeastOfAllCuts(t *testing.T) {
	home := 0
	for seed := range uint64(300) {
		records := graphgen.Random(seed, graphgen.Options{Companies: 2 + int(seed%6), Legs: 8 + int(seed%24), Money: seed%2 == 0})
		lens := newYear()
		if seed%3 == 0 {
			lens = graphgen.RandomLens(seed, records)
		}
		v := viewtest.View(t, records, lens)
		ans := answer(t, v, Params{})
		for _, r := range ans.Rows {
			at, _ := v.Vertex(r.Funder)
			if want := leastCut(v, at); want.Cmp(big.NewInt(r.Recycled.Cents())) != 0 {
				t.Fatalf("seed %d: %d comes home to %s, want %s", seed, r.Recycled.Cents(), r.Funder, want)
			}
			if r.Recycled.Cents() > 0 {
				home++
			}
			checkRow(t, r)
			if one := answer(t, v, Params{Funder: r.Funder}); !reflect.DeepEqual(one.Rows, []Row{r}) {
				t.Fatalf("seed %d: asked for alone, %v becomes %v", seed, r, one.Rows)
			}
		}
		if !ans.Summary.Certificates || ans.Summary.Funders != len(ans.Rows) {
			t.Fatalf("seed %d: summary %+v", seed, ans.Summary)
		}
	}
	if home < 50 {
		t.Errorf("money comes home to only %d funders", home)
	}
}

// checkRow fails unless paths and cut add up to the flow.
func checkRow(t *testing.T, r Row) {
	t.Helper()
	paths, cut := int64(0), int64(0)
	for i, p := range r.Paths {
		paths += p.Amount.Cents()
		if p.Path[0] != r.Funder || p.Path[len(p.Path)-1] != r.Funder || len(p.Path) < 3 {
			t.Fatalf("path %v of %s", p.Path, r.Funder)
		}
		if i > 0 && len(r.Paths[i-1].Path) > len(p.Path) {
			t.Fatalf("path %v comes after a longer one", p.Path)
		}
	}
	for _, e := range r.Cut {
		cut += e.Amount.Cents()
	}
	if paths != r.Recycled.Cents() || cut != r.Recycled.Cents() {
		t.Fatalf("paths add up to %d and the cut to %d, want %d", paths, cut, r.Recycled.Cents())
	}
}

func TestADisconnectedFirmChangesNoOtherRow(t *testing.T) {
	for seed := range uint64(40) {
		records := graphgen.Random(seed, graphgen.Options{Companies: 10, Legs: 40, Money: true})
		alone := answer(t, viewtest.View(t, records, newYear()), Params{})
		more := append(slices.Clone(records),
			&graph.Company{ID: "AA", Name: "AA"}, &graph.Company{ID: "zz", Name: "zz"},
			&graph.Flow{ID: "new", From: "AA", To: "zz", Kind: graph.EquityInvestment, Moves: "cash", Amount: graph.USD(500), InitialStatus: "signed", Status: "signed"},
			&graph.Flow{ID: "old", From: "zz", To: "AA", Kind: graph.Lease, Moves: "cash", Amount: graph.USD(300), InitialStatus: "signed", Status: "signed"})
		with := answer(t, viewtest.View(t, more, newYear()), Params{})
		rest := slices.DeleteFunc(with.Rows, func(r Row) bool { return r.Funder == "AA" })
		if len(rest) != len(alone.Rows) || len(rest) > 0 && !reflect.DeepEqual(rest, alone.Rows) || len(with.Rows) != len(rest)+1 {
			t.Fatalf("seed %d: rows\n%v\nbecome\n%v", seed, alone.Rows, rest)
		}
	}
}

// More money out of the funder, or more paid to it, cannot bring home less; a
// dollar more on one edge brings home at most a dollar more.
func TestOneLegMoreBringsHomeNoLessAndAtMostItsAmountMore(t *testing.T) {
	for seed := range uint64(60) {
		records := graphgen.Random(seed, graphgen.Options{Companies: 6, Legs: 30, Money: true})
		v := viewtest.View(t, records, newYear())
		before := map[string]int64{}
		for _, r := range answer(t, v, Params{}).Rows {
			before[r.Funder] = r.Recycled.Cents()
		}
		ids := v.Companies()
		extra := &graph.Flow{
			ID: "extra", From: ids[int(seed)%len(ids)], To: ids[int(seed/2+1)%len(ids)], Kind: graph.Lease, Moves: "cash",
			Amount: graph.USD(12_345), InitialStatus: "signed", Status: "signed",
		}
		for _, r := range answer(t, viewtest.View(t, append(slices.Clone(records), extra), newYear()), Params{}).Rows {
			if d := r.Recycled.Cents() - before[r.Funder]; d < 0 || d > 12_345 {
				t.Fatalf("seed %d: %s gets %d more home", seed, r.Funder, d)
			}
		}
	}
}
