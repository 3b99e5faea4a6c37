package library_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph/dataset"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
	"roundtrip/queries/render"
)

// folder is the name of the folder of an analysis: a package name has no hyphen.
func folder(analysis string) string { return strings.ReplaceAll(analysis, "-", "") }

func TestEveryFolderWithADeclarationIsListed(t *testing.T) {
	files, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, name := range library.All().Names() {
		listed[folder(name)] = true
	}
	declared := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("func Analysis() *queries.Analysis")) {
			declared[filepath.Dir(file)] = true
		}
	}
	if !maps.Equal(declared, listed) {
		t.Errorf("folders that declare an analysis are %v, listed are %v", slices.Sorted(maps.Keys(declared)), slices.Sorted(maps.Keys(listed)))
	}
}

func TestNoAnalysisIsListedTwice(t *testing.T) {
	names := slices.Sorted(slices.Values(library.All().Names()))
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("listed are %v", names)
	}
}

// asked is what the written cases ask of one analysis.
type asked struct {
	cases   int // in the analysis's own folder
	params  map[string]bool
	columns map[string]bool
	summary map[string]bool
}

func readCases(t *testing.T) ([]casetest.Case, map[string]*asked) {
	t.Helper()
	cases, err := casetest.Read(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]*asked{}
	for _, name := range library.All().Names() {
		by[name] = &asked{params: map[string]bool{}, columns: map[string]bool{}, summary: map[string]bool{}}
	}
	for _, c := range cases {
		for _, a := range c.Asks {
			of := by[a.Analysis]
			if of == nil {
				continue // a case of an unknown name
			}
			if strings.HasPrefix(c.Name, folder(a.Analysis)+"/") {
				of.cases++
			}
			for name := range a.Args {
				of.params[name] = true
			}
			for _, name := range a.Columns() {
				of.columns[name] = true
			}
			for _, name := range a.SummaryFields() {
				of.summary[name] = true
			}
		}
	}
	return cases, by
}

func TestEveryColumnAndSummaryFieldIsJudgedByAWrittenCase(t *testing.T) {
	_, by := readCases(t)
	for _, a := range library.All() {
		of := by[a.Name]
		if of.cases == 0 {
			t.Errorf("%s has no case in %s/testdata", a.Name, folder(a.Name))
		}
		for _, c := range a.Columns {
			if !of.columns[c.Name] {
				t.Errorf("%s: no case judges column %s", a.Name, c.Name)
			}
		}
		for _, c := range a.Summary {
			if !of.summary[c.Name] {
				t.Errorf("%s: no case judges %s of the summary", a.Name, c.Name)
			}
		}
	}
}

// Without the argument a case must come out differently, for at least one case
// that gives it; else the parameter would do nothing.
func TestEveryParameterChangesTheAnswerOfSomeCase(t *testing.T) {
	cases, by := readCases(t)
	changes := map[string]bool{}
	for _, c := range cases {
		if changesNothingNew(c, changes) {
			continue
		}
		store, _ := embedded().New(t)
		c.Import(t, store)
		runner := queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(store), Now: casetest.Now})
		for _, ask := range c.Asks {
			analysis, err := library.All().Find(ask.Analysis)
			if err != nil || ask.Error != "" {
				continue
			}
			with := answer(t, runner, analysis, ask.Args)
			for name := range ask.Args {
				less := maps.Clone(ask.Args)
				delete(less, name)
				if with != answer(t, runner, analysis, less) {
					changes[ask.Analysis+" "+name] = true
				}
			}
		}
	}
	for _, a := range library.All() {
		for _, p := range a.Params {
			switch {
			case !by[a.Name].params[p.Name]:
				t.Errorf("%s: no case gives parameter %s", a.Name, p.Name)
			case !changes[a.Name+" "+p.Name]:
				t.Errorf("%s: parameter %s changes nothing in any case that gives it", a.Name, p.Name)
			}
		}
	}
}

func changesNothingNew(c casetest.Case, known map[string]bool) bool {
	for _, ask := range c.Asks {
		for name := range ask.Args {
			if !known[ask.Analysis+" "+name] {
				return false
			}
		}
	}
	return true
}

// answer is what a reader sees of the native answer: rows, finding, cut.
func answer(t *testing.T, runner *queries.Runner, a *queries.Analysis, args queries.Args) string {
	t.Helper()
	req, err := a.Read(args, nil)
	if err != nil {
		return err.Error()
	}
	req.Engine = queries.Native
	res, err := runner.Run(t.Context(), req)
	if err != nil {
		return err.Error()
	}
	var b bytes.Buffer
	if err := render.Write(&b, "csv", res); err != nil {
		t.Fatal(err)
	}
	b.Write(queries.AppendJSON(nil, res.Summary))
	b.WriteString(res.Finding + res.Truncated.Reason)
	return b.String()
}

func TestEveryAnalysisAnswersWithItsDefaults(t *testing.T) {
	store, _ := embedded().New(t)
	runner := queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(store), Now: casetest.Now})
	for _, a := range library.All() {
		res, err := runner.Run(t.Context(), queries.Request{Analysis: a.Name})
		var missing queries.ArgumentErrors
		if errors.As(err, &missing) {
			continue // it cannot answer without an argument, and says so
		}
		if err != nil {
			t.Errorf("%s of an empty graph: %v", a.Name, err)
			continue
		}
		if len(res.Rows) != 0 || res.Finding == "" || res.Truncated.Is {
			t.Errorf("%s of an empty graph has %d rows, finding %q, cut %v", a.Name, len(res.Rows), res.Finding, res.Truncated)
		}
	}
}

func TestTheKeyColumnsTellEveryRowApart(t *testing.T) {
	store, _ := embedded().New(t)
	casetest.Import(t, store, dataset.FS())
	runner := newRunner(store, nil)
	for _, a := range library.All() {
		res, err := runner.Run(t.Context(), queries.Request{Analysis: a.Name, Params: a.Example})
		if err != nil {
			t.Fatalf("%s: %v", a.Name, err)
		}
		seen := map[string]bool{}
		for _, row := range res.Rows {
			var key []string
			for i, c := range res.Columns {
				if c.Key {
					key = append(key, queries.CellText(row.Values[i]))
				}
			}
			id := strings.Join(key, " | ")
			if len(key) == 0 || seen[id] {
				t.Errorf("%s: the columns tagged key do not tell the row %q apart", a.Name, id)
				break
			}
			seen[id] = true
		}
	}
}
