package library

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"roundtrip/queries"
)

//go:generate go test -run TestTheReferencePageIsThatOfTheDeclarations -update

var update = flag.Bool("update", false, "write the generated page again")

func TestTheReferencePageIsThatOfTheDeclarations(t *testing.T) {
	const page = "../../docs/analyses.md"
	var b bytes.Buffer
	if err := queries.WriteReference(&b, All()); err != nil {
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
