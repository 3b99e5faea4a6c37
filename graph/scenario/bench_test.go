package scenario_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/snapshot/graphgen"
)

// BenchmarkAMillionTransfers says what a scenario costs on a graph of a million
// plain legs: one that changes a single leg, and one that changes an eighth.
func BenchmarkAMillionTransfers(b *testing.B) {
	base, err := snapshot.Build(graph.Revision{Number: 1}, graphgen.Transfers(1, 100_000, 1_000_000))
	if err != nil {
		b.Fatal(err)
	}
	from, _, _ := base.Ends(0)
	var some []string
	for i, id := range base.CompanyIDs() {
		if i%8 == 0 {
			some = append(some, id)
		}
	}
	eighth, err := json.Marshal(some)
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	for _, c := range []struct{ name, step string }{
		{"one leg by id", fmt.Sprintf("- scale: {legs: %q, factor: 0.5}", base.FlowID(0))},
		{"the legs of a payer", fmt.Sprintf("- set_status: {payers: %q, status: cancelled}", from)},
		{"one leg added", fmt.Sprintf("- add: {id: new, from: %q, to: %q, kind: transfer, amount: 1m}", from, from)},
		{"an eighth of the legs", fmt.Sprintf("- scale: {payers: %s, factor: 0.5}", eighth)},
		{"an eighth of the legs removed", fmt.Sprintf("- remove: {payers: %s}", eighth)},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, err := scenario.Parse("", []byte(steps(c.step)))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := s.Apply(b.Context(), base); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
