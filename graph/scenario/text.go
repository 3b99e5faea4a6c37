package scenario

import (
	"gopkg.in/yaml.v3"
)

// Text reads a text in YAML or JSON as strictly as Parse reads a scenario, for
// other files that people write: keys are declared, every fault has its place,
// and all are told at once.
type Text struct{ r *reader }

// Value is a value of a text with its place. The zero Value is one that is not
// there.
type Value struct{ e entry }

// ReadText reads a text. file names it in faults and may be "". what says what
// the text should be, such as query, and holds which keys it cannot do without;
// both are for people. The root is not there when the text cannot be read.
func ReadText(file, what, holds string, text []byte) (t *Text, root Value) {
	t = &Text{newReader(file, what, holds)}
	if n := t.r.root(text); n != nil {
		root = Value{entry{n, ""}}
	}
	return t, root
}

// Object is the values of a mapping whose keys are declared, by name. Those that
// are null or empty are left out.
func (t *Text) Object(v Value, keys []Key) map[string]Value {
	got := map[string]Value{}
	for name, e := range t.r.object(v.e, keys) {
		got[name] = Value{e}
	}
	return got
}

// Text is a single value as its text, "" when it is not there.
func (t *Text) Text(v Value) string { return t.r.text(v.e) }

// List is a list of single values without repeats; one value is a list of one.
func (t *Text) List(v Value) []string { return t.r.list(v.e) }

// Choice is a single value that has to be one of those the key allows.
func (t *Text) Choice(v Value, k Key) string { return t.r.choice(v.e, k) }

// Flag is true or false, false when it is not there.
func (t *Text) Flag(v Value) bool { return t.r.flag(v.e) }

// Items are the entries of a list.
func (t *Text) Items(v Value, of string) []Value {
	var list []Value
	for _, e := range t.r.items(v.e, of) {
		list = append(list, Value{e})
	}
	return list
}

// Fault adds a fault at the place of a value that is there.
func (t *Text) Fault(v Value, given, code, format string, args ...any) {
	t.r.fault(v.e, given, code, format, args...)
}

// FaultAt adds a fault at a line and a column inside a value that is there.
func (t *Text) FaultAt(v Value, line, column int, given, code, format string, args ...any) {
	t.r.fault(entry{&yaml.Node{Line: line, Column: column}, v.e.path}, given, code, format, args...)
}

// Err is the faults so far in the order of the text as Faults, nil where there
// are none.
func (t *Text) Err() error {
	if len(t.r.faults) == 0 {
		return nil
	}
	return t.r.faults.inOrder()
}

// Given tells whether the value is there.
func (v Value) Given() bool { return v.e.node != nil }

// IsList tells whether the value is a list.
func (v Value) IsList() bool { return v.e.node != nil && v.e.node.Kind == yaml.SequenceNode }

// Line is the line on which the value begins, from 1.
func (v Value) Line() int { return v.e.node.Line }

// ValidName tells whether a text is a name as scenarios and saved queries have
// it: at most 80 lower-case letters, digits and hyphens between them.
func ValidName(name string) bool { return name != "" && validName(name) }

// IsMapping tells whether the value is a mapping.
func (v Value) IsMapping() bool { return v.e.node != nil && v.e.node.Kind == yaml.MappingNode }
