package changes

import (
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
)

// entry is a row with what its order and the reasons of loops need.
type entry struct {
	Row
	atMost graph.Money // of a loop: change in what its bottleneck cannot exceed
	hops   []hop       // of a leg: what it is a part of before and after
}

// legs are the rows of legs, without their reasons, in any order.
func (c *comparing) legs() []entry {
	var rows []entry
	for i := range c.after.view.NumLegs() {
		id := c.after.view.LegID(i)
		before, after := c.before.leg(id), c.after.leg(id)
		switch {
		case !before.known:
			rows = append(rows, c.legRow(New, id, before, after))
		case !before.live || differ(before, after):
			rows = append(rows, c.legRow(Changed, id, before, after))
		}
	}
	for i := range c.before.view.NumLegs() {
		id := c.before.view.LegID(i)
		if after := c.after.leg(id); !after.live {
			rows = append(rows, c.legRow(Gone, id, c.before.leg(id), after))
		}
	}
	return rows
}

// differ compares a leg that is live on both sides.
func differ(a, b standing) bool {
	return a.state != b.state || a.amount != b.amount || moved(a, b)
}

// moved tells whether a leg joins other companies or is of another kind.
func moved(a, b standing) bool {
	return a.payer != b.payer || a.payee != b.payee || a.kind != b.kind
}

func (c *comparing) legRow(change, id string, before, after standing) entry {
	shown := after
	if !after.live {
		shown = before
	}
	apart := before.live && after.live && moved(before, after)
	e := entry{Row: Row{
		What: OfLeg, Change: change, ID: id, Companies: []string{shown.payer, shown.payee}, Kind: string(shown.kind),
		Before: c.inWords(before, apart), After: c.inWords(after, apart), AmountBefore: before.amount, AmountAfter: after.amount,
		Delta: delta(before.counted(), after.counted()), Legs: c.current([]string{id}),
	}}
	for _, s := range []standing{before, after} {
		if s.live {
			e.hops = append(e.hops, hop{s.payer, s.payee, s.kind.Class()})
		}
	}
	e.hops = slices.Compact(e.hops)
	if before.known {
		e.StateBefore = string(before.state)
	}
	if after.known {
		e.StateAfter = string(after.state)
	}
	return e
}

// counted is the amount under the lens, zero for a leg that does not pass it.
func (s standing) counted() graph.Money {
	if !s.live {
		return graph.USD(0)
	}
	return s.amount
}

func delta(before, after graph.Money) graph.Money {
	if !before.Known() || !after.Known() {
		return graph.Money{}
	}
	return graph.USD(after.Cents() - before.Cents())
}

// inWords is what a leg is on one side; parties stand there where they moved.
func (c *comparing) inWords(s standing, parties bool) string {
	state := plain(string(s.state))
	switch {
	case !s.there:
		return "no record"
	case !s.known:
		return "not announced"
	case !s.live:
		return state + ", not counted"
	}
	text := state + ", " + amount(s.amount)
	if parties {
		text += ", " + plain(string(s.kind)) + " " + c.name(s.payer) + " → " + c.name(s.payee)
	}
	return text
}

func amount(m graph.Money) string {
	if !m.Known() {
		return "amount unknown"
	}
	return m.Short()
}

func plain(name string) string { return strings.ReplaceAll(name, "_", " ") }

// name is the name of a company after, or before where it is there no more.
func (c *comparing) name(id string) string {
	if _, ok := c.after.snap.Head(id); ok {
		return c.after.snap.CompanyName(id)
	}
	return c.before.snap.CompanyName(id)
}

// current are those of the legs that the current graph has, each once, by date,
// then id: what an answer can show as evidence.
func (c *comparing) current(lists ...[]string) []string {
	var at []int
	now := c.in.View.Snapshot()
	for _, id := range slices.Concat(lists...) {
		if i, ok := now.FlowIndex(id); ok {
			at = append(at, i)
		}
	}
	slices.Sort(at)
	var ids []string
	for _, i := range slices.Compact(at) {
		ids = append(ids, now.FlowID(i))
	}
	return ids
}

// size compares rows by the size of the change in amount, the larger first.
func size(a, b entry) int {
	if !a.Delta.Known() && !b.Delta.Known() {
		return queries.Descending(absolute(a.atMost), absolute(b.atMost))
	}
	return queries.Descending(absolute(a.Delta), absolute(b.Delta))
}

func absolute(m graph.Money) graph.Money {
	if m.Cents() < 0 {
		return graph.USD(-m.Cents())
	}
	return m
}

func sortRows(rows []entry) {
	whats, kinds := []string{OfLeg, OfCycle}, []string{New, Gone, Changed}
	slices.SortFunc(rows, func(a, b entry) int {
		return queries.Order(
			slices.Index(whats, a.What)-slices.Index(whats, b.What),
			slices.Index(kinds, a.Change)-slices.Index(kinds, b.Change),
			size(a, b), queries.Bytes(a.ID, b.ID))
	})
}
