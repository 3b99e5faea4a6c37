package ingest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

//go:generate go test -run TestTheDataDictionaryIsThatOfTheDeclarations -update

var update = flag.Bool("update", false, "write the generated documentation anew")

func TestTheDataDictionaryIsThatOfTheDeclarations(t *testing.T) {
	var b strings.Builder
	if err := WriteDataDictionary(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "docs", "data-dictionary.md")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Error("docs/data-dictionary.md is not what the declarations make; run make generate")
	}
}

func TestEveryRuleSaysWhatItWants(t *testing.T) {
	codes := map[Code]bool{}
	for _, r := range Rules() {
		if r.Code == "" || codes[r.Code] || !strings.HasSuffix(r.Says, ".") {
			t.Errorf("rule %q is declared twice or does not end its sentence: %q", r.Code, r.Says)
		}
		codes[r.Code] = true
	}
}
