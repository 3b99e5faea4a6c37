package changes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"roundtrip/graph"
)

// cause is one recorded thing that moved a leg.
type cause struct {
	id   string // of the outcome, batch or leg that it names, "" for none
	text string
}

// Reasons of legs between revisions that name no import: nothing recorded is the
// case through a scenario that lies over one of the two, or in a graph that keeps
// no history.
const (
	unrecorded = "nothing recorded: a scenario, or a graph without history"
	notLooked  = "not looked up"
)

// mostLooked is how many legs are looked up between revisions: each asks the store
// for the versions of several records.
const mostLooked = 500

// explain fills in the reasons of legs and counts those that were not looked up,
// the last ones.
func (c *comparing) explain(ctx context.Context, legs []entry) (left int, err error) {
	tell := func(e *entry) ([]cause, error) { return c.events(e), nil }
	backwards := c.after.view.AsOf() < c.before.view.AsOf()
	if c.p.From.isRevision() {
		h := newHistories(c)
		tell = func(e *entry) ([]cause, error) { return h.imports(ctx, e) }
		backwards = c.p.To.revision < c.p.From.revision
		if left = max(0, len(legs)-mostLooked); left > 0 {
			for i := mostLooked; i < len(legs); i++ {
				legs[i].Reason = notLooked
			}
			legs = legs[:mostLooked]
		}
	}
	for i := range legs {
		e := &legs[i]
		causes, err := tell(e)
		if err != nil {
			return 0, err
		}
		if len(causes) == 0 {
			e.Reason = unrecorded
			continue
		}
		var parts []string
		for _, x := range causes {
			parts = append(parts, x.text)
			if x.id != "" && !slices.Contains(e.Causes, x.id) {
				e.Causes = append(e.Causes, x.id)
			}
		}
		if e.Reason = strings.Join(parts, "; "); backwards {
			e.Reason = "not yet: " + e.Reason
		}
	}
	return left, nil
}

// events are what happened between two days to a leg that moved: to itself, or
// else to the legs that it is a part of or that are its parts.
func (c *comparing) events(e *entry) []cause {
	i, _ := c.after.snap.FlowIndex(e.ID) // both sides are of one snapshot
	lens := c.in.Lens
	figures := lens.Basis == graph.Realised || lens.Basis == graph.Settled || lens.Amount == graph.Low
	if own := c.happened(i, figures); len(own) > 0 {
		return own
	}
	var list []cause
	for _, r := range c.after.relatives(e.ID) {
		for _, x := range c.happened(r.index, figures) {
			list = append(list, cause{r.id, fmt.Sprintf("through %s, %s: %s", r.id, r.is, x.text)})
		}
	}
	return list
}

// happened tells what moved one leg between the two days: its announcement, the
// outcome that made its state, and where figures are asked for what made its
// figure.
func (c *comparing) happened(i int, figures bool) []cause {
	snap := c.after.snap
	first, last := c.before.view.AsOf(), c.after.view.AsOf()
	if first > last {
		first, last = last, first
	}
	between := func(day graph.Day) bool { return first < day && day <= last }
	f := snap.Flow(i)
	var list []cause
	if f.Announced.Known() && between(f.Announced.First()) {
		list = append(list, cause{"", "announced " + on(f.Announced)})
	}
	outcomes := slices.DeleteFunc(slices.Clone(snap.Outcomes(i)), func(o *graph.Outcome) bool { return !o.Date.Known() || !between(o.Date.First()) })
	var state, paid *graph.Outcome
	for _, o := range outcomes {
		if o.StatusAfter != "" && snap.StateOn(i, first) != snap.StateOn(i, last) {
			state = o
		}
	}
	if was, is := snap.FigureOn(i, first), snap.FigureOn(i, last); figures && was != is {
		for _, o := range outcomes {
			if o.PaidToDate == is {
				paid = o
			}
		}
		if paid == nil {
			list = append(list, cause{"", fmt.Sprintf("%s had moved by %s", is.Short(), asOf(f.RealisedAsOf))})
		}
	}
	for _, o := range outcomes {
		if o != state && o != paid {
			continue
		}
		event := o.Event
		if event == "" {
			event = "outcome"
		}
		text := fmt.Sprintf("%s %s (%s", plain(event), on(o.Date), o.ID)
		if o == state {
			text += ", state " + plain(string(o.StatusAfter))
		}
		if o == paid {
			text += ", " + o.PaidToDate.Short() + " paid to date"
		}
		list = append(list, cause{o.ID, text + ")"})
	}
	return list
}

// on is a date with its own precision, as in "on 3 May 2026" or "in 2026".
func on(d graph.Date) string {
	if d.Precision() < graph.DayPrecision {
		return "in " + asOf(d)
	}
	return "on " + asOf(d)
}

// asOf is a date in words with its own precision.
func asOf(d graph.Date) string {
	t := d.First().Time()
	switch d.Precision() {
	case graph.Year:
		return t.Format("2006")
	case graph.Month:
		return t.Format("January 2006")
	}
	return t.Format("2 January 2006")
}

// relative is a leg of the same family.
type relative struct {
	id    string
	index int
	is    string
}

// relatives are the legs that a leg is a part of, the nearest first, then its
// parts at any level, in order of date, then id.
func (s *side) relatives(id string) []relative {
	snap := s.snap
	var list []relative
	seen := map[string]bool{id: true}
	for at, ok := snap.FlowIndex(id); ok; {
		parent := snap.Flow(at).ParentFlowID
		if parent == "" || seen[parent] {
			break
		}
		seen[parent] = true
		if at, ok = snap.FlowIndex(parent); ok {
			list = append(list, relative{parent, at, "which it is a part of"})
		}
	}
	return append(list, s.parts(id, seen)...)
}

// parts are the parts of a leg at any level.
func (s *side) parts(id string, seen map[string]bool) []relative {
	if s.children == nil {
		s.children = map[string][]int{}
		for i := range s.snap.NumFlows() {
			if s.snap.PlainFlow(i) {
				continue
			}
			if parent := s.snap.Flow(i).ParentFlowID; parent != "" {
				s.children[parent] = append(s.children[parent], i)
			}
		}
	}
	var list []relative
	for _, i := range s.children[id] {
		if child := s.snap.FlowID(i); !seen[child] {
			seen[child] = true
			list = append(list, relative{child, i, "a part of it"})
			list = append(list, s.parts(child, seen)...)
		}
	}
	return list
}
