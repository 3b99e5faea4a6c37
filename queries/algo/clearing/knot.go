package clearing

import (
	"context"
	"math/big"
)

// knot solves for members in default that owe each other in turn, whose other
// debtors are solved. With y(j) the part that j pays, w(k,j) what k owes j, b(j)
// what j has and receives from others, and c(j) its cut, the equations are
//
//	owed(j) y(j) - c(j) sum_k w(k,j) y(k) = c(j) b(j)
//
// and made whole by the denominators of c(j) and b(j).
func (r *run) knot(ctx context.Context, members []int32) {
	d := len(members)
	at := make(map[int32]int, d)
	for i, v := range members {
		at[v] = i
	}
	e := equations{own: make([]*big.Int, d), from: make([][]term, d), has: make([]*big.Rat, d), start: make([]*big.Rat, d)}
	for i, v := range members {
		c := r.cutOf(v)
		e.start[i] = r.part[v]
		e.own[i] = new(big.Int).Mul(big.NewInt(r.owed[v]), big.NewInt(c.Den))
		has := new(big.Rat).SetInt64(r.external[v])
		has.Add(has, new(big.Rat).SetInt64(r.due[v]))
		row := r.in.Out(v)
		less := new(big.Rat)
		for k, debtor := range row.Heads {
			amount := r.debts[row.IDs[k]].Amount
			if j, ok := at[debtor]; ok {
				less.Add(less, new(big.Rat).SetInt64(amount))
				e.from[i] = append(e.from[i], term{j, new(big.Int).Mul(big.NewInt(amount), big.NewInt(c.Num))})
			} else if y := r.part[debtor]; y != r.one {
				gap := new(big.Rat).Sub(r.one, y)
				less.Add(less, r.tame(gap.Mul(gap, new(big.Rat).SetInt64(amount))))
				less = r.tame(less)
			}
		}
		has.Sub(has, less)
		e.has[i] = has.Mul(has, new(big.Rat).SetInt64(c.Num))
	}
	parts := e.exact
	if d > MaxExact {
		parts, r.exact = e.approximate, false
	}
	for i, y := range parts(ctx) {
		r.part[members[i]] = r.tame(y)
	}
}

func (r *run) cutOf(v int32) Cut {
	if c, ok := r.cut[v]; ok {
		return c
	}
	return Cut{v, 1, 1}
}

// tame cuts a number that has grown too long to a multiple of 2^-128.
func (r *run) tame(x *big.Rat) *big.Rat {
	if x.Denom().BitLen() <= MaxBits {
		return x
	}
	r.exact = false
	n := new(big.Int).Lsh(x.Num(), 128)
	n.Div(n, x.Denom())
	return new(big.Rat).SetFrac(n, new(big.Int).Lsh(big.NewInt(1), 128))
}

// equations are own(i) y(i) - sum over from(i) = has(i).
type equations struct {
	own  []*big.Int
	from [][]term
	has  []*big.Rat
	// start is no less than the solution, up to rounding.
	start []*big.Rat
}

type term struct {
	of     int
	amount *big.Int
}

// exact is the solution by elimination without fractions, after E. H. Bareiss,
// "Sylvester's Identity and Multistep Integer-Preserving Gaussian Elimination",
// Mathematics of Computation 22 (1968). Each debtor's column holds no more off
// the diagonal than on it, so all leading minors are above zero and no rows need
// to change places.
func (e equations) exact(ctx context.Context) []*big.Rat {
	d := len(e.own)
	if d == 1 && len(e.from[0]) == 0 {
		return []*big.Rat{new(big.Rat).Quo(e.has[0], new(big.Rat).SetInt(e.own[0]))}
	}
	m, scale := e.matrix()
	previous, x := big.NewInt(1), new(big.Int)
	for k := range d - 1 {
		if ctx.Err() != nil {
			return nil
		}
		for i := k + 1; i < d; i++ {
			for j := k + 1; j <= d; j++ {
				m[i][j].Mul(m[i][j], m[k][k])
				if m[i][k].Sign() != 0 && m[k][j].Sign() != 0 {
					m[i][j].Sub(m[i][j], x.Mul(m[i][k], m[k][j]))
				}
				if k > 0 {
					m[i][j].Quo(m[i][j], previous)
				}
			}
		}
		previous = m[k][k]
	}
	// Cramer's numerators from the last up; the divisions leave nothing.
	det := m[d-1][d-1]
	num := make([]*big.Int, d)
	for i := d - 1; i >= 0; i-- {
		num[i] = new(big.Int).Mul(det, m[i][d])
		for j := i + 1; j < d; j++ {
			num[i].Sub(num[i], x.Mul(m[i][j], num[j]))
		}
		num[i].Quo(num[i], m[i][i])
	}
	den := new(big.Int).Mul(det, scale)
	parts := make([]*big.Rat, d)
	for i := range parts {
		parts[i] = new(big.Rat).SetFrac(num[i], den)
	}
	return parts
}

// matrix is the equations as whole numbers, the right side last and times scale.
func (e equations) matrix() (m [][]*big.Int, scale *big.Int) {
	d := len(e.own)
	scale, x := big.NewInt(1), new(big.Int)
	for _, b := range e.has {
		if x.Rem(scale, b.Denom()); x.Sign() != 0 {
			x.GCD(nil, nil, scale, b.Denom())
			scale.Mul(scale, x.Quo(b.Denom(), x))
		}
	}
	m = make([][]*big.Int, d)
	for i := range m {
		m[i] = make([]*big.Int, d+1)
		for j := range d {
			m[i][j] = new(big.Int)
		}
		m[i][i].Set(e.own[i])
		for _, t := range e.from[i] {
			m[i][t.of].Sub(m[i][t.of], t.amount)
		}
		b := new(big.Int).Quo(scale, e.has[i].Denom())
		m[i][d] = b.Mul(b, e.has[i].Num())
	}
	return m, scale
}

// Sweeps of the approximation end when no part moves by more than one part in
// 10^15, or after so many.
const maxSweeps = 10_000

// approximate is the solution by repeated substitution in floating point,
// starting from what was paid the wave before, so that parts fall from sweep to
// sweep. The order is fixed and products are not fused with sums.
func (e equations) approximate(ctx context.Context) []*big.Rat {
	d := len(e.own)
	y, own, has := make([]float64, d), make([]float64, d), make([]float64, d)
	amounts := make([][]float64, d)
	for i := range d {
		y[i], _ = e.start[i].Float64()
		own[i], _ = new(big.Float).SetInt(e.own[i]).Float64()
		has[i], _ = e.has[i].Float64()
		for _, t := range e.from[i] {
			a, _ := new(big.Float).SetInt(t.amount).Float64()
			amounts[i] = append(amounts[i], a)
		}
	}
	for range maxSweeps {
		moved := 0.0
		for i := range d {
			sum := has[i]
			for k, t := range e.from[i] {
				sum += float64(amounts[i][k] * y[t.of])
			}
			next := min(y[i], max(0, sum/own[i]))
			moved = max(moved, y[i]-next)
			y[i] = next
		}
		if moved < 1e-15 || ctx.Err() != nil {
			break
		}
	}
	parts := make([]*big.Rat, d)
	for i := range parts {
		parts[i] = new(big.Rat).SetFloat64(y[i])
	}
	return parts
}
