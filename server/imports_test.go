package server_test

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"mime/multipart"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"roundtrip/graph/dataset"
	"roundtrip/server"
)

// form is a multipart body with these files and its content type.
func form(t *testing.T, files ...[2]string) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range files {
		part, err := w.CreateFormFile("file", f[0])
		require.NoError(t, err)
		_, err = part.Write([]byte(f[1]))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String(), w.FormDataContentType()
}

func zipOf(t *testing.T, files fs.FS) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	require.NoError(t, z.AddFS(files))
	require.NoError(t, z.Close())
	return b.String()
}

func batchCount(s *site) float64 { return s.get("/api/v1/imports").ok(200)["total"].(float64) }

const (
	bought = "id,from,to,kind,amount_usd,announced_date\nbuy,lab,cloud,compute_commitment,38000000000,2025-11-03\n"
	funded = "id,from,to,kind,amount_usd,announced_date\nfund,cloud,lab,equity_investment,10000000000,2025-12-16\n"
)

func TestAnImportTellsTheLoopsThatItCloses(t *testing.T) {
	s := emptySite(t)
	first := s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", bought).ok(200)
	require.Empty(t, first["cycles_closed"])
	require.Equal(t, 3.0, first["batch"].(map[string]any)["added"])

	dry := s.send("POST", "/api/v1/imports?dry_run=true&name=flows.csv", "text/csv", funded).ok(200)
	require.Nil(t, dry["batch"])
	require.Equal(t, true, dry["dry_run"])
	require.Equal(t, 1.0, dry["revision"])
	require.Equal(t, 1.0, batchCount(s), "a dry run keeps nothing")
	loops := dry["cycles_closed"].([]any)
	require.Len(t, loops, 1)
	loop := loops[0].(map[string]any)
	require.Equal(t, []any{"cloud", "lab"}, loop["ring"])
	require.Equal(t, 1000000000000.0, loop["bottleneck_cents"])
	require.Equal(t, "10000000000.00", loop["bottleneck"])

	applied := s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", funded)
	m := applied.ok(200)
	require.Equal(t, loops, m["cycles_closed"])
	require.Equal(t, 2.0, m["revision"])
	require.Equal(t, "2", applied.header.Get("Roundtrip-Revision"))
	found := s.get("/api/v1/analyses/cycles").ok(200)["rows"].([]any)
	require.Equal(t, loop["id"], found[0].(map[string]any)["id"])

	again := s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", funded).ok(200)
	require.Nil(t, again["batch"], "the same file changes nothing")
	require.Empty(t, again["cycles_closed"])
	changed := s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", strings.Replace(funded, "10000000000", "12000000000", 1)).ok(200)
	require.Len(t, changed["cycles_closed"], 1, "a changed leg counts as well")
	outcome := s.send("POST", "/api/v1/imports?name=outcomes.csv&dry_run=true", "text/csv", "id,flow_id,date,event,paid_to_date_usd\no1,buy,2025-12-01,tranche_paid,5\n").ok(200)
	require.Len(t, outcome["cycles_closed"], 1, "and so does one with a new outcome")
	apart := s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", "id,from,to,kind\nx,lab,landlord,lease\n").ok(200)
	require.Empty(t, apart["cycles_closed"], "an old loop that the import does not touch is not told")
}

func TestOfManyClosedLoopsTheFirstHundredAreTold(t *testing.T) {
	s := emptySite(t)
	var all strings.Builder // six firms that all pay each other: 15 + 40 + 90 + 144 loops
	all.WriteString("from,to,amount,timestamp\n")
	for _, from := range "abcdef" {
		for _, to := range "abcdef" {
			if from != to {
				all.WriteString(string(from) + "," + string(to) + ",10,2025-01-01\n")
			}
		}
	}
	m := s.send("POST", "/api/v1/imports?name=transfers.csv", "text/csv", all.String()).ok(200)
	require.Len(t, m["cycles_closed"], 100)
	require.Equal(t, map[string]any{"is": true, "reason": "these are the first 100 of the loops that the import closes"}, m["cycles_truncated"])
	require.Equal(t, 289.0, s.get("/api/v1/analyses/cycles").ok(200)["summary"].(map[string]any)["count"])
}

func TestTheShippedDataComesInAsFormAndZipAndGoesOutAgain(t *testing.T) {
	s := emptySite(t)
	var files [][2]string
	names, err := fs.Glob(dataset.FS(), "*.csv")
	require.NoError(t, err)
	for _, name := range names {
		b, err := fs.ReadFile(dataset.FS(), name)
		require.NoError(t, err)
		files = append(files, [2]string{name, string(b)})
	}
	body, contentType := form(t, files...)
	first := s.send("POST", "/api/v1/imports", contentType, body).ok(200)
	found := s.get("/api/v1/analyses/cycles").ok(200)
	require.Equal(t, len(found["rows"].([]any)), len(first["cycles_closed"].([]any)), "in an empty graph every loop is new")
	require.Equal(t, map[string]any{"is": false}, first["cycles_truncated"])
	require.Equal(t, strings.Join(names, ", "), first["batch"].(map[string]any)["origin"])

	again := s.send("POST", "/api/v1/imports?name=deals.zip", "application/zip", zipOf(t, dataset.FS())).ok(200)
	require.Nil(t, again["batch"])

	out := s.get("/api/v1/exports")
	require.Equal(t, 200, out.status)
	require.Equal(t, "application/zip", out.header.Get("Content-Type"))
	require.Equal(t, `attachment; filename="roundtrip-r1.zip"`, out.header.Get("Content-Disposition"))
	require.Equal(t, 304, s.get("/api/v1/exports", "If-None-Match", out.header.Get("ETag")).status)
	other := emptySite(t)
	body, contentType = form(t, [2]string{"export.zip", out.body})
	require.Equal(t, 200, other.send("POST", "/api/v1/imports", contentType, body).status)
	require.Equal(t, s.get("/api/v1/analyses/cycles").ok(200)["graph"].(map[string]any)["hash"], other.get("/api/v1/analyses/cycles").ok(200)["graph"].(map[string]any)["hash"])
	require.Equal(t, out.body, other.get("/api/v1/exports").body)
}

func TestRefusedImportsNameFileLineAndColumn(t *testing.T) {
	s := emptySite(t)
	const bad = "id,from,to,kind,amount_usd\nf1,a,b,loan,-5\nf2,a,a,loan,1\n"
	p := s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", bad).problem(422, "rejected")
	require.Len(t, p.Errors, 2)
	require.Equal(t, "flows.csv:2:amount_usd", p.Errors[0].Location)
	require.Equal(t, "-5", p.Errors[0].Value)
	require.Equal(t, "amount_negative", p.Errors[0].Code)
	require.Equal(t, "flows.csv:3:to", p.Errors[1].Location)
	require.True(t, strings.HasPrefix(p.Detail, "2 faults, 2 of them in errors; the first is flows.csv:2:amount_usd: "), p.Detail)
	require.Equal(t, 0.0, batchCount(s))

	dry := s.send("POST", "/api/v1/imports?name=flows.csv&dry_run=true", "text/csv", bad).ok(200)
	report := dry["report"].(map[string]any)
	require.Equal(t, 2.0, report["faults_total"])
	require.Equal(t, "flows.csv", report["faults"].([]any)[0].(map[string]any)["file"])
	require.Equal(t, 2.0, report["faults"].([]any)[0].(map[string]any)["line"])

	for name, c := range map[string]struct {
		query, contentType, body string
		status                   int
		kind, detail             string
	}{
		"no body":             {"", "", "", 422, "bad-arguments", "body: is empty; want a CSV file, a zip, or a form with files"},
		"JSON":                {"", "application/json", "{}", 415, "unsupported-media-type", `the body is of type "application/json"; want multipart/form-data or text/csv or application/zip`},
		"a form without ends": {"", "multipart/form-data", "x", 400, "bad-request", "the Content-Type of the form names no boundary"},
		"a cut form":          {"", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"flows.csv\"\r\n\r\nid,", 400, "bad-request", "the body could not be read to its end"},
		"a field in the form": {"", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nid\r\n--x--\r\n", 422, "bad-arguments", "body.f: is not a file; want files only"},
		"a broken zip":        {"", "application/zip", "PK nonsense", 422, "rejected", "upload.zip cannot be read as a zip"},
		"a hidden file":       {"?name=.csv", "text/csv", "id\n", 422, "bad-arguments", "body: want a file with a name such as flows.csv"},
		"a wrong name":        {"?name=flows.txt", "text/csv", "id\n", 422, "bad-arguments", "query.name: want the name of a CSV file, such as flows.csv"},
		"a dry run of maybe":  {"?dry_run=maybe", "text/csv", "id\n", 422, "bad-arguments", "query.dry_run: want true or false"},
		"an unknown key":      {"?dryrun=true", "text/csv", "id\n", 422, "bad-arguments", "query.dryrun: no such key; did you mean dry_run? allowed are dry_run, name"},
	} {
		require.Equal(t, c.detail, s.send("POST", "/api/v1/imports"+c.query, c.contentType, c.body).problem(c.status, c.kind).Detail, name)
	}
	body, contentType := form(t, [2]string{"flows.csv", bought}, [2]string{"flows.csv", funded})
	require.Equal(t, "body: is uploaded twice; want each file once", s.send("POST", "/api/v1/imports", contentType, body).problem(422, "bad-arguments").Detail)
	body, contentType = form(t, [2]string{"../../flows.csv", bought})
	require.Equal(t, 200, s.send("POST", "/api/v1/imports", contentType, body).status, "a path in a name is left away")
	require.Equal(t, "b1", s.get("/api/v1/imports").ok(200)["batches"].([]any)[0].(map[string]any)["id"])
}

func TestUploadsLeaveNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := emptySite(t, func(o *server.Options) { o.Limits.Upload = 1000 })
	s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", bought).ok(200)
	s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", "nonsense").problem(422, "rejected")
	a := s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", bought+strings.Repeat("x", 2000))
	require.Equal(t, "the body is larger than the limit of 1000 bytes", a.problem(413, "too-large").Detail)
	require.Equal(t, "close", a.header.Get("Connection"))
	body, contentType := form(t, [2]string{"flows.csv", bought + strings.Repeat("x", 2000)})
	s.send("POST", "/api/v1/imports", contentType, body).problem(413, "too-large")
	bomb := zipOf(t, fstest.MapFS{"flows.csv": {Data: []byte(bought + strings.Repeat("x1,lab,cloud,loan,1,2025\n", 2000))}})
	require.Less(t, len(bomb), 1000)
	p := s.send("POST", "/api/v1/imports", "application/zip", bomb).problem(422, "rejected")
	require.Equal(t, "file_too_large", p.Errors[0].Code)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		require.False(t, strings.HasPrefix(e.Name(), "roundtrip-import-"), e.Name())
	}
}

func TestBatchesAreListedAndUndone(t *testing.T) {
	s := emptySite(t)
	s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", bought).ok(200)
	s.send("POST", "/api/v1/imports?name=flows.csv", "text/csv", strings.Replace(bought, "38", "39", 1)).ok(200)

	p := s.do(s.request("POST", "/api/v1/imports/b1/undo", nil)).problem(409, "undo-blocked")
	require.Equal(t, "batch b1 cannot be undone: the later batch b2 touched flow/buy; undo that one first", p.Detail)
	undo := s.do(s.request("POST", "/api/v1/imports/b2/undo", nil)).ok(200)
	require.Equal(t, "b3", undo["batch"].(map[string]any)["id"])
	require.Equal(t, "b2", undo["batch"].(map[string]any)["undoes"])
	require.Equal(t, 3800000000000.0, s.get("/api/v1/flows/buy").ok(200)["amount_cents"])
	s.do(s.request("POST", "/api/v1/imports/b1/undo", nil)).ok(200)
	require.Equal(t, 0.0, s.get("/api/v1/flows").ok(200)["total"])

	list := s.get("/api/v1/imports?limit=2").ok(200)
	require.Equal(t, 4.0, list["total"])
	require.Len(t, list["batches"], 2)
	require.Equal(t, "b4", list["batches"].([]any)[0].(map[string]any)["id"])
	require.Equal(t, `no batch has the id "b99"`, s.do(s.request("POST", "/api/v1/imports/b99/undo", nil)).problem(404, "not-found").Detail)
}

func TestABodyWhereNoneIsReadIsRefusedRatherThanIgnored(t *testing.T) {
	s := emptySite(t, newBureau().with)
	p := s.sendJSON("POST", "/api/v1/runs/daily-20261123t0600z/resend", `{"recipient":"desk"}`).problem(422, "bad-arguments")
	require.Equal(t, "body: is not read here; want recipient in the query of the address", p.Detail)
	p = s.sendJSON("POST", "/api/v1/schedules/daily/pause", `{"paused":false}`).problem(422, "bad-arguments")
	require.Equal(t, "body: is not read here; want none", p.Detail)
}
