package library_test

import (
	"testing"

	"roundtrip/queries"
)

func TestColumnsOfWhatWasNotAskedAreDetails(t *testing.T) {
	runner := shippedRunner(t)
	for _, c := range []struct {
		analysis string
		params   queries.Args
		shown    []string
		details  []string
	}{
		{"contagion", queries.Args{"firm": "openai"}, []string{"h", "paid_before_cents", "loss_cents"}, []string{"dr"}},
		{"contagion", queries.Args{"rank": "true"}, []string{"dr", "receivable_cents"}, []string{"h", "paid_before_cents", "loss_cents", "recovery"}},
		{"circularity", queries.Args{"ranges": "false"}, []string{"throughput_cents"}, []string{"min_throughput_cents", "max_throughput_cents"}},
		{"circularity", queries.Args{"ranges": "true"}, []string{"min_throughput_cents", "max_throughput_cents"}, nil},
	} {
		res, err := runner.Run(t.Context(), queries.Request{Analysis: c.analysis, Params: c.params})
		if err != nil {
			t.Fatal(err)
		}
		detail := map[string]bool{}
		for _, x := range res.Columns {
			detail[x.Name] = x.Detail
		}
		for want, names := range map[bool][]string{false: c.shown, true: c.details} {
			for _, name := range names {
				if got, there := detail[name]; !there || got != want {
					t.Errorf("%s %v: column %s is there: %v, a detail: %v, want %v", c.analysis, c.params, name, there, got, want)
				}
			}
		}
	}
}
