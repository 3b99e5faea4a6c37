package saved

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"roundtrip/queries"
)

// Query is a saved query. Parse makes one; it does not change after that. One
// of Request and Cypher is there.
type Query struct {
	Name     string   `json:"name"`
	Title    string   `json:"title,omitempty"`
	Question string   `json:"question,omitempty"`
	Note     string   `json:"note,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	Request  *Request `json:"request,omitempty"`
	Cypher   string   `json:"cypher,omitempty"`
	// Parameters are those of the statement.
	Parameters []Parameter `json:"parameters,omitempty"`
}

// Request asks for an analysis, or for its comparison with a scenario.
type Request struct {
	Analysis string
	Compare  bool
	Lens     []Arg // each part in its declared order
	Params   []Arg
	Rest     []Arg // engine, revision, scenario, draws, seed
}

// Arg is one argument. Value is a string, or a []string where the argument is a
// list.
type Arg struct {
	queries.Param
	Value any
}

// Parameter declares one parameter of a statement.
type Parameter struct {
	Name        string `json:"name"`
	Type        Type   `json:"type"`
	Default     any    `json:"default,omitempty"` // string or []string; nil where a value is required
	Description string `json:"description,omitempty"`
	Refs        string `json:"refs,omitempty"` // what the ids name: company, chip, deal, flow, source
}

// Type is the type of a parameter.
type Type string

// The types of parameters, and what of them reaches the statement.
const (
	TextType    Type = "text"    // a string
	IntegerType Type = "integer" // an integer of 64 bits
	NumberType  Type = "number"  // a float
	FlagType    Type = "flag"    // true or false
	DateType    Type = "date"    // a date; a month or a year stands for its last day
	MoneyType   Type = "money"   // an integer, in cents
	ListType    Type = "list"    // a list of strings
)

// Types are the types of parameters with what a statement gets of them.
func Types() []queries.Column {
	return []queries.Column{
		{Name: string(TextType), Description: "a string"},
		{Name: string(IntegerType), Description: "an integer of 64 bits"},
		{Name: string(NumberType), Description: "a float"},
		{Name: string(FlagType), Description: "`true` or `false`"},
		{Name: string(DateType), Description: "a date; a month or a year stands for its last day"},
		{Name: string(MoneyType), Description: "an integer, the amount in cents; written in dollars, such as `10bn`"},
		{Name: string(ListType), Description: "a list of strings; in flags and query keys with commas between them"},
	}
}

// Kinds of saved queries.
const (
	AnalysisKind = "analysis"
	CompareKind  = "compare"
	CypherKind   = "cypher"
)

// Kind is what the query asks: an analysis, a comparison or a statement.
func (q *Query) Kind() string {
	switch {
	case q.Request == nil:
		return CypherKind
	case q.Request.Compare:
		return CompareKind
	}
	return AnalysisKind
}

// typed is the argument as JSON has it.
func (a Arg) typed() any {
	text, ok := a.Value.(string)
	switch {
	case !ok:
		return a.Value
	case a.Type == "integer" || a.Type == "number":
		if json.Valid([]byte(text)) {
			return json.Number(text)
		}
	case a.Type == "flag":
		return text == "true"
	}
	return text
}

func argsOf(list []Arg) queries.Args {
	args := queries.Args{}
	for _, a := range list {
		args[a.Name] = a.Value
	}
	return args
}

// MarshalJSON writes the keys in their declared order.
func (r *Request) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"analysis":%q`, r.Analysis)
	if r.Compare {
		b.WriteString(`,"compare":true`)
	}
	part := func(list []Arg) error {
		for i, a := range list {
			if i > 0 {
				b.WriteByte(',')
			}
			value, err := json.Marshal(a.typed())
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%q:%s", a.Name, value)
		}
		return nil
	}
	for _, p := range []struct {
		name string
		list []Arg
	}{{"lens", r.Lens}, {"params", r.Params}} {
		if len(p.list) == 0 {
			continue
		}
		fmt.Fprintf(&b, `,%q:{`, p.name)
		if err := part(p.list); err != nil {
			return nil, err
		}
		b.WriteByte('}')
	}
	if len(r.Rest) > 0 {
		b.WriteByte(',')
		if err := part(r.Rest); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Tagged tells whether the query has the tag.
func (q *Query) Tagged(tag string) bool { return slices.Contains(q.Tags, tag) }
