package alert_test

import (
	"testing"

	"roundtrip/graph"
	"roundtrip/reports/alert"
)

// Whatever is written as a rule is refused or judged, without a panic and within
// the limits.
func FuzzRule(f *testing.F) {
	for _, s := range []string{
		`new_loops(1 * bn)`, `each(filter(vendors.rows, .share > 0.9), "customer")`, `let a = loops; len(a) > 1`, `circularity.figures["ci"] > 1 or first`,
		`map(cycles.rows, .ring)[0][0] == "a"`, `cycles.rows[5].bottleneck > 1`, `count(1..9, # % 0 == 1) > 1`, `filter(cycles.changed, .before.bottleneck < .after.bottleneck)`,
		`{"a": 1}.a > 1`, `nil ?? true`, `cycles?.rows?.[0].id == "x"`, `loops | filter(.change == "new") | len() > 1`, `"x" matches "["`, `-circularity.summary.ci > 1`,
	} {
		f.Add(s)
	}
	in := alert.Input{First: true}
	f.Fuzz(func(t *testing.T, when string) {
		p, err := alert.Compile(alert.Rule{Name: "r", When: when}, shapes(t))
		if err != nil {
			return
		}
		alert.Judge(t.Context(), []*alert.Program{p}, in, graph.Date{}, nil)
	})
}
