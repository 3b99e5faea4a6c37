package scenario

import (
	"bytes"
	"encoding/json"
	"strings"

	"roundtrip/graph"
)

// Canonical is the scenario as compact JSON that Parse reads back: keys in
// declared order, absent values and defaults left out, amounts in dollars. Two
// scenarios with the same canonical form have the same effect on a snapshot.
func (s *Scenario) Canonical() []byte {
	var o object
	o.text("name", s.Name)
	o.text("title", s.Title)
	o.text("question", s.Question)
	o.text("note", s.Note)
	o.text("as_of", s.AsOf.String())
	if len(s.Companies) > 0 {
		list := make([][]byte, len(s.Companies))
		for i, c := range s.Companies {
			list[i] = graph.AppendCanonical(nil, c)
		}
		o.raw("companies", array(list))
	}
	steps := make([][]byte, len(s.Steps))
	for i := range s.Steps {
		steps[i] = s.Steps[i].canonical()
	}
	o.raw("steps", array(steps))
	return o.end()
}

func (s *Step) canonical() []byte {
	var o, body object
	switch s.Kind {
	case Add:
		o.raw(s.Kind, s.addition())
		return o.end()
	default:
		s.Select.write(&body)
	}
	switch s.Kind {
	case Scale:
		body.text("factor", s.Factor.String())
		if s.Paid {
			body.raw("paid", []byte("true"))
		}
	case Delay:
		months, _ := json.Marshal(s.Months) // an integer always encodes
		body.raw("months", months)
		body.text("after", s.After.String())
	case SetStatus:
		body.text("status", string(s.Status))
		body.text("on", s.On.String())
	}
	o.raw(s.Kind, body.end())
	return o.end()
}

// addition is the canonical form of the leg with its outcomes behind.
func (s *Step) addition() []byte {
	leg := graph.AppendCanonical(nil, s.Leg)
	if len(s.Outcomes) == 0 {
		return leg
	}
	list := make([][]byte, len(s.Outcomes))
	for i, e := range s.Outcomes {
		plain := *e
		plain.FlowID = "" // follows from the leg
		list[i] = graph.AppendCanonical(nil, &plain)
	}
	leg = append(leg[:len(leg)-1], `,"outcomes":`...)
	return append(append(leg, array(list)...), '}')
}

func (s Selector) write(o *object) {
	o.list("legs", s.Legs)
	o.list("deals", s.Deals)
	o.list("payers", s.Payers)
	o.list("payees", s.Payees)
	o.list("kinds", texts(s.Kinds, func(k graph.FlowKind) string { return string(k) }))
	o.list("classes", texts(s.Classes, graph.Class.String))
	if s.Conditional != nil {
		b, _ := json.Marshal(*s.Conditional) // a flag always encodes
		o.raw("conditional", b)
	}
	o.list("statuses", texts(s.Statuses, func(s graph.Status) string { return string(s) }))
}

func texts[T, U any](items []T, text func(T) U) []U {
	list := make([]U, len(items))
	for i, x := range items {
		list[i] = text(x)
	}
	return list
}

// object writes a JSON object with its keys in the order of the calls.
type object struct{ b []byte }

func (o *object) raw(key string, value []byte) {
	if len(o.b) == 0 {
		o.b = append(o.b, '{')
	} else {
		o.b = append(o.b, ',')
	}
	o.b = append(append(append(o.b, quoted(key)...), ':'), value...)
}

func (o *object) text(key, value string) {
	if value != "" {
		o.raw(key, quoted(value))
	}
}

func (o *object) list(key string, items []string) {
	if len(items) == 0 {
		return
	}
	o.raw(key, array(texts(items, quoted)))
}

func (o *object) end() []byte {
	if len(o.b) == 0 {
		return []byte("{}")
	}
	return append(o.b, '}')
}

func quoted(s string) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text always encodes
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

func array(items [][]byte) []byte {
	return append(append([]byte{'['}, bytes.Join(items, []byte{','})...), ']')
}
