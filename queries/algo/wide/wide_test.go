package wide_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"roundtrip/queries/algo/wide"
)

func TestSumsAndProductsAreThoseOfBigIntegers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	number := func() int64 {
		edges := []int64{0, 1, -1, math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
		if i := r.IntN(12); i < len(edges) {
			return edges[i]
		}
		return int64(r.Uint64()) >> r.IntN(64)
	}
	for range 2000 {
		var x, last wide.Int
		want, wantLast := new(big.Int), new(big.Int)
		for range 1 + r.IntN(2) {
			last, wantLast = x, new(big.Int).Set(want)
			a, b, c := number(), number()>>2, number()
			x = x.PlusProduct(a, b).Plus(c)
			want.Add(want, new(big.Int).Mul(big.NewInt(a), big.NewInt(b)))
			want.Add(want, big.NewInt(c))
		}
		if x.Big().Cmp(want) != 0 || x.String() != want.String() {
			t.Fatalf("have %s, want %s", x, want)
		}
		if got := x.Compare(last); got != want.Cmp(wantLast) {
			t.Fatalf("Compare of %s and %s is %d", want, wantLast, got)
		}
		if small, ok := x.Int64(); ok != want.IsInt64() || ok && small != want.Int64() {
			t.Fatalf("Int64 of %s is %d, %v", want, small, ok)
		}
	}
}
