package outside_test

import (
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries/library/outside"
	"roundtrip/queries/library/viewtest"
)

func date(t *testing.T, text string) graph.Date {
	t.Helper()
	d, err := graph.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// look is the view of one firm with these metrics, which `other` pays the cents,
// in the middle of 2026.
func look(t *testing.T, paid graph.Money, metrics ...*graph.Metric) *snapshot.View {
	t.Helper()
	records := []graph.Record{
		&graph.Company{ID: "firm"}, &graph.Company{ID: "other"}, &graph.Company{ID: "unit", ParentID: "firm"},
		&graph.Flow{ID: "buy", From: "other", To: "unit", Kind: graph.ServicePurchase, Moves: graph.MovesCash, Amount: paid, InitialStatus: graph.Closed, Status: graph.Closed},
	}
	for _, m := range metrics {
		records = append(records, m)
	}
	lens := graph.DefaultLens()
	lens.AsOf = date(t, "2026-06-30")
	return viewtest.View(t, records, lens)
}

func metric(t *testing.T, id, company, name, value, asOf string) *graph.Metric {
	t.Helper()
	v, err := graph.ParseDecimal(value)
	if err != nil {
		t.Fatal(err)
	}
	m := &graph.Metric{ID: id, CompanyID: company, Metric: name, Value: v, Unit: "USD"}
	if asOf != "" {
		m.AsOf = date(t, asOf)
	}
	return m
}

func TestTheRevenueIsTheLatestAnnualOneElseTheLatestRunRate(t *testing.T) {
	run := metric(t, "m1", "firm", "revenue_run_rate", "70", "2026-06")
	old := metric(t, "m2", "firm", "revenue_annual", "10", "2024-12-31")
	late := metric(t, "m3", "firm", "revenue_annual", "20", "2025")
	sameDay := metric(t, "m4", "firm", "revenue_annual", "30", "2025-12-31")
	future := metric(t, "m5", "firm", "revenue_annual", "99", "2026-07")
	undated := metric(t, "m6", "firm", "revenue_annual", "98", "")
	unit := metric(t, "m7", "unit", "revenue_annual", "97", "2025")
	share := metric(t, "m8", "firm", "revenue_annual", "0.96", "2026")
	share.Unit, share.AsOf = "fraction", date(t, "2026-01")
	of := metric(t, "m9", "firm", "revenue_annual", "95", "2026-01")
	of.Counterparty = "other"
	other := metric(t, "m0", "firm", "revenue_quarter", "94", "2026-01")
	for _, c := range []struct {
		name    string
		metrics []*graph.Metric
		want    string
		from    string
	}{
		{"none", []*graph.Metric{future, undated, unit, share, of, other}, "", ""},
		{"a run rate alone", []*graph.Metric{run, unit}, "70", "revenue_run_rate"},
		{"annual before run rate, however old", []*graph.Metric{run, old, future}, "10", "revenue_annual"},
		{"the latest", []*graph.Metric{run, late, old, undated, share, of}, "20", "revenue_annual"},
		{"the greatest id of one day", []*graph.Metric{sameDay, late, old}, "30", "revenue_annual"},
	} {
		got := outside.RevenueOf(look(t, graph.Money{}, c.metrics...), "firm")
		if got.Amount.String() != c.want || got.Metric != c.from {
			t.Errorf("%s: revenue is %s of %q, want %s of %q", c.name, got.Amount, got.Metric, c.want, c.from)
		}
	}
}

func TestOutsideIsHorizonTimesRevenueLessReceiptsAndNeverNegative(t *testing.T) {
	for _, c := range []struct {
		revenue, horizon string
		paid             graph.Money
		want             int64 // cents
	}{
		{"10", "5", graph.USD(1200), 3800},
		{"10", "5", graph.USD(5000), 0},
		{"10", "5", graph.USD(5001), 0},
		{"10", "5", graph.Money{}, 5000},
		{"10", "0", graph.USD(0), 0},
		{"-10", "5", graph.USD(0), 0},
		{"0.01", "0.5", graph.USD(0), 1},      // half a cent, up
		{"0.01", "0.499999", graph.USD(0), 0}, // less than half
		{"0.014999", "1", graph.USD(0), 1},
		{"9000000000000", "100", graph.USD(0), 90_000_000_000_000_000},
	} {
		years, err := graph.ParseDecimal(c.horizon)
		if err != nil {
			t.Fatal(err)
		}
		v := look(t, c.paid, metric(t, "m1", "firm", "revenue_annual", c.revenue, "2025"))
		got := outside.Of(v, years)[0]
		if got.Outside != graph.USD(c.want) || got.Receipts != c.paid {
			t.Errorf("revenue %s over %s years with receipts %q: outside is %d of receipts %q, want %d", c.revenue, c.horizon, c.paid, got.Outside.Cents(), got.Receipts, c.want)
		}
	}
	if f := outside.Of(look(t, graph.USD(7)), graph.Micro(5_000_000))[0]; f.Outside != graph.USD(0) || f.Revenue.Amount.Known() {
		t.Errorf("without a reported revenue there is %+v", f)
	}
}
