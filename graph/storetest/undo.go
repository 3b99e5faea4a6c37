package storetest

import (
	"errors"
	"slices"
	"time"

	"roundtrip/graph"
)

var undoneAt = time.Date(2026, 2, 1, 0, 0, 0, 1e6, time.UTC)

// undo undoes a batch, which must succeed, and checks what Undo tells.
func (w *world) undo(batch string) graph.Applied {
	w.Helper()
	i := slices.IndexFunc(w.batches(), func(b graph.BatchInfo) bool { return b.ID == batch })
	if i < 0 {
		w.Fatalf("there is no batch %s", batch)
	}
	undone := w.batches()[i]
	next := w.restored(undone.Revision)
	got, err := w.store.Undo(w.ctx, batch, undoneAt)
	if err != nil {
		w.Fatalf("undo %s: %v", batch, err)
	}
	w.at = append(w.at, next)
	want := graph.Applied{Hash: sum(next), BatchInfo: graph.BatchInfo{
		ID: id("b", int(w.revision())), Revision: w.revision(), At: undoneAt, Undoes: batch,
		Added: undone.Deleted, Changed: undone.Changed, Deleted: undone.Added,
	}}
	got.Origin = "" // what an undo calls itself is left to the store
	w.sameApplied(got, want)
	w.checkRevision()
	return got
}

func (w *world) wantBlocked(batch, later string) {
	w.Helper()
	_, err := w.store.Undo(w.ctx, batch, undoneAt)
	var blocked *graph.UndoBlockedError
	if !errors.As(err, &blocked) {
		w.Fatalf("undo %s: %v, want it blocked by %s", batch, err, later)
	}
	if blocked.Batch != batch || blocked.Later != later {
		w.Errorf("undo %s: %+v, want it blocked by %s", batch, *blocked, later)
	}
	number := func(name string) uint64 {
		i := slices.IndexFunc(w.batches(), func(b graph.BatchInfo) bool { return b.ID == name })
		return w.batches()[i].Revision
	}
	if !slices.Contains(w.touched(number(batch)), blocked.Key) || !slices.Contains(w.touched(number(later)), blocked.Key) {
		w.Errorf("undo %s: %s was not touched by both batches", batch, blocked.Key)
	}
	w.checkRevision()
}

// wantUndone checks which undo is in force for each batch, b1 first.
func (w *world) wantUndone(by ...string) {
	w.Helper()
	batches := w.batches()
	slices.Reverse(batches)
	got := make([]string, 0, len(batches))
	for _, b := range batches {
		got = append(got, b.UndoneBy)
	}
	if !slices.Equal(got, by) {
		w.Errorf("batches are undone by %q, want %q", got, by)
	}
}

func undoTests() []test {
	return []test{
		{"an undo restores what the batch added, changed and deleted", func(w *world) {
			w.apply(batch(company("a"), leg("x", 1), leg("y", 2), full(graph.ChipKind, "c")))
			b := batch(leg("x", 9), leg("z", 3), leg("y", 2))
			b.Deletes = []graph.Key{{Kind: graph.ChipKind, ID: "c"}}
			before := w.apply(b)
			w.undo("b2")
			w.wantRecord(leg("x", 1))
			w.wantRecord(full(graph.ChipKind, "c"))
			w.wantNone(graph.Key{Kind: graph.FlowRecord, ID: "z"})
			if now, err := w.store.Revision(w.ctx); err != nil || now.Hash == before.Hash {
				w.Errorf("revision %+v, %v", now, err)
			}
			w.wantUndone("", "b3", "")
			w.reopen()
			w.checkAll()
			w.wantUndone("", "b3", "")
		}},
		{"the undo of the first batch leaves the empty graph with hash zero", func(w *world) {
			w.apply(batch(company("a"), leg("x", 1)))
			if got := w.undo("b1"); got.Hash != (graph.Hash{}) {
				w.Errorf("hash %s", got.Hash)
			}
			w.checkAll()
			w.apply(batch(company("a"), leg("x", 1)))
			w.checkAll()
		}},
		{"an undo is blocked by a later batch that touched one of its records", func(w *world) {
			w.apply(batch(leg("x", 1), leg("y", 1)))
			w.apply(batch(leg("z", 1)))
			w.apply(batch(leg("y", 2)))
			w.apply(batch(leg("y", 3), leg("x", 2)))
			w.wantBlocked("b1", "b3")
			w.wantBlocked("b3", "b4")
			w.undo("b2") // nothing later touched z
			w.undo("b4")
			w.wantBlocked("b1", "b3")
			w.undo("b3")
			w.undo("b1")
			w.checkAll()
		}},
		{"a later batch that put back the same value blocks as well", func(w *world) {
			w.apply(batch(leg("x", 1)))
			w.apply(batch(leg("x", 2)))
			w.apply(batch(leg("x", 1)))
			w.wantBlocked("b1", "b2")
			w.wantBlocked("b2", "b3")
			w.checkAll()
		}},
		{"a later delete blocks an undo", func(w *world) {
			w.apply(batch(leg("x", 1), leg("y", 1)))
			w.apply(graph.Batch{At: day(2), Deletes: []graph.Key{{Kind: graph.FlowRecord, ID: "x"}}})
			w.wantBlocked("b1", "b2")
			w.undo("b2")
			w.undo("b1")
			w.checkAll()
		}},
		{"a later batch that found its records unchanged does not block", func(w *world) {
			w.apply(batch(leg("x", 1)))
			w.apply(batch(leg("x", 1), leg("y", 1)))
			w.undo("b1")
			w.wantRecord(leg("y", 1))
			w.checkAll()
		}},
		{"an undo can be undone, and that undone again", func(w *world) {
			w.apply(batch(leg("x", 1)))
			w.apply(batch(leg("x", 2), leg("y", 1)))
			w.undo("b2")
			w.wantUndone("", "b3", "")
			w.undo("b3")
			w.wantRecord(leg("x", 2))
			w.wantUndone("", "", "b4", "")
			w.undo("b4")
			w.wantUndone("", "b3", "", "b5", "")
			w.wantRecord(leg("x", 1))
			w.checkAll()
		}},
		{"an undone batch that was brought back can be undone again", func(w *world) {
			w.apply(batch(leg("x", 1)))
			w.undo("b1")
			w.undo("b2")
			w.undo("b1") // b2 and b3 are a pair
			w.wantUndone("b4", "b3", "", "")
			w.wantNone(graph.Key{Kind: graph.FlowRecord, ID: "x"})
			w.checkAll()
		}},
		{"the undo of an undone batch changes nothing and is no batch", func(w *world) {
			w.apply(batch(leg("x", 1)))
			w.apply(batch(leg("x", 2)))
			w.undo("b2")
			w.tryUndo("b2")
			if len(w.batches()) != 3 {
				w.Errorf("batches %+v", w.batches())
			}
			w.checkAll()
		}},
		{"a pair of a batch and its undo does not block an earlier undo", func(w *world) {
			w.apply(batch(leg("x", 1)))
			w.apply(batch(leg("x", 2)))
			w.undo("b2")
			w.undo("b1")
			w.wantNone(graph.Key{Kind: graph.FlowRecord, ID: "x"})
			w.checkAll()
		}},
		{"an unknown batch is not found", func(w *world) {
			w.apply(batch(leg("x", 1)))
			for _, name := range []string{"b2", "b0", "", "1", "b", "b01", "B1", "b1 ", "b-1", "b18446744073709551616", "x"} {
				if _, err := w.store.Undo(w.ctx, name, undoneAt); !errors.Is(err, graph.ErrNotFound) {
					w.Errorf("undo %q: %v, want ErrNotFound", name, err)
				}
			}
			w.checkAll()
		}},
	}
}
