package report_test

import (
	"iter"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library/viewtest"
	"roundtrip/reports/report"
)

// put makes the records the whole graph.
func put(t *testing.T, store graph.Store, held, records []graph.Record) {
	t.Helper()
	keep := map[graph.Key]bool{}
	for _, r := range records {
		keep[r.Key()] = true
	}
	var list iter.Seq2[graph.Record, error] = func(yield func(graph.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
	b := graph.Batch{Origin: "random", At: time.Unix(0, 0), Records: list}
	for _, r := range held {
		if !keep[r.Key()] {
			b.Deletes = append(b.Deletes, r.Key())
		}
	}
	if _, err := store.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// amounts are the legs of a view: what each moves, for whom.
func amounts(v *snapshot.View) map[string]string {
	all := map[string]string{}
	for i := range v.NumLegs() {
		l := v.Leg(i)
		all[l.ID] = strings.Join([]string{l.Amount.String(), string(l.State), v.Companies()[l.Payer], v.Companies()[l.Payee], string(l.Kind)}, " ")
	}
	return all
}

// TestDifferencesOfRandomGraphsAreThoseOfBothViews moves days and revisions of
// random graphs at once and finds the legs, the loops and the rows that moved
// from the two ends alone.
func TestDifferencesOfRandomGraphsAreThoseOfBothViews(t *testing.T) {
	moved := 0
	for seed := range uint64(16) {
		records, _ := viewtest.Random(seed)
		r := rand.New(rand.NewPCG(seed, 7))
		later := slices.Clone(records)
		gone := map[string]bool{}
		for i, x := range later {
			if f, ok := x.(*graph.Flow); ok {
				switch r.IntN(6) {
				case 0:
					gone[f.ID] = true
				case 1:
					changed := *f
					changed.Amount, changed.AmountLow, changed.AmountHigh = graph.USD(int64(r.IntN(1000))), graph.Money{}, graph.Money{}
					later[i] = &changed
				}
			}
		}
		later = slices.DeleteFunc(later, func(x graph.Record) bool {
			switch x := x.(type) {
			case *graph.Flow:
				return gone[x.ID]
			case *graph.Outcome:
				return gone[x.FlowID]
			}
			return false
		})
		for _, x := range later { // parts of legs that are gone stand alone
			if f, ok := x.(*graph.Flow); ok && (gone[f.ParentFlowID] || gone[f.SupersededBy]) {
				alone := *f
				alone.ParentFlowID, alone.SupersededBy = "", ""
				later[slices.Index(later, x)] = &alone
			}
		}
		store := newStore(t)
		put(t, store, nil, records)
		put(t, store, records, later)
		in := input(store, "2026-03-31")
		in.Before = &report.Point{Day: date("2025-06-30"), Revision: 1}
		in.Asks = []report.Ask{{Analysis: "cycles", Params: queries.Args{"limit": "100000"}}, {Analysis: "roundtrips"}, {Analysis: "customers"}, {Analysis: "vendors"}}
		rep := build(t, in)
		d := rep.Differences

		live := queries.NewLive(store)
		view := func(day string, revision uint64) map[string]string {
			s, err := live.At(t.Context(), revision)
			if err != nil {
				t.Fatal(err)
			}
			lens := graph.DefaultLens()
			lens.AsOf, lens.Probabilities = date(day), graph.DefaultProbabilities()
			v, err := s.View(t.Context(), lens)
			if err != nil {
				t.Fatal(err)
			}
			return amounts(v)
		}
		was, is := view("2025-06-30", 1), view("2026-03-31", 2)
		want := map[string]bool{}
		for id := range was {
			if was[id] != is[id] {
				want[id] = true
			}
		}
		for id := range is {
			if was[id] != is[id] {
				want[id] = true
			}
		}
		got := map[string]bool{}
		for _, l := range d.Legs {
			got[l.ID] = true
			if l.Reason == "" {
				t.Errorf("seed %d: leg %s is %s without a reason", seed, l.ID, l.Change)
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("seed %d: legs %v\nwant %v", seed, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
		moved += len(want)
		for _, a := range rep.Answers {
			rows, _ := moves(at(t, in, a.Ask, "2025-06-30", 1), at(t, in, a.Ask, "2026-03-31", 2), func(string, *big.Rat, *big.Rat) bool { return false })
			if len(a.Delta.Rows) != len(rows) {
				t.Errorf("seed %d: %s: %d rows moved, want %d", seed, a.Ask.Name, len(a.Delta.Rows), len(rows))
			}
			if a.Ask.Analysis != "cycles" {
				continue
			}
			loops := map[string]string{}
			for _, l := range d.Loops {
				loops[l.ID] = l.Change
			}
			if !maps.Equal(loops, rows) {
				t.Errorf("seed %d: loops %v, want %v", seed, loops, rows)
			}
			for _, l := range d.Loops {
				if l.Reason == "" {
					t.Errorf("seed %d: loop %s is %s without a reason", seed, l.ID, l.Change)
				}
			}
		}
	}
	if moved == 0 {
		t.Error("nothing moved, so nothing was tested")
	}
}

func TestNamesAndTextsAreNeverMarkup(t *testing.T) {
	store := newStore(t)
	first := firstImport()
	hostile := `<script>alert(1)</script>"'&`
	for name, file := range first {
		if name == "companies.csv" {
			file.Data = []byte(strings.Replace(string(file.Data), "openai,OpenAI", `openai,"`+strings.ReplaceAll(hostile, `"`, `""`)+`"`, 1))
		}
		if name == "sources.csv" {
			file.Data = []byte(strings.Replace(string(file.Data), "https://daily.example/1", "javascript:alert(1)", 1))
		}
	}
	casetest.Import(t, store, first)
	in := input(store, "2026-03-01")
	in.Title, in.Note, in.History = hostile, hostile, date("2025-10")
	in.Before = &report.Point{Day: date("2025-06-30")}
	r := build(t, in)
	r.Alerts = []report.Raised{{Name: hostile, Title: hostile, Text: hostile}}
	page := string(written(t, r, "html"))
	if strings.Contains(page, "<script") || strings.Contains(page, `href="javascript`) {
		t.Error("a name became markup")
	}
	if len(r.LeftOut) != 1 || r.LeftOut[0].Ask != "paths" || !strings.Contains(page, "Left out of the whole library: paths (from=softbank: no such company") {
		t.Errorf("left out is %+v", r.LeftOut)
	}
	if !strings.Contains(page, "&lt;script&gt;") {
		t.Error("the name is not shown")
	}
}
