package saved

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"
)

// YAML is the query as a file for people: keys in declared order, texts of
// several lines as blocks, absent values left out; the same bytes at each call.
// Parse reads the same query back.
func (q *Query) YAML() []byte {
	root := mapping()
	put(root, "name", q.Name)
	put(root, "title", q.Title)
	put(root, "question", q.Question)
	put(root, "note", q.Note)
	if len(q.Tags) > 0 {
		add(root, "tags", list(q.Tags))
	}
	if q.Request != nil {
		add(root, "request", q.Request.node())
	}
	if q.Cypher != "" {
		add(root, "cypher", block(q.Cypher))
	}
	if len(q.Parameters) > 0 {
		parameters := &yaml.Node{Kind: yaml.SequenceNode}
		for _, p := range q.Parameters {
			n := mapping()
			put(n, "name", p.Name)
			put(n, "type", string(p.Type))
			switch value := p.Default.(type) {
			case []string:
				add(n, "default", list(value))
			case string:
				add(n, "default", plain(value))
			}
			put(n, "description", p.Description)
			put(n, "refs", p.Refs)
			parameters.Content = append(parameters.Content, n)
		}
		add(root, "parameters", parameters)
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		panic(fmt.Sprintf("saved: a query does not encode: %v", err))
	}
	return b.Bytes()
}

func (r *Request) node() *yaml.Node {
	n := mapping()
	put(n, "analysis", r.Analysis)
	if r.Compare {
		add(n, "compare", plain("true"))
	}
	for _, part := range []struct {
		name string
		args []Arg
	}{{"lens", r.Lens}, {"params", r.Params}} {
		if len(part.args) == 0 {
			continue
		}
		m := mapping()
		for _, a := range part.args {
			add(m, a.Name, a.node())
		}
		add(n, part.name, m)
	}
	for _, a := range r.Rest {
		add(n, a.Name, a.node())
	}
	return n
}

func (a Arg) node() *yaml.Node {
	if items, ok := a.Value.([]string); ok {
		return list(items)
	}
	text, _ := a.Value.(string)
	return plain(text)
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

func add(m *yaml.Node, name string, value *yaml.Node) {
	m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, value)
}

func put(m *yaml.Node, name, text string) {
	if text != "" {
		add(m, name, block(text))
	}
}

// block is a text, which stays one whatever it looks like.
func block(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	return n
}

// plain is a value without quotes where it can do without: Parse takes every
// value as its text.
func plain(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: text}
	if n.ShortTag() == "!!null" || text == "" {
		return block(text)
	}
	return n
}

func list(items []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, item := range items {
		n.Content = append(n.Content, plain(item))
	}
	return n
}
