package scenario

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/near"
	"roundtrip/graph/strictyaml"
)

// choose finds the legs that a selector names, in order of date, then id, those
// that steps added last. An empty choice is a fault.
func (o *overlay) choose(i int, s Selector) []string {
	if len(s.Legs) > 0 {
		return o.named(i, s.Legs)
	}
	m, ok := o.matcher(i, s)
	if !ok {
		return nil
	}
	var ids []string
	for k := range o.base.NumFlows() {
		var l *leg
		if len(o.legs) > 0 {
			l = o.legs[o.base.FlowID(k)]
		}
		if l != nil && l.flow != nil && m.leg(l) || l == nil && m.stored(k) {
			ids = append(ids, o.base.FlowID(k))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(o.legs)) {
		if l := o.legs[id]; l.flow != nil && l.at < 0 && m.leg(l) {
			ids = append(ids, id)
		}
	}
	touched := len(o.legs)
	for _, id := range ids {
		if o.legs[id] == nil {
			touched++
		}
	}
	switch {
	case touched > maxLegs:
		o.fault(o.path(i, ""), "", CodeTooMany, "chooses %d legs; a scenario changes at most %d", len(ids), maxLegs)
		return nil
	case len(ids) == 0:
		o.fault(o.path(i, ""), "", CodeNothingChosen, "no leg of the graph meets these conditions; change one or leave the step out")
	}
	return ids
}

// named are legs by their ids.
func (o *overlay) named(i int, ids []string) []string {
	var found []string
	for n, id := range ids {
		l, touched := o.legs[id]
		location := fmt.Sprintf("%s[%d]", o.path(i, ".legs"), n)
		switch {
		case touched && l.flow == nil:
			o.fault(location, id, CodeUnknownLeg, "%q is taken away by %s; want a leg that is there", strictyaml.Shown(id), stepPath(l.step))
		case !touched && !o.inBase(id):
			o.fault(location, id, CodeUnknownLeg, "%q is not the id of a leg%s", strictyaml.Shown(id), strictyaml.DidYouMean(o.nearLegs(id)))
		default:
			found = append(found, id)
		}
	}
	return found
}

// nearLegs are legs that are there and that someone who wrote id may have
// meant.
func (o *overlay) nearLegs(id string) []string {
	var added []string
	for other, l := range o.legs {
		if l.flow != nil && l.at < 0 {
			added = append(added, other)
		}
	}
	slices.Sort(added)
	gone := func(other string) bool { l := o.legs[other]; return l != nil && l.flow == nil }
	return append(near.Names(id, added), slices.DeleteFunc(o.base.NearFlows(id), gone)...)
}

// matcher is a selector made ready.
type matcher struct {
	o              *overlay
	s              Selector
	payers, payees map[string]bool // nil for any
	day            graph.Day
}

// matcher resolves the ids of a selector; false when one is not known.
func (o *overlay) matcher(i int, s Selector) (matcher, bool) {
	m := matcher{o: o, s: s, day: math.MaxInt32}
	if o.s.AsOf.Known() {
		m.day = o.s.AsOf.Last()
	}
	before := len(o.faults)
	m.payers = o.group(o.path(i, ".payers"), s.Payers)
	m.payees = o.group(o.path(i, ".payees"), s.Payees)
	o.checkDeals(i, s.Deals)
	return m, len(o.faults) == before
}

func (o *overlay) checkDeals(i int, deals []string) {
	for n, id := range deals {
		_, known := o.base.Deal(id)
		for _, l := range o.legs {
			known = known || l.flow != nil && l.flow.DealID == id
		}
		if known {
			continue
		}
		var all []string
		for _, d := range o.base.Deals() {
			all = append(all, d.ID)
		}
		o.fault(fmt.Sprintf("%s[%d]", o.path(i, ".deals"), n), id, CodeUnknownID, "%q is not the id of a deal%s", strictyaml.Shown(id), strictyaml.DidYouMean(near.Names(id, all)))
	}
}

// group are companies with their units, at any level; nil where none is named.
func (o *overlay) group(location string, ids []string) map[string]bool {
	if len(ids) == 0 {
		return nil
	}
	group := map[string]bool{}
	for n, id := range ids {
		if !o.company(id) {
			o.fault(fmt.Sprintf("%s[%d]", location, n), id, CodeUnknownID, "%q is not the id of a company%s", strictyaml.Shown(id), strictyaml.DidYouMean(o.base.NearCompanies(id)))
		}
		group[id] = true
	}
	units := map[string][]string{}
	for r := range o.base.Records(graph.CompanyKind) {
		if c, ok := r.(*graph.Company); ok && c.ParentID != "" {
			units[c.ParentID] = append(units[c.ParentID], c.ID)
		}
	}
	for _, c := range o.s.Companies {
		if c.ParentID != "" {
			units[c.ParentID] = append(units[c.ParentID], c.ID)
		}
	}
	for queue := slices.Clone(ids); len(queue) > 0; queue = queue[1:] {
		for _, unit := range units[queue[0]] {
			if !group[unit] {
				group[unit] = true
				queue = append(queue, unit)
			}
		}
	}
	return group
}

// ends asks what can be told without the record of a leg.
func (m matcher) ends(from, to string, kind graph.FlowKind, conditional bool) bool {
	return (m.payers == nil || m.payers[from]) && (m.payees == nil || m.payees[to]) &&
		(len(m.s.Kinds) == 0 || slices.Contains(m.s.Kinds, kind)) &&
		(len(m.s.Classes) == 0 || slices.Contains(m.s.Classes, kind.Class())) &&
		(m.s.Conditional == nil || *m.s.Conditional == conditional)
}

// stored asks a leg of the base that no step touched.
func (m matcher) stored(k int) bool {
	from, to, kind := m.o.base.Ends(k)
	if !m.ends(from, to, kind, m.o.base.ConditionalFlow(k)) {
		return false
	}
	if len(m.s.Statuses) > 0 && !slices.Contains(m.s.Statuses, m.o.base.StateOn(k, m.day)) {
		return false
	}
	return len(m.s.Deals) == 0 || !m.o.base.PlainFlow(k) && slices.Contains(m.s.Deals, m.o.base.Flow(k).DealID)
}

// leg asks a leg that a step touched.
func (m matcher) leg(l *leg) bool {
	f := l.flow
	return m.ends(f.From, f.To, f.Kind, f.Conditional()) &&
		(len(m.s.Statuses) == 0 || slices.Contains(m.s.Statuses, l.stateOn(m.day))) &&
		(len(m.s.Deals) == 0 || slices.Contains(m.s.Deals, f.DealID))
}

// stateOn is the state of the leg on a day.
func (l *leg) stateOn(day graph.Day) graph.Status {
	_, changes := lastState(l.outcomes)
	now := l.flow.InitialStatus
	if now == "" && !changes {
		now = l.flow.Status
	}
	if now == "" {
		now = firm(l.flow.Kind)
	}
	for _, e := range l.outcomes {
		if e.Date.First() <= day && e.StatusAfter != "" {
			now = e.StatusAfter
		}
	}
	return now
}
