package server_test

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/server"
	"roundtrip/server/web"
)

func TestThePageIsServedWithItsFiles(t *testing.T) {
	s := emptySite(t)
	page := s.get("/")
	require.Equal(t, 200, page.status)
	require.Equal(t, "text/html; charset=utf-8", page.header.Get("Content-Type"))
	require.Equal(t, "no-cache", page.header.Get("Cache-Control"))
	require.Contains(t, page.body, "the page")
	require.Equal(t, 304, s.get("/", "If-None-Match", page.header.Get("ETag")).status)

	script := s.get("/assets/app-abc.js")
	require.Equal(t, "text/javascript; charset=utf-8", script.header.Get("Content-Type"))
	require.Equal(t, "public, max-age=31536000, immutable", script.header.Get("Cache-Control"))
	require.Empty(t, script.header.Get("Content-Encoding"))

	packed := s.get("/assets/app-abc.js", "Accept-Encoding", "br, gzip;q=0.8")
	require.Equal(t, "gzip", packed.header.Get("Content-Encoding"))
	require.Equal(t, "Accept-Encoding", packed.header.Get("Vary"))
	require.NotEqual(t, script.header.Get("ETag"), packed.header.Get("ETag"))
	z, err := gzip.NewReader(strings.NewReader(packed.body))
	require.NoError(t, err)
	b, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Equal(t, script.body, string(b))
	require.Empty(t, s.get("/assets/app-abc.js", "Accept-Encoding", "gzip;q=0").header.Get("Content-Encoding"))
	require.Empty(t, s.get("/assets/small-abc.css", "Accept-Encoding", "gzip").header.Get("Content-Encoding"), "not worth it")
	require.Equal(t, "image/svg+xml", s.get("/favicon.svg").header.Get("Content-Type"))
}

func TestTheBuiltPageIsServed(t *testing.T) {
	s := emptySite(t, func(o *server.Options) { o.Page = web.Files() })
	require.Contains(t, s.get("/").body, "<title>roundtrip</title>")
	without := emptySite(t, func(o *server.Options) { o.Page = nil })
	require.Contains(t, without.get("/").body, "without its page")
}

func TestWhatIsNotThereIsAProblem(t *testing.T) {
	s := emptySite(t)
	for _, path := range []string{"/nowhere", "/assets/other.js", "/assets/", "/api/v1", "/api/v1/", "/api/v2/flows", "/api/v1/flows/", "/api/v1/analyses/", "/api/v1/analyses/cycles/more", "/api/v1/FLOWS", "//", "/docs/", "/index.html"} {
		require.Equal(t, "there is nothing at "+path+"; /docs lists what there is", s.get(path).problem(404, "no-such-page").Detail)
	}
	a := s.do(s.request("POST", "/api/v1/flows", nil))
	require.Equal(t, "POST is not allowed at /api/v1/flows; allowed: GET", a.problem(405, "method-not-allowed").Detail)
	require.Equal(t, "GET", a.header.Get("Allow"))
	a = s.do(s.request("PATCH", "/api/v1/flows/x", nil))
	a.problem(405, "method-not-allowed")
	require.ElementsMatch(t, []string{"GET", "PUT", "DELETE"}, strings.Split(a.header.Get("Allow"), ", "))
}

func TestTheExplorerIsServed(t *testing.T) {
	s := emptySite(t)
	page := s.get("/docs")
	require.Contains(t, page.body, `<script type="module" src="/docs/explorer.js">`)
	require.Equal(t, 200, s.get("/docs/explorer.js").status)
	require.Equal(t, 200, s.get("/docs/explorer.css").status)
	doc := s.get("/openapi.json")
	require.Equal(t, 304, s.get("/openapi.json", "If-None-Match", doc.header.Get("ETag")).status)
}
