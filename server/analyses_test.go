package server_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/queries"
	"roundtrip/queries/library"

	"roundtrip/server"
)

func TestTheCatalogueDescribesEveryAnalysis(t *testing.T) {
	s := emptySite(t)
	all := s.get("/api/v1/analyses").ok(200)
	var names []string
	for _, a := range all["analyses"].([]any) {
		m := a.(map[string]any)
		names = append(names, m["name"].(string))
		require.NotEmpty(t, m["question"])
		require.NotEmpty(t, m["columns"])
		require.Equal(t, "headline", m["lens_defaults"].(map[string]any)["basis"])
	}
	require.Equal(t, library.All().Names(), names)
	require.Len(t, all["lens"], 11)
	require.Subset(t, pluck(all["request"], "name"), []any{"engine", "scenario", "draws", "seed"})
}

func TestOnlyTheEnginesOfTheStoreAreOffered(t *testing.T) {
	analyses := shippedSite(t).get("/api/v1/analyses").ok(200)["analyses"]
	for i, engines := range pluck(analyses, "engines") {
		require.Equal(t, []any{"native"}, engines, "%v on the embedded store", analyses.([]any)[i].(map[string]any)["name"])
	}
	cycles, err := library.All().Find("cycles")
	require.NoError(t, err)
	circularity, err := library.All().Find("circularity")
	require.NoError(t, err)
	neo4j := queries.NewRunner(queries.Options{Catalogue: library.All(), Cypher: struct{ queries.CypherSource }{}})
	require.Equal(t, []queries.Engine{queries.Native, queries.Cypher}, neo4j.Engines(cycles))
	require.Equal(t, []queries.Engine{queries.Native}, neo4j.Engines(circularity), "it has no Cypher")
}

// pluck is one member of each object of a list.
func pluck(list any, name string) []any {
	var values []any
	for _, x := range list.([]any) {
		values = append(values, x.(map[string]any)[name])
	}
	return values
}

func TestTheSeedIsOneLoopWithAGapOf28Billion(t *testing.T) {
	s := shippedSite(t)
	a := s.get("/api/v1/analyses/coverage?as_of=2025-12-16&companies=amazon,openai")
	m := a.ok(200)
	require.Equal(t, "application/json", a.header.Get("Content-Type"))
	require.Equal(t, "1", a.header.Get("Roundtrip-Revision"))
	row := m["rows"].([]any)[0].(map[string]any)
	require.Equal(t, 3800000000000.0, row["amount_cents"])
	require.Equal(t, "38000000000.00", row["amount"])
	require.Equal(t, 1000000000000.0, row["tied_cents"])

	cycles := s.get("/api/v1/analyses/cycles?as_of=2025-12-16&companies=amazon,openai").ok(200)
	require.Len(t, cycles["rows"], 1)
	require.Equal(t, 1000000000000.0, cycles["rows"].([]any)[0].(map[string]any)["bottleneck_cents"])
}

func TestPostAnswersAsGetDoes(t *testing.T) {
	s := shippedSite(t)
	get := s.get("/api/v1/analyses/cycles?as_of=2025-12-16&companies=amazon,openai&max_hops=3&engine=native").ok(200)
	post := s.sendJSON("POST", "/api/v1/analyses/cycles", `{"lens":{"as_of":"2025-12-16","companies":["amazon","openai"]},"params":{"max_hops":3,"kind":null},"engine":"native"}`).ok(200)
	delete(get, "elapsed_ms")
	delete(post, "elapsed_ms")
	require.Equal(t, get, post)
	s.do(s.request("POST", "/api/v1/analyses/cycles", nil)).ok(200)
}

func TestAnAnswerIsNotGivenTwice(t *testing.T) {
	s := shippedSite(t)
	const path = "/api/v1/analyses/cycles?as_of=2025-12-16"
	first := s.get(path)
	first.ok(200)
	tag := first.header.Get("ETag")
	require.True(t, strings.HasPrefix(tag, `W/"`), tag)
	require.Equal(t, "no-cache", first.header.Get("Cache-Control"))

	again := s.get(path, "If-None-Match", `"other", `+tag)
	require.Equal(t, 304, again.status)
	require.Empty(t, again.body)
	require.Equal(t, tag, again.header.Get("ETag"))
	require.Equal(t, `roundtrip_analyses_total{analysis="cycles",engine="native",outcome="ok"} 1`, metric(s, "roundtrip_analyses_total"), "the second answer was not run")

	t.Run("the same request in other words has the same tag", func(t *testing.T) {
		require.Equal(t, tag, s.get(path+"&max_hops=5&classes=money&limit=100").header.Get("ETag"))
		require.Equal(t, tag, s.get("/api/v1/analyses/cycles").header.Get("ETag"), "today is 2025-12-16")
	})
	t.Run("another request, format or graph has another", func(t *testing.T) {
		seen := map[string]string{tag: "the first"}
		for _, other := range []string{path + "&max_hops=4", path + "&format=csv", path + "&rollup=false", "/api/v1/analyses/roundtrips?as_of=2025-12-16"} {
			tag := s.get(other).header.Get("ETag")
			require.NotContains(t, seen, tag, other)
			seen[tag] = other
		}
		s.sendJSON("PUT", "/api/v1/companies/new", `{"name":"New"}`).ok(201)
		require.NotContains(t, seen, s.get(path).header.Get("ETag"))
	})
}

func metric(s *site, name string) string {
	for line := range strings.Lines(s.get("/metrics").body) {
		if strings.HasPrefix(line, name) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

func TestAnswersComeInTheFormatThatIsAskedFor(t *testing.T) {
	s := shippedSite(t)
	const path = "/api/v1/analyses/roundtrips"
	for _, c := range []struct{ query, accept, want, starts string }{
		{"", "", "application/json", `{"analysis":"roundtrips"`},
		{"", "*/*", "application/json", "{"},
		{"", "text/csv", "text/csv; charset=utf-8", "funder,customer,"},
		{"", "application/*;q=0.5, text/csv;q=0.4", "application/json", "{"},
		{"", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8", "<!"},
		{"", "application/json;q=0, application/x-ndjson", "application/x-ndjson", `{"result":`},
		{"?format=csv", "application/json", "text/csv; charset=utf-8", "funder,customer,"},
		{"?format=md", "", "text/markdown; charset=utf-8", "#"},
	} {
		a := s.get(path+c.query, "Accept", c.accept)
		require.Equal(t, 200, a.status, a.body)
		require.Equal(t, c.want, a.header.Get("Content-Type"), "%q %q", c.query, c.accept)
		require.True(t, strings.HasPrefix(a.body, c.starts), a.body[:40])
		require.Equal(t, "Accept", a.header.Get("Vary"))
	}
	require.Equal(t, `Accept is "image/png"; this can be had as application/json, application/x-ndjson, text/csv, text/markdown, text/html, text/plain`,
		s.get(path, "Accept", "image/png").problem(406, "not-acceptable").Detail)
}

func TestBadRequestsForAnAnswerNameWhatIsWrong(t *testing.T) {
	s := shippedSite(t)
	const cycles = "/api/v1/analyses/cycles"
	for name, c := range map[string]struct {
		method, path, contentType, body string
		status                          int
		kind, detail                    string
		errors                          []server.Entry
	}{
		"an unknown analysis": {path: "/api/v1/analyses/cycel", status: 404, kind: "unknown-analysis", detail: "unknown analysis cycel; did you mean cycles?"},
		"an unknown key": {path: cycles + "?asof=2025", status: 422, kind: "bad-arguments", errors: []server.Entry{
			{Location: "query.asof", Value: "2025", Message: "no such argument; did you mean as_of?; allowed are as_of, basis, amount, classes, rollup, aggregates, overlaps, conditional, min_amount, kinds, companies, min_hops, max_hops, through, avoid, kind, min_bottleneck, min_retention, window_months, ordered, sort, limit, count_only, timeout, level, strict, window, engine, revision, scenario, draws, seed"},
		}},
		"several bad values": {path: cycles + "?as_of=2025-13-01&max_hops=99&basis=wish", status: 422, kind: "bad-arguments", detail: "3 arguments are wrong; see errors", errors: []server.Entry{
			{Location: "query.as_of", Value: "2025-13-01", Message: `"2025-13-01" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ`},
			{Location: "query.basis", Value: "wish", Message: "want one of headline, signed, expected, settled, realised"},
			{Location: "query.max_hops", Value: "99", Message: "want a value from 2 to 12"},
		}},
		"a key given twice": {path: cycles + "?max_hops=3&max_hops=4", status: 422, kind: "bad-arguments", errors: []server.Entry{
			{Location: "query.max_hops", Value: "3, 4", Message: "is given 2 times; want it once, with commas between the items of a list"},
		}},
		"an unknown company in the lens": {path: cycles + "?companies=opena", status: 422, kind: "bad-arguments", errors: []server.Entry{
			{Location: "query.companies", Value: "opena", Message: "want ids of companies; did you mean openai?"},
		}},
		"an unknown format": {path: cycles + "?format=xlsx", status: 422, kind: "bad-arguments", errors: []server.Entry{
			{Location: "query.format", Value: "xlsx", Message: "want one of json, ndjson, csv, md, html, table"},
		}},
		"an engine that is none": {path: cycles + "?engine=magic", status: 422, kind: "bad-arguments", errors: []server.Entry{
			{Location: "query.engine", Value: "magic", Message: "want one of native, cypher"},
		}},
		"cypher without Neo4j": {path: cycles + "?engine=cypher", status: 422, kind: "engine-not-available", detail: "engine not available: cypher needs a store in Neo4j; this one is embedded", errors: []server.Entry{
			{Location: "query.engine", Message: "engine not available: cypher needs a store in Neo4j; this one is embedded"},
		}},
		"a query that is not encoded": {path: cycles + "?as_of=%zz", status: 400, kind: "bad-request", detail: "the query is not well-formed; want key=value pairs joined by & with percent-encoded values"},
		"a body that is not JSON":     {method: "POST", path: cycles, body: `{"lens":`, status: 400, kind: "bad-request", detail: "body is not well-formed JSON, at byte 8"},
		"a body that goes on":         {method: "POST", path: cycles, body: `{} {}`, status: 400, kind: "bad-request", detail: "body goes on behind the end of its JSON object, at byte 4"},
		"a body that is a list":       {method: "POST", path: cycles, body: `[1]`, status: 422, kind: "bad-arguments", errors: []server.Entry{{Location: "body", Value: "[1]", Message: "want a JSON object"}}},
		"a body of another type":      {method: "POST", path: cycles, contentType: "text/plain", body: `{}`, status: 415, kind: "unsupported-media-type", detail: `the body is of type "text/plain"; want application/json`},
		"an unknown member": {method: "POST", path: cycles, body: `{"lense":{}}`, status: 422, kind: "bad-arguments", errors: []server.Entry{
			{Location: "body.lense", Value: "{}", Message: "no such key; did you mean lens? allowed are lens, params, engine, revision, scenario, draws, seed"},
		}},
		"a member given twice": {method: "POST", path: cycles, body: `{"lens":{"basis":"signed","basis":"headline"}}`, status: 422, kind: "bad-arguments", errors: []server.Entry{
			{Location: "body.lens.basis", Value: `"headline"`, Message: "is given twice; want it once"},
		}},
		"bad values in a body": {method: "POST", path: cycles, body: `{"lens":{"as_of":"never"},"params":{"max_hops":1.5,"basis":"signed"},"engine":"native"}`, status: 422, kind: "bad-arguments", errors: []server.Entry{
			{Location: "body.lens.as_of", Value: "never", Message: `"never" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ`},
			{Location: "body.params.basis", Value: "signed", Message: "no such argument; did you mean basis?; allowed are as_of, basis, amount, classes, rollup, aggregates, overlaps, conditional, min_amount, kinds, companies, min_hops, max_hops, through, avoid, kind, min_bottleneck, min_retention, window_months, ordered, sort, limit, count_only, timeout, level, strict, window, engine, revision, scenario, draws, seed"},
			{Location: "body.params.max_hops", Value: "1.5", Message: "want a whole number from 2 to 12"},
		}},
		"a value of a form that no argument has": {method: "POST", path: cycles, body: `{"lens":{"companies":{"a":1}}}`, status: 422, kind: "bad-arguments", errors: []server.Entry{
			{Location: "body.lens.companies", Value: `{"a":1}`, Message: "want a text, a number, true, false or a list of those"},
		}},
		"a bad engine in a body": {method: "POST", path: cycles, body: `{"engine":"magic"}`, status: 422, kind: "bad-arguments", errors: []server.Entry{
			{Location: "body.engine", Value: "magic", Message: "want one of native, cypher"},
		}},
		"a key in the query of a post": {method: "POST", path: cycles + "?as_of=2025", body: `{}`, status: 422, kind: "bad-arguments", errors: []server.Entry{
			{Location: "query.as_of", Value: "2025", Message: "no such key; allowed are format"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &site{t: t, handler: s.handler}
			var a answer
			if c.method == "POST" {
				contentType := c.contentType
				if contentType == "" {
					contentType = "application/json; charset=utf-8"
				}
				a = s.send("POST", c.path, contentType, c.body)
			} else {
				a = s.get(c.path)
			}
			p := a.problem(c.status, c.kind)
			if c.detail != "" {
				require.Equal(t, c.detail, p.Detail)
			}
			require.Equal(t, c.errors, p.Errors)
			require.Equal(t, "no-store", a.header.Get("Cache-Control"))
			require.Empty(t, a.header.Get("ETag"))
		})
	}
}
