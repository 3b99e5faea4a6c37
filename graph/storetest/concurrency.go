package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"roundtrip/graph"
)

func concurrencyTests() []test {
	return []test{
		{"many writers at once all commit, each its own revision", func(w *world) {
			const each = 5
			var mu sync.Mutex
			var all []graph.Applied
			w.together(w.options.Writers, func(n int) error {
				for i := range each {
					b := batch(leg(fmt.Sprintf("w%d-%d", n, i), int64(i)), leg("shared", int64(n*each+i)))
					got, err := w.store.Apply(w.ctx, b)
					if err != nil {
						return fmt.Errorf("writer %d: %w", n, err)
					}
					mu.Lock()
					all = append(all, got)
					mu.Unlock()
				}
				return nil
			})
			slices.SortFunc(all, func(a, b graph.Applied) int { return int(a.Revision) - int(b.Revision) })
			if len(all) != w.options.Writers*each {
				w.Fatalf("%d commits, want %d", len(all), w.options.Writers*each)
			}
			for i, a := range all {
				if a.Revision != uint64(i+1) || a.ID != id("b", i+1) {
					w.Fatalf("commit %d is %s of revision %d", i+1, a.ID, a.Revision)
				}
				// The hash told with each commit is that of the records kept under its number.
				s := state{}
				for r, err := range w.store.Records(w.ctx, a.Revision) {
					if err != nil {
						w.Fatal(err)
					}
					s[r.Key()] = canonical(r)
				}
				if len(s) != i+2 || sum(s) != a.Hash {
					w.Fatalf("revision %d has %d records, want %d, with hash %s, told %s", a.Revision, len(s), i+2, sum(s), a.Hash)
				}
				w.at = append(w.at, s)
			}
			w.reopen()
			w.checkRevision()
		}},
		{"of writers that were checked against one revision only one commits", func(w *world) {
			w.apply(batch(leg("x", 0)))
			base := w.revision()
			var mu sync.Mutex
			won := []int{}
			w.together(w.options.Writers, func(n int) error {
				b := batch(leg("x", int64(n+1)))
				b.Base = &base
				_, err := w.store.Apply(w.ctx, b)
				if err == nil {
					mu.Lock()
					won = append(won, n)
					mu.Unlock()
				} else if !errors.Is(err, graph.ErrConflict) {
					return fmt.Errorf("writer %d: %w", n, err)
				}
				return nil
			})
			if len(won) != 1 {
				w.Fatalf("writers %v committed, want one", won)
			}
			w.at = append(w.at, state{leg("x", 0).Key(): canonical(leg("x", int64(won[0]+1)))})
			w.checkAll()
		}},
		{"readers see one revision, never a part of a batch", func(w *world) {
			// Revision n has 50 legs of n dollars each.
			const legs, revisions = 50, 25
			write := func(n int) graph.Batch {
				var records []graph.Record
				for i := range legs {
					records = append(records, leg(id("x", i), int64(n)))
				}
				return batch(records...)
			}
			w.apply(write(1))
			ctx, stop := context.WithCancel(w.ctx)
			var readers sync.WaitGroup
			defer func() { stop(); readers.Wait() }() // a failing test must not close the store under them
			read := func(name string, one func() error) {
				readers.Go(func() {
					for range 20_000 {
						if err := one(); err != nil {
							if ctx.Err() == nil {
								w.Errorf("%s: %v", name, err)
							}
							return
						}
					}
				})
			}
			check := func(records []graph.Record, revision uint64) error {
				if len(records) != legs {
					return fmt.Errorf("revision %d has %d legs", revision, len(records))
				}
				for _, r := range records {
					if got := r.(*graph.Flow).Amount; got != graph.USD(int64(revision)*100) {
						return fmt.Errorf("revision %d has %s with $%s", revision, r.Key(), got)
					}
				}
				return nil
			}
			read("Records", func() error {
				now, err := w.store.Revision(ctx)
				if err != nil {
					return err
				}
				var records []graph.Record
				for r, err := range w.store.Records(ctx, now.Number) {
					if err != nil {
						return err
					}
					records = append(records, r)
				}
				return check(records, now.Number)
			})
			read("List", func() error {
				page, err := w.store.List(ctx, graph.ListQuery{Kind: graph.FlowRecord, Sort: "amount_usd", Limit: 100})
				if err != nil {
					return err
				}
				return check(page.Records, page.Revision)
			})
			last := graph.Revision{}
			read("Revision", func() error {
				now, err := w.store.Revision(ctx)
				if err != nil {
					return err
				}
				if now.Number < last.Number || now.Number == last.Number && now.Hash != last.Hash && last.Number != 0 {
					return fmt.Errorf("%+v came after %+v", now, last)
				}
				last = now
				return nil
			})
			for n := 2; n <= revisions; n++ {
				w.apply(write(n))
			}
			stop()
			readers.Wait()
			w.checkAll()
		}},
		{"reading goes on while a large batch is being written", func(w *world) {
			w.apply(batch(leg("x", 1)))
			n := w.options.Large / 4
			half, resume := make(chan struct{}), make(chan struct{})
			atHalf, goOn := sync.OnceFunc(func() { close(half) }), sync.OnceFunc(func() { close(resume) })
			defer goOn()
			b := graph.Batch{At: day(2), Records: func(yield func(graph.Record, error) bool) {
				i := 0
				for r, err := range Transfers("t", n, 0) {
					if i++; i == n/2 {
						atHalf()
						<-resume
					}
					if !yield(r, err) {
						return
					}
				}
			}}
			done := make(chan error, 1)
			go func() { _, err := w.store.Apply(w.ctx, b); done <- err }()
			select {
			case <-half:
			case err := <-done:
				w.Fatalf("apply: %v", err)
			}
			w.checkAll()
			w.wantIDs(graph.ListQuery{Kind: graph.FlowRecord}, "x")
			w.wantRecord(leg("x", 1))
			goOn()
			if err := <-done; err != nil {
				w.Fatalf("apply: %v", err)
			}
			page := w.mustList(graph.ListQuery{Kind: graph.FlowRecord, Limit: 1})
			if page.Total != n+1 || page.Revision != 2 {
				w.Errorf("%d legs at revision %d, want %d at 2", page.Total, page.Revision, n+1)
			}
		}},
		{"a writer that waits longer than its deadline gives up and leaves the other alone", func(w *world) {
			started, resume := make(chan struct{}), make(chan struct{})
			start := sync.OnceFunc(func() { close(started) })
			b := graph.Batch{At: day(2), Records: func(yield func(graph.Record, error) bool) {
				start()
				<-resume
				yield(leg("slow", 1), nil)
			}}
			done := make(chan error, 1)
			go func() { _, err := w.store.Apply(w.ctx, b); done <- err }()
			<-started
			ctx, cancel := context.WithTimeout(w.ctx, 300*time.Millisecond)
			defer cancel()
			_, err := w.store.Apply(ctx, batch(leg("quick", 1)))
			close(resume)
			if slow := <-done; slow != nil {
				w.Fatalf("the first writer: %v", slow)
			}
			// A store that lets both write at once may let the second one win.
			if err != nil && !errors.Is(err, graph.ErrBusy) && !errors.Is(err, context.DeadlineExceeded) {
				w.Errorf("the second writer: %v", err)
			}
			w.wantRecord(leg("slow", 1))
			now, revErr := w.store.Revision(w.ctx)
			if want := uint64(1); revErr != nil || err != nil && now.Number != want {
				w.Errorf("revision %d, %v; want %d", now.Number, revErr, want)
			}
		}},
	}
}

// together runs n goroutines that start at the same moment.
func (w *world) together(n int, run func(n int) error) {
	w.Helper()
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			if err := run(i); err != nil {
				w.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
}
