package changes

import (
	"fmt"
	"strconv"
	"strings"

	"roundtrip/graph"
)

// Point is one end of a comparison: a date, or a revision written r3. The zero
// value is neither.
type Point struct {
	date     graph.Date
	revision uint64
}

// UnmarshalText reads a date of any precision, which stands for its last day,
// or r and the number of a revision.
func (p *Point) UnmarshalText(text []byte) error {
	if digits, ok := strings.CutPrefix(string(text), "r"); ok {
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil || n == 0 {
			return fmt.Errorf("%q is not a revision; want r and its number, which counts from 1, such as r3", text)
		}
		*p = Point{revision: n}
		return nil
	}
	d, err := graph.ParseDate(string(text))
	if err != nil {
		return fmt.Errorf("%q is neither a date nor a revision; want a date such as 2025-12-16, or r and the number of a revision, such as r3", text)
	}
	*p = Point{date: d}
	return nil
}

// MarshalText writes the date with its own precision, or r3; "" for neither.
func (p Point) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// String is the form of MarshalText.
func (p Point) String() string {
	if p.isRevision() {
		return "r" + strconv.FormatUint(p.revision, 10)
	}
	return p.date.String()
}

func (p Point) isRevision() bool { return p.revision > 0 }

// given tells whether the argument was there.
func (p Point) given() bool { return p.isRevision() || p.date.Known() }
