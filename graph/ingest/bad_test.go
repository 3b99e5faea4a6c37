package ingest

import (
	"slices"
	"strings"
	"testing"

	"roundtrip/graph"
)

// badCase is an import that breaks a rule, with every line that its report
// must show: faults as they are printed or, where there are none, warnings as
// code and ids.
type badCase struct {
	name    string
	files   texts          // the import, as a folder
	zipped  bool           // ... as a zip
	lone    bool           // ... as one file by itself
	stored  texts          // what the store holds before
	records []graph.Record // instead of files: records of an API call
	deletes []graph.Key
	options Options
	want    []string
}

func (b badCase) run(t *testing.T, finding bool) []string {
	t.Helper()
	var existing Existing
	if b.stored != nil {
		store := storeOf(t, b.stored)
		if existing = store; finding {
			existing = findingStore{store}
		}
	}
	var report *Report
	var err error
	if b.files == nil {
		report, _, err = CheckRecords(t.Context(), b.records, b.deletes, existing, b.options)
	} else {
		report, _, err = Check(t.Context(), b.source(t), existing, b.options)
	}
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range report.Faults {
		lines = append(lines, f.Error())
	}
	if !report.OK() {
		return lines
	}
	for _, w := range report.Warnings {
		lines = append(lines, string(w.Code)+" "+strings.Join(w.Examples, " "))
	}
	return lines
}

func (b badCase) source(t *testing.T) *Source {
	t.Helper()
	switch {
	case b.zipped:
		z := b.files.zip(t)
		src, err := FromZip(z, z.Size())
		if err != nil {
			t.Fatal(err)
		}
		return src
	case b.lone:
		for name, text := range b.files {
			return FromReader(name, strings.NewReader(text))
		}
	}
	src, err := FromFS(b.files.fs())
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func badCases() []badCase {
	return slices.Concat(badFiles(), badCells(), badFlows(), badGraphs(), badChanges(), doubtful())
}

func TestBadImportsGiveTheirExactMessages(t *testing.T) {
	for _, b := range badCases() {
		t.Run(b.name, func(t *testing.T) {
			for _, finding := range []bool{false, true} {
				got := b.run(t, finding)
				if !slices.Equal(got, b.want) {
					t.Errorf("got (store that finds records: %v)\n%s\nwant\n%s", finding, strings.Join(got, "\n"), strings.Join(b.want, "\n"))
				}
			}
		})
	}
}

func TestEveryRuleHasABadImport(t *testing.T) {
	shown := map[Code]bool{}
	for _, b := range badCases() {
		for _, line := range b.want {
			if i := strings.LastIndexByte(line, '['); i >= 0 {
				shown[Code(strings.TrimSuffix(line[i+1:], "]"))] = true
			}
			code, _, _ := strings.Cut(line, " ")
			shown[Code(code)] = true
		}
	}
	for _, r := range Rules() {
		if !shown[r.Code] {
			t.Errorf("no bad import shows rule %s", r.Code)
		}
	}
}
