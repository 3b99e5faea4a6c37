package saved

import "roundtrip/graph/strictyaml"

// YAML is the query as a file for people: keys in declared order, texts of
// several lines as blocks, absent values left out; the same bytes at each call.
// Parse reads the same query back.
func (q *Query) YAML() []byte {
	var m strictyaml.Mapping
	m.Text("name", q.Name)
	m.Text("title", q.Title)
	m.Text("question", q.Question)
	m.Text("note", q.Note)
	if len(q.Tags) > 0 {
		m.List("tags", q.Tags)
	}
	if q.Request != nil {
		m.Mapping("request", q.Request.mapping())
	}
	m.Text("cypher", q.Cypher)
	if len(q.Parameters) > 0 {
		parameters := make([]*strictyaml.Mapping, len(q.Parameters))
		for i, p := range q.Parameters {
			parameters[i] = p.mapping()
		}
		m.Mappings("parameters", parameters)
	}
	return m.YAML()
}

func (p Parameter) mapping() *strictyaml.Mapping {
	m := &strictyaml.Mapping{}
	m.Text("name", p.Name)
	m.Text("type", string(p.Type))
	if p.Default != nil {
		addValue(m, "default", p.Default)
	}
	m.Text("description", p.Description)
	m.Text("refs", p.Refs)
	return m
}

func (r *Request) mapping() *strictyaml.Mapping {
	m := &strictyaml.Mapping{}
	m.Text("analysis", r.Analysis)
	if r.Compare {
		m.Plain("compare", "true")
	}
	for _, part := range []struct {
		name string
		args []Arg
	}{{"lens", r.Lens}, {"params", r.Params}} {
		if len(part.args) > 0 {
			inner := &strictyaml.Mapping{}
			addArgs(inner, part.args)
			m.Mapping(part.name, inner)
		}
	}
	addArgs(m, r.Rest)
	return m
}

func addArgs(m *strictyaml.Mapping, args []Arg) {
	for _, a := range args {
		addValue(m, a.Name, a.Value)
	}
}

// addValue adds a text or a list of texts.
func addValue(m *strictyaml.Mapping, name string, value any) {
	if items, ok := value.([]string); ok {
		m.List(name, items)
		return
	}
	text, _ := value.(string)
	m.Plain(name, text)
}
