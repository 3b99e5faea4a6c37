package server_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
	"roundtrip/server"
)

// halved halves what OpenAI promised Amazon.
const halved = `name: halved
title: Half the promise
steps:
  - scale: {legs: [f_oai_aws38], factor: 0.5}
`

const seedLens = "as_of=2025-12-16&companies=amazon,openai"

func scenarioSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, store: openStore(t), log: &logBuffer{}}
	loadShipped(t, s.store)
	s.build(func(o *server.Options) {
		shelf, err := scenario.NewShelf(dataset.Scenarios(), s.store.(graph.Documents))
		require.NoError(t, err)
		o.Scenarios = shelf
	})
	return s
}

func TestAScenarioIsTriedSavedAskedAndDeleted(t *testing.T) {
	s := scenarioSite(t)
	before := s.get("/api/v1/companies/openai").header.Get("Roundtrip-Revision")

	tried := s.send("PUT", "/api/v1/scenarios/halved?dry_run=true", "application/yaml", halved).ok(200)
	require.Equal(t, "f_oai_aws38", tried["effect"].(map[string]any)["changed"].([]any)[0].(map[string]any)["id"])
	s.get("/api/v1/scenarios/halved").problem(404, "not-found")

	saved := s.send("PUT", "/api/v1/scenarios/halved", "application/yaml", halved)
	saved.ok(201)
	read := s.do(s.request("GET", "/api/v1/scenarios/halved", nil, "Accept", "application/yaml"))
	require.Equal(t, halved, read.body, "the file comes back byte for byte")
	require.Equal(t, saved.header.Get("ETag"), read.header.Get("ETag"))
	asJSON := s.get("/api/v1/scenarios/halved", "If-None-Match", read.header.Get("ETag"))
	require.Equal(t, 200, asJSON.status, "the file at hand is not the JSON")

	coverage := s.get("/api/v1/analyses/coverage?" + seedLens + "&scenario=halved")
	summary := coverage.ok(200)["summary"].(map[string]any)["buyers"].([]any)[0].(map[string]any)
	require.Equal(t, 1_900_000_000_000.0, summary["promised_cents"])
	require.Equal(t, 0.526316, summary["tied_coverage"])
	require.Nil(t, coverage.ok(200)["cypher"], "Neo4j does not know the scenario")
	plain := s.get("/api/v1/analyses/coverage?" + seedLens)
	require.NotEqual(t, plain.header.Get("ETag"), coverage.header.Get("ETag"))

	s.do(s.request("DELETE", "/api/v1/scenarios/halved", nil, "If-Match", `"old"`)).problem(412, "precondition-failed")
	s.do(s.request("DELETE", "/api/v1/scenarios/halved", nil, "If-Match", saved.header.Get("ETag"))).ok(200)
	s.get("/api/v1/scenarios/halved").problem(404, "not-found")
	require.Equal(t, before, s.get("/api/v1/companies/openai").header.Get("Roundtrip-Revision"), "nothing was written to the graph")
}

func TestAComparisonHasBothAnswersAndWhatDiffers(t *testing.T) {
	s := scenarioSite(t)
	body := `{"analysis":"coverage","lens":{"as_of":"2025-12-16","companies":["amazon","openai"]},
		"scenario":{"name":"halved","steps":[{"scale":{"legs":["f_oai_aws38"],"factor":0.5}}]}}`
	both := s.sendJSON("POST", "/api/v1/compare", body).ok(200)
	row := func(side string) map[string]any {
		return both[side].(map[string]any)["rows"].([]any)[0].(map[string]any)
	}
	require.Equal(t, 3_800_000_000_000.0, row("base")["amount_cents"])
	require.Equal(t, 1_900_000_000_000.0, row("scenario")["amount_cents"])
	delta := row("delta")
	require.Equal(t, "f_oai_aws38", delta["commitment"])
	require.Equal(t, "changed", delta["change"])
	require.Equal(t, -1_900_000_000_000.0, delta["amount_delta_cents"])
	require.Equal(t, "-19000000000.00", delta["amount_delta"])
	require.Equal(t, 0.263158, delta["coverage_before"])
	require.Equal(t, 0.526316, delta["coverage_after"])
	require.Equal(t, 0.263158, delta["coverage_delta"])
	figures := both["delta"].(map[string]any)["summary"].(map[string]any)["figures"].([]any)
	var paths []string
	for _, f := range figures {
		paths = append(paths, f.(map[string]any)["path"].(string))
	}
	require.Contains(t, paths, "buyers/openai/gap_tied_cents")
	require.NotContains(t, paths, "buyers/openai/funding_cents", "what is the same is left out")

	page := s.send("GET", "/api/v1/compare?analysis=coverage&"+seedLens+"&scenario=amazon-closes&format=md", "", "")
	require.Equal(t, 200, page.status)
	require.Contains(t, page.body, "Before: Of the $38.0bn")
}

func TestShippedScenariosAreListedAndCannotBeWritten(t *testing.T) {
	s := scenarioSite(t)
	list := s.get("/api/v1/scenarios").ok(200)
	var names []string
	for _, x := range list["scenarios"].([]any) {
		names = append(names, x.(map[string]any)["name"].(string))
		require.Equal(t, "shipped", x.(map[string]any)["origin"])
	}
	require.Subset(t, names, []string{"amazon-closes", "chips-a-year-late", "conditional-falls-away", "openai-stops-paying"})
	require.NotEmpty(t, list["steps"])
	text := strings.Replace(halved, "name: halved", "name: amazon-closes", 1)
	require.Equal(t, "scenario amazon-closes is shipped with the program and cannot be written; choose another name",
		s.send("PUT", "/api/v1/scenarios/amazon-closes", "application/yaml", text).problem(409, "taken").Detail)
	require.Equal(t, 409, s.send("DELETE", "/api/v1/scenarios/amazon-closes", "", "").status)
}

func TestABadScenarioIsNamedWhereItStands(t *testing.T) {
	s := scenarioSite(t)
	for _, c := range []struct{ method, path, body, location, message string }{
		{"PUT", "/api/v1/scenarios/x", `{"name":"y","steps":[{"remove":{"legs":["f_oai_aws38"]}}]}`, "body.name", `is not the name in the path, "x"`},
		{"PUT", "/api/v1/scenarios/x", `{"name":"x","steps":[{"remove":{"legs":["f_oai_aws39"]}}]}`, "body.steps[0].remove.legs[0]", ""},
		{"PUT", "/api/v1/scenarios/x", `{"name":"x","steps":[{"melt":{}}]}`, "body.steps[0].melt", ""},
		{"POST", "/api/v1/analyses/coverage", `{"scenario":{"name":"x","steps":[{"scale":{"legs":["f_oai_aws38"],"factor":-1}}]}}`, "body.scenario.steps[0].scale.factor", ""},
		{"POST", "/api/v1/analyses/coverage", `{"scenario":{"name":"x","steps":[{"remove":{"legs":["nothing"]}}]}}`, "body.scenario.steps[0].remove.legs[0]", ""},
		{"POST", "/api/v1/analyses/coverage", `{"scenario":"amazon-close"}`, "body.scenario", ""},
		{"POST", "/api/v1/analyses/coverage", `{"scenario":7.5,"draws":-1}`, "body.draws", "want a value from 0 to 100000"},
		{"POST", "/api/v1/compare", `{"analysis":"coverage"}`, "body.scenario", "is missing; want the changes to compare with"},
		{"POST", "/api/v1/compare", `{"scenario":"amazon-closes"}`, "body.analysis", "is missing; want the name of an analysis"},
	} {
		p := s.sendJSON(c.method, c.path, c.body).problem(422, "bad-arguments")
		require.Equal(t, c.location, p.Errors[0].Location, "%s %s", c.path, c.body)
		if c.message != "" {
			require.Equal(t, c.message, p.Errors[0].Message)
		}
	}
}

func TestDrawsTellHowTheSummarySpreads(t *testing.T) {
	s := scenarioSite(t)
	spread := s.get("/api/v1/analyses/circularity?" + seedLens + "&draws=200&seed=5").ok(200)["uncertainty"].(map[string]any)
	require.Equal(t, 200.0, spread["draws"])
	require.Equal(t, 5.0, spread["seed"])
	for _, f := range spread["fields"].([]any) {
		if f := f.(map[string]any); f["name"] == "total_cents" {
			require.Equal(t, "US cents", f["unit"])
			require.LessOrEqual(t, f["p5_cents"].(float64), f["p50_cents"].(float64))
			require.LessOrEqual(t, f["p50_cents"].(float64), f["p95_cents"].(float64))
			require.Regexp(t, `^\d+\.\d\d$`, f["mean"], "the same in dollars")
		}
	}
}
