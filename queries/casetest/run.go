package casetest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/ingest"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/render"
)

// Store makes the stores that cases are imported into.
type Store struct {
	Name string
	// New opens an empty store for as long as the test runs, and what asks it in
	// Cypher, nil where it cannot be asked.
	New func(t testing.TB) (graph.Store, queries.CypherSource)
}

// Now is where the clock stands while cases run.
func Now() time.Time { return time.Date(2026, time.June, 30, 12, 0, 0, 0, time.UTC) }

// Run judges the analyses of the catalogue by every case below the folder, on
// every store and with every engine that can answer.
func Run(t *testing.T, catalogue queries.Catalogue, dir fs.FS, stores ...Store) {
	t.Helper()
	cases, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("there is no case")
	}
	for _, s := range stores {
		t.Run(s.Name, func(t *testing.T) {
			for _, c := range cases {
				t.Run(strings.TrimSuffix(c.Name, ".case"), func(t *testing.T) {
					store, cypher := s.New(t)
					c.run(t, catalogue, store, cypher)
				})
			}
		})
	}
}

// run imports the data and makes the requests.
func (c Case) run(t *testing.T, catalogue queries.Catalogue, store graph.Store, cypher queries.CypherSource) {
	t.Helper()
	c.Import(t, store)
	runner := queries.NewRunner(queries.Options{Catalogue: catalogue, Live: queries.NewLive(store), Cypher: cypher, Now: Now})
	for i, a := range c.Asks {
		for _, engine := range a.engines(cypher != nil) {
			for _, problem := range a.judge(t, runner, engine) {
				t.Errorf("request %d (%s) with engine %s: %s", i+1, a.Analysis, engine, problem)
			}
		}
	}
}

// engines are those that the request is made to.
func (a *Ask) engines(inNeo4j bool) []queries.Engine {
	switch {
	case a.Engine != queries.Auto:
		return []queries.Engine{a.Engine}
	case inNeo4j:
		return []queries.Engine{queries.Native, queries.Cypher}
	}
	return []queries.Engine{queries.Native}
}

// Import applies the CSV files of a folder, which must break no rule.
func Import(t testing.TB, store graph.Store, data fs.FS) {
	t.Helper()
	apply(t, store, data, "case", Now())
}

func apply(t testing.TB, store graph.Store, data fs.FS, origin string, at time.Time) {
	t.Helper()
	src, err := ingest.FromFS(data)
	if err != nil {
		t.Fatal(err)
	}
	report, batch, err := ingest.Check(t.Context(), src, store, ingest.Options{Origin: origin, At: at})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Faults {
		t.Error(f)
	}
	if t.Failed() {
		t.FailNow()
	}
	if _, err := store.Apply(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

// judge makes the request and lists what is wrong with the answer.
func (a *Ask) judge(t *testing.T, runner *queries.Runner, engine queries.Engine) []string {
	t.Helper()
	req := queries.Request{Analysis: a.Analysis}
	analysis, findErr := runner.Catalogue().Find(a.Analysis)
	var err error
	if findErr == nil {
		req, err = analysis.Read(a.Args, nil)
	}
	req.Engine = engine
	var res *queries.Result
	if err == nil {
		res, err = runner.Run(t.Context(), req)
	}
	native := a.NativeOnly || findErr == nil && !analysis.HasTwin
	switch {
	case engine == queries.Cypher && native && errors.Is(err, queries.ErrEngine):
		return nil
	case engine == queries.Cypher && native && a.Error == "":
		return []string{fmt.Sprintf("error is %v, want %v", err, queries.ErrEngine)}
	case a.Error != "":
		if err == nil || err.Error() != a.Error {
			return []string{fmt.Sprintf("error is\n    %v\n  want\n    %s", err, a.Error)}
		}
		return nil
	case err != nil:
		return []string{err.Error()}
	}
	snap, err := runner.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return append(a.compare(t, res, engine, native), disorder(res, snap)...)
}

// disorder lists the rows whose legs are not in order of date, then id, each
// once.
func disorder(res *queries.Result, snap *snapshot.Snapshot) []string {
	var problems []string
	for i, row := range res.Rows {
		last := -1
		for _, id := range row.Legs {
			at, ok := snap.FlowIndex(id)
			if !ok || at <= last {
				problems = append(problems, fmt.Sprintf("legs of row %d are not in order of date, then id: %s", i+1, strings.Join(row.Legs, " ")))
				break
			}
			last = at
		}
	}
	return problems
}

func (a *Ask) compare(t *testing.T, res *queries.Result, engine queries.Engine, native bool) []string {
	t.Helper()
	var problems []string
	if res.Engine != engine {
		problems = append(problems, fmt.Sprintf("it ran with engine %s", res.Engine))
	}
	if native != (res.Cypher == nil) {
		problems = append(problems, fmt.Sprintf("it has a statement: %v; it should be native only: %v", res.Cypher != nil, native))
	}
	if a.Header != nil {
		problems = append(problems, a.compareRows(res)...)
	}
	if a.Finding != "" && res.Finding != a.Finding {
		problems = append(problems, fmt.Sprintf("finding is\n    %s\n  want\n    %s", res.Finding, a.Finding))
	}
	if a.Summary == nil && a.Result == nil {
		return problems
	}
	var text bytes.Buffer
	if err := render.Write(&text, "json", res); err != nil {
		t.Fatal(err)
	}
	whole, err := readJSON(text.Bytes())
	if err != nil {
		t.Fatalf("the answer is not JSON: %v\n%s", err, text.Bytes())
	}
	if a.Summary != nil {
		problems = append(problems, differs("summary", a.Summary, whole.(map[string]any)["summary"])...)
	}
	if a.Result != nil {
		problems = append(problems, differs("", a.Result, whole)...)
	}
	return problems
}

func (a *Ask) compareRows(res *queries.Result) []string {
	at := make([]int, len(a.Header))
	for i, name := range a.Header {
		at[i] = slices.IndexFunc(res.Columns, func(c queries.Column) bool { return c.Name == name })
		if at[i] < 0 {
			return []string{fmt.Sprintf("there is no column %s", name)}
		}
	}
	var got [][]string
	for _, row := range res.Rows {
		cells := make([]string, len(at))
		for i, k := range at {
			cells[i] = queries.CellText(row.Values[k])
		}
		got = append(got, cells)
	}
	if slices.EqualFunc(a.Rows, got, slices.Equal[[]string]) {
		return nil
	}
	return []string{"rows differ (- wanted, + answered)\n" + diff(a.Header, a.Rows, got)}
}
