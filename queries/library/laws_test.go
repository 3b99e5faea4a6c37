package library_test

import (
	"fmt"
	"strings"
	"testing"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/circularity"
)

// cells are the values of a row by the names of its columns.
func cells(res *queries.Result) []map[string]any {
	list := make([]map[string]any, len(res.Rows))
	for i, row := range res.Rows {
		list[i] = map[string]any{}
		for k, c := range res.Columns {
			list[i][c.Name] = row.Values[k]
		}
	}
	return list
}

func run(t *testing.T, runner *queries.Runner, req queries.Request) *queries.Result {
	t.Helper()
	req.Engine = queries.Native
	res, err := runner.Run(t.Context(), req)
	if err != nil {
		t.Fatalf("%s %v: %v", req.Analysis, req.Params, err)
	}
	return res
}

func TestADropIsWhatAScenarioWithoutTheLegsTakesFromTheCirculation(t *testing.T) {
	runner := shippedRunner(t)
	for _, lens := range []queries.Args{{"as_of": "2026-06-30"}, {"as_of": "2025-12-16", "basis": "signed", "rollup": "false", "classes": "value"}} {
		whole := run(t, runner, queries.Request{Analysis: "circularity", Lens: lens}).Summary.(circularity.Summary)
		known := 0
		for _, row := range cells(run(t, runner, queries.Request{Analysis: "criticality", Lens: lens, Params: queries.Args{"timeout": "10m"}})) {
			drop := row["drop_cents"].(graph.Money)
			if !drop.Known() {
				continue
			}
			known++
			without := parsed(t, fmt.Sprintf("name: without\nsteps:\n  - remove: {legs: [%s]}\n", strings.Join(row["legs"].([]string), ", ")))
			rest := run(t, runner, queries.Request{Analysis: "circularity", Lens: lens, Scenario: without}).Summary.(circularity.Summary)
			left := int64(0) // null where no amount is left
			if rest.Circular.Known() {
				left = rest.Circular.Cents()
			}
			if want := whole.Circular.Cents() - left; drop.Cents() != want {
				t.Errorf("%v %s: drop is %d, a scenario without it takes %d", lens, row["id"], drop.Cents(), want)
			}
		}
		if known < 50 {
			t.Errorf("%v: only %d drops", lens, known)
		}
	}
}

func TestALargerShockNeverHelpsAnybody(t *testing.T) {
	runner := shippedRunner(t)
	for _, assets := range []string{"solvent", "reported"} {
		for _, firm := range []string{"openai", "microsoft", "anthropic", "oracle"} {
			before := map[string]map[string]any{}
			for _, shock := range []string{"0", "0.2", "0.5", "0.8", "1"} {
				res := run(t, runner, queries.Request{Analysis: "contagion", Lens: queries.Args{"as_of": "2026-06-30"}, Params: queries.Args{"firm": firm, "shock": shock, "assets": assets}})
				for _, row := range cells(res) {
					id := row["company"].(string)
					if last, ok := before[id]; ok {
						if row["h"].(graph.Decimal).Micro() < last["h"].(graph.Decimal).Micro() ||
							row["paid_after_cents"].(graph.Money).Cents() > last["paid_after_cents"].(graph.Money).Cents() ||
							row["loss_cents"].(graph.Money).Cents() < last["loss_cents"].(graph.Money).Cents() {
							t.Errorf("%s, assets %s: %s is better off under shock %s: %v, before %v", firm, assets, id, shock, row, last)
						}
					} else if row["loss_cents"].(graph.Money).Cents() != 0 || row["h"].(graph.Decimal).Micro() != 0 {
						t.Errorf("%s, assets %s: %s loses without a shock: %v", firm, assets, id, row)
					}
					before[id] = row
				}
			}
		}
	}
}

func TestChangesOfTwoSpansAddUpToThoseOfBoth(t *testing.T) {
	runner := shippedRunner(t)
	for _, lens := range []queries.Args{{}, {"basis": "expected", "rollup": "false"}, {"basis": "settled", "aggregates": "true"}} {
		delta := func(from, to string) map[string]graph.Money {
			moved := map[string]graph.Money{}
			for _, row := range cells(run(t, runner, queries.Request{Analysis: "changes", Lens: lens, Params: queries.Args{"from": from, "to": to}})) {
				moved[row["id"].(string)] = row["delta_cents"].(graph.Money)
			}
			return moved
		}
		first, second, both := delta("2025-06-30", "2025-12-16"), delta("2025-12-16", "2026-06-30"), delta("2025-06-30", "2026-06-30")
		at := func(moved map[string]graph.Money, id string) graph.Money {
			if d, ok := moved[id]; ok {
				return d
			}
			return graph.USD(0)
		}
		checked := 0
		for _, span := range []map[string]graph.Money{first, second, both} {
			for id := range span {
				a, b, c := at(first, id), at(second, id), at(both, id)
				if !a.Known() || !b.Known() || !c.Known() {
					continue
				}
				checked++
				if a.Cents()+b.Cents() != c.Cents() {
					t.Errorf("%v %s moves by %s and %s, over both spans by %s", lens, id, a, b, c)
				}
			}
		}
		if checked < 20 {
			t.Errorf("%v: only %d rows", lens, checked)
		}
	}
}
