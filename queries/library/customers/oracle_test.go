package customers

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

// report finds the reported share of a pair among all records, by looking for
// the metric that none beats.
func report(v *snapshot.View, records []graph.Record, vendor, customer string) *graph.Metric {
	var best *graph.Metric
	for _, r := range records {
		m, ok := r.(*graph.Metric)
		if !ok || m.CompanyID != vendor || m.Counterparty != customer || !m.AsOf.Known() || m.AsOf.Last() > v.AsOf() ||
			m.Metric != "rpo_share_of_customer" && m.Metric != "revenue_share_of_customer" {
			continue
		}
		if best == nil || beats(m, best) {
			best = m
		}
	}
	return best
}

func beats(m, than *graph.Metric) bool {
	if m.Metric != than.Metric {
		return m.Metric == "rpo_share_of_customer"
	}
	if m.AsOf.Last() != than.AsOf.Last() {
		return m.AsOf.Last() > than.AsOf.Last()
	}
	return m.ID > than.ID
}

func TestRowsAreThoseOfAddingLegsAndReadingMetricsOneByOne(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(600) {
		records, lens := viewtest.Random(seed)
		v := viewtest.View(t, records, lens)
		sums, totals := viewtest.Sums(v, viewtest.Of(graph.Pays)), map[string]graph.Money{}
		for k, amount := range sums {
			totals[k.Payee] = totals[k.Payee].Plus(amount)
		}
		shows := func(id string) bool {
			i := slices.Index(v.Companies(), id)
			return i >= 0 && (v.Lens().Aggregates || !v.Aggregate(int32(i))) && (len(v.Lens().Companies) == 0 || slices.Contains(v.Lens().Companies, id))
		}
		type want struct {
			row   string
			total graph.Money
			key   viewtest.Key
			shown graph.Decimal
		}
		var list []want
		for _, vendor := range v.Companies() {
			for _, customer := range v.Companies() {
				k := viewtest.Key{Payer: customer, Payee: vendor}
				amount, edge := sums[k]
				m := report(v, records, vendor, customer)
				if !shows(vendor) || !shows(customer) || vendor == customer {
					m = nil
				}
				if !edge && m == nil {
					continue
				}
				exact := viewtest.Over(amount, totals[vendor])
				share, reportedShare, asOf, flagged := viewtest.Decimal(exact), graph.Decimal{}, "", "?"
				shown := share
				if exact != nil {
					flagged = fmt.Sprint(10*amount.Cents() >= totals[vendor].Cents())
				}
				if m != nil {
					reportedShare, shown, asOf, flagged = m.Value, m.Value, m.AsOf.String(), fmt.Sprint(m.Value.Micro() >= 100_000)
					met[fmt.Sprint("reported, edge ", edge)]++
				}
				met["flag "+flagged]++
				list = append(list, want{fmt.Sprint(vendor, customer, amount, share, reportedShare, asOf, flagged), totals[vendor], k, shown})
			}
		}
		slices.SortFunc(list, func(a, b want) int {
			last := func(known bool) int {
				if known {
					return 0
				}
				return 1
			}
			return cmp.Or(last(a.total.Known())-last(b.total.Known()), cmp.Compare(b.total.Cents(), a.total.Cents()), cmp.Compare(a.key.Payee, b.key.Payee),
				last(a.shown.Known())-last(b.shown.Known()), cmp.Compare(b.shown.Micro(), a.shown.Micro()), cmp.Compare(a.key.Payer, b.key.Payer))
		})
		var got, wanted []string
		for _, w := range list {
			wanted = append(wanted, w.row)
		}
		ans := answer(t, v)
		for _, r := range ans.Rows {
			flagged := "?"
			if r.Flag != nil {
				flagged = fmt.Sprint(*r.Flag)
			}
			got = append(got, fmt.Sprint(r.Vendor, r.Customer, r.Amount, r.Share, r.Reported, r.AsOf.String(), flagged))
		}
		if !slices.Equal(got, wanted) {
			t.Fatalf("seed %d, lens %+v: rows are\n%v, want\n%v", seed, lens, got, wanted)
		}
	}
	for _, what := range []string{"reported, edge true", "reported, edge false", "flag true", "flag false", "flag ?"} {
		if met[what] < 20 {
			t.Errorf("%s came %d times: the graphs prove little", what, met[what])
		}
	}
}
