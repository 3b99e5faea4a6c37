package library_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"testing"

	"roundtrip/graph/dataset"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
)

//go:generate go test -run TestTheReferencePageIsThatOfTheDeclarations -update

var update = flag.Bool("update", false, "write the generated page again")

func TestTheReferencePageIsThatOfTheDeclarations(t *testing.T) {
	const page = "../../docs/analyses.md"
	var b bytes.Buffer
	if err := queries.WriteReference(&b, library.All(), example(t)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stands, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(stands, b.Bytes()) {
		t.Errorf("%s is not what the declarations make (%v); run make generate", page, err)
	}
}

// example answers the example of an analysis on the shipped data.
func example(t *testing.T) func(a *queries.Analysis) (command, finding string, err error) {
	t.Helper()
	store, _ := embedded().New(t)
	casetest.Import(t, store, dataset.FS())
	runner := newRunner(store, nil)
	return func(a *queries.Analysis) (command, finding string, err error) {
		command = "roundtrip analyze " + a.Name + " --as-of 2026-06-30"
		for _, p := range a.Params {
			if value, ok := a.Example[p.Name]; ok {
				command += fmt.Sprintf(" --%s %v", p.Name, value)
			}
		}
		res, err := runner.Run(t.Context(), queries.Request{Analysis: a.Name, Lens: queries.Args{"as_of": "2026-06-30"}, Params: a.Example})
		if err != nil {
			return "", "", err
		}
		return command, res.Finding, nil
	}
}
