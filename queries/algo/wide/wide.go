// Package wide adds and compares whole numbers of 128 bits: sums of 64-bit
// amounts, and of their products, that must not wrap around.
package wide

import (
	"cmp"
	"math/big"
	"math/bits"
)

// Int is a signed number of 128 bits in two's complement. The zero value is 0.
type Int struct {
	high int64
	low  uint64
}

// Plus is x + y. It is exact while the result lies in 128 bits, which the sum of
// 2^63 numbers of 64 bits does.
func (x Int) Plus(y int64) Int { return x.plus(of(y)) }

// PlusProduct is x + a*b, exact while the result lies in 128 bits.
func (x Int) PlusProduct(a, b int64) Int {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	p := Int{int64(high), low}
	if (a < 0) != (b < 0) {
		p = p.negative()
	}
	return x.plus(p)
}

// Compare is -1, 0 or +1 as x is below, equal to or above y.
func (x Int) Compare(y Int) int {
	return cmp.Or(cmp.Compare(x.high, y.high), cmp.Compare(x.low, y.low))
}

// Int64 is x, and whether it lies in 64 bits.
func (x Int) Int64() (int64, bool) {
	small := int64(x.low)
	return small, of(small) == x
}

// Big is x as a number of any size.
func (x Int) Big() *big.Int {
	b := new(big.Int).Lsh(big.NewInt(x.high), 64)
	return b.Add(b, new(big.Int).SetUint64(x.low))
}

// String is x in decimal digits.
func (x Int) String() string { return x.Big().String() }

func of(y int64) Int { return Int{y >> 63, uint64(y)} }

func (x Int) plus(y Int) Int {
	low, carry := bits.Add64(x.low, y.low, 0)
	return Int{x.high + y.high + int64(carry), low}
}

func (x Int) negative() Int {
	low, carry := bits.Add64(^x.low, 1, 0)
	return Int{^x.high + int64(carry), low}
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}
