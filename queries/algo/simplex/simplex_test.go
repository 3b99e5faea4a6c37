package simplex_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"roundtrip/queries/algo/simplex"
)

func rats(numbers ...int64) []*big.Rat {
	list := make([]*big.Rat, len(numbers))
	for i, n := range numbers {
		list[i] = big.NewRat(n, 1)
	}
	return list
}

func TestAProgrammeSolvedByHand(t *testing.T) {
	// 3x + 5y with x <= 4, 2y <= 12, 3x + 2y <= 18 is largest, 36, at (2, 6).
	x := simplex.Maximise([][]*big.Rat{rats(1, 0), rats(0, 2), rats(3, 2)}, rats(4, 12, 18), rats(3, 5))
	if x[0].Cmp(big.NewRat(2, 1)) != 0 || x[1].Cmp(big.NewRat(6, 1)) != 0 {
		t.Errorf("the largest value is at %v, want (2, 6)", x)
	}
}

// In the plane the largest value is at a corner: each two of the lines are crossed.
func TestTheLargestValueIsThatOfTheBestCorner(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		a := [][]*big.Rat{rats(1+r.Int64N(4), 1+r.Int64N(4))} // bounds the programme
		b := rats(r.Int64N(20))
		for range r.IntN(4) {
			a = append(a, rats(r.Int64N(9)-4, r.Int64N(9)-4))
			b = append(b, big.NewRat(r.Int64N(20), 1))
		}
		c := rats(r.Int64N(11)-5, r.Int64N(11)-5)
		x := simplex.Maximise(a, b, c)
		if !holds(a, b, x) {
			t.Fatalf("%v breaks %v <= %v", x, a, b)
		}
		lines, at := slices.Concat(a, [][]*big.Rat{rats(1, 0), rats(0, 1)}), slices.Concat(b, rats(0, 0))
		best := new(big.Rat) // of the origin
		for i := range lines {
			for j := range i {
				corner, ok := cross(lines[i], lines[j], at[i], at[j])
				if value := dot(c, corner); ok && holds(a, b, corner) && value.Cmp(best) > 0 {
					best = value
				}
			}
		}
		if got := dot(c, x); got.Cmp(best) != 0 {
			t.Fatalf("%v gives %v, the best corner %v; %v <= %v", x, got, best, a, b)
		}
	}
}

func dot(c, x []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for i := range x {
		sum.Add(sum, new(big.Rat).Mul(c[i], x[i]))
	}
	return sum
}

func holds(a [][]*big.Rat, b, x []*big.Rat) bool {
	for i := range a {
		if dot(a[i], x).Cmp(b[i]) > 0 {
			return false
		}
	}
	return x[0].Sign() >= 0 && x[1].Sign() >= 0
}

// cross is where two lines meet, by Cramer's rule.
func cross(p, q []*big.Rat, u, v *big.Rat) ([]*big.Rat, bool) {
	det := func(a, b, c, d *big.Rat) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).Mul(a, d), new(big.Rat).Mul(b, c))
	}
	d := det(p[0], p[1], q[0], q[1])
	if d.Sign() == 0 {
		return nil, false
	}
	return []*big.Rat{new(big.Rat).Quo(det(u, p[1], v, q[1]), d), new(big.Rat).Quo(det(p[0], u, q[0], v), d)}, true
}
