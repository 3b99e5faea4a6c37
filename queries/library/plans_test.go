package library_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph/dataset"
	"roundtrip/graph/neo4jstore"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
)

// lenses are forms of the lens fragment that differ in what they look up.
func lenses() map[string]queries.Args {
	return map[string]queries.Args{
		"the defaults":                  {"as_of": "2025-12-16"},
		"every class, money that moved": {"as_of": "2025-12-16", "classes": "all", "aggregates": "true", "overlaps": "true", "basis": "realised"},
		"units, settled":                {"as_of": "2025-12-16", "rollup": "false", "basis": "settled", "classes": "value"},
		"few companies, expected": {
			"as_of": "2025-12-16", "companies": "openai,nvidia,oracle,amazon", "min_amount": "1bn", "basis": "expected",
			"kinds": "equity_investment,compute_commitment", "conditional": "false",
		},
	}
}

// startsFrom are the scans from which a statement may start: all companies, all
// chips, all metrics (which calendar releases of Neo4j take from an index of
// theirs), and all legs of the classes of the lens. Everything else has to be
// reached from there, or by an index.
var startsFrom = regexp.MustCompile(`^(NodeByLabelScan \w+:(Company|Chip|Metric)$|NodeIndexScan RANGE INDEX \w+:Metric\(|(Directed)(UnionRelationshipTypes|RelationshipType)Scan \(\w+\)-\[leg:)`)

func TestEveryTwinFindsWhatItLooksUpByAnIndex(t *testing.T) {
	store, cypher := inNeo4j().New(t)
	casetest.Import(t, store, dataset.FS())
	neo := cypher.(cypherOf).store
	// Plans that were made for the graph of another test are still in the cache.
	if _, err := neo.Query(t.Context(), "CALL db.prepareForReplanning(60)", nil); err != nil {
		t.Fatal(err)
	}
	runner := newRunner(store, cypher)
	for _, a := range library.All() {
		if !a.HasTwin {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(lenses())) {
			t.Run(a.Name+" "+name, func(t *testing.T) {
				res, err := runner.Run(t.Context(), queries.Request{Analysis: a.Name, Lens: lenses()[name], Params: a.Example, Engine: queries.Native})
				if err != nil {
					t.Fatal(err)
				}
				texts := []string{res.Cypher.Text}
				if name == "the defaults" {
					texts = append(texts, res.Cypher.Literal, res.Cypher.Draw)
				}
				for _, text := range texts {
					for _, bad := range slow(t, neo, text) {
						t.Errorf("%s\nlooks up without an index: %s", text, bad)
					}
				}
			})
		}
	}
}

// slow is the operators of a plan that look at more than they need.
func slow(t *testing.T, neo *neo4jstore.Store, text string) []string {
	t.Helper()
	plan, err := neo.Explain(t.Context(), text, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if plan.Type != "r" {
		return []string{"its type is " + plan.Type}
	}
	var bad []string
	for _, o := range plan.Operators {
		said := strings.TrimSpace(fmt.Sprintf("%s %s", o.Name, o.Details))
		if strings.Contains(o.Name, "AllNodesScan") || strings.Contains(o.Name, "AllRelationshipsScan") ||
			strings.HasSuffix(o.Name, "Scan") && !startsFrom.MatchString(said) {
			bad = append(bad, said)
		}
	}
	return bad
}
