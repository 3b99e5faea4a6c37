package reports

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Slots are the times of a schedule: those that the clock on the wall of its zone
// shows when all five fields match. Each such reading is one slot, whatever the
// clock does:
//   - a reading in an hour that is skipped, when clocks go forward, is due at the
//     first moment after the gap; several that fall on one moment are one slot;
//   - a reading in an hour that comes twice, when clocks go back, is due the first
//     time only.
//
// A month without the day has no slot. Where both the day of the month and the
// weekday are given, either is enough, as cron has it.
type Slots struct {
	spec cron.Schedule
	zone *time.Location
}

// cronItem is a field, or one of several with commas between, before its numbers
// and names are judged.
const cronItem = `(\*|[0-9]{1,2}(-[0-9]{1,2})?|[A-Za-z]{3}(-[A-Za-z]{3})?)(/[0-9]{1,2})?`

// farthest is how far ahead a slot is looked for: two leap days can be eight
// years apart.
const farthest = 3

// ParseSlots reads a cron expression of five fields and a time zone of the IANA
// database, UTC when empty.
func ParseSlots(expression, zone string) (*Slots, error) {
	location, err := parseZone(zone)
	if err != nil {
		return nil, err
	}
	spec, err := parseCron(expression)
	if err != nil {
		return nil, err
	}
	return &Slots{spec, location}, nil
}

func parseZone(zone string) (*time.Location, error) {
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return nil, fmt.Errorf("%q is not a time zone; want a name of the IANA database, such as UTC, Europe/Berlin or America/New_York", shown(zone))
	}
	return location, nil
}

func parseCron(expression string) (cron.Schedule, error) {
	fields := strings.Fields(expression)
	names := []string{"minute 0-59", "hour 0-23", "day of the month 1-31", "month 1-12 or jan-dec", "weekday 0-6 or sun-sat"}
	longest := []int{59, 23, 30, 11, 6} // steps that stay inside a field
	if len(fields) != len(names) {
		return nil, fmt.Errorf("%q has %d fields; want five: %s", shown(expression), len(fields), strings.Join(names, ", "))
	}
	parser := []cron.Parser{
		cron.NewParser(cron.Minute), cron.NewParser(cron.Hour), cron.NewParser(cron.Dom), cron.NewParser(cron.Month), cron.NewParser(cron.Dow),
	}
	form := regexp.MustCompile("^" + cronItem + "(," + cronItem + ")*$")
	for i, field := range fields {
		fits := form.MatchString(field) // first, because the parser panics over some texts
		if fits {
			_, err := parser[i].Parse(field)
			fits = err == nil
		}
		if !fits {
			return nil, fmt.Errorf("field %d, %q, is not allowed; want %s: a number, a range a-b, *, a step such as */15, or several of them with commas between", i+1, shown(field), names[i])
		}
		for _, item := range strings.Split(field, ",") {
			if _, step, ok := strings.Cut(item, "/"); ok {
				if n, err := strconv.Atoi(step); err != nil || n > longest[i] {
					return nil, fmt.Errorf("field %d, %q, has a step beyond its end, so that it would come once only; want %s, with a step of at most %d", i+1, shown(field), names[i], longest[i])
				}
			}
		}
	}
	spec, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse("TZ=UTC " + strings.Join(fields, " "))
	if err != nil {
		return nil, fmt.Errorf("%q is not a cron expression: %w", shown(expression), err)
	}
	if nextWall(spec, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, errors.New("never comes: no month that is named has that day")
	}
	return spec, nil
}

// nextWall is the next reading of a clock, as a time in UTC; the zero time when
// none comes.
func nextWall(spec cron.Schedule, after time.Time) time.Time {
	for range farthest {
		if next := spec.Next(after); !next.IsZero() {
			return next
		}
		after = time.Date(after.Year()+5, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Second) // Next looks five years ahead
	}
	return time.Time{}
}

// Next is the first slot after a time, in UTC; the zero time when none comes.
func (s *Slots) Next(after time.Time) time.Time {
	if due, ok := s.steady(after); ok {
		return due
	}
	// A reading may be due up to a day after it is shown, where a zone skips a
	// whole day, and readings of a repeated hour come before the moment: so begin
	// well before.
	wall := wallOf(after.In(s.zone)).Add(-26 * time.Hour)
	for {
		if wall = nextWall(s.spec, wall); wall.IsZero() {
			return wall
		}
		if due := s.due(wall); due.After(after) {
			return due
		}
	}
}

// steady is the next slot where the clock neither jumped in the two days before
// nor jumps until a day after it; false where that is not so.
func (s *Slots) steady(after time.Time) (time.Time, bool) {
	const day = 24 * time.Hour
	local := after.In(s.zone)
	start, end := local.ZoneBounds()
	if !start.IsZero() && after.Sub(start) < 2*day {
		return time.Time{}, false
	}
	_, offset := local.Zone()
	wall := nextWall(s.spec, wallOf(local))
	if wall.IsZero() {
		return wall, true
	}
	due := wall.Add(-time.Duration(offset) * time.Second)
	if !end.IsZero() && end.Sub(due) < day {
		return time.Time{}, false
	}
	return due, true
}

// Between are the slots after one time and not after another, at most limit of
// the latest, and how many came before those.
func (s *Slots) Between(after, until time.Time, limit int) (slots []time.Time, more int) {
	for next := s.Next(after); !next.IsZero() && !next.After(until); next = s.Next(next) {
		slots = append(slots, next)
		if len(slots) > limit {
			slots, more = slots[1:], more+1
		}
	}
	return slots, more
}

// NextRuns are the next slots of a schedule after a time, in its zone.
func NextRuns(s *Schedule, after time.Time, n int) ([]time.Time, error) {
	slots, err := s.Slots()
	if err != nil {
		return nil, err
	}
	var list []time.Time
	for at := slots.Next(after); len(list) < n && !at.IsZero(); at = slots.Next(at) {
		list = append(list, at.In(slots.zone))
	}
	return list, nil
}

// Zone is where the slots are read.
func (s *Slots) Zone() *time.Location { return s.zone }

// wallOf is what the clock shows, as a time in UTC.
func wallOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// due is the first moment at which the clock of the zone shows the reading, or
// has gone past it.
func (s *Slots) due(wall time.Time) time.Time {
	// No zone is more than a day away from UTC, and offsets change between the
	// two ends at most a few times: each offset around is a candidate.
	seen := map[int]bool{}
	first, gap := time.Time{}, time.Time{}
	for h := -26; h <= 26; h++ {
		_, offset := wall.Add(time.Duration(h) * time.Hour).In(s.zone).Zone()
		if seen[offset] {
			continue
		}
		seen[offset] = true
		t := wall.Add(-time.Duration(offset) * time.Second)
		if wallOf(t.In(s.zone)).Equal(wall) {
			if first.IsZero() || t.Before(first) {
				first = t
			}
			continue
		}
		if start, _ := t.In(s.zone).ZoneBounds(); !start.IsZero() && wallOf(start.In(s.zone)).After(wall) && (gap.IsZero() || start.Before(gap)) {
			gap = start
		}
	}
	if first.IsZero() {
		first = gap
	}
	return first.UTC()
}
