package storetest

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
)

// KillTest says how a process of its own gets at a store. A top-level test that
// does nothing but call Kill runs twice: as the parent, and again in a child
// process that imports and is killed.
type KillTest struct {
	// Place makes an empty place for data and names it so that another process
	// can open it: a directory, an address. It is called once, in the
	// parent only.
	Place func(t *testing.T) string
	// Open opens the store in that place.
	Open func(ctx context.Context, place string) (graph.Store, error)
	// Rounds is the number of kills, 10 by default, 5 for documents.
	Rounds int
	// Records is the number of records in each import, 20,000 by default.
	Records int
	// Timeout is for the whole test, 5 minutes by default.
	Timeout time.Duration
	// Seed picks the moments of the kills, 1 by default.
	Seed uint64
}

const (
	placeKey   = "ROUNDTRIP_STORETEST_PLACE"
	roundKey   = "ROUNDTRIP_STORETEST_ROUND"
	deletesKey = "ROUNDTRIP_STORETEST_DELETES" // not empty when the import deletes
)

// Kill imports a large batch in a child process and kills that process with
// SIGKILL at moments spread over the import and its commit. After each kill the
// store must open, hold all of the batch or none, have the hash of what it
// holds, and take the next import.
func Kill(t *testing.T, k KillTest) {
	t.Helper()
	k = k.withDefaults()
	k.run(t, k.child, k.imports)
}

func (k KillTest) withDefaults() KillTest {
	k.Rounds = cmp.Or(k.Rounds, 10)
	k.Records = cmp.Or(k.Records, 20_000)
	k.Timeout = cmp.Or(k.Timeout, 5*time.Minute)
	k.Seed = cmp.Or(k.Seed, 1)
	return k
}

// run is both sides of a test: the child in the place that the environment
// names, or the parent with an open store in a new one.
func (k KillTest) run(t *testing.T, child func(ctx context.Context, t *testing.T, place string), parent func(w *world, place string, rnd *rand.Rand)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), k.Timeout)
	defer cancel()
	if place := os.Getenv(placeKey); place != "" {
		child(ctx, t, place)
		return
	}
	place := k.Place(t)
	w := &world{T: t, ctx: ctx, at: []state{{}}, open: func(ctx context.Context) (graph.Store, error) { return k.Open(ctx, place) }}
	w.store = w.mustOpen()
	t.Cleanup(w.close)
	parent(w, place, rand.New(rand.NewPCG(k.Seed, 0)))
}

// again is this test as another process that runs it as the child.
func (w *world) again(place string, env ...string) (*exec.Cmd, io.Reader) {
	w.Helper()
	cmd := exec.CommandContext(w.ctx, os.Args[0], "-test.run=^"+strings.ReplaceAll(w.Name(), "/", "$/^")+"$", "-test.count=1", "-test.v")
	cmd.Env = append(append(os.Environ(), placeKey+"="+place), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.Fatal(err)
	}
	return cmd, out
}

func (k KillTest) imports(w *world, place string, rnd *rand.Rand) {
	w.apply(k.batch(0, false))
	w.close()
	committed, whole := k.import1(w, place, 1, true, -1) // nobody kills this one; it tells how long an import takes
	kept := 0
	for round := range k.Rounds {
		part := (float64(round) + rnd.Float64()) / float64(k.Rounds)
		after := time.Duration(part * 1.2 * float64(whole))
		if committed, _ = k.import1(w, place, round+2, committed, after); committed {
			kept++
		} else if after > whole*4/5 {
			whole += whole / 3 // this one took longer than the first
		}
	}
	w.Logf("%d imports of about %v were killed; %d of them had been committed", k.Rounds, whole.Round(time.Millisecond), kept)
}

// batch is the import of one round: changes to three quarters of the first
// legs, a quarter of new ones, and, when the round before was committed, deletes
// of some that were new then.
func (k KillTest) batch(round int, deletes bool) graph.Batch {
	fresh := func(round int) string { return fmt.Sprintf("r%d-", round) }
	b := graph.Batch{Origin: id("round ", round), At: day(1), Records: func(yield func(graph.Record, error) bool) {
		for r, err := range Transfers("t", k.Records-k.Records/4, round) {
			if !yield(r, err) {
				return
			}
		}
		for r, err := range Transfers(fresh(round), k.Records/4, 0) {
			if !yield(r, err) {
				return
			}
		}
	}}
	if deletes {
		for f := range payments(fresh(round-1), 10, 0) {
			b.Deletes = append(b.Deletes, f.Key())
		}
	}
	return b
}

// child opens the store, says so, imports the batch of its round and says so.
func (k KillTest) child(ctx context.Context, t *testing.T, place string) {
	round, err := strconv.Atoi(os.Getenv(roundKey))
	if err != nil {
		t.Fatal(err)
	}
	s, err := k.Open(ctx, place)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	fmt.Println("opened")
	if _, err := s.Apply(ctx, k.batch(round, os.Getenv(deletesKey) != "")); err != nil {
		t.Fatalf("apply: %v", err)
	}
	fmt.Println("applied")
	if err := s.Close(ctx); err != nil {
		t.Fatalf("close: %v", err)
	}
}

// import1 runs one child, kills it that long after it opened the store (never
// when the time is negative) and checks the store. It tells whether the import
// had been committed and how long the child lived from then on.
func (k KillTest) import1(w *world, place string, round int, deletes bool, after time.Duration) (committed bool, took time.Duration) {
	w.Helper()
	env := []string{roundKey + "=" + strconv.Itoa(round)}
	if deletes {
		env = append(env, deletesKey+"=yes")
	}
	cmd, out := w.again(place, env...)
	lines := bufio.NewReader(out)
	said := k.wait(lines, "opened")
	start := time.Now()
	if after >= 0 {
		time.Sleep(after)
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			w.Fatal(err)
		}
	}
	said += k.wait(lines, "applied")
	took = time.Since(start)
	rest, _ := io.ReadAll(lines)
	if err := cmd.Wait(); err != nil && after < 0 {
		w.Fatalf("the import of round %d: %v\n%s%s", round, err, said, rest)
	}
	return k.check(w, k.batch(round, deletes), strings.Contains(said, "applied")), took
}

// wait reads lines up to one that has the word, or to the end.
func (KillTest) wait(lines *bufio.Reader, word string) string {
	said := ""
	for {
		line, err := lines.ReadString('\n')
		said += line
		if err != nil || strings.Contains(line, word) {
			return said
		}
	}
}

// check opens the store after a kill, imports one more record, and compares all
// that is there then. A server may finish a commit after its client has died, so the batch
// may also come to light with that import; it tells whether it did.
func (KillTest) check(w *world, b graph.Batch, told bool) bool {
	w.Helper()
	after := maps.Clone(w.now())
	for r, err := range b.Records {
		if err != nil {
			w.Fatal(err)
		}
		after[r.Key()] = canonical(r)
	}
	for _, key := range b.Deletes {
		delete(after, key)
	}
	w.store = w.mustOpen()
	defer w.close()
	now, err := w.store.Revision(w.ctx)
	if err != nil {
		w.Fatalf("revision after %s: %v", b.Origin, err)
	}
	committed := now.Number == w.revision()+1
	if told && !committed {
		w.Fatalf("%s was told committed; the store is at revision %d, want %d", b.Origin, now.Number, w.revision()+1)
	}
	if committed {
		w.at = append(w.at, after)
	}
	w.checkRevision()

	next := company("after " + b.Origin)
	got, err := w.store.Apply(w.ctx, batch(next))
	if err != nil {
		w.Fatalf("the import after %s: %v", b.Origin, err)
	}
	if !committed && got.Revision == w.revision()+2 {
		committed = true
		w.at = append(w.at, after)
	}
	with := maps.Clone(w.now())
	with[next.Key()] = canonical(next)
	w.at = append(w.at, with)
	w.checkRevision()
	w.checkRecords(w.revision())
	if infos := w.batches(); uint64(len(infos)) != w.revision() {
		w.Fatalf("%d batches at revision %d after %s", len(infos), w.revision(), b.Origin)
	}
	return committed
}
