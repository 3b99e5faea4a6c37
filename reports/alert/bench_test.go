package alert_test

import (
	"testing"

	"roundtrip/graph"
	"roundtrip/reports/alert"
)

func BenchmarkCompile(b *testing.B) {
	list := shapes(b)
	for b.Loop() {
		if _, err := alert.Compile(alert.Rule{Name: "r", When: "new_loops(1 * bn)"}, list); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	in := alert.Input{First: true}
	p, err := alert.Compile(alert.Rule{Name: "r", When: "ci_above(0.4)"}, shapes(b))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		alert.Judge(b.Context(), []*alert.Program{p}, in, graph.Date{}, nil)
	}
}
