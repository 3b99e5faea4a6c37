package strictyaml

import (
	"bytes"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Mapping is a mapping that is written for people: keys in the order in which
// they were added, texts of several lines as blocks. The zero Mapping is empty.
type Mapping struct{ content []*yaml.Node }

// Text adds a text, which stays one whatever it looks like; nothing when it is
// empty.
func (m *Mapping) Text(name, text string) {
	if text != "" {
		m.add(name, textNode(text))
	}
}

// Plain adds a value without quotes where it can do without: a reader takes every
// value as its text.
func (m *Mapping) Plain(name, text string) { m.add(name, plainNode(text)) }

// List adds a list of plain values on one line.
func (m *Mapping) List(name string, items []string) {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, item := range items {
		n.Content = append(n.Content, plainNode(item))
	}
	m.add(name, n)
}

// Mapping adds a mapping.
func (m *Mapping) Mapping(name string, of *Mapping) { m.add(name, of.node()) }

// Mappings adds a list of mappings.
func (m *Mapping) Mappings(name string, of []*Mapping) {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range of {
		n.Content = append(n.Content, item.node())
	}
	m.add(name, n)
}

// YAML is the mapping as a text, the same bytes at each call.
func (m *Mapping) YAML() []byte {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(m.node()); err != nil {
		panic(fmt.Sprintf("strictyaml: a mapping does not encode: %v", err))
	}
	return b.Bytes()
}

func (m *Mapping) node() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Content: m.content} }

func (m *Mapping) add(name string, value *yaml.Node) {
	m.content = append(m.content, plainNode(name), value)
}

func textNode(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	n.Style = styleOf(text)
	return n
}

func plainNode(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: text, Style: styleOf(text)}
	if n.ShortTag() == "!!null" || text == "" {
		return textNode(text)
	}
	return n
}

// styleOf makes a block of a text with several lines, if a block keeps it as it
// is; other texts are quoted where they have to be.
func styleOf(text string) yaml.Style {
	switch {
	case strings.ContainsAny(text, "\r\u0085\u2028\u2029\uFEFF"), strings.ContainsAny(text[:min(len(text), 1)], " \t\n"):
		return yaml.DoubleQuotedStyle
	case strings.Contains(text, "\n"):
		return yaml.LiteralStyle
	}
	return 0
}
