package ingest

import (
	"time"

	"roundtrip/graph"
)

// clock reads the times of a transfer list. It remembers the last day that it
// met, because lists are mostly in order of time.
type clock struct {
	text  [10]byte
	day   graph.Day
	known bool
}

// parse reads YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ and whole seconds; ok is false
// for any other form, a faulty one included.
func (c *clock) parse(cell []byte) (graph.Date, bool) {
	switch {
	case len(cell) == 0:
		return graph.Date{}, true
	case len(cell) == 10 && cell[4] != '-':
		n := int64(0)
		for _, d := range cell {
			if d < '0' || d > '9' {
				return graph.Date{}, false
			}
			n = n*10 + int64(d-'0')
		}
		return graph.At(time.Unix(n, 0)), true
	case len(cell) == 10:
		day, ok := c.dayOf(cell)
		return graph.On(day), ok
	case len(cell) == 20 && cell[10] == 'T' && cell[19] == 'Z' && cell[13] == ':' && cell[16] == ':':
		h, okH := twoDigits(cell[11:], 24)
		m, okM := twoDigits(cell[14:], 60)
		s, okS := twoDigits(cell[17:], 60)
		if !okH || !okM || !okS {
			return graph.Date{}, false
		}
		day, ok := c.dayOf(cell[:10])
		return graph.At(time.Unix(int64(day)*24*60*60+int64(h*3600+m*60+s), 0)), ok
	}
	return graph.Date{}, false
}

func twoDigits(b []byte, below int) (int, bool) {
	x, y := int(b[0])-'0', int(b[1])-'0'
	if x < 0 || x > 9 || y < 0 || y > 9 {
		return 0, false
	}
	return 10*x + y, 10*x+y < below
}

func (c *clock) dayOf(cell []byte) (graph.Day, bool) {
	if c.known && string(cell) == string(c.text[:]) {
		return c.day, true
	}
	d, err := graph.ParseDate(string(cell))
	if err != nil || d.Precision() != graph.DayPrecision {
		return 0, false
	}
	c.day, c.known = d.First(), true
	copy(c.text[:], cell)
	return c.day, true
}

// dayText prints dates as graph.Date.String does, remembering the last day.
type dayText struct {
	day  graph.Day
	text string
}

func (t *dayText) appendDate(dst []byte, d graph.Date) []byte {
	if d.Precision() != graph.Instant {
		return append(dst, d.String()...)
	}
	if t.text == "" || t.day != d.First() {
		t.day, t.text = d.First(), d.First().String()
	}
	dst = append(dst, t.text...)
	milli := int(d.UnixMilli() - int64(d.First())*24*60*60*1000)
	s := milli / 1000
	dst = append(dst, 'T')
	dst = appendTwo(dst, s/3600)
	dst = append(dst, ':')
	dst = appendTwo(dst, s/60%60)
	dst = append(dst, ':')
	dst = appendTwo(dst, s%60)
	if milli %= 1000; milli != 0 {
		dst = append(dst, '.', byte('0'+milli/100))
		if milli%100 != 0 {
			dst = append(dst, byte('0'+milli/10%10))
		}
		if milli%10 != 0 {
			dst = append(dst, byte('0'+milli%10))
		}
	}
	return append(dst, 'Z')
}

func appendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}

// fastMoney reads whole dollars or dollars with one or two places; ok is false
// for any other form, a faulty one included.
func fastMoney(cell []byte) (graph.Money, bool) {
	if len(cell) == 0 {
		return graph.Money{}, true
	}
	n, i := int64(0), 0
	for ; i < len(cell) && cell[i] >= '0' && cell[i] <= '9'; i++ {
		if i == 12 {
			return graph.Money{}, false
		}
		n = n*10 + int64(cell[i]-'0')
	}
	if i == 0 {
		return graph.Money{}, false
	}
	n *= 100
	if i < len(cell) {
		places := cell[i+1:]
		if cell[i] != '.' || len(places) == 0 || len(places) > 2 {
			return graph.Money{}, false
		}
		unit := int64(10)
		for _, d := range places {
			if d < '0' || d > '9' {
				return graph.Money{}, false
			}
			n += int64(d-'0') * unit
			unit /= 10
		}
	}
	return graph.USD(n), true
}
