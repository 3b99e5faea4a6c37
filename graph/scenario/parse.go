package scenario

import (
	"fmt"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/graph/strictyaml"
)

// Parse reads a scenario from YAML or JSON. file names the text in faults; it
// may be "". The error is Faults: every fault at once, each with its place.
func Parse(file string, text []byte) (*Scenario, error) {
	f := strictyaml.Read(file, text, strictyaml.Form{What: "scenario", Holds: "name and steps", Keys: Head(), MaxBytes: maxBytes})
	s := &Scenario{}
	s.read(f.Root().Object())
	if err := f.Err(); err != nil {
		return nil, err
	}
	s.places = f.Places()
	return s, nil
}

func (s *Scenario) read(head strictyaml.Object) {
	s.Name, s.Title = head.At("name").ID("name", maxName), head.At("title").Text()
	s.Question, s.Note = head.At("question").Text(), head.At("note").Text()
	s.AsOf = head.At("as_of").Date()
	for _, item := range head.At("companies").Items() {
		s.Companies = append(s.Companies, record(item.Object(), recordKeys(graph.CompanyKind), graph.CompanyKind).(*graph.Company))
	}
	steps := head.At("steps")
	if steps.IsList() && steps.Len() == 0 {
		steps.Fault("", strictyaml.CodeMissing, "is empty; want at least one step: %s", stepNames())
	}
	for _, item := range steps.Items() {
		s.Steps = append(s.Steps, step(item))
	}
}

func stepNames() string {
	var list []string
	for _, k := range Steps() {
		list = append(list, k.Name)
	}
	return strings.Join(list, ", ")
}

// step reads a mapping with one key, the kind of the step.
func step(v strictyaml.Value) Step {
	kinds := Steps()
	choice := make([]Key, len(kinds))
	for i, k := range kinds {
		choice[i] = Key{Name: k.Name, Type: "step", Doc: k.Doc, Keys: k.Keys}
	}
	written := v.ObjectOf(choice).Written()
	given := slices.DeleteFunc(slices.Clone(written), func(v strictyaml.Value) bool { return !v.Given() })
	switch {
	case !v.IsMapping():
	case len(given) > 1 || v.Len() == 0:
		v.Fault("", strictyaml.CodeShape, "has %d changes; want exactly one of %s for each step", len(given), stepNames())
	case len(given) == 1:
		return body(given[0])
	default:
		for _, empty := range written {
			empty.Fault("", strictyaml.CodeMissing, "is empty; want the keys of this change")
		}
	}
	return Step{}
}

// body reads what is under the kind of a step.
func body(v strictyaml.Value) Step {
	s := Step{Kind: v.Name()}
	o := v.Object()
	if !v.IsMapping() {
		return s
	}
	if s.Kind == Add {
		s.readLeg(o)
		return s
	}
	s.Select = selector(v, o)
	switch s.Kind {
	case Scale:
		s.Factor, s.Paid = o.At("factor").Number(), o.At("paid").Flag()
	case Delay:
		s.Months, s.After = o.At("months").Whole(" of months"), o.At("after").Date()
	case SetStatus:
		s.Status, s.On = graph.Status(o.At("status").Choice()), o.At("on").Date()
	}
	return s
}

// readLeg reads a leg and its outcomes.
func (s *Step) readLeg(o strictyaml.Object) {
	s.Leg = record(o, recordKeys(graph.FlowRecord), graph.FlowRecord).(*graph.Flow)
	for n, item := range o.At("outcomes").Items() {
		event := record(item.Object(), outcomeKeys(), graph.OutcomeKind).(*graph.Outcome)
		event.FlowID = s.Leg.ID
		if event.ID == "" {
			event.ID = fmt.Sprintf("%s_%d", s.Leg.ID, n+1)
		}
		s.Outcomes = append(s.Outcomes, event)
	}
}

// record reads the fields of a record.
func record(o strictyaml.Object, keys []Key, kind graph.RecordKind) graph.Record {
	r := graph.NewRecord(kind)
	for _, k := range keys {
		v := o.At(k.Name)
		f, isField := graph.FieldNamed(kind, k.Name)
		if !v.Given() || !isField {
			continue
		}
		if f.Type == graph.ListField && v.IsList() {
			if v.Len() > 0 {
				f.SetList(r, v.List())
			}
			continue
		}
		text := v.Text()
		if f.Type == graph.FlagField {
			text = yesNo(text)
		}
		if len(f.Allowed) > 0 && text != "" && !slices.Contains(f.Allowed, text) {
			v.NotAllowed(text, f.Allowed)
			continue
		}
		if err := f.Set(r, text); err != nil {
			v.Fault(text, strictyaml.CodeMalformed, "%s", err)
		}
	}
	return r
}

// yesNo lets a flag of a record be written as a flag of a parameter.
func yesNo(text string) string {
	switch text {
	case "true":
		return "yes"
	case "false":
		return "no"
	}
	return text
}

func selector(v strictyaml.Value, o strictyaml.Object) Selector {
	s := Selector{Legs: o.At("legs").List(), Deals: o.At("deals").List(), Payers: o.At("payers").List(), Payees: o.At("payees").List()}
	for _, text := range o.At("kinds").Choices() {
		s.Kinds = append(s.Kinds, graph.FlowKind(text))
	}
	for _, text := range o.At("classes").Choices() {
		if c, err := graph.ParseClass(text); err == nil {
			s.Classes = append(s.Classes, c)
		}
	}
	for _, text := range o.At("statuses").Choices() {
		s.Statuses = append(s.Statuses, graph.Status(text))
	}
	if flag := o.At("conditional"); flag.Given() {
		b := flag.Flag()
		s.Conditional = &b
	}
	keys := strictyaml.Names(SelectorKeys())
	given := slices.DeleteFunc(slices.Clone(keys), func(name string) bool { return !o.At(name).Given() })
	switch legs := o.At("legs"); {
	case len(given) == 0:
		v.Fault("", strictyaml.CodeMissing, "names no legs; want legs, or at least one of %s", strings.Join(keys[1:], ", "))
	case legs.Given() && len(given) > 1:
		legs.Fault("", strictyaml.CodeShape, "names legs one by one; leave %s out, or choose by conditions alone", strings.Join(given[1:], ", "))
	}
	return s
}
