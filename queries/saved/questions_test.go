package saved_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
	"roundtrip/graph/sqlitestore"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/queries/saved"
)

func openStore(t *testing.T) *sqlitestore.Store {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.WithoutCancel(t.Context()))) })
	return store
}

func shelf(t *testing.T, documents graph.Documents) *saved.Shelf {
	t.Helper()
	s, err := saved.NewShelf(library.All(), dataset.Queries(), documents)
	require.NoError(t, err)
	return s
}

// line is a request as the command line has it, flags in byte order.
func line(command string, flat map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(flat)) {
		command += fmt.Sprintf(" --%s=%s", strings.ReplaceAll(name, "_", "-"), flat[name])
	}
	return command
}

func TestEachCommandOfTheQuestionsIsABuiltInQuery(t *testing.T) {
	text, err := os.ReadFile("../../docs/questions.md")
	require.NoError(t, err)
	var asked []string
	for l := range strings.Lines(string(text)) {
		command, ok := strings.CutPrefix(strings.TrimSpace(l), "$ roundtrip ")
		if !ok {
			continue
		}
		words := strings.Fields(command)
		flat := map[string]string{}
		for i := 2; i+1 < len(words); i += 2 {
			flat[strings.TrimPrefix(words[i], "--")] = words[i+1]
		}
		asked = append(asked, line(words[0]+" "+words[1], flat))
	}
	require.NotEmpty(t, asked)

	list, err := shelf(t, openStore(t)).List(t.Context(), saved.Filter{Tag: "questions"})
	require.NoError(t, err)
	var ready []string
	for _, f := range list {
		command := map[string]string{saved.AnalysisKind: "analyze", saved.CompareKind: "compare"}[f.Kind()]
		flat := map[string]string{}
		for _, arg := range slices.Concat(f.Request.Lens, f.Request.Params, f.Request.Rest) {
			flat[arg.Name] = fmt.Sprint(arg.Value)
			if items, ok := arg.Value.([]string); ok {
				flat[arg.Name] = strings.Join(items, ",")
			}
		}
		ready = append(ready, line(command+" "+f.Request.Analysis, flat))
		require.Equal(t, saved.BuiltIn, f.Origin)
		require.True(t, strings.HasSuffix(f.Question, "?"), f.Name)
		require.NotEmpty(t, f.Title, f.Name)
	}
	require.ElementsMatch(t, asked, ready, "docs/questions.md and graph/dataset/queries differ")
}

func TestBuiltInQueriesAreFilesOfTheirNamesAndAskWhatIsThere(t *testing.T) {
	list, err := shelf(t, openStore(t)).List(t.Context(), saved.Filter{})
	require.NoError(t, err)
	scenarios, err := scenario.NewShelf(dataset.Scenarios(), openStore(t))
	require.NoError(t, err)
	for _, f := range list {
		_, err := os.Stat("../../graph/dataset/queries/" + f.Name + ".yaml")
		require.NoError(t, err)
		_, err = f.Ask(library.All(), queries.Args{}, func(name string) (*scenario.Scenario, error) {
			x, err := scenarios.Get(t.Context(), name)
			return x.Scenario, err
		})
		require.NoError(t, err, f.Name)
	}
}
