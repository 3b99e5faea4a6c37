package graph

import (
	"fmt"
	"strconv"
	"time"
)

// Day is a calendar day as the number of days since 1970-01-01.
type Day int32

// DayOf is the UTC calendar day of an instant.
func DayOf(t time.Time) Day {
	const perDay = 24 * 60 * 60
	s := t.Unix()
	d := s / perDay
	if s%perDay < 0 {
		d--
	}
	return Day(d)
}

// Time is midnight UTC at the start of the day.
func (d Day) Time() time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

// String is the day as YYYY-MM-DD.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }

// Precision is how much of a date was reported.
type Precision uint8

// The precisions, from none to an instant of the day.
const (
	NoDate Precision = iota
	Year
	Month
	DayPrecision
	Instant
)

// String is the name used in data files: unknown, year, month, day, instant.
func (p Precision) String() string {
	return [...]string{"unknown", "year", "month", "day", "instant"}[p]
}

// Date is a date with the precision with which it was reported, or unknown. The
// zero value is unknown. Values compare with ==.
type Date struct {
	day       Day   // the first day
	milli     int32 // milliseconds since midnight UTC, Instant only
	precision Precision
}

// On is a date of day precision.
func On(d Day) Date { return Date{day: d, precision: DayPrecision} }

// At is the instant t, to the millisecond.
func At(t time.Time) Date {
	d := DayOf(t)
	return Date{day: d, milli: int32(t.Sub(d.Time()) / time.Millisecond), precision: Instant}
}

// ParseDate reads 2025, 2025-12, 2025-12-16 or an instant such as
// 2025-12-16T09:30:00Z (kept in UTC to the millisecond). The empty text is the
// unknown date; a day that the calendar does not have is an error.
func ParseDate(text string) (Date, error) {
	bad := func() (Date, error) {
		return Date{}, fmt.Errorf("%q is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ", text)
	}
	var layout string
	var precision Precision
	switch len(text) {
	case 0:
		return Date{}, nil
	case 4:
		layout, precision = "2006", Year
	case 7:
		layout, precision = "2006-01", Month
	case 10:
		layout, precision = time.DateOnly, DayPrecision
	default:
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
			return bad()
		}
		return At(t.UTC()), nil
	}
	t, err := time.Parse(layout, text)
	if err != nil || t.Year() < 1 {
		return bad()
	}
	return Date{day: DayOf(t), precision: precision}, nil
}

// Known tells whether there is a date.
func (d Date) Known() bool { return d.precision != NoDate }

// Precision is how much of the date was reported.
func (d Date) Precision() Precision { return d.precision }

// First is the first day of the date, the reading of an announcement, an
// outcome and a period start. It is 0 for the unknown date.
func (d Date) First() Day { return d.day }

// Last is the last day of the date, the reading of a period end, an as_of and
// the date of a realised figure or a metric.
func (d Date) Last() Day {
	switch d.precision {
	case Year:
		return DayOf(d.day.Time().AddDate(1, 0, -1))
	case Month:
		return DayOf(d.day.Time().AddDate(0, 1, -1))
	default:
		return d.day
	}
}

// UnixMilli is the first instant of the date in milliseconds since 1970.
func (d Date) UnixMilli() int64 { return int64(d.day)*24*60*60*1000 + int64(d.milli) }

// Compare orders dates by their first instant, unknown dates last.
func (d Date) Compare(o Date) int {
	switch {
	case d.Known() != o.Known():
		if d.Known() {
			return -1
		}
		return 1
	case d.UnixMilli() < o.UnixMilli():
		return -1
	case d.UnixMilli() > o.UnixMilli():
		return 1
	}
	return 0
}

// String prints the date with its own precision, "" when it is unknown.
func (d Date) String() string {
	switch d.precision {
	case Year:
		return d.day.String()[:4]
	case Month:
		return d.day.String()[:7]
	case DayPrecision:
		return d.day.String()
	case Instant:
		t := d.day.Time().Add(time.Duration(d.milli) * time.Millisecond)
		return t.Format("2006-01-02T15:04:05.999Z07:00")
	default:
		return ""
	}
}

// UnmarshalText reads ParseDate's form.
func (d *Date) UnmarshalText(text []byte) error {
	v, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// MarshalText writes String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// ParseTimestamp reads the time of a plain transfer: any form of ParseDate but
// the bare year, or whole seconds since 1970 (milliseconds from 10^11 on).
func ParseTimestamp(text string) (Date, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return ParseDate(text)
	}
	const maxSeconds = 253402300799 // the end of the year 9999
	if n < 0 || n > maxSeconds*1000 {
		return Date{}, fmt.Errorf("%q is not a time; want a date, seconds or milliseconds since 1970", text)
	}
	if n >= 1e11 {
		return At(time.UnixMilli(n).UTC()), nil
	}
	return At(time.Unix(n, 0).UTC()), nil
}
