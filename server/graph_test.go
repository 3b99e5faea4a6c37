package server_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheGraphUnderALensIsDrawn(t *testing.T) {
	s := shippedSite(t)
	a := s.get("/api/v1/graph?companies=amazon,openai&as_of=2025-12-16")
	m := a.ok(200)
	require.Equal(t, "1", a.header.Get("Roundtrip-Revision"))
	require.Equal(t, "money", m["lens"].(map[string]any)["classes"])
	require.Equal(t, 1.0, m["graph"].(map[string]any)["revision"])
	require.Equal(t, []any{
		map[string]any{"id": "amazon", "name": "Amazon", "kind": "hyperscaler", "aggregate": false, "in_cents": 3800000000000.0, "in": "38000000000.00", "out_cents": 1000000000000.0, "out": "10000000000.00"},
		map[string]any{"id": "openai", "name": "OpenAI", "kind": "ai_lab", "aggregate": false, "in_cents": 1000000000000.0, "in": "10000000000.00", "out_cents": 3800000000000.0, "out": "38000000000.00"},
	}, m["nodes"])
	require.Equal(t, []any{
		map[string]any{"payer": "amazon", "payee": "openai", "class": "FUNDS", "amount_cents": 1000000000000.0, "amount": "10000000000.00", "partial": false, "signed": false, "conditional": false, "legs": []any{"f_amzn_oai_talks10"}},
		map[string]any{"payer": "openai", "payee": "amazon", "class": "PAYS", "amount_cents": 3800000000000.0, "amount": "38000000000.00", "partial": false, "signed": true, "conditional": false, "legs": []any{"f_oai_aws38"}},
	}, m["edges"])
	legs := m["legs"].([]any)
	require.Len(t, legs, 2)
	first := legs[0].(map[string]any)
	require.Equal(t, "f_oai_aws38", first["id"], "by date, then id")
	require.Equal(t, "aws", first["to"])
	require.Equal(t, "amazon", first["payee"])
	require.Equal(t, "2025-11-03", first["announced"])
	require.NotEmpty(t, first["source_ids"])

	require.Equal(t, 304, s.get("/api/v1/graph?companies=aws,openai", "If-None-Match", a.header.Get("ETag")).status, "the same lens in other words")
	require.Equal(t, 200, s.get("/api/v1/graph?companies=amazon,openai&rollup=false", "If-None-Match", a.header.Get("ETag")).status)
}

func TestTheGraphIsDrawnUnderAScenario(t *testing.T) {
	s := shippedSite(t)
	const path = "/api/v1/graph?companies=amazon,openai"
	s.send("PUT", "/api/v1/scenarios/half", "application/yaml", "name: half\nas_of: 2025-12-16\nsteps:\n  - scale: {legs: [f_oai_aws38], factor: 0.5}\n").ok(201)
	before := s.get(path + "&as_of=2025-12-16")
	after := s.get(path + "&scenario=half")
	m := after.ok(200)
	require.Equal(t, "2025-12-16", m["lens"].(map[string]any)["as_of"], "the scenario chooses the day")
	require.Equal(t, "19000000000.00", m["edges"].([]any)[1].(map[string]any)["amount"])
	used := m["scenario"].(map[string]any)
	require.Equal(t, "half", used["name"])
	require.Len(t, used["effect"].(map[string]any)["changed"], 1)
	require.NotContains(t, before.ok(200), "scenario")
	require.Equal(t, "38000000000.00", before.ok(200)["edges"].([]any)[1].(map[string]any)["amount"])
	require.NotEqual(t, before.header.Get("ETag"), after.header.Get("ETag"))
	require.Equal(t, 304, s.get(path+"&scenario=half", "If-None-Match", after.header.Get("ETag")).status)
	s.get(path+"&scenario=no").problem(422, "bad-arguments")
}

func TestUnknownAmountsAreNullAndNotZero(t *testing.T) {
	s := emptySite(t)
	s.sendJSON("PUT", "/api/v1/flows/f1", `{"from":"a","to":"b","kind":"loan"}`).ok(201)
	s.sendJSON("PUT", "/api/v1/flows/f2", `{"from":"b","to":"c","kind":"loan","amount":"0","status":"talks"}`).ok(201)
	m := s.get("/api/v1/graph").ok(200)
	require.Equal(t, 1.0, m["n_unknown"])
	nodes := m["nodes"].([]any)
	require.Nil(t, nodes[0].(map[string]any)["out_cents"])
	require.Equal(t, 0.0, nodes[0].(map[string]any)["in_cents"], "nothing goes in, which is known")
	require.Equal(t, 0.0, nodes[1].(map[string]any)["out_cents"])
	require.Nil(t, m["edges"].([]any)[0].(map[string]any)["amount"])
	require.Equal(t, "0.00", m["edges"].([]any)[1].(map[string]any)["amount"])
	require.NotEmpty(t, m["warnings"], "the legs have no date")
}

func TestBadLensesNameTheField(t *testing.T) {
	s := emptySite(t)
	for query, want := range map[string]string{
		"as_of=tomorrow": `query.as_of: "tomorrow" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ`,
		"companies=x":    "query.companies: want ids of companies",
		"limit=3":        "query.limit: no such key; allowed are as_of, basis, amount, classes, rollup, aggregates, overlaps, conditional, min_amount, kinds, companies, scenario",
		"rollup=yes":     "query.rollup: want true or false",
	} {
		require.Equal(t, want, s.get("/api/v1/graph?"+query).problem(422, "bad-arguments").Detail, query)
	}
}
