package temporal_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/effort"
	"roundtrip/queries/algo/gen"
	"roundtrip/queries/algo/temporal"
)

// naive lists the temporal cycles by trying every leg after every other. Pairs of
// time and id decide what comes after what.
func naive(legs []temporal.Leg, opt temporal.Options) [][]int32 {
	follows := func(a, b int32) bool {
		if legs[a].Time != legs[b].Time {
			return legs[a].Time < legs[b].Time
		}
		return opt.AllowTies && a < b
	}
	var found [][]int32
	var path []int32
	visited := map[int32]bool{}
	var extend func()
	extend = func() {
		first, last := path[0], path[len(path)-1]
		for i := range legs {
			id := int32(i)
			l := legs[id]
			if l.From != legs[last].To || l.From == l.To || !follows(last, id) {
				continue
			}
			if opt.Window != temporal.NoWindow && l.Time-legs[first].Time > opt.Window {
				continue
			}
			path = append(path, id)
			if l.To == legs[first].From {
				if len(path) >= opt.MinHops {
					found = append(found, slices.Clone(path))
				}
			} else if !visited[l.To] && len(path) < opt.MaxHops {
				visited[l.To] = true
				extend()
				visited[l.To] = false
			}
			path = path[:len(path)-1]
		}
	}
	for i, l := range legs {
		if l.From != l.To {
			path = append(path[:0], int32(i))
			visited[l.From], visited[l.To] = true, true
			extend()
			visited[l.From], visited[l.To] = false, false
		}
	}
	found = slices.DeleteFunc(found, func(c []int32) bool {
		on := map[int32]bool{}
		for _, id := range c {
			on[legs[id].From] = true
		}
		return len(c) > opt.MaxHops ||
			slices.ContainsFunc(opt.Through, func(v int32) bool { return !on[v] }) ||
			slices.ContainsFunc(opt.Avoid, func(v int32) bool { return on[v] })
	})
	slices.SortFunc(found, slices.Compare)
	return found
}

func dated(arcs []csr.Arc, times []int64) []temporal.Leg {
	legs := make([]temporal.Leg, len(arcs))
	for i, a := range arcs {
		legs[i] = temporal.Leg{From: a.Tail, To: a.Head, Time: times[i]}
	}
	return legs
}

func build(t testing.TB, n int, legs []temporal.Leg) *temporal.Graph {
	t.Helper()
	g, err := temporal.Build(n, legs)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func check(t testing.TB, g *temporal.Graph, opt temporal.Options, want [][]int32) {
	t.Helper()
	perWorker := make([][][]int32, opt.Workers)
	stats, err := temporal.Each(t.Context(), g, opt, func(worker int, legs []int32) bool {
		perWorker[worker] = append(perWorker[worker], slices.Clone(legs))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	got := slices.Concat(perWorker...)
	slices.SortFunc(got, slices.Compare)
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Fatalf("%+v: visits %d cycles %v, naive search finds %d %v", opt, len(got), got, len(want), want)
	}
	var byHops [temporal.MostHops + 1]int64
	for _, c := range want {
		byHops[len(c)]++
	}
	counted, err := temporal.Count(t.Context(), g, opt)
	if err != nil || stats.ByHops != byHops || counted.ByHops != byHops || stats.Truncated != effort.Complete {
		t.Fatalf("%+v: visits %v, counts %v, naive search finds %v (error %v)", opt, stats, counted, byHops, err)
	}
}

func TestCyclesAreThoseOfANaiveSearch(t *testing.T) {
	found := 0
	for seed := range uint64(400) {
		n := 3 + int(seed)%10
		m := 4*n + int(seed)%13
		arcs := gen.Uniform(n, m, 1, seed)
		if seed%2 == 1 {
			arcs = gen.PowerLaw(n, m, 1, 2.1, seed)
		}
		arcs = append(arcs, csr.Arc{Tail: 1, Head: 1}, arcs[0])
		span := []int64{1, 4, 20, 1000}[seed/2%4] // few different times give many ties
		legs := dated(arcs, gen.Times(len(arcs), span, seed))
		g := build(t, n, legs)
		for _, window := range []int64{0, span / 3, temporal.NoWindow} {
			for _, ties := range []bool{false, true} {
				opt := temporal.Options{
					MinHops: 2 + int(seed)%3, MaxHops: 2 + int(seed)%3 + int(seed/3)%3,
					AllowTies: ties, Window: window, Workers: 1 + int(seed)%2,
				}
				if ties && window != 0 && n > 9 {
					opt.MaxHops = min(opt.MaxHops, 5)
				}
				want := naive(legs, opt)
				found += len(want)
				check(t, g, opt, want)
			}
		}
	}
	if found < 10_000 {
		t.Errorf("the naive search finds only %d cycles in all, the graphs are too thin to tell", found)
	}
}

func TestThroughAndAvoidSelectAmongTheCyclesOfANaiveSearch(t *testing.T) {
	for seed := range uint64(200) {
		n := 5 + int(seed)%4
		arcs := gen.Uniform(n, 40, 1, 500+seed)
		legs := dated(arcs, gen.Times(40, 15, seed))
		opt := temporal.Options{MinHops: 2, MaxHops: 5, AllowTies: seed%2 == 0, Window: temporal.NoWindow, Workers: 1}
		opt.Through = []int32{int32(seed) % int32(n), int32(seed/3) % int32(n)}[:seed%3]
		opt.Avoid = []int32{int32(seed/7) % int32(n)}[:seed/4%2]
		check(t, build(t, n, legs), opt, naive(legs, opt))
	}
}

func TestLongHopLimitsAreThoseOfANaiveSearch(t *testing.T) {
	for seed := range uint64(60) {
		n := 8 + int(seed)%6
		arcs := gen.Uniform(n, 5*n, 1, 900+seed)
		legs := dated(arcs, gen.Times(len(arcs), 30, seed))
		opt := temporal.Options{MinHops: 2, MaxHops: 7 + int(seed)%6, AllowTies: seed%2 == 0, Window: 20, Workers: 1}
		check(t, build(t, n, legs), opt, naive(legs, opt))
	}
}

func ringOfLegs(times ...int64) []temporal.Leg {
	legs := make([]temporal.Leg, len(times))
	for i, at := range times {
		legs[i] = temporal.Leg{From: int32(i), To: int32((i + 1) % len(times)), Time: at}
	}
	return legs
}

func TestTheWindowIsFromTheFirstLegToTheLast(t *testing.T) {
	g := build(t, 3, ringOfLegs(10, 15, 20))
	for window, want := range map[int64][][]int32{9: nil, 10: {{0, 1, 2}}, temporal.NoWindow: {{0, 1, 2}}} {
		check(t, g, temporal.Options{MinHops: 2, MaxHops: 5, Window: window, Workers: 1}, want)
	}
}

func TestTimesMayLieFarApartAndBeforeZero(t *testing.T) {
	g := build(t, 2, ringOfLegs(math.MinInt64, math.MaxInt64))
	check(t, g, temporal.Options{MinHops: 2, MaxHops: 2, Window: 5, Workers: 1}, nil)
	g = build(t, 2, ringOfLegs(math.MaxInt64-1, math.MaxInt64))
	check(t, g, temporal.Options{MinHops: 2, MaxHops: 2, Window: temporal.NoWindow, Workers: 1}, [][]int32{{0, 1}})
	g = build(t, 2, ringOfLegs(-20, -10))
	check(t, g, temporal.Options{MinHops: 2, MaxHops: 2, Window: 10, Workers: 1}, [][]int32{{0, 1}})
}

func TestATieIsNoIncreaseUnlessTiesAreAllowedAndThenTheRankDecides(t *testing.T) {
	opt := temporal.Options{MinHops: 2, MaxHops: 5, Window: 100, Workers: 1}
	tied := build(t, 3, ringOfLegs(7, 7, 7))
	check(t, tied, opt, nil)
	opt.AllowTies = true
	check(t, tied, opt, [][]int32{{0, 1, 2}})
	// The same ring with its legs listed backwards: no two follow each other.
	legs := ringOfLegs(7, 7, 7)
	slices.Reverse(legs)
	check(t, build(t, 3, legs), opt, nil)
}

func TestTwelveLegsAreACycleAndThirteenAreNot(t *testing.T) {
	opt := temporal.Options{MinHops: 2, MaxHops: 12, Window: temporal.NoWindow, Workers: 1}
	check(t, build(t, 12, ringOfLegs(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)), opt, [][]int32{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}})
	check(t, build(t, 13, ringOfLegs(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)), opt, nil)
	check(t, build(t, 0, nil), opt, nil)
}

func TestTheCyclesDoNotDependOnWorkersOrShards(t *testing.T) {
	arcs := gen.PowerLaw(2000, 20_000, 1, 2.3, 4)
	g := build(t, 2000, dated(arcs, gen.Times(len(arcs), 5000, 4)))
	opt := temporal.Options{MinHops: 2, MaxHops: 4, Window: 800, Workers: 1}
	sum := func(opt temporal.Options) (sum uint64) {
		perWorker := make([]uint64, opt.Workers)
		_, err := temporal.Each(t.Context(), g, opt, func(worker int, legs []int32) bool {
			h := uint64(len(legs))
			for _, id := range legs {
				h = (h ^ uint64(id+1)) * 0x9E3779B97F4A7C15
			}
			perWorker[worker] += h
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range perWorker {
			sum += part
		}
		return sum
	}
	one := sum(opt)
	opt.Workers = 3
	if three := sum(opt); three != one || one == 0 {
		t.Errorf("checksum with three workers is %x, with one %x", three, one)
	}
	opt.Shards = 4
	shards := uint64(0)
	for opt.Shard = range 4 {
		shards += sum(opt)
	}
	if shards != one {
		t.Errorf("checksum of the shards is %x, of the whole %x", shards, one)
	}
}

func TestLimitsAndTheContextCutTheSearch(t *testing.T) {
	arcs := gen.Uniform(30, 6000, 1, 1)
	g := build(t, 30, dated(arcs, gen.Times(len(arcs), 100_000, 1)))
	opt := temporal.Options{MinHops: 2, MaxHops: 12, Window: temporal.NoWindow, Workers: 2}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	stats, err := temporal.Count(ctx, g, opt)
	if !errors.Is(err, context.DeadlineExceeded) || stats.Truncated != effort.Context || time.Since(began) > 20*time.Second {
		t.Errorf("after %v: stats %v, error %v", time.Since(began), stats, err)
	}
	opt.Workers = 1
	opt.MaxResults = 1234
	stats, err = temporal.Count(t.Context(), g, opt)
	if err != nil || stats.Total() != 1234 || stats.Truncated != effort.Results {
		t.Errorf("limit on results: %v, error %v", stats, err)
	}
	opt.Limits = effort.Limits{MaxArcs: 50_000}
	stats, err = temporal.Count(t.Context(), g, opt)
	if err != nil || stats.Truncated != effort.Arcs {
		t.Errorf("limit on legs: %v, error %v", stats, err)
	}
	again, err := temporal.Count(t.Context(), g, opt)
	if err != nil || again != stats {
		t.Errorf("the same limit gives %v, then %v (error %v)", stats, again, err)
	}
	seen := 0
	stats, err = temporal.Each(t.Context(), g, opt, func(int, []int32) bool { seen++; return seen < 5 })
	if err != nil || seen != 5 || stats.Total() != 5 || stats.Truncated != effort.Visitor {
		t.Errorf("visitor: %d seen, %v, error %v", seen, stats, err)
	}
}

func TestABadOptionIsNamed(t *testing.T) {
	g := build(t, 3, ringOfLegs(1, 2, 3))
	good := temporal.Options{MinHops: 2, MaxHops: 3, Workers: 1}
	for want, change := range map[string]func(*temporal.Options){
		"hops from 1 to 3":  func(o *temporal.Options) { o.MinHops = 1 },
		"hops from 2 to 13": func(o *temporal.Options) { o.MaxHops = 13 },
		"window is -1":      func(o *temporal.Options) { o.Window = -1 },
		"workers is 0":      func(o *temporal.Options) { o.Workers = 0 },
		"shard is 1 of 1":   func(o *temporal.Options) { o.Shard, o.Shards = 1, 1 },
		"avoid is 3":        func(o *temporal.Options) { o.Avoid = []int32{3} },
	} {
		opt := good
		change(&opt)
		if _, err := temporal.Count(t.Context(), g, opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want it to say %q", err, want)
		}
	}
	if _, err := temporal.Build(2, ringOfLegs(1, 2, 3)); err == nil || !strings.Contains(err.Error(), "leg 1 ") {
		t.Errorf("error is %v, want it to name leg 1", err)
	}
}

func FuzzCyclesAreThoseOfANaiveSearch(f *testing.F) {
	f.Add([]byte{0x01, 1, 0x10, 2, 0x12, 2, 0x20, 3}, uint8(5), uint8(3), true)
	f.Fuzz(func(t *testing.T, data []byte, hops, window uint8, ties bool) {
		const n = 6
		var legs []temporal.Leg
		for i := 0; i+1 < min(len(data), 48); i += 2 {
			legs = append(legs, temporal.Leg{From: int32(data[i]>>4) % n, To: int32(data[i]&15) % n, Time: int64(data[i+1] % 16)})
		}
		opt := temporal.Options{MinHops: 2, MaxHops: 2 + int(hops)%5, AllowTies: ties, Window: int64(window % 20), Workers: 1}
		check(t, build(t, n, legs), opt, naive(legs, opt))
	})
}

func benchmark(b *testing.B, legs int) {
	const n, legsPerDay, day = 10_000, 3300, 86400
	arcs := gen.PowerLaw(n, legs, 1, 2.5, 42)
	g := build(b, n, dated(arcs, gen.Times(legs, int64(legs)*day/legsPerDay, 42)))
	var stats temporal.Stats
	for b.Loop() {
		var err error
		stats, err = temporal.Count(b.Context(), g, temporal.Options{MinHops: 2, MaxHops: 5, Window: 3 * day, Workers: 1})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(stats.Total()), "cycles")
	b.ReportMetric(float64(stats.Arcs)/float64(legs), "scanned/leg")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(legs), "ns/leg")
}

// The legs of a day are as many in each: the time covered grows with the legs.
func BenchmarkCountingCyclesWithinThreeDaysOf100kLegs(b *testing.B) { benchmark(b, 100_000) }
func BenchmarkCountingCyclesWithinThreeDaysOf200kLegs(b *testing.B) { benchmark(b, 200_000) }
func BenchmarkCountingCyclesWithinThreeDaysOf1MLegs(b *testing.B)   { benchmark(b, 1_000_000) }
