package scenario

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
)

// Effect is what a scenario changed in the end: a leg that one step adds and
// another takes away is not in it. Lists are in byte order of ids.
type Effect struct {
	Steps     []StepEffect `json:"steps"`
	Added     []Change     `json:"added"`
	Removed   []Change     `json:"removed"`
	Changed   []Change     `json:"changed"`
	Companies []string     `json:"companies,omitempty"` // ids of companies that the scenario brings
	Deals     []string     `json:"deals,omitempty"`     // ids of deals that only its legs name
}

// StepEffect tells how many legs a step chose and how many of them it made
// other ones: a leg without an amount is not scaled, one without a date not
// delayed. Parts that go with a leg are counted as changed.
type StepEffect struct {
	Step    int    `json:"step"` // from 0
	Kind    string `json:"kind"`
	Legs    int    `json:"legs"`
	Changed int    `json:"changed"`
}

// Change is a leg that differs between the graph and the scenario.
type Change struct {
	ID   string         `json:"id"`
	From string         `json:"from"`
	To   string         `json:"to"`
	Kind graph.FlowKind `json:"kind"`
	Step int            `json:"step"` // the last step that touched it, from 0

	base  *snapshot.Snapshot
	after *leg
}

// FieldChange is a field of a leg, or of one of its outcomes, before and after.
type FieldChange struct {
	Outcome string `json:"outcome,omitempty"` // id of the outcome, "" for the leg itself
	Field   string `json:"field"`
	Before  string `json:"before"` // as in CSV; "" for an absent value
	After   string `json:"after"`
}

// Fields are the fields that differ, in declared order, those of outcomes last,
// by their ids. Of a leg that was added or taken away these are all that have a
// value.
func (c Change) Fields() []FieldChange {
	var list []FieldChange
	var before, after graph.Record
	outcomes := map[string][2]graph.Record{}
	if c.after.at >= 0 {
		before = c.base.Flow(c.after.at)
		for _, e := range c.base.Outcomes(c.after.at) {
			outcomes[e.ID] = [2]graph.Record{e, nil}
		}
	}
	if c.after.flow != nil {
		after = c.after.flow
		for _, e := range c.after.outcomes {
			outcomes[e.ID] = [2]graph.Record{outcomes[e.ID][0], e}
		}
	}
	list = append(list, differing(graph.FlowRecord, "", before, after)...)
	for _, id := range slices.Sorted(maps.Keys(outcomes)) {
		list = append(list, differing(graph.OutcomeKind, id, outcomes[id][0], outcomes[id][1])...)
	}
	return list
}

func differing(kind graph.RecordKind, outcome string, before, after graph.Record) []FieldChange {
	var list []FieldChange
	text := func(f graph.Field, r graph.Record) string {
		if r == nil {
			return ""
		}
		return f.Text(r)
	}
	for _, f := range graph.Fields(kind) {
		if f.Derived {
			continue
		}
		if b, a := text(f, before), text(f, after); b != a {
			list = append(list, FieldChange{Outcome: outcome, Field: f.Name, Before: b, After: a})
		}
	}
	return list
}

// MarshalJSON writes the change with its fields.
func (c Change) MarshalJSON() ([]byte, error) {
	type plain Change
	b, err := json.Marshal(struct {
		plain
		Fields []FieldChange `json:"fields"`
	}{plain(c), c.Fields()})
	if err != nil {
		return nil, fmt.Errorf("write the change of %s: %w", c.ID, err)
	}
	return b, nil
}

// String says in one line how many legs were added, removed and changed.
func (e *Effect) String() string {
	return fmt.Sprintf("%s added, %d removed, %d changed", legs(len(e.Added)), len(e.Removed), len(e.Changed))
}

func legs(n int) string {
	if n == 1 {
		return "1 leg"
	}
	return fmt.Sprintf("%d legs", n)
}

// listEffect compares the touched legs with the base.
func (o *overlay) listEffect(written []graph.Record) {
	e := o.effect
	for _, id := range slices.Sorted(maps.Keys(o.legs)) {
		l := o.legs[id]
		c := Change{ID: id, Step: l.step, base: o.base, after: l}
		if l.at >= 0 {
			c.From, c.To, c.Kind = o.base.Ends(l.at)
		} else {
			c.From, c.To, c.Kind = l.flow.From, l.flow.To, l.flow.Kind
		}
		switch {
		case l.at < 0:
			e.Added = append(e.Added, c)
		case l.flow == nil:
			e.Removed = append(e.Removed, c)
		default:
			e.Changed = append(e.Changed, c)
		}
	}
	for _, r := range written {
		switch r := r.(type) {
		case *graph.Company:
			e.Companies = append(e.Companies, r.ID)
		case *graph.Deal:
			e.Deals = append(e.Deals, r.ID)
		}
	}
}
