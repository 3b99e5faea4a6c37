package strictyaml

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// The limits of a text.
const (
	maxBytes  = 1 << 20 // where its form says no other
	maxDepth  = 32
	maxFaults = 100 // that are told; the others are counted
)

// Form says what a text should be.
type Form struct {
	What     string // for people, such as schedule
	Holds    string // for people: the keys that it cannot do without
	Keys     []Key  // of its mapping
	MaxBytes int    // 0 for 1 MiB
}

// File is a text while it is read.
type File struct {
	name   string
	form   Form
	text   []byte
	root   Value
	places Places
	faults Faults
	hidden int // faults beyond the limit
}

// Read reads a text. name is that of its file, for faults; it may be "". Faults
// are collected; Err tells them when all has been asked of the values.
func Read(name string, text []byte, form Form) *File {
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	f := &File{name: name, form: form, text: text, places: Places{name, map[string]place{}}}
	f.root = Value{file: f, key: &Key{Keys: form.Keys}}
	if n := f.parse(); n != nil {
		f.check(n, 1)
		if len(f.faults) == 0 {
			f.root.node, f.root.at = n, placeOf(n)
		}
	}
	return f
}

// Root is the value of the whole text, which is not given where the text cannot
// be read.
func (f *File) Root() Value { return f.root }

// Places are those of the values that were asked for.
func (f *File) Places() Places { return f.places }

// Err is the faults so far as Faults, in the order of the text; nil where there
// are none.
func (f *File) Err() error {
	if len(f.faults) == 0 {
		return nil
	}
	if list := f.faults.InOrder(); f.hidden == 0 {
		return list
	}
	return append(f.faults, Fault{File: f.name, Code: CodeText, Problem: fmt.Sprintf("%d more faults are not shown", f.hidden)})
}

func (f *File) fault(at place, location, given, code, format string, args ...any) {
	if f.full() {
		f.hidden++
		return
	}
	f.faults = append(f.faults, Fault{
		File: f.name, Line: at.line, Column: at.column, Location: location,
		Given: Shown(given), Code: code, Problem: fmt.Sprintf(format, args...),
	})
}

func (f *File) full() bool { return len(f.faults) == maxFaults }

// parse makes the nodes of the text, nil when it cannot be read.
func (f *File) parse() *yaml.Node {
	whole := func(format string, args ...any) *yaml.Node {
		f.fault(place{}, "", "", CodeText, format, args...)
		return nil
	}
	most := f.form.MaxBytes
	if most == 0 {
		most = maxBytes
	}
	switch {
	case len(f.text) > most:
		return whole("has %d bytes; at most %d are allowed", len(f.text), most)
	case !utf8.Valid(f.text):
		return whole("is not valid UTF-8; save it as UTF-8")
	case json.Valid(f.text):
		return f.orEmpty(jsonNode(f.text))
	}
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(f.text))
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		return f.orEmpty(nil)
	case err != nil:
		at, problem := f.problemOf(err)
		f.fault(at, "", "", CodeText, "is not YAML or JSON: %s", problem)
		return nil
	}
	var second yaml.Node
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return whole("holds more than one document; want one %s", f.form.What)
	}
	return f.orEmpty(document.Content[0])
}

// orEmpty faults a text that says nothing.
func (f *File) orEmpty(n *yaml.Node) *yaml.Node {
	if n == nil || absent(n) {
		f.fault(place{}, "", "", CodeText, "is empty; want a %s with %s", f.form.What, f.form.Holds)
		return nil
	}
	return n
}

var (
	lineOfError    = regexp.MustCompile(`^line (\d+): (.*)`)
	ofParser       = regexp.MustCompile(`^did not find expected (<|node content|'-' indicator|key|',' or )`)
	aliasOfNothing = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
	notYAML        = regexp.MustCompile(`[^\t\n\r -~\x{85}\x{A0}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]`)
)

// problemOf takes the place out of an error of the YAML library. Its parser counts
// lines from 0 and its scanner from 1, both leave the first line out, and what
// reads characters and aliases tells no line at all.
func (f *File) problemOf(err error) (at place, problem string) {
	problem = strings.TrimPrefix(err.Error(), "yaml: ")
	if alias := aliasOfNothing.FindStringSubmatch(problem); alias != nil {
		return f.find("*"+alias[1], place{}), problem
	}
	if problem == "control characters are not allowed" {
		return f.first(notYAML, place{}), problem
	}
	m := lineOfError.FindStringSubmatch(problem)
	if m == nil {
		return place{1, 1}, problem
	}
	at.line, _ = strconv.Atoi(m[1])
	if ofParser.MatchString(m[2]) {
		at.line = min(at.line+1, bytes.Count(bytes.TrimRight(f.text, "\n"), []byte("\n"))+1)
	}
	return place{at.line, 1}, m[2]
}

// check faults what would let a small text stand for a large one, or for one
// that it does not look like.
func (f *File) check(n *yaml.Node, depth int) {
	refuse := func(format string, args ...any) { f.fault(placeOf(n), "", n.Value, CodeShape, format, args...) }
	switch {
	case n.Anchor != "" || n.Kind == yaml.AliasNode:
		refuse("uses an anchor or an alias of YAML; write the value out")
	case n.Style&yaml.TaggedStyle != 0:
		refuse("carries the tag %s of YAML; write the value without it", Shown(n.Tag))
	case depth > maxDepth:
		refuse("is nested more than %d deep", maxDepth)
	default:
		for _, c := range n.Content {
			f.check(c, depth+1)
		}
	}
}

func placeOf(n *yaml.Node) place { return place{n.Line, n.Column} }

// absent tells whether a value says nothing: null, or an empty text.
func absent(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Tag == "!!null" || n.Value == "")
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
	at      int // what line and column belong to
	line    int
	column  int // characters before at in its line
}

// place moves to the next token and tells where it is.
func (j *jsonReader) place() (line, column int) {
	next := int(j.decoder.InputOffset())
	for next < len(j.text) && strings.IndexByte(" \t\r\n,:", j.text[next]) >= 0 {
		next++
	}
	for ; j.at < next; j.at++ {
		switch c := j.text[j.at]; {
		case c == '\n':
			j.line, j.column = j.line+1, 0
		case utf8.RuneStart(c):
			j.column++
		}
	}
	return j.line, j.column + 1
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
