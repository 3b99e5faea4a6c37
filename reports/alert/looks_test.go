package alert_test

import (
	"strings"
	"testing"

	"roundtrip/reports/alert"
)

func TestARuleThatLooksForWhatThereIsNotIsToldWithTheNearest(t *testing.T) {
	in := input(t, false)
	in.Names.Company = func(id string) string { return map[string]string{"a": "A", "b": "B"}[id] }
	for _, tt := range []struct{ when, want string }{
		{`coverage_below("nobody", 0.4)`, `the buyers of coverage have no "nobody"; there is b, c, y`},
		{`coverage_below("b", 0.4)`, ``},
		{`coverage.figures["buyers/b/tied_coverage"] < 0.4`, ``},
		{`coverage.figures["buyers/b/amount"] < 1 or coverage.figures["buyers/b/tied_covrage"] < 0.4`, `the summary of coverage has no figure "buyers/b/amount"; there is buyers/b/fifo, buyers/b/fifo_cents, buyers/b/fifo_coverage, buyers/b/funding and 53 more
the summary of coverage has no figure "buyers/b/tied_covrage"; the nearest is "buyers/b/tied_coverage"`},
		{`filter(coverage.list, .group == "byers" and .value < 0.4)`, `the figures of coverage have no group "byers"; the nearest is "buyers"`},
		{`any(customers.rows, .vendor == "q" and .share > 0.5)`, `the rows of customers have no vendor "q"; the nearest is "a"`},
		{`any(customers.rows, .vendor in ["a", "q"])`, `the rows of customers have no vendor "q"; the nearest is "a"`},
		{`any(filter(customers.new, "q" == .vendor), .share > 0.5)`, `the rows of customers have no vendor "q"; the nearest is "a"`},
		{`filter(legs, .payer == "q")`, `there is no company "q"; the nearest is "a"`},
		{`filter(legs, .payer == "a" and any(customers.rows, .vendor == "c"))`, ``},
		{`filter(legs, .state_after == "cancelled")`, ``}, // none is, today
		{`new_loops(1 * bn)`, ``},
	} {
		p, err := alert.Compile(alert.Rule{Name: "r", When: tt.when}, shapes(t))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range alert.LookedAtNothing([]*alert.Program{p}, in) {
			got = append(got, m.Text)
		}
		if s := strings.Join(got, "\n"); s != tt.want {
			t.Errorf("%s misses\n%s\nwant\n%s", tt.when, s, tt.want)
		}
	}
}
