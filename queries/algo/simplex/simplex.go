// Package simplex solves small linear programmes in exact fractions. Tests hold
// the algorithms of this project against it; it is too slow for anything else.
package simplex

import "math/big"

// Maximise is an x >= 0 with Ax <= b for which c·x is largest; b is not negative.
// It is the simplex method with a full tableau and R. Bland's rule, "New finite
// pivoting rules for the simplex method", Mathematics of Operations Research 2
// (1977), which cannot cycle. It panics where no value is the largest.
func Maximise(a [][]*big.Rat, b, c []*big.Rat) (x []*big.Rat) {
	rows, columns := len(a), len(c)
	t := make([][]*big.Rat, rows+1)
	for i := range t {
		t[i] = make([]*big.Rat, columns+rows+1)
		for j := range t[i] {
			t[i][j] = new(big.Rat)
		}
	}
	basis := make([]int, rows)
	for i := range rows {
		for j := range columns {
			t[i][j].Set(a[i][j])
		}
		t[i][columns+i].SetInt64(1)
		t[i][columns+rows].Set(b[i])
		basis[i] = columns + i
	}
	for j, y := range c {
		t[rows][j].Neg(y)
	}
	for {
		enter := 0
		for enter < columns+rows && t[rows][enter].Sign() >= 0 {
			enter++
		}
		if enter == columns+rows {
			break
		}
		leave := -1
		var least *big.Rat
		for i := range rows {
			if t[i][enter].Sign() <= 0 {
				continue
			}
			ratio := new(big.Rat).Quo(t[i][columns+rows], t[i][enter])
			if leave < 0 || ratio.Cmp(least) < 0 || ratio.Cmp(least) == 0 && basis[i] < basis[leave] {
				leave, least = i, ratio
			}
		}
		if leave < 0 {
			panic("the programme has no largest value")
		}
		pivot(t, leave, enter)
		basis[leave] = enter
	}
	x = make([]*big.Rat, columns)
	for j := range x {
		x[j] = new(big.Rat)
	}
	for i, j := range basis {
		if j < columns {
			x[j].Set(t[i][columns+rows])
		}
	}
	return x
}

func pivot(t [][]*big.Rat, row, column int) {
	by := new(big.Rat).Inv(t[row][column])
	for _, x := range t[row] {
		x.Mul(x, by)
	}
	for i := range t {
		if i == row || t[i][column].Sign() == 0 {
			continue
		}
		times := new(big.Rat).Set(t[i][column])
		for j, x := range t[i] {
			if t[row][j].Sign() != 0 {
				x.Sub(x, new(big.Rat).Mul(times, t[row][j]))
			}
		}
	}
}
