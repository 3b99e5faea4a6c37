package server_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
	"roundtrip/queries/adhoc"
	"roundtrip/queries/library"
	"roundtrip/queries/saved"
	"roundtrip/server"
)

const savedQueries = "/api/v1/saved-queries"

const (
	amazonPromise = "# As it was in talks.\nname: promise\ntitle: A promise\ntags: [mine, coverage]\nrequest:\n  analysis: coverage\n  lens: {as_of: 2025-12-16, companies: [amazon, openai]}\n"
	whoPays       = "name: who-pays\ncypher: |\n  MATCH (a:Company {id: $payer})-[:PAYS]->(b) RETURN b.id LIMIT $n\nparameters:\n  - {name: payer, type: text}\n  - {name: n, type: integer, default: 5}\n"
)

// savedSite has the shipped data, scenarios and queries.
func savedSite(t *testing.T, change ...func(*server.Options)) *site {
	t.Helper()
	s := &site{t: t, store: openStore(t), log: &logBuffer{}}
	loadShipped(t, s.store)
	s.build(append([]func(*server.Options){func(o *server.Options) {
		var err error
		o.Scenarios, err = scenario.NewShelf(dataset.Scenarios(), s.store.(graph.Documents))
		require.NoError(t, err)
		o.Queries, err = saved.NewShelf(library.All(), dataset.Queries(), s.store.(graph.Documents))
		require.NoError(t, err)
	}}, change...)...)
	return s
}

func listed(t *testing.T, a answer) []string {
	t.Helper()
	var names []string
	for _, q := range a.ok(200)["queries"].([]any) {
		names = append(names, q.(map[string]any)["name"].(string))
	}
	return names
}

func TestAQueryIsSavedRunAndDeletedOverHTTP(t *testing.T) {
	s := savedSite(t)
	before := s.get("/api/v1/companies/openai").header.Get("Roundtrip-Revision")
	s.send("PUT", savedQueries+"/promise?dry_run=true", "application/yaml", amazonPromise).ok(200)
	s.get(savedQueries+"/promise").problem(404, "not-found")
	put := s.send("PUT", savedQueries+"/promise", "application/yaml", amazonPromise)
	put.ok(201)
	got := s.get(savedQueries+"/promise", "Accept", "application/yaml")
	require.Equal(t, amazonPromise, got.body, "byte for byte")
	require.Equal(t, put.header.Get("ETag"), got.header.Get("ETag"))
	require.Equal(t, 304, s.get(savedQueries+"/promise", "Accept", "application/yaml", "If-None-Match", got.header.Get("ETag")).status)

	run := s.get(savedQueries + "/promise/run")
	summary := run.ok(200)["summary"].(map[string]any)["buyers"].([]any)[0].(map[string]any)
	require.Equal(t, 0.263158, summary["tied_coverage"])
	plain := s.get("/api/v1/analyses/coverage?" + seedLens)
	require.Equal(t, plain.header.Get("ETag"), run.header.Get("ETag"), "it is the answer of the analysis")
	require.Equal(t, before, run.header.Get("Roundtrip-Revision"))
	require.Equal(t, 304, s.get(savedQueries+"/promise/run", "If-None-Match", run.header.Get("ETag")).status)
	later := s.get(savedQueries + "/promise/run?as_of=2026-06-30&format=md")
	require.Equal(t, 200, later.status)
	require.Contains(t, later.body, "as of 2026-06-30")
	require.Contains(t, later.body, "companies amazon, openai")

	p := s.get(savedQueries+"/promise/run?asof=2026").problem(422, "bad-arguments")
	require.True(t, strings.HasPrefix(p.Detail, "query.asof: no such argument; did you mean as_of?"), p.Detail)
	require.Equal(t, "taken", strings.TrimPrefix(s.send("PUT", savedQueries+"/how-sure", "application/yaml", "name: how-sure\ncypher: RETURN 1\n").problem(409, "taken").Type, "urn:roundtrip:problem:"))
	s.send("DELETE", savedQueries+"/promise", "", "", "If-Match", `"old"`).problem(412, "precondition-failed")
	s.send("PUT", savedQueries+"/promise", "application/yaml", amazonPromise, "If-Match", put.header.Get("ETag")).ok(200)
	s.send("DELETE", savedQueries+"/promise", "", "", "If-Match", put.header.Get("ETag")).problem(412, "precondition-failed")
	s.send("DELETE", savedQueries+"/promise", "", "").ok(200)
	require.Equal(t, `no query is named "promise"`, s.get(savedQueries+"/promise/run").problem(404, "not-found").Detail)
	require.Equal(t, before, s.get("/api/v1/companies/openai").header.Get("Roundtrip-Revision"), "nothing was written to the graph")
}

func TestSavedQueriesAreFoundByTagsAndWords(t *testing.T) {
	s := savedSite(t)
	s.send("PUT", savedQueries+"/promise", "application/yaml", amazonPromise).ok(201)
	require.Equal(t, []string{"amazon-promise", "openai-promises", "promise"}, listed(t, s.get(savedQueries+"?tag=coverage")))
	require.Equal(t, []string{"amazon-promise"}, listed(t, s.get(savedQueries+"?tag=coverage&q=amazon")))
}

func TestFaultsOfASavedQueryNameTheirPlace(t *testing.T) {
	s := savedSite(t)
	p := s.send("PUT", savedQueries+"/a", "application/yaml", "name: a\nrequest:\n  analysis: cycles\n  lens: {basis: paid}\n  params: {max_hops: 99}\n").problem(422, "bad-arguments")
	require.Equal(t, []server.Entry{
		{Location: "body.request.lens.basis", Value: "paid", Message: "line 4, column 17: want one of headline, signed, expected, settled, realised", Code: "value_not_allowed"},
		{Location: "body.request.params.max_hops", Value: "99", Message: "line 5, column 22: want a value from 2 to 12", Code: "value_not_allowed"},
	}, p.Errors)
	require.Equal(t, `body.name: is not the name in the path, "b"`, s.sendJSON("PUT", savedQueries+"/b", `{"name":"a","cypher":"RETURN 1"}`).problem(422, "bad-arguments").Detail)
	s.send("PUT", savedQueries+"/a", "text/plain", "x").problem(415, "unsupported-media-type")

	// Ids are judged by the graph when it runs, and the problem says whose they are.
	s.sendJSON("PUT", savedQueries+"/a", `{"name":"a","request":{"analysis":"cycles","lens":{"companies":["amazn"]}}}`).ok(201)
	p = s.get(savedQueries+"/a/run").problem(422, "bad-arguments")
	require.Equal(t, "saved query a: companies", p.Errors[0].Location)
	s.get(savedQueries + "/a/run?companies=amazon,openai").ok(200)
}

func TestAComparisonRunsByName(t *testing.T) {
	both := savedSite(t).get(savedQueries + "/trainium-vendors/run").ok(200)
	require.Equal(t, "vendors", both["base"].(map[string]any)["analysis"])
	require.NotEmpty(t, both["delta"].(map[string]any)["rows"])
}

func TestASavedStatementRunsWithItsParameters(t *testing.T) {
	script := newScripted()
	s := savedSite(t, script.with)
	s.send("PUT", savedQueries+"/who-pays", "application/yaml", whoPays).ok(201)
	require.Equal(t, "query.payer: is missing; want a value of type text", s.get(savedQueries+"/who-pays/run").problem(422, "bad-arguments").Detail)
	require.Equal(t, "query.n: want a whole number of 64 bits", s.get(savedQueries+"/who-pays/run?payer=openai&n=x").problem(422, "bad-arguments").Detail)
	a := s.get(savedQueries + "/who-pays/run?payer=openai&format=csv")
	require.Equal(t, "text/csv; charset=utf-8", a.header.Get("Content-Type"))
	require.Equal(t, "rows: these are the first 2", a.header.Get("Roundtrip-Truncated"))
	require.Equal(t, []adhoc.Request{{
		Text: "MATCH (a:Company {id: $payer})-[:PAYS]->(b) RETURN b.id LIMIT $n\n", Params: map[string]any{"payer": "openai", "n": int64(5)}, Limit: 50, Timeout: 3 * time.Second,
	}}, script.asked)
	require.Equal(t, "7", s.get(savedQueries+"/who-pays/run?payer=openai").header.Get("Roundtrip-Revision"))

	script.err = &adhoc.FaultError{Code: "Neo.X", Message: "no such name", Line: 1, Column: 3}
	p := s.get(savedQueries+"/who-pays/run?payer=x").problem(422, "statement-fault")
	require.Equal(t, "saved query who-pays: cypher:1:3", p.Errors[0].Location)

	embedded := savedSite(t)
	embedded.send("PUT", savedQueries+"/who-pays", "application/yaml", whoPays).ok(201)
	embedded.get(savedQueries+"/who-pays/run?payer=x").problem(422, "no-cypher")
}

func zipWith(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		require.NoError(t, err)
		_, err = w.Write([]byte(files[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.String()
}

func TestQueriesMoveBetweenServersAsFiles(t *testing.T) {
	s := savedSite(t)
	one := zipWith(t, "q/promise.yaml", amazonPromise, "q/who.yml", whoPays, "README.md", "no query")
	got := s.send("POST", savedQueries+"/import?dry_run=true", "application/zip", one).ok(200)
	require.Equal(t, map[string]any{"dry_run": true, "new": []any{"promise", "who-pays"}, "changed": []any{}, "unchanged": []any{}}, got)
	require.Equal(t, "no query is named \"promise\"", s.get(savedQueries+"/promise").problem(404, "not-found").Detail)
	s.send("POST", savedQueries+"/import", "application/zip", one).ok(200)

	p := s.send("POST", savedQueries+"/import", "application/zip", zipWith(t, "a.yaml", "name: fresh\ncypher: RETURN 1\n", "b.yaml", "name: b\ncypher: RETURN $x\n", "c.yaml", "name: how-sure\ncypher: RETURN 1\n")).problem(422, "bad-arguments")
	require.Equal(t, []server.Entry{
		{Location: "b.yaml:2:16", Value: "$x", Message: "cypher: $x is not declared under parameters", Code: "reference_unknown"},
		{Location: "c.yaml:name", Value: "how-sure", Message: "query how-sure is built in and cannot be written; choose another name", Code: "value_not_allowed"},
	}, p.Errors)
	s.get(savedQueries+"/fresh").problem(404, "not-found")
	s.send("POST", savedQueries+"/import", "application/zip", "not a zip").problem(422, "bad-arguments")
	changed := strings.Replace(amazonPromise, "A promise", "The promise", 1)
	require.Equal(t, []any{"promise"}, s.send("POST", savedQueries+"/import", "application/yaml", changed).ok(200)["changed"])

	out := s.get(savedQueries + "/export")
	require.Equal(t, "application/zip", out.header.Get("Content-Type"))
	require.Equal(t, out.body, s.get(savedQueries+"/export").body)
	require.Equal(t, 304, s.get(savedQueries+"/export", "If-None-Match", out.header.Get("ETag")).status)
	other := savedSite(t)
	require.Equal(t, []any{"promise", "who-pays"}, other.send("POST", savedQueries+"/import", "application/zip", out.body).ok(200)["new"])
	require.Equal(t, changed, other.get(savedQueries+"/promise", "Accept", "application/yaml").body)
	require.Equal(t, out.body, other.get(savedQueries+"/export").body)
}

func TestABrokenQueryIsListedAndSaysWhyItDoesNotRun(t *testing.T) {
	s := savedSite(t)
	_, err := s.store.(graph.Documents).PutDocument(t.Context(), graph.Document{Kind: "query", Name: "old", Body: []byte("name: old\nrequest: {analysis: forgotten}\n"), At: today}, nil)
	require.NoError(t, err)
	require.Contains(t, listed(t, s.get(savedQueries)), "old")
	require.Contains(t, s.get(savedQueries+"/old/run").problem(422, "query-broken").Detail, "unknown analysis forgotten")
	require.Contains(t, fmt.Sprint(s.get(savedQueries + "/old").ok(200)["info"]), "unknown analysis forgotten")
}

func TestTheFileAndTheJSONOfAQueryHaveTagsOfTheirOwn(t *testing.T) {
	s := shippedSite(t)
	const text = "name: mine\nrequest: {analysis: cycles}\n"
	s.send("PUT", savedQueries+"/mine", "application/yaml", text).ok(201)
	file := s.do(s.request("GET", savedQueries+"/mine", nil, "Accept", "application/yaml"))
	info := s.get(savedQueries + "/mine")
	require.NotEqual(t, file.header.Get("ETag"), info.header.Get("ETag"), "a browser would take one for the other")
	for _, tag := range []string{file.header.Get("ETag"), info.header.Get("ETag")} {
		require.Equal(t, 304, s.do(s.request("GET", savedQueries+"/mine", nil, "Accept", map[bool]string{true: "application/yaml", false: "application/json"}[tag == file.header.Get("ETag")], "If-None-Match", tag)).status)
	}
	s.do(s.request("DELETE", savedQueries+"/mine", nil, "If-Match", info.header.Get("ETag"))).ok(200)
}
