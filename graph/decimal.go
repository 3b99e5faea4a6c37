package graph

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a number with up to six decimal places, or unknown: a ratio, a
// capacity in GW, the value of a metric. The zero value is unknown. Values
// compare with ==.
type Decimal struct {
	micro int64
	known bool
}

const decimalUnit = 1_000_000

// Micro is the known number n/1,000,000.
func Micro(n int64) Decimal { return Decimal{micro: n, known: true} }

// Ratio is num/den rounded half up to six places; unknown when den is 0, when
// either is unknown, or when the result does not fit.
func Ratio(num, den Money) Decimal {
	if !num.known || !den.known {
		return Decimal{}
	}
	return Quotient(big.NewInt(num.cents), big.NewInt(den.cents))
}

// Quotient is num/den rounded half up (towards positive infinity on a tie) to
// six places; unknown when den is 0 or the result does not fit.
func Quotient(num, den *big.Int) Decimal {
	if den.Sign() == 0 {
		return Decimal{}
	}
	if den.Sign() < 0 {
		num, den = new(big.Int).Neg(num), new(big.Int).Neg(den)
	}
	// floor((2*num*10^6 + den) / (2*den))
	n := new(big.Int).Mul(num, big.NewInt(2*decimalUnit))
	n.Add(n, den)
	q := new(big.Int).Div(n, new(big.Int).Lsh(den, 1)) // Div floors for a positive divisor
	if !q.IsInt64() {
		return Decimal{}
	}
	return Micro(q.Int64())
}

// Known tells whether there is a number.
func (d Decimal) Known() bool { return d.known }

// Micro is the number in millionths, 0 when it is unknown.
func (d Decimal) Micro() int64 { return d.micro }

// Plus adds two numbers and counts an unknown term as nothing; it is unknown
// only when both terms are.
func (d Decimal) Plus(o Decimal) Decimal {
	return Decimal{micro: d.micro + o.micro, known: d.known || o.known}
}

// Float is the nearest float64, 0 when the number is unknown; for display and
// drawing, never for arithmetic that reaches an answer.
func (d Decimal) Float() float64 { return float64(d.micro) / decimalUnit }

// String is the plain decimal without trailing zeros ("0.263158", "3"), and ""
// when it is unknown.
func (d Decimal) String() string {
	if !d.known {
		return ""
	}
	sign, m := "", d.micro
	if m < 0 {
		sign, m = "-", -m
	}
	s := sign + strconv.FormatInt(m/decimalUnit, 10)
	if frac := m % decimalUnit; frac != 0 {
		s += "." + strings.TrimRight(fmt.Sprintf("%06d", frac), "0")
	}
	return s
}

// Percent is the number times 100 with one decimal place and a percent sign:
// "26.3 %"; "unknown" when it is.
func (d Decimal) Percent() string {
	if !d.known {
		return "unknown"
	}
	sign, m := "", d.micro
	if m < 0 {
		sign, m = "-", -m
	}
	tenths := (m + 500) / 1000
	return fmt.Sprintf("%s%d.%d %%", sign, tenths/10, tenths%10)
}

// ParseDecimal reads a plain decimal number with at most six places; the empty
// text is unknown.
func ParseDecimal(text string) (Decimal, error) {
	if text == "" {
		return Decimal{}, nil
	}
	n, err := parseFixed(text, decimalUnit)
	if err != nil {
		return Decimal{}, fmt.Errorf("%q is not a number with at most six decimal places: %w", text, err)
	}
	return Micro(n), nil
}

// UnmarshalText reads ParseDecimal's form.
func (d *Decimal) UnmarshalText(text []byte) error {
	v, err := ParseDecimal(string(text))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// MarshalText writes String.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalJSON writes a JSON number, or null when the number is unknown.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if !d.known {
		return []byte("null"), nil
	}
	return []byte(d.String()), nil
}

// UnmarshalJSON reads a JSON number or null.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*d = Decimal{}
		return nil
	}
	return d.UnmarshalText(b)
}
