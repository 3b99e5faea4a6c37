package render_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/ingest"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/queries/render"
)

var update = flag.Bool("update", false, "write the expected pages again; read them before you commit them")

// seed is the story of the seed, with names and titles that try to break out of
// every form.
var seed = []graph.Record{
	&graph.Source{ID: "s1", Publisher: "News | <b>Desk</b>", Date: date("2025-12"), Title: "Talks, \"said\" *to* be", URL: "https://example.org/a?b=1&c=2"},
	&graph.Source{ID: "s2", Title: "A page without an address", URL: "javascript:alert(1)"},
	&graph.Company{ID: "amazon", Name: "Amazon"},
	&graph.Company{ID: "aws", ParentID: "amazon"},
	&graph.Company{ID: "openai", Name: "OpenAI <i>Group</i>"},
	&graph.Company{ID: "quiet", Name: "Quiet"},
	&graph.Flow{ID: "put", From: "amazon", To: "openai", Kind: graph.EquityInvestment, Amount: graph.USD(10e11), Announced: date("2025-12"), Status: graph.Talks, InitialStatus: graph.Talks, SourceIDs: []string{"s1", "s2"}},
	&graph.Flow{ID: "buy", From: "openai", To: "aws", Kind: graph.ComputeCommitment, Amount: graph.USD(38e11), Announced: date("2025-11-03"), Status: graph.Signed, InitialStatus: graph.Signed, SourceIDs: []string{"s1"}},
	&graph.Flow{ID: "unknown", From: "openai", To: "quiet", Kind: graph.Lease, Announced: date("2025"), Status: graph.Signed, InitialStatus: graph.Signed},
}

func date(text string) graph.Date {
	d, err := graph.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// fixed is a graph of those records at one revision.
type fixed []graph.Record

func (f fixed) Revision(context.Context) (graph.Revision, error) {
	rev := graph.Revision{Number: 1}
	for _, r := range f {
		rev.Hash = rev.Hash.Plus(graph.Digest(r))
	}
	return rev, nil
}

func (f fixed) Records(context.Context, uint64, ...graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for _, r := range f {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func answer(t *testing.T, analysis string) *queries.Result {
	t.Helper()
	return run(t, seed, queries.Request{Analysis: analysis})
}

// shipped is the records of the data set.
func shipped(t *testing.T) []graph.Record {
	t.Helper()
	src, err := ingest.FromFS(dataset.FS())
	if err != nil {
		t.Fatal(err)
	}
	report, batch, err := ingest.Check(t.Context(), src, nil, ingest.Options{})
	if err != nil || !report.OK() {
		t.Fatal(err, report)
	}
	var records []graph.Record
	for r, err := range batch.Records {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func run(t *testing.T, records []graph.Record, req queries.Request) *queries.Result {
	t.Helper()
	noon := func() time.Time { return time.Date(2025, 12, 16, 12, 0, 0, 0, time.UTC) }
	r := queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(fixed(records)), Now: noon})
	res, err := r.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	res.Elapsed = 1500 * time.Microsecond
	return res
}

func TestEachFormOfAnAnswerIsTheExpectedPage(t *testing.T) {
	for _, f := range render.Formats() {
		t.Run(f.Name, func(t *testing.T) {
			var b bytes.Buffer
			if err := render.Write(&b, f.Name, answer(t, "coverage")); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "coverage."+f.Extension)
			if *update {
				if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || !bytes.Equal(want, b.Bytes()) {
				t.Errorf("%s differs (%v); it is now\n%s", file, err, b.String())
			}
		})
	}
}

func TestNamesAndTitlesStayTextInEveryForm(t *testing.T) {
	res := answer(t, "coverage")
	var page bytes.Buffer
	if err := render.Write(&page, "html", res); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<b>Desk", "<i>Group", `href="javascript:`} {
		if strings.Contains(page.String(), bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	var note bytes.Buffer
	if err := render.Write(&note, "md", res); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"News | ", "<b>", "javascript:"} {
		if strings.Contains(note.String(), bad) {
			t.Errorf("the note holds %s", bad)
		}
	}
}

func TestJSONRowsAndCSVRowsAgree(t *testing.T) {
	res := answer(t, "vendors")
	var object struct {
		Rows []map[string]any `json:"rows"`
	}
	var b bytes.Buffer
	if err := render.Write(&b, "json", res); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &object); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := render.Write(&b, "csv", res); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != len(object.Rows)+1 || len(object.Rows) != 2 {
		t.Fatalf("%d lines of CSV for %d rows", len(lines), len(object.Rows))
	}
	for i, row := range object.Rows {
		for j, name := range lines[0] {
			if s, ok := row[name].(string); ok && s != lines[i+1][j] {
				t.Errorf("row %d, %s: JSON has %q, CSV %q", i, name, s, lines[i+1][j])
			}
			if row[name] == nil && lines[i+1][j] != "" {
				t.Errorf("row %d, %s: JSON has null, CSV %q", i, name, lines[i+1][j])
			}
		}
	}
	if object.Rows[0]["amount_cents"] != 38e11 || object.Rows[0]["amount"] != "38000000000.00" || object.Rows[1]["amount_cents"] != nil {
		t.Errorf("amounts are %v and %v", object.Rows[0], object.Rows[1])
	}
}

func TestAnUnknownFormatIsNamedWithTheAllowedOnes(t *testing.T) {
	err := render.Write(&bytes.Buffer{}, "pdf", answer(t, "coverage"))
	if err == nil || err.Error() != `unknown format "pdf"; want one of json, ndjson, csv, md, html, table` {
		t.Errorf("error is %v", err)
	}
}

func TestTheChangeOfAShareIsInPoints(t *testing.T) {
	share := queries.Column{Type: "ratio"}
	moved := share
	moved.Change = true
	for _, c := range []struct {
		column queries.Column
		value  graph.Decimal
		want   string
	}{
		{share, graph.Micro(16_000), "1.6 %"},
		{moved, graph.Micro(16_000), "1.6 points"},
		{moved, graph.Micro(-250_000), "-25.0 points"},
		{moved, graph.Decimal{}, "unknown"},
	} {
		if got := render.People(c.value, c.column); got != c.want {
			t.Errorf("%s, a change: %v, reads %q, want %q", c.value, c.column.Change, got, c.want)
		}
	}
}
