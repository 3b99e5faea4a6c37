package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"roundtrip/graph/snapshot"
)

// root is the mapping of the text, nil when the text cannot be read.
func (r *reader) root(text []byte) *yaml.Node {
	start := entry{&yaml.Node{}, ""}
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	switch {
	case len(text) > maxBytes:
		r.fault(start, "", CodeText, "has %d bytes; at most %d are allowed", len(text), maxBytes)
		return nil
	case !utf8.Valid(text):
		r.fault(start, "", CodeText, "is not valid UTF-8; save it as UTF-8")
		return nil
	case json.Valid(text):
		return jsonNode(text)
	}
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		r.fault(start, "", CodeText, "is empty; want a %s with %s", r.what, r.holds)
		return nil
	case err != nil:
		at, problem := yamlProblem(err)
		r.fault(entry{&yaml.Node{Line: at, Column: min(at, 1)}, ""}, "", CodeText, "is not YAML or JSON: %s", problem)
		return nil
	}
	var second yaml.Node
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		r.fault(start, "", CodeText, "holds more than one document; want one %s", r.what)
		return nil
	}
	root := document.Content[0]
	r.check(root)
	if len(r.faults) > 0 {
		return nil
	}
	return root
}

// yamlProblem takes the line out of an error of the YAML library.
func yamlProblem(err error) (line int, problem string) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	m := regexp.MustCompile(`^line (\d+): (.*)`).FindStringSubmatch(text)
	if m == nil {
		return 0, text
	}
	line, _ = strconv.Atoi(m[1])
	return line, m[2]
}

// check faults anchors and aliases, which would let a small text stand for a
// large one.
func (r *reader) check(n *yaml.Node) {
	if n.Anchor != "" || n.Kind == yaml.AliasNode {
		r.fault(entry{n, ""}, n.Value, CodeShape, "uses an anchor or an alias of YAML; write the value out")
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
		r.fault(e, e.node.Value, CodeShape, "%s; want the keys %s", form(e.node), strings.Join(names(keys), ", "))
		return got
	}
	seen := map[string]string{}
	for i := 0; i+1 < len(e.node.Content); i += 2 {
		name, value := e.node.Content[i], e.node.Content[i+1]
		at := entry{name, join(e.path, name.Value)}
		k := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name.Value || k.Alias != "" && k.Alias == name.Value })
		if k < 0 || name.Kind != yaml.ScalarNode {
			r.fault(at, name.Value, CodeUnknownKey, "no such key%s; allowed are %s", didYouMean(snapshot.Near(name.Value, names(keys))), strings.Join(names(keys), ", "))
			continue
		}
		key := keys[k]
		if before, twice := seen[key.Name]; twice {
			if before == name.Value {
				r.fault(at, name.Value, CodeKeyTwice, "is given twice; want it once")
			} else {
				r.fault(at, name.Value, CodeKeyTwice, "is another name of %s, which is given as well; want one of them", before)
			}
			continue
		}
		seen[key.Name] = name.Value
		if !absent(value) {
			got[key.Name] = entry{value, join(e.path, key.Name)}
			r.s.spots[join(e.path, key.Name)] = spot{value.Line, value.Column}
		}
	}
	for _, k := range keys {
		if _, ok := got[k.Name]; k.Required && !ok {
			doc := strings.TrimSuffix(k.Doc, ".")
			r.fault(entry{e.node, join(e.path, k.Name)}, "", CodeMissing, "is missing; want %s", strings.ToLower(doc[:1])+doc[1:])
		}
	}
	return got
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

// text is a single value as its text, "" when there is none.
func (r *reader) text(e entry) string {
	if e.node == nil {
		return ""
	}
	if e.node.Kind != yaml.ScalarNode {
		r.fault(e, "", CodeShape, "%s; want one value", form(e.node))
		return ""
	}
	return e.node.Value
}

// list is a list of single values; one value is a list of one.
func (r *reader) list(e entry) []string {
	if e.node == nil {
		return nil
	}
	if e.node.Kind == yaml.ScalarNode {
		return []string{e.node.Value}
	}
	var list []string
	items := r.items(e, "values")
	if len(items) == 0 && e.node.Kind == yaml.SequenceNode {
		r.fault(e, "", CodeMissing, "is an empty list; want at least one value, or leave it out")
	}
	for _, item := range items {
		text := r.text(item)
		r.s.spots[item.path] = spot{item.node.Line, item.node.Column}
		switch {
		case item.node.Kind != yaml.ScalarNode:
		case absent(item.node):
			r.fault(item, "", CodeMissing, "is empty; want a value")
		case slices.Contains(list, text):
			r.fault(item, text, CodeNotAllowed, "%q is named twice; want it once", shown(text))
		default:
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
		r.fault(e, e.node.Value, CodeShape, "%s; want a list of %s", form(e.node), of)
		return nil
	}
	list := make([]entry, len(e.node.Content))
	for i := range list {
		list[i] = e.item(i)
	}
	return list
}

// jsonNode makes the nodes of a valid JSON text. Its rules differ from those
// of YAML in escapes and in tabs, so it has a reader of its own.
func jsonNode(text []byte) *yaml.Node {
	j := jsonReader{text: text, decoder: json.NewDecoder(bytes.NewReader(text)), line: 1}
	j.decoder.UseNumber()
	return j.value()
}

type jsonReader struct {
	text    []byte
	decoder *json.Decoder
	at      int // what line and start belong to
	line    int
	start   int // where the line begins
}

// place moves to the next token and tells where it is.
func (j *jsonReader) place() (line, column int) {
	next := int(j.decoder.InputOffset())
	for next < len(j.text) && strings.IndexByte(" \t\r\n,:", j.text[next]) >= 0 {
		next++
	}
	for ; j.at < next; j.at++ {
		if j.text[j.at] == '\n' {
			j.line, j.start = j.line+1, j.at+1
		}
	}
	return j.line, utf8.RuneCount(j.text[j.start:next]) + 1
}

func (j *jsonReader) value() *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str"}
	n.Line, n.Column = j.place()
	token, err := j.decoder.Token()
	if err != nil {
		return n // not reached: the text is valid
	}
	switch t := token.(type) {
	case json.Delim:
		n.Kind, n.Tag = yaml.SequenceNode, ""
		if t == '{' {
			n.Kind = yaml.MappingNode
		}
		for j.decoder.More() {
			n.Content = append(n.Content, j.value())
		}
		_, _ = j.decoder.Token() // the end, which a valid text has
	case string:
		n.Value = t
	case json.Number:
		n.Value = t.String()
	case bool:
		n.Value = strconv.FormatBool(t)
	case nil:
		n.Tag = "!!null"
	}
	return n
}
