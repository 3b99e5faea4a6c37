package feedback_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/feedback"
	"roundtrip/queries/algo/gen"
)

func TestHandCheckedSets(t *testing.T) {
	for name, c := range map[string]struct {
		n      int
		arcs   []feedback.Arc
		want   []int32
		weight int64
	}{
		"nothing":                               {0, nil, nil, 0},
		"no cycle":                              {3, []feedback.Arc{{0, 1, 5}, {1, 2, 5}, {0, 2, 5}}, nil, 0},
		"a self loop":                           {1, []feedback.Arc{{0, 0, 7}}, []int32{0}, 7},
		"there and back":                        {2, []feedback.Arc{{0, 1, 10}, {1, 0, 38}}, []int32{0}, 10},
		"parallel arcs go together":             {2, []feedback.Arc{{0, 1, 4}, {0, 1, 5}, {1, 0, 8}}, []int32{2}, 8},
		"one arc in two loops":                  {3, []feedback.Arc{{0, 1, 10}, {1, 0, 6}, {1, 2, 6}, {2, 0, 6}}, []int32{0}, 10},
		"two cheap ones for it":                 {3, []feedback.Arc{{0, 1, 13}, {1, 0, 6}, {1, 2, 6}, {2, 0, 6}}, []int32{1, 2}, 12},
		"two components":                        {4, []feedback.Arc{{0, 1, 1}, {1, 0, 2}, {1, 2, 9}, {2, 3, 4}, {3, 2, 3}}, []int32{0, 4}, 4},
		"a known zero is free but one is cut":   {3, []feedback.Arc{{0, 1, 0}, {1, 2, 0}, {2, 0, 0}}, []int32{0}, 0},
		"the largest weights of 64 bit":         {2, []feedback.Arc{{0, 1, math.MaxInt64 / 2}, {1, 0, math.MaxInt64/2 + 1}}, []int32{0}, math.MaxInt64 / 2},
		"fewer arcs where weights are the same": {3, []feedback.Arc{{0, 1, 2}, {1, 0, 1}, {1, 2, 5}, {2, 0, 1}}, []int32{0}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := feedback.Minimum(t.Context(), c.n, c.arcs)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(set.Arcs, c.want) || set.Weight != c.weight || !set.Exact || set.AtLeast != c.weight {
				t.Errorf("have %+v, want arcs %v of weight %d", set, c.want, c.weight)
			}
		})
	}
}

// overOrders is the least that goes backward in any order of the vertices.
func overOrders(n int, arcs []feedback.Arc) int64 {
	least := int64(math.MaxInt64)
	place := make([]int, n)
	for i := range place {
		place[i] = i
	}
	var try func(k int)
	try = func(k int) {
		if k == n {
			var sum int64
			for _, a := range arcs {
				if place[a.Tail] >= place[a.Head] {
					sum += a.Weight
				}
			}
			least = min(least, sum)
			return
		}
		for i := k; i < n; i++ {
			place[k], place[i] = place[i], place[k]
			try(k + 1)
			place[k], place[i] = place[i], place[k]
		}
	}
	try(0)
	return least
}

// overSets is the least weight and then number of arcs of any set of arcs without
// which there is no cycle.
func overSets(n int, arcs []feedback.Arc) (weight int64, count int) {
	weight, count = math.MaxInt64, 0
	for s := range 1 << len(arcs) {
		var sum int64
		var taken []int32
		for i, a := range arcs {
			if s>>i&1 == 1 {
				sum += a.Weight
				taken = append(taken, int32(i))
			}
		}
		if (sum < weight || sum == weight && len(taken) < count) && !cyclic(n, arcs, taken) {
			weight, count = sum, len(taken)
		}
	}
	return weight, count
}

// cyclic tells whether there is a cycle without some of the arcs: vertices that
// nothing enters go until none is left or all that are left are entered.
func cyclic(n int, arcs []feedback.Arc, without []int32) bool {
	left := make(map[int32]bool, n)
	for v := range int32(n) {
		left[v] = true
	}
	for {
		entered := map[int32]bool{}
		for i, a := range arcs {
			if left[a.Tail] && !slices.Contains(without, int32(i)) {
				entered[a.Head] = true
			}
		}
		before := len(left)
		for v := range int32(n) {
			if !entered[v] {
				delete(left, v)
			}
		}
		if len(left) == before {
			return before > 0
		}
	}
}

func random(r *rand.Rand, n, m int, most int64) []feedback.Arc {
	skewed := r.IntN(2) == 0
	end := func() int32 {
		if skewed {
			return int32(min(r.IntN(n), r.IntN(n)))
		}
		return int32(r.IntN(n))
	}
	arcs := make([]feedback.Arc, m)
	for i := range arcs {
		arcs[i] = feedback.Arc{Tail: end(), Head: end(), Weight: r.Int64N(most + 1)}
	}
	return arcs
}

// check fails unless the set breaks every cycle, says what it weighs, and has no
// arc too many.
func check(t *testing.T, n int, arcs []feedback.Arc, set feedback.Set) {
	t.Helper()
	var sum int64
	for _, i := range set.Arcs {
		sum += arcs[i].Weight
	}
	if sum != set.Weight || set.AtLeast > set.Weight || set.Exact != (set.AtLeast == set.Weight) || !slices.IsSorted(set.Arcs) || cyclic(n, arcs, set.Arcs) {
		t.Fatalf("%v: set %+v weighs %d", arcs, set, sum)
	}
	for k := range set.Arcs {
		if fewer := slices.Delete(slices.Clone(set.Arcs), k, k+1); !cyclic(n, arcs, fewer) {
			t.Fatalf("%v: %v does without arc %d", arcs, set.Arcs, set.Arcs[k])
		}
	}
}

func TestTheWeightIsThatOfTheBestOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 1))
	for range 1500 {
		n := 1 + r.IntN(7)
		arcs := random(r, n, r.IntN(3*n), 9)
		set, err := feedback.Minimum(t.Context(), n, arcs)
		if err != nil {
			t.Fatal(err)
		}
		check(t, n, arcs, set)
		if want := overOrders(n, arcs); set.Weight != want || !set.Exact {
			t.Fatalf("%v: %+v, want weight %d", arcs, set, want)
		}
	}
}

func TestTheSetIsTheLightestAndSmallestOfAllSetsOfArcs(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 1))
	for range 400 {
		n := 2 + r.IntN(6)
		arcs := random(r, n, r.IntN(12), 4)
		set, err := feedback.Minimum(t.Context(), n, arcs)
		if err != nil {
			t.Fatal(err)
		}
		if weight, count := overSets(n, arcs); set.Weight != weight || len(set.Arcs) != count {
			t.Fatalf("%v: %+v, want weight %d and %d arcs", arcs, set, weight, count)
		}
	}
}

func TestTheHeuristicBreaksEveryCycleAndItsBoundHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 1))
	graphs, best, proved := 0, 0, 0
	for range 1500 {
		n := 2 + r.IntN(6)
		arcs := random(r, n, r.IntN(4*n), 9)
		set, err := feedback.Within(t.Context(), n, arcs, 0, math.MaxInt)
		if err != nil {
			t.Fatal(err)
		}
		check(t, n, arcs, set)
		want := overOrders(n, arcs)
		if set.Weight < want || set.AtLeast > want {
			t.Fatalf("%v: %+v, the least weight is %d", arcs, set, want)
		}
		if want == 0 {
			continue
		}
		graphs++
		if set.Weight == want {
			best++
		}
		if set.Exact {
			proved++
		}
	}
	if best*10 < graphs*9 || proved*2 < graphs {
		t.Errorf("of %d graphs the heuristic is best on %d and proves it on %d", graphs, best, proved)
	}
}

func TestWithoutWorkTheHeuristicStillBreaksEveryCycle(t *testing.T) {
	r := rand.New(rand.NewPCG(24, 1))
	for _, work := range []int{0, 30, 300} {
		for range 100 {
			n := 2 + r.IntN(12)
			arcs := random(r, n, r.IntN(4*n), 9)
			set, err := feedback.Within(t.Context(), n, arcs, 0, work)
			if err != nil {
				t.Fatal(err)
			}
			least, err := feedback.Minimum(t.Context(), n, arcs)
			if err != nil {
				t.Fatal(err)
			}
			if cyclic(n, arcs, set.Arcs) || set.Weight < least.Weight || set.AtLeast > least.Weight {
				t.Fatalf("%v with work %d: %+v, least is %+v", arcs, work, set, least)
			}
		}
	}
}

func TestReversingAndScalingKeepTheLeastWeight(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 1))
	for range 100 {
		n := 2 + r.IntN(10)
		arcs := random(r, n, r.IntN(5*n), 1_000_000)
		other := slices.Clone(arcs)
		for i, a := range other {
			other[i] = feedback.Arc{Tail: a.Head, Head: a.Tail, Weight: a.Weight * 1_000_003}
		}
		a, errA := feedback.Minimum(t.Context(), n, arcs)
		b, errB := feedback.Minimum(t.Context(), n, other)
		if errA != nil || errB != nil || a.Weight*1_000_003 != b.Weight {
			t.Fatalf("%v: %d, reversed and scaled %d", arcs, a.Weight, b.Weight)
		}
	}
}

func weighted(list []csr.Arc) []feedback.Arc {
	arcs, weights := make([]feedback.Arc, len(list)), gen.Times(len(list), 1_000_000, 3)
	for i, a := range list {
		arcs[i] = feedback.Arc{Tail: a.Tail, Head: a.Head, Weight: weights[i]}
	}
	return arcs
}

func TestLargeSkewedGraphsHaveNoCycleLeftTwiceTheSame(t *testing.T) {
	arcs := weighted(gen.PowerLaw(2000, 12_000, 1, 2.2, 7))
	set, err := feedback.Minimum(t.Context(), 2000, arcs)
	if err != nil {
		t.Fatal(err)
	}
	rest := slices.Clone(arcs)
	for k := len(set.Arcs) - 1; k >= 0; k-- {
		rest = slices.Delete(rest, int(set.Arcs[k]), int(set.Arcs[k])+1)
	}
	none, err := feedback.Minimum(t.Context(), 2000, rest)
	if err != nil || len(none.Arcs) != 0 || set.Exact || set.AtLeast > set.Weight || set.AtLeast == 0 {
		t.Errorf("%d of %d arcs leave %d (%v); weight %d, at least %d", len(set.Arcs), len(arcs), len(none.Arcs), err, set.Weight, set.AtLeast)
	}
	again, err := feedback.Minimum(t.Context(), 2000, arcs)
	if err != nil || !slices.Equal(set.Arcs, again.Arcs) {
		t.Errorf("the second run differs (%v)", err)
	}
	t.Logf("weight %d, at least %d", set.Weight, set.AtLeast)
}

func TestBadInputIsNamed(t *testing.T) {
	for _, c := range []struct {
		n    int
		arcs []feedback.Arc
		want string
	}{
		{1, []feedback.Arc{{0, 1, 5}}, "feedback: csr: arc 0 goes from 0 to 1, allowed vertices are 0 to 0"},
		{2, []feedback.Arc{{0, 1, -5}}, "feedback: arc 0 has weight -5, allowed are 0 and more"},
		{2, []feedback.Arc{{0, 1, math.MaxInt64}, {1, 0, 1}}, "feedback: weights add up to 9223372036854775808, allowed are sums up to 9223372036854775807"},
	} {
		if _, err := feedback.Minimum(t.Context(), c.n, c.arcs); err == nil || err.Error() != c.want {
			t.Errorf("error is %v, want %s", err, c.want)
		}
	}
}

func TestTheContextEndsTheSearch(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, n := range []int{feedback.MostExact, 60} {
		if _, err := feedback.Minimum(ctx, n, weighted(gen.Uniform(n, 20*n, 1, 5))); !errors.Is(err, context.Canceled) {
			t.Errorf("%d vertices: error is %v", n, err)
		}
	}
}

func FuzzSetsBreakEveryCycle(f *testing.F) {
	f.Add([]byte("\x00\x01\x05\x01\x02\x05\x02\x00\x05"))
	f.Add([]byte(strings.Repeat("\x01\x02\x03\x02\x01\x00", 4)))
	f.Fuzz(func(t *testing.T, data []byte) {
		const n = 6
		var arcs []feedback.Arc
		for ; len(data) >= 3 && len(arcs) < 40; data = data[3:] {
			arcs = append(arcs, feedback.Arc{Tail: int32(data[0] % n), Head: int32(data[1] % n), Weight: int64(data[2] % 16)})
		}
		exact, err := feedback.Minimum(t.Context(), n, arcs)
		if err != nil {
			t.Fatal(err)
		}
		check(t, n, arcs, exact)
		rough, err := feedback.Within(t.Context(), n, arcs, 0, math.MaxInt)
		if err != nil {
			t.Fatal(err)
		}
		check(t, n, arcs, rough)
		if want := overOrders(n, arcs); exact.Weight != want || rough.Weight < want || rough.AtLeast > want {
			t.Fatalf("%v: %+v and %+v, want %d", arcs, exact, rough, want)
		}
	})
}

func BenchmarkMinimum(b *testing.B) {
	for name, c := range map[string]struct {
		n    int
		arcs []csr.Arc
	}{
		"exact 20-100":       {20, gen.Uniform(20, 100, 1, 42)},
		"uniform 1k-5k":      {1000, gen.Uniform(1000, 5000, 1, 42)},
		"power law 10k-100k": {10_000, gen.PowerLaw(10_000, 100_000, 1, 2.5, 42)},
	} {
		b.Run(name, func(b *testing.B) {
			arcs := weighted(c.arcs)
			for b.Loop() {
				set, err := feedback.Minimum(b.Context(), c.n, arcs)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(set.Weight)/float64(max(1, set.AtLeast)), "weight/bound")
			}
		})
	}
}
