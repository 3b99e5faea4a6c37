package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
)

// KillDocuments writes versions of a document in a child process and kills that
// process with SIGKILL while it writes. After each kill the store must open and
// have the last version that the child was told of, or the one after it, whole.
// It uses Place, Open, Rounds, Timeout and Seed.
func KillDocuments(t *testing.T, k KillTest) {
	t.Helper()
	if k.Rounds == 0 {
		k.Rounds = 5
	}
	if k.Timeout == 0 {
		k.Timeout = 2 * time.Minute
	}
	if k.Seed == 0 {
		k.Seed = 1
	}
	ctx, cancel := context.WithTimeout(t.Context(), k.Timeout)
	defer cancel()
	if place := os.Getenv(placeKey); place != "" {
		k.writeDocuments(ctx, t, place)
		return
	}
	place := k.Place(t)
	w := &world{T: t, ctx: ctx, at: []state{{}}, open: func(ctx context.Context) (graph.Store, error) { return k.Open(ctx, place) }}
	w.store = w.mustOpen()
	t.Cleanup(w.close)
	w.apply(batch(company("a")))
	w.put(versionOf(1), base(0), 1)
	rnd := rand.New(rand.NewPCG(k.Seed, 0))
	last := uint64(1)
	for range k.Rounds {
		w.close()
		told := k.killWriter(w, place, 3+rnd.IntN(5), time.Duration(rnd.IntN(20_000))*time.Microsecond)
		w.store = w.mustOpen()
		got, err := w.documents().GetDocument(ctx, "text", "a")
		if err != nil {
			t.Fatal(err)
		}
		if told <= last || got.Version != told && got.Version != told+1 {
			t.Fatalf("version %d is there; the writer began after %d and was told %d", got.Version, last, told)
		}
		w.sameDocument(got, versionOf(got.Version))
		w.checkAll()
		last = got.Version
	}
	t.Logf("%d versions were written in %d rounds", last, k.Rounds)
}

// versionOf is the document as each writer writes that version.
func versionOf(version uint64) graph.Document {
	d := document("text", "a", strings.Repeat(fmt.Sprintf("version %d\n", version), 5000))
	d.Version = version
	return d
}

// writeDocuments writes one version after the other and says so, until it is
// killed.
func (k KillTest) writeDocuments(ctx context.Context, t *testing.T, place string) {
	s, err := k.Open(ctx, place)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	w := &world{T: t, ctx: ctx, store: s}
	d, err := w.documents().GetDocument(ctx, "text", "a")
	for told := false; err == nil; {
		var next graph.Document
		next, err = w.documents().PutDocument(ctx, versionOf(d.Version+1), &d.Version)
		switch {
		case err == nil:
			fmt.Println("told", next.Version)
			d, told = next, true
		case !told && errors.Is(err, graph.ErrConflict): // what the killed writer had sent came through only now
			d, err = w.documents().GetDocument(ctx, "text", "a")
		}
	}
	t.Fatal(err)
}

// killWriter runs a child until it was told so many versions, and kills it that
// much later. It returns the last version that the child was told.
func (KillTest) killWriter(w *world, place string, versions int, later time.Duration) (last uint64) {
	w.Helper()
	cmd := exec.CommandContext(w.ctx, os.Args[0], "-test.run=^"+strings.ReplaceAll(w.Name(), "/", "$/^")+"$", "-test.count=1", "-test.v")
	cmd.Env = append(os.Environ(), placeKey+"="+place)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.Fatal(err)
	}
	said := ""
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); {
		said += lines.Text() + "\n"
		if _, err := fmt.Sscanf(lines.Text(), "told %d", &last); err != nil {
			continue
		}
		if n++; n == versions {
			time.AfterFunc(later, func() { _ = cmd.Process.Kill() }) // it may have ended by itself, which fails below
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		w.Fatalf("the writer was not killed: %v\n%s", err, said)
	}
	return last
}
