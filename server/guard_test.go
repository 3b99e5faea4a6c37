package server_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/server"
)

func TestOnlyLoopbackAddressesAreListenedOnWithoutTokens(t *testing.T) {
	s := emptySite(t)
	open := func(address string, insecure bool) error {
		_, err := server.New(server.Options{Address: address, Insecure: insecure, Runner: s.runner, Store: s.store})
		return err
	}
	for _, address := range []string{"", "127.0.0.1:8080", "localhost:0", "[::1]:9", "127.9.9.9:1"} {
		require.NoError(t, open(address, false), address)
	}
	for _, address := range []string{":8080", "0.0.0.0:8080", "[::]:8080", "192.168.1.7:8080", "example.com:8080"} {
		err := open(address, false)
		var refused *server.RefusedAddressError
		require.ErrorAs(t, err, &refused, address)
		require.NoError(t, open(address, true), address)
	}
	require.EqualError(t, open("0.0.0.0:8080", false), "refusing to listen on 0.0.0.0:8080: other machines could reach it, and without access tokens anyone who does could read and change the graph; "+
		"listen on 127.0.0.1:8080, or give --insecure where something in front of the server decides who may ask")
	require.ErrorContains(t, open("8080", false), `"8080" is not an address to listen on; want host:port such as 127.0.0.1:8080`)
	_, err := server.New(server.Options{})
	require.EqualError(t, err, "server: a runner and a store are required")
}

func TestALoopbackServerAnswersUnderItsOwnNamesOnly(t *testing.T) {
	s := emptySite(t, func(o *server.Options) { o.Hosts = []string{"Roundtrip.internal:8080"} })
	for _, host := range []string{"localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "[::1]", "127.0.0.2", "localhost.:80", "roundtrip.internal"} {
		require.Equal(t, 200, s.get("/healthz", "Host", host).status, host)
	}
	for _, host := range []string{"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "192.168.1.7", "localhost.evil.example", ""} {
		for _, path := range []string{"/healthz", "/", "/api/v1/flows", "/metrics", "/nowhere"} {
			require.Equal(t, 421, s.get(path, "Host", host).status, "%s %s", host, path)
		}
	}
	require.Equal(t, `the request asks for the host "evil.example"; this server answers under localhost, 127.0.0.1, [::1] and roundtrip.internal`,
		s.get("/", "Host", "evil.example").problem(421, "misdirected").Detail)

	open := emptySite(t, func(o *server.Options) { o.Address, o.Insecure = "0.0.0.0:8080", true })
	require.Equal(t, 200, open.get("/healthz", "Host", "any.example").status)
}

func TestPagesOfOtherSitesMayNotWrite(t *testing.T) {
	s := emptySite(t)
	const body = `{"name":"A"}`
	for name, header := range map[string][]string{
		"another origin":          {"Origin", "https://evil.example"},
		"another port":            {"Origin", "http://localhost:9999"},
		"cross-site by the fetch": {"Sec-Fetch-Site", "cross-site"},
		"same site, not origin":   {"Sec-Fetch-Site", "same-site"},
	} {
		s.sendJSON("PUT", "/api/v1/companies/a", body, header...).problem(403, "cross-origin")
		s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", bought, header...).problem(403, "cross-origin")
		a := s.get("/api/v1/companies", header...)
		require.Equal(t, 200, a.status, "%s may ask; without CORS its page cannot read the answer", name)
		require.Empty(t, a.header.Get("Access-Control-Allow-Origin"))
	}
	s.sendJSON("PUT", "/api/v1/companies/a", body, "Origin", "http://localhost:8080", "Sec-Fetch-Site", "same-origin").ok(201)
	require.Equal(t, 405, s.do(s.request("OPTIONS", "/api/v1/companies/a", nil, "Origin", "https://evil.example")).status)
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	s := shippedSite(t)
	for _, path := range []string{"/", "/assets/app-abc.js", "/docs", "/docs/explorer.js", "/api/v1/flows", "/api/v1/analyses/cycles?format=html", "/nowhere", "/openapi.json", "/metrics"} {
		a := s.get(path)
		require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"), path)
		require.Equal(t, "no-referrer", a.header.Get("Referrer-Policy"), path)
		require.Equal(t, "DENY", a.header.Get("X-Frame-Options"), path)
		require.Equal(t, "test-id", a.header.Get("X-Request-Id"), path)
		policy := a.header.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'", path)
		require.Contains(t, policy, "frame-ancestors 'none'", path)
		for directive := range strings.SplitSeq(policy, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(directive), " ")
			if name == "script-src" || name == "default-src" {
				require.NotContains(t, value, "unsafe", path)
			}
			require.NotContains(t, value, "http", "%s: no other origin", path)
			require.NotContains(t, value, "*", path)
		}
	}
}

func TestNoServedPageAsksAnotherOrigin(t *testing.T) {
	s := shippedSite(t)
	absolute := regexp.MustCompile(`(?i)(src|href|action)\s*=\s*["']?(https?:)?//|@import|url\(\s*["']?(https?:)?//|fetch\(\s*["'](https?:)?//|import\s*\(?["']https?:`)
	for _, path := range []string{"/", "/docs", "/docs/explorer.js", "/docs/explorer.css"} {
		a := s.get(path)
		require.Equal(t, 200, a.status, path)
		require.False(t, absolute.MatchString(a.body), "%s: %q", path, absolute.FindString(a.body))
	}
	require.NotRegexp(t, `(?i)<script>|\son\w+=|style=`, s.get("/docs").body, "nothing inline")
}

func TestRequestsAreLoggedOnceWithTheirIdAndTheCauseOfAFailure(t *testing.T) {
	s := emptySite(t, func(o *server.Options) {
		o.Checks = []server.Check{{Name: "disk", Run: func(context.Context) error { return errors.New("/secret/path is full") }}}
	})
	a := s.get("/readyz?", "X-Request-Id", "from-the-client-1")
	p := a.problem(503, "not-ready")
	require.Equal(t, []server.Entry{{Location: "disk", Message: "the check failed; the log tells why"}}, p.Errors)
	require.NotContains(t, a.body, "secret")
	require.Equal(t, "from-the-client-1", p.RequestID)
	require.Equal(t, "from-the-client-1", a.header.Get("X-Request-Id"))
	require.Equal(t, "5", a.header.Get("Retry-After"))
	s.get("/api/v1/companies/a%2Fb", "X-Request-Id", "not an id\n")

	lines := s.log.Lines(t)
	require.Len(t, lines, 2)
	require.Equal(t, "request", lines[0]["msg"])
	require.Equal(t, "ERROR", lines[0]["level"])
	require.Equal(t, "/readyz", lines[0]["route"])
	require.Equal(t, 503.0, lines[0]["status"])
	require.Equal(t, "from-the-client-1", lines[0]["request_id"])
	require.Contains(t, lines[0]["error"], "disk: /secret/path is full")
	require.Equal(t, "/api/v1/companies/:id", lines[1]["route"])
	require.Equal(t, "/api/v1/companies/a/b", lines[1]["path"])
	require.Equal(t, "INFO", lines[1]["level"])
	require.Equal(t, "test-id", lines[1]["request_id"])
	require.Equal(t, `roundtrip_http_requests_total{method="GET",route="/api/v1/companies/:id",status="404"} 1`, metric(s, "roundtrip_http_requests_total{"))
}

func TestAPanicIsAnInternalProblem(t *testing.T) {
	s := emptySite(t, func(o *server.Options) {
		o.Checks = []server.Check{{Name: "bad", Run: func(context.Context) error { panic("a secret") }}}
	})
	a := s.get("/readyz")
	a.problem(500, "internal")
	require.NotContains(t, a.body, "secret")
	line := s.log.Lines(t)[0]
	require.Equal(t, "panic: a secret", line["error"])
	require.Contains(t, line["stack"], "guard_test.go")
	require.Equal(t, 200, s.get("/healthz").status)
}

func TestTextOfTheStoreNeverReachesTheClient(t *testing.T) {
	s := shippedSite(t)
	require.NoError(t, s.store.Close(t.Context()))
	s.runner = nil
	for _, path := range []string{"/api/v1/flows", "/api/v1/flows/x", "/api/v1/imports", "/api/v1/exports", "/api/v1/graph", "/api/v1/analyses/cycles", "/readyz"} {
		a := s.get(path)
		require.GreaterOrEqual(t, a.status, 500, path)
		require.Equal(t, "application/problem+json", a.header.Get("Content-Type"), path)
		require.NotContains(t, a.body, "closed", path)
		require.NotContains(t, a.body, "sql", path)
	}
	require.Contains(t, s.log.Lines(t)[0]["error"], "closed")
}
