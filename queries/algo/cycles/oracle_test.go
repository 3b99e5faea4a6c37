package cycles_test

import (
	"slices"
	"testing"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/cycles"
	"roundtrip/queries/algo/gen"
)

// naive lists the simple cycles of at least min and at most max hops as
// sequences of arc ids that begin at the least vertex. It looks at every arc
// from every vertex of every path and prunes by nothing but the hop limit.
func naive(n int, arcs []csr.Arc, lo, hi int) [][]int32 {
	var found [][]int32
	onPath := make([]bool, n)
	var path []int32
	var extend func(root, at int32)
	extend = func(root, at int32) {
		if len(path) == hi {
			return
		}
		for id, a := range arcs {
			if a.Tail != at || a.Head == a.Tail {
				continue
			}
			path = append(path, int32(id))
			if a.Head == root && len(path) >= lo {
				found = append(found, slices.Clone(path))
			}
			if a.Head > root && !onPath[a.Head] {
				onPath[a.Head] = true
				extend(root, a.Head)
				onPath[a.Head] = false
			}
			path = path[:len(path)-1]
		}
	}
	for root := range int32(n) {
		extend(root, root)
	}
	slices.SortFunc(found, slices.Compare)
	return found
}

// rotate returns the arcs of a cycle beginning with the one out of the least vertex.
func rotate(arcs []csr.Arc, cycle []int32) []int32 {
	first := 0
	for i, id := range cycle {
		if arcs[id].Tail < arcs[cycle[first]].Tail {
			first = i
		}
	}
	return slices.Concat(cycle[first:], cycle[:first])
}

func keep(all [][]int32, wanted func([]int32) bool) [][]int32 {
	var kept [][]int32
	for _, c := range all {
		if wanted(c) {
			kept = append(kept, c)
		}
	}
	return kept
}

func byHops(all [][]int32) (number [cycles.MostHops + 1]int64) {
	for _, c := range all {
		number[len(c)]++
	}
	return number
}

func build(t testing.TB, n int, arcs []csr.Arc) *csr.Graph {
	t.Helper()
	g, err := csr.Build(n, arcs)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// collect runs Each and returns the cycles, rotated and sorted.
func collect(t testing.TB, g *csr.Graph, arcs []csr.Arc, opt cycles.Options) ([][]int32, cycles.Stats) {
	t.Helper()
	perWorker := make([][][]int32, opt.Workers)
	stats, err := cycles.Each(t.Context(), g, opt, func(worker int, cycle []int32) bool {
		perWorker[worker] = append(perWorker[worker], rotate(arcs, cycle))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	found := slices.Concat(perWorker...)
	slices.SortFunc(found, slices.Compare)
	return found, stats
}

func equal(a, b [][]int32) bool { return slices.EqualFunc(a, b, slices.Equal) }

// check compares Each and Count with the wanted cycles.
func check(t testing.TB, n int, arcs []csr.Arc, opt cycles.Options, want [][]int32) {
	t.Helper()
	g := build(t, n, arcs)
	got, stats := collect(t, g, arcs, opt)
	if !equal(got, want) {
		t.Fatalf("arcs %v, options %+v: visits %d cycles %v, naive search finds %d %v", arcs, opt, len(got), got, len(want), want)
	}
	if stats.ByHops != byHops(want) || stats.Truncated != "" {
		t.Fatalf("arcs %v, options %+v: stats are %v, naive search finds %v", arcs, opt, stats, byHops(want))
	}
	counted, err := cycles.Count(t.Context(), g, opt)
	if err != nil {
		t.Fatal(err)
	}
	if counted.ByHops != byHops(want) || counted.Truncated != "" {
		t.Fatalf("arcs %v, options %+v: counts %v, naive search finds %v", arcs, opt, counted, byHops(want))
	}
}

// withExtras adds self loops and copies of arcs under other labels.
func withExtras(arcs []csr.Arc, loops, copies int) []csr.Arc {
	for i := range loops {
		v := arcs[(7*i)%len(arcs)].Tail
		arcs = append(arcs, csr.Arc{Tail: v, Head: v, Label: uint8(i % 3)})
	}
	for i := range copies {
		a := arcs[(11*i)%len(arcs)]
		a.Label += uint8(i%3 + 1)
		arcs = append(arcs, a)
	}
	return arcs
}

func TestCyclesAreThoseOfANaiveSearchOnUniformGraphs(t *testing.T) {
	for seed := range uint64(60) {
		n := 3 + int(seed)%12
		arcs := withExtras(gen.Uniform(n, 2*n+int(seed)%9, 2, seed), 3, 5)
		for hops := 2; hops <= 6; hops++ {
			check(t, n, arcs, cycles.Options{MinHops: 2 + int(seed)%(hops-1), MaxHops: hops, Workers: 1 + int(seed)%2},
				naive(n, arcs, 2+int(seed)%(hops-1), hops))
		}
	}
}

func TestCyclesAreThoseOfANaiveSearchOnPowerLawGraphs(t *testing.T) {
	for seed := range uint64(12) {
		const n = 90
		arcs := withExtras(gen.PowerLaw(n, 180, 3, 2.1, seed), 4, 10)
		for hops := 2; hops <= 6; hops++ {
			check(t, n, arcs, cycles.Options{MinHops: 2, MaxHops: hops, Workers: 1}, naive(n, arcs, 2, hops))
		}
	}
}

func TestLongCyclesAreThoseOfANaiveSearch(t *testing.T) {
	for seed := range uint64(40) {
		n := 8 + int(seed)%7
		arcs := withExtras(gen.Uniform(n, 2*n, 2, 1000+seed), 1, 2)
		for hops := 7; hops <= 12; hops++ {
			check(t, n, arcs, cycles.Options{MinHops: 2, MaxHops: hops, Workers: 1 + int(seed)%3}, naive(n, arcs, 2, hops))
		}
	}
}

func TestThroughAndAvoidSelectAmongTheCyclesOfANaiveSearch(t *testing.T) {
	for seed := range uint64(150) {
		n := 6 + int(seed)%6
		arcs := withExtras(gen.Uniform(n, 4*n, 2, 2000+seed), 2, 3)
		hops := 2 + int(seed)%5
		through := []int32{int32(seed) % int32(n), int32(seed/3) % int32(n), int32(seed/5) % int32(n)}[:seed%4]
		avoid := []int32{int32(seed/7) % int32(n), int32(seed/2) % int32(n)}[:seed/4%3]
		want := keep(naive(n, arcs, 2, hops), func(cycle []int32) bool {
			on := map[int32]bool{}
			for _, id := range cycle {
				on[arcs[id].Tail] = true
			}
			return !slices.ContainsFunc(through, func(v int32) bool { return !on[v] }) &&
				!slices.ContainsFunc(avoid, func(v int32) bool { return on[v] })
		})
		for workers := 1; workers <= 2; workers++ {
			check(t, n, arcs, cycles.Options{MinHops: 2, MaxHops: hops, Workers: workers, Through: through, Avoid: avoid}, want)
		}
	}
}

func TestShardsHoldEachCycleOnce(t *testing.T) {
	arcs := withExtras(gen.PowerLaw(60, 240, 2, 2.2, 5), 2, 5)
	g := build(t, 60, arcs)
	for _, through := range [][]int32{nil, {arcs[0].Tail}} {
		whole, _ := collect(t, g, arcs, cycles.Options{MinHops: 2, MaxHops: 5, Workers: 1, Through: through})
		var parts [][]int32
		for shard := range 3 {
			part, _ := collect(t, g, arcs, cycles.Options{MinHops: 2, MaxHops: 5, Workers: 1, Through: through, Shard: shard, Shards: 3})
			parts = append(parts, part...)
		}
		slices.SortFunc(parts, slices.Compare)
		if len(whole) == 0 || !equal(whole, parts) {
			t.Errorf("through %v: shards hold %d cycles, the whole %d", through, len(parts), len(whole))
		}
	}
}

func FuzzCyclesAreThoseOfANaiveSearch(f *testing.F) {
	f.Add([]byte{0x01, 0x10, 0x12, 0x21, 0x20, 0x02}, uint8(5), uint8(0))
	f.Add([]byte{0x01, 0x01, 0x12, 0x23, 0x30, 0x11, 0x13, 0x31}, uint8(12), uint8(3))
	f.Fuzz(func(t *testing.T, ends []byte, hops, pick uint8) {
		const n = 7
		arcs := make([]csr.Arc, 0, 24)
		for _, b := range ends[:min(len(ends), 24)] {
			arcs = append(arcs, csr.Arc{Tail: int32(b>>4) % n, Head: int32(b&15) % n, Label: uint8(len(arcs) % 3)})
		}
		opt := cycles.Options{MinHops: 2, MaxHops: 2 + int(hops)%6, Workers: 1 + int(pick&1)}
		want := naive(n, arcs, 2, opt.MaxHops)
		if pick&2 != 0 {
			via := int32(pick>>2) % n
			opt.Through = []int32{via}
			want = keep(want, func(cycle []int32) bool {
				return slices.ContainsFunc(cycle, func(id int32) bool { return arcs[id].Tail == via })
			})
		}
		check(t, n, arcs, opt, want)
	})
}

// checksum is a sum over cycles that depends on the arcs of each, not on order.
func checksum(cycle []int32) uint64 {
	h := uint64(len(cycle))
	for _, id := range cycle {
		h = (h ^ uint64(id+1)) * 0x9E3779B97F4A7C15
		h ^= h >> 29
	}
	return h
}
