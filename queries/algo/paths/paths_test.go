package paths_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/cycles"
	"roundtrip/queries/algo/effort"
	"roundtrip/queries/algo/gen"
	"roundtrip/queries/algo/paths"
)

// naive lists the simple paths by looking at every arc from every vertex reached.
func naive(n int, arcs []csr.Arc, from, to int32, lo, hi int) [][]int32 {
	var found [][]int32
	onPath := make([]bool, n)
	onPath[from] = true
	var path []int32
	var extend func(at int32)
	extend = func(at int32) {
		if at == to {
			if len(path) >= lo {
				found = append(found, slices.Clone(path))
			}
			return
		}
		if len(path) == hi {
			return
		}
		for id, a := range arcs {
			if a.Tail != at || onPath[a.Head] {
				continue
			}
			onPath[a.Head] = true
			path = append(path, int32(id))
			extend(a.Head)
			path = path[:len(path)-1]
			onPath[a.Head] = false
		}
	}
	extend(from)
	slices.SortFunc(found, slices.Compare)
	return found
}

func build(t testing.TB, n int, arcs []csr.Arc) *csr.Graph {
	t.Helper()
	g, err := csr.Build(n, arcs)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func check(t testing.TB, s *paths.Searcher, from, to int32, opt paths.Options, want [][]int32) {
	t.Helper()
	var got [][]int32
	stats, err := s.Each(t.Context(), from, to, opt, func(arcs []int32) bool {
		got = append(got, slices.Clone(arcs))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, slices.Compare)
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Fatalf("%d to %d, %+v: visits %v, naive search finds %v", from, to, opt, got, want)
	}
	var byHops [paths.MostHops + 1]int64
	for _, p := range want {
		byHops[len(p)]++
	}
	counted, err := s.Count(t.Context(), from, to, opt)
	if err != nil || counted.ByHops != byHops || stats.ByHops != byHops {
		t.Fatalf("%d to %d, %+v: counts %v, visits %v, naive search finds %v (error %v)", from, to, opt, counted.ByHops, stats.ByHops, byHops, err)
	}
}

func TestPathsAreThoseOfANaiveSearch(t *testing.T) {
	for seed := range uint64(200) {
		n := 2 + int(seed)%11
		arcs := gen.Uniform(n, 2*n+int(seed)%7, 2, seed)
		if seed%2 == 0 {
			arcs = gen.PowerLaw(n, 2*n+4, 2, 2.1, seed)
		}
		arcs = append(arcs, arcs[0], arcs[len(arcs)/2], csr.Arc{Tail: arcs[0].Head, Head: arcs[0].Head})
		s := paths.NewSearcher(paths.NewIndex(build(t, n, arcs)))
		for hops := 1; hops <= 6; hops++ {
			for from := range int32(n) {
				to := int32((int(from) + 1 + hops%(n-1)) % n)
				if from == to {
					continue
				}
				lo := 1 + int(seed)%hops
				check(t, s, from, to, paths.Options{MinHops: lo, MaxHops: hops}, naive(n, arcs, from, to, lo, hops))
			}
		}
	}
}

func TestThroughAndAvoidSelectAmongThePathsOfANaiveSearch(t *testing.T) {
	for seed := range uint64(300) {
		n := 6 + int(seed)%5
		arcs := gen.Uniform(n, 4*n, 2, 77+seed)
		s := paths.NewSearcher(paths.NewIndex(build(t, n, arcs)))
		through := []int32{int32(seed) % int32(n), int32(seed/3) % int32(n)}[:seed%3]
		avoid := []int32{int32(seed/7) % int32(n), int32(seed/2) % int32(n)}[:seed/4%3]
		opt := paths.Options{MinHops: 1, MaxHops: 2 + int(seed)%5, Through: through, Avoid: avoid}
		var want [][]int32
		for _, p := range naive(n, arcs, 0, 1, 1, opt.MaxHops) {
			on := map[int32]bool{1: true}
			for _, id := range p {
				on[arcs[id].Tail] = true
			}
			if !slices.ContainsFunc(through, func(v int32) bool { return !on[v] }) && !slices.ContainsFunc(avoid, func(v int32) bool { return on[v] }) {
				want = append(want, p)
			}
		}
		check(t, s, 0, 1, opt, want)
	}
}

func TestTheCyclesThatAnArcClosesAreThePathsFromItsHeadToItsTail(t *testing.T) {
	const n = 300
	arcs := gen.PowerLaw(n, 1200, 1, 2.2, 8)
	before := paths.NewSearcher(paths.NewIndex(build(t, n, arcs)))
	for _, added := range gen.PowerLaw(n, 40, 1, 2.2, 9) {
		var total [2]int64
		for i, with := range [][]csr.Arc{arcs, append(slices.Clone(arcs), added)} {
			stats, err := cycles.Count(t.Context(), build(t, n, with), cycles.Options{MinHops: 2, MaxHops: 5, Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			total[i] = stats.Total()
		}
		closed, err := before.Count(t.Context(), added.Head, added.Tail, paths.Options{MinHops: 1, MaxHops: 4})
		if err != nil || closed.Total() != total[1]-total[0] {
			t.Errorf("arc %v: %d paths back, %d cycles more (error %v)", added, closed.Total(), total[1]-total[0], err)
		}
	}
}

func TestASearcherCanBeUsedAgainAfterASearchWasCut(t *testing.T) {
	var arcs []csr.Arc
	const n = 14
	for u := range int32(n) {
		for v := range int32(n) {
			arcs = append(arcs, csr.Arc{Tail: u, Head: v})
		}
	}
	s := paths.NewSearcher(paths.NewIndex(build(t, n, arcs)))
	whole, err := s.Count(t.Context(), 0, 1, paths.Options{MinHops: 1, MaxHops: 5})
	if err != nil || whole.Total() != 1+12+12*11+12*11*10+12*11*10*9 {
		t.Fatalf("complete graph: %d paths, error %v", whole.Total(), err)
	}
	long := paths.Options{MinHops: 1, MaxHops: 12, Avoid: []int32{3}}
	for name, cut := range map[string]func() (paths.Stats, error){
		"limit on arcs, visiting": func() (paths.Stats, error) {
			o := long
			o.MaxArcs = 20_000
			return s.Each(t.Context(), 0, 1, o, func([]int32) bool { return true })
		},
		"limit on arcs, counting": func() (paths.Stats, error) {
			o := long
			o.MaxArcs = 20_000
			return s.Count(t.Context(), 0, 1, o)
		},
		"limit on results": func() (paths.Stats, error) {
			o := long
			o.MaxResults = 7
			return s.Each(t.Context(), 0, 1, o, func([]int32) bool { return true })
		},
		"visitor": func() (paths.Stats, error) {
			return s.Each(t.Context(), 0, 1, long, func([]int32) bool { return false })
		},
		"context": func() (paths.Stats, error) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			stats, err := s.Count(ctx, 0, 1, long)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error is %v, want that of the context", err)
			}
			return stats, nil
		},
	} {
		if stats, err := cut(); err != nil || stats.Truncated == effort.Complete {
			t.Errorf("%s: truncated %q, error %v", name, stats.Truncated, err)
		}
		again, err := s.Count(t.Context(), 0, 1, paths.Options{MinHops: 1, MaxHops: 5})
		if err != nil || again.ByHops != whole.ByHops {
			t.Errorf("after %s: %v, %v, want %v", name, again.ByHops, err, whole.ByHops)
		}
	}
}

func TestABadArgumentIsNamed(t *testing.T) {
	s := paths.NewSearcher(paths.NewIndex(build(t, 3, []csr.Arc{{Tail: 0, Head: 1}})))
	for want, run := range map[string]func() (paths.Stats, error){
		"both ends are 1":   func() (paths.Stats, error) { return s.Count(t.Context(), 1, 1, paths.Options{MinHops: 1, MaxHops: 2}) },
		"vertex is 3":       func() (paths.Stats, error) { return s.Count(t.Context(), 1, 3, paths.Options{MinHops: 1, MaxHops: 2}) },
		"hops from 0 to 2":  func() (paths.Stats, error) { return s.Count(t.Context(), 0, 1, paths.Options{MaxHops: 2}) },
		"hops from 1 to 13": func() (paths.Stats, error) { return s.Count(t.Context(), 0, 1, paths.Options{MinHops: 1, MaxHops: 13}) },
	} {
		if _, err := run(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want it to say %q", err, want)
		}
	}
}

func FuzzPathsAreThoseOfANaiveSearch(f *testing.F) {
	f.Add([]byte{0x01, 0x10, 0x12, 0x21, 0x20, 0x02}, uint8(5))
	f.Fuzz(func(t *testing.T, ends []byte, hops uint8) {
		const n = 7
		arcs := make([]csr.Arc, 0, 24)
		for _, b := range ends[:min(len(ends), 24)] {
			arcs = append(arcs, csr.Arc{Tail: int32(b>>4) % n, Head: int32(b&15) % n})
		}
		opt := paths.Options{MinHops: 1, MaxHops: 1 + int(hops)%7}
		s := paths.NewSearcher(paths.NewIndex(build(t, n, arcs)))
		for to := range int32(n - 1) {
			check(t, s, n-1, to, opt, naive(n, arcs, n-1, to, 1, opt.MaxHops))
		}
	})
}

func BenchmarkPathsThatANewArcWouldClose(b *testing.B) {
	const n = 100_000
	arcs := gen.PowerLaw(n, 1_000_000, 1, 2.5, 42)
	s := paths.NewSearcher(paths.NewIndex(build(b, n, arcs)))
	found := int64(0)
	i := 0
	for b.Loop() {
		a := arcs[i*7919%len(arcs)]
		i++
		stats, err := s.Count(b.Context(), a.Head, a.Tail, paths.Options{MinHops: 1, MaxHops: 3})
		if err != nil {
			b.Fatal(err)
		}
		found += stats.Total()
	}
	b.ReportMetric(float64(found)/float64(i), "paths/op")
}
