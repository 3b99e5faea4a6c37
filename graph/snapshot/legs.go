package snapshot

import (
	"math"
	"slices"
	"sort"
	"time"

	"roundtrip/graph"
)

// NumFlows is the number of legs. Their indexes run from 0 in order of date
// (announced; undated last), then id.
func (s *Snapshot) NumFlows() int { return len(s.from) }

// FlowIndex is the index of the leg with that id.
func (s *Snapshot) FlowIndex(id string) (int, bool) {
	i := sort.Search(len(s.byID), func(i int) bool { return s.legIDs.at(s.byID[i]) >= id })
	if i == len(s.byID) || s.legIDs.at(s.byID[i]) != id {
		return 0, false
	}
	return int(s.byID[i]), true
}

// FlowID is the id of the leg with index i.
func (s *Snapshot) FlowID(i int) string { return s.legIDs.at(int32(i)) }

// Flow is the record of the leg with index i. That of a plain leg is made anew
// at each call.
func (s *Snapshot) Flow(i int) *graph.Flow {
	if d := s.detail(int32(i)); d != nil && d.flow != nil {
		return d.flow
	}
	k := s.shapes[s.shape[i]].key
	return &graph.Flow{
		ID: s.FlowID(i), From: s.ids[s.from[i]], To: s.ids[s.to[i]], Kind: k.kind, Moves: k.moves, Amount: money(s.amount[i]),
		Announced: s.date[i].date(), InitialStatus: k.initial, Status: k.status,
	}
}

// Outcomes are the dated events of the leg with index i, in order of date, then
// id. The slice is not to be changed.
func (s *Snapshot) Outcomes(i int) []*graph.Outcome {
	if d := s.detail(int32(i)); d != nil {
		return d.outcomes
	}
	return nil
}

// StateOn is the state of the leg with index i on a day: its initial status,
// then the status_after of the latest outcome (by date, then id) up to that day
// that has one.
func (s *Snapshot) StateOn(i int, day graph.Day) graph.Status {
	return s.stateOn(int32(i), s.detail(int32(i)), day).status()
}

// FigureOn is what had really moved on the leg with index i as last reported on
// that day: the latest dated figure up to it among the leg's own realised amount
// (dated by the last day of realised_as_of) and the paid_to_date of its outcomes
// (dated by their first day). On one day the outcome with the greatest id wins
// over the leg's own. It is unknown when there is none.
func (s *Snapshot) FigureOn(i int, day graph.Day) graph.Money {
	return money(s.detail(int32(i)).figureOn(day))
}

func (s *Snapshot) stateOn(i int32, d *detail, day graph.Day) state {
	if d == nil {
		return s.shapes[s.shape[i]].state
	}
	now := d.initial
	for _, o := range d.outcomes {
		if !o.Date.Known() || o.Date.First() > day {
			break
		}
		if o.StatusAfter != "" {
			now, _ = stateOf(o.StatusAfter)
		}
	}
	return now
}

// figureOn is FigureOn in cents; a nil detail has no figure.
func (d *detail) figureOn(day graph.Day) int64 {
	if d == nil {
		return unknown
	}
	figure, at, by := unknown, graph.Day(math.MinInt32), ""
	if f := d.flow; f != nil && f.Realised.Known() && f.RealisedAsOf.Known() && f.RealisedAsOf.Last() <= day {
		figure, at = f.Realised.Cents(), f.RealisedAsOf.Last()
	}
	for _, o := range d.outcomes {
		if !o.Date.Known() || o.Date.First() > day {
			break
		}
		if on := o.Date.First(); o.PaidToDate.Known() && (on > at || on == at && o.ID > by) {
			figure, at, by = o.PaidToDate.Cents(), on, o.ID
		}
	}
	return figure
}

// detail is what the leg has beyond the columns, nil when it has nothing.
func (s *Snapshot) detail(i int32) *detail {
	k, ok := slices.BinarySearch(s.special, i)
	if !ok {
		return nil
	}
	return &s.details[k]
}

func money(cents int64) graph.Money {
	if cents == unknown {
		return graph.Money{}
	}
	return graph.USD(cents)
}

func cents(m graph.Money) int64 {
	if !m.Known() {
		return unknown
	}
	return m.Cents()
}

// dateKey is a date in one word that sorts like graph.Date.Compare: the first
// instant in milliseconds since 1970, then three bits for the precision.
type dateKey int64

const (
	precisionBits   = 3
	undated         = dateKey(math.MaxInt64)
	milliPerDay     = int64(24 * time.Hour / time.Millisecond)
	precisionInMask = 1<<precisionBits - 1
)

func keyOf(d graph.Date) dateKey {
	if !d.Known() {
		return undated
	}
	return dateKey(d.UnixMilli()<<precisionBits | int64(d.Precision()))
}

// instant is the first instant in milliseconds, the largest number for undated.
func (k dateKey) instant() int64 { return int64(k) >> precisionBits }

// firstDay is meaningful for dated keys only.
func (k dateKey) firstDay() graph.Day {
	ms := k.instant()
	day := ms / milliPerDay
	if ms%milliPerDay < 0 {
		day--
	}
	return graph.Day(day)
}

func (k dateKey) date() graph.Date {
	if k == undated {
		return graph.Date{}
	}
	switch day := k.firstDay(); graph.Precision(k & precisionInMask) {
	case graph.Year:
		return mustDate(day.String()[:4])
	case graph.Month:
		return mustDate(day.String()[:7])
	case graph.Instant:
		return graph.At(time.UnixMilli(k.instant()).UTC())
	default:
		return graph.On(day)
	}
}

func mustDate(text string) graph.Date {
	d, err := graph.ParseDate(text)
	if err != nil {
		panic("snapshot: a date does not read back: " + err.Error())
	}
	return d
}

// arena holds many texts in one string.
type arena struct {
	text string
	end  []uint32 // where text i ends; it starts where the one before ends
}

func (a arena) at(i int32) string {
	start := uint32(0)
	if i > 0 {
		start = a.end[i-1]
	}
	return a.text[start:a.end[i]]
}

// state is a status as a small number: its position among graph.Statuses.
type state uint8

const numStates = 10

var stateNames = [numStates]graph.Status{
	graph.Talks, graph.LetterOfIntent, graph.Signed, graph.PartiallyDisbursed, graph.Closed,
	graph.InForce, graph.Stalled, graph.Paused, graph.Cancelled, graph.Superseded,
}

func (s state) status() graph.Status { return stateNames[s] }

func stateOf(status graph.Status) (state, bool) {
	i := slices.Index(stateNames[:], status)
	return state(i), i >= 0
}
