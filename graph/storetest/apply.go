package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"roundtrip/graph"
)

func applyTests() []test {
	return []test{
		{"a batch adds, changes, deletes and counts what it did", func(w *world) {
			w.apply(batch(company("a"), company("b"), leg("x", 1), leg("y", 2)))
			b := batch(company("a"), leg("x", 3), leg("z", 4))
			b.Deletes = []graph.Key{{Kind: graph.CompanyKind, ID: "b"}, {Kind: graph.FlowRecord, ID: "y"}}
			got := w.apply(b)
			if got.Added != 1 || got.Changed != 1 || got.Deleted != 2 || got.Unchanged != 1 {
				w.Errorf("applied %+v", got)
			}
			w.checkAll()
			w.wantRecord(leg("x", 3))
			w.wantNone(graph.Key{Kind: graph.FlowRecord, ID: "y"})
		}},
		{"a batch may hold deletes only", func(w *world) {
			w.apply(batch(company("a"), company("b")))
			w.apply(graph.Batch{Origin: "api", At: day(2), Deletes: []graph.Key{{Kind: graph.CompanyKind, ID: "a"}}})
			w.checkAll()
		}},
		{"a deleted record can be added again", func(w *world) {
			w.apply(batch(leg("x", 1)))
			w.apply(graph.Batch{At: day(2), Deletes: []graph.Key{{Kind: graph.FlowRecord, ID: "x"}}})
			w.apply(batch(leg("x", 1)))
			w.apply(graph.Batch{At: day(2), Deletes: []graph.Key{{Kind: graph.FlowRecord, ID: "x"}}})
			w.apply(batch(leg("x", 2)))
			w.checkAll()
		}},
		{"the same batch again makes no revision", func(w *world) {
			b := batch(full(graph.FlowRecord, "x"), full(graph.CompanyKind, "x"), leg("y", -1))
			w.apply(b)
			w.apply(b)
			w.reopen()
			got := w.apply(b)
			if got.ID != "" || got.Unchanged != 3 || got.Revision != 1 {
				w.Errorf("applied %+v", got)
			}
			if batches, err := w.store.Batches(w.ctx); err != nil || len(batches) != 1 {
				w.Errorf("batches %v, %v", batches, err)
			}
			w.apply(graph.Batch{At: day(2)})
			w.checkAll()
		}},
		{"a change in any one field is a change", func(w *world) {
			for _, k := range graph.RecordKinds() {
				base := full(k, "x")
				w.apply(batch(base))
				for i, f := range graph.Fields(k) {
					if i == 0 || f.Derived || f.Type == graph.FlagField {
						continue
					}
					changed := full(k, "x")
					if err := f.Set(changed, ""); err != nil {
						w.Fatal(err)
					}
					if got := w.apply(batch(changed)); got.Changed != 1 {
						w.Errorf("%s without %s: %+v", k, f.Name, got)
					}
					w.apply(batch(base))
				}
			}
			w.checkRecords(w.revision())
		}},
		{"deleting what is not there is not found and keeps nothing", func(w *world) {
			w.apply(batch(company("a")))
			b := batch(company("b"))
			b.Deletes = []graph.Key{{Kind: graph.CompanyKind, ID: "a"}, {Kind: graph.CompanyKind, ID: "c"}}
			if _, err := w.store.Apply(w.ctx, b); !errors.Is(err, graph.ErrNotFound) {
				w.Errorf("apply: %v", err)
			}
			w.checkAll()
			w.apply(graph.Batch{At: day(2), Deletes: []graph.Key{{Kind: graph.CompanyKind, ID: "a"}}})
			b = graph.Batch{At: day(2), Deletes: []graph.Key{{Kind: graph.CompanyKind, ID: "a"}}}
			if _, err := w.store.Apply(w.ctx, b); !errors.Is(err, graph.ErrNotFound) {
				w.Errorf("apply: %v", err)
			}
			w.checkAll()
		}},
		{"an error half way through the records keeps nothing", func(w *world) {
			w.apply(batch(company("a"), leg("x", 1)))
			fault := errors.New("line 7 is bad")
			for _, good := range []int{0, 1, w.options.Large / 4} {
				b := graph.Batch{At: day(2), Deletes: []graph.Key{{Kind: graph.CompanyKind, ID: "a"}}}
				b.Records = func(yield func(graph.Record, error) bool) {
					for r, err := range Transfers("t", good, 0) {
						if !yield(r, err) {
							return
						}
					}
					if good > 0 && !yield(leg("x", 2), nil) {
						return
					}
					yield(nil, fault)
				}
				if _, err := w.store.Apply(w.ctx, b); !errors.Is(err, fault) {
					w.Errorf("after %d records: %v, want the error of the records", good, err)
				}
				w.checkAll()
			}
			w.reopen()
			w.checkAll()
			w.apply(batch(leg("x", 3)))
		}},
		{"a batch that is cancelled half way keeps nothing", func(w *world) {
			w.apply(batch(company("a"), leg("x", 1)))
			ctx, cancel := context.WithCancel(w.ctx)
			defer cancel()
			n, half := 0, w.options.Large/4
			b := graph.Batch{At: day(2), Records: func(yield func(graph.Record, error) bool) {
				for r, err := range Transfers("t", 2*half, 0) {
					if n++; n == half {
						cancel()
					}
					if !yield(r, err) {
						return
					}
				}
			}}
			if _, err := w.store.Apply(ctx, b); !errors.Is(err, context.Canceled) {
				w.Errorf("apply: %v, want context.Canceled", err)
			}
			w.checkAll()
			w.reopen()
			w.checkAll()
			w.apply(batch(leg("x", 3)))
			w.checkAll()
		}},
		{"a context that has ended does nothing", func(w *world) {
			w.apply(batch(company("a")))
			ctx, cancel := context.WithCancel(w.ctx)
			cancel()
			if _, err := w.store.Apply(ctx, batch(company("b"))); !errors.Is(err, context.Canceled) {
				w.Errorf("apply: %v", err)
			}
			if _, err := w.store.Undo(ctx, "b1", day(2)); !errors.Is(err, context.Canceled) {
				w.Errorf("undo: %v", err)
			}
			if _, err := w.store.Get(ctx, company("a").Key()); !errors.Is(err, context.Canceled) {
				w.Errorf("get: %v", err)
			}
			if err := firstError(w.store.Records(ctx, 1)); !errors.Is(err, context.Canceled) {
				w.Errorf("records: %v", err)
			}
			late, cancelLate := context.WithDeadline(w.ctx, time.Now().Add(-time.Second))
			defer cancelLate()
			if _, err := w.store.List(late, graph.ListQuery{Kind: graph.CompanyKind, Limit: 1}); !errors.Is(err, context.DeadlineExceeded) {
				w.Errorf("list: %v", err)
			}
			w.checkAll()
		}},
		{"a batch checked against an earlier revision is a conflict", func(w *world) {
			zero, one, two := uint64(0), uint64(1), uint64(2)
			b := batch(company("a"))
			b.Base = &zero
			w.apply(b)
			for _, base := range []*uint64{&zero, &two} {
				for _, records := range [][]graph.Record{{company("b")}, {company("a")}} {
					b := batch(records...)
					b.Base = base
					if _, err := w.store.Apply(w.ctx, b); !errors.Is(err, graph.ErrConflict) {
						w.Errorf("base %d at revision 1: %v", *base, err)
					}
				}
			}
			w.checkAll()
			b = batch(company("b"))
			b.Base = &one
			w.apply(b)
			w.checkAll()
		}},
		{"a large batch is one revision and the same again is none", func(w *world) {
			w.apply(batch(company("c1")))
			n, told := w.options.Large, []int{}
			b := graph.Batch{Origin: "transfers.csv", At: day(2), Records: Transfers("t", n, 0), Progress: func(records int) { told = append(told, records) }}
			if got := w.apply(b); got.Added != n {
				w.Errorf("added %d, want %d", got.Added, n)
			}
			if len(told) == 0 || !slices.IsSorted(told) || told[0] < 1 || told[len(told)-1] > n {
				w.Errorf("progress was told %v", told)
			}
			w.checkRecords(2)
			b.Progress = nil
			w.apply(b)
			if got := w.mustList(graph.ListQuery{Kind: graph.FlowRecord, Where: map[string]string{"from": "c7"}, Sort: "amount_usd", Limit: 3}); got.Total != paidBy("c7", n) {
				w.Errorf("c7 pays %d legs, want %d", got.Total, paidBy("c7", n))
			}
			// A second file overlaps the first: half of it is known, some of that changed.
			mixed := graph.Batch{At: day(3), Records: func(yield func(graph.Record, error) bool) {
				i := 0
				for r, err := range Transfers("t", n+n/2, 0) {
					if i++; i < n/2 {
						continue
					}
					if f := r.(*graph.Flow); i%5 == 0 {
						f.Description = id("changed ", i)
					}
					if !yield(r, err) {
						return
					}
				}
			}}
			w.apply(mixed)
			w.checkRecords(3)
			w.undo("b3")
			w.checkRecords(4)
			w.reopen()
			w.checkRecords(2)
		}},
		{"batches are listed latest first with what they did", func(w *world) {
			w.apply(graph.Batch{Origin: "a.csv", At: day(1), Records: each([]graph.Record{company("a"), company("b")})})
			w.apply(graph.Batch{Origin: "a.csv", At: day(2), Records: each([]graph.Record{company("a"), company("b")})}) // changes nothing
			b := batch(&graph.Company{ID: "a", Name: "other"}, company("c"))
			b.Origin, b.At, b.Deletes = "Ünï \"q\".csv", day(3), []graph.Key{company("b").Key()}
			w.apply(b)
			w.undo("b2")
			want := []graph.BatchInfo{
				{ID: "b3", Revision: 3, At: undoneAt, Added: 1, Changed: 1, Deleted: 1, Undoes: "b2"},
				{ID: "b2", Revision: 2, At: day(3), Origin: "Ünï \"q\".csv", Added: 1, Changed: 1, Deleted: 1, UndoneBy: "b3"},
				{ID: "b1", Revision: 1, At: day(1), Origin: "a.csv", Added: 2},
			}
			w.wantBatches(want...)
			w.reopen()
			w.wantBatches(want...)
			if got, err := w.store.Revision(w.ctx); err != nil || !got.At.Equal(undoneAt) {
				w.Errorf("revision 3 is of %v, %v; want %v", got.At, err, undoneAt)
			}
		}},
	}
}

// wantBatches compares the listed batches; the origin of an undo is left to the
// store.
func (w *world) wantBatches(want ...graph.BatchInfo) {
	w.Helper()
	got, err := w.store.Batches(w.ctx)
	if err != nil {
		w.Fatalf("batches: %v", err)
	}
	if len(got) != len(want) {
		w.Fatalf("%d batches, want %d: %+v", len(got), len(want), got)
	}
	for i, g := range got {
		if !g.At.Equal(want[i].At) {
			w.Errorf("%s is of %v, want %v", g.ID, g.At, want[i].At)
		}
		g.At = want[i].At
		if g.Undoes != "" {
			g.Origin = ""
		}
		if g != want[i] {
			w.Errorf("batch %d\n got %+v\nwant %+v", i, g, want[i])
		}
	}
}

// paidBy is how many of n transfers that company pays.
func paidBy(company string, n int) int {
	paid := 0
	for f := range payments("t", n, 0) {
		if f.From == company {
			paid++
		}
	}
	return paid
}
