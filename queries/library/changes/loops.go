package changes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/cycles"
)

// What a search for the loops of one side may find and take.
const (
	mostLoops   = 100_000
	loopTimeout = 10 * time.Second
)

// loops finds all loops of one side, by id.
func (c *comparing) loops(ctx context.Context, s *side) (map[string]cycles.Loop, queries.Truncation, error) {
	found := map[string]cycles.Loop{}
	in := queries.Scope{View: s.view, Lens: s.view.Lens()}
	p := cycles.Params{MinHops: 2, MaxHops: c.p.MaxHops, Timeout: loopTimeout}
	cut, err := cycles.Loops(ctx, in, p, func(l cycles.Loop) bool {
		found[l.ID] = l
		return len(found) <= mostLoops
	})
	if len(found) > mostLoops {
		cut = queries.Truncation{Is: true, Reason: fmt.Sprintf("there are more than %d", mostLoops)}
	}
	return found, cut, err
}

// loopRows are the rows of loops, in any order.
func (c *comparing) loopRows(before, after map[string]cycles.Loop, legs []entry) []entry {
	by := onHops(legs)
	var rows []entry
	for id, b := range after {
		a, there := before[id]
		switch {
		case !there:
			rows = append(rows, c.loopRow(New, nil, &b, by))
		case a.Bottleneck != b.Bottleneck || a.AtMost != b.AtMost:
			rows = append(rows, c.loopRow(Changed, &a, &b, by))
		}
	}
	for id, a := range before {
		if _, there := after[id]; !there {
			rows = append(rows, c.loopRow(Gone, &a, nil, by))
		}
	}
	return rows
}

func (c *comparing) loopRow(change string, a, b *cycles.Loop, moved map[hop][]entry) entry {
	l := b
	if l == nil {
		l = a
	}
	r := entry{Row: Row{What: OfCycle, Change: change, ID: l.ID, Kind: l.Kind, Before: loopInWords(a), After: loopInWords(b)}}
	zero := graph.USD(0)
	countedA, countedB, mostA, mostB := zero, zero, zero, zero
	var legs []string
	if a != nil {
		r.AmountBefore, r.AtMostBefore = a.Bottleneck, a.AtMost
		countedA, mostA = a.Bottleneck, a.AtMost
	}
	if b != nil {
		r.AmountAfter, r.AtMostAfter = b.Bottleneck, b.AtMost
		countedB, mostB = b.Bottleneck, b.AtMost
	}
	r.Delta, r.atMost = delta(countedA, countedB), delta(mostA, mostB)
	for i, h := range l.Hops {
		r.Companies = append(r.Companies, h.Payer)
		legs = append(legs, h.Legs...)
		if a != nil && b != nil {
			legs = append(legs, a.Hops[i].Legs...)
		}
	}
	r.Companies = append(r.Companies, l.Hops[0].Payer)
	r.Legs = c.current(legs)
	r.Reason, r.Causes = c.loopReason(a, b, moved)
	return r
}

func loopInWords(l *cycles.Loop) string {
	switch {
	case l == nil:
		return "no loop"
	case l.Bottleneck == l.AtMost && l.Bottleneck.Known():
		return l.Bottleneck.Short()
	case l.Bottleneck.Known() && l.AtMost.Known(): // a hop of which more may come to light is the least
		return l.Bottleneck.Short() + " known, at most " + l.AtMost.Short()
	case l.Bottleneck.Known():
		return l.Bottleneck.Short() + " known"
	case l.AtMost.Known():
		return "at most " + l.AtMost.Short()
	}
	return "unknown"
}

// hop is what legs merge into.
type hop struct {
	payer, payee string
	class        graph.Class
}

// onHops are the rows of legs by the hop that they are on, before or after.
func onHops(legs []entry) map[hop][]entry {
	by := map[hop][]entry{}
	for _, r := range legs {
		for _, h := range r.hops {
			by[h] = append(by[h], r)
		}
	}
	return by
}

// loopReason names the legs that made or unmade a loop, or moved its hops, hop by
// hop.
func (c *comparing) loopReason(a, b *cycles.Loop, moved map[hop][]entry) (text string, causes []string) {
	said := map[string][]string{}
	mention := func(h *cycles.Hop) {
		for _, e := range moved[hop{h.Payer, h.Payee, h.Class}] {
			said[e.Change] = append(said[e.Change], e.ID)
		}
	}
	switch {
	case a == nil:
		for _, h := range b.Hops {
			if !c.before.has(h) {
				mention(h)
			}
		}
	case b == nil:
		for _, h := range a.Hops {
			if !c.after.has(h) {
				mention(h)
			}
		}
	default:
		for i, h := range b.Hops {
			if a.Hops[i].Amount != h.Amount || a.Hops[i].Partial != h.Partial {
				mention(h)
			}
		}
	}
	var parts []string
	for _, x := range []struct{ change, verb string }{{New, "appeared"}, {Gone, "went"}, {Changed, "moved"}} {
		if ids := said[x.change]; len(ids) > 0 {
			parts = append(parts, some(ids)+" "+x.verb)
			causes = append(causes, ids...)
		}
	}
	return strings.Join(parts, "; "), causes
}

// some is a list that a reader takes in at a glance.
func some(ids []string) string {
	const most = 4
	if len(ids) <= most+1 {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:most], ", "), len(ids)-most)
}

// has tells whether some leg is on the hop on this side.
func (s *side) has(h *cycles.Hop) bool {
	payer, ok := s.view.Vertex(h.Payer)
	if !ok || s.view.Companies()[payer] != h.Payer {
		return false
	}
	payee, ok := s.view.Vertex(h.Payee)
	if !ok || s.view.Companies()[payee] != h.Payee {
		return false
	}
	_, ok = s.view.Edge(payer, payee, h.Class)
	return ok
}
