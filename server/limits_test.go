package server_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/server"
)

// waiting is an analysis that says when it runs and waits for leave to end.
type waiting struct {
	started chan struct{}
	leave   chan struct{}
}

func newWaiting() *waiting {
	return &waiting{started: make(chan struct{}, 100), leave: make(chan struct{})}
}

type noParams struct{}

type oneRow struct {
	Number int `json:"number" doc:"Always one."`
}

func (w *waiting) analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[noParams, int, oneRow, oneRow]{
		Name: "waiting", Title: "Waits", Question: "How long?", Method: "It waits until it is let go.", Formula: "none", Origin: "This test.", Order: "none",
		Native: func(ctx context.Context, _ queries.Scope, _ noParams, yield func(int) bool) (queries.Truncation, error) {
			w.started <- struct{}{}
			select {
			case <-ctx.Done():
				return queries.Truncation{}, ctx.Err()
			case <-w.leave:
				yield(1)
				return queries.Truncation{}, nil
			}
		},
		Finish: func(_ queries.Scope, _ noParams, facts iter.Seq[int]) (queries.Answer[oneRow, oneRow], error) {
			var rows []oneRow
			for n := range facts {
				rows = append(rows, oneRow{n})
			}
			return queries.Answer[oneRow, oneRow]{Rows: rows, Summary: oneRow{1}, Finding: "It waited."}, nil
		},
	})
}

// with adds the analysis to the catalogue of a site.
func (w *waiting) with(o *server.Options) {
	o.Runner = queries.NewRunner(queries.Options{Catalogue: append(library.All(), w.analysis()), Live: queries.NewLive(o.Store), Now: now})
}

const slow = "/api/v1/analyses/waiting"

func TestARequestThatTakesTooLongIsA504(t *testing.T) {
	s := emptySite(t, newWaiting().with, func(o *server.Options) { o.Limits.Request = 500 * time.Millisecond })
	p := s.get(slow).problem(504, "timeout")
	require.Equal(t, "the time for this request is over; ask for less, or raise the limit of the server", p.Detail)
	require.Equal(t, `roundtrip_analyses_total{analysis="waiting",engine="native",outcome="failed"} 1`, metric(s, "roundtrip_analyses_total"))
}

// movingCypher is a database whose graph is always one revision further.
type movingCypher struct{ asked int }

func (m *movingCypher) Query(context.Context, string, map[string]any) ([]queries.Record, uint64, error) {
	m.asked++
	return nil, 99, nil
}

func TestAGraphThatMovesIsReadAgainUntilTheTimeIsOver(t *testing.T) {
	moving := &movingCypher{}
	s := emptySite(t, func(o *server.Options) {
		o.Limits.Request = 300 * time.Millisecond
		o.Runner = queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(o.Store), Now: now, Cypher: moving})
	})
	a := s.get("/api/v1/analyses/roundtrips?engine=cypher")
	require.Equal(t, "the graph changes faster than it can be read; repeat the request", a.problem(503, "graph-moves").Detail)
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Greater(t, moving.asked, 1)
}

func TestNoMoreHeavyRequestsRunAtOnceThanAllowed(t *testing.T) {
	w := newWaiting()
	s := emptySite(t, w.with, func(o *server.Options) { o.Limits.Heavy, o.Limits.Wait = 2, 20*time.Millisecond })
	done := make(chan answer, 2)
	for range 2 {
		go func() { done <- s.get(slow) }()
		<-w.started
	}
	for _, path := range []string{slow, "/api/v1/graph", "/api/v1/exports"} {
		a := s.get(path)
		require.Equal(t, "2 analyses and imports are at work, as many as are allowed at once; repeat the request", a.problem(503, "overloaded").Detail)
		require.Equal(t, "1", a.header.Get("Retry-After"))
	}
	s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", bought).problem(503, "overloaded")
	require.Equal(t, 200, s.get("/api/v1/flows").status, "light requests go on")
	close(w.leave)
	(<-done).ok(200)
	(<-done).ok(200)
	require.Zero(t, s.server.Places())
	s.get("/api/v1/graph").ok(200)
}

func TestAWaitingRequestGetsThePlaceThatIsFreed(t *testing.T) {
	w := newWaiting()
	s := emptySite(t, w.with, func(o *server.Options) { o.Limits.Heavy, o.Limits.Wait = 1, time.Minute })
	done := make(chan answer, 2)
	for range 2 {
		go func() { done <- s.get(slow) }()
	}
	<-w.started
	w.leave <- struct{}{}
	<-w.started
	w.leave <- struct{}{}
	(<-done).ok(200)
	(<-done).ok(200)
}

func TestABodyOverTheLimitIsA413(t *testing.T) {
	s := emptySite(t, func(o *server.Options) { o.Limits.Body = 100 })
	long := `{"name":"` + strings.Repeat("x", 200) + `"}`
	require.Equal(t, "the body is larger than the limit of 100 bytes", s.sendJSON("PUT", "/api/v1/companies/a", long).problem(413, "too-large").Detail)
	s.sendJSON("POST", "/api/v1/analyses/cycles", long).problem(413, "too-large")
	s.sendJSON("PUT", "/api/v1/companies/a", `{"name":"short"}`).ok(201)
	s.sendJSON("PUT", "/api/v1/companies/a", `{"name":"packed"}`, "Content-Encoding", "gzip").problem(415, "unsupported-media-type")
}

func TestAGraphTooLargeToDrawIsCutToItsLargestEdges(t *testing.T) {
	s := emptySite(t, func(o *server.Options) { o.Limits.Upload = 10 << 20 })
	var b strings.Builder
	b.WriteString("from,to,amount,timestamp\n")
	for i := range 5100 {
		fmt.Fprintf(&b, "payer,p%04d,%d,2025-01-01\n", i, i)
	}
	s.send("POST", "/api/v1/imports?name=transfers.csv", "text/csv", b.String()).ok(200)
	m := s.get("/api/v1/graph").ok(200)
	require.Equal(t, map[string]any{"is": true, "reason": "the lens shows 5100 edges; these are the 5000 largest"}, m["truncated"])
	edges := m["edges"].([]any)
	require.Len(t, edges, 5000)
	require.Equal(t, "p0100", edges[0].(map[string]any)["payee"])
	require.Len(t, m["nodes"], 5101)
}

// serving starts the server on a free port and gives its address and a way to
// stop it, which returns what Serve returned.
func serving(t *testing.T, s *site) (address string, stop context.CancelFunc, stopped chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	stopped = make(chan error, 1)
	go func() { stopped <- s.server.Serve(ctx) }()
	return "http://" + (<-s.listening).String(), cancel, stopped
}

func listeningSite(t *testing.T, change ...func(*server.Options)) *site {
	t.Helper()
	addresses := make(chan net.Addr, 1)
	s := emptySite(t, append(change, func(o *server.Options) {
		o.Address = "127.0.0.1:0"
		o.Listening = func(a net.Addr) { addresses <- a }
	})...)
	s.listening = addresses
	return s
}

func fetch(t *testing.T, url string) (status int, body string, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode, string(b), err
}

func TestAStopLetsRunningRequestsFinish(t *testing.T) {
	w := newWaiting()
	s := listeningSite(t, w.with)
	address, stop, stopped := serving(t, s)
	status, _, err := fetch(t, address+"/readyz")
	require.NoError(t, err)
	require.Equal(t, 200, status)

	answered := make(chan string, 1)
	go func() {
		_, body, err := fetch(t, address+slow)
		if err != nil {
			body = err.Error()
		}
		answered <- body
	}()
	<-w.started
	stop()
	require.Eventually(t, func() bool {
		_, _, err := fetch(t, address+"/healthz")
		return err != nil
	}, 5*time.Second, 5*time.Millisecond, "no new requests are taken")
	require.Equal(t, "server", s.get("/readyz").problem(503, "not-ready").Errors[0].Location)
	close(w.leave)
	require.Contains(t, <-answered, "It waited.")
	require.NoError(t, <-stopped)
}

func TestAStopCutsOffWhatDoesNotFinish(t *testing.T) {
	w := newWaiting()
	s := listeningSite(t, w.with, func(o *server.Options) { o.Limits.Drain = 30 * time.Millisecond })
	address, stop, stopped := serving(t, s)
	answered := make(chan int, 1)
	go func() {
		status, _, _ := fetch(t, address+slow) // 0 when the connection was cut
		answered <- status
	}()
	<-w.started
	stop()
	require.ErrorContains(t, <-stopped, "requests still ran 30ms after the stop and were cut off")
	// The handler may still say that its time is over before its connection goes.
	require.NotEqual(t, http.StatusOK, <-answered)
}

func TestAnAddressInUseIsAnError(t *testing.T) {
	s := listeningSite(t)
	address, _, _ := serving(t, s)
	other := emptySite(t, func(o *server.Options) { o.Address = strings.TrimPrefix(address, "http://") })
	require.ErrorContains(t, other.server.Serve(t.Context()), "listen on "+strings.TrimPrefix(address, "http://"))
}

func TestARequestThatTheClientGivesUpIsNoFailure(t *testing.T) {
	w := newWaiting()
	s := emptySite(t, w.with)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-w.started; cancel() }()
	s.do(s.request("GET", slow, nil).WithContext(ctx))
	line := s.log.Lines(t)[0]
	require.Equal(t, 499.0, line["status"])
	require.Equal(t, "INFO", line["level"])
}

func TestAHeadIsAnsweredLikeAGetWithoutTheBody(t *testing.T) {
	s := listeningSite(t)
	address, _, _ := serving(t, s)
	for _, path := range []string{"/", "/healthz", "/api/v1/flows", "/api/v1/nothing"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, address+path, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		want, body, err := fetch(t, address+path)
		require.NoError(t, err)
		require.Equal(t, want, resp.StatusCode, path)
		if path != "/" { // its length depends on the encoding, which the client asks for by itself
			require.Equal(t, int64(len(body)), resp.ContentLength, path)
		}
	}
}
