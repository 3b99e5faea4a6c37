package snapshot

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph"
)

func TestASnapshotRefusesRecordsThatDoNotFitTogether(t *testing.T) {
	for want, records := range map[string][]graph.Record{
		`company/a comes twice in one revision`:                      {company("a", "")},
		`flow/f comes twice in one revision`:                         {leg("f", usd(1)), leg("f", usd(2), announced("2024"))},
		`outcome/o comes twice in one revision`:                      {leg("f", usd(1)), outcome("o", "f", "2025", "", usd(1)), outcome("o", "f", "2026", "", usd(1))},
		`chip/x comes twice in one revision`:                         {&graph.Chip{ID: "x"}, &graph.Chip{ID: "x"}},
		`metric/m comes twice in one revision`:                       {&graph.Metric{ID: "m", CompanyID: "a"}, &graph.Metric{ID: "m", CompanyID: "b"}},
		`flow/f: from names company "nobody", which is not there`:    {leg("f", usd(1), between("nobody", "b"))},
		`flow/f: to names company "A", which is not there`:           {leg("f", usd(1), between("a", "A"))},
		`flow/f: parent_flow_id names leg "g", which is not there`:   {leg("f", usd(1), partOf("g"))},
		`flow/f: its parents form a circle`:                          {leg("f", usd(1), partOf("g")), leg("g", usd(1), partOf("f"))},
		`flow/f: kind "gift" is not a kind of leg`:                   {leg("f", usd(1), kind("gift", ""))},
		`flow/f: status "open" is not a status`:                      {leg("f", usd(1), in("open"))},
		`flow/f: one of its amounts is negative`:                     {leg("f", graph.USD(-1))},
		`company/x: parent_id names company "y", which is not there`: {company("x", "y")},
		`company/x: its parents form a circle`:                       {company("x", "y"), company("y", "x")},
		`outcome/o: flow_id names leg "f", which is not there`:       {outcome("o", "f", "2025", "", usd(1))},
		`outcome/o: status_after "open" is not a status`:             {leg("f", usd(1)), outcome("o", "f", "2025", "open", usd(1))},
		`outcome/o: paid_to_date_usd -0.01 is negative`:              {leg("f", usd(1)), outcome("o", "f", "2025", "", graph.USD(-1))},
		`metric/m: company_id names company "z", which is not there`: {&graph.Metric{ID: "m", CompanyID: "z"}},
	} {
		if _, err := Build(graph.Revision{}, yield(append(threeFirms(), records...)...)); err == nil || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}

func TestAnErrorOfTheStoreEndsTheBuild(t *testing.T) {
	broken := errors.New("disk on fire")
	var records iter.Seq2[graph.Record, error] = func(next func(graph.Record, error) bool) {
		_ = next(company("a", ""), nil) && next(nil, broken)
	}
	_, err := Build(graph.Revision{Number: 7}, records)
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "read the records of revision 7: ") {
		t.Errorf("error is %v", err)
	}
}

func TestAnEmptyGraphHasAnEmptyView(t *testing.T) {
	s := build(t)
	v := look(t, s, lensOn("2025-06-01"))
	if v.NumLegs() != 0 || v.NumEdges() != 0 || len(v.Companies()) != 0 || v.Total() != graph.USD(0) || len(v.States()) != 0 {
		t.Error("something is in it")
	}
	if _, ok := s.FlowIndex("f"); ok {
		t.Error("a leg was found")
	}
	if v := look(t, graphOf(t), lensOn("2025-06-01")); len(v.Companies()) != 3 || len(v.In(2)) != 0 {
		t.Error("firms without legs are vertices without edges")
	}
}

func TestPlainTransfersComeBackWhateverDatesTheyHave(t *testing.T) {
	for _, text := range []string{"", "2025", "2025-03", "2025-03-09", "2025-03-09T10:11:12Z", "2025-03-09T10:11:12.013Z", "1969-12-31", "1969-12-31T23:59:59.999Z", "0001", "9999-12-31"} {
		for _, f := range []*graph.Flow{
			{ID: "f", From: "a", To: "b", Kind: graph.Transfer, Announced: date(text)},
			{ID: "f", From: "a", To: "b", Kind: graph.Transfer, Moves: graph.MovesCash, InitialStatus: graph.Closed, Status: graph.Closed, Amount: usd(0), Announced: date(text)},
		} {
			s := graphOf(t, f)
			if len(s.details) != 0 {
				t.Errorf("a plain leg of %q is kept in full", text)
			}
			if back := s.Flow(0); *flat(back) != *flat(f) {
				t.Errorf("%v came back as %v", f, back)
			}
			if st := s.StateOn(0, date("2025").Last()); st != graph.Closed {
				t.Errorf("a transfer without a status is %s", st)
			}
		}
	}
}

// flat is the comparable part of a plain leg.
func flat(f *graph.Flow) *struct {
	id, from, to, moves string
	kind                graph.FlowKind
	initial, status     graph.Status
	amount              graph.Money
	date                graph.Date
} {
	return &struct {
		id, from, to, moves string
		kind                graph.FlowKind
		initial, status     graph.Status
		amount              graph.Money
		date                graph.Date
	}{f.ID, f.From, f.To, f.Moves, f.Kind, f.InitialStatus, f.Status, f.Amount, f.Announced}
}

func TestARecordThatLeavesItsStateOutHasTheDefaultsOfTheImport(t *testing.T) {
	latest := leg("latest", usd(1), func(f *graph.Flow) { f.InitialStatus, f.Status = "", graph.Paused })
	none := leg("none", usd(1), in(""))
	moved := leg("moved", usd(1), func(f *graph.Flow) { f.InitialStatus, f.Status = "", graph.Closed })
	s := graphOf(t, latest, none, moved, outcome("o", "moved", "2025-03-01", graph.Closed, graph.Money{}))
	for id, want := range map[string]graph.Status{"latest": graph.Paused, "none": graph.Signed, "moved": graph.Signed} {
		i, _ := s.FlowIndex(id)
		if got := s.StateOn(i, date("2025-02-01").Last()); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
}

func TestMetricsOfACompanyAreInOrderOfMetricThenLastDayThenID(t *testing.T) {
	m := func(id, of, metric, asOf string) *graph.Metric {
		return &graph.Metric{ID: id, CompanyID: of, Metric: metric, AsOf: date(asOf)}
	}
	s := graphOf(
		t, m("m1", "b", "revenue_annual", "2025"), m("m2", "b", "revenue_annual", "2025-12-30"), m("m3", "b", "cash", ""), m("m4", "b", "cash", "2024"),
		m("m5", "a", "cash", "2025"), m("m6", "b", "revenue_annual", "2025-12-31"), m("m0", "b", "revenue_annual", "2025-12"), m("m7", "c", "cash", "2025"),
	)
	var got []string
	for _, r := range s.Metrics("b") {
		got = append(got, r.ID)
	}
	if want := []string{"m4", "m3", "m2", "m0", "m1", "m6"}; !slices.Equal(got, want) {
		t.Errorf("metrics are %v, want %v", got, want)
	}
	if len(s.Metrics("nobody")) != 0 {
		t.Error("a company that is not there has metrics")
	}
}

func TestLookupsFindRecordsAndOnlyThose(t *testing.T) {
	s := graphOf(t, &graph.Company{ID: "named", Name: "Named Inc", Kind: "ai_lab"}, &graph.Deal{ID: "d"}, &graph.Source{ID: "s"}, &graph.Chip{ID: "x"}, leg("f", usd(1)),
		outcome("o", "f", "2025", "", usd(1)), &graph.Metric{ID: "m", CompanyID: "a"})
	if s.CompanyName("named") != "Named Inc" || s.CompanyName("a") != "a" || s.CompanyName("nobody") != "nobody" {
		t.Error("names are wrong")
	}
	_, deal := s.Deal("d")
	_, source := s.Source("s")
	_, chip := s.Chip("x")
	_, none := s.Chip("y")
	_, nobody := s.Company("nobody")
	_, head := s.Head("nobody")
	if !deal || !source || !chip || none || nobody || head {
		t.Error("lookups are wrong")
	}
	want := map[graph.RecordKind]int{
		graph.CompanyKind: 4, graph.DealKind: 1, graph.SourceKind: 1, graph.ChipKind: 1, graph.FlowRecord: 1, graph.OutcomeKind: 1, graph.MetricKind: 1,
	}
	for k, n := range want {
		if got := s.Counts()[k]; got != n {
			t.Errorf("%d records of kind %s, want %d", got, k, n)
		}
	}
}
