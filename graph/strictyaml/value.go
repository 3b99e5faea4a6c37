package strictyaml

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"roundtrip/graph"
	"roundtrip/graph/near"
)

// Value is a value of a text with its place and what is declared of it. Of one
// that is not there every reading is the zero value or the default, without a
// fault; its place is where it would stand.
type Value struct {
	file *File
	key  *Key
	node *yaml.Node // nil where it is not there
	path string
	at   place
}

// Given tells whether the value is there and says something.
func (v Value) Given() bool { return v.node != nil && !absent(v.node) }

// IsList tells whether the value is a list.
func (v Value) IsList() bool { return v.node != nil && v.node.Kind == yaml.SequenceNode }

// IsMapping tells whether the value is a mapping.
func (v Value) IsMapping() bool { return v.node != nil && v.node.Kind == yaml.MappingNode }

func (v Value) isOne() bool { return v.node != nil && v.node.Kind == yaml.ScalarNode }

// Name is the declared name of the key that has the value.
func (v Value) Name() string { return v.key.Name }

// Line is the line on which the value begins, from 1.
func (v Value) Line() int { return v.at.line }

// Len is how many entries a list or a mapping has, bad ones counted.
func (v Value) Len() int {
	switch {
	case v.IsList():
		return len(v.node.Content)
	case v.IsMapping():
		return len(v.node.Content) / 2
	}
	return 0
}

// Fault adds a fault of the value.
func (v Value) Fault(given, code, format string, args ...any) {
	v.file.fault(v.at, v.path, given, code, format, args...)
}

// FaultAtWord adds a fault of the value at the first place of a word on the line
// on which the value begins, or below.
func (v Value) FaultAtWord(word, given, code, format string, args ...any) {
	v.file.fault(v.file.find(word, v.at), v.path, given, code, format, args...)
}

// find is the place of a word at or below the line of a place; the place itself
// where there is none.
func (f *File) find(word string, from place) place {
	return f.first(regexp.MustCompile(regexp.QuoteMeta(word)+`(?:\W|$)`), from)
}

func (f *File) first(what *regexp.Regexp, from place) place {
	ends := regexp.MustCompile("\r\n|[\n\r\u0085\u2028\u2029]") // of lines, as YAML has them
	if json.Valid(f.text) {
		ends = regexp.MustCompile("\n")
	}
	for i, line := range ends.Split(string(f.text), -1) {
		if i+1 < from.line {
			continue
		}
		if at := what.FindStringIndex(line); at != nil {
			return place{i + 1, utf8.RuneCountInString(line[:at[0]]) + 1}
		}
	}
	return from
}

// NotAllowed faults a text that is none of those that the value may be.
func (v Value) NotAllowed(text string, allowed []string) {
	v.Fault(text, CodeNotAllowed, "%q is not allowed%s; want one of %s", Shown(text), v.file.near(text, allowed), strings.Join(allowed, ", "))
}

// near offers names that may have been meant. A fault that is only counted needs
// none, and finding them takes time.
func (f *File) near(text string, names []string) string {
	const longest = 200 // bytes of a name that anybody meant
	if f.full() || len(text) > longest {
		return ""
	}
	return DidYouMean(near.Names(text, names))
}

// form says what the value is, where it should be something else.
func (v Value) form() string {
	switch {
	case v.IsList():
		return "is a list"
	case v.IsMapping():
		return "is a mapping"
	case !v.Given():
		return "is empty"
	}
	return fmt.Sprintf("%q is one value", Shown(v.node.Value))
}

// misshapen faults a value that is not of its form.
func (v Value) misshapen(want string) {
	given := ""
	if v.isOne() {
		given = v.node.Value
	}
	v.Fault(given, CodeShape, "%s; want %s", v.form(), want)
}

// Text is a single value as its text.
func (v Value) Text() string {
	switch {
	case v.node == nil:
		return ""
	case !v.isOne():
		v.misshapen("one value")
		return ""
	case absent(v.node):
		return ""
	}
	return v.node.Value
}

// ID is a name in lower-case letters, digits and hyphens between them, of at
// most so many characters. what says for people what it is, such as name.
func (v Value) ID(what string, most int) string {
	text := v.Text()
	ok := len(text) <= most && !strings.HasPrefix(text, "-") && !strings.HasSuffix(text, "-")
	if !ok || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		v.Fault(text, CodeMalformed, "%q is not a %s; want at most %d lower-case letters, digits and hyphens between them", Shown(text), what, most)
	}
	return text
}

// IDs is a List of such names.
func (v Value) IDs(what string, most int) []string {
	return v.texts(func(item Value) string { return item.ID(what, most) })
}

// Flag is true or false, which may be written yes and no.
func (v Value) Flag() bool {
	switch text := v.Text(); text {
	case "true", "yes":
		return true
	case "false", "no", "":
	default:
		v.Fault(text, CodeNotAllowed, "%q is not allowed; want true or false", Shown(text))
	}
	return false
}

// Choice is one of the values that the key allows.
func (v Value) Choice() string {
	text := v.Text()
	if text == "" {
		return ""
	}
	allowed, ok := v.key.allowed(text)
	if !ok {
		v.NotAllowed(text, v.key.Allowed)
		return text
	}
	return allowed
}

// Whole is a whole number within the bounds of its key; its default where it is
// not there. of says what is counted, such as " of months", or is "".
func (v Value) Whole(of string) int {
	text := v.Text()
	if text == "" {
		n, _ := strconv.Atoi(v.key.Default) // 0 for one in words
		return n
	}
	n, err := strconv.Atoi(text)
	low, noLow := strconv.Atoi(v.key.Minimum)
	high, noHigh := strconv.Atoi(v.key.Maximum)
	if err != nil || noLow == nil && n < low || noHigh == nil && n > high {
		v.Fault(text, CodeNotAllowed, "%q is not allowed; want a whole number%s%s", Shown(text), of, v.key.within())
	}
	return n
}

// Number is a number with at most six decimal places within the bounds of its
// key; its default where it is not there, unknown where that is in words.
func (v Value) Number() graph.Decimal {
	text := v.Text()
	if text == "" {
		d, _ := graph.ParseDecimal(v.key.Default)
		return d
	}
	d, err := graph.ParseDecimal(text)
	low, _ := graph.ParseDecimal(v.key.Minimum)
	high, _ := graph.ParseDecimal(v.key.Maximum)
	switch {
	case err != nil:
		v.Fault(text, CodeMalformed, "%q is not a number; want one%s with at most six decimal places, such as 0.5", Shown(text), v.key.within())
	case low.Known() && d.Micro() < low.Micro() || high.Known() && d.Micro() > high.Micro():
		v.Fault(text, CodeNotAllowed, "%q is not allowed; want a number%s", Shown(text), v.key.within())
	}
	return d
}

// Money is an amount in dollars, such as 1.5bn; the default of its key where it
// is not there, unknown where that is in words.
func (v Value) Money() graph.Money {
	text := v.Text()
	if text == "" {
		m, _ := graph.ParseMoney(v.key.Default)
		return m
	}
	m, err := graph.ParseMoney(text)
	if err != nil {
		v.Fault(text, CodeMalformed, "%s", err)
	}
	return m
}

// Date is a date of any precision, unknown where it is not there.
func (v Value) Date() graph.Date {
	text := v.Text()
	d, err := graph.ParseDate(text)
	if err != nil {
		v.Fault(text, CodeMalformed, "%s", err)
	}
	return d
}

// List is a list of single values without repeats, at most as many as the key
// says; one value is a list of one.
func (v Value) List() []string {
	return v.texts(func(item Value) string { return item.Text() })
}

// Choices is a List of values that the key allows.
func (v Value) Choices() []string { return v.texts(Value.Choice) }

func (v Value) texts(read func(Value) string) []string {
	if v.node == nil {
		return nil
	}
	items := []Value{v}
	if !v.isOne() {
		items = v.items("values")
		if v.IsList() && v.Len() == 0 {
			v.Fault("", CodeMissing, "is an empty list; want at least one value, or leave it out")
		}
	}
	var list []string
	seen := map[string]bool{}
	for _, item := range items {
		text := read(item)
		switch {
		case !item.isOne(): // which is a fault already
		case text == "":
			item.Fault("", CodeMissing, "is empty; want a value")
		case seen[text]:
			item.Fault(text, CodeNotAllowed, "%q is named twice; want it once", Shown(text))
		default:
			seen[text] = true
			list = append(list, text)
		}
	}
	return list
}

// Items are the entries of a list, at most as many as the key says.
func (v Value) Items() []Value {
	if v.node == nil {
		return nil
	}
	return v.items(v.key.Name)
}

func (v Value) items(of string) []Value {
	if !v.IsList() {
		v.misshapen("a list of " + of)
		return nil
	}
	if most := v.key.Most; most > 0 && v.Len() > most {
		v.Fault(strconv.Itoa(v.Len()), CodeNotAllowed, "has %d %s; at most %d are allowed", v.Len(), of, most)
		return nil
	}
	list := make([]Value, v.Len())
	for i, n := range v.node.Content {
		list[i] = v.inner(n, v.key, fmt.Sprintf("%s[%d]", v.path, i))
	}
	return list
}

// Tree is what the text says under the value whatever is declared: every single
// value as a string, lists as []any, mappings as map[string]any, null as nil. Of
// keys given twice the last counts. It is nil where a key is no text.
func (v Value) Tree() any {
	if v.node == nil {
		return nil
	}
	tree, _ := treeOf(v.node)
	return tree
}

func treeOf(n *yaml.Node) (tree any, ok bool) {
	switch {
	case n.Kind == yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			if list[i], ok = treeOf(item); !ok {
				return nil, false
			}
		}
		return list, true
	case n.Kind == yaml.MappingNode:
		keys := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			if keys[name.Value], ok = treeOf(n.Content[i+1]); !ok || name.Kind != yaml.ScalarNode {
				return nil, false
			}
		}
		return keys, true
	case n.Tag == "!!null":
		return nil, true
	}
	return n.Value, true
}

// inner is a value of this one, whose place is noted.
func (v Value) inner(n *yaml.Node, key *Key, path string) Value {
	v.file.places.at[path] = placeOf(n)
	return Value{v.file, key, n, path, placeOf(n)}
}
