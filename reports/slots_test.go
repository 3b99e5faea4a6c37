package reports_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"roundtrip/reports"
)

func slotsOf(t *testing.T, cron, zone, after string, n int) []string {
	t.Helper()
	s, err := reports.ParseSlots(cron, zone)
	require.NoError(t, err)
	at, err := time.Parse(time.RFC3339, after)
	require.NoError(t, err)
	var list []string
	for range n {
		at = s.Next(at)
		list = append(list, at.In(s.Zone()).Format(time.RFC3339))
	}
	return list
}

func TestASlotInTheSkippedHourIsDueAtTheFirstMomentAfterIt(t *testing.T) {
	// In Berlin, 2026-03-29, 02:00 becomes 03:00.
	require.Equal(t, []string{"2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"},
		slotsOf(t, "30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3))
}

func TestSeveralSlotsInTheSkippedHourAreOne(t *testing.T) {
	require.Equal(t, []string{"2026-03-29T01:45:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:15:00+02:00"},
		slotsOf(t, "*/15 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", 3))
}

func TestASlotInTheDoubledHourComesOnce(t *testing.T) {
	// In Berlin, 2026-10-25, 03:00 becomes 02:00.
	require.Equal(t, []string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"},
		slotsOf(t, "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2))
	require.Equal(t, []string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:45:00+02:00", "2026-10-25T03:00:00+01:00"},
		slotsOf(t, "*/15 * * * *", "Europe/Berlin", "2026-10-25T00:15:00Z", 3))
}

func TestMonthEndsAndLeapDaysAreKept(t *testing.T) {
	require.Equal(t, []string{"2026-01-31T06:00:00Z", "2026-03-31T06:00:00Z", "2026-05-31T06:00:00Z"},
		slotsOf(t, "0 6 31 * *", "", "2026-01-15T00:00:00Z", 3))
	require.Equal(t, []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}, slotsOf(t, "0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", 2))
	require.Equal(t, []string{"2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z"}, slotsOf(t, "0 0 29 2 *", "UTC", "2093-01-01T00:00:00Z", 2))
	require.Equal(t, []string{"2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z"}, slotsOf(t, "59 23 31 dec *", "UTC", "2026-01-01T00:00:00Z", 2))
}

func TestADayThatAZoneSkipsIsDueWhenTheNextBegins(t *testing.T) {
	// Samoa went from the 29th to the 31st of December 2011.
	require.Equal(t, []string{"2011-12-29T09:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00"},
		slotsOf(t, "0 9 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", 3))
}

func TestABadExpressionSaysWhichFieldAndWhatIsAllowed(t *testing.T) {
	for text, want := range map[string]string{
		"":                  `"" has 0 fields; want five: minute 0-59, hour 0-23, day of the month 1-31, month 1-12 or jan-dec, weekday 0-6 or sun-sat`,
		"@daily":            `"@daily" has 1 fields`,
		"TZ=UTC 0 6 * * *":  `has 6 fields`,
		"TZ=UTC 6 * * *":    `field 1, "TZ=UTC", is not allowed; want minute 0-59`,
		"60 6 * * *":        `field 1, "60", is not allowed`,
		"0 24 * * *":        `field 2, "24", is not allowed`,
		"0 6 0 * *":         `field 3, "0", is not allowed`,
		"0 6 * 13 *":        `field 4, "13", is not allowed`,
		"0 6 * * 7":         `field 5, "7", is not allowed`,
		"0 6 * * mon-":      `field 5, "mon-", is not allowed`,
		", 6 * * *":         `field 1, ",", is not allowed`,
		"*-5 6 * * *":       `field 1, "*-5", is not allowed`,
		"*/0 6 * * *":       `field 1, "*/0", is not allowed`,
		"*/90 6 * * *":      `field 1, "*/90", has a step beyond its end, so that it would come once only; want minute 0-59, with a step of at most 59`,
		"0 0/36 * * *":      `field 2, "0/36", has a step beyond its end`,
		"0 6 * * 1,*/7":     `field 5, "1,*/7", has a step beyond its end`,
		"5-1 6 * * *":       `field 1, "5-1", is not allowed`,
		"0 6 30 2 *":        "never comes: no month that is named has that day",
		"0 6 31 feb,apr *":  "never comes: no month that is named has that day",
		"0 6 * * ? extra x": "has 7 fields",
	} {
		_, err := reports.ParseSlots(text, "UTC")
		require.ErrorContains(t, err, want, text)
	}
	for _, zone := range []string{"Local", "Berlin", "../etc/passwd"} {
		_, err := reports.ParseSlots("0 6 * * *", zone)
		require.ErrorContains(t, err, "is not a time zone; want a name of the IANA database", zone)
	}
}

// walk finds slots by looking at every minute: what does the clock show, has it
// shown that before, and what did it jump over?
func walk(cron string, zone *time.Location, from, until time.Time) []time.Time {
	var list []time.Time
	wall := func(t time.Time) time.Time {
		t = t.In(zone)
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
	}
	start := from.Add(-48 * time.Hour) // so that what was shown before is known
	latest := wall(start)
	for t := start.Add(time.Minute); !t.After(until); t = t.Add(time.Minute) {
		now := wall(t)
		hit := false
		for w := latest.Add(time.Minute); !w.After(now); w = w.Add(time.Minute) { // none when the clock went back
			hit = hit || matches(cron, w)
		}
		if now.After(latest) {
			latest = now
		}
		if hit && t.After(from) {
			list = append(list, t)
		}
	}
	return list
}

func matches(cron string, t time.Time) bool {
	f := strings.Fields(cron)
	day, weekday := has(f[2], t.Day(), 1, 31), has(f[4], int(t.Weekday()), 0, 6)
	both := day && weekday
	if f[2] != "*" && f[4] != "*" {
		both = day || weekday
	}
	return has(f[0], t.Minute(), 0, 59) && has(f[1], t.Hour(), 0, 23) && both && has(f[3], int(t.Month()), 1, 12)
}

func has(field string, n, low, high int) bool {
	for item := range strings.SplitSeq(field, ",") {
		span, every, stepped := strings.Cut(item, "/")
		step := 1
		if stepped {
			step, _ = strconv.Atoi(every)
		}
		a, b := low, high
		if span != "*" {
			first, last, ranged := strings.Cut(span, "-")
			a, _ = strconv.Atoi(first)
			switch {
			case ranged:
				b, _ = strconv.Atoi(last)
			case !stepped:
				b = a
			}
		}
		if n >= a && n <= b && (n-a)%step == 0 {
			return true
		}
	}
	return false
}

func TestSlotsAreThoseOfAWalkMinuteByMinute(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Apia", "America/Havana"}
	days := []string{"2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-04-04", "2018-11-03", "2018-02-17", "2028-02-28", "2026-12-30", "2011-12-29", "2026-02-14", "2026-03-21"}
	field := func(low, high int, common ...string) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			if rapid.Bool().Draw(t, "common") {
				return rapid.SampledFrom(common).Draw(t, "field")
			}
			a := rapid.IntRange(low, high).Draw(t, "a")
			b := rapid.IntRange(a, high).Draw(t, "b")
			switch rapid.IntRange(0, 3).Draw(t, "form") {
			case 0:
				return strconv.Itoa(a)
			case 1:
				return fmt.Sprintf("%d-%d", a, b)
			case 2:
				return fmt.Sprintf("%d-%d/%d", a, b, rapid.IntRange(1, 7).Draw(t, "step"))
			}
			return fmt.Sprintf("%d,%d", a, b)
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		cron := strings.Join([]string{
			field(0, 59, "*", "0", "30", "*/15").Draw(t, "minute"), field(0, 23, "*", "2", "0", "1", "3").Draw(t, "hour"),
			field(1, 31, "*", "29", "31", "1").Draw(t, "day"), field(1, 12, "*").Draw(t, "month"), field(0, 6, "*", "0").Draw(t, "weekday"),
		}, " ")
		s, err := reports.ParseSlots(cron, zone)
		if err != nil {
			t.Skip(err)
		}
		from, _ := time.Parse(time.DateOnly, rapid.SampledFrom(days).Draw(t, "from"))
		from = from.Add(time.Duration(rapid.IntRange(0, 36*60).Draw(t, "minutes")) * time.Minute)
		until := from.Add(50 * time.Hour)
		want := walk(cron, s.Zone(), from, until)
		got, more := s.Between(from, until, 10_000)
		if more != 0 || !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%s in %s from %s: got %v, want %v", cron, zone, from, got, want)
		}
	})
}
