package circulation_test

import (
	"testing"

	"roundtrip/queries/algo/circulation"
	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/gen"
)

// weighted gives arcs capacities of a skewed distribution, in cents.
func weighted(arcs []csr.Arc, seed uint64) []circulation.Arc {
	list := make([]circulation.Arc, len(arcs))
	sizes := gen.Times(len(arcs), 1_000_000_000, seed)
	for i, a := range arcs {
		list[i] = circulation.Arc{Tail: a.Tail, Head: a.Head, Cap: 1 + sizes[i]>>(sizes[i]%30)}
	}
	return list
}

func benchInputs() map[string][]circulation.Arc {
	return map[string][]circulation.Arc{
		"uniform 10k-100k":   weighted(gen.Uniform(10_000, 100_000, 1, 42), 1),
		"power law 10k-100k": weighted(gen.PowerLaw(10_000, 100_000, 1, 2.5, 42), 1),
		"uniform 50k-100k":   weighted(gen.Uniform(50_000, 100_000, 1, 42), 1),
	}
}

func BenchmarkMaximumWithCertificate(b *testing.B) {
	for name, arcs := range benchInputs() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s, err := circulation.Maximum(b.Context(), 50_000, arcs)
				if err != nil {
					b.Fatal(err)
				}
				if err := circulation.Verify(50_000, arcs, s.Of, s.Potential); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCycles(b *testing.B) {
	for name, arcs := range benchInputs() {
		b.Run(name, func(b *testing.B) {
			s, err := circulation.Maximum(b.Context(), 50_000, arcs)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				list, err := circulation.Cycles(b.Context(), 50_000, arcs, s.Of)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(list)), "cycles")
			}
		})
	}
}
