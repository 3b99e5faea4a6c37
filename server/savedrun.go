package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"roundtrip/queries"
	"roundtrip/queries/adhoc"
	"roundtrip/queries/saved"
)

// cypherTime is how long a request for a statement may take, 0 where the store
// runs none.
func (s *Server) cypherTime() time.Duration {
	if s.o.Cypher == nil {
		return 0
	}
	return s.o.Cypher.Caps().Time + cypherGrace
}

// runSaved answers a saved query. Keys of the query stand in place of what is
// saved.
func (s *Server) runSaved(ctx context.Context, c *call) (reply, error) {
	f, err := s.o.Queries.Get(ctx, c.path("name"))
	if err != nil {
		return reply{}, err
	}
	if f.Broken != nil {
		return reply{}, &fault{kind: brokenQuery, detail: f.Broken.Error()}
	}
	if f.Kind() == saved.CypherKind {
		return s.runSavedStatement(ctx, c, f.Query)
	}
	over := queries.Args{}
	for key, value := range c.query {
		if key != formatKey {
			over[key] = value
		}
	}
	place := func(name string) string {
		if c.has(name) {
			return "query."
		}
		return "saved query " + f.Name + ": "
	}
	req, err := f.Ask(s.o.Runner.Catalogue(), over, s.scenarioNamed(ctx))
	if err != nil {
		return reply{}, placed(err, place)
	}
	if f.Kind() == saved.CompareKind {
		return s.compare(ctx, c, req, place)
	}
	return s.ask(ctx, c, req, place)
}

func (s *Server) runSavedStatement(ctx context.Context, c *call, q *saved.Query) (reply, error) {
	if s.o.Cypher == nil {
		return reply{}, &fault{kind: noCypher, detail: adhoc.ErrNoCypher.Error()}
	}
	form, err := cypherForm(c)
	if err != nil {
		return reply{}, err
	}
	given := map[string]string{}
	for key, value := range c.query {
		if key != formatKey {
			given[key] = value
		}
	}
	r, err := q.Statement(given, s.o.Cypher.Caps())
	if err != nil {
		return reply{}, err
	}
	a, err := s.o.Cypher.Ask(ctx, r)
	if err != nil {
		return reply{}, savedStatementFault(q.Name, statementFault(err))
	}
	return statementReply(form, a), nil
}

// savedStatementFault tells that the statement stands in a saved query, not in
// the body of the request.
func savedStatementFault(name string, err error) error {
	var f *fault
	if !errors.As(err, &f) {
		return err
	}
	moved := *f
	moved.entries = make([]Entry, len(f.entries))
	for i, e := range f.entries {
		e.Location = strings.NewReplacer("body.query", "saved query "+name+": cypher", "body.params", "query").Replace(e.Location)
		moved.entries[i] = e
	}
	return &moved
}

// statementReply is the answer of a statement in that form.
func statementReply(form adhoc.Format, a adhoc.Answer) reply {
	out := reply{contentType: form.ContentType, revision: a.Graph, header: http.Header{"Vary": {"Accept"}}}
	if form.Name != "json" && a.Truncated.Is { // which only JSON has room for
		out.header.Set("Roundtrip-Truncated", a.Truncated.Reason)
	}
	if form.Name != "json" && a.Plan != nil {
		out.contentType = "text/plain; charset=utf-8"
	}
	out.write = func(w io.Writer) error { return form.Write(w, a) }
	return out
}
