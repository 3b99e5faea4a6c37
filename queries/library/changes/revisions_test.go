package changes

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/sqlitestore"
	"roundtrip/queries"
	"roundtrip/queries/library/viewtest"
)

func newStore(t testing.TB) graph.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

// put makes the records the whole graph and returns its revision.
func put(t testing.TB, s graph.Store, held, records []graph.Record) uint64 {
	t.Helper()
	keep := map[graph.Key]bool{}
	for _, r := range records {
		keep[r.Key()] = true
	}
	b := graph.Batch{Origin: "random", At: time.Unix(0, 0), Records: all(records)}
	for _, r := range held {
		if !keep[r.Key()] {
			b.Deletes = append(b.Deletes, r.Key())
		}
	}
	done, err := s.Apply(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return done.Revision
}

func all(records []graph.Record) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// corrected is the graph after somebody corrected it: legs taken away, turned
// round, of other amounts and dates, outcomes dropped, companies on their own.
func corrected(seed uint64, records []graph.Record) []graph.Record {
	r := rand.New(rand.NewPCG(seed, 11))
	gone := map[string]bool{}
	for _, x := range records {
		if f, ok := x.(*graph.Flow); ok && r.IntN(8) == 0 {
			gone[f.ID] = true
		}
	}
	var list []graph.Record
	for _, x := range records {
		switch x := x.(type) {
		case *graph.Flow:
			if gone[x.ID] {
				continue
			}
			f := *x
			if gone[f.ParentFlowID] {
				f.ParentFlowID = ""
			}
			if gone[f.SupersededBy] {
				f.SupersededBy = ""
			}
			switch r.IntN(12) {
			case 0:
				f.From, f.To = f.To, f.From
			case 1:
				f.Amount = graph.USD(int64(r.IntN(9)))
			case 2:
				f.Announced = graph.On(20_000)
			case 3:
				f.Overlaps = !f.Overlaps
			case 4:
				f.Description = "corrected"
			case 5:
				f.ParentFlowID = ""
			}
			list = append(list, &f)
		case *graph.Outcome:
			if !gone[x.FlowID] && r.IntN(6) > 0 {
				list = append(list, x)
			}
		case *graph.Company:
			c := *x
			if r.IntN(5) == 0 {
				c.ParentID = ""
			}
			list = append(list, &c)
		default:
			list = append(list, x)
		}
	}
	return list
}

func TestBetweenRevisionsTheRowsAreThoseOfBothGraphs(t *testing.T) {
	store := newStore(t)
	live := queries.NewLive(store)
	var held []graph.Record
	met := map[string]int{}
	for seed := range uint64(40) {
		records, lens := viewtest.Random(seed)
		lens.Companies = nil // one of them may be a unit on one side alone
		first := put(t, store, held, records)
		later := corrected(seed, records)
		second := put(t, store, records, later)
		held = later
		snap, err := live.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		view, err := snap.View(t.Context(), lens)
		if err != nil {
			t.Fatal(err)
		}
		in := queries.Scope{View: view, Lens: view.Lens(), Past: live}
		a, b := viewtest.View(t, records, lens), viewtest.View(t, later, lens)
		p := Params{From: Point{revision: first}, To: Point{revision: second}, MaxHops: 4}
		pa, pb := plainSideOf(a, records, 4), plainSideOf(b, later, 4)
		if seed%3 == 0 {
			p.From, p.To = p.To, p.From
			a, b, pa, pb = b, a, pb, pa
		}
		ans := answer(t, in, p)
		want := compare(pa, pb)
		sameRows(t, seed, found(t, ans.Rows, spell(t, a, b)), want)
		inOrder(t, seed, ans.Rows)
		for _, r := range ans.Rows {
			met[r.What+" "+r.Change]++
			if batch := "b" + (Point{revision: second}).String()[1:]; r.What == OfLeg && first != second && !slices.Equal(r.Causes, []string{batch}) {
				t.Fatalf("seed %d: causes of %s are %v, want %s", seed, r.ID, r.Causes, batch)
			}
		}
	}
	for _, kind := range []string{"leg new", "leg gone", "leg changed", "cycle new", "cycle gone", "cycle changed"} {
		if met[kind] < 5 {
			t.Errorf("%s was met %d times only", kind, met[kind])
		}
	}
}

// forgetful keeps revisions and no history of records.
type forgetful struct{ *queries.Live }

func (forgetful) History(context.Context, graph.Key) ([]graph.Version, error) { return nil, nil }

func TestWithoutAHistoryTheReasonSaysSo(t *testing.T) {
	store := newStore(t)
	leg := func(cents int64) []graph.Record {
		return []graph.Record{&graph.Company{ID: "a"}, &graph.Company{ID: "b"}, &graph.Flow{
			ID: "f", From: "a", To: "b", Kind: graph.Loan, Moves: graph.MovesCash, Amount: graph.USD(cents), InitialStatus: graph.Signed, Status: graph.Signed,
		}}
	}
	put(t, store, nil, leg(100))
	put(t, store, nil, leg(200))
	live := queries.NewLive(store)
	snap, err := live.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lens := graph.DefaultLens()
	lens.AsOf = graph.On(20_000)
	view, err := snap.View(t.Context(), lens)
	if err != nil {
		t.Fatal(err)
	}
	p := Params{From: Point{revision: 1}, MaxHops: 5}
	for _, tt := range []struct {
		past queries.Past
		want string
	}{
		{live, "b2 (random, 1 January 1970 00:00) changed it"},
		{forgetful{live}, unrecorded},
	} {
		rows := answer(t, queries.Scope{View: view, Lens: view.Lens(), Past: tt.past}, p).Rows
		if len(rows) != 1 || rows[0].Reason != tt.want || rows[0].Delta != graph.USD(100) {
			t.Errorf("rows are %+v, want one because of %s", rows, tt.want)
		}
	}
}

func TestOfVeryManyLegsTheFirstAreLookedUp(t *testing.T) {
	store := newStore(t)
	records := []graph.Record{&graph.Company{ID: "a"}, &graph.Company{ID: "b"}}
	put(t, store, nil, records)
	for i := range mostLooked + 2 {
		records = append(records, &graph.Flow{
			ID: fmt.Sprintf("f%03d", i), From: "a", To: "b", Kind: graph.Loan, Moves: graph.MovesCash, Amount: graph.USD(100), InitialStatus: graph.Signed, Status: graph.Signed,
		})
	}
	put(t, store, nil, records)
	runner := queries.NewRunner(queries.Options{Catalogue: queries.Catalogue{Analysis()}, Live: queries.NewLive(store), Now: time.Now})
	res, err := runner.Run(t.Context(), queries.Request{Analysis: "changes", Params: queries.Args{"from": "r1"}})
	if err != nil {
		t.Fatal(err)
	}
	reason := slices.IndexFunc(res.Columns, func(c queries.Column) bool { return c.Name == "reason" })
	last := res.Rows[mostLooked-1].Values[reason]
	if len(res.Rows) != mostLooked+2 || last != "b2 (random, 1 January 1970 00:00) added it" || res.Rows[mostLooked].Values[reason] != notLooked {
		t.Errorf("%d rows, reasons %q and %q", len(res.Rows), last, res.Rows[mostLooked].Values[reason])
	}
	if !slices.ContainsFunc(res.Warnings, func(w queries.Warning) bool { return w.Code == ReasonsCut && w.Count == 2 }) {
		t.Errorf("warnings are %v", res.Warnings)
	}
}
