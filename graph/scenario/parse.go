package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
)

// Parse reads a scenario from YAML or JSON. file names the text in faults; it
// may be "". The error is Faults: every fault at once, each with its place.
func Parse(file string, text []byte) (*Scenario, error) {
	r := newReader(file, "scenario", "name and steps")
	root := r.root(text)
	if root != nil {
		r.scenario(root)
	}
	if len(r.faults) > 0 {
		return nil, r.faults.inOrder()
	}
	return r.s, nil
}

type reader struct {
	s           *Scenario
	what, holds string // what the text should be, and the keys it cannot do without
	faults      Faults
}

func newReader(file, what, holds string) *reader {
	return &reader{s: &Scenario{file: file, spots: map[string]spot{}}, what: what, holds: holds}
}

// entry is a node of the text with its path from the root.
type entry struct {
	node *yaml.Node
	path string
}

func (e entry) item(i int) entry {
	return entry{e.node.Content[i], fmt.Sprintf("%s[%d]", e.path, i)}
}

func (r *reader) fault(e entry, given, code, format string, args ...any) {
	r.faults = append(r.faults, Fault{
		File: r.s.file, Line: e.node.Line, Column: e.node.Column, Location: e.path,
		Given: shown(given), Code: code, Problem: fmt.Sprintf(format, args...),
	})
}

func (r *reader) scenario(root *yaml.Node) {
	got := r.object(entry{root, ""}, Head())
	s := r.s
	s.Name, s.Title, s.Question, s.Note = r.text(got["name"]), r.text(got["title"]), r.text(got["question"]), r.text(got["note"])
	if e := got["name"]; e.node != nil && s.Name != "" && !validName(s.Name) {
		r.fault(e, s.Name, CodeMalformed, "%q is not a name; want at most %d lower-case letters, digits and hyphens between them", shown(s.Name), maxName)
	}
	s.AsOf = r.date(got["as_of"])
	for _, e := range r.items(got["companies"], "companies") {
		s.Companies = append(s.Companies, r.record(e, recordKeys(graph.CompanyKind), graph.CompanyKind).(*graph.Company))
	}
	steps, ok := got["steps"]
	if !ok {
		return
	}
	list := r.items(steps, "steps")
	switch {
	case steps.node.Kind == yaml.SequenceNode && len(list) == 0:
		r.fault(steps, "", CodeMissing, "is empty; want at least one step: %s", stepNames())
	case len(list) > maxSteps:
		r.fault(steps, strconv.Itoa(len(list)), CodeNotAllowed, "has %d steps; at most %d are allowed", len(list), maxSteps)
		return
	}
	for _, e := range list {
		s.Steps = append(s.Steps, r.step(e))
	}
}

const maxName = 80

func validName(name string) bool {
	if len(name) > maxName || strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") {
		return false
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func stepNames() string {
	var list []string
	for _, k := range Steps() {
		list = append(list, k.Name)
	}
	return strings.Join(list, ", ")
}

// step reads a mapping with one key, the kind of the step.
func (r *reader) step(e entry) Step {
	var choice []Key
	for _, k := range Steps() {
		choice = append(choice, Key{Name: k.Name, Type: "step", Doc: k.Doc})
	}
	r.s.spots[e.path] = spot{e.node.Line, e.node.Column}
	got := r.object(e, choice)
	switch {
	case e.node.Kind != yaml.MappingNode:
		return Step{}
	case len(got) > 1 || len(e.node.Content) == 0:
		r.fault(e, "", CodeShape, "has %d changes; want exactly one of %s for each step", len(got), stepNames())
		return Step{}
	case len(got) == 0:
		for i := 0; i+1 < len(e.node.Content); i += 2 {
			if name, value := e.node.Content[i], e.node.Content[i+1]; slices.Contains(names(choice), name.Value) {
				r.fault(entry{value, join(e.path, name.Value)}, "", CodeMissing, "is empty; want the keys of this change")
			}
		}
	}
	for _, k := range Steps() {
		if body, ok := got[k.Name]; ok {
			return r.body(body, k)
		}
	}
	return Step{}
}

func (r *reader) body(e entry, kind StepKind) Step {
	s := Step{Kind: kind.Name}
	if kind.Name == Add {
		r.addition(e, kind, &s)
		return s
	}
	got := r.object(e, kind.Keys)
	if e.node.Kind != yaml.MappingNode {
		return s
	}
	s.Select = r.selector(e, got)
	switch kind.Name {
	case Scale:
		s.Factor, s.Paid = r.factor(got["factor"]), r.flag(got["paid"])
	case Delay:
		s.Months, s.After = r.months(got["months"]), r.date(got["after"])
	case SetStatus:
		s.Status, s.On = graph.Status(r.choice(got["status"], keyOf(kind.Keys, "status"))), r.date(got["on"])
	}
	return s
}

func keyOf(keys []Key, name string) Key {
	return keys[slices.IndexFunc(keys, func(k Key) bool { return k.Name == name })]
}

// addition reads a leg and its outcomes.
func (r *reader) addition(e entry, kind StepKind, s *Step) {
	s.Leg = r.record(e, kind.Keys, graph.FlowRecord).(*graph.Flow)
	if e.node.Kind != yaml.MappingNode {
		return
	}
	outcomes := keyOf(kind.Keys, "outcomes")
	for i := 0; i+1 < len(e.node.Content); i += 2 {
		if e.node.Content[i].Value != outcomes.Name {
			continue
		}
		for n, item := range r.items(entry{e.node.Content[i+1], e.path + "." + outcomes.Name}, "events") {
			o := r.record(item, outcomes.Keys, graph.OutcomeKind).(*graph.Outcome)
			o.FlowID = s.Leg.ID
			if o.ID == "" {
				o.ID = fmt.Sprintf("%s_%d", s.Leg.ID, n+1)
			}
			s.Outcomes = append(s.Outcomes, o)
		}
	}
}

// record reads the fields of a record.
func (r *reader) record(e entry, keys []Key, kind graph.RecordKind) graph.Record {
	record := graph.NewRecord(kind)
	got := r.object(e, keys)
	for _, k := range keys {
		v, ok := got[k.Name]
		f, isField := graph.FieldNamed(kind, k.Name)
		if !ok || !isField {
			continue
		}
		r.s.spots[v.path] = spot{v.node.Line, v.node.Column}
		if f.Type == graph.ListField && v.node.Kind == yaml.SequenceNode {
			if len(v.node.Content) > 0 {
				f.SetList(record, r.list(v))
			}
			continue
		}
		text := r.text(v)
		if f.Type == graph.FlagField {
			text = yesNo(text)
		}
		if len(f.Allowed) > 0 && text != "" && !slices.Contains(f.Allowed, text) {
			r.notAllowed(v, text, f.Allowed)
			continue
		}
		if err := f.Set(record, text); err != nil {
			r.fault(v, text, CodeMalformed, "%s", err)
		}
	}
	r.s.spots[e.path] = spot{e.node.Line, e.node.Column}
	return record
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

func (r *reader) selector(e entry, got map[string]entry) Selector {
	keys := SelectorKeys()
	s := Selector{
		Legs: r.list(got["legs"]), Deals: r.list(got["deals"]), Payers: r.list(got["payers"]), Payees: r.list(got["payees"]),
	}
	for _, text := range r.choices(got["kinds"], keyOf(keys, "kinds")) {
		s.Kinds = append(s.Kinds, graph.FlowKind(text))
	}
	for _, text := range r.choices(got["classes"], keyOf(keys, "classes")) {
		if c, err := graph.ParseClass(text); err == nil {
			s.Classes = append(s.Classes, c)
		}
	}
	for _, text := range r.choices(got["statuses"], keyOf(keys, "statuses")) {
		s.Statuses = append(s.Statuses, graph.Status(text))
	}
	if v, ok := got["conditional"]; ok {
		b := r.flag(v)
		s.Conditional = &b
	}
	var given []string
	for _, k := range keys {
		if _, ok := got[k.Name]; ok {
			given = append(given, k.Name)
		}
	}
	switch legs, ok := got["legs"]; {
	case len(given) == 0:
		r.fault(e, "", CodeMissing, "names no legs; want legs, or at least one of %s", strings.Join(names(keys)[1:], ", "))
	case ok && len(given) > 1:
		r.fault(legs, "", CodeShape, "names legs one by one; leave %s out, or choose by conditions alone", strings.Join(given[1:], ", "))
	}
	return s
}

func (r *reader) factor(e entry) graph.Decimal {
	text := r.text(e)
	if e.node == nil || text == "" {
		return graph.Decimal{}
	}
	d, err := graph.ParseDecimal(text)
	const most = 1e6 * 1e6
	if err == nil && (d.Micro() < 0 || d.Micro() > most) {
		r.fault(e, text, CodeNotAllowed, "%q is not allowed; want a number from 0 to 1000000", shown(text))
	} else if err != nil {
		r.fault(e, text, CodeMalformed, "%q is not a number; want one from 0 to 1000000 with at most six decimal places, such as 0.5", shown(text))
	}
	return d
}

func (r *reader) months(e entry) int {
	text := r.text(e)
	if e.node == nil || text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxMonths {
		r.fault(e, text, CodeNotAllowed, "%q is not allowed; want a whole number of months from 1 to %d", shown(text), maxMonths)
	}
	return n
}

func (r *reader) date(e entry) graph.Date {
	text := r.text(e)
	d, err := graph.ParseDate(text)
	if err != nil {
		r.fault(e, text, CodeMalformed, "%s", err)
	}
	return d
}

func (r *reader) flag(e entry) bool {
	text := r.text(e)
	if text != "" && text != "true" && text != "false" && text != "yes" && text != "no" {
		r.fault(e, text, CodeNotAllowed, "%q is not allowed; want true or false", shown(text))
	}
	return text == "true" || text == "yes"
}

func (r *reader) choice(e entry, k Key) string {
	text := r.text(e)
	if text != "" && !slices.Contains(k.Allowed, text) {
		r.notAllowed(e, text, k.Allowed)
	}
	return text
}

func (r *reader) choices(e entry, k Key) []string {
	list := r.list(e)
	for i, text := range list {
		at := e
		if e.node.Kind == yaml.SequenceNode {
			at = e.item(i)
		}
		fits := func(a string) bool { return a == text || k.Name == "classes" && strings.EqualFold(a, text) }
		if !slices.ContainsFunc(k.Allowed, fits) {
			r.notAllowed(at, text, k.Allowed)
		}
	}
	return list
}

func (r *reader) notAllowed(e entry, text string, allowed []string) {
	r.fault(e, text, CodeNotAllowed, "%q is not allowed%s; want one of %s", shown(text), didYouMean(snapshot.Near(text, allowed)), strings.Join(allowed, ", "))
}

func didYouMean(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}
