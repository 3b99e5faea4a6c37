package neo4jstore

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j/dbtype"
)

// moment reads a datetime as answers give it, such as
// 2026-03-29T03:30:00+02:00[Europe/Berlin]; the zone in brackets may be left out.
// The offset has to be one of the zone at that moment.
func moment(text string) (time.Time, bool) {
	text, zone, named := strings.Cut(text, "[")
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || !named {
		return t, err == nil
	}
	zone, closed := strings.CutSuffix(zone, "]")
	place, err := time.LoadLocation(zone)
	if err != nil || !closed || zone == "" || zone == "Local" {
		return t, false
	}
	_, said := t.Zone()
	_, is := t.In(place).Zone()
	return t.In(place), said == is
}

// Parts of a duration such as P1Y2M3DT4H5M6.7S, with so few digits that sums fit.
var durationForm = regexp.MustCompile(`^P(?:(-?\d{1,9})Y)?(?:(-?\d{1,9})M)?(?:(-?\d{1,9})W)?(?:(-?\d{1,9})D)?(T(?:(-?\d{1,12})H)?(?:(-?\d{1,12})M)?(?:(-?\d{1,15})(?:\.(\d{1,9}))?S)?)?$`)

// period reads a duration in the form of ISO 8601, of which only the seconds may
// have decimal places.
func period(text string) (dbtype.Duration, bool) {
	parts := durationForm.FindStringSubmatch(text)
	if parts == nil || strings.HasSuffix(text, "P") || strings.HasSuffix(text, "T") {
		return dbtype.Duration{}, false
	}
	n := func(i int) int64 {
		x, _ := strconv.ParseInt(parts[i], 10, 64) // digits, or nothing
		return x
	}
	d := dbtype.Duration{Months: 12*n(1) + n(2), Days: 7*n(3) + n(4), Seconds: 3600*n(6) + 60*n(7) + n(8)}
	if parts[9] != "" {
		d.Nanos, _ = strconv.Atoi((parts[9] + "000000000")[:9])
		if strings.HasPrefix(parts[8], "-") && d.Nanos > 0 {
			d.Seconds, d.Nanos = d.Seconds-1, int(time.Second)-d.Nanos
		}
	}
	return d, true
}
