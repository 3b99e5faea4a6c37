package sqlitestore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/sqlitestore"
	"roundtrip/graph/storetest"
)

var writer2026 = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func join(seqs ...iter.Seq2[graph.Record, error]) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for _, seq := range seqs {
			for r, err := range seq {
				if !yield(r, err) {
					return
				}
			}
		}
	}
}

const otherProcessDir = "ROUNDTRIP_SQLITESTORE_DIR"

// TestASecondProcessWaitsForTheFirstUntilItsDeadline runs itself as the first
// process, which begins to write, says so, and goes on when its input ends.
func TestASecondProcessWaitsForTheFirstUntilItsDeadline(t *testing.T) {
	if dir := os.Getenv(otherProcessDir); dir != "" {
		writeSlowly(t, dir)
		return
	}
	dir := t.TempDir()
	s := mustOpen(t, dir, sqlitestore.Options{})
	apply(t, s, &graph.Company{ID: "a"})

	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), otherProcessDir+"="+dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "writing\n" {
		t.Fatalf("the first process says %q, %v", line, err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	batch := graph.Batch{Records: yielding([]graph.Record{&graph.Company{ID: "c"}})}
	if _, err := s.Apply(ctx, batch); !errors.Is(err, graph.ErrBusy) {
		t.Errorf("apply beside the first process: %v, want ErrBusy", err)
	}
	if took := time.Since(start); took < 250*time.Millisecond || took > 5*time.Second {
		t.Errorf("it waited %v, want about 300ms", took)
	}
	if page, err := s.List(t.Context(), graph.ListQuery{Kind: graph.CompanyKind, Limit: 9}); err != nil || page.Total != 1 {
		t.Errorf("reading beside the first process: %d records, %v", page.Total, err)
	}

	// With time to wait it commits after the first.
	done := make(chan error, 1)
	go func() { _, err := s.Apply(t.Context(), batch); done <- err }()
	time.Sleep(100 * time.Millisecond)
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("apply after the first process: %v", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the first process: %v", err)
	}
	if now, err := s.Revision(t.Context()); err != nil || now.Number != 3 {
		t.Errorf("revision %+v, %v; want 3", now, err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func writeSlowly(t *testing.T, dir string) {
	t.Helper()
	s := mustOpen(t, dir, sqlitestore.Options{})
	_, err := s.Apply(t.Context(), graph.Batch{Records: func(yield func(graph.Record, error) bool) {
		if !yield(&graph.Company{ID: "b"}, nil) {
			return
		}
		fmt.Println("writing")
		_, err := io.ReadAll(os.Stdin)
		yield(&graph.Company{ID: "b2"}, err)
	}})
	if err != nil {
		t.Error(err)
	}
}

func TestADeadlineEndsARunningStatement(t *testing.T) {
	s := mustOpen(t, t.TempDir(), sqlitestore.Options{})
	if _, err := s.Apply(t.Context(), graph.Batch{Records: storetest.Transfers("t", 50_000, 0)}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := s.List(ctx, graph.ListQuery{Kind: graph.FlowRecord, Sort: "amount_usd", Limit: 1, Where: map[string]string{"date_precision": "day"}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("list: %v after %v", err, time.Since(start))
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it went on for %v", took)
	}
	if _, err := s.Get(t.Context(), graph.Key{Kind: graph.FlowRecord, ID: "t0000001"}); err != nil {
		t.Errorf("the store is usable afterwards: %v", err)
	}
}

func TestManyMayOpenANewDirectoryAtTheSameTime(t *testing.T) {
	for range 5 {
		dir := t.TempDir()
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				s, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := s.Apply(t.Context(), graph.Batch{Records: yielding([]graph.Record{&graph.Company{ID: fmt.Sprint(i)}})}); err != nil {
					t.Error(err)
				}
				if err := s.Close(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		s := mustOpen(t, dir, sqlitestore.Options{})
		if now, err := s.Revision(t.Context()); err != nil || now.Number != 8 {
			t.Errorf("revision %+v, %v; want 8", now, err)
		}
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestAWriterThatWaitsLearnsThatTheStoreWasClosed(t *testing.T) {
	s := mustOpen(t, t.TempDir(), sqlitestore.Options{})
	begun, goOn := make(chan struct{}), make(chan struct{})
	first, second, closed := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := s.Apply(t.Context(), graph.Batch{Records: func(yield func(graph.Record, error) bool) {
			close(begun)
			<-goOn
			yield(&graph.Company{ID: "a"}, nil)
		}})
		first <- err
	}()
	<-begun
	go func() { _, err := s.Apply(t.Context(), graph.Batch{}); second <- err }()
	go func() { closed <- s.Close(t.Context()) }()
	time.Sleep(50 * time.Millisecond)
	close(goOn)
	if err := <-first; err != nil {
		t.Errorf("the writer at work: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}
	if err := <-second; err != nil && err.Error() != "apply batch: the store is closed" {
		t.Errorf("the writer that waited: %v", err)
	}
}
