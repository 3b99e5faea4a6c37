package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/queries"
	"roundtrip/queries/render"
)

const (
	engineKey = "engine"
	formatKey = "format"

	// movedPause is the wait before a request is asked anew of a graph that was
	// being written.
	movedPause = 50 * time.Millisecond
)

// catalogue is the answer of GET /analyses.
type catalogue struct {
	Analyses []analysisInfo  `json:"analyses" nullable:"false"`
	Lens     []queries.Param `json:"lens" nullable:"false" doc:"The fields of the lens, which every analysis takes."`
	Request  []queries.Param `json:"request" nullable:"false" doc:"What every request takes beside the lens and the parameters: engine, scenario, draws and seed."`
	Formats  []string        `json:"formats" nullable:"false" doc:"The forms in which an answer can be had."`
}

// analysisInfo is the declaration of one analysis.
type analysisInfo struct {
	Name         string           `json:"name"`
	Title        string           `json:"title"`
	Question     string           `json:"question"`
	Method       string           `json:"method" doc:"The definition and what it leaves out."`
	Order        string           `json:"order" doc:"The order of the rows."`
	Engines      []queries.Engine `json:"engines" nullable:"false" doc:"native, and cypher where Cypher can express it and the store is Neo4j."`
	Params       []queries.Param  `json:"params" nullable:"false"`
	Columns      []queries.Column `json:"columns" nullable:"false"`
	Summary      []queries.Column `json:"summary" nullable:"false"`
	LensDefaults json.RawMessage  `json:"lens_defaults" doc:"The lens of this analysis where the request names no other."`
}

func (s *Server) addAnalyses() {
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: apiBase + "/analyses", OperationID: "list_analyses", Tags: []string{tagAnalyses},
			Summary: "The catalogue of analyses", Description: "Every analysis with its parameters, columns and default lens.",
			Responses: answers("The catalogue.", jsonType, s.docs.schema(catalogue{})),
		},
		handle: func(context.Context, *call) (reply, error) { return jsonReply(s.catalogue()) },
	})
	for _, a := range s.o.Runner.Catalogue() {
		get, post := s.docs.analysis(a)
		s.add(route{op: get, heavy: true, ownQuery: true, handle: func(ctx context.Context, c *call) (reply, error) { return s.askByQuery(ctx, c, a) }})
		s.add(route{op: post, heavy: true, body: s.o.Limits.Body, handle: func(ctx context.Context, c *call) (reply, error) { return s.askByBody(ctx, c, a) }})
	}
}

func (s *Server) catalogue() catalogue {
	all := catalogue{Lens: queries.LensParams(), Request: queries.RequestParams(), Formats: formatNames()}
	for _, a := range s.o.Runner.Catalogue() {
		all.Analyses = append(all.Analyses, analysisInfo{
			Name: a.Name, Title: a.Title, Question: a.Question, Method: a.Method, Order: a.Order, Engines: s.o.Runner.Engines(a),
			Params: orEmpty(a.Params), Columns: orEmpty(a.Columns), Summary: orEmpty(a.Summary), LensDefaults: render.AppendLens(nil, a.Lens),
		})
	}
	return all
}

// orEmpty makes a nil list an empty one, which JSON tells apart.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func formatNames() []string {
	var names []string
	for _, f := range render.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// askByQuery answers a request whose arguments and format are keys of the query.
func (s *Server) askByQuery(ctx context.Context, c *call, a *queries.Analysis) (reply, error) {
	flat := queries.Args{}
	for key, value := range c.query {
		if key != formatKey {
			flat[key] = value
		}
	}
	place := func(string) string { return "query." }
	req, err := a.Read(flat, s.scenarioNamed(ctx))
	if err != nil {
		return reply{}, placed(err, place)
	}
	return s.ask(ctx, c, req, place)
}

// askByBody answers a request whose arguments are in a JSON object.
func (s *Server) askByBody(ctx context.Context, c *call, a *queries.Analysis) (reply, error) {
	body, err := readJSON(c)
	if err != nil {
		return reply{}, err
	}
	req, place, err := s.readRequest(ctx, body, a.Name)
	if err != nil {
		return reply{}, err
	}
	return s.ask(ctx, c, req, place)
}

// ask prepares, runs and renders one request; place tells where an argument
// came from.
func (s *Server) ask(ctx context.Context, c *call, req queries.Request, place func(name string) string) (reply, error) {
	format, err := chooseFormat(c)
	if err != nil {
		return reply{}, err
	}
	moved := false
	for {
		a, err := s.askOnce(ctx, c, req, format)
		if moved && errors.Is(err, context.DeadlineExceeded) {
			return reply{}, queries.ErrMoved // it is the graph that took the time
		}
		if !errors.Is(err, queries.ErrMoved) {
			return a, placed(err, place)
		}
		moved = true
		select { // a write is under way; its revision is published in a moment
		case <-ctx.Done():
			return reply{}, err
		case <-time.After(movedPause):
		}
	}
}

// askOnce answers from the graph as it is now; the error is queries.ErrMoved
// when that changes meanwhile.
func (s *Server) askOnce(ctx context.Context, c *call, req queries.Request, format render.Format) (reply, error) {
	p, err := s.o.Runner.Prepare(ctx, req)
	if err != nil {
		return reply{}, err
	}
	revision := p.Revision()
	a := reply{
		contentType: format.ContentType, etag: tagOf(p, format.Name, s.o.Version), revision: &revision,
		header: http.Header{"Vary": {"Accept"}},
	}
	if isSafe(c.r.Method) && tagMatches(c.r.Header.Get("If-None-Match"), a.etag) {
		return a, nil // 304, without running
	}
	start := s.o.Now()
	res, err := p.Run(ctx)
	s.metrics.analysis(req.Analysis, p.Engine, res, err, s.o.Now().Sub(start))
	if err != nil {
		return reply{}, err
	}
	if snap, err := s.o.Runner.Snapshot(ctx); err == nil {
		s.metrics.graph(snap.Revision().Number, snap.NumFlows())
	}
	a.write = func(w io.Writer) error { return render.Write(w, format.Name, res) }
	return a, nil
}

// placed gives bad arguments the place that they came from.
func placed(err error, place func(name string) string) error {
	if err == nil {
		return nil
	}
	f := faultOf(err)
	if f.kind != badArguments && f.kind != noEngine {
		return err
	}
	entries := make([]Entry, len(f.entries))
	for i, e := range f.entries {
		name := strings.TrimPrefix(e.Location, "query.")
		e.Location = place(name) + name
		entries[i] = e
	}
	if f.kind == badArguments {
		return arguments(entries...)
	}
	return &fault{kind: f.kind, detail: f.detail, entries: entries}
}

// tagOf names the answer of a prepared request: the revision of the graph and
// everything that the request came to. It is weak, because an answer also tells
// how long it took.
func tagOf(p *queries.Prepared, format, version string) string {
	b := queries.AppendJSON(nil, []string{
		version, p.Revision().Hash.String(), p.Analysis.Name, string(p.Engine), format,
		string(render.AppendLens(nil, p.Lens)), string(queries.AppendJSON(nil, p.Params)),
	})
	if p.Scenario != nil {
		b = append(b, p.Scenario.Canonical()...)
	}
	b = fmt.Appendf(b, "draws %d %d ", p.Draws, p.Seed)
	b = queries.AppendJSON(b, int64(p.Revision().Number))
	return "W/" + quotedDigest(b)
}

// quotedDigest is a strong ETag for that content.
func quotedDigest(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// unknownName answers a path under analyses that is none; false where the path
// is not of that form.
func (s *Server) unknownName(path string) error {
	name, ok := strings.CutPrefix(path, apiBase+"/analyses/")
	if !ok || name == "" || strings.Contains(name, "/") {
		return nil
	}
	_, err := s.o.Runner.Catalogue().Find(name)
	return err
}

// sortedKeys are the keys of a map in byte order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
