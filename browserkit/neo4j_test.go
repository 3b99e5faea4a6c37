package browserkit_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/browserkit"
	"roundtrip/graph/dataset"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
	"roundtrip/queries/casetest"
)

func shippedInNeo4j(t *testing.T) *neo4jstore.Store {
	t.Helper()
	server := neo4jtest.Start(t)
	server.Wipe(t)
	store, err := neo4jstore.Open(t.Context(), neo4jstore.Config{
		URI: server.URI, Username: server.Username, Password: server.Password, Database: server.Database,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		require.NoError(t, store.Close(ctx))
	})
	casetest.Import(t, store, dataset.FS())
	return store
}

func TestEveryScriptRunsAndFindsSomethingInTheShippedData(t *testing.T) {
	store := shippedInNeo4j(t)
	for _, s := range newKit(t).Scripts() {
		t.Run(s.Name, func(t *testing.T) {
			rows, err := store.Query(t.Context(), s.Text, nil)
			require.NoError(t, err, s.Text)
			require.NotEmpty(t, rows.Values, s.Text)
			if s.Draws {
				require.Equal(t, []string{"path"}, rows.Columns)
			}
			warm := time.Hour // the text has been planned
			for range 3 {
				start := time.Now()
				_, err = store.Query(t.Context(), s.Text, nil)
				require.NoError(t, err)
				warm = min(warm, time.Since(start))
			}
			require.Less(t, warm, time.Second)
		})
	}
}

func TestScriptsAnswerWhatTheFindingsSay(t *testing.T) {
	store := shippedInNeo4j(t)
	kit := newKit(t)
	answer := func(name string, columns ...string) string {
		t.Helper()
		i := slices.IndexFunc(kit.Scripts(), func(s browserkit.Script) bool { return s.Name == name })
		require.GreaterOrEqual(t, i, 0, name)
		rows, err := store.Query(t.Context(), kit.Scripts()[i].Text, nil)
		require.NoError(t, err)
		var first []string
		for _, c := range columns {
			first = append(first, fmt.Sprint(rows.Values[0][slices.Index(rows.Columns, c)]))
		}
		return strings.Join(first, " ")
	}
	// The numbers under the same questions in docs/questions.md, which the native engine finds.
	require.Equal(t, "openai amazon 38 10 0.263 28", answer("amazon-openai", "buyer", "payee", "amount_bn", "tied_bn", "covered", "gap_bn"))
	require.Equal(t, "[nvidia openai oracle] 40", answer("loops", "ring", "bottleneck_bn"))
	require.Equal(t, "microsoft openai 13 254.2938 13 1", answer("pairs", "funder", "customer", "fin_bn", "buy_bn", "rt_bn", "of_funding"))
	require.Equal(t, "amazon openai 0.938", answer("leverage-pairs", "vendor", "customer", "leverage"))
	require.Equal(t, "openai stand-off 2 0.488 1", answer("standoff-facts", "customer", "verdict", "vendors_at_a_tenth", "largest_share", "funders"))
	require.Equal(t, "openai 134.9", answer("gross-flows", "company", "in_bn")[:len("openai 134.9")])
}

func TestTheStyleDrawsEveryLabelAndTypeOfTheDatabase(t *testing.T) {
	store := shippedInNeo4j(t)
	for text, drawn := range map[string][]string{
		"CALL db.labels() YIELD label RETURN label":                                  browserkit.Labels(),
		"CALL db.relationshipTypes() YIELD relationshipType RETURN relationshipType": browserkit.Types(),
	} {
		rows, err := store.Query(t.Context(), text, nil)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		require.NotEmpty(t, rows.Values)
		for _, row := range rows.Values {
			require.Contains(t, drawn, row[0])
		}
	}
}
