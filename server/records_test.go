package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/server"
)

// ids are the ids of a page in its order.
func ids(page map[string]any) []string {
	var list []string
	for _, r := range page["items"].([]any) {
		list = append(list, r.(map[string]any)["id"].(string))
	}
	return list
}

func TestARecordIsWrittenReadChangedAndDeleted(t *testing.T) {
	s := emptySite(t)
	created := s.sendJSON("PUT", "/api/v1/flows/f1", `{"from":"a","to":"b","kind":"compute_commitment","amount_cents":1234567,"chip_count":1.5,"source_ids":[],"announced_date":"2025-12","count_in_totals":false}`)
	m := created.ok(201)
	require.Equal(t, "/api/v1/flows/f1", created.header.Get("Location"))
	require.Equal(t, "1", created.header.Get("Roundtrip-Revision"))
	require.Equal(t, map[string]any{
		"id": "b1", "revision": 1.0, "origin": "api", "at": "2025-12-16T09:30:00Z", "added": 3.0, "changed": 0.0, "deleted": 0.0, "unchanged": 0.0,
		"undoes": nil, "undone_by": nil,
	}, m["batch"], "the leg and the two companies that it names")

	got := s.get("/api/v1/flows/f1")
	require.JSONEq(t, `{"id":"f1","deal_id":null,"from":"a","to":"b","kind":"compute_commitment","moves":null,"amount_cents":1234567,"amount":"12345.67",
		"amount_low_cents":null,"amount_low":null,"amount_high_cents":null,"amount_high":null,"amount_qualifier":null,"amount_note":null,"count_in_totals":false,
		"announced_date":"2025-12","date_precision":"month","period_start":null,"period_end":null,"initial_status":"signed","status":"signed","status_as_of":null,
		"conditions":null,"capacity_gw":null,"chip_count":1.5,"workload":null,"chips":[],"instrument":null,"parent_flow_id":null,"superseded_by":null,
		"realised_cents":null,"realised":null,"realised_as_of":null,"description":null,"source_ids":[],"confidence":null,"confidence_note":null}`, got.body)
	record, err := json.Marshal(m["record"])
	require.NoError(t, err)
	require.JSONEq(t, got.body, string(record))
	require.Equal(t, created.header.Get("ETag"), got.header.Get("ETag"))

	same := s.sendJSON("PUT", "/api/v1/flows/f1", got.body).ok(200)
	require.Nil(t, same["batch"], "what was read can be written back and changes nothing")
	require.Equal(t, 1.0, same["revision"])

	changed := s.sendJSON("PUT", "/api/v1/flows/f1", `{"from":"a","to":"b","kind":"loan","amount":"0"}`).ok(200)
	require.Equal(t, 1.0, changed["batch"].(map[string]any)["changed"])
	record, err = json.Marshal(changed["record"])
	require.NoError(t, err)
	require.Contains(t, string(record), `"amount":"0.00","amount_cents":0`, "a known zero is not unknown")
	require.Contains(t, string(record), `"chip_count":null`, "what is left out is absent")

	gone := s.do(s.request("DELETE", "/api/v1/flows/f1", nil)).ok(200)
	require.Equal(t, 1.0, gone["batch"].(map[string]any)["deleted"])
	require.Equal(t, `no flow has the id "f1"`, s.get("/api/v1/flows/f1").problem(404, "not-found").Detail)
	require.Equal(t, `no flow has the id "f1"`, s.do(s.request("DELETE", "/api/v1/flows/f1", nil)).problem(404, "not-found").Detail)
}

func TestIdsMayHoldAnyCharacter(t *testing.T) {
	s := emptySite(t)
	for _, id := range []string{"a/b", "a b", "Ä", "A", "a", "a%2Fb", "?", "#x", "+", "a+b/c", "a b/c"} {
		path := "/api/v1/companies/" + url.PathEscape(id)
		s.sendJSON("PUT", path, `{"name":"`+"n"+`"}`).ok(201)
		require.Equal(t, id, s.get(path).ok(200)["id"])
	}
	require.Equal(t, []string{"#x", "+", "?", "A", "a", "a b", "a b/c", "a%2Fb", "a+b/c", "a/b", "Ä"}, ids(s.get("/api/v1/companies").ok(200)))
}

func TestEveryRecordOfTheShippedDataReadsBack(t *testing.T) {
	s := shippedSite(t)
	for _, k := range graph.RecordKinds() {
		page := s.get("/api/v1/" + k.Plural() + "?limit=1000").ok(200)
		require.Nil(t, page["next"])
		require.NotEmpty(t, page["items"])
		for i, r := range page["items"].([]any) {
			if i%10 > 0 {
				continue // each write is a transaction
			}
			body, err := json.Marshal(r)
			require.NoError(t, err)
			id := r.(map[string]any)["id"].(string)
			require.Nil(t, s.sendJSON("PUT", "/api/v1/"+k.Plural()+"/"+url.PathEscape(id), string(body)).ok(200)["batch"], "%s/%s", k, id)
		}
	}
}

func TestRecordsAreListedInPages(t *testing.T) {
	s := shippedSite(t)
	var all []string
	target := "/api/v1/flows?limit=100&sort=-amount_usd"
	for after := ""; ; {
		page := s.get(target + after).ok(200)
		require.Equal(t, 1.0, page["revision"])
		all = append(all, ids(page)...)
		if page["next"] == nil {
			require.Len(t, all, int(page["total"].(float64)))
			break
		}
		require.Len(t, page["items"], 100)
		after = "&after=" + url.QueryEscape(page["next"].(string))
	}
	slices.Sort(all)
	require.Len(t, slices.Compact(all), len(all))
	require.Greater(t, len(all), 200)
}

func TestRecordsAreFilteredByEveryField(t *testing.T) {
	s := emptySite(t)
	for id, body := range map[string]string{
		"f1": `{"from":"a","to":"b","kind":"loan","amount":"10000000000","count_in_totals":false,"announced_date":"2025-01","source_ids":["s1","s2"],"capacity_gw":0.5}`,
		"f2": `{"from":"a","to":"c","kind":"loan","amount":"5","announced_date":"2025-01-01","source_ids":["s2"]}`,
		"f3": `{"from":"b","to":"a","kind":"transfer"}`,
	} {
		for _, src := range []string{"s1", "s2"} {
			require.Less(t, s.sendJSON("PUT", "/api/v1/sources/"+src, `{}`).status, 300)
		}
		s.sendJSON("PUT", "/api/v1/flows/"+id, body).ok(201)
	}
	for query, want := range map[string][]string{
		"from=a":                           {"f1", "f2"},
		"from=a&to=b":                      {"f1"},
		"amount_usd=10bn":                  {"f1"},
		"amount_usd=":                      {"f3"},
		"count_in_totals=false":            {"f1"},
		"count_in_totals=true":             {"f2", "f3"},
		"announced_date=2025-01":           {"f1"},
		"source_ids=s2":                    {"f1", "f2"},
		"capacity_gw=0.50":                 {"f1"},
		"kind=transfer":                    {"f3"},
		"status=closed":                    {"f3"},
		"id=F1":                            nil,
		"sort=amount_usd":                  {"f2", "f1", "f3"},
		"sort=-amount_usd":                 {"f1", "f2", "f3"},
		"sort=-id&limit=2":                 {"f3", "f2"},
		"sort=announced_date&from=a&to=ab": nil,
	} {
		require.Equal(t, want, ids(s.get("/api/v1/flows?"+query).ok(200)), query)
	}
	require.Equal(t, []string{"a", "b", "c"}, ids(s.get("/api/v1/companies").ok(200)), "companies that legs name are created")
}

func TestBadListingsNameWhatIsWrong(t *testing.T) {
	s := emptySite(t, func(o *server.Options) { o.Limits.Rows = 200 })
	s.sendJSON("PUT", "/api/v1/companies/a", `{}`).ok(201)
	s.sendJSON("PUT", "/api/v1/companies/b", `{}`).ok(201)
	const companies = "id, name, kind, country, ticker, aliases, parent_id, source_ids, note"
	for query, want := range map[string]server.Entry{
		"limit=0":    {Location: "query.limit", Value: "0", Message: "want a whole number from 1 to 200"},
		"limit=1001": {Location: "query.limit", Value: "1001", Message: "want a whole number from 1 to 200"},
		"limit=ten":  {Location: "query.limit", Value: "ten", Message: "want a whole number from 1 to 200"},
		"sort=size":  {Location: "query.sort", Value: "size", Message: "want a field, with a minus sign for descending: " + companies},
		"after=zzz":  {Location: "query.after", Value: "zzz", Message: "want the next of a page of this listing, with the same filter and sort"},
		"nmae=x":     {Location: "query.nmae", Value: "x", Message: "no such key; did you mean name? allowed are limit, after, sort, " + companies},
	} {
		p := s.get("/api/v1/companies?"+query).problem(422, "bad-arguments")
		require.Equal(t, []server.Entry{want}, p.Errors, query)
		require.Equal(t, want.Location+": "+want.Message, p.Detail)
	}
	require.Equal(t, []server.Entry{{Location: "query.amount_usd", Value: "much", Message: `"much" is not an amount in dollars: want digits with an optional point, such as 1200 or 1200.50 (k, m, bn or tn may follow: 38.5m, 10bn)`}},
		s.get("/api/v1/flows?amount_usd=much").problem(422, "bad-arguments").Errors)
	require.Equal(t, "query.kind", s.get("/api/v1/flows?kind=gift").problem(422, "bad-arguments").Errors[0].Location)
	require.Equal(t, []server.Entry{{Location: "query.count_in_totals", Value: "maybe", Message: "want true or false"}},
		s.get("/api/v1/flows?count_in_totals=maybe").problem(422, "bad-arguments").Errors)

	next := s.get("/api/v1/companies?limit=1").ok(200)["next"].(string)
	require.Equal(t, []string{"b"}, ids(s.get("/api/v1/companies?limit=1&after="+next).ok(200)))
	s.get("/api/v1/companies?limit=1&sort=-name&after="+next).problem(422, "bad-arguments")
}

func TestBadRecordsNameTheField(t *testing.T) {
	s := emptySite(t)
	s.sendJSON("PUT", "/api/v1/companies/a", `{}`).ok(201)
	for body, want := range map[string][]server.Entry{
		`{"from":"a","to":"b","kind":"loan","amout":"1"}`: {{
			Location: "body.amout", Value: `"1"`,
			Message: "no such key; did you mean amount? allowed are id, deal_id, from, to, kind, moves, amount_cents, amount, amount_low_cents, amount_low, amount_high_cents, amount_high, amount_qualifier, amount_note, count_in_totals, announced_date, date_precision, period_start, period_end, initial_status, status, status_as_of, conditions, capacity_gw, chip_count, workload, chips, instrument, parent_flow_id, superseded_by, realised_cents, realised, realised_as_of, description, source_ids, confidence, confidence_note",
		}},
		`{"from":"a","to":"b","kind":"loan","amount_cents":1.5}`:                             {{Location: "body.amount_cents", Value: "1.5", Message: "want a whole number of cents from 0 to 900000000000000, or null"}},
		`{"from":"a","to":"b","kind":"loan","amount":12}`:                                    {{Location: "body.amount", Value: "12", Message: `want dollars as a text such as "1200.50", or null`}},
		`{"from":"a","to":"b","kind":"loan","amount":"1","amount_cents":200}`:                {{Location: "body.amount_cents", Value: "200", Message: "does not agree with the other member for the same amount, $1; give one of them"}},
		`{"from":1,"to":"b","kind":"loan"}`:                                                  {{Location: "body.from", Value: "1", Message: "want a text, or null"}},
		`{"from":"a","to":"b","kind":"loan","chips":"x"}`:                                    {{Location: "body.chips", Value: `"x"`, Message: "want a list of texts without semicolons, or null"}},
		`{"from":"a","to":"b","kind":"loan","chips":["x;y"]}`:                                {{Location: "body.chips", Value: `["x;y"]`, Message: "want a list of texts without semicolons, or null"}},
		`{"from":"a","to":"b","kind":"loan","count_in_totals":"no"}`:                         {{Location: "body.count_in_totals", Value: `"no"`, Message: "want true or false"}},
		`{"from":"a","to":"b","kind":"loan","capacity_gw":"1"}`:                              {{Location: "body.capacity_gw", Value: `"1"`, Message: "want a number with at most six decimal places, or null"}},
		`{"from":"a","to":"b","kind":"loan","announced_date":"2025-02-30"}`:                  {{Location: "body.announced_date", Value: `"2025-02-30"`, Message: `"2025-02-30" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ`}},
		`{"from":"a","to":"b","kind":"loan","id":"other"}`:                                   {{Location: "body.id", Value: "other", Message: `the path names "f1"; want the same id, or none`}},
		`{"from":"a","to":"b","kind":"loan","announced_date":"2025","date_precision":"day"}`: {{Location: "body.date_precision", Value: "day", Message: "follows from the other fields and is year; leave it out"}},
	} {
		p := s.sendJSON("PUT", "/api/v1/flows/f1", body).problem(422, "bad-arguments")
		require.Equal(t, want, p.Errors, body)
	}
	require.Equal(t, 1.0, s.get("/api/v1/imports").ok(200)["total"], "nothing of them is kept")
}

func TestRecordsThatBreakRulesAreRefusedWithTheCode(t *testing.T) {
	s := emptySite(t)
	s.sendJSON("PUT", "/api/v1/flows/f0", `{"from":"a","to":"b","kind":"loan","deal_id":"d"}`).ok(201)
	p := s.sendJSON("PUT", "/api/v1/flows/f1", `{"from":"a","to":"a","kind":"loan","amount_low":"5","amount_high":"3","source_ids":["nowhere"]}`).problem(422, "rejected")
	codes := map[string]string{}
	for _, e := range p.Errors {
		codes[e.Code] = e.Location
	}
	require.Equal(t, map[string]string{"self_leg": "body.to", "amount_order": "body.amount_high_cents", "reference_unknown": "body.source_ids"}, codes)

	p = s.do(s.request("DELETE", "/api/v1/companies/a", nil)).problem(422, "rejected")
	require.Equal(t, "stored flow/f0.from", p.Errors[0].Location, "the record that still names it")
	require.Equal(t, "reference_deleted", p.Errors[0].Code)
	s.sendJSON("PUT", "/api/v1/flows/f1", `{}`).problem(422, "rejected")
}

func TestIfMatchGuardsAgainstOverwriting(t *testing.T) {
	s := emptySite(t)
	first := s.sendJSON("PUT", "/api/v1/companies/a", `{"name":"A"}`)
	tag := first.header.Get("ETag")
	require.Equal(t, 304, s.get("/api/v1/companies/a", "If-None-Match", tag).status)
	require.Equal(t, 1, len(s.get("/api/v1/companies/a").header.Values("ETag")))

	s.sendJSON("PUT", "/api/v1/companies/other", `{}`).ok(201)
	s.sendJSON("PUT", "/api/v1/companies/a", `{"name":"AA"}`, "If-Match", tag).ok(200)
	require.Equal(t, `the company "a" is not the one that If-Match names any more; get it again`,
		s.sendJSON("PUT", "/api/v1/companies/a", `{"name":"B"}`, "If-Match", tag).problem(412, "precondition-failed").Detail)
	s.do(s.request("DELETE", "/api/v1/companies/a", nil, "If-Match", tag)).problem(412, "precondition-failed")
	require.Equal(t, `If-Match is given, but no company has the id "new"`,
		s.sendJSON("PUT", "/api/v1/companies/new", `{}`, "If-Match", "*").problem(412, "precondition-failed").Detail)
	require.Equal(t, "AA", s.get("/api/v1/companies/a").ok(200)["name"])
	s.do(s.request("DELETE", "/api/v1/companies/a", nil, "If-Match", "*")).ok(200)
}

// movingStore is a store in which another writer commits just before each of
// the first applies.
type movingStore struct {
	graph.Store
	graph.Documents
	others int
}

func (m *movingStore) Apply(ctx context.Context, b graph.Batch) (graph.Applied, error) {
	if m.others > 0 {
		m.others--
		other := &graph.Company{ID: "other", Note: string(rune('a' + m.others))}
		if _, err := m.Store.Apply(ctx, graph.Batch{Origin: "other", At: today, Records: func(yield func(graph.Record, error) bool) { yield(other, nil) }}); err != nil {
			return graph.Applied{}, err
		}
	}
	return m.Store.Apply(ctx, b)
}

func TestAWriteIsCheckedAnewWhenTheGraphMoves(t *testing.T) {
	moving := &movingStore{}
	s := emptySite(t, func(o *server.Options) {
		moving.Store, moving.Documents = o.Store, o.Store.(graph.Documents)
		o.Store = moving
	})
	moving.others = 2
	s.sendJSON("PUT", "/api/v1/companies/a", `{"name":"A"}`).ok(201)
	moving.others = 20
	require.Equal(t, "the graph has changed since this request was checked; read it again and repeat the request",
		s.sendJSON("PUT", "/api/v1/companies/a", `{"name":"B"}`).problem(409, "conflict").Detail)
}

// failingStore is a store whose writes fail with an error of the contract.
type failingStore struct {
	graph.Store
	graph.Documents
	err error
}

func (f *failingStore) Apply(context.Context, graph.Batch) (graph.Applied, error) {
	return graph.Applied{}, fmt.Errorf("apply in /secret/place: %w", f.err)
}

func TestEveryErrorOfAStoreHasItsProblem(t *testing.T) {
	failing := &failingStore{}
	s := emptySite(t, func(o *server.Options) {
		failing.Store, failing.Documents = o.Store, o.Store.(graph.Documents)
		o.Store = failing
	})
	for _, c := range []struct {
		err        error
		status     int
		kind       string
		retryAfter string
	}{
		{graph.ErrBusy, 503, "busy", "2"},
		{graph.ErrUnavailable, 503, "unavailable", "5"},
		{graph.ErrConflict, 409, "conflict", ""},
		{graph.ErrReadOnly, 403, "read-only", ""},
		{context.DeadlineExceeded, 504, "timeout", ""},
		{errors.New("disk full"), 500, "internal", ""},
	} {
		failing.err = c.err
		a := s.sendJSON("PUT", "/api/v1/companies/a", `{}`)
		a.problem(c.status, c.kind)
		require.Equal(t, c.retryAfter, a.header.Get("Retry-After"))
		require.NotContains(t, a.body, "secret")
		lines := s.log.Lines(t)
		if c.status >= 500 {
			require.Contains(t, lines[len(lines)-1]["error"], "/secret/place")
		}
		s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", bought).problem(c.status, c.kind)
	}
}
