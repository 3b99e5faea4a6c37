package snapshot

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"roundtrip/graph"
	"roundtrip/graph/snapshot/graphgen"
)

func TestReplaceMakesWhatBuildMakesOfTheSameRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := graphgen.Draw(t)
		base, err := Build(graph.Revision{Number: 4}, yield(records...))
		if err != nil {
			t.Fatal(err)
		}
		ids := base.CompanyIDs()
		// Every leg may stay, go, or come back as another one.
		fate := map[string]int{}
		for i := range base.NumFlows() {
			fate[base.FlowID(i)] = rapid.IntRange(0, 3).Draw(t, "fate")
		}
		var drop []string
		var incoming, all []graph.Record
		put := func(r graph.Record, replaced bool) {
			all = append(all, r)
			if replaced {
				incoming = append(incoming, r)
			}
		}
		for _, r := range records {
			switch r := r.(type) {
			case *graph.Flow:
				if fate[r.ID] == 0 {
					put(r, false)
					continue
				}
				drop = append(drop, r.ID)
				f := *r
				if fate[r.ID] == 1 {
					continue
				}
				f.From = rapid.SampledFrom(ids).Draw(t, "from")
				f.Amount = graph.USD(rapid.Int64Range(0, 1000).Draw(t, "amount"))
				f.Announced = rapid.SampledFrom([]graph.Date{{}, date("2025"), date("2025-06-01"), f.Announced}).Draw(t, "date")
				if fate[r.ID] == 3 {
					f.ParentFlowID, f.SupersededBy, f.Moves, f.Kind = "", "", graph.MovesCash, graph.Loan
				}
				put(&f, true)
			case *graph.Outcome:
				if fate[r.FlowID] == 0 || fate[r.FlowID] == 2 {
					put(r, fate[r.FlowID] == 2)
				}
			default:
				put(r, false)
			}
		}
		for range rapid.IntRange(0, 2).Draw(t, "new") {
			f := &graph.Flow{ID: rapid.SampledFrom([]string{"", "f5", "zz", "A", "f15b"}).Draw(t, "id"), From: ids[0], To: ids[0], Kind: graph.Transfer, Announced: date("2025-06-01")}
			put(f, true)
		}
		want, wantErr := Build(base.Revision(), yield(all...))
		got, err := base.Replace(drop, incoming)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("Replace says %v, Build says %v", err, wantErr)
		}
		if err != nil {
			return
		}
		for i := range want.shape { // shapes are numbered in order of arrival
			a, b := got.shapes[got.shape[i]], want.shapes[want.shape[i]]
			if a != b {
				t.Fatalf("leg %d has shape %v, want %v", i, a, b)
			}
		}
		for _, s := range []*Snapshot{want, got} {
			s.shape, s.shapes = nil, nil
			if len(s.deals) == 0 {
				s.deals = nil
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("Replace makes\n%+v, Build makes\n%+v", got, want)
		}
	})
}

func TestReplaceRefusesWhatBuildRefuses(t *testing.T) {
	s := graphOf(t, leg("x", usd(1)), leg("y", usd(1), partOf("x")), &graph.Outcome{ID: "o", FlowID: "y", Date: date("2025")})
	for want, c := range map[string]struct {
		drop    []string
		records []graph.Record
	}{
		"flow/z is to be replaced and is not there":                               {drop: []string{"z"}},
		`flow/y: parent_flow_id names leg "x", which is not there`:                {drop: []string{"x"}},
		"flow/x comes twice in one revision":                                      {records: []graph.Record{leg("x", usd(2))}},
		`flow/n: to names company "nobody", which is not there`:                   {records: []graph.Record{leg("n", usd(2), between("a", "nobody"))}},
		"outcome/o comes twice in one revision":                                   {records: []graph.Record{leg("n", usd(2)), &graph.Outcome{ID: "o", FlowID: "n", Date: date("2025")}}},
		`outcome/p: flow_id names leg "x", which is not among those that come in`: {records: []graph.Record{&graph.Outcome{ID: "p", FlowID: "x", Date: date("2025")}}},
		"company/n: only legs, outcomes and deals can be replaced":                {records: []graph.Record{company("n", "")}},
		`flow/n: status "gone" is not a status`:                                   {records: []graph.Record{leg("n", usd(2), in("gone"))}},
		`outcome/p: status_after "gone" is not a status`:                          {records: []graph.Record{&graph.Outcome{ID: "p", FlowID: "n", Date: date("2025"), StatusAfter: "gone"}}},
		"flow/n: one of its amounts is negative":                                  {records: []graph.Record{leg("n", usd(-1))}},
		"deal/d comes twice in one revision":                                      {records: []graph.Record{&graph.Deal{ID: "d"}, &graph.Deal{ID: "d"}}},
	} {
		if _, err := s.Replace(c.drop, c.records); err == nil || err.Error() != want {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}

func BenchmarkReplaceOneOfAMillionTransfers(b *testing.B) {
	s := million(b)
	f := *s.Flow(500_000)
	f.Amount = usd(1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Replace([]string{f.ID}, []graph.Record{&f}); err != nil {
			b.Fatal(err)
		}
	}
}
