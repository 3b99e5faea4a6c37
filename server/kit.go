package server

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"roundtrip/browserkit"
)

// kitBase is the path under which the kit for Neo4j Browser is.
const kitBase = "/browser-kit/"

var kitPage = template.Must(template.New("kit").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Kit for Neo4j Browser</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c2127}code{background:#f0f0ec;padding:.1rem .3rem}a{color:#1d4f7c}</style></head>
<body><h1>Kit for Neo4j Browser</h1>
<p>For a Neo4j database that holds this graph. In its Browser run:</p>
<ul>
<li><code>:style {{.Base}}{{.Style}}</code> for colours and captions,</li>
<li><code>:config autoComplete: false</code> to draw only what a statement returns,</li>
<li><code>:guide {{.Base}}{{.Story}}</code> for the story of the shipped deals,</li>
<li><code>:guide {{.Base}}{{.Questions}}</code> for the questions, each with its Cypher.</li>
</ul>
<p>Drop <a href="{{.Base}}{{.Scripts}}">{{.Scripts}}</a> on its window for {{.Count}} saved scripts. Everything in one folder:
<code>roundtrip browser-kit --out DIR</code>.</p>
<p>Files: {{range .Files}}<a href="{{$.Base}}{{.}}">{{.}}</a> {{end}}</p>
</body></html>
`))

// addKit serves the kit, to Neo4j Browser too, which comes from another address.
func (s *Server) addKit() error {
	if s.o.Kit == nil {
		return nil
	}
	if _, err := s.o.Kit.Files(browserkit.DefaultBase); err != nil {
		return fmt.Errorf("make the kit for Neo4j Browser: %w", err)
	}
	s.router.GET(kitBase+"*name", func(gc *gin.Context) {
		s.answer(gc, func(context.Context) (reply, error) { return s.kitFile(gc.Request, gc.Param("name")) }, route{})
	})
	// A browser asks before it loads from another address.
	s.router.OPTIONS(kitBase+"*name", func(gc *gin.Context) {
		h := gc.Writer.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
		if asked := gc.Request.Header.Get("Access-Control-Request-Headers"); asked != "" {
			h.Set("Access-Control-Allow-Headers", asked)
		}
		h.Set("Access-Control-Max-Age", "600")
		h.Set("Vary", "Access-Control-Request-Headers")
		gc.Status(http.StatusNoContent)
	})
	return nil
}

// kitFile is one file, its links leading back to where the request came to.
func (s *Server) kitFile(r *http.Request, name string) (reply, error) {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	base := scheme + r.Host + kitBase
	files, err := s.o.Kit.Files(base)
	if err != nil {
		return reply{}, err
	}
	name = strings.TrimPrefix(name, "/")
	if name == "" {
		return s.kitIndex(base, files)
	}
	for _, f := range files {
		if f.Name == name {
			return kitReply(name, f.Body), nil
		}
	}
	return reply{}, &fault{kind: noRoute, detail: fmt.Sprintf("the kit has no file %s; %s lists them", name, kitBase)}
}

func (s *Server) kitIndex(base string, files []browserkit.File) (reply, error) {
	var names []string
	for _, f := range files {
		if !strings.Contains(f.Name, "/") {
			names = append(names, f.Name)
		}
	}
	var b bytes.Buffer
	err := kitPage.Execute(&b, map[string]any{
		"Base": base, "Style": browserkit.StyleFile, "Story": browserkit.StoryFile, "Questions": browserkit.QuestionsFile,
		"Scripts": browserkit.ScriptsFile, "Count": len(s.o.Kit.Scripts()), "Files": names,
	})
	return kitReply(indexName, b.Bytes()), err
}

// kitReply may be read by any page: the kit holds nothing but what the program
// ships with.
func kitReply(name string, body []byte) reply {
	return reply{contentType: kitType(name), body: body, etag: quotedDigest(body), header: http.Header{
		"Access-Control-Allow-Origin":  {"*"},
		"Cross-Origin-Resource-Policy": {"cross-origin"},
	}}
}

func kitType(name string) string {
	for _, ending := range []string{".grass", ".cypher", ".conf", ".md"} {
		if strings.HasSuffix(name, ending) {
			return "text/plain; charset=utf-8"
		}
	}
	if strings.HasSuffix(name, ".zip") {
		return "application/zip"
	}
	return contentTypeOf(name)
}
