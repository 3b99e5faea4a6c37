package scenario_test

import (
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
)

//go:generate go test -run TestThePageIsThatOfTheDeclarations -update

var update = flag.Bool("update", false, "write the generated documentation anew")

func TestThePageIsThatOfTheDeclarations(t *testing.T) {
	example, err := fs.ReadFile(dataset.Scenarios(), "amazon-closes-with-trainium.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := scenario.WriteReference(&b, example); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "docs", "scenarios.md")
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
		t.Error("docs/scenarios.md is not what the declarations make; run make generate")
	}
}

func TestEveryKeyIsDescribed(t *testing.T) {
	var walk func(where string, keys []scenario.Key)
	walk = func(where string, keys []scenario.Key) {
		seen := map[string]bool{"": true}
		for _, k := range keys {
			if seen[k.Name] || k.Alias != "" && seen[k.Alias] || !strings.HasSuffix(k.Doc, ".") {
				t.Errorf("%s.%s is declared twice or does not end its sentence: %q", where, k.Name, k.Doc)
			}
			seen[k.Name] = true
			if k.Alias != "" {
				seen[k.Alias] = true
			}
			walk(where+"."+k.Name, k.Keys)
		}
	}
	walk("", scenario.Head())
	for _, k := range scenario.Steps() {
		walk(k.Name, k.Keys)
	}
}

// The schema is judged by a library: it takes what Parse takes and refuses
// texts of a wrong shape.
func TestTheSchemaTakesWhatTheReaderTakes(t *testing.T) {
	var schema openapi3.Schema
	if err := json.Unmarshal(scenario.JSONSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	valid := func(text []byte) error {
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		return schema.VisitJSON(v)
	}
	texts := []string{everyStep}
	files, err := fs.Glob(dataset.Scenarios(), "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(dataset.Scenarios(), name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		if err := valid(parse(t, text).Canonical()); err != nil {
			t.Errorf("the schema refuses what the reader takes: %v\n%s", err, text)
		}
	}
	for _, text := range []string{
		`{"name":"a"}`, `{"name":"a","steps":[]}`, `{"name":"a","stps":[]}`, `{"name":"a","steps":[{"drop":{}}]}`,
		`{"name":"a","steps":[{"scale":{"legs":["x"]}}]}`, `{"name":"a","steps":[{"remove":{"kinds":["lone"]}}]}`,
		`{"name":"a","steps":[{"delay":{"legs":["x"],"months":0}}]}`, `{"name":"a","steps":[{"add":{"id":"x"}}]}`,
	} {
		if valid([]byte(text)) == nil {
			t.Errorf("the schema takes %s", text)
		}
		if _, err := scenario.Parse("", []byte(text)); err == nil {
			t.Errorf("the reader takes %s", text)
		}
	}
}
