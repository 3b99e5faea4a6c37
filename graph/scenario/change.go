package scenario

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"roundtrip/graph"
)

// change does a step that keeps the leg; false when the leg stays what it was.
func (o *overlay) change(i int, step *Step, l *leg) bool {
	switch step.Kind {
	case Scale:
		return o.scale(i, step, l)
	case Delay:
		return l.delay(step.Months, o.dayOf(step.After, l.flow))
	default:
		o.setStatus(i, step, l)
		return true
	}
}

// dayOf is the day of a step: the given one, the as_of of the scenario, the
// day on which the leg was announced; before any day when it is undated.
func (o *overlay) dayOf(given graph.Date, f *graph.Flow) graph.Date {
	switch {
	case given.Known():
		return given
	case o.s.AsOf.Known():
		return o.s.AsOf
	}
	return f.Announced
}

func (o *overlay) scale(i int, step *Step, l *leg) (changed bool) {
	amounts := []*graph.Money{&l.flow.Amount, &l.flow.AmountLow, &l.flow.AmountHigh}
	if step.Paid {
		amounts = append(amounts, &l.flow.Realised)
		for _, e := range l.outcomes {
			amounts = append(amounts, &e.PaidToDate)
		}
	}
	for _, m := range amounts {
		scaled, ok := times(*m, step.Factor)
		if !ok {
			o.fault(o.path(i, ".factor"), step.Factor.String(), CodeAmount, "%q makes an amount of %s larger than $%dtn, the most that is allowed", step.Factor.String(), l.flow.ID, int64(graph.MaxCents/1e14))
			return false
		}
		changed = changed || scaled != *m
		*m = scaled
	}
	return changed
}

// times is the amount times the factor, rounded half up to a cent; false when
// that is more than an amount may be.
func times(m graph.Money, factor graph.Decimal) (graph.Money, bool) {
	if !m.Known() {
		return m, true
	}
	const unit = 1_000_000
	hi, lo := bits.Mul64(uint64(m.Cents()), uint64(factor.Micro()))
	lo, carry := bits.Add64(lo, unit/2, 0)
	if hi += carry; hi >= unit {
		return graph.Money{}, false
	}
	cents, _ := bits.Div64(hi, lo, unit)
	if cents > graph.MaxCents {
		return graph.Money{}, false
	}
	return graph.USD(int64(cents)), true
}

// delay moves what lies after a day by months; false when nothing does.
func (l *leg) delay(months int, after graph.Date) (changed bool) {
	move := func(d *graph.Date, stands graph.Day, last bool) {
		if d.Known() && (!after.Known() || stands > after.Last()) {
			*d, changed = moved(*d, months, last), true
		}
	}
	f := l.flow
	move(&f.PeriodStart, f.PeriodStart.First(), false)
	move(&f.PeriodEnd, f.PeriodEnd.Last(), true)
	move(&f.RealisedAsOf, f.RealisedAsOf.Last(), true)
	for _, e := range l.outcomes {
		move(&e.Date, e.Date.First(), false)
	}
	if changed {
		l.settle()
	}
	return changed
}

// moved is a date some months later, with its own precision. A day that the
// month does not have becomes its last. A year that is not moved by whole years
// becomes a month: its last one for a date that stands for its last day.
func moved(d graph.Date, months int, last bool) graph.Date {
	from := d.First().Time()
	if d.Precision() == graph.Year && months%12 != 0 && last {
		from = from.AddDate(0, 11, 0)
	}
	month := time.Date(from.Year(), from.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	if month.Year() > 9999 {
		return d
	}
	switch p := d.Precision(); {
	case p == graph.Year && months%12 == 0:
		return mustDate(month.Format("2006"))
	case p == graph.Year || p == graph.Month:
		return mustDate(month.Format("2006-01"))
	case p == graph.DayPrecision:
		return graph.On(graph.DayOf(dayIn(month, from.Day())))
	default:
		ofDay := time.Duration(d.UnixMilli()-d.First().Time().UnixMilli()) * time.Millisecond
		return graph.At(dayIn(month, from.Day()).Add(ofDay))
	}
}

// dayIn is that day of the month, or its last.
func dayIn(month time.Time, day int) time.Time {
	last := month.AddDate(0, 1, -1).Day()
	return month.AddDate(0, 0, min(day, last)-1)
}

func mustDate(text string) graph.Date {
	d, err := graph.ParseDate(text)
	if err != nil {
		panic("scenario: a date does not read back: " + err.Error())
	}
	return d
}

// setStatus gives the leg another state from a day on and drops what is
// recorded of it from then on.
func (o *overlay) setStatus(i int, step *Step, l *leg) {
	f := l.flow
	on := o.dayOf(step.On, f)
	atOnce := !on.Known() || f.Announced.Known() && on.First() <= f.Announced.First()
	if atOnce {
		on = f.Announced
	}
	gone := func(d graph.Day) bool { return !on.Known() || d >= on.First() }
	l.outcomes = slices.DeleteFunc(l.outcomes, func(e *graph.Outcome) bool { return !e.Date.Known() || gone(e.Date.First()) })
	if f.Realised.Known() && f.RealisedAsOf.Known() && gone(f.RealisedAsOf.Last()) {
		f.Realised, f.RealisedAsOf = graph.Money{}, graph.Date{}
	}
	f.StatusAsOf = on
	if step.Status != graph.Superseded {
		f.SupersededBy = ""
	}
	if atOnce && len(l.outcomes) == 0 {
		f.InitialStatus, f.Status = step.Status, step.Status
		return
	}
	l.outcomes = append(l.outcomes, &graph.Outcome{
		ID: o.outcomeID(i, f.ID), FlowID: f.ID, Date: on, Event: string(step.Status), StatusAfter: step.Status, Note: "scenario " + o.s.Name,
	})
	l.settle()
}

// outcomeID is an id for the event that step i makes of a leg.
func (o *overlay) outcomeID(i int, legID string) string {
	const longest = 180 // leaves room for the rest within the limit of an id
	if len(legID) > longest {
		sum := sha256.Sum256([]byte(legID))
		legID = hex.EncodeToString(sum[:16])
	}
	id := fmt.Sprintf("%s_step%d", legID, i+1)
	for o.outcomeKnown(id) {
		id += "x"
	}
	return id
}

// settle sorts the outcomes and makes the latest state follow from them.
func (l *leg) settle() {
	sortOutcomes(l.outcomes)
	if last, ok := lastState(l.outcomes); ok {
		l.flow.Status = last
	} else if l.flow.InitialStatus != "" {
		l.flow.Status = l.flow.InitialStatus
	}
}

// sortOutcomes orders by date (undated last), then id.
func sortOutcomes(list []*graph.Outcome) {
	slices.SortFunc(list, func(a, b *graph.Outcome) int { return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.ID, b.ID)) })
}

// lastState is the status_after of the last outcome that has one.
func lastState(list []*graph.Outcome) (graph.Status, bool) {
	for _, e := range slices.Backward(list) {
		if e.StatusAfter != "" {
			return e.StatusAfter, true
		}
	}
	return "", false
}
