package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/ingest"
	"roundtrip/graph/sqlitestore"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/server"
)

// today is the day of every test.
var today = time.Date(2025, 12, 16, 9, 30, 0, 0, time.UTC)

func now() time.Time { return today }

// site is a server over a store in a file, asked without a network.
type site struct {
	t       *testing.T
	handler http.Handler
	server  *server.Server
	store   graph.Store
	runner  *queries.Runner
	log     *logBuffer

	listening chan net.Addr // told the address by listeningSite
}

// logBuffer holds the log lines of a server.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// Lines are the log lines so far, as JSON objects.
func (l *logBuffer) Lines(t *testing.T) []map[string]any {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []map[string]any
	for line := range strings.Lines(l.b.String()) {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &m))
		lines = append(lines, m)
	}
	return lines
}

func openStore(t *testing.T) *sqlitestore.Store {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.WithoutCancel(t.Context()))) })
	return store
}

func loadShipped(t *testing.T, store graph.Store) {
	t.Helper()
	src, err := ingest.FromFS(dataset.FS())
	require.NoError(t, err)
	report, batch, err := ingest.Check(t.Context(), src, store, ingest.Options{Origin: "shipped", At: today})
	require.NoError(t, err)
	require.NoError(t, report.Err())
	_, err = store.Apply(t.Context(), batch)
	require.NoError(t, err)
}

// emptySite is a server over an empty store; change may adjust its options.
func emptySite(t *testing.T, change ...func(*server.Options)) *site {
	t.Helper()
	s := &site{t: t, store: openStore(t), log: &logBuffer{}}
	s.build(change...)
	return s
}

// shippedSite is a server over the shipped data.
func shippedSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, store: openStore(t), log: &logBuffer{}}
	loadShipped(t, s.store)
	s.build()
	return s
}

func (s *site) build(change ...func(*server.Options)) {
	s.t.Helper()
	s.runner = queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(s.store), Now: now})
	o := server.Options{
		Runner: s.runner, Store: s.store, Version: "1.2.3", Now: now,
		Logger:    slog.New(slog.NewJSONHandler(s.log, nil)),
		RequestID: func() string { return "test-id" },
		Page: fstest.MapFS{
			"index.html":           {Data: []byte("<!doctype html><title>the page</title><script type=module src=/assets/app-abc.js></script>")},
			"assets/app-abc.js":    {Data: []byte(strings.Repeat("console.log('a');\n", 200))},
			"assets/small-abc.css": {Data: []byte("a{}")},
			"favicon.svg":          {Data: []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")},
		},
	}
	for _, c := range change {
		c(&o)
	}
	srv, err := server.New(o)
	require.NoError(s.t, err)
	s.server, s.handler = srv, srv.Handler()
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// request makes a request to the site as a browser on this machine would.
func (s *site) request(method, target string, body io.Reader, header ...string) *http.Request {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, target, body)
	r.Host = "localhost:8080"
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func (s *site) do(r *http.Request) answer {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{t: s.t, status: w.Code, header: w.Header(), body: w.Body.String()}
}

func (s *site) get(target string, header ...string) answer {
	s.t.Helper()
	return s.do(s.request(http.MethodGet, target, nil, header...))
}

func (s *site) send(method, target, contentType, body string, header ...string) answer {
	s.t.Helper()
	return s.do(s.request(method, target, strings.NewReader(body), append([]string{"Content-Type", contentType}, header...)...))
}

func (s *site) sendJSON(method, target, body string, header ...string) answer {
	s.t.Helper()
	return s.send(method, target, "application/json", body, header...)
}

// ok is the body as JSON after checking the status.
func (a answer) ok(status int) map[string]any {
	a.t.Helper()
	require.Equal(a.t, status, a.status, a.body)
	var m map[string]any
	require.NoError(a.t, json.Unmarshal([]byte(a.body), &m), a.body)
	return m
}

// problem is the body as a problem after checking its form.
func (a answer) problem(status int, kind string) server.Problem {
	a.t.Helper()
	require.Equal(a.t, status, a.status, a.body)
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	var p server.Problem
	d := json.NewDecoder(strings.NewReader(a.body))
	d.DisallowUnknownFields()
	require.NoError(a.t, d.Decode(&p), a.body)
	require.Equal(a.t, "urn:roundtrip:problem:"+kind, p.Type, a.body)
	require.Equal(a.t, status, p.Status)
	require.NotEmpty(a.t, p.Title)
	require.NotEmpty(a.t, p.Detail)
	require.NotEmpty(a.t, p.RequestID)
	return p
}
