package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore"
	"roundtrip/queries"
	"roundtrip/queries/adhoc"
	"roundtrip/server"
)

// scripted answers statements as it is told to.
type scripted struct {
	asked  []adhoc.Request
	answer adhoc.Answer
	err    error
	block  bool // until the request ends
}

func (s *scripted) Caps() adhoc.Caps {
	return adhoc.Caps{Text: 1000, Rows: 50, Size: 1000, Time: 3 * time.Second}
}

func (s *scripted) Ask(ctx context.Context, r adhoc.Request) (adhoc.Answer, error) {
	s.asked = append(s.asked, r)
	if s.block {
		<-ctx.Done()
		return adhoc.Answer{}, ctx.Err()
	}
	return s.answer, s.err
}

// newScripted has an answer with a value of each kind.
func newScripted() *scripted {
	id := "openai"
	node := neo4jstore.Node{Type: "node", ID: &id, ElementID: "4:1", Labels: []string{"Company"}, Properties: map[string]any{"id": id}}
	return &scripted{answer: adhoc.Answer{
		Columns: []string{"c", "cents", "date", "list"},
		Rows: [][]any{
			{node, int64(3_800_000_000_000), neo4jstore.Scalar{Type: "date", Value: "2025-12-16"}, []any{int64(1), "<x>"}},
			{nil, nil, nil, nil},
		},
		Truncated: queries.Truncation{Is: true, Reason: "rows: these are the first 2"},
		Graph:     &graph.Revision{Number: 7}, Elapsed: 12_345 * time.Microsecond,
		Notices: []adhoc.Notice{{Code: "Neo.X", Message: "no node has it", Line: 1, Column: 10}},
	}}
}

func (s *scripted) with(o *server.Options) { o.Cypher = s }

const cypher = "/api/v1/cypher"

func TestAStatementIsAnsweredAsJSONAndCSV(t *testing.T) {
	script := newScripted()
	s := emptySite(t, script.with)
	a := s.sendJSON("POST", cypher, `{"query":"MATCH (c) RETURN c","params":{"x":1,"y":{"z":[2.5]}},"limit":5,"timeout":"500ms"}`)
	require.Equal(t, `{"columns":["c","cents","date","list"],"rows":[[{"type":"node","id":"openai","element_id":"4:1","labels":["Company"],"properties":{"id":"openai"}},`+
		`3800000000000,{"type":"date","value":"2025-12-16"},[1,"<x>"]],[null,null,null,null]],"truncated":{"is":true,"reason":"rows: these are the first 2"},`+
		`"graph":{"revision":7,"hash":"`+graph.Hash{}.String()+`"},"elapsed_ms":12.345,"plan":null,`+
		`"notices":[{"code":"Neo.X","message":"no node has it","line":1,"column":10}]}`+"\n", a.body)
	require.Equal(t, "7", a.header.Get("Roundtrip-Revision"))
	require.Equal(t, "no-store", a.header.Get("Cache-Control"))
	require.Equal(t, adhoc.Request{
		Text: "MATCH (c) RETURN c", Params: map[string]any{"x": json.Number("1"), "y": map[string]any{"z": []any{json.Number("2.5")}}},
		Limit: 5, Timeout: 500 * time.Millisecond,
	}, script.asked[0])

	for _, a := range []answer{
		s.sendJSON("POST", cypher, `{"query":"RETURN 1"}`, "Accept", "text/csv"), s.sendJSON("POST", cypher+"?format=csv", `{"query":"RETURN 1"}`),
	} {
		require.Equal(t, "c,cents,date,list\n"+
			`"{""type"":""node"",""id"":""openai"",""element_id"":""4:1"",""labels"":[""Company""],""properties"":{""id"":""openai""}}",3800000000000,2025-12-16,"[1,""<x>""]"`+"\n,,,\n", a.body)
		require.Equal(t, "text/csv; charset=utf-8", a.header.Get("Content-Type"))
		require.Equal(t, "rows: these are the first 2", a.header.Get("Roundtrip-Truncated"))
	}
	require.Equal(t, adhoc.Request{Text: "RETURN 1", Limit: 50, Timeout: 3 * time.Second}, script.asked[1])
}

func TestBadRequestsForStatementsNameTheField(t *testing.T) {
	script := newScripted()
	s := emptySite(t, script.with)
	for body, want := range map[string]string{
		`{}`:                                   "body.query: is required: the text of a statement",
		`{"query":7}`:                          "body.query: want the text of a statement",
		`{"query":"RETURN 1","limit":51}`:      "body.limit: want a whole number from 1 to 50",
		`{"query":"RETURN 1","timeout":"4s"}`:  "body.timeout: want a duration such as 500ms or 5s, at most 3s",
		`{"query":"RETURN 1","params":[1]}`:    "body.params: want an object with a value for each parameter",
		`{"query":"RETURN 1","explain":"yes"}`: "body.explain: want true or false",
		`{"query":"RETURN 1","parms":{}}`:      "body.parms: no such key; did you mean params? allowed are query, params, limit, timeout, explain",
	} {
		require.Equal(t, want, s.sendJSON("POST", cypher, body).problem(422, "bad-arguments").Detail)
	}
	require.Equal(t, "query.format: want one of json, csv", s.sendJSON("POST", cypher+"?format=table", `{"query":"RETURN 1"}`).problem(422, "bad-arguments").Detail)
	s.sendJSON("POST", cypher, `{"query":"RETURN 1"}`, "Accept", "image/png").problem(406, "not-acceptable")
	s.send("POST", cypher, "text/plain", "RETURN 1").problem(415, "unsupported-media-type")
	require.Empty(t, script.asked)
}

func TestWhatStatementsComeToIsAProblemThatSaysWhy(t *testing.T) {
	script := &scripted{}
	s := emptySite(t, script.with)
	ask := func(err error) answer {
		script.err = err
		return s.sendJSON("POST", cypher, `{"query":"RETURN 1"}`)
	}
	p := ask(fmt.Errorf("ask: %w", &adhoc.RefusedError{Rule: "write", Detail: "it writes"})).problem(422, "statement-refused")
	require.Equal(t, []server.Entry{{Location: "body.query", Message: "it writes", Code: "write"}}, p.Errors)
	p = ask(&adhoc.FaultError{Code: "Neo.ClientError.Statement.SyntaxError", Message: "no such name", Line: 2, Column: 3}).problem(422, "statement-fault")
	require.Equal(t, []server.Entry{{Location: "body.query:2:3", Message: "no such name", Code: "Neo.ClientError.Statement.SyntaxError"}}, p.Errors)
	require.Equal(t, "the statement gave no row in its time; ask for less, or allow it more time",
		ask(fmt.Errorf("%w: %w: internal text", adhoc.ErrSlow, context.DeadlineExceeded)).problem(504, "timeout").Detail)
	require.Equal(t, "30", func() string {
		a := ask(adhoc.ErrBusy)
		a.problem(503, "overloaded")
		return a.header.Get("Retry-After")
	}())
	require.NotContains(t, ask(fmt.Errorf("bolt://secret: %w", graph.ErrUnavailable)).problem(503, "unavailable").Detail, "secret")
	require.NotContains(t, ask(fmt.Errorf("internal text")).problem(500, "internal").Detail, "internal text")
}

func TestTheEmbeddedStoreSaysThatItRunsNoCypher(t *testing.T) {
	require.Equal(t, "the embedded store runs no Cypher; statements need a store in Neo4j (setting store.kind=neo4j)",
		emptySite(t).sendJSON("POST", cypher, `{"query":"RETURN 1"}`).problem(422, "no-cypher").Detail)
}

func TestAClientThatLeavesEndsItsStatement(t *testing.T) {
	script := &scripted{block: true}
	s := emptySite(t, script.with)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	s.do(s.request("POST", cypher, nil, "Content-Type", "application/json").WithContext(ctx)) // without a statement
	require.Empty(t, script.asked)
	start := time.Now()
	r := s.request("POST", cypher, strings.NewReader(`{"query":"RETURN 1"}`), "Content-Type", "application/json")
	s.do(r.WithContext(ctx))
	require.Len(t, script.asked, 1)
	require.Less(t, time.Since(start), 2*time.Second)
}
