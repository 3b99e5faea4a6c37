package saved_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
	"roundtrip/queries/saved"
)

//go:generate go test -run TestThePageIsThatOfTheDeclarations -update

var update = flag.Bool("update", false, "write the generated documentation anew")

func TestThePageIsThatOfTheDeclarations(t *testing.T) {
	request, err := fs.ReadFile(dataset.Queries(), "amazon-promise.yaml")
	require.NoError(t, err)
	statement, err := os.ReadFile("testdata/payments-of.yaml")
	require.NoError(t, err)
	parse(t, string(statement))
	var b strings.Builder
	require.NoError(t, saved.WriteReference(&b, request, statement))
	path := filepath.Join("..", "..", "docs", "saved-queries.md")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, string(got) == b.String(), "docs/saved-queries.md is not what the declarations make; run make generate")
}

func TestEveryKeyIsDescribed(t *testing.T) {
	for where, keys := range map[string][]scenario.Key{"query": saved.Head(), "request": saved.RequestKeys(), "parameters": saved.ParameterKeys()} {
		seen := map[string]bool{"": true}
		for _, k := range keys {
			require.False(t, seen[k.Name], "%s.%s is declared twice", where, k.Name)
			require.True(t, strings.HasSuffix(k.Doc, "."), "%s.%s does not end its sentence", where, k.Name)
			seen[k.Name] = true
		}
	}
}
