package lookthrough

import (
	"fmt"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot/graphgen"
	"roundtrip/queries/library/viewtest"
)

// BenchmarkAThousandFirms is a network of payments in which all but a few firms
// are tied together, the worst case: every share of every firm.
func BenchmarkAThousandFirms(b *testing.B) {
	for _, legs := range []int{3_000, 10_000} {
		b.Run(fmt.Sprint(legs), func(b *testing.B) {
			var records []graph.Record
			for r, err := range graphgen.Transfers(1, 1000, legs) {
				if err != nil {
					b.Fatal(err)
				}
				records = append(records, r)
			}
			lens := graph.DefaultLens()
			lens.AsOf, _ = graph.ParseDate("2026-06-30")
			v := viewtest.View(b, records, lens)
			for b.Loop() {
				if ans := answer(b, v, Params{Horizon: graph.Micro(5_000_000)}); len(ans.Rows) < 500 {
					b.Fatalf("%d rows", len(ans.Rows))
				}
			}
		})
	}
}
