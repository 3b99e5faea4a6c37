package server_test

import (
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/server"
)

func TestTheHistoryOfARecordTellsWhichBatchMadeEachVersion(t *testing.T) {
	s := emptySite(t)
	s.sendJSON("PUT", "/api/v1/companies/a%2Fb", `{"name":"A"}`).ok(201)
	require.Equal(t, 200, s.send("POST", "/api/v1/imports?name=companies.csv", "text/csv", "id,name\na/b,AA\nc,C\n").status)
	s.sendJSON("PUT", "/api/v1/companies/c", `{"name":"CC"}`).ok(200)
	s.do(s.request("DELETE", "/api/v1/companies/a%2Fb", nil)).ok(200)
	a := s.get("/api/v1/companies/a%2Fb/history")
	require.JSONEq(t, `{"total":3,"versions":[
		{"revision":1,"batch":"b1","origin":"api","at":"2025-12-16T09:30:00Z","record":{"id":"a/b","name":"A","kind":null,"country":null,"ticker":null,"aliases":[],"parent_id":null,"source_ids":[],"note":null}},
		{"revision":2,"batch":"b2","origin":"companies.csv","at":"2025-12-16T09:30:00Z","record":{"id":"a/b","name":"AA","kind":null,"country":null,"ticker":null,"aliases":[],"parent_id":null,"source_ids":[],"note":null}},
		{"revision":4,"batch":"b4","origin":"api","at":"2025-12-16T09:30:00Z","record":null}]}`, a.body)
	require.Equal(t, "4", a.header.Get("Roundtrip-Revision"))
	require.Equal(t, 304, s.get("/api/v1/companies/a%2Fb/history", "If-None-Match", a.header.Get("ETag")).status)
	require.Equal(t, `no company has the id "x"`, s.get("/api/v1/companies/x/history").problem(404, "not-found").Detail)
	require.Equal(t, `no deal has the id "c"`, s.get("/api/v1/deals/c/history").problem(404, "not-found").Detail)
}

func TestALongHistoryShowsItsLastVersions(t *testing.T) {
	s := emptySite(t, func(o *server.Options) { o.Limits.Rows = 5 })
	for n := range 8 {
		require.Less(t, s.sendJSON("PUT", "/api/v1/companies/a", `{"name":"`+strconv.Itoa(n)+`"}`).status, 300)
	}
	revisions := func(query string) []float64 {
		m := s.get("/api/v1/companies/a/history" + query).ok(200)
		require.Equal(t, 8.0, m["total"])
		var list []float64
		for _, v := range m["versions"].([]any) {
			list = append(list, v.(map[string]any)["revision"].(float64))
		}
		return list
	}
	require.Equal(t, []float64{4, 5, 6, 7, 8}, revisions(""))
	require.Equal(t, []float64{7, 8}, revisions("?limit=2"))
	for _, limit := range []string{"0", "6", "x"} {
		p := s.get("/api/v1/companies/a/history?limit="+url.QueryEscape(limit)).problem(422, "bad-arguments")
		require.Equal(t, []server.Entry{{Location: "query.limit", Value: limit, Message: "want a whole number from 1 to 5"}}, p.Errors)
	}
}
