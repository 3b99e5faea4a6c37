package graph

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// MaxCents is the largest amount a single figure may have: nine trillion
// dollars. It keeps an amount times a probability in basis points, and the sum
// of ten thousand such amounts, inside 64 bits.
const MaxCents = 9e14

// Money is an amount of US dollars in integer cents, or unknown. The zero value
// is unknown. Values compare with ==.
type Money struct {
	cents int64
	known bool
}

// USD is a known amount of that many cents.
func USD(cents int64) Money { return Money{cents: cents, known: true} }

// Known tells whether the amount was reported at all; a reported zero is known.
func (m Money) Known() bool { return m.known }

// Cents is the amount in cents, 0 when it is unknown.
func (m Money) Cents() int64 { return m.cents }

// Plus adds two amounts and counts an unknown term as nothing; it is unknown
// only when both terms are.
func (m Money) Plus(o Money) Money {
	return Money{cents: m.cents + o.cents, known: m.known || o.known}
}

// Min is the smaller of two amounts, unknown when either is.
func (m Money) Min(o Money) Money {
	if !m.known || !o.known {
		return Money{}
	}
	return USD(min(m.cents, o.cents))
}

// String is the amount in dollars as a plain decimal with as many places as it
// needs (none or two), and "" when it is unknown: the form of a CSV cell.
func (m Money) String() string {
	if !m.known {
		return ""
	}
	if m.cents%100 == 0 {
		return strconv.FormatInt(m.cents/100, 10)
	}
	return m.Dollars()
}

// Dollars is the amount in dollars with two decimal places, "" when unknown.
func (m Money) Dollars() string {
	if !m.known {
		return ""
	}
	sign, c := "", m.cents
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}

// Short is the amount as people write it in a note: "$38.0bn", "$250m",
// "$1.2tn", "unknown".
func (m Money) Short() string {
	if !m.known {
		return "unknown"
	}
	sign, c := "", m.cents
	if c < 0 {
		sign, c = "-", -c
	}
	for _, s := range suffixes {
		if tenths := (c + s.cents/20) / (s.cents / 10); tenths >= 10 {
			return fmt.Sprintf("%s$%d.%d%s", sign, tenths/10, tenths%10, s.name)
		}
	}
	return fmt.Sprintf("%s$%d.%02d", sign, c/100, c%100)
}

type suffix struct {
	name  string
	cents int64
}

var suffixes = [...]suffix{{"tn", 1e14}, {"bn", 1e11}, {"m", 1e8}, {"k", 1e5}}

// ParseMoney reads dollars: a decimal with at most two places below a cent's
// worth of precision, with an optional suffix k, m, bn or tn ("10bn", "38.5m",
// "1200.50"). The empty text is unknown. Negative amounts, more precision than
// a cent and amounts above MaxCents are errors.
func ParseMoney(text string) (Money, error) {
	if text == "" {
		return Money{}, nil
	}
	digits, unit := text, int64(100)
	lower := strings.ToLower(text)
	for _, s := range suffixes {
		if strings.HasSuffix(lower, s.name) {
			digits, unit = text[:len(text)-len(s.name)], s.cents
			break
		}
	}
	if unit == 100 { // the common case of an import: whole dollars or cents, no suffix
		if whole, err := strconv.ParseInt(digits, 10, 64); err == nil && whole >= 0 && whole <= MaxCents/100 && digits[0] != '+' {
			return USD(whole * 100), nil
		}
	}
	n, err := parseFixed(digits, unit)
	if err != nil {
		return Money{}, fmt.Errorf("%q is not an amount in dollars: %w (k, m, bn or tn may follow: 38.5m, 10bn)", text, err)
	}
	if n < 0 {
		return Money{}, fmt.Errorf("%q is negative; an amount is zero or more, its direction is from payer to payee", text)
	}
	if n > MaxCents {
		return Money{}, fmt.Errorf("%q is more than the largest amount allowed, $%dtn", text, int64(MaxCents/1e14))
	}
	return USD(n), nil
}

// UnmarshalText reads ParseMoney's form.
func (m *Money) UnmarshalText(text []byte) error {
	v, err := ParseMoney(string(text))
	if err != nil {
		return err
	}
	*m = v
	return nil
}

// MarshalText writes String.
func (m Money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// parseFixed reads a plain decimal number and multiplies it by unit; it is an
// error when the product is not a whole number or does not fit 64 bits.
func parseFixed(digits string, unit int64) (int64, error) {
	if !plainDecimal(digits) {
		return 0, fmt.Errorf("want digits with an optional point, such as 1200 or 1200.50")
	}
	r, ok := new(big.Rat).SetString(digits)
	if !ok {
		return 0, fmt.Errorf("want digits with an optional point, such as 1200 or 1200.50")
	}
	r.Mul(r, new(big.Rat).SetInt64(unit))
	if !r.IsInt() {
		return 0, fmt.Errorf("more decimal places than the smallest unit kept")
	}
	if !r.Num().IsInt64() {
		return 0, fmt.Errorf("too large")
	}
	return r.Num().Int64(), nil
}

func plainDecimal(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if len(s) > 40 {
		return false
	}
	whole, frac, point := strings.Cut(s, ".")
	if whole == "" || point && frac == "" {
		return false
	}
	for _, c := range whole + frac {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
