package library_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"roundtrip/graph/dataset"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
)

// drawnWhole are the analyses of which every row stands on a leg that is drawn,
// and no other leg is. The rest draws more (the funding beside the promises) or
// less (only vendors that fund).
var drawnWhole = []string{"cycles", "roundtrips", "vendors", "customers", "leverage", "workloads", "paths"}

func TestEveryTwinRunsWithLiteralsAndDrawsTheLegsOfItsRows(t *testing.T) {
	store, cypher := inNeo4j().New(t)
	casetest.Import(t, store, dataset.FS())
	runner := newRunner(store, cypher)
	for _, a := range library.All() {
		if !a.HasTwin {
			continue
		}
		t.Run(a.Name, func(t *testing.T) {
			res, err := runner.Run(t.Context(), queries.Request{Analysis: a.Name, Lens: queries.Args{"as_of": "2025-12-16"}, Params: a.Example, Engine: queries.Native})
			if err != nil {
				t.Fatal(err)
			}
			rows, _, err := cypher.Query(t.Context(), res.Cypher.Literal, nil)
			if err != nil || len(rows) == 0 {
				t.Fatalf("%d rows, %v, of\n%s", len(rows), err, res.Cypher.Literal)
			}
			paths, _, err := cypher.Query(t.Context(), res.Cypher.Draw, nil)
			if err != nil || len(paths) == 0 {
				t.Fatalf("%d paths, %v, of\n%s", len(paths), err, res.Cypher.Draw)
			}
			drawn := map[string]int{}
			for _, row := range paths {
				path := row["path"].(map[string]any)
				for _, r := range path["relationships"].([]any) {
					drawn[fmt.Sprint(r.(map[string]any)["properties"].(map[string]any)["id"])]++
				}
			}
			for id, n := range drawn {
				if n != 1 {
					t.Errorf("the leg %s is drawn %d times", id, n)
				}
			}
			if slices.Contains(drawnWhole, a.Name) {
				if ids := slices.Sorted(maps.Keys(drawn)); !slices.Equal(ids, res.Evidence.FlowIDs) {
					t.Errorf("drawn are\n%v, the rows stand on\n%v", ids, res.Evidence.FlowIDs)
				}
			}
		})
	}
}

// The rows of the table are those of the answer, in its order.
func TestLiteralsAskWhatTheParametersAsked(t *testing.T) {
	store, cypher := inNeo4j().New(t)
	casetest.Import(t, store, dataset.FS())
	runner := newRunner(store, cypher)
	for name, c := range map[string]struct {
		params queries.Args
		column string
		want   []any
	}{
		"coverage": {queries.Args{"buyer": "openai", "payee": "amazon"}, "gap_bn", []any{28.0}},
		"cycles":   {queries.Args{"through": "openai,oracle", "kind": "round_trip", "limit": "2", "min_bottleneck": "1bn"}, "bottleneck_bn", []any{40.0, 10.0}},
		"chips":    {queries.Args{"chip": "trainium2"}, "affiliated", []any{[]any{"anthropic"}}},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := runner.Run(t.Context(), queries.Request{Analysis: name, Lens: queries.Args{"as_of": "2025-12-16"}, Params: c.params, Engine: queries.Native})
			if err != nil {
				t.Fatal(err)
			}
			rows, _, err := cypher.Query(t.Context(), res.Cypher.Literal, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []any
			for _, row := range rows {
				got = append(got, row[c.column])
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) || len(rows) != len(res.Rows) {
				t.Errorf("%s is %v, want %v", c.column, got, c.want)
			}
		})
	}
}
