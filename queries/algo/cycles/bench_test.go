package cycles_test

import (
	"fmt"
	"testing"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/cycles"
	"roundtrip/queries/algo/gen"
)

func inputs() map[string][]csr.Arc {
	return map[string][]csr.Arc{
		"uniform 10k-100k":   gen.Uniform(10_000, 100_000, 1, 42),
		"power law 10k-100k": gen.PowerLaw(10_000, 100_000, 1, 2.5, 42),
	}
}

func benchmark(b *testing.B, hops []int, run func(*csr.Graph, cycles.Options) (cycles.Stats, error)) {
	for name, arcs := range inputs() {
		g := build(b, 10_000, arcs)
		for _, most := range hops {
			for workers := 1; workers <= 2; workers++ {
				b.Run(fmt.Sprintf("%s, %d hops, %d workers", name, most, workers), func(b *testing.B) {
					total := int64(0)
					for b.Loop() {
						stats, err := run(g, cycles.Options{MinHops: 2, MaxHops: most, Workers: workers})
						if err != nil {
							b.Fatal(err)
						}
						total += stats.Total()
					}
					b.ReportMetric(float64(total)/float64(b.N), "cycles/op")
					b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "cycles/s")
				})
			}
		}
	}
}

func BenchmarkCount(b *testing.B) {
	benchmark(b, []int{4, 5, 6}, func(g *csr.Graph, opt cycles.Options) (cycles.Stats, error) {
		return cycles.Count(b.Context(), g, opt)
	})
}

// ringBuffer is where a worker copies the cycles that it is handed.
type ringBuffer struct {
	arcs [1 << 16]int32
	at   int
}

func (r *ringBuffer) add(arcs []int32) {
	if r.at+len(arcs) > len(r.arcs) {
		r.at = 0
	}
	r.at += copy(r.arcs[r.at:], arcs)
}

func BenchmarkCopyingBatches(b *testing.B) {
	benchmark(b, []int{5, 6}, func(g *csr.Graph, opt cycles.Options) (cycles.Stats, error) {
		buffers := make([]ringBuffer, opt.Workers)
		return cycles.EachBatch(b.Context(), g, opt, func(worker, _ int, arcs []int32) bool {
			buffers[worker].add(arcs)
			return true
		})
	})
}

func BenchmarkCopyingOneByOne(b *testing.B) {
	benchmark(b, []int{5, 6}, func(g *csr.Graph, opt cycles.Options) (cycles.Stats, error) {
		buffers := make([]ringBuffer, opt.Workers)
		return cycles.Each(b.Context(), g, opt, func(worker int, arcs []int32) bool {
			buffers[worker].add(arcs)
			return true
		})
	})
}
