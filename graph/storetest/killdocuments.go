package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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
	k = k.withDefaults()
	killWriters{k, []string{"a"}}.test(t)
}

// KillDocumentsTogether is KillDocuments for 200 documents that are written
// together: after each kill all of them have the same version.
func KillDocumentsTogether(t *testing.T, k KillTest) {
	t.Helper()
	k = k.withDefaults()
	names := make([]string, 200)
	for i := range names {
		names[i] = fmt.Sprintf("a%03d", i)
	}
	killWriters{k, names}.test(t)
}

// killWriters kills those that write documents of these names, in byte order.
type killWriters struct {
	KillTest
	names []string
}

func (k killWriters) test(t *testing.T) {
	t.Helper()
	k.run(t, k.write, k.kill)
}

func (k killWriters) kill(w *world, place string, rnd *rand.Rand) {
	w.apply(batch(company("a")))
	if _, err := k.put(w, 0); err != nil {
		w.Fatal(err)
	}
	last, between := uint64(1), 0
	for range k.Rounds {
		w.close()
		told := k.killOne(w, place, 3+rnd.IntN(5), 1.2*rnd.Float64())
		w.store = w.mustOpen()
		// What the killed writer had sent may still be at work in a server. A write
		// of the same documents waits for it, and this one changes nothing.
		if _, err := k.put(w, 1<<62); !errors.Is(err, graph.ErrConflict) {
			w.Fatal(err)
		}
		list, err := w.documents().ListDocuments(w.ctx, "text")
		if err != nil || len(list) != len(k.names) {
			w.Fatalf("%d documents, %v; want %d", len(list), err, len(k.names))
		}
		version := list[0].Version
		if told <= last || version != told && version != told+1 {
			w.Fatalf("version %d is there; the writer began after %d and was told %d", version, last, told)
		}
		for i, d := range list {
			want := k.version(k.names[i], version)
			w.sameDocument(d, want)
		}
		w.checkAll()
		if last = version; version == told {
			between++
		}
	}
	w.Logf("%d versions of %d documents were written in %d rounds; %d kills were before the last of them was kept", last, len(k.names), k.Rounds, between)
}

// version is a document as each writer writes that version: some 50 kB of a
// single one, less of several.
func (k killWriters) version(name string, version uint64) graph.Document {
	d := document("text", name, strings.Repeat(fmt.Sprintf("%s, version %d\n", name, version), 5000/len(k.names)))
	d.Version = version
	return d
}

// put writes the version after this one.
func (k killWriters) put(w *world, version uint64) (uint64, error) {
	if len(k.names) == 1 {
		d, err := w.documents().PutDocument(w.ctx, k.version(k.names[0], version+1), &version)
		return d.Version, err
	}
	writes := make([]graph.DocumentWrite, len(k.names))
	for i, name := range k.names {
		writes[i] = graph.DocumentWrite{Document: k.version(name, version+1), Base: &version}
	}
	list, err := w.documents().PutDocuments(w.ctx, writes)
	if err != nil {
		return 0, err
	}
	return list[0].Version, nil
}

// write writes one version after the other and says so, until it is killed.
func (k killWriters) write(ctx context.Context, t *testing.T, place string) {
	s, err := k.Open(ctx, place)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	w := &world{T: t, ctx: ctx, store: s}
	d, err := w.documents().GetDocument(ctx, "text", k.names[0])
	for version := d.Version; err == nil; {
		if version, err = k.put(w, version); err == nil {
			fmt.Println("told", version)
		}
	}
	t.Fatal(err)
}

// killOne runs a child until it was told so many versions, and kills it after a
// further part of the time that the last of them took. It returns the last
// version that the child was told.
func (k killWriters) killOne(w *world, place string, versions int, part float64) (last uint64) {
	w.Helper()
	cmd, out := w.again(place)
	said := ""
	lines := bufio.NewScanner(out)
	told := time.Now()
	for n := 0; lines.Scan(); {
		said += lines.Text() + "\n"
		if _, err := fmt.Sscanf(lines.Text(), "told %d", &last); err != nil {
			continue
		}
		took := time.Since(told)
		told = told.Add(took)
		if n++; n == versions {
			time.AfterFunc(time.Duration(part*float64(took)), func() { _ = cmd.Process.Kill() }) // it may have ended by itself, which fails below
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		w.Fatalf("the writer was not killed: %v\n%s", err, said)
	}
	return last
}
