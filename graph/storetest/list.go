package storetest

import (
	"errors"
	"fmt"
	"slices"

	"roundtrip/graph"
)

// listed are the legs that the listing tests ask for. Values that sort one way
// as texts and another way as numbers are among them on purpose.
func listed() []graph.Record {
	day := func(text string) graph.Date {
		d, err := graph.ParseDate(text)
		if err != nil {
			panic(err)
		}
		return d
	}
	return []graph.Record{
		&graph.Flow{ID: "a", From: "u", To: "v", Kind: graph.Loan, Amount: graph.USD(900), CapacityGW: graph.Micro(10_000_000), Announced: day("2025-12-16T09:30:00.25Z"), Description: "b", Chips: []string{"h1", "h10"}, DealID: "d1"},
		&graph.Flow{ID: "b", From: "u", To: "V", Kind: graph.Lease, Amount: graph.USD(1000), CapacityGW: graph.Micro(9_500_000), Announced: day("2025-12"), Description: "B", Chips: []string{"h10"}, Overlaps: true},
		&graph.Flow{ID: "c", From: "u", To: "v", Kind: graph.Loan, Description: "100%", DealID: "d1"},
		&graph.Flow{ID: "d", From: "u", To: "v", Kind: graph.Loan, Amount: graph.USD(10050), CapacityGW: graph.Micro(-1), Announced: day("2025"), Description: "10_%", Chips: []string{"h"}},
		&graph.Flow{ID: "e", From: "u", To: "v", Kind: graph.Loan, Amount: graph.USD(900), CapacityGW: graph.Micro(0), Announced: day("2025-12-01"), Description: "é", Overlaps: true},
		&graph.Flow{ID: "f", From: "U", To: "v", Kind: graph.Umbrella, Amount: graph.USD(0), CapacityGW: graph.Micro(100_000_000), Announced: day("2025-12-16T10:00:00+01:00"), Description: "\U0001F600", Chips: []string{"H1"}},
		&graph.Flow{ID: "g", From: "u", To: "v", Kind: graph.Loan, Announced: day("2025-12-16"), Description: "\uFF5E"},
	}
}

func listTests() []test {
	legs := func(w *world) {
		w.Helper()
		records := append(listed(), company("a"), &graph.Deal{ID: "a"})
		slices.Reverse(records) // so that the order of writing is not the order of ids
		w.apply(batch(records...))
	}
	return []test{
		{"a filter on any type of field keeps exactly the records with that text", func(w *world) {
			legs(w)
			for _, c := range []struct {
				field, text string
				want        []string
			}{
				{"id", "a", []string{"a"}},
				{"id", "A", nil},
				{"from", "u", []string{"a", "b", "c", "d", "e", "g"}},
				{"to", "V", []string{"b"}},
				{"kind", "lease", []string{"b"}},
				{"kind", "no such kind", nil},
				{"description", "B", []string{"b"}},
				{"description", "100%", []string{"c"}},
				{"description", "10_%", []string{"d"}},
				{"description", "e\u0301", nil},
				{"description", "é", []string{"e"}},
				{"description", "\U0001F600", []string{"f"}},
				{"description", "' OR ''='", nil},
				{"amount_usd", "9", []string{"a", "e"}},
				{"amount_usd", "9.00", nil},
				{"amount_usd", "100.50", []string{"d"}},
				{"amount_usd", "0", []string{"f"}},
				{"capacity_gw", "9.5", []string{"b"}},
				{"capacity_gw", "0", []string{"e"}},
				{"capacity_gw", "-0.000001", []string{"d"}},
				{"announced_date", "2025", []string{"d"}},
				{"announced_date", "2025-12", []string{"b"}},
				{"announced_date", "2025-12-16", []string{"g"}},
				{"announced_date", "2025-12-16T09:00:00Z", []string{"f"}},
				{"count_in_totals", "yes", []string{"a", "c", "d", "f", "g"}},
				{"count_in_totals", "no", []string{"b", "e"}},
				{"chips", "h10", []string{"a", "b"}},
				{"chips", "h1", []string{"a"}},
				{"chips", "h", []string{"d"}},
				{"chips", "h1;h10", nil},
				{"date_precision", "instant", []string{"a", "f"}},
				{"date_precision", "unknown", []string{"c"}},
				// The empty text is that of an absent value.
				{"amount_usd", "", []string{"c", "g"}},
				{"capacity_gw", "", []string{"c", "g"}},
				{"announced_date", "", []string{"c"}},
				{"deal_id", "", []string{"b", "d", "e", "f", "g"}},
				{"chips", "", []string{"c", "e", "g"}},
			} {
				w.wantIDs(graph.ListQuery{Kind: graph.FlowRecord, Where: map[string]string{c.field: c.text}}, c.want...)
			}
		}},
		{"filters on several fields keep what passes all of them", func(w *world) {
			legs(w)
			w.wantIDs(graph.ListQuery{Kind: graph.FlowRecord, Where: map[string]string{"amount_usd": "9", "chips": "h1"}}, "a")
			w.wantIDs(graph.ListQuery{Kind: graph.FlowRecord, Where: map[string]string{"deal_id": "d1", "from": "u", "amount_usd": ""}}, "c")
			w.wantIDs(graph.ListQuery{Kind: graph.FlowRecord, Where: map[string]string{"deal_id": "d1", "from": "U"}})
		}},
		{"a listing has the records of its kind only", func(w *world) {
			legs(w)
			w.wantIDs(graph.ListQuery{Kind: graph.CompanyKind}, "a")
			w.wantIDs(graph.ListQuery{Kind: graph.MetricKind})
		}},
		{"sorting is by value, absent last both ways, ties by id", func(w *world) {
			legs(w)
			for _, c := range []struct {
				field     string
				asc, desc []string
			}{
				{"", []string{"a", "b", "c", "d", "e", "f", "g"}, []string{"g", "f", "e", "d", "c", "b", "a"}},
				{"id", []string{"a", "b", "c", "d", "e", "f", "g"}, []string{"g", "f", "e", "d", "c", "b", "a"}},
				{"amount_usd", []string{"f", "a", "e", "b", "d", "c", "g"}, []string{"d", "b", "a", "e", "f", "c", "g"}},
				{"capacity_gw", []string{"d", "e", "b", "a", "f", "c", "g"}, []string{"f", "a", "b", "e", "d", "c", "g"}},
				{"announced_date", []string{"d", "b", "e", "g", "f", "a", "c"}, []string{"a", "f", "g", "b", "e", "d", "c"}},
				{"description", []string{"c", "d", "b", "a", "e", "g", "f"}, []string{"f", "g", "e", "a", "b", "d", "c"}},
				{"deal_id", []string{"a", "c", "b", "d", "e", "f", "g"}, []string{"a", "c", "b", "d", "e", "f", "g"}},
				{"from", []string{"f", "a", "b", "c", "d", "e", "g"}, []string{"a", "b", "c", "d", "e", "g", "f"}},
				{"count_in_totals", []string{"b", "e", "a", "c", "d", "f", "g"}, []string{"a", "c", "d", "f", "g", "b", "e"}},
				// A list sorts as its CSV text: h10 comes before h1;h10.
				{"chips", []string{"f", "d", "b", "a", "c", "e", "g"}, []string{"a", "b", "d", "f", "c", "e", "g"}},
			} {
				w.wantIDs(graph.ListQuery{Kind: graph.FlowRecord, Sort: c.field}, c.asc...)
				w.wantIDs(graph.ListQuery{Kind: graph.FlowRecord, Sort: c.field, Desc: true}, c.desc...)
			}
		}},
		{"amounts sort by value up to the largest one", func(w *world) {
			w.apply(batch(leg("a", 9e12), leg("b", 9e12-1), leg("c", 1e9), leg("d", 999_999_999), leg("e", -1)))
			w.wantIDs(graph.ListQuery{Kind: graph.FlowRecord, Sort: "amount_usd", Desc: true}, "a", "b", "c", "d", "e")
		}},
		{"instants sort to the millisecond and dates by their first day", func(w *world) {
			texts := []string{
				"2025", "2025-01-01T00:00:00.001Z", "2025-01-01T00:00:00.01Z", "2025-01-01T00:00:00.011Z", "2025-01-01T00:00:00.1Z",
				"2025-01-01T00:00:01Z", "2025-01-02T00:00:01+00:30", "2025-01-02", "2025-02", "2025-02-01T00:00:00.5Z",
			}
			var records []graph.Record
			var want []string
			for i, text := range texts {
				d, err := graph.ParseDate(text)
				if err != nil {
					w.Fatal(err)
				}
				name := id("x", 9-i)
				records = append(records, &graph.Flow{ID: name, Announced: d})
				want = append(want, name)
			}
			w.apply(batch(records...))
			w.wantIDs(graph.ListQuery{Kind: graph.FlowRecord, Sort: "announced_date"}, want...)
			slices.Reverse(want)
			w.wantIDs(graph.ListQuery{Kind: graph.FlowRecord, Sort: "announced_date", Desc: true}, want...)
		}},
		{"pages of any size put together are the whole listing", func(w *world) {
			legs(w)
			for _, sort := range []string{"", "amount_usd", "capacity_gw", "announced_date", "description", "chips", "deal_id", "count_in_totals"} {
				for _, desc := range []bool{false, true} {
					q := graph.ListQuery{Kind: graph.FlowRecord, Sort: sort, Desc: desc, Limit: 100}
					whole := ids(w.mustList(q).Records)
					for q.Limit = 1; q.Limit <= len(whole)+1; q.Limit++ {
						if got := w.pages(q); !slices.Equal(got, whole) {
							w.Errorf("sort %q desc %v by %d: %v, want %v", sort, desc, q.Limit, got, whole)
						}
					}
				}
			}
			q := graph.ListQuery{Kind: graph.FlowRecord, Where: map[string]string{"from": "u"}, Sort: "amount_usd", Limit: 2}
			if got, want := w.pages(q), []string{"a", "e", "b", "d", "c", "g"}; !slices.Equal(got, want) {
				w.Errorf("filtered pages: %v, want %v", got, want)
			}
		}},
		{"a page tells the total on all pages and its revision", func(w *world) {
			legs(w)
			page := w.mustList(graph.ListQuery{Kind: graph.FlowRecord, Where: map[string]string{"from": "u"}, Limit: 2})
			if page.Total != 6 || page.Revision != 1 || len(page.Records) != 2 || page.Next == "" {
				w.Errorf("first page: %d records, total %d, revision %d, next %q", len(page.Records), page.Total, page.Revision, page.Next)
			}
			page = w.mustList(graph.ListQuery{Kind: graph.FlowRecord, Where: map[string]string{"from": "u"}, Limit: 6})
			if page.Next != "" || len(page.Records) != 6 {
				w.Errorf("the only page has %d records and next %q", len(page.Records), page.Next)
			}
		}},
		{"records in a page come back the same", func(w *world) {
			var records []graph.Record
			for _, k := range graph.RecordKinds() {
				records = append(records, full(k, "x"))
			}
			w.apply(batch(records...))
			for _, want := range records {
				page := w.mustList(graph.ListQuery{Kind: want.Key().Kind, Limit: 1})
				if len(page.Records) != 1 || !sameBytes(page.Records[0], want) {
					w.Errorf("%s came back as %v", want.Key(), page.Records)
				}
			}
		}},
		{"every field of every kind can be filtered and sorted by", func(w *world) {
			var records []graph.Record
			for _, k := range graph.RecordKinds() {
				records = append(records, full(k, "x"), full(k, "y"), emptyRecord(k))
			}
			w.apply(batch(records...))
			for _, k := range graph.RecordKinds() {
				want := full(k, "x")
				for i, f := range graph.Fields(k) {
					text := f.Text(want)
					if items := f.List(want); len(items) > 0 {
						text = items[1]
					}
					// Values that any variant shares are those of y as well.
					expected := []string{"x"}
					if i > 0 && f.Text(full(k, "y")) == f.Text(want) {
						expected = []string{"x", "y"}
					}
					w.wantIDs(graph.ListQuery{Kind: k, Where: map[string]string{f.Name: text}}, expected...)
					page := w.mustList(graph.ListQuery{Kind: k, Sort: f.Name, Limit: 9})
					if page.Total != 3 || len(page.Records) != 3 {
						w.Errorf("%s sorted by %s: %v of %d", k, f.Name, ids(page.Records), page.Total)
					}
				}
			}
		}},
		{"paging on while a writer commits repeats and skips no record that stayed", func(w *world) {
			var records []graph.Record
			for i := range 60 {
				records = append(records, leg(fmt.Sprintf("m%02d", i), int64(100+i/3)))
			}
			w.apply(batch(records...))
			for _, sort := range []string{"", "amount_usd"} {
				for _, desc := range []bool{false, true} {
					var got []string
					q := graph.ListQuery{Kind: graph.FlowRecord, Sort: sort, Desc: desc, Limit: 7}
					for round := 0; ; round++ {
						page := w.mustList(q)
						if page.Revision != w.revision() || page.Total != len(w.now()) {
							w.Fatalf("page of revision %d with total %d, want %d and %d", page.Revision, page.Total, w.revision(), len(w.now()))
						}
						for _, key := range ids(page.Records) {
							if key[0] == 'm' {
								got = append(got, key)
							}
						}
						if page.Next == "" {
							break
						}
						if round > 60 {
							w.Fatal("the listing does not end")
						}
						q.After = page.Next
						// One record before all others, one after, and one that a page may have ended with goes.
						w.apply(batch(leg(id("a", round), int64(round)), leg(id("z", round), int64(1000+round))))
						last := page.Records[len(page.Records)-1].Key()
						if last.ID[0] != 'm' {
							w.apply(graph.Batch{At: day(3), Deletes: []graph.Key{last}})
						}
					}
					slices.Sort(got)
					if want := sortedIDs(records); !slices.Equal(got, want) {
						w.Errorf("sort %q desc %v: saw %v", sort, desc, got)
					}
				}
			}
		}},
		{"a page continues after a record that was deleted", func(w *world) {
			w.apply(batch(leg("a", 5), leg("b", 4), leg("c", 3), leg("d", 2)))
			q := graph.ListQuery{Kind: graph.FlowRecord, Sort: "amount_usd", Desc: true, Limit: 2}
			first := w.mustList(q)
			w.apply(graph.Batch{At: day(2), Deletes: []graph.Key{{Kind: graph.FlowRecord, ID: "b"}}})
			q.After = first.Next
			if got := ids(w.mustList(q).Records); !slices.Equal(got, []string{"c", "d"}) {
				w.Errorf("after b: %v", got)
			}
		}},
		{"a listing that cannot be understood is an error", func(w *world) {
			legs(w)
			for name, q := range map[string]graph.ListQuery{
				"unknown filter":        {Kind: graph.FlowRecord, Where: map[string]string{"colour": "red"}, Limit: 1},
				"field of another kind": {Kind: graph.CompanyKind, Where: map[string]string{"amount_usd": "1"}, Limit: 1},
				"unknown sort":          {Kind: graph.FlowRecord, Sort: "Amount", Limit: 1},
				"code for a field":      {Kind: graph.FlowRecord, Sort: "id; DROP TABLE record", Limit: 1},
				"no limit":              {Kind: graph.FlowRecord},
				"negative limit":        {Kind: graph.FlowRecord, Limit: -1},
				"no kind":               {Limit: 1},
				"a made-up cursor":      {Kind: graph.FlowRecord, After: "no cursor", Limit: 1},
			} {
				if page, err := w.store.List(w.ctx, q); err == nil || errors.Is(err, graph.ErrNotFound) {
					w.Errorf("%s: %v, %v", name, ids(page.Records), err)
				}
			}
			first := w.mustList(graph.ListQuery{Kind: graph.FlowRecord, Sort: "amount_usd", Limit: 1})
			for name, q := range map[string]graph.ListQuery{
				"another order":     {Kind: graph.FlowRecord, Sort: "description", After: first.Next, Limit: 1},
				"another direction": {Kind: graph.FlowRecord, Sort: "amount_usd", Desc: true, After: first.Next, Limit: 1},
			} {
				if page, err := w.store.List(w.ctx, q); err == nil {
					w.Errorf("the cursor of %s: %v", name, ids(page.Records))
				}
			}
		}},
	}
}

func emptyRecord(k graph.RecordKind) graph.Record {
	r := graph.NewRecord(k)
	if err := graph.Fields(k)[0].Set(r, "empty"); err != nil {
		panic(err)
	}
	return r
}

func (w *world) mustList(q graph.ListQuery) graph.Page {
	w.Helper()
	page, err := w.store.List(w.ctx, q)
	if err != nil {
		w.Fatalf("list %+v: %v", q, err)
	}
	return page
}

// wantIDs lists with a large limit and compares the ids.
func (w *world) wantIDs(q graph.ListQuery, want ...string) {
	w.Helper()
	q.Limit = 1000
	page, err := w.store.List(w.ctx, q)
	if err != nil {
		w.Errorf("list %s where %v sort %q: %v", q.Kind, q.Where, q.Sort, err)
		return
	}
	if got := ids(page.Records); !slices.Equal(got, want) || page.Total != len(want) || page.Next != "" {
		w.Errorf("list %s where %v sort %q desc %v\n got %q total %d next %q\nwant %q", q.Kind, q.Where, q.Sort, q.Desc, got, page.Total, page.Next, want)
	}
}

// pages follows the cursors to the end.
func (w *world) pages(q graph.ListQuery) []string {
	w.Helper()
	var got []string
	for range 1000 {
		page := w.mustList(q)
		if len(page.Records) > q.Limit {
			w.Fatalf("a page of %d records, limit %d", len(page.Records), q.Limit)
		}
		got = append(got, ids(page.Records)...)
		if page.Next == "" {
			return got
		}
		q.After = page.Next
	}
	w.Fatal("the listing does not end")
	return nil
}

func ids(records []graph.Record) []string {
	var list []string
	for _, r := range records {
		list = append(list, r.Key().ID)
	}
	return list
}

func sortedIDs(records []graph.Record) []string {
	list := ids(records)
	slices.Sort(list)
	return list
}
