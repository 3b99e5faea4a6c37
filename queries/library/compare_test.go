package library_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
	"roundtrip/queries/render"
)

func parsed(t testing.TB, text string) *scenario.Scenario {
	t.Helper()
	x, err := scenario.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func shippedRunner(t testing.TB) *queries.Runner {
	t.Helper()
	store, _ := embedded().New(t)
	casetest.Import(t, store, dataset.FS())
	return newRunner(store, nil)
}

func TestAScenarioThatChangesNothingMakesNoDifference(t *testing.T) {
	runner := shippedRunner(t)
	nothing := parsed(t, "name: nothing\nsteps:\n  - scale: {payer: openai, factor: 1}\n")
	for _, a := range library.All() {
		both, err := runner.Compare(t.Context(), queries.Request{Analysis: a.Name, Params: a.Example, Scenario: nothing})
		if err != nil {
			t.Fatalf("%s: %v", a.Name, err)
		}
		d := both.Delta.Summary.(queries.Differences)
		if len(both.Delta.Rows)+d.New+d.Gone+d.Changed+len(d.Figures) != 0 || d.Same != len(both.Base.Rows) {
			t.Errorf("%s: %+v", a.Name, d)
		}
	}
}

// The differences are found a second time from the JSON of both answers.
func TestDifferencesAreThoseOfTheTwoAnswersRowByRow(t *testing.T) {
	runner := shippedRunner(t)
	files, err := fs.Glob(dataset.Scenarios(), "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	moved := 0
	for _, file := range files {
		text, err := fs.ReadFile(dataset.Scenarios(), file)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range library.All() {
			for _, basis := range []string{"headline", "signed"} {
				req := queries.Request{Analysis: a.Name, Params: a.Example, Lens: queries.Args{"basis": basis}, Scenario: parsed(t, string(text))}
				both, err := runner.Compare(t.Context(), req)
				if err != nil {
					t.Fatalf("%s %s: %v", file, a.Name, err)
				}
				moved += len(both.Delta.Rows)
				got := rowsOf(t, both.Delta)
				want := differences(a, rowsOf(t, both.Base), rowsOf(t, both.Scenario))
				if len(got) != len(want) {
					t.Fatalf("%s %s %s: %d rows differ, want %d", file, a.Name, basis, len(got), len(want))
				}
				for i := range got {
					if !reflect.DeepEqual(got[i], want[i]) {
						t.Fatalf("%s %s %s: row %d is\n%v\nwant\n%v", file, a.Name, basis, i, got[i], want[i])
					}
				}
			}
		}
	}
	if moved < 100 {
		t.Errorf("%d rows moved in all comparisons, too few to tell", moved)
	}
}

func TestEveryFigureOfASummaryHasAPathOfItsOwn(t *testing.T) {
	runner := shippedRunner(t)
	for _, a := range library.All() {
		res, err := runner.Run(t.Context(), queries.Request{Analysis: a.Name, Params: a.Example})
		if err != nil {
			t.Fatalf("%s: %v", a.Name, err)
		}
		seen := map[string]bool{}
		for _, f := range queries.Figures(res.Summary) {
			if seen[f.Path] || f.Title == "" {
				t.Errorf("%s: %s comes twice or has no title", a.Name, f.Path)
			}
			seen[f.Path] = true
		}
		if len(seen) == 0 {
			t.Errorf("%s: the summary has no figure", a.Name)
		}
	}
}

func rowsOf(t *testing.T, r *queries.Result) []map[string]any {
	t.Helper()
	var b bytes.Buffer
	if err := render.Write(&b, "json", r); err != nil {
		t.Fatal(err)
	}
	var page struct {
		Rows []map[string]any `json:"rows"`
	}
	d := json.NewDecoder(&b)
	d.UseNumber()
	if err := d.Decode(&page); err != nil {
		t.Fatal(err)
	}
	for _, row := range page.Rows {
		delete(row, "evidence")
	}
	return page.Rows
}

func differences(a *queries.Analysis, base, other []map[string]any) []map[string]any {
	key := func(row map[string]any) string {
		var parts []string
		for _, c := range a.Columns {
			if c.Key {
				parts = append(parts, fmt.Sprint(row[c.Name]))
			}
		}
		return strings.Join(parts, "|")
	}
	find := func(rows []map[string]any, k string) map[string]any {
		i := slices.IndexFunc(rows, func(r map[string]any) bool { return key(r) == k })
		if i < 0 {
			return nil
		}
		return rows[i]
	}
	var list []map[string]any
	add := func(k string) {
		before, after := find(base, k), find(other, k)
		row := map[string]any{"change": "changed"}
		if before == nil {
			row["change"] = "new"
		}
		if after == nil {
			row["change"] = "gone"
		}
		if reflect.DeepEqual(withoutLegs(a, before), withoutLegs(a, after)) {
			return
		}
		for _, c := range a.Columns {
			if c.Key {
				row[c.Name] = find(slices.Concat(base, other), k)[c.Name]
				if plain, ok := strings.CutSuffix(c.Name, "_cents"); ok {
					row[plain] = find(slices.Concat(base, other), k)[plain]
				}
				continue
			}
			put(row, c, before[c.Name], after[c.Name])
			if plain, ok := strings.CutSuffix(c.Name, "_cents"); ok {
				for side, of := range map[string]map[string]any{"_before": before, "_after": after} {
					if of != nil || c.Type == "money" {
						row[plain+side] = of[plain]
					}
				}
				if delta, ok := row[plain+"_delta_cents"]; ok {
					row[plain+"_delta"] = dollars(delta)
				}
			}
		}
		list = append(list, row)
	}
	for _, r := range base {
		add(key(r))
	}
	for _, r := range other {
		if find(base, key(r)) == nil {
			add(key(r))
		}
	}
	return list
}

// withoutLegs is a row without its evidence.
func withoutLegs(a *queries.Analysis, row map[string]any) map[string]any {
	rest := maps.Clone(row)
	for _, c := range a.Columns {
		if c.Type == "legs" || c.Type == "leg_lists" {
			delete(rest, c.Name)
		}
	}
	return rest
}

// put sets the value before and after and the difference of numbers, which have
// at most six places.
func put(row map[string]any, c queries.Column, before, after any) {
	stem, end := c.Name, ""
	if plain, ok := strings.CutSuffix(c.Name, "_cents"); ok {
		stem, end = plain, "_cents"
	}
	row[stem+"_before"+end], row[stem+"_after"+end] = before, after
	if !slices.Contains([]string{"money", "ratio", "number", "count"}, c.Type) {
		return
	}
	b, ok1 := before.(json.Number)
	x, ok2 := after.(json.Number)
	if !ok1 || !ok2 {
		row[stem+"_delta"+end] = nil
		return
	}
	difference := new(big.Rat).Sub(rat(x), rat(b)).FloatString(6)
	row[stem+"_delta"+end] = json.Number(strings.TrimSuffix(strings.TrimRight(difference, "0"), "."))
}

func rat(n json.Number) *big.Rat {
	r, _ := new(big.Rat).SetString(n.String())
	return r
}

func dollars(cents any) any {
	n, ok := cents.(json.Number)
	if !ok {
		return nil
	}
	v, _ := n.Int64()
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	return fmt.Sprintf("%s%d.%02d", sign, v/100, v%100)
}
