package server

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

const (
	indexName = "index.html"
	assetsDir = "assets/"
)

// pagePaths are the paths that the page itself tells apart; each is answered
// with the page.
func pagePaths() []string { return []string{"/"} }

// noticePage stands in where no page was built.
const noticePage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>roundtrip</title></head>
<body><h1>roundtrip</h1><p>This program was built without its page.
The data is at <a href="/api/v1/analyses">/api/v1/analyses</a>, the documentation at <a href="/docs">/docs</a>.</p></body></html>
`

// file is one file of the page, held in memory.
type file struct {
	contentType string
	body        []byte
	packed      []byte // gzip of body, nil where that is not worth it
	etag        string
	forever     bool // its name changes with its content
}

// addPage serves the built page, its assets, and the other files beside it.
func (s *Server) addPage() error {
	index := newFile(indexName, []byte(noticePage))
	if s.o.Page != nil {
		err := fs.WalkDir(s.o.Page, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(s.o.Page, name)
			if err != nil {
				return err
			}
			f := newFile(name, b)
			if name == indexName {
				index = f
				return nil
			}
			s.serveFile("/"+name, f)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read the built page: %w", err)
		}
	}
	for _, p := range pagePaths() {
		s.serveFile(p, index)
	}
	return nil
}

func (s *Server) serveFile(at string, f file) {
	s.router.GET(at, func(gc *gin.Context) {
		if err := f.send(gc.Writer, gc.Request); err != nil {
			s.fail(gc, err)
		}
	})
}

func newFile(name string, body []byte) file {
	f := file{contentType: contentTypeOf(name), body: body, etag: quotedDigest(body), forever: strings.HasPrefix(name, assetsDir)}
	if strings.HasPrefix(f.contentType, "text/") || strings.Contains(f.contentType, "json") || strings.Contains(f.contentType, "svg") {
		f.packed = packed(body)
	}
	return f
}

// contentTypeOf does not ask the machine, whose tables differ.
func contentTypeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return jsonType
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// packed is the gzip of b, nil where it saves less than a tenth.
func packed(b []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(b); err != nil {
		return nil
	}
	if err := z.Close(); err != nil || out.Len() > len(b)*9/10 {
		return nil
	}
	return out.Bytes()
}

func (f file) send(w http.ResponseWriter, r *http.Request) error {
	a := reply{contentType: f.contentType, body: f.body, etag: f.etag, header: http.Header{
		"Content-Security-Policy": {pagePolicy},
		"Cache-Control":           {"no-cache"},
	}}
	if f.forever {
		a.header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if f.packed != nil {
		a.header.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			a.body, a.etag = f.packed, strings.TrimSuffix(f.etag, `"`)+`-gzip"`
			a.header.Set("Content-Encoding", "gzip")
		}
	}
	return send(w, r, a)
}

func takesGzip(r *http.Request) bool {
	for item := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, params, _ := strings.Cut(item, ";")
		if strings.TrimSpace(name) != "gzip" {
			continue
		}
		q, ok := strings.CutPrefix(strings.TrimSpace(params), "q=")
		x, err := strconv.ParseFloat(q, 64)
		return !ok || err == nil && x > 0
	}
	return false
}

// nowhere answers paths that no route takes.
func (s *Server) nowhere(gc *gin.Context) {
	if err := s.unknownName(gc.Request.URL.Path); err != nil {
		s.fail(gc, err)
		return
	}
	s.fail(gc, &fault{kind: noRoute, detail: fmt.Sprintf("there is nothing at %s; /docs lists what there is", gc.Request.URL.Path)})
}

// noMethod answers methods that a route does not take; the router has set
// Allow.
func (s *Server) noMethod(gc *gin.Context) {
	s.fail(gc, &fault{
		kind:   badMethod,
		detail: fmt.Sprintf("%s is not allowed at %s; allowed: %s", gc.Request.Method, gc.Request.URL.Path, gc.Writer.Header().Get("Allow")),
	})
}
