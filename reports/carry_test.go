package reports_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/reports"
	"roundtrip/reports/deliver"
)

// street is a sender of receivers by the first letter of their names: those of s
// stall for a minute, those of r refuse at once, all others take after a second.
type street struct {
	mu    sync.Mutex
	sent  map[string][]string // when attempts began, by recipient
	out   map[string]int      // under way, by the first letter
	most  map[string]int
	heals time.Time // from then on all take at once; zero never
}

func newStreet() *street {
	return &street{sent: map[string][]string{}, out: map[string]int{}, most: map[string]int{}}
}

func (s *street) Send(ctx context.Context, to reports.Recipient, p reports.Parcel) error {
	kind := to.Name[:1]
	s.mu.Lock()
	s.sent[to.Name] = append(s.sent[to.Name], time.Now().UTC().Format("15:04:05.000"))
	s.out[kind]++
	s.most[kind] = max(s.most[kind], s.out[kind])
	healed := !s.heals.IsZero() && !time.Now().Before(s.heals)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.out[kind]--
	}()
	takes := map[string]time.Duration{"s": time.Minute, "r": 0}[kind]
	if kind != "s" && kind != "r" {
		takes = time.Second
	}
	if healed {
		takes = 0
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(takes):
	}
	if !healed && (kind == "s" || kind == "r") {
		return errors.New("nobody answers")
	}
	return nil
}

func (s *street) Next(key string, attempt int, at time.Time, err error) (time.Time, bool) {
	return deliver.Next(key, attempt, at, err)
}

// attempts are when the attempts of a delivery begin of which each takes so long
// and fails, as docs/alerts.md tells it.
func attempts(key string, first time.Time, takes time.Duration, n int) []string {
	var list []string
	for i := 1; i <= n; i++ {
		list = append(list, first.Format("15:04:05.000"))
		first = first.Add(takes + deliver.Wait(key, i))
	}
	return list
}

func (o *office) sending(s reports.Sender, couriers int) *reports.Runner {
	return reports.NewRunner(reports.Options{Documents: o.store, Book: o.book, Maker: o.press, Sender: s, Holder: "one", Version: "test", Couriers: couriers})
}

func hook(name, url string) string {
	return fmt.Sprintf("  - {name: %s, kind: webhook, url: 'http://%s', formats: json}\n", name, url)
}

func TestEachDeliveryOfARunGoesByItsOwnTimeWhileAnotherStalls(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: 6 * * * *\nrecipients:\n" + hook("stalled", "a.example/1") + hook("refuses", "b.example/1") + hook("takes", "c.example/1")}, func(o *office) {
		s := newStreet()
		stop := o.serve(o.sending(s, 0))
		time.Sleep(11 * time.Minute)
		stop()
		slot := time.Date(2000, 1, 1, 0, 6, 0, 0, time.UTC)
		require.Equal(o.t, []string{"00:06:00.000"}, s.sent["takes"])
		require.Equal(o.t, attempts("a-20000101t0006z.refuses", slot, 0, 5), s.sent["refuses"])
		require.Equal(o.t, attempts("a-20000101t0006z.stalled", slot, time.Minute, 4), s.sent["stalled"])
		run, err := o.runner("reader").Find(o.t.Context(), "a-20000101t0006z")
		require.NoError(o.t, err)
		require.Equal(o.t, []int{3, 5, 1}, []int{run.Deliveries[0].Attempts, run.Deliveries[1].Attempts, run.Deliveries[2].Attempts}, "the fourth of the first is under way")
		require.Equal(o.t, []string{"01-01 00:06 done stalled:pending refuses:pending takes:delivered"}, o.runs("a"))
	})
}

func TestWhatIsAskedForAgainDoesNotWaitForWhatStalls(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: 6 * * * *\nrecipients:\n" + hook("stalled", "a.example/1") + hook("takes", "c.example/1")}, func(o *office) {
		s := newStreet()
		r := o.sending(s, 0)
		stop := o.serve(r)
		time.Sleep(6*time.Minute + 10*time.Second) // the first attempt of the first ends at 00:07:00
		n, err := r.Resend(o.t.Context(), "a-20000101t0006z", "takes")
		require.NoError(o.t, err)
		require.Equal(o.t, 1, n)
		time.Sleep(55 * time.Second)
		stop()
		require.Equal(o.t, []string{"00:06:00.000", "00:06:10.000"}, s.sent["takes"])
		require.Equal(o.t, []string{"00:06:00.000"}, s.sent["stalled"])
		run, err := r.Find(o.t.Context(), "a-20000101t0006z")
		require.NoError(o.t, err)
		require.Equal(o.t, 1, run.Deliveries[0].Attempts, "what became of it is noted all the same")
		require.Equal(o.t, []string{"01-01 00:06 done stalled:pending takes:delivered"}, o.runs("a"))
	})
}

func TestAReceiverThatStallsTakesNoCouriersFromOthers(t *testing.T) {
	files := map[string]string{}
	for i := range 60 { // more runs at once than there are couriers
		files[fmt.Sprintf("a%02d", i)] = "cron: 6 * * * *\nrecipients:\n" + hook("stalled", "a.example/1") // all at 00:06
	}
	for i := range 30 { // other receivers of one host that stalls as well
		files[fmt.Sprintf("b%02d", i)] = "cron: 6 * * * *\nrecipients:\n" + hook("seldom", fmt.Sprintf("B.example/%d", i))
	}
	files["c"] = "cron: 7 * * * *\nrecipients:\n" + hook("takes", "c.example/1")
	files["d"] = "cron: 7 * * * *\nrecipients:\n  - {name: folder, kind: folder, path: /x, formats: json}\n"
	bubble(t, files, func(o *office) {
		s := newStreet()
		stop := o.serve(o.sending(s, 24))
		time.Sleep(8*time.Minute + time.Millisecond)
		s.mu.Lock()
		takes, folder, most := s.sent["takes"], s.sent["folder"], s.most["s"]
		s.heals = time.Now()
		s.mu.Unlock()
		require.Equal(o.t, []string{"00:07:00.000"}, takes)
		require.Equal(o.t, []string{"00:07:00.000"}, folder)
		require.Equal(o.t, 4+16, most)
		time.Sleep(10 * time.Minute)
		stop()
		for name := range files {
			runs := o.runs(name)
			require.Len(o.t, runs, 1, name)
			require.NotContains(o.t, runs[0], "pending", name)
		}
	})
}

func TestWhatWaitsForAReceiverGoesInTheOrderOfItsTime(t *testing.T) {
	files := map[string]string{}
	for i := range 9 {
		files[fmt.Sprintf("a%d", 9-i)] = fmt.Sprintf("cron: %d * * * *\nrecipients:\n", i) + hook(fmt.Sprintf("stalled-%d", i), "a.example/1")
	}
	bubble(t, files, func(o *office) {
		s := newStreet()
		s.heals = time.Date(2000, 1, 1, 1, 8, 30, 0, time.UTC)
		stop := o.serve(o.sending(s, 0))
		time.Sleep(70 * time.Minute)
		stop()
		var firsts []string
		for name, list := range s.sent {
			firsts = append(firsts, list[0]+" "+name)
		}
		slices.Sort(firsts)
		require.Len(o.t, firsts, 9)
		for i, x := range firsts {
			require.True(o.t, strings.HasSuffix(x, fmt.Sprintf("stalled-%d", (i+1)%9)), "%v", firsts)
		}
	})
}
