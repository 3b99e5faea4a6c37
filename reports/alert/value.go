package alert

import (
	"fmt"
	"math"

	"roundtrip/graph"
)

// number is an amount in dollars, cents, a ratio or a count, or unknown. The zero
// value is unknown. A float holds what the program knows exactly enough: integer
// cents up to graph.MaxCents are exact, and dollars or ratios are the nearest
// float, as the literals are that they are compared with.
type number struct {
	v     float64
	known bool
}

func cents(m graph.Money) number {
	return number{float64(m.Cents()), m.Known()}
}

func dollars(m graph.Money) number {
	return number{float64(m.Cents()) / 100, m.Known()}
}

func ratio(d graph.Decimal) number { return number{float64(d.Micro()) / 1e6, d.Known()} }

func whole(n int64) number { return number{float64(n), true} }

// date is a date as a text that is ordered as dates are, or unknown.
type date struct {
	d graph.Date
}

// text is a text that may be unknown.
type text struct {
	s     string
	known bool
}

// flag is a truth that may be unknown.
type flag struct {
	b, known bool
}

// asNumber is a number that an operator was given.
func asNumber(v any) (number, bool) {
	switch x := v.(type) {
	case number:
		return x, true
	case int:
		return whole(int64(x)), true
	case float64:
		return number{x, true}, true
	case nil:
		return number{}, true // a figure that the summary does not have
	}
	return number{}, false
}

// compared is -1, 0 or 1; known is false where one of the two is unknown.
func compared(a, b any) (order int, known bool, err error) {
	switch x := a.(type) {
	case date:
		y, err := asDate(b)
		if err != nil || !x.d.Known() || !y.Known() {
			return 0, false, err
		}
		return dayOrder(x.d, y), true, nil
	case text, flag:
		return equality(a, b)
	case string:
		switch b.(type) {
		case date:
			order, known, err = compared(b, a)
			return -order, known, err
		case text:
			return equality(b, a)
		}
	case bool:
		return equality(b, a)
	}
	x, okA := asNumber(a)
	y, okB := asNumber(b)
	if !okA || !okB {
		return 0, false, fmt.Errorf("%T and %T cannot be compared", a, b)
	}
	switch {
	case !x.known || !y.known:
		return 0, false, nil
	case x.v < y.v:
		return -1, true, nil
	case x.v > y.v:
		return 1, true, nil
	}
	return 0, true, nil
}

// dayOrder compares dates of different precision by what both tell: 2026-01-31
// is in 2026, so the two are equal.
func dayOrder(a, b graph.Date) int {
	switch {
	case a.Last() < b.First():
		return -1
	case a.First() > b.Last():
		return 1
	}
	return 0
}

func asDate(v any) (graph.Date, error) {
	switch x := v.(type) {
	case date:
		return x.d, nil
	case string:
		return graph.ParseDate(x)
	}
	return graph.Date{}, fmt.Errorf("%T is not a date", v)
}

// equality compares texts and flags that may be unknown; an order of 1 only says
// that they differ.
func equality(a, b any) (order int, known bool, err error) {
	same := func(equal, known bool) (int, bool, error) {
		if equal {
			return 0, known, nil
		}
		return 1, known, nil
	}
	switch x := a.(type) {
	case text:
		switch y := b.(type) {
		case string:
			return same(x.s == y, x.known)
		case text:
			return same(x.s == y.s, x.known && y.known)
		}
	case flag:
		switch y := b.(type) {
		case bool:
			return same(x.b == y, x.known)
		case flag:
			return same(x.b == y.b, x.known && y.known)
		}
	}
	return 0, false, fmt.Errorf("%T and %T cannot be compared", a, b)
}

// calculated is the result of an arithmetic operator; unknown where a side is, or
// where there is no result.
func calculated(operator string, a, b any) (number, error) {
	x, okA := asNumber(a)
	y, okB := asNumber(b)
	if !okA || !okB {
		return number{}, fmt.Errorf("%T and %T cannot be calculated with", a, b)
	}
	if !x.known || !y.known {
		return number{}, nil
	}
	var v float64
	switch operator {
	case "+":
		v = x.v + y.v
	case "-":
		v = x.v - y.v
	case "*":
		v = x.v * y.v
	case "/":
		v = x.v / y.v
	default:
		return number{}, fmt.Errorf("operator %s is not known", operator)
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return number{}, nil
	}
	return number{v, true}, nil
}

// isKnown tells whether a value is known.
func isKnown(v any) bool {
	switch x := v.(type) {
	case nil:
		return false
	case number:
		return x.known
	case date:
		return x.d.Known()
	case text:
		return x.known
	case flag:
		return x.known
	}
	return true
}
