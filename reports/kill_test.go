package reports_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph/sqlitestore"
	"roundtrip/reports"
	"roundtrip/reports/deliver"
	"roundtrip/reports/desk"
)

// The environment of a runner that is to be killed, and of the test.
const (
	killDir   = "ROUNDTRIP_TEST_REPORTS_DIR"
	killURL   = "ROUNDTRIP_TEST_REPORTS_URL"
	killStart = "ROUNDTRIP_TEST_REPORTS_START"
	killTimes = "ROUNDTRIP_TEST_REPORTS_KILLS"
)

// quick is a clock that all processes share and that runs faster than that of
// the machine.
type quick struct{ start time.Time }

const quicker = 60

func (q quick) Now() time.Time {
	return time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC).Add(quicker * time.Since(q.start))
}

func (q quick) After(d time.Duration) <-chan time.Time { return time.After(d / quicker) }

// killSchedules run each minute, by the clock that is quick each second.
func killSchedules(url, out string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i, cron := range []string{"* * * * *", "*/2 * * * *", "*/3 * * * *", "*/5 * * * *"} {
		name := fmt.Sprintf("s%d", i)
		fsys[name+".yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"name: %s\ncron: '%s'\ntime_zone: Europe/Berlin\nmissed: each\nkeep: 10000\nformats: [json]\nrecipients:\n  - {kind: webhook, url: '%s'}\n  - {kind: folder, path: '%s'}\n", name, cron, url, out)}
	}
	return fsys
}

// killJammed are the slots whose reports cannot be made: of the last schedule two
// of each four.
func killJammed(schedule string, slot time.Time) bool {
	quarter := slot.Minute() / 5 % 4
	return schedule == "s3" && (quarter == 1 || quarter == 2)
}

// TestARunnerThatIsKilled is not a test: the tests below start it as a process of
// its own, and kill it.
func TestARunnerThatIsKilled(t *testing.T) {
	dir := os.Getenv(killDir)
	if dir == "" {
		t.Skip("only as a process of its own")
	}
	since, err := strconv.ParseInt(os.Getenv(killStart), 10, 64)
	require.NoError(t, err)
	clock := quick{time.UnixMicro(since)}
	store, err := sqlitestore.Open(t.Context(), filepath.Join(dir, "data"), sqlitestore.Options{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the parent closes it
		cancel()
	}()
	reports.NewRunner(reports.Options{
		Documents: store, Book: reports.NewBook(killSchedules(os.Getenv(killURL), filepath.Join(dir, "out")), store), Clock: clock,
		Maker: &press{revision: 1, takes: 5 * time.Millisecond, jammed: killJammed}, Holder: strconv.Itoa(os.Getpid()), Version: "test",
		Sender: &desk.Post{Sender: deliver.NewSender(deliver.Options{Timeout: 300 * time.Millisecond, Now: clock.Now}), Secret: os.Getenv},
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	}).Run(ctx)
	require.NoError(t, store.Close(context.WithoutCancel(ctx)))
}

// receiver takes what is sent to it, sometimes late, sometimes without an answer,
// and is killed and started again.
type receiver struct {
	mu       sync.Mutex
	address  string
	server   *http.Server
	random   *rand.Rand
	calm     bool
	bodies   map[string]string // what was taken, by key
	taken    int
	refused  int
	differed []string
}

func (r *receiver) start(t *testing.T) {
	t.Helper()
	var l net.Listener
	require.Eventually(t, func() bool {
		var err error
		l, err = net.Listen("tcp", r.address)
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
	r.address = l.Addr().String()
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func(s *http.Server) { _ = s.Serve(l) }(r.server)
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the sender was killed
	}
	sum := sha256.Sum256(body)
	key, text := req.Header.Get(deliver.IdempotencyHeader), hex.EncodeToString(sum[:])
	r.mu.Lock()
	mood := r.random.IntN(10)
	if r.calm {
		mood = 9
	}
	if mood == 0 {
		r.refused++
	} else {
		r.taken++
		if before, ok := r.bodies[key]; ok && before != text {
			r.differed = append(r.differed, key)
		}
		r.bodies[key] = text
	}
	r.mu.Unlock()
	switch mood {
	case 0:
		http.Error(w, "no", http.StatusServiceUnavailable)
	case 1: // taken, but the answer comes too late
		time.Sleep(400 * time.Millisecond)
	case 2: // taken, and the line goes dead
		panic(http.ErrAbortHandler)
	case 3:
		time.Sleep(50 * time.Millisecond)
	}
}

func TestKilledAgainAndAgainNothingIsLostOrDoubled(t *testing.T) {
	kills := 50
	if n, err := strconv.Atoi(os.Getenv(killTimes)); err == nil {
		kills = n
	} else if testing.Short() {
		kills = 10
	}
	random := rand.New(rand.NewPCG(7, uint64(kills)))
	dir, start := t.TempDir(), time.Now()
	r := &receiver{address: "127.0.0.1:0", random: rand.New(rand.NewPCG(8, 8)), bodies: map[string]string{}}
	r.start(t)
	t.Cleanup(func() { _ = r.server.Close() })
	url := "http://" + r.address + "/hook"

	type child struct {
		cmd   *exec.Cmd
		stdin io.Closer
	}
	launch := func() child {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestARunnerThatIsKilled$")
		c.Env = append(os.Environ(), killDir+"="+dir, killURL+"="+url, killStart+"="+strconv.FormatInt(start.UnixMicro(), 10))
		c.Stderr = os.Stderr
		in, err := c.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		return child{c, in}
	}
	children := []child{launch(), launch()}
	for range kills {
		time.Sleep(time.Duration(50+random.IntN(500)) * time.Millisecond)
		switch random.IntN(5) {
		case 0: // the receiver
			require.NoError(t, r.server.Close())
			time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond)
			r.start(t)
		default:
			i := random.IntN(len(children))
			require.NoError(t, children[i].cmd.Process.Kill())
			_ = children[i].cmd.Wait()
			children[i] = launch()
		}
	}
	for _, c := range children[1:] {
		require.NoError(t, c.cmd.Process.Kill())
		_ = c.cmd.Wait()
	}
	r.mu.Lock()
	r.calm = true
	r.mu.Unlock()
	until := quick{start}.Now()
	if long := time.Date(2026, 10, 24, 20, 10, 0, 0, time.UTC); until.Before(long) {
		until = long // each schedule has had slots by then
	}
	settled := func() bool { return unsettled(t, dir, url, until) == "" }
	require.Eventually(t, settled, 10*time.Minute, 250*time.Millisecond, "what is left: %s", unsettled(t, dir, url, until))
	require.NoError(t, children[0].stdin.Close())
	require.NoError(t, children[0].cmd.Wait())

	r.mu.Lock()
	defer r.mu.Unlock()
	require.Empty(t, r.differed, "two bodies have one key")
	wanted := map[string]bool{}
	slots := 0
	store, err := sqlitestore.Open(t.Context(), filepath.Join(dir, "data"), sqlitestore.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close(t.Context())) }()
	for name, f := range killSchedules(url, "out") {
		s, err := reports.ParseSchedule(name, f.Data)
		require.NoError(t, err)
		runs, err := reports.NewRunner(reports.Options{Documents: store}).Runs(t.Context(), s.Name)
		require.NoError(t, err)
		runs = slices.DeleteFunc(runs, func(r reports.Run) bool { return r.Slot.After(until) }) // under way at the end
		require.NotEmpty(t, runs)
		first, last := runs[len(runs)-1].Slot, runs[0].Slot
		times, err := s.Slots()
		require.NoError(t, err)
		expected, _ := times.Between(first.Add(-time.Second), last, 1_000_000)
		require.Len(t, runs, len(expected), "%s: each slot has one run", s.Name)
		require.Less(t, first.Sub(time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC)), 20*time.Minute, s.Name)
		for i, run := range runs {
			require.Equal(t, expected[len(expected)-1-i], run.Slot)
			jammed, after := killJammed(s.Name, run.Slot), i < len(runs)-1 && killJammed(s.Name, runs[i+1].Slot)
			want := map[bool]reports.Outcome{false: reports.Done, true: reports.Failed}[jammed]
			require.Equal(t, want, run.Outcome, run.ID)
			var notices []string
			slots++
			for _, d := range run.Deliveries {
				require.Equal(t, reports.Delivered, d.State, "%s: %s", d.Key, d.Error)
				if d.Notice != "" {
					notices = append(notices, d.Recipient+" "+d.Notice)
					if d.Recipient == "webhook" {
						wanted[d.Key] = true
						require.Contains(t, r.bodies, d.Key)
						continue
					}
					require.FileExists(t, filepath.Join(dir, "out", d.Key, "notice.txt"))
					continue
				}
				if d.Recipient == "webhook" {
					wanted[d.Key] = true
					require.Contains(t, r.bodies, d.Key)
					continue
				}
				text, err := os.ReadFile(filepath.Join(dir, "out", d.Key, "report.json"))
				require.NoError(t, err)
				sum := sha256.Sum256(text)
				require.Equal(t, run.Digest, hex.EncodeToString(sum[:]))
			}
			var told []string
			switch {
			case jammed && !after:
				told = []string{"webhook failed", "folder failed"}
			case !jammed && after:
				told = []string{"webhook recovered", "folder recovered"}
			}
			require.Equal(t, told, notices, run.ID)
		}
	}
	for key := range r.bodies {
		id, _, _ := strings.Cut(key, ".")
		schedule, stamp, _ := strings.Cut(id, "-")
		slot, err := time.Parse("20060102t1504z", stamp)
		require.NoError(t, err)
		require.True(t, wanted[key] || slot.After(until), "%s of %s belongs to no run", key, schedule)
	}
	t.Logf("%d kills, %d slots, %d reports taken for %d keys, %d refused, %s", kills, slots, r.taken, len(r.bodies), r.refused, time.Since(start).Round(time.Second))
}

// unsettled is what is not done of the slots before a time.
func unsettled(t *testing.T, dir, url string, until time.Time) string {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), filepath.Join(dir, "data"), sqlitestore.Options{})
	require.NoError(t, err)
	defer func() { _ = store.Close(t.Context()) }()
	for name := range killSchedules(url, "out") {
		name = strings.TrimSuffix(name, ".yaml")
		runs, err := reports.NewRunner(reports.Options{Documents: store}).Runs(t.Context(), name)
		require.NoError(t, err)
		if len(runs) == 0 || runs[0].Slot.Before(until.Add(-5*time.Minute)) {
			return name + " is behind"
		}
		for _, run := range runs {
			if run.Slot.After(until) {
				continue
			}
			for _, d := range run.Deliveries {
				if d.State == reports.Pending {
					text, _ := json.Marshal(d)
					return run.ID + ": " + string(text)
				}
			}
			if run.Outcome != reports.Done && run.Outcome != reports.Failed {
				return run.ID + " is " + string(run.Outcome)
			}
		}
	}
	return ""
}
