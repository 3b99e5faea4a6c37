package reports

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"roundtrip/graph/scenario"
	"roundtrip/graph/snapshot"
)

// Fault is one thing that is wrong with a schedule file.
type Fault = scenario.Fault

// Faults are all faults of a file, in the order of the text.
type Faults = scenario.Faults

// entry is a node of the text with its path from the root.
type entry struct {
	node *yaml.Node
	path string
}

// spot is where a value stands in a file.
type spot struct{ line, column int }

type reader struct {
	file   string
	spots  map[string]spot
	faults Faults
}

func (r *reader) fault(e entry, given, code, format string, args ...any) {
	r.faults = append(r.faults, Fault{
		File: r.file, Line: e.node.Line, Column: e.node.Column, Location: e.path,
		Given: shown(given), Code: code, Problem: fmt.Sprintf(format, args...),
	})
}

func inOrder(f Faults) Faults {
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	return f
}

// root is the mapping of the text, nil when the text cannot be read.
func (r *reader) root(text []byte) *yaml.Node {
	start := entry{&yaml.Node{}, ""}
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	switch {
	case len(text) > maxBytes:
		r.fault(start, "", scenario.CodeText, "has %d bytes; at most %d are allowed", len(text), maxBytes)
		return nil
	case !utf8.Valid(text):
		r.fault(start, "", scenario.CodeText, "is not valid UTF-8; save it as UTF-8")
		return nil
	}
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		r.fault(start, "", scenario.CodeText, "is empty; want a schedule with name and cron")
		return nil
	case err != nil:
		line, problem := 0, strings.TrimPrefix(err.Error(), "yaml: ")
		if m := regexp.MustCompile(`^line (\d+): (.*)`).FindStringSubmatch(problem); m != nil {
			line, _ = strconv.Atoi(m[1])
			problem = m[2]
		}
		r.fault(entry{&yaml.Node{Line: line, Column: min(line, 1)}, ""}, "", scenario.CodeText, "is not YAML or JSON: %s", problem)
		return nil
	}
	var second yaml.Node
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		r.fault(start, "", scenario.CodeText, "holds more than one document; want one schedule")
		return nil
	}
	root := document.Content[0]
	r.check(root)
	if len(r.faults) > 0 {
		return nil
	}
	return root
}

// check faults anchors and aliases, which would let a small text stand for a
// large one.
func (r *reader) check(n *yaml.Node) {
	if n.Anchor != "" || n.Kind == yaml.AliasNode {
		r.fault(entry{n, ""}, n.Value, scenario.CodeShape, "uses an anchor or an alias of YAML; write the value out")
		return
	}
	for _, c := range n.Content {
		r.check(c)
	}
}

// object reads a mapping whose keys are declared: the values by name, absent
// ones left out.
func (r *reader) object(e entry, keys []Key) map[string]entry {
	got := map[string]entry{}
	if e.node.Kind != yaml.MappingNode {
		r.fault(e, e.node.Value, scenario.CodeShape, "%s; want the keys %s", form(e.node), strings.Join(names(keys), ", "))
		return got
	}
	seen := map[string]bool{}
	r.spots[e.path] = spot{e.node.Line, e.node.Column}
	for i := 0; i+1 < len(e.node.Content); i += 2 {
		name, value := e.node.Content[i], e.node.Content[i+1]
		at := entry{name, join(e.path, name.Value)}
		switch {
		case name.Kind != yaml.ScalarNode || !slices.Contains(names(keys), name.Value):
			r.fault(at, name.Value, scenario.CodeUnknownKey, "no such key%s; allowed are %s", didYouMean(name.Value, names(keys)), strings.Join(names(keys), ", "))
		case seen[name.Value]:
			r.fault(at, name.Value, scenario.CodeKeyTwice, "is given twice; want it once")
		case !absent(value):
			got[name.Value] = entry{value, at.path}
			r.spots[at.path] = spot{value.Line, value.Column}
		}
		seen[name.Value] = true
	}
	for _, k := range keys {
		if _, ok := got[k.Name]; k.Required && len(k.For) == 0 && !ok {
			doc := strings.TrimSuffix(k.Doc, ".")
			r.fault(entry{e.node, join(e.path, k.Name)}, "", scenario.CodeMissing, "is missing; want %s", strings.ToLower(doc[:1])+doc[1:])
		}
	}
	return got
}

// text is a single value as its text, "" when there is none.
func (r *reader) text(e entry) string {
	if e.node == nil {
		return ""
	}
	if e.node.Kind != yaml.ScalarNode {
		r.fault(e, "", scenario.CodeShape, "%s; want one value", form(e.node))
		return ""
	}
	return e.node.Value
}

// list is a list of single values; one value is a list of one.
func (r *reader) list(e entry, allowed []string) []string {
	if e.node == nil {
		return nil
	}
	items := []entry{e}
	if e.node.Kind != yaml.ScalarNode {
		items = r.items(e, "values")
		if len(items) == 0 && e.node.Kind == yaml.SequenceNode {
			r.fault(e, "", scenario.CodeMissing, "is an empty list; want at least one value, or leave it out")
		}
	}
	var list []string
	for _, item := range items {
		text := r.text(item)
		switch {
		case item.node.Kind != yaml.ScalarNode:
		case absent(item.node):
			r.fault(item, "", scenario.CodeMissing, "is empty; want a value")
		case slices.Contains(list, text):
			r.fault(item, text, scenario.CodeNotAllowed, "%q is named twice; want it once", shown(text))
		case len(allowed) > 0 && !slices.Contains(allowed, text):
			r.notAllowed(item, text, allowed)
		default:
			r.spots[item.path] = spot{item.node.Line, item.node.Column}
			list = append(list, text)
		}
	}
	return list
}

// items are the entries of a list.
func (r *reader) items(e entry, of string) []entry {
	if e.node == nil {
		return nil
	}
	if e.node.Kind != yaml.SequenceNode {
		r.fault(e, e.node.Value, scenario.CodeShape, "%s; want a list of %s", form(e.node), of)
		return nil
	}
	if len(e.node.Content) > maxItems {
		r.fault(e, "", scenario.CodeNotAllowed, "has %d %s; at most %d are allowed", len(e.node.Content), of, maxItems)
		return nil
	}
	list := make([]entry, len(e.node.Content))
	for i := range list {
		list[i] = entry{e.node.Content[i], fmt.Sprintf("%s[%d]", e.path, i)}
	}
	return list
}

func (r *reader) choice(e entry, allowed []string) string {
	text := r.text(e)
	if text != "" && !slices.Contains(allowed, text) {
		r.notAllowed(e, text, allowed)
	}
	return text
}

func (r *reader) flag(e entry) bool {
	text := r.text(e)
	if text != "" && text != "true" && text != "false" {
		r.fault(e, text, scenario.CodeNotAllowed, "%q is not allowed; want true or false", shown(text))
	}
	return text == "true"
}

// whole is a whole number within the bounds of its key.
func (r *reader) whole(e entry, k Key) int {
	text := r.text(e)
	if text == "" {
		text = k.Default
	}
	n, err := strconv.Atoi(text)
	low, _ := strconv.Atoi(k.Minimum)
	high, _ := strconv.Atoi(k.Maximum)
	if err != nil || n < low || n > high {
		r.fault(e, text, scenario.CodeNotAllowed, "%q is not allowed; want a whole number from %d to %d", shown(text), low, high)
	}
	return n
}

func (r *reader) notAllowed(e entry, text string, allowed []string) {
	r.fault(e, text, scenario.CodeNotAllowed, "%q is not allowed%s; want one of %s", shown(text), didYouMean(text, allowed), strings.Join(allowed, ", "))
}

func didYouMean(given string, allowed []string) string {
	near := snapshot.Near(given, allowed)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// absent tells whether a value says nothing: null, or an empty text.
func absent(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Tag == "!!null" || n.Value == "")
}

func form(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "is a list"
	case n.Kind == yaml.MappingNode:
		return "is a mapping"
	case absent(n):
		return "is empty"
	}
	return fmt.Sprintf("%q is one value", shown(n.Value))
}

// shown is a value as a fault shows it: valid text of at most 80 characters.
func shown(value string) string {
	const limit = 80
	value = strings.ToValidUTF8(value, "\uFFFD")
	if utf8.RuneCountInString(value) <= limit {
		return value
	}
	return string([]rune(value)[:limit]) + "..."
}

func names(keys []Key) []string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.Name
	}
	return list
}

func keyOf(keys []Key, name string) Key {
	return keys[slices.IndexFunc(keys, func(k Key) bool { return k.Name == name })]
}
