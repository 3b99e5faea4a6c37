package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"roundtrip/graph"
)

func historyTests() []test {
	return []test{
		{"records of every earlier revision can be read for ever", func(w *world) {
			w.apply(batch(company("a"), leg("x", 1), full(graph.SourceKind, "s")))
			w.apply(batch(leg("x", 2), leg("y", 1)))
			w.apply(graph.Batch{At: day(2), Deletes: []graph.Key{{Kind: graph.FlowRecord, ID: "x"}, {Kind: graph.CompanyKind, ID: "a"}}})
			w.apply(batch(leg("x", 2), company("b")))
			w.undo("b4")
			w.checkAll()
			w.reopen()
			w.checkAll()
		}},
		{"revision 0 has no records and one above the current is not found", func(w *world) {
			w.apply(batch(company("a")))
			w.checkRecords(0)
			n := 0
			for r, err := range w.store.Records(w.ctx, 2) {
				if n++; !errors.Is(err, graph.ErrNotFound) {
					w.Errorf("revision 2 yields %v, %v; want ErrNotFound", r, err)
				}
			}
			if n != 1 {
				w.Errorf("revision 2 yields %d times, want one error", n)
			}
		}},
		{"reading some kinds keeps their declared order", func(w *world) {
			var records []graph.Record
			for _, k := range slices.Backward(graph.RecordKinds()) {
				records = append(records, full(k, "y"), full(k, "x"))
			}
			w.apply(batch(records...))
			w.checkKinds(1, graph.CompanyKind)
			w.checkKinds(1, graph.MetricKind, graph.FlowRecord, graph.SourceKind)
			w.checkKinds(0, graph.CompanyKind)
		}},
		{"a reader that stops early leaves the store usable", func(w *world) {
			w.apply(graph.Batch{At: day(1), Records: Transfers("t", 3000, 0)})
			for range 20 {
				for _, err := range w.store.Records(w.ctx, 1) {
					if err != nil {
						w.Fatal(err)
					}
					break
				}
			}
			w.apply(batch(company("a")))
			w.checkAll()
		}},
		{"a long reading sees its one revision while others commit", func(w *world) {
			w.apply(graph.Batch{At: day(1), Records: Transfers("t", 3000, 0)})
			n, last := 0, ""
			for r, err := range w.store.Records(w.ctx, 1) {
				if err != nil {
					w.Fatalf("after %d records: %v", n, err)
				}
				if canonical(r) != w.at[1][r.Key()] || r.Key().ID <= last {
					w.Fatalf("record %d is %s after %s", n, canonical(r), last)
				}
				last = r.Key().ID
				if n++; n == 10 || n == 2000 {
					w.apply(graph.Batch{At: day(2), Records: Transfers("t", 2000+n, n)})
				}
			}
			if n != 3000 {
				w.Errorf("read %d records, want 3000", n)
			}
			w.checkAll()
		}},
		{"a random walk of imports and undos agrees with a plain map", randomWalk},
	}
}

// randomWalk applies and undoes at random and compares the store with a map
// after every step.
func randomWalk(w *world) {
	rnd := rand.New(rand.NewPCG(7, 11))
	kinds := graph.RecordKinds()
	for step := range w.options.Steps {
		switch n := rnd.IntN(10); {
		case n < 6:
			b := graph.Batch{Origin: fmt.Sprintf("step %d", step), At: day(1 + step%28)}
			seen := map[graph.Key]bool{}
			var records []graph.Record
			for range 1 + rnd.IntN(8) {
				key := graph.Key{Kind: kinds[rnd.IntN(len(kinds))], ID: id("r", rnd.IntN(9))}
				_, there := w.now()[key]
				switch {
				case seen[key]:
				case there && rnd.IntN(4) == 0:
					b.Deletes = append(b.Deletes, key)
				default:
					records = append(records, variantOf(key, rnd.IntN(3)))
				}
				seen[key] = true
			}
			b.Records = each(records)
			w.apply(b)
		case n < 9:
			if w.revision() > 0 {
				w.tryUndo(id("b", 1+rnd.IntN(int(w.revision()))))
			}
		default:
			w.reopen()
		}
		w.checkRevision()
		w.checkRecords(w.revision())
	}
	w.checkAll()
	w.checkHistories()
	if batches := w.batches(); uint64(len(batches)) != w.revision() {
		w.Errorf("%d batches at revision %d", len(batches), w.revision())
	}
}

// variantOf is a record of that key in one of several forms.
func variantOf(key graph.Key, n int) graph.Record {
	r := full(key.Kind, key.ID)
	for _, f := range graph.Fields(key.Kind)[1:] {
		if f.Type == graph.TextField && len(f.Allowed) == 0 {
			if err := f.Set(r, id("form ", n)); err != nil {
				panic(err)
			}
			break
		}
	}
	return r
}

// tryUndo undoes a batch and expects what the states tell: it is blocked by the
// first later batch that changed one of its records, pairs of an undone batch
// and its undo aside; an undone batch is left as it is.
func (w *world) tryUndo(batch string) {
	w.Helper()
	var number uint64
	if _, err := fmt.Sscanf(batch, "b%d", &number); err != nil {
		w.Fatal(err)
	}
	infos := w.batches()
	slices.Reverse(infos)
	undoneBy := func(number uint64) uint64 { // by an undo that is not undone itself
		for _, b := range infos {
			if b.ID == infos[number-1].UndoneBy {
				return b.Revision
			}
		}
		return 0
	}
	if undoneBy(number) != 0 {
		got, err := w.store.Undo(w.ctx, batch, undoneAt)
		if err != nil || got.ID != "" || got.Revision != w.revision() || got.Hash != sum(w.now()) {
			w.Fatalf("undo of %s, which is undone: %+v, %v", batch, got, err)
		}
		return
	}
	var aside []uint64
	for _, b := range infos[number:] {
		if u := undoneBy(b.Revision); u != 0 {
			aside = append(aside, b.Revision, u)
		}
	}
	for later := number + 1; later <= w.revision(); later++ {
		if slices.Contains(aside, later) {
			continue
		}
		for _, key := range w.touched(number) {
			if slices.Contains(w.touched(later), key) {
				w.wantBlocked(batch, id("b", int(later)))
				return
			}
		}
	}
	w.undo(batch)
}

// touched are the keys that the batch of that revision changed.
func (w *world) touched(revision uint64) []graph.Key {
	before, after := w.at[revision-1], w.at[revision]
	var keys []graph.Key
	for k, form := range after {
		if before[k] != form {
			keys = append(keys, k)
		}
	}
	for k := range before {
		if _, ok := after[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, compareKeys)
	return keys
}

// restored is the state after taking back the changes of one batch.
func (w *world) restored(revision uint64) state {
	next := maps.Clone(w.now())
	for _, k := range w.touched(revision) {
		if form, ok := w.at[revision-1][k]; ok {
			next[k] = form
		} else {
			delete(next, k)
		}
	}
	return next
}

func (w *world) batches() []graph.BatchInfo {
	w.Helper()
	batches, err := w.store.Batches(w.ctx)
	if err != nil {
		w.Fatalf("batches: %v", err)
	}
	return batches
}
