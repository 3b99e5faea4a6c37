package circulation_test

import (
	"context"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"roundtrip/queries/algo/circulation"
	"roundtrip/queries/algo/gen"
)

func solve(t testing.TB, n int, arcs []circulation.Arc) circulation.Solution {
	t.Helper()
	s, err := circulation.Maximum(t.Context(), n, arcs)
	if err != nil {
		t.Fatal(err)
	}
	if err := circulation.Verify(n, arcs, s.Of, s.Potential); err != nil {
		t.Fatalf("%v\nof %v with %v and potentials %v", err, arcs, s.Of, s.Potential)
	}
	return s
}

func TestTwoLoopsThatShareAnArcDoNotCountItTwice(t *testing.T) {
	arcs := []circulation.Arc{{Tail: 0, Head: 1, Cap: 10}, {Tail: 1, Head: 0, Cap: 10}, {Tail: 1, Head: 2, Cap: 10}, {Tail: 2, Head: 0, Cap: 10}}
	s := solve(t, 3, arcs)
	if want := []int64{10, 0, 10, 10}; !slices.Equal(s.Of, want) {
		t.Errorf("have %v, want the longer loop %v", s.Of, want)
	}
}

func TestHandCheckedSums(t *testing.T) {
	for name, c := range map[string]struct {
		n    int
		arcs []circulation.Arc
		want []int64
	}{
		"nothing":                       {0, nil, []int64{}},
		"vertices without arcs":         {3, nil, []int64{}},
		"a single arc":                  {2, []circulation.Arc{{Tail: 0, Head: 1, Cap: 5}}, []int64{0}},
		"a self loop is full":           {1, []circulation.Arc{{Tail: 0, Head: 0, Cap: 7}}, []int64{7}},
		"there and back":                {2, []circulation.Arc{{Tail: 0, Head: 1, Cap: 10}, {Tail: 1, Head: 0, Cap: 38}}, []int64{10, 10}},
		"three hops, least 30":          {3, []circulation.Arc{{Tail: 0, Head: 1, Cap: 30}, {Tail: 1, Head: 2, Cap: 300}, {Tail: 2, Head: 0, Cap: 40}}, []int64{30, 30, 30}},
		"parallel arcs add up":          {2, []circulation.Arc{{Tail: 0, Head: 1, Cap: 3}, {Tail: 0, Head: 1, Cap: 4}, {Tail: 1, Head: 0, Cap: 7}}, []int64{3, 4, 7}},
		"an arc of capacity 0 is shut":  {2, []circulation.Arc{{Tail: 0, Head: 1, Cap: 3}, {Tail: 1, Head: 0, Cap: 0}}, []int64{0, 0}},
		"the largest amounts of 64 bit": {2, []circulation.Arc{{Tail: 0, Head: 1, Cap: math.MaxInt64}, {Tail: 1, Head: 0, Cap: math.MaxInt64 - 1}}, []int64{math.MaxInt64 - 1, math.MaxInt64 - 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := solve(t, c.n, c.arcs)
			if !slices.Equal(s.Of, c.want) {
				t.Errorf("have %v, want %v", s.Of, c.want)
			}
			if _, err := circulation.Ranges(t.Context(), c.n, c.arcs, s); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheSumAndTheRangesAreThoseOfAllCirculations(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 1))
	several := 0
	for round := range 3000 {
		n := 1 + r.IntN(5)
		arcs := random(r, n, r.IntN(9), 3)
		if round%2 == 0 { // few ways back for many arcs of one capacity: several circulations of the same sum
			n = 4 + r.IntN(3)
			arcs = random(r, n, 5+r.IntN(6), 1)
			for i := range arcs {
				if arcs[i].Tail > arcs[i].Head {
					arcs[i].Tail, arcs[i].Head = arcs[i].Head, arcs[i].Tail
				}
				arcs[i].Cap = 1
			}
			arcs = append(arcs, circulation.Arc{Tail: int32(n - 1), Head: 0, Cap: 1}, circulation.Arc{Tail: int32(n - 2), Head: 0, Cap: 1})
		}
		s := solve(t, n, arcs)
		all := enumerate(n, arcs)
		if got := sum(s.Of); got != all.best {
			t.Fatalf("%v: sum %d, want %d", arcs, got, all.best)
		}
		ranges, err := circulation.Ranges(t.Context(), n, arcs, s)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(ranges, all.ranges) {
			t.Fatalf("%v: ranges %v, want %v", arcs, ranges, all.ranges)
		}
		for _, x := range ranges {
			if x.Min < x.Max {
				several++
				break
			}
		}
	}
	if several < 50 {
		t.Errorf("only %d graphs had more than one throughput, the test says little of ranges", several)
	}
}

func TestTheSumIsThatOfCancellingCycles(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 1))
	for range 400 {
		n := 2 + r.IntN(14)
		arcs := random(r, n, r.IntN(60), 1000)
		if got, want := sum(solve(t, n, arcs).Of), sum(cancelCycles(n, arcs)); got != want {
			t.Fatalf("%v: sum %d, cycle cancelling %d", arcs, got, want)
		}
	}
}

func TestReversingEveryArcKeepsTheSum(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 1))
	for range 200 {
		n := 2 + r.IntN(30)
		arcs := random(r, n, r.IntN(200), 1_000_000)
		back := make([]circulation.Arc, len(arcs))
		for i, a := range arcs {
			back[i] = circulation.Arc{Tail: a.Head, Head: a.Tail, Cap: a.Cap}
		}
		if a, b := sum(solve(t, n, arcs).Of), sum(solve(t, n, back).Of); a != b {
			t.Fatalf("%v: %d, reversed %d", arcs, a, b)
		}
	}
}

func TestScalingCapacitiesScalesTheSum(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 1))
	for range 100 {
		n := 2 + r.IntN(20)
		arcs := random(r, n, r.IntN(100), 1_000_000)
		large := slices.Clone(arcs)
		for i := range large {
			large[i].Cap *= 1_000_003
		}
		if a, b := sum(solve(t, n, arcs).Of), sum(solve(t, n, large).Of); a*1_000_003 != b {
			t.Fatalf("%v: %d, scaled %d", arcs, a, b)
		}
	}
}

// A cycle has at least one arc that the dual charges for: margins along it add
// up to its length.
func TestWithoutTheArcsThatTheCertificateChargesForNothingGoesRound(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 1))
	for range 200 {
		n := 2 + r.IntN(30)
		arcs := random(r, n, r.IntN(200), 1000)
		s := solve(t, n, arcs)
		rest := slices.DeleteFunc(slices.Clone(arcs), func(a circulation.Arc) bool { return 1+s.Potential[a.Tail]-s.Potential[a.Head] > 0 })
		if got := sum(solve(t, n, rest).Of); got != 0 {
			t.Fatalf("%v: %d still goes round", arcs, got)
		}
	}
}

func TestCyclesAddUpToTheCirculation(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 1))
	for round := range 400 {
		n := 1 + r.IntN(20)
		arcs := random(r, n, r.IntN(120), 1000)
		s := solve(t, n, arcs)
		work := []int{math.MaxInt, 0, 300}[round%3]
		list, err := circulation.CyclesWithin(t.Context(), n, arcs, s.Of, work)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) > len(arcs) {
			t.Fatalf("%d cycles of %d arcs", len(list), len(arcs))
		}
		added := make([]int64, len(arcs))
		for _, c := range list {
			seen := map[int32]bool{}
			for i, e := range c.Arcs {
				v := c.Vertices[i]
				if next := c.Vertices[(i+1)%len(c.Vertices)]; arcs[e].Tail != v || arcs[e].Head != next || seen[v] || v < c.Vertices[0] {
					t.Fatalf("%v: %v is not a simple cycle from its smallest vertex", arcs, c)
				}
				seen[v] = true
				added[e] += c.Amount
			}
			if c.Amount <= 0 || len(c.Arcs) != len(c.Vertices) {
				t.Fatalf("cycle %v", c)
			}
		}
		if !slices.Equal(added, s.Of) {
			t.Fatalf("%v: cycles add up to %v, want %v", arcs, added, s.Of)
		}
	}
}

func TestShortCyclesComeFirst(t *testing.T) {
	// Through vertex 0: one loop of two arcs and one of three that share 0->1.
	arcs := []circulation.Arc{{Tail: 0, Head: 1, Cap: 20}, {Tail: 1, Head: 2, Cap: 10}, {Tail: 2, Head: 0, Cap: 10}, {Tail: 1, Head: 0, Cap: 10}}
	list, err := circulation.Cycles(t.Context(), 3, arcs, []int64{20, 10, 10, 10})
	want := []circulation.Cycle{
		{Vertices: []int32{0, 1}, Arcs: []int32{0, 3}, Amount: 10},
		{Vertices: []int32{0, 1, 2}, Arcs: []int32{0, 1, 2}, Amount: 10},
	}
	if err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("have %v (%v), want %v", list, err, want)
	}
}

func TestLargeSkewedGraphsKeepTheirCertificate(t *testing.T) {
	for name, arcs := range map[string][]circulation.Arc{
		"uniform":   weighted(gen.Uniform(2000, 12_000, 1, 7), 3),
		"power law": weighted(gen.PowerLaw(2000, 12_000, 1, 2.2, 7), 3),
	} {
		t.Run(name, func(t *testing.T) {
			s := solve(t, 2000, arcs)
			list, err := circulation.Cycles(t.Context(), 2000, arcs, s.Of)
			if err != nil {
				t.Fatal(err)
			}
			var total int64
			for _, c := range list {
				total += c.Amount * int64(len(c.Arcs))
			}
			if total != sum(s.Of) {
				t.Errorf("cycles add up to %d, want %d", total, sum(s.Of))
			}
			if again := solve(t, 2000, arcs); !reflect.DeepEqual(s, again) {
				t.Error("a second run gives another solution")
			}
		})
	}
}

func TestOtherComponentsChangeNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 1))
	for range 200 {
		n, more := 2+r.IntN(20), 1+r.IntN(10)
		arcs := random(r, n, r.IntN(100), 1000)
		alone := solve(t, n, arcs)
		both := slices.Clone(arcs)
		for _, a := range random(r, more, r.IntN(40), 1000) {
			both = append(both, circulation.Arc{Tail: a.Tail + int32(n), Head: a.Head%int32(more) + int32(n), Cap: a.Cap})
		}
		s := solve(t, n+more, both)
		if !slices.Equal(s.Of[:len(arcs)], alone.Of) || !slices.Equal(s.Potential[:n], alone.Potential) {
			t.Fatalf("%v: have %v, alone %v", both, s, alone)
		}
	}
}

func TestVerifyFindsWhatIsWrong(t *testing.T) {
	arcs := []circulation.Arc{{Tail: 0, Head: 1, Cap: 10}, {Tail: 1, Head: 0, Cap: 38}}
	for name, c := range map[string]struct {
		of, potential []int64
		want          string
	}{
		"too much":        {[]int64{11, 11}, []int64{0, -1}, "arc 0 carries 11, its capacity is 10"},
		"below zero":      {[]int64{-1, -1}, []int64{0, -1}, "arc 0 carries -1"},
		"unbalanced":      {[]int64{10, 9}, []int64{0, -1}, "vertex 0 keeps -1"},
		"not the largest": {[]int64{9, 9}, []int64{0, -1}, "should be full"},
		"not empty":       {[]int64{10, 10}, []int64{0, -2}, "should be empty"},
		"wrong shape":     {[]int64{10}, []int64{0, 1}, "has 1 arcs"},
		"huge potentials": {[]int64{10, 10}, []int64{math.MinInt64, math.MaxInt64}, "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := circulation.Verify(2, arcs, c.of, c.potential); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("have %v, want %q", err, c.want)
			}
		})
	}
	if err := circulation.Verify(2, arcs, []int64{10, 10}, []int64{0, -1}); err != nil {
		t.Error(err)
	}
}

func TestBadGraphsAreRefused(t *testing.T) {
	for want, arcs := range map[string][]circulation.Arc{
		"arc 0 goes from 0 to 2":          {{Tail: 0, Head: 2, Cap: 1}},
		"arc 0 has capacity -1":           {{Tail: 0, Head: 1, Cap: -1}},
		"capacities into vertex 0 add up": {{Tail: 0, Head: 1, Cap: math.MaxInt64}, {Tail: 0, Head: 1, Cap: 1}},
	} {
		if _, err := circulation.Maximum(t.Context(), 2, arcs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("have %v, want %q", err, want)
		}
	}
}

func TestItStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	arcs := weighted(gen.Uniform(100, 800, 1, 7), 3)
	if _, err := circulation.Maximum(ctx, 100, arcs); !errors.Is(err, context.Canceled) {
		t.Errorf("Maximum: %v", err)
	}
	s := solve(t, 100, arcs)
	if _, err := circulation.Cycles(ctx, 100, arcs, s.Of); !errors.Is(err, context.Canceled) {
		t.Errorf("Cycles: %v", err)
	}
}

func TestSumsDoNotWrapAround(t *testing.T) {
	want := new(big.Int).Mul(big.NewInt(math.MaxInt64), big.NewInt(3))
	if got := circulation.Sum([]int64{math.MaxInt64, math.MaxInt64, math.MaxInt64}); got.Cmp(want) != 0 {
		t.Errorf("have %s, want %s", got, want)
	}
}

func FuzzEveryGraphHasACertificate(f *testing.F) {
	f.Add([]byte{3, 0, 1, 10, 1, 2, 10, 2, 0, 10, 1, 0, 10})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 || data[0] == 0 || len(data) > 300 {
			return
		}
		n := int(data[0])
		var arcs []circulation.Arc
		for rest := data[1:]; len(rest) >= 3; rest = rest[3:] {
			arcs = append(arcs, circulation.Arc{Tail: int32(int(rest[0]) % n), Head: int32(int(rest[1]) % n), Cap: int64(rest[2])})
		}
		s := solve(t, n, arcs)
		if len(arcs) < 40 && n < 20 && sum(s.Of) != sum(cancelCycles(n, arcs)) {
			t.Fatalf("%v: sum %d differs from that of cycle cancelling", arcs, sum(s.Of))
		}
	})
}
