package server_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"roundtrip/queries/library"
)

func openAPI(t *testing.T, s *site) *openapi3.T {
	t.Helper()
	a := s.get("/openapi.json")
	require.Equal(t, 200, a.status)
	doc, err := openapi3.NewLoader().LoadFromData([]byte(a.body))
	require.NoError(t, err)
	require.Equal(t, "3.1.0", doc.OpenAPI)
	return doc
}

func TestTheDocumentIsValidOpenAPI(t *testing.T) {
	s := emptySite(t)
	require.NoError(t, openAPI(t, s).Validate(t.Context(), openapi3.IsOpenAPI31OrLater()))
	require.True(t, s.get("/openapi.json").body == emptySite(t).get("/openapi.json").body, "it is the same every time")
}

func TestTheDocumentAndTheRouterNameTheSameOperations(t *testing.T) {
	s := emptySite(t)
	var documented, served []string
	for path, item := range openAPI(t, s).Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	param := regexp.MustCompile(`:(\w+)`)
	for _, r := range s.server.Routes() {
		// Files of pages are not operations.
		if r[1] == "/" || r[1] == "/favicon.svg" || strings.HasPrefix(r[1], "/assets/") || strings.HasPrefix(r[1], "/docs") {
			continue
		}
		served = append(served, r[0]+" "+param.ReplaceAllString(r[1], "{$1}"))
	}
	slices.Sort(documented)
	slices.Sort(served)
	require.Equal(t, served, documented)
	require.Len(t, served, 72+2*len(library.All()))
}

func TestEveryOperationHasAnIDAWordAndAnErrorAnswer(t *testing.T) {
	seen := map[string]bool{}
	for path, item := range openAPI(t, emptySite(t)).Paths.Map() {
		for method, op := range item.Operations() {
			require.NotEmpty(t, op.Summary, "%s %s", method, path)
			require.NotEmpty(t, op.Tags, "%s %s", method, path)
			require.False(t, seen[op.OperationID], op.OperationID)
			seen[op.OperationID] = true
			require.NotNil(t, op.Responses.Default().Value.Content.Get("application/problem+json"), "%s %s", method, path)
		}
	}
}

func TestAnswersAreAsTheDocumentSays(t *testing.T) {
	s := shippedSite(t)
	s.build(newScripted().with, withTrends, newBureau().with)
	doc := openAPI(t, s)
	flows := "id,from,to,kind,amount_usd\nx1,openai,newco,transfer,5\nx2,newco,openai,transfer,7\n"
	transfers := "from,to,amount,timestamp\na,b,10,2025-01-01\nb,a,7,2025-01-02\n"
	what := `{"name":"what","steps":[{"scale":{"payer":"openai","factor":0.5}}]}`
	asked := map[string]bool{}
	type call struct{ method, template, target, contentType, body string }
	var calls []call
	for _, a := range library.All() {
		query := "?as_of=2026-06-30"
		for name, value := range a.Example { // such as the ends of paths, which must be named
			query += "&" + name + "=" + value.(string)
		}
		example, err := json.Marshal(a.Example)
		require.NoError(t, err)
		body := `{"lens":{"classes":"all"},"params":` + string(example) + `}`
		calls = append(calls, call{"GET", "/api/v1/analyses/" + a.Name, query, "", ""}, call{"POST", "/api/v1/analyses/" + a.Name, "", "application/json", body})
	}
	for _, c := range append(calls, []call{
		{"GET", "/api/v1/analyses", "", "", ""},
		{"GET", "/api/v1/analyses/cycles", "?as_of=2025-12-16", "", ""},
		{"GET", "/api/v1/analyses/cycles", "?basis=expected&classes=all&limit=1000", "", ""},
		{"GET", "/api/v1/analyses/roundtrips", "?classes=all", "", ""},
		{"GET", "/api/v1/analyses/coverage", "", "", ""},
		{"GET", "/api/v1/analyses/vendors", "?rollup=false", "", ""},
		{"POST", "/api/v1/analyses/cycles", "", "application/json", `{"lens":{"basis":"signed"},"params":{"min_bottleneck":"1bn"}}`},
		{"POST", "/api/v1/analyses/coverage", "", "application/json", `{"params":{"buyer":["openai"]}}`},
		{"GET", "/api/v1/analyses/circularity", "?draws=5&seed=2", "", ""},
		{"POST", "/api/v1/analyses/coverage", "", "application/json", `{"scenario":` + what + `}`},
		{"GET", "/api/v1/scenarios", "", "", ""},
		{"PUT", "/api/v1/scenarios/{name}", "what", "application/json", what},
		{"PUT", "/api/v1/scenarios/{name}", "what?dry_run=true", "application/json", what},
		{"GET", "/api/v1/scenarios/{name}", "what", "", ""},
		{"GET", "/api/v1/compare", "?analysis=coverage&scenario=what", "", ""},
		{"POST", "/api/v1/compare", "", "application/json", `{"analysis":"coverage","params":{"buyer":"openai"},"scenario":"what"}`},
		{"DELETE", "/api/v1/scenarios/{name}", "what", "", ""},
		{"GET", "/api/v1/saved-queries", "", "", ""},
		{"PUT", "/api/v1/saved-queries/{name}", "promise", "application/yaml", amazonPromise},
		{"PUT", "/api/v1/saved-queries/{name}", "who-pays", "application/yaml", whoPays},
		{"PUT", "/api/v1/saved-queries/{name}", "promise?dry_run=true", "application/json", `{"name":"promise","request":{"analysis":"cycles","lens":{"as_of":"2025"},"draws":3}}`},
		{"GET", "/api/v1/saved-queries", "?tag=mine&q=promise", "", ""},
		{"GET", "/api/v1/saved-queries/{name}", "promise", "", ""},
		{"GET", "/api/v1/saved-queries/{name}", "who-pays", "", ""},
		{"GET", "/api/v1/saved-queries/{name}/run", "promise", "", ""},
		{"GET", "/api/v1/saved-queries/{name}/run", "who-pays?payer=openai", "", ""},
		{"POST", "/api/v1/saved-queries/import", "", "application/yaml", whoPays},
		{"GET", "/api/v1/saved-queries/export", "", "", ""},
		{"DELETE", "/api/v1/saved-queries/{name}", "promise", "", ""},
		{"GET", "/api/v1/graph", "", "", ""},
		{"GET", "/api/v1/graph", "?classes=all&aggregates=true&overlaps=true&basis=expected", "", ""},
		{"GET", "/api/v1/trends", "?as_of=2026&classes=all", "", ""},
		{"GET", "/api/v1/trends", "?schedule=daily&format=csv", "", ""},
		{"POST", "/api/v1/cypher", "", "application/json", `{"query":"MATCH (c:Company) RETURN c"}`},
		{"GET", "/api/v1/companies", "?limit=1000", "", ""},
		{"GET", "/api/v1/chips", "", "", ""},
		{"GET", "/api/v1/deals", "?sort=-title&limit=5", "", ""},
		{"GET", "/api/v1/flows", "?limit=1000", "", ""},
		{"GET", "/api/v1/sources", "?limit=1000", "", ""},
		{"GET", "/api/v1/outcomes", "?limit=1000", "", ""},
		{"GET", "/api/v1/metrics", "?limit=1000", "", ""},
		{"PUT", "/api/v1/companies/{id}", "newco", "application/json", `{"name":"Newco","kind":"investor"}`},
		{"PUT", "/api/v1/companies/{id}", "newco", "application/json", `{"name":"Newco","kind":"investor"}`},
		{"GET", "/api/v1/companies/{id}", "newco", "", ""},
		{"PUT", "/api/v1/sources/{id}", "src", "application/json", `{"title":"A page"}`},
		{"PUT", "/api/v1/chips/{id}", "chip", "application/json", `{"name":"A chip","user_ids":["openai"]}`},
		{"PUT", "/api/v1/deals/{id}", "deal", "application/json", `{"title":"A deal"}`},
		{"PUT", "/api/v1/flows/{id}", "flow", "application/json", `{"from":"newco","to":"openai","kind":"loan","amount":"12.50","status":"closed"}`},
		{"PUT", "/api/v1/outcomes/{id}", "out", "application/json", `{"flow_id":"flow","date":"2025-12","event":"closed","status_after":"closed"}`},
		{"PUT", "/api/v1/metrics/{id}", "met", "application/json", `{"company_id":"newco","metric":"cash","value":-1.5}`},
		{"GET", "/api/v1/chips/{id}", "chip", "", ""},
		{"GET", "/api/v1/deals/{id}", "deal", "", ""},
		{"GET", "/api/v1/flows/{id}", "flow", "", ""},
		{"GET", "/api/v1/sources/{id}", "src", "", ""},
		{"GET", "/api/v1/outcomes/{id}", "out", "", ""},
		{"GET", "/api/v1/metrics/{id}", "met", "", ""},
		{"GET", "/api/v1/chips/{id}/history", "chip", "", ""},
		{"GET", "/api/v1/companies/{id}/history", "openai", "", ""},
		{"GET", "/api/v1/deals/{id}/history", "deal", "", ""},
		{"GET", "/api/v1/sources/{id}/history", "src", "", ""},
		{"GET", "/api/v1/outcomes/{id}/history", "out", "", ""},
		{"GET", "/api/v1/metrics/{id}/history", "met", "", ""},
		{"DELETE", "/api/v1/metrics/{id}", "met", "", ""},
		{"DELETE", "/api/v1/outcomes/{id}", "out", "", ""},
		{"DELETE", "/api/v1/flows/{id}", "flow", "", ""},
		{"GET", "/api/v1/flows/{id}/history", "flow", "", ""},
		{"DELETE", "/api/v1/deals/{id}", "deal", "", ""},
		{"DELETE", "/api/v1/chips/{id}", "chip", "", ""},
		{"DELETE", "/api/v1/sources/{id}", "src", "", ""},
		{"POST", "/api/v1/imports", "?dry_run=true&name=flows.csv", "text/csv", flows},
		{"POST", "/api/v1/imports", "?name=flows.csv", "text/csv", flows},
		{"POST", "/api/v1/imports", "?name=flows.csv", "text/csv", flows},
		{"POST", "/api/v1/imports", "", "text/csv", transfers},
		{"POST", "/api/v1/imports", "?dry_run=true&name=flows.csv", "text/csv", "id,from,to,kind\nx,openai,openai,gift\n"},
		{"GET", "/api/v1/imports", "", "", ""},
		{"POST", "/api/v1/imports/{id}/undo", "b2", "", ""},
		{"DELETE", "/api/v1/companies/{id}", "newco", "", ""},
		{"GET", "/api/v1/exports", "", "", ""},
		{"GET", "/api/v1/schedules", "", "", ""},
		{"PUT", "/api/v1/schedules/{name}", "daily?dry_run=true", "application/yaml", "name: daily\n"},
		{"PUT", "/api/v1/schedules/{name}", "daily", "application/yaml", "name: daily\n"},
		{"GET", "/api/v1/schedules", "", "", ""},
		{"GET", "/api/v1/schedules/{name}", "daily", "", ""},
		{"POST", "/api/v1/schedules/{name}/run", "daily", "", ""},
		{"POST", "/api/v1/schedules/{name}/pause", "daily", "", ""},
		{"POST", "/api/v1/schedules/{name}/resume", "daily", "", ""},
		{"POST", "/api/v1/schedules/{name}/acknowledge", "daily", "application/json", `{"key":"loop/1"}`},
		{"GET", "/api/v1/runs", "?schedule=daily", "", ""},
		{"GET", "/api/v1/runs/{id}", "daily-20261123t0600z", "", ""},
		{"GET", "/api/v1/runs/{id}/report", "daily-20261123t0600z", "", ""},
		{"POST", "/api/v1/runs/{id}/resend", "daily-20261123t0600z", "", ""},
		{"DELETE", "/api/v1/schedules/{name}", "daily", "", ""},
		{"GET", "/healthz", "", "", ""},
		{"GET", "/readyz", "", "", ""},
		{"GET", "/metrics", "", "", ""},
		{"GET", "/openapi.json", "", "", ""},
		// Problems have a schema as well.
		{"GET", "/api/v1/flows/{id}", "no", "", ""},
		{"GET", "/api/v1/graph", "?as_of=x", "", ""},
	}...) {
		asked[c.method+" "+c.template] = true
		target := c.template + c.target
		if strings.Contains(c.template, "{") {
			last, query, _ := strings.Cut(c.target, "?")
			target = strings.NewReplacer("{id}", url.PathEscape(last), "{name}", last).Replace(c.template) + "?" + query
		}
		a := s.send(c.method, target, c.contentType, c.body)
		op := doc.Paths.Value(c.template).GetOperation(c.method)
		require.NotNil(t, op, target)
		response := op.Responses.Status(a.status)
		if response == nil {
			response = op.Responses.Default()
			require.GreaterOrEqual(t, a.status, 400, "%s %s", c.method, target)
		}
		if c.target != "no" && c.target != "?as_of=x" && c.target != "newco" {
			require.Less(t, a.status, 300, "%s %s: %s", c.method, target, a.body)
		}
		media := response.Value.Content.Get(a.header.Get("Content-Type"))
		require.NotNil(t, media, "%s %s: %s is not documented", c.method, target, a.header.Get("Content-Type"))
		if !strings.Contains(a.header.Get("Content-Type"), "json") {
			continue
		}
		var v any
		require.NoError(t, json.Unmarshal([]byte(a.body), &v))
		require.NoError(t, media.Schema.Value.VisitJSON(v, openapi3.EnableJSONSchema2020()), "%s %s\n%.2000s", c.method, target, a.body)
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			require.True(t, asked[method+" "+path], "%s %s is not tried here", method, path)
		}
	}
}

func TestArgumentsAreDocumentedWithTheirLimits(t *testing.T) {
	doc := openAPI(t, emptySite(t))
	op := doc.Paths.Value("/api/v1/analyses/cycles").Get
	hops := op.Parameters.GetByInAndName("query", "max_hops").Schema.Value
	require.Equal(t, 2.0, *hops.Min)
	require.Equal(t, 12.0, *hops.Max)
	require.Equal(t, 5.0, hops.Default)
	require.Equal(t, []any{"headline", "signed", "expected", "settled", "realised"}, op.Parameters.GetByInAndName("query", "basis").Schema.Value.Enum)
	companies := op.Parameters.GetByInAndName("query", "companies")
	require.False(t, *companies.Explode, "a list is one text with commas")
	require.Nil(t, doc.Paths.Value("/api/v1/analyses/roundtrips").Get.Parameters.GetByInAndName("query", "max_hops"), "each analysis has its own")
	row := doc.Components.Schemas["CyclesRow"].Value
	require.True(t, row.Properties["bottleneck_cents"].Value.Type.Includes("null"))
	require.Contains(t, row.Properties, "bottleneck")
}
