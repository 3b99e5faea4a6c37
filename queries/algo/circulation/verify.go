package circulation

import (
	"fmt"
	"math"
	"math/big"

	"roundtrip/queries/algo/wide"
)

// Verify tells why the potentials do not prove that c is a maximum circulation,
// or nil: amounts lie between 0 and the capacity, what enters a vertex leaves it,
// arcs with a margin above 0 are full and those below 0 empty, and the sums of
// the circulation and of its dual are the same. See Solution for the margin. It
// shares no code with Maximum.
func Verify(n int, arcs []Arc, c, potential []int64) error {
	if len(c) != len(arcs) || len(potential) != n {
		return fmt.Errorf("circulation: the solution has %d arcs and %d vertices, the graph %d and %d", len(c), len(potential), len(arcs), n)
	}
	for v, y := range potential {
		if y > math.MaxInt64/4 || y < -math.MaxInt64/4 {
			return fmt.Errorf("circulation: the potential %d of vertex %d is too large to be checked", y, v)
		}
	}
	surplus := make([]wide.Int, n) // what enters, less what leaves
	var primal, dual wide.Int
	for i, a := range arcs {
		if c[i] < 0 || c[i] > a.Cap {
			return fmt.Errorf("circulation: arc %d carries %d, its capacity is %d", i, c[i], a.Cap)
		}
		surplus[a.Head] = surplus[a.Head].Plus(c[i])
		surplus[a.Tail] = surplus[a.Tail].Plus(-c[i])
		primal = primal.Plus(c[i])
		margin := 1 + potential[a.Tail] - potential[a.Head]
		switch {
		case margin > 0 && c[i] != a.Cap:
			return fmt.Errorf("circulation: arc %d has margin %d and carries %d of %d, it should be full", i, margin, c[i], a.Cap)
		case margin < 0 && c[i] != 0:
			return fmt.Errorf("circulation: arc %d has margin %d and carries %d, it should be empty", i, margin, c[i])
		case margin > 0:
			dual = dual.PlusProduct(a.Cap, margin)
		}
	}
	for v, s := range surplus {
		if s != (wide.Int{}) {
			return fmt.Errorf("circulation: vertex %d keeps %s", v, s)
		}
	}
	if primal != dual {
		return fmt.Errorf("circulation: the sum is %s, that of the dual %s", primal, dual)
	}
	return nil
}

// Sum adds amounts up without wrapping around.
func Sum(amounts []int64) *big.Int {
	var sum wide.Int
	for _, x := range amounts {
		sum = sum.Plus(x)
	}
	return sum.Big()
}
