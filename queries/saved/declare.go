package saved

import (
	"roundtrip/graph/strictyaml"
	"roundtrip/queries"
)

// The limits of a saved query.
const (
	maxName       = 80
	maxTags       = 20
	maxParameters = 50
	maxFiles      = 1000    // of one import
	maxTotal      = 8 << 20 // bytes of all files of one import
)

// Head are the keys of a saved query.
func Head() []strictyaml.Key {
	return []strictyaml.Key{
		{Name: "name", Type: "id", Required: true, Doc: "The name that it is run by: lower-case letters, digits and hyphens."},
		{Name: "title", Type: "text", Doc: "What it is, in few words."},
		{Name: "question", Type: "text", Doc: "What it asks, with its question mark."},
		{Name: "note", Type: "text", Doc: "What a reader should know."},
		{Name: "tags", Type: "list", Most: maxTags, Doc: "Words to find it by, in the form of names."},
		{Name: "request", Type: "request", Doc: "What is asked of the library. A query has this or `cypher`.", Keys: RequestKeys()},
		{Name: "cypher", Type: "text", Doc: "A statement that reads, run where the store is Neo4j."},
		{Name: "parameters", Type: "records", Most: maxParameters, Doc: "The parameters of the statement; each is used in it, and each that it uses is declared. `$revision` is filled in and not declared.", Keys: ParameterKeys()},
	}
}

// RequestKeys are the keys of a request.
func RequestKeys() []strictyaml.Key {
	keys := []strictyaml.Key{
		{Name: "analysis", Type: "text", Required: true, Doc: "Name of the analysis."},
		{Name: "compare", Type: "flag", Default: "false", Doc: "true: answer with and without the scenario and show what differs."},
		{Name: "lens", Type: "mapping", Doc: "Fields of the lens."},
		{Name: "params", Type: "mapping", Doc: "Parameters of the analysis. Those that it requires may be left to whoever runs the query."},
	}
	for _, p := range queries.RequestParams() {
		keys = append(keys, keyOf(p))
	}
	return keys
}

// keyOf is an argument as the key of a mapping. Its form is checked with the
// whole request.
func keyOf(p queries.Param) strictyaml.Key {
	return strictyaml.Key{Name: p.Name, Type: p.Type, Default: p.Default, Allowed: p.Enum, Minimum: p.Minimum, Maximum: p.Maximum, Refs: p.Refs, Doc: p.Doc}
}

func keysOf(params []queries.Param) []strictyaml.Key {
	keys := make([]strictyaml.Key, len(params))
	for i, p := range params {
		keys[i] = keyOf(p)
	}
	return keys
}

// ParameterKeys are the keys that declare a parameter of a statement.
func ParameterKeys() []strictyaml.Key {
	var types []string
	for _, t := range Types() {
		types = append(types, t.Name)
	}
	return []strictyaml.Key{
		{Name: "name", Type: "text", Required: true, Doc: "Its name in the statement, without the $: a letter, then letters, digits and _."},
		{Name: "type", Type: "text", Required: true, Allowed: types, Doc: "What values it takes."},
		{Name: "default", Type: "value", Doc: "The value where none is given; without it one has to be given. A list may be empty: []."},
		{Name: "description", Type: "text", Doc: "What it is for."},
		{Name: "refs", Type: "text", Allowed: []string{"company", "chip", "deal", "flow", "source"}, Doc: "What the ids name, for forms."},
	}
}
