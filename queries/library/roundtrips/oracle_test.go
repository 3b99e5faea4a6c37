package roundtrips

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries/library/viewtest"
)

func TestPairsAreThoseOfAddingLegsOneByOne(t *testing.T) {
	met := 0
	for seed := range uint64(800) {
		records, lens := viewtest.Random(seed)
		v := viewtest.View(t, records, lens)
		in := viewtest.ScopeOf(v)
		ans := viewtest.Answer(t, in, Params{}, native, finish)
		want, total := pairs(v)
		got := make([]string, len(ans.Rows))
		for i, r := range ans.Rows {
			got[i] = fmt.Sprint(r.Funder, " ", r.Customer, " ", r.Fin, " ", r.Buy, " ", r.RoundTrip, " ", r.Ratio, " ", r.Financed, " ", r.Gap, " ", r.LegsOfPair)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d\n got %q\nwant %q", seed, got, want)
		}
		if ans.Summary != total {
			t.Fatalf("seed %d: summary is %+v, want %+v", seed, ans.Summary, total)
		}
		met += len(got)
	}
	if met < 500 {
		t.Errorf("%d pairs in all graphs, too few to tell", met)
	}
}

// pairs are the rows in order and their sums, from one sum for each two firms
// and direction.
func pairs(v *snapshot.View) ([]string, Summary) {
	fin, buy := viewtest.Sums(v, viewtest.Of(graph.Funds, graph.Grants)), viewtest.Sums(v, viewtest.Of(graph.Pays))
	type pair struct {
		rt   graph.Money
		key  viewtest.Key
		text string
	}
	var list []pair
	total := Summary{Fin: graph.USD(0), Buy: graph.USD(0), RT: graph.USD(0)}
	for k, f := range fin {
		b, ok := buy[viewtest.Key{Payer: k.Payee, Payee: k.Payer}]
		if !ok {
			continue
		}
		var rt, gap graph.Money
		switch {
		case !f.Known() || !b.Known():
		case f.Cents() < b.Cents():
			rt, gap = f, graph.USD(b.Cents()-f.Cents())
		default:
			rt, gap = b, graph.USD(0)
		}
		if total.Pairs++; total.Pairs == 1 {
			total.Fin, total.Buy, total.RT = graph.Money{}, graph.Money{}, graph.Money{}
		}
		total.Fin, total.Buy, total.RT = total.Fin.Plus(f), total.Buy.Plus(b), total.RT.Plus(rt)
		list = append(list, pair{rt, k, fmt.Sprint(k.Payer, " ", k.Payee, " ", f, " ", b, " ", rt, " ",
			viewtest.Decimal(viewtest.Over(rt, f)), " ", viewtest.Decimal(viewtest.Over(rt, b)), " ", gap, " ", legsBetween(v, k))})
	}
	slices.SortFunc(list, func(x, y pair) int {
		if x.rt != y.rt && (!x.rt.Known() || !y.rt.Known()) {
			if x.rt.Known() {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(y.rt.Cents(), x.rt.Cents()), cmp.Compare(x.key.Payer, y.key.Payer), cmp.Compare(x.key.Payee, y.key.Payee))
	})
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.text
	}
	return texts, total
}

// legsBetween are the funding one way and the payments the other way, in the
// order of the view.
func legsBetween(v *snapshot.View, k viewtest.Key) []string {
	var ids []string
	for i := range v.NumLegs() {
		leg := v.Leg(i)
		from, to := v.Companies()[leg.Payer], v.Companies()[leg.Payee]
		out := from == k.Payer && to == k.Payee && (leg.Class == graph.Funds || leg.Class == graph.Grants)
		back := from == k.Payee && to == k.Payer && leg.Class == graph.Pays
		if out || back {
			ids = append(ids, leg.ID)
		}
	}
	return ids
}
