package reports_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/reports"
)

//go:generate go test -run TestThePageIsThatOfTheDeclarations -update

var update = flag.Bool("update", false, "write the generated documentation anew")

func TestThePageIsThatOfTheDeclarations(t *testing.T) {
	example, err := os.ReadFile(filepath.Join("testdata", "morning.yaml"))
	require.NoError(t, err)
	s, err := reports.ParseSchedule("morning.yaml", example)
	require.NoError(t, err)
	require.Equal(t, "signed-only", s.Asks[3].Name)
	var b strings.Builder
	require.NoError(t, reports.WriteReference(&b, example))
	path := filepath.Join("..", "docs", "reports.md")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o600))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, string(got) == b.String(), "docs/reports.md is not what the declarations make; run make generate")
}

func TestEveryKeyIsDescribed(t *testing.T) {
	var walk func(where string, keys []reports.Key)
	walk = func(where string, keys []reports.Key) {
		seen := map[string]bool{}
		for _, k := range keys {
			require.False(t, seen[k.Name], "%s.%s is declared twice", where, k.Name)
			require.True(t, strings.HasSuffix(k.Doc, "."), "%s.%s does not end its sentence", where, k.Name)
			seen[k.Name] = true
			walk(where+"."+k.Name, k.Keys)
		}
	}
	walk("", reports.Head())
}
