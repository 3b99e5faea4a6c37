package vendorfinancing

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/library/viewtest"
)

func answer(t testing.TB, v *snapshot.View) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, viewtest.ScopeOf(v), Params{}, native, finish)
}

func TestRowsAreThoseOfTryingEveryPairOfCompanies(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(1000) {
		records, lens := viewtest.Random(seed)
		v := viewtest.View(t, records, lens)
		buy, fin := viewtest.Sums(v, viewtest.Of(graph.Pays)), viewtest.Sums(v, viewtest.Of(graph.Funds, graph.Grants))
		var wanted []Row
		for _, a := range v.Companies() {
			row := Row{Vendor: a, Financed: graph.USD(0)}
			paid, sum, known := false, int64(0), false
			for _, b := range v.Companies() {
				x, ok := buy[viewtest.Key{Payer: b, Payee: a}]
				if !ok {
					continue
				}
				paid = true
				row.Bookings = row.Bookings.Plus(x)
				y, ok := fin[viewtest.Key{Payer: a, Payee: b}]
				if !ok {
					continue
				}
				row.Customers = append(row.Customers, b)
				if x.Known() && y.Known() {
					sum, known = sum+min(x.Cents(), y.Cents()), true
				} else {
					row.Unknown++
				}
			}
			if !paid {
				continue
			}
			if row.Customers != nil {
				row.Financed = graph.Money{}
				if known {
					row.Financed = graph.USD(sum)
				}
			}
			row.Intensity = viewtest.Decimal(viewtest.Over(row.Financed, row.Bookings))
			met[fmt.Sprint("known ", row.Financed.Known(), " above zero ", row.Financed.Cents() > 0)]++
			wanted = append(wanted, row)
		}
		slices.SortStableFunc(wanted, func(a, b Row) int { // companies are in byte order
			if a.Financed.Known() != b.Financed.Known() {
				if a.Financed.Known() {
					return -1
				}
				return 1
			}
			return cmp.Compare(b.Financed.Cents(), a.Financed.Cents())
		})
		text := func(rows []Row) (list []string) {
			for _, r := range rows {
				list = append(list, fmt.Sprint(r.Vendor, r.Financed, r.Bookings, r.Intensity, r.Customers, r.Unknown))
			}
			return list
		}
		if got := text(answer(t, v).Rows); !slices.Equal(got, text(wanted)) {
			t.Fatalf("seed %d: rows are\n%v, want\n%v", seed, got, text(wanted))
		}
	}
	for _, what := range []string{"known true above zero true", "known true above zero false", "known false above zero false"} {
		if met[what] < 20 {
			t.Errorf("%s came %d times: the graphs prove little", what, met[what])
		}
	}
}
