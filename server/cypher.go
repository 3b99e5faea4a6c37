package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/queries/adhoc"
)

// Statements runs statements in Cypher that users write themselves. They do
// nothing but read.
type Statements interface {
	// Caps are the limits of one statement.
	Caps() adhoc.Caps
	// Ask runs a statement. Errors are *adhoc.RefusedError, *adhoc.FaultError,
	// adhoc.ErrSlow, adhoc.ErrBusy and those of a store.
	Ask(ctx context.Context, r adhoc.Request) (adhoc.Answer, error)
}

var (
	noCypher    = problemKind{"no-cypher", http.StatusUnprocessableEntity, "This store runs no Cypher"}
	refusedText = problemKind{"statement-refused", http.StatusUnprocessableEntity, "The statement does or takes more than is allowed"}
	faultyText  = problemKind{"statement-fault", http.StatusUnprocessableEntity, "The database cannot run the statement"}
)

// cypherGrace is how much longer than the statement the request may take.
const cypherGrace = 5 * time.Second

func (s *Server) addCypher() {
	caps := adhoc.Caps{}
	if s.o.Cypher != nil {
		caps = s.o.Cypher.Caps()
	}
	all := map[string]*huma.MediaType{}
	for _, f := range cypherForms() {
		all[mediaType(f.ContentType)] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	all[jsonType].Schema = s.docs.schema(adhoc.CypherAnswer{})
	wire := s.docs.registry.SchemaFromRef(all[jsonType].Schema.Ref)
	for name, v := range map[string]any{"graph": adhoc.CypherGraph{}, "plan": adhoc.PlanStep{}} {
		wire.Properties[name] = &huma.Schema{
			Description: wire.Properties[name].Description, AnyOf: []*huma.Schema{s.docs.schema(v), {Type: "null"}},
		}
	}
	wire.Properties["rows"].Items.Items = &huma.Schema{AnyOf: []*huma.Schema{{}, {Type: "null"}}}
	s.add(route{
		op: huma.Operation{
			Method: http.MethodPost, Path: apiBase + "/cypher", OperationID: "run_cypher", Tags: []string{tagGraph},
			Summary: "Run a statement in Cypher that reads",
			Description: "Where the store is Neo4j. The statement may do nothing but read: what would write, read files, reach the network, call procedures " +
				"that are not on a short list, or look at the program's own records is refused before it runs. An answer that meets a limit is cut, " +
				"and truncated says by which. A client that leaves ends its statement. The parameter $revision is filled in: the revision that the graph is at.",
			Parameters: []*huma.Param{
				queryParam(formatKey, "The form of the answer; takes precedence over Accept.", &huma.Schema{Type: huma.TypeString, Enum: []any{"json", "csv"}}),
			},
			RequestBody: &huma.RequestBody{Required: true, Content: content(jsonType, s.docs.named("CypherRequest", cypherRequestSchema(caps)))},
			Responses:   map[string]*huma.Response{"200": {Description: "The answer.", Content: all}},
		},
		body: s.o.Limits.Body, heavy: true, time: max(s.o.Limits.Request, caps.Time+cypherGrace), handle: s.runCypher,
	})
}

func cypherRequestSchema(caps adhoc.Caps) *huma.Schema {
	text := &huma.Schema{Type: huma.TypeString, Description: "The statement.", MinLength: ptr(1), Examples: []any{"MATCH (c:Company {id: $id}) RETURN c"}}
	limit := &huma.Schema{Type: huma.TypeInteger, Description: "Most rows of the answer.", Minimum: ptr(1.0)}
	if caps.Rows > 0 {
		limit.Maximum, limit.Default = ptr(float64(caps.Rows)), caps.Rows
	}
	timeout := &huma.Schema{Type: huma.TypeString, Description: "Time for the statement, such as 500ms or 5s.", Examples: []any{"5s"}}
	if caps.Time > 0 {
		timeout.Description += fmt.Sprintf(" At most %s, which is also the default.", caps.Time)
	}
	return &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: false, Required: []string{"query"},
		Properties: map[string]*huma.Schema{
			"query": text, "limit": limit, "timeout": timeout,
			"params": {
				Type: huma.TypeObject, AdditionalProperties: true,
				Description: `Values of the statement's parameters. Dates, times and points are objects: {"type": "date", "value": "2025-12-16"}.`,
			},
			"explain": {Type: huma.TypeBoolean, Description: "Answer with the plan of the statement and do not run it."},
		},
	}
}

// cypherForms are the forms of an answer that a program can read.
func cypherForms() []adhoc.Format {
	return slices.DeleteFunc(adhoc.Formats(), func(f adhoc.Format) bool { return f.Name == "table" })
}

// cypherForm is the form that a request wants.
func cypherForm(c *call) (adhoc.Format, error) {
	forms := cypherForms()
	names, types := make([]string, len(forms)), make([]string, len(forms))
	for i, f := range forms {
		names[i], types[i] = f.Name, f.ContentType
	}
	i, err := choose(c, names, types)
	if err != nil {
		return adhoc.Format{}, err
	}
	return forms[i], nil
}

func (s *Server) runCypher(ctx context.Context, c *call) (reply, error) {
	if s.o.Cypher == nil {
		return reply{}, &fault{kind: noCypher, detail: adhoc.ErrNoCypher.Error()}
	}
	form, err := cypherForm(c)
	if err != nil {
		return reply{}, err
	}
	body, err := readJSON(c)
	if err != nil {
		return reply{}, err
	}
	r, err := body.statement(s.o.Cypher.Caps())
	if err != nil {
		return reply{}, err
	}
	a, err := s.o.Cypher.Ask(ctx, r)
	if err != nil {
		return reply{}, statementFault(err)
	}
	return statementReply(form, a), nil
}

// statement reads a request for a statement.
func (o object) statement(caps adhoc.Caps) (adhoc.Request, error) {
	r := adhoc.Request{Limit: caps.Rows, Timeout: caps.Time}
	var bad []Entry
	fails := func(m member, message string) {
		bad = append(bad, Entry{Location: o.at + "." + m.name, Value: shown(m.value), Message: message})
	}
	known := []string{"query", "params", "limit", "timeout", "explain"}
	given := false
	for _, m := range o.members {
		if string(m.value) == "null" && m.name != "query" {
			continue
		}
		switch m.name {
		case "query":
			given = true
			if json.Unmarshal(m.value, &r.Text) != nil || r.Text == "" {
				fails(m, "want the text of a statement")
			}
		case "params":
			d := json.NewDecoder(bytes.NewReader(m.value))
			d.UseNumber()
			if d.Decode(&r.Params) != nil {
				fails(m, "want an object with a value for each parameter")
			}
		case "limit":
			if json.Unmarshal(m.value, &r.Limit) != nil || r.Limit < 1 || r.Limit > caps.Rows {
				fails(m, fmt.Sprintf("want a whole number from 1 to %d", caps.Rows))
			}
		case "timeout":
			var text string
			err := json.Unmarshal(m.value, &text)
			if err == nil {
				r.Timeout, err = time.ParseDuration(text)
			}
			if err != nil || r.Timeout <= 0 || r.Timeout > caps.Time {
				fails(m, fmt.Sprintf("want a duration such as 500ms or 5s, at most %s", caps.Time))
			}
		case "explain":
			if json.Unmarshal(m.value, &r.Explain) != nil {
				fails(m, "want true or false")
			}
		default:
			fails(m, noSuchKey(m.name, known))
		}
	}
	if !given {
		bad = append(bad, Entry{Location: o.at + ".query", Message: "is required: the text of a statement"})
	}
	if len(bad) > 0 {
		return r, arguments(bad...)
	}
	return r, nil
}

// statementFault gives the errors of a statement their public face. What the
// database says of a statement is about its own text.
func statementFault(err error) error {
	var refused *adhoc.RefusedError
	var faulty *adhoc.FaultError
	switch {
	case errors.As(err, &refused):
		at := "body.query"
		if refused.Rule == "parameter" {
			at = "body.params"
		}
		return &fault{kind: refusedText, detail: refused.Detail, entries: []Entry{{Location: at, Message: refused.Detail, Code: refused.Rule}}}
	case errors.As(err, &faulty):
		at := "body.query"
		if faulty.Line > 0 {
			at = fmt.Sprintf("body.query:%d:%d", faulty.Line, faulty.Column)
		}
		return &fault{kind: faultyText, detail: faulty.Message, entries: []Entry{{Location: at, Message: faulty.Message, Code: faulty.Code}}}
	case errors.Is(err, adhoc.ErrSlow):
		return &fault{kind: tooSlow, detail: adhoc.ErrSlow.Error() + "; ask for less, or allow it more time", cause: err}
	case errors.Is(err, adhoc.ErrBusy):
		return &fault{kind: overloaded, detail: adhoc.ErrBusy.Error(), retryAfter: 30, cause: err}
	}
	return err
}
