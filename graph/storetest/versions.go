package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"roundtrip/graph"
)

// checkHistories compares the history of every record that ever was, and what
// every batch touched, with the states that the store has had.
func (w *world) checkHistories() {
	w.Helper()
	infos := map[uint64]graph.BatchInfo{}
	for _, b := range w.batches() {
		infos[b.Revision] = b
	}
	ever := map[graph.Key]bool{}
	for _, s := range w.at {
		for k := range s {
			ever[k] = true
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(ever), compareKeys) {
		w.checkHistory(key, infos)
	}
	for revision := uint64(1); revision <= w.revision(); revision++ {
		got, err := w.store.Touched(w.ctx, id("b", int(revision)))
		if want := w.touched(revision); err != nil || !slices.Equal(got, want) {
			w.Fatalf("batch b%d touched %v, %v; want %v", revision, got, err, want)
		}
	}
}

func (w *world) checkHistory(key graph.Key, infos map[uint64]graph.BatchInfo) {
	w.Helper()
	got, err := w.store.History(w.ctx, key)
	if err != nil {
		w.Fatalf("history of %s: %v", key, err)
	}
	for revision := 1; revision < len(w.at); revision++ {
		form := w.at[revision][key] // "" where it is not there
		if form == w.at[revision-1][key] {
			continue
		}
		if len(got) == 0 {
			w.Fatalf("history of %s ends before revision %d", key, revision)
		}
		v, b := got[0], infos[uint64(revision)]
		got = got[1:]
		if v.Revision != b.Revision || v.Batch != b.ID || v.Origin != b.Origin || !v.At.Equal(b.At) {
			w.Fatalf("history of %s has revision %d of batch %s, %q, at %v; want %+v", key, v.Revision, v.Batch, v.Origin, v.At, b)
		}
		if (v.Record == nil) != (form == "") || v.Record != nil && canonical(v.Record) != form {
			w.Fatalf("history of %s: at revision %d it is %+v, want %s", key, revision, v.Record, form)
		}
	}
	if len(got) > 0 {
		w.Fatalf("history of %s has %d versions too many, the first of revision %d", key, len(got), got[0].Revision)
	}
}

// deleting is a batch that takes one record away.
func deleting(n int, key graph.Key) graph.Batch {
	return graph.Batch{Origin: fmt.Sprintf("delete %d", n), At: day(n), Deletes: []graph.Key{key}}
}

func versionTests() []test {
	return []test{
		{"the history of a record tells every version and the batch that made it", func(w *world) {
			x := graph.Key{Kind: graph.FlowRecord, ID: "x"}
			w.apply(batch(company("a"), leg("x", 1)))
			w.apply(batch(leg("y", 1)))
			w.apply(batch(leg("x", 2), leg("y", 1)))
			w.apply(deleting(4, x))
			w.apply(batch(leg("x", 2)))
			w.undo("b5")
			w.undo("b4")
			w.checkHistories()
			versions, err := w.store.History(w.ctx, x)
			if err != nil {
				w.Fatal(err)
			}
			told := ""
			for _, v := range versions {
				told += fmt.Sprintf("%s %d %s", v.Batch, v.Revision, v.Origin)
				if f, ok := v.Record.(*graph.Flow); ok {
					told += " " + f.Amount.String()
				} else if v.Record == nil {
					told += " gone"
				}
				told += "\n"
			}
			if want := "b1 1 test 1\nb3 3 test 2\nb4 4 delete 4 gone\nb5 5 test 2\nb6 6 undo of b5 gone\nb7 7 undo of b4 2\n"; told != want {
				w.Errorf("history\n%swant\n%s", told, want)
			}
			w.reopen()
			w.checkHistories()
		}},
		{"the history of a plain payment goes on when it becomes another leg and back", func(w *world) {
			pay := func(id string, cents int64) *graph.Flow {
				for f := range payments("p", 1, 0) {
					f.ID, f.Amount = id, graph.USD(cents)
					return f
				}
				return nil
			}
			p, q := pay("p", 1).Key(), pay("q", 1).Key()
			w.apply(batch(pay("p", 1), pay("q", 1), pay("r", 1)))
			w.checkHistories()
			w.apply(batch(pay("p", 2)))
			w.apply(batch(leg("p", 3)))
			w.apply(batch(pay("p", 3), pay("s", 1)))
			w.apply(deleting(5, p))
			w.apply(deleting(6, q))
			w.checkHistories()
			w.apply(batch(pay("p", 4), pay("q", 1)))
			w.checkHistories()
			w.apply(batch(leg("q", 1)))
			w.undo("b8")
			w.undo("b7")
			w.apply(batch(pay("r", 2), pay("p", 4)))
			// An outcome has the leg projected again, and makes no version of it.
			w.apply(batch(&graph.Outcome{ID: "o", FlowID: "s", Date: pay("s", 1).Announced, Event: "closed", StatusAfter: graph.Closed}))
			w.checkHistories()
			w.reopen()
			w.checkHistories()
		}},
		{"the history of every kind of record comes back whole", func(w *world) {
			var before, after []graph.Record
			for _, k := range graph.RecordKinds() {
				before = append(before, full(k, "same id"))
				after = append(after, variantOf(graph.Key{Kind: k, ID: "same id"}, 1))
			}
			w.apply(batch(before...))
			w.apply(batch(after...))
			w.checkHistories()
		}},
		{"a record that never was has no history, nor what a batch that failed would have written", func(w *world) {
			w.apply(batch(company("a")))
			failed := errors.New("the file ends here")
			_, err := w.store.Apply(w.ctx, graph.Batch{At: day(2), Records: func(yield func(graph.Record, error) bool) {
				if yield(company("A"), nil) && yield(company("b"), nil) {
					yield(nil, failed)
				}
			}})
			if !errors.Is(err, failed) {
				w.Errorf("apply: %v", err)
			}
			for _, key := range []graph.Key{
				{Kind: graph.CompanyKind, ID: "A"},
				{Kind: graph.CompanyKind, ID: "b"},
				{Kind: graph.FlowRecord, ID: "a"},
				{Kind: graph.CompanyKind},
				{Kind: graph.CompanyKind, ID: "a "},
			} {
				if got, err := w.store.History(w.ctx, key); !errors.Is(err, graph.ErrNotFound) {
					w.Errorf("history of %s: %+v, %v; want ErrNotFound", key, got, err)
				}
			}
			for _, name := range []string{"b2", "b0", "", "1", "b", "b01", "B1", "b1 ", "b-1", "b18446744073709551616"} {
				if got, err := w.store.Touched(w.ctx, name); !errors.Is(err, graph.ErrNotFound) {
					w.Errorf("touched by %q: %v, %v; want ErrNotFound", name, got, err)
				}
			}
			w.checkHistories()
		}},
		{"the history tells nothing of a batch before it is committed", func(w *world) {
			n := w.options.Large / 4
			w.apply(graph.Batch{Origin: "first", At: day(1), Records: Transfers("t", n, 0)})
			half, resume := make(chan struct{}), make(chan struct{})
			atHalf, goOn := sync.OnceFunc(func() { close(half) }), sync.OnceFunc(func() { close(resume) })
			defer goOn()
			done := make(chan error, 1)
			go func() {
				_, err := w.store.Apply(w.ctx, graph.Batch{Origin: "second", At: day(2), Records: func(yield func(graph.Record, error) bool) {
					i := 0
					for r, err := range Transfers("t", n, 7) { // changes that one field
						if i++; i == n/2 {
							atHalf()
							<-resume
						}
						if !yield(r, err) {
							return
						}
					}
				}})
				done <- err
			}()
			select {
			case <-half:
			case err := <-done:
				w.Fatalf("apply: %v", err)
			}
			key := graph.Key{Kind: graph.FlowRecord, ID: "t0000001"}
			count := func() int {
				got, err := w.store.History(w.ctx, key)
				if err != nil {
					w.Errorf("history: %v", err)
				}
				return len(got)
			}
			if got := count(); got != 1 {
				w.Errorf("%d versions before the commit, want 1", got)
			}
			goOn()
			if err := <-done; err != nil {
				w.Fatalf("apply: %v", err)
			}
			if got := count(); got != 2 {
				w.Errorf("%d versions after the commit, want 2", got)
			}
			if got, err := w.store.Touched(w.ctx, "b2"); err != nil || len(got) != n || got[1] != key {
				w.Errorf("b2 touched %d records, %v; want %d", len(got), err, n)
			}
		}},
	}
}
