package power_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"roundtrip/queries/algo/power"
)

// inEveryOrder plays all n! orders.
func inEveryOrder(weights []int64) []*big.Rat {
	n := len(weights)
	sum, turns, all := int64(0), make([]int64, n), int64(0)
	for _, w := range weights {
		sum += w
	}
	var play func(joined []bool, weight int64, orders int64)
	play = func(joined []bool, weight, orders int64) {
		for i := range n {
			if joined[i] {
				continue
			}
			if 2*(weight+weights[i]) > sum {
				turns[i] += orders // however the rest joins
				continue
			}
			joined[i] = true
			left := int64(0)
			for _, j := range joined {
				if !j {
					left++
				}
			}
			if left > 0 {
				play(joined, weight+weights[i], orders/left)
			}
			joined[i] = false
		}
	}
	all = 1
	for i := range n {
		all *= int64(i + 1)
	}
	if n > 0 {
		play(make([]bool, n), 0, all/int64(n))
	}
	index := make([]*big.Rat, n)
	for i := range index {
		index[i] = big.NewRat(turns[i], max(all, 1))
	}
	return index
}

func exact(t *testing.T, weights []int64) []*big.Rat {
	t.Helper()
	index, err := power.Exact(t.Context(), weights)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func text(index []*big.Rat) string { return fmt.Sprint(index) }

func TestKnownGames(t *testing.T) {
	for _, tt := range []struct {
		weights []int64
		want    string
	}{
		{nil, "[]"},
		{[]int64{0, 0}, "[0/1 0/1]"},
		{[]int64{5}, "[1/1]"},
		{[]int64{5, 5}, "[1/2 1/2]"},
		{[]int64{51, 49}, "[1/1 0/1]"},
		{[]int64{50, 49, 1}, "[2/3 1/6 1/6]"},
		{[]int64{49, 49, 2}, "[1/3 1/3 1/3]"},
		{[]int64{3, 2, 1, 1}, "[1/2 1/6 1/6 1/6]"},
		{[]int64{25000, 30000, 3800, 2240}, "[1/6 1/2 1/6 1/6]"},
		{[]int64{math.MaxInt64 - 2, 1, 1}, "[1/1 0/1 0/1]"},
	} {
		if got := text(exact(t, tt.weights)); got != tt.want {
			t.Errorf("index of %v is %s, want %s", tt.weights, got, tt.want)
		}
	}
}

func TestTheIndexIsThatOfPlayingEveryOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 400 {
		weights := make([]int64, random.IntN(8))
		top := []int64{2, 5, 30, 1_000_000}[random.IntN(4)]
		for i := range weights {
			weights[i] = random.Int64N(top)
		}
		want := inEveryOrder(weights)
		if slices.Max(append(slices.Clone(weights), 0)) == 0 {
			continue // nobody wins
		}
		if got := text(exact(t, weights)); got != text(want) {
			t.Fatalf("index of %v is %s, every order gives %s", weights, got, text(want))
		}
	}
}

// byWeight counts the coalitions without a player by size and weight, the
// method of Mann and Shapley with generating functions.
func byWeight(weights []int64) []*big.Rat {
	n, sum := len(weights), int64(0)
	for _, w := range weights {
		sum += w
	}
	index := make([]*big.Rat, n)
	for i := range weights {
		count := make([][]int64, n)
		for k := range count {
			count[k] = make([]int64, sum+1)
		}
		count[0][0] = 1
		for j, w := range weights {
			if j == i {
				continue
			}
			for k := n - 2; k >= 0; k-- {
				for s := sum - w; s >= 0; s-- {
					count[k+1][s+w] += count[k][s]
				}
			}
		}
		index[i] = new(big.Rat)
		for k := range n {
			for s := int64(0); 2*s <= sum; s++ {
				if 2*(s+weights[i]) > sum {
					orders := new(big.Int).Mul(new(big.Int).MulRange(1, int64(k)), new(big.Int).MulRange(1, int64(n-1-k)))
					orders.Mul(orders, big.NewInt(count[k][s]))
					index[i].Add(index[i], new(big.Rat).SetFrac(orders, new(big.Int).MulRange(1, int64(n))))
				}
			}
		}
	}
	return index
}

func TestTheIndexOfTwentyPlayersIsThatOfGeneratingFunctions(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{9, 13, power.MaxExact} {
		weights := make([]int64, n)
		for i := range weights {
			weights[i] = 1 + random.Int64N(40)*random.Int64N(3)
		}
		got := exact(t, weights)
		if text(got) != text(byWeight(weights)) {
			t.Errorf("index of %v is %v, generating functions give %v", weights, got, byWeight(weights))
		}
		sum := new(big.Rat)
		for _, x := range got {
			sum.Add(sum, x)
		}
		if sum.Cmp(big.NewRat(1, 1)) != 0 {
			t.Errorf("index of %v adds up to %s", weights, sum)
		}
	}
}

func TestScalingWeightsAndPlayersWithoutWeightChangeNothing(t *testing.T) {
	weights := []int64{7, 0, 3, 3, 2, 0, 1}
	scaled := make([]int64, len(weights))
	for i, w := range weights {
		scaled[i] = w * 1_000_003
	}
	if a, b := text(exact(t, weights)), text(exact(t, scaled)); a != b {
		t.Errorf("index is %s, scaled %s", a, b)
	}
	bare := exact(t, []int64{7, 3, 3, 2, 1})
	if got := exact(t, weights); text([]*big.Rat{got[0], got[2], got[3], got[4], got[6]}) != text(bare) || got[1].Sign() != 0 {
		t.Errorf("index is %v, without players of no weight %v", got, bare)
	}
}

func TestASampleComesNearTheIndexAndIsTheSameForTheSameSeed(t *testing.T) {
	weights := []int64{40, 25, 0, 12, 11, 7, 3, 2}
	want := exact(t, weights)
	const orders = 40_000
	a, err := power.Sample(t.Context(), weights, orders, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := power.Sample(t.Context(), weights, orders, 1)
	if err != nil || text(a) != text(b) {
		t.Errorf("the same seed gives %v and %v (%v)", a, b, err)
	}
	for i := range want {
		x, _ := want[i].Float64()
		y, _ := a[i].Float64()
		if math.Abs(x-y) > 4/(2*math.Sqrt(orders)) {
			t.Errorf("player %d has %f, sampled %f", i, x, y)
		}
	}
}

func TestBadWeightsAreErrorsAndAnEndedContextStops(t *testing.T) {
	for _, weights := range [][]int64{{1, -1}, {math.MaxInt64, 1}, make([]int64, 0, 21)} {
		if cap(weights) == 21 {
			for range 21 {
				weights = append(weights, 1)
			}
		}
		if _, err := power.Exact(t.Context(), weights); err == nil {
			t.Errorf("%v is taken", weights)
		}
	}
	if _, err := power.Sample(t.Context(), []int64{1}, 0, 1); err == nil {
		t.Error("no orders are taken")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	many := slices.Repeat([]int64{3}, power.MaxExact)
	if _, err := power.Exact(ended, many); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if _, err := power.Sample(ended, many, 1000, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func BenchmarkTwentyPlayers(b *testing.B) {
	weights := make([]int64, power.MaxExact)
	for i := range weights {
		weights[i] = int64(i*i + 1)
	}
	for b.Loop() {
		if _, err := power.Exact(b.Context(), weights); err != nil {
			b.Fatal(err)
		}
	}
}
