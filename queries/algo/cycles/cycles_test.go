package cycles_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/cycles"
	"roundtrip/queries/algo/effort"
	"roundtrip/queries/algo/gen"
)

func ring(n int) []csr.Arc {
	arcs := make([]csr.Arc, n)
	for i := range arcs {
		arcs[i] = csr.Arc{Tail: int32(i), Head: int32((i + 1) % n)}
	}
	return arcs
}

func complete(n int) []csr.Arc {
	var arcs []csr.Arc
	for u := range int32(n) {
		for v := range int32(n) {
			if u != v {
				arcs = append(arcs, csr.Arc{Tail: u, Head: v})
			}
		}
	}
	return arcs
}

func TestARingOfTwelveHopsIsOneCycleAndOneOfThirteenIsNone(t *testing.T) {
	opt := cycles.Options{MinHops: 2, MaxHops: 12, Workers: 1}
	check(t, 12, ring(12), opt, [][]int32{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}})
	check(t, 13, ring(13), opt, nil)
	opt.MaxHops = 11
	check(t, 12, ring(12), opt, nil)
}

func TestACompleteGraphHasNOverKTimesKMinusOneFactorialCyclesOfKHops(t *testing.T) {
	for n := 2; n <= 40; n += 3 {
		g := build(t, n, complete(n))
		var want [cycles.MostHops + 1]int64
		ways := int64(n) // n (n-1) ... (n-k+1), each cycle k times
		most := 5
		if n < 12 {
			most = 12
		}
		for k := 2; k <= min(n, most); k++ {
			ways *= int64(n - k + 1)
			want[k] = ways / int64(k)
		}
		got, err := cycles.Count(t.Context(), g, cycles.Options{MinHops: 2, MaxHops: most, Workers: 2})
		if err != nil || got.ByHops != want {
			t.Fatalf("complete graph of %d: %v, %v, want %v", n, got.ByHops, err, want)
		}
	}
}

func TestEachChoiceOfParallelArcsIsACycle(t *testing.T) {
	// Two arcs on one hop, three on the other, and a self loop.
	arcs := []csr.Arc{{Tail: 0, Head: 1, Label: 0}, {Tail: 0, Head: 1, Label: 4}, {Tail: 1, Head: 0, Label: 0}, {Tail: 1, Head: 0, Label: 1}, {Tail: 1, Head: 0, Label: 1}, {Tail: 1, Head: 1}}
	check(t, 2, arcs, cycles.Options{MinHops: 2, MaxHops: 5, Workers: 1}, [][]int32{{0, 2}, {0, 3}, {0, 4}, {1, 2}, {1, 3}, {1, 4}})
}

func TestAGraphWithoutCyclesHasNone(t *testing.T) {
	opt := cycles.Options{MinHops: 2, MaxHops: 12, Workers: 2}
	check(t, 0, nil, opt, nil)
	check(t, 3, nil, opt, nil)
	check(t, 2, []csr.Arc{{Tail: 0, Head: 0}, {Tail: 0, Head: 1}}, opt, nil)
}

func TestWithOneWorkerTheOrderIsAlwaysTheSame(t *testing.T) {
	arcs := gen.PowerLaw(200, 900, 2, 2.2, 3)
	g := build(t, 200, arcs)
	var orders [2][][]int32
	for i := range orders {
		_, err := cycles.Each(t.Context(), g, cycles.Options{MinHops: 2, MaxHops: 4, Workers: 1}, func(_ int, cycle []int32) bool {
			orders[i] = append(orders[i], slices.Clone(cycle))
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(orders[0]) < 500 || !equal(orders[0], orders[1]) {
		t.Errorf("two runs visit %d and %d cycles, in different orders or too few", len(orders[0]), len(orders[1]))
	}
}

func TestTheCyclesDoNotDependOnTheNumberOfWorkers(t *testing.T) {
	arcs := gen.PowerLaw(3000, 15000, 2, 2.3, 9)
	g := build(t, 3000, arcs)
	var sums [4]uint64
	var stats [4]cycles.Stats
	for i, workers := range []int{1, 2, 3, 7} {
		opt := cycles.Options{MinHops: 2, MaxHops: 5, Workers: workers}
		perWorker := make([]uint64, workers)
		var err error
		stats[i], err = cycles.Each(t.Context(), g, opt, func(worker int, cycle []int32) bool {
			perWorker[worker] += checksum(rotate(arcs, cycle))
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, sum := range perWorker {
			sums[i] += sum
		}
		counted, err := cycles.Count(t.Context(), g, opt)
		if err != nil || counted.ByHops != stats[0].ByHops {
			t.Errorf("%d workers count %v, %v; one worker visits %v", workers, counted.ByHops, err, stats[0].ByHops)
		}
		if sums[i] != sums[0] || stats[i] != stats[0] {
			t.Errorf("%d workers: checksum %x, %v; one worker: %x, %v", workers, sums[i], stats[i], sums[0], stats[0])
		}
	}
	if stats[0].Total() < 100_000 {
		t.Errorf("only %d cycles, the graph is too small to tell", stats[0].Total())
	}
}

func TestAnEndedContextEndsTheSearch(t *testing.T) {
	g := build(t, 60, complete(60)) // more cycles of 12 hops than can be visited or counted
	for name, run := range map[string]func(context.Context, cycles.Options) (cycles.Stats, error){
		"visiting": func(ctx context.Context, opt cycles.Options) (cycles.Stats, error) {
			return cycles.Each(ctx, g, opt, func(int, []int32) bool { return true })
		},
		"counting": func(ctx context.Context, opt cycles.Options) (cycles.Stats, error) {
			return cycles.Count(ctx, g, opt)
		},
	} {
		for workers := 1; workers <= 2; workers++ {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			began := time.Now()
			stats, err := run(ctx, cycles.Options{MinHops: 2, MaxHops: 12, Workers: workers})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || stats.Truncated != effort.Context {
				t.Errorf("%s: error %v, truncated %q, want the error of the deadline", name, err, stats.Truncated)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("%s went on for %v after a deadline of 50 ms", name, took)
			}
		}
	}
}

func TestASearchThatFindsNothingEndsWithItsContext(t *testing.T) {
	// A layered graph with a ring of 13 layers: many paths, no cycle within 12 hops.
	const width = 40
	var arcs []csr.Arc
	for layer := range int32(13) {
		for u := range int32(width) {
			for v := range int32(width) {
				arcs = append(arcs, csr.Arc{Tail: layer*width + u, Head: (layer+1)%13*width + v})
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stats, err := cycles.Count(ctx, build(t, 13*width, arcs), cycles.Options{MinHops: 2, MaxHops: 12, Workers: 1})
	if !errors.Is(err, context.Canceled) || stats.Total() != 0 {
		t.Errorf("error %v, %d cycles, want a cancelled search without any", err, stats.Total())
	}
}

func TestALimitOnResultsIsExactWithOneWorker(t *testing.T) {
	g := build(t, 9, complete(9))
	all, err := cycles.Count(t.Context(), g, cycles.Options{MinHops: 2, MaxHops: 6, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int64{1, 2, 1000, 5000, all.Total() - 1, all.Total(), all.Total() + 1} {
		seen := int64(0)
		stats, err := cycles.Each(t.Context(), g, cycles.Options{MinHops: 2, MaxHops: 6, Workers: 1, Limits: effort.Limits{MaxResults: limit}},
			func(int, []int32) bool { seen++; return true })
		if err != nil || seen != min(limit, all.Total()) || stats.Total() != seen {
			t.Errorf("limit %d: %d visited, %d in the stats, error %v", limit, seen, stats.Total(), err)
		}
		if want := limit < all.Total(); want != (stats.Truncated == effort.Results) {
			t.Errorf("limit %d of %d: truncated is %q", limit, all.Total(), stats.Truncated)
		}
	}
}

func TestALimitOnResultsHoldsWithSeveralWorkers(t *testing.T) {
	g := build(t, 12, complete(12))
	for _, limit := range []int64{1, 10, 5000, 100_000} {
		stats, err := cycles.Each(t.Context(), g, cycles.Options{MinHops: 2, MaxHops: 7, Workers: 3, Limits: effort.Limits{MaxResults: limit}},
			func(int, []int32) bool { return true })
		if err != nil || stats.Truncated != effort.Results || stats.Total() > limit || stats.Total() < limit-2*1024 {
			t.Errorf("limit %d: %d visited, truncated %q, error %v", limit, stats.Total(), stats.Truncated, err)
		}
	}
}

func TestALimitOnArcsCutsTheSameSearchAtTheSamePlace(t *testing.T) {
	g := build(t, 30, complete(30))
	for _, limit := range []int64{1, 5000, 200_000} {
		var sums [2]uint64
		for i := range sums {
			stats, err := cycles.Each(t.Context(), g, cycles.Options{MinHops: 2, MaxHops: 8, Workers: 1, Limits: effort.Limits{MaxArcs: limit}},
				func(_ int, cycle []int32) bool { sums[i] += checksum(cycle); return true })
			if err != nil || stats.Truncated != effort.Arcs || stats.Arcs > limit+1000 {
				t.Errorf("limit %d: %d arcs, truncated %q, error %v", limit, stats.Arcs, stats.Truncated, err)
			}
		}
		if sums[0] != sums[1] {
			t.Errorf("limit %d: two runs visit different cycles", limit)
		}
		stats, err := cycles.Count(t.Context(), g, cycles.Options{MinHops: 2, MaxHops: 12, Workers: 2, Limits: effort.Limits{MaxArcs: limit}})
		if err != nil || stats.Truncated != effort.Arcs {
			t.Errorf("limit %d on counting: truncated %q, error %v", limit, stats.Truncated, err)
		}
	}
}

func TestTheVisitorCanStopTheSearch(t *testing.T) {
	g := build(t, 9, complete(9))
	seen := 0
	stats, err := cycles.Each(t.Context(), g, cycles.Options{MinHops: 2, MaxHops: 6, Workers: 1}, func(int, []int32) bool {
		seen++
		return seen < 17
	})
	if err != nil || seen != 17 || stats.Total() != 17 || stats.Truncated != effort.Visitor {
		t.Errorf("visited %d, stats %v, error %v", seen, stats, err)
	}
}

func TestParallelArcsCanMakeMoreCyclesThanFitInACount(t *testing.T) {
	var arcs []csr.Arc
	for range 40 { // 40^12 is above 2^63
		arcs = append(arcs, ring(12)...)
	}
	stats, err := cycles.Count(t.Context(), build(t, 12, arcs), cycles.Options{MinHops: 2, MaxHops: 12, Workers: 1})
	if err != nil || stats.Truncated != effort.Overflow || stats.Total() > math.MaxInt64-1 && stats.ByHops[12] != math.MaxInt64 {
		t.Errorf("stats %v, error %v", stats, err)
	}
	// 36^12 = 4738381338321616896 is below.
	stats, err = cycles.Count(t.Context(), build(t, 12, arcs[:36*12]), cycles.Options{MinHops: 2, MaxHops: 12, Workers: 1})
	if err != nil || stats.Truncated != effort.Complete || stats.Total() != 4738381338321616896 {
		t.Errorf("stats %v, error %v", stats, err)
	}
}

func TestABadOptionIsNamed(t *testing.T) {
	g := build(t, 3, ring(3))
	good := cycles.Options{MinHops: 2, MaxHops: 3, Workers: 1}
	for want, change := range map[string]func(*cycles.Options){
		"hops from 1 to 3":    func(o *cycles.Options) { o.MinHops = 1 },
		"hops from 2 to 13":   func(o *cycles.Options) { o.MaxHops = 13 },
		"hops from 3 to 2":    func(o *cycles.Options) { o.MinHops, o.MaxHops = 3, 2 },
		"workers is 0":        func(o *cycles.Options) { o.Workers = 0 },
		"shard is 2 of 2":     func(o *cycles.Options) { o.Shard, o.Shards = 2, 2 },
		"-1 arcs":             func(o *cycles.Options) { o.MaxArcs = -1 },
		"-1 results":          func(o *cycles.Options) { o.MaxResults = -1 },
		"visit or avoid is 3": func(o *cycles.Options) { o.Through = []int32{3} },
		"avoid is -1":         func(o *cycles.Options) { o.Avoid = []int32{-1} },
	} {
		opt := good
		change(&opt)
		if _, err := cycles.Count(t.Context(), g, opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want it to say %q", err, want)
		}
	}
}
