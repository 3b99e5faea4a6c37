package reports_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/reports"
)

// mortal is documents that a server loses at its nth write, which is done or not
// done, without an answer.
type mortal struct {
	graph.Documents
	mu     sync.Mutex
	left   int
	done   bool // the last write is done all the same
	killed func()
}

var errKilled = errors.New("the server was killed")

// write tells whether a write is done and whether it is answered.
func (m *mortal) write() (done, answered bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left--
	if m.left == 0 {
		m.killed()
	}
	return m.left > 0 || m.left == 0 && m.done, m.left > 0
}

func (m *mortal) PutDocument(ctx context.Context, d graph.Document, base *uint64) (graph.Document, error) {
	done, answered := m.write()
	if done {
		put, err := m.Documents.PutDocument(context.WithoutCancel(ctx), d, base)
		if answered {
			return put, err
		}
	}
	return d, errKilled
}

func (m *mortal) DeleteDocument(ctx context.Context, kind, name string, base *uint64) error {
	done, answered := m.write()
	if done {
		err := m.Documents.DeleteDocument(context.WithoutCancel(ctx), kind, name, base)
		if answered {
			return err
		}
	}
	return errKilled
}

func TestAServerThatIsKilledAtAnyWriteLosesAndDoublesNothing(t *testing.T) {
	const most = 40 // more writes than the first slots take
	for n := 1; n <= most; n++ {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d, done %t", n, done), func(t *testing.T) {
				bubble(t, map[string]string{"a": "cron: '* * * * *'\nmissed: skip\nkeep: 100\n" + folder}, func(o *office) {
					ctx, kill := context.WithCancel(o.t.Context())
					defer kill()
					dying := &mortal{Documents: o.store, left: n, done: done, killed: kill}
					ended := make(chan struct{})
					go func() {
						reports.NewRunner(reports.Options{Documents: dying, Book: o.book, Maker: o.press, Sender: o.post, Holder: "first"}).Run(ctx)
						close(ended)
					}()
					time.Sleep(2*time.Minute + 30*time.Second)
					kill()
					<-ended
					stop := o.serve(o.runner("second"))
					time.Sleep(80 * time.Second)
					stop()
					runs := o.runs("a")
					require.NotEmpty(o.t, runs)
					if n > 2 { // the lease is held and the schedule is known
						require.Len(o.t, runs, 3)
					}
					for i, run := range runs {
						require.Equal(o.t, fmt.Sprintf("01-01 00:%02d done folder:delivered", 4-len(runs)+i), run, "all: %v", runs)
					}
					require.Len(o.t, o.post.keys(), len(runs))
				})
			})
		}
	}
}

func TestAServerThatIsKilledAtAnyWriteLosesAndDoublesNoNotice(t *testing.T) {
	const most = 45 // more writes than a slot that fails and one that is done take
	for n := 10; n <= most; n++ {
		if testing.Short() && n%4 != 0 {
			continue
		}
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d, done %t", n, done), func(t *testing.T) {
				bubble(t, map[string]string{"a": "cron: '* * * * *'\nmissed: each\nkeep: 100\n" + folder}, func(o *office) {
					o.press.jammed = func(_ string, slot time.Time) bool { return slot.Minute() == 1 }
					ctx, kill := context.WithCancel(o.t.Context())
					defer kill()
					dying := &mortal{Documents: o.store, left: n, done: done, killed: kill}
					ended := make(chan struct{})
					go func() {
						reports.NewRunner(reports.Options{Documents: dying, Book: o.book, Maker: o.press, Sender: o.post, Holder: "first"}).Run(ctx)
						close(ended)
					}()
					time.Sleep(2*time.Minute + 30*time.Second)
					kill()
					<-ended
					r := o.runner("second")
					stop := o.serve(r)
					time.Sleep(80 * time.Second)
					stop()
					require.Equal(o.t, []string{
						"01-01 00:01 failed folder/failed:delivered", "01-01 00:02 done folder:delivered folder/recovered:delivered", "01-01 00:03 done folder:delivered",
					}, o.runs("a"))
					require.Len(o.t, o.post.keys(), 4)
					figures, err := r.Totals(o.t.Context())
					require.NoError(o.t, err)
					require.Equal(o.t, map[reports.Outcome]int{reports.Done: 2, reports.Failed: 1}, figures.Slots)
				})
			})
		}
	}
}

func TestAServerThatIsKilledAtAnyWriteWhileSeveralDeliveriesAreUnderWayLosesNone(t *testing.T) {
	const most = 50 // more writes than two slots take, with failures
	step := 2
	if testing.Short() {
		step = 8
	}
	schedule := "cron: '* * * * *'\nmissed: each\nkeep: 100\nrecipients:\n" + hook("stalled", "a.example/1") + hook("refuses", "b.example/1") + hook("takes", "c.example/1")
	for n := 4; n <= most; n += step {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d, done %t", n, done), func(t *testing.T) {
				bubble(t, map[string]string{"a": schedule}, func(o *office) {
					s := newStreet()
					s.heals = time.Date(2000, 1, 1, 0, 4, 0, 0, time.UTC)
					ctx, kill := context.WithCancel(o.t.Context())
					defer kill()
					dying := &mortal{Documents: o.store, left: n, done: done, killed: kill}
					ended := make(chan struct{})
					go func() {
						reports.NewRunner(reports.Options{Documents: dying, Book: o.book, Maker: o.press, Sender: s, Holder: "first"}).Run(ctx)
						close(ended)
					}()
					time.Sleep(2*time.Minute + 30*time.Second)
					kill()
					<-ended
					stop := o.serve(o.sending(s, 0))
					time.Sleep(7*time.Minute + 40*time.Second) // it is 00:10:10; all take since 00:04
					stop()
					runs := o.runs("a")
					require.Len(o.t, runs, 10)
					for i, run := range runs {
						require.Equal(o.t, fmt.Sprintf("01-01 00:%02d done stalled:delivered refuses:delivered takes:delivered", i+1), run, "all: %v", runs)
					}
				})
			})
		}
	}
}
