// Package storetest is the conformance suite of graph.Store and of
// graph.Documents: every store runs the same tests in one line, Kill proves that
// a killed import leaves all of a batch or nothing, and KillDocuments that a
// document which was answered is kept.
//
// The expectations come from a plain map kept beside the store and from hashes
// that are summed here, never from another store.
package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"iter"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
)

// Open opens the store of one test. Called again after Close it opens the same
// data again.
type Open func(ctx context.Context) (graph.Store, error)

// Fresh makes an empty place for the data of one test, for as long as that test
// runs. The suite runs its tests one after the other, so a server with one
// database may empty it here.
type Fresh func(t *testing.T) Open

// Options are the sizes of the suite; zero values stand for the defaults.
type Options struct {
	Large   int           // records of the large batch, 20,000 by default
	Writers int           // goroutines that write at the same time, 8 by default
	Steps   int           // steps of the random walk, 80 by default
	Timeout time.Duration // for each test, 2 minutes by default
}

// Run runs the whole suite of graph.Store, one subtest for each promise.
func Run(t *testing.T, fresh Fresh, o Options) {
	t.Helper()
	run(t, fresh, o, recordTests(), listTests(), applyTests(), historyTests(), versionTests(), undoTests(), concurrencyTests())
}

// RunDocuments runs the suite of graph.Documents for a store that is both.
func RunDocuments(t *testing.T, fresh Fresh, o Options) {
	t.Helper()
	run(t, fresh, o, documentTests(), documentsTogetherTests(), sharedDocumentTests())
}

func run(t *testing.T, fresh Fresh, o Options, suite ...[]test) {
	t.Helper()
	if o.Large == 0 {
		o.Large = 20_000
	}
	if o.Writers == 0 {
		o.Writers = 8
	}
	if o.Steps == 0 {
		o.Steps = 80
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Minute
	}
	for _, tests := range suite {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), o.Timeout)
				defer cancel()
				w := &world{T: t, ctx: ctx, open: fresh(t), options: o, at: []state{{}}}
				w.store = w.mustOpen()
				t.Cleanup(w.close)
				tt.run(w)
			})
		}
	}
}

type test struct {
	name string
	run  func(*world)
}

// state is the graph as the suite believes it to be: canonical forms by key.
type state map[graph.Key]string

// world is one test with its store and the states that the store must have
// had, by revision.
type world struct {
	*testing.T
	ctx     context.Context
	options Options
	open    Open
	store   graph.Store // nil when closed
	at      []state
}

func (w *world) mustOpen() graph.Store {
	w.Helper()
	s, err := w.open(w.ctx)
	if err != nil {
		w.Fatalf("open: %v", err)
	}
	return s
}

// close uses a context of its own, since that of the test has ended in cleanups.
func (w *world) close() {
	w.Helper()
	if w.store == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), time.Minute)
	defer cancel()
	if err := w.store.Close(ctx); err != nil {
		w.Errorf("close: %v", err)
	}
	w.store = nil
}

func (w *world) reopen() {
	w.Helper()
	w.close()
	w.store = w.mustOpen()
}

// now is the state that the store must have.
func (w *world) now() state { return w.at[len(w.at)-1] }

// revision is the number that the store must be at.
func (w *world) revision() uint64 { return uint64(len(w.at) - 1) }

// batch makes a batch of these records.
func batch(records ...graph.Record) graph.Batch {
	return graph.Batch{Origin: "test", At: day(1), Records: each(records)}
}

// day is the n-th day of 2026, at a time with milliseconds.
func day(n int) time.Time {
	return time.Date(2026, 1, n, 9, 30, 0, 250e6, time.UTC)
}

func each(records []graph.Record) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// apply applies a batch that must succeed and checks all that Apply tells.
func (w *world) apply(b graph.Batch) graph.Applied {
	w.Helper()
	next, want := maps.Clone(w.now()), graph.Applied{}
	if b.Records != nil {
		for r, err := range b.Records {
			if err != nil {
				w.Fatalf("the records of the batch: %v", err)
			}
			form, key := canonical(r), r.Key()
			old, had := next[key]
			switch {
			case !had:
				want.Added++
			case old != form:
				want.Changed++
			default:
				want.Unchanged++
			}
			next[key] = form
		}
	}
	for _, key := range b.Deletes {
		want.Deleted++
		delete(next, key)
	}
	got, err := w.store.Apply(w.ctx, b)
	if err != nil {
		w.Fatalf("apply: %v", err)
	}
	if want.Added+want.Changed+want.Deleted == 0 {
		if got.ID != "" {
			w.Errorf("a batch that changes nothing became %q", got.ID)
		}
		got.Origin, got.At = "", time.Time{}
	} else {
		w.at = append(w.at, next)
		want.ID = id("b", int(w.revision()))
		want.Origin, want.At = b.Origin, b.At
	}
	want.Revision, want.Hash = w.revision(), sum(w.now())
	w.sameApplied(got, want)
	w.checkRevision()
	return got
}

func (w *world) sameApplied(got, want graph.Applied) {
	w.Helper()
	if !got.At.Equal(want.At) {
		w.Errorf("applied at %v, want %v", got.At, want.At)
	}
	got.At, want.At = time.Time{}, time.Time{}
	if got != want {
		w.Errorf("applied\n got %+v\nwant %+v", got, want)
	}
}

// checkRevision asks for the number and the hash of the current revision.
func (w *world) checkRevision() {
	w.Helper()
	got, err := w.store.Revision(w.ctx)
	if err != nil {
		w.Fatalf("revision: %v", err)
	}
	if want := w.revision(); got.Number != want {
		w.Fatalf("revision %d, want %d", got.Number, want)
	}
	if want := sum(w.now()); got.Hash != want {
		w.Fatalf("revision %d has hash %s, want %s", got.Number, got.Hash, want)
	}
}

// checkRecords reads every record of a revision and compares them and their
// order with what it must hold.
func (w *world) checkRecords(revision uint64) {
	w.Helper()
	w.checkKinds(revision)
}

func (w *world) checkKinds(revision uint64, kinds ...graph.RecordKind) {
	w.Helper()
	var want []graph.Key
	for k := range w.at[revision] {
		if len(kinds) == 0 || slices.Contains(kinds, k.Kind) {
			want = append(want, k)
		}
	}
	slices.SortFunc(want, compareKeys)
	i := 0
	for r, err := range w.store.Records(w.ctx, revision, kinds...) {
		if err != nil {
			w.Fatalf("records of revision %d: %v", revision, err)
		}
		if i == len(want) {
			w.Fatalf("revision %d: %s is one record too many", revision, r.Key())
		}
		if r.Key() != want[i] {
			w.Fatalf("revision %d: record %d is %s, want %s", revision, i, r.Key(), want[i])
		}
		if got, form := canonical(r), w.at[revision][r.Key()]; got != form {
			w.Fatalf("revision %d: %s is\n     %s\nwant %s", revision, r.Key(), got, form)
		}
		i++
	}
	if i != len(want) {
		w.Fatalf("revision %d: %d records, want %d; the first missing one is %s", revision, i, len(want), want[i])
	}
}

// checkAll checks the current revision and the records of every one.
func (w *world) checkAll() {
	w.Helper()
	w.checkRevision()
	for n := range w.at {
		w.checkRecords(uint64(n))
	}
}

func compareKeys(a, b graph.Key) int {
	if a.Kind != b.Kind {
		return int(a.Kind) - int(b.Kind)
	}
	return strings.Compare(a.ID, b.ID)
}

func canonical(r graph.Record) string { return string(graph.AppendCanonical(nil, r)) }

// sum is the content hash of a state, added up here with big integers.
func sum(s state) graph.Hash {
	total := new(big.Int)
	for k, form := range s {
		d := sha256.Sum256([]byte(k.Kind.String() + "\n" + form))
		total.Add(total, new(big.Int).SetBytes(d[:]))
	}
	total.Mod(total, new(big.Int).Lsh(big.NewInt(1), 256))
	var b [sha256.Size]byte
	total.FillBytes(b[:])
	var h graph.Hash // least significant word first
	for i := range h {
		h[i] = new(big.Int).SetBytes(b[len(b)-8*i-8 : len(b)-8*i]).Uint64()
	}
	return h
}

func sameBytes(a, b graph.Record) bool {
	return a.Key() == b.Key() && bytes.Equal(graph.AppendCanonical(nil, a), graph.AppendCanonical(nil, b))
}
