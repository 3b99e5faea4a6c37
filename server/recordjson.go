package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/queries"
)

// jsonNames are the members that a field has in JSON. Money has two: the cents
// as a whole number and the dollars as a text; amount_usd is amount_cents and
// amount. Every other field has one, of its own name.
func jsonNames(f graph.Field) (name, dollars string) {
	if f.Type != graph.MoneyField {
		return f.Name, ""
	}
	plain := strings.TrimSuffix(f.Name, "_usd")
	return plain + "_cents", plain
}

// appendRecord appends a record as JSON: the declared fields in their order,
// absent ones as null, lists always as lists.
func appendRecord(dst []byte, r graph.Record) []byte {
	dst = append(dst, '{')
	for i, f := range graph.Fields(r.Key().Kind) {
		if i > 0 {
			dst = append(dst, ',')
		}
		name, _ := jsonNames(f)
		dst = queries.AppendMember(dst, name, fieldValue(f, r)) // money brings its second member along
	}
	return append(dst, '}')
}

func fieldValue(f graph.Field, r graph.Record) any {
	switch f.Type {
	case graph.MoneyField:
		return f.Money(r)
	case graph.ListField:
		return f.List(r)
	}
	text := f.Text(r)
	switch {
	case f.Type == graph.FlagField:
		return text == "yes"
	case f.Type == graph.NumberField:
		n, err := graph.ParseDecimal(text)
		if err != nil {
			panic("server: a number does not read back: " + err.Error())
		}
		return n
	case text == "":
		return nil
	}
	return text
}

// parseRecord reads a record of a kind from JSON in the form of appendRecord.
// Fields that are null or left out are absent. The id may be left out where the
// path names it. Faults are all reported at once, as arguments.
func parseRecord(k graph.RecordKind, id string, body object) (graph.Record, error) {
	r := graph.NewRecord(k)
	var bad []Entry
	cells := map[string]string{} // by name of the field
	fault := func(m member, format string, args ...any) {
		bad = append(bad, Entry{Location: "body." + m.name, Value: shown(m.value), Message: fmt.Sprintf(format, args...)})
	}
	for _, m := range body.members {
		f, ok := fieldOfMember(k, m.name)
		if !ok {
			fault(m, "%s", noSuchKey(m.name, memberNames(k)))
			continue
		}
		cell, problem := cellOf(f, m)
		if problem != "" {
			fault(m, "%s", problem)
			continue
		}
		if cell == "" {
			continue
		}
		if f.Type == graph.MoneyField {
			amount, err := graph.ParseMoney(cell)
			if err != nil {
				fault(m, "%s", err)
				continue
			}
			if before, ok := cells[f.Name]; ok && before != amount.String() {
				fault(m, "does not agree with the other member for the same amount, $%s; give one of them", before)
				continue
			}
			cell = amount.String()
		}
		cells[f.Name] = cell
		if f.Derived {
			continue // compared below, once what it is derived from is there
		}
		if err := f.Set(r, cell); err != nil {
			fault(m, "%s", err)
		}
	}
	idField := graph.Fields(k)[0]
	if given, ok := cells[idField.Name]; ok && given != id {
		bad = append(bad, Entry{Location: "body." + idField.Name, Value: given, Message: fmt.Sprintf("the path names %q; want the same id, or none", id)})
	}
	if len(bad) > 0 {
		return nil, arguments(bad...)
	}
	if err := idField.Set(r, id); err != nil {
		return nil, arguments(Entry{Location: "path.id", Value: id, Message: err.Error()})
	}
	for _, f := range graph.Fields(k) {
		if given, ok := cells[f.Name]; ok && f.Derived && given != f.Text(r) {
			return nil, arguments(Entry{Location: "body." + f.Name, Value: given, Message: fmt.Sprintf("follows from the other fields and is %s; leave it out", f.Text(r))})
		}
	}
	return r, nil
}

func fieldOfMember(k graph.RecordKind, name string) (graph.Field, bool) {
	for _, f := range graph.Fields(k) {
		if n, dollars := jsonNames(f); name == n || dollars != "" && name == dollars {
			return f, true
		}
	}
	return graph.Field{}, false
}

func memberNames(k graph.RecordKind) []string {
	var names []string
	for _, f := range graph.Fields(k) {
		n, dollars := jsonNames(f)
		names = append(names, n)
		if dollars != "" {
			names = append(names, dollars)
		}
	}
	return names
}

// cellOf is a JSON value as a CSV cell, or what is wrong with it. An absent
// value is the empty cell.
func cellOf(f graph.Field, m member) (cell, problem string) {
	var v any
	d := json.NewDecoder(bytes.NewReader(m.value))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return "", "cannot be read"
	}
	if v == nil {
		return "", ""
	}
	switch f.Type {
	case graph.MoneyField:
		return moneyCell(m.name, v)
	case graph.NumberField:
		if n, ok := v.(json.Number); ok {
			return n.String(), ""
		}
		return "", "want a number with at most six decimal places, or null"
	case graph.FlagField:
		if b, ok := v.(bool); ok {
			return map[bool]string{true: "yes", false: "no"}[b], ""
		}
		return "", "want true or false"
	case graph.ListField:
		return listCell(v)
	}
	if text, ok := v.(string); ok {
		return text, ""
	}
	return "", "want a text, or null"
}

func moneyCell(name string, v any) (cell, problem string) {
	if !strings.HasSuffix(name, "_cents") {
		if text, ok := v.(string); ok {
			return text, ""
		}
		return "", "want dollars as a text such as \"1200.50\", or null"
	}
	n, ok := v.(json.Number)
	if !ok {
		return "", "want a whole number of cents, or null"
	}
	cents, err := strconv.ParseInt(n.String(), 10, 64)
	if err != nil || cents < 0 || cents > graph.MaxCents {
		return "", fmt.Sprintf("want a whole number of cents from 0 to %d, or null", int64(graph.MaxCents))
	}
	return graph.USD(cents).String(), ""
}

func listCell(v any) (cell, problem string) {
	const want = "want a list of texts without semicolons, or null"
	list, ok := v.([]any)
	if !ok {
		return "", want
	}
	items := make([]string, len(list))
	for i, x := range list {
		text, ok := x.(string)
		if !ok || strings.Contains(text, ";") {
			return "", want
		}
		items[i] = text
	}
	return strings.Join(items, ";"), ""
}

// recordSchema is a record as it is answered.
func (d *document) recordSchema(k graph.RecordKind) *huma.Schema {
	properties := map[string]*huma.Schema{}
	for _, f := range graph.Fields(k) {
		s, dollars := d.fieldSchema(f)
		name, plain := jsonNames(f)
		properties[name] = s
		if dollars != nil {
			properties[plain] = dollars
		}
	}
	s := record(properties)
	s.AdditionalProperties = false
	return d.named(singular(k), s)
}

// givenSchema is a record as it is written: everything but what the kind
// requires may be left out.
func (d *document) givenSchema(k graph.RecordKind) *huma.Schema {
	properties := map[string]*huma.Schema{}
	var required []string
	for _, f := range graph.Fields(k) {
		s, dollars := d.fieldSchema(f)
		name, plain := jsonNames(f)
		properties[name] = s
		if dollars != nil {
			properties[plain] = dollars
		}
		if f.Required && f.Name != "id" {
			required = append(required, name)
		}
	}
	return d.named(singular(k)+"Given", &huma.Schema{
		Type: huma.TypeObject, Properties: properties, Required: required, AdditionalProperties: false,
	})
}

func singular(k graph.RecordKind) string {
	name := k.String()
	return strings.ToUpper(name[:1]) + name[1:]
}

func (d *document) fieldSchema(f graph.Field) (s, dollars *huma.Schema) {
	s = &huma.Schema{Description: f.Doc, Nullable: !f.Required}
	switch f.Type {
	case graph.MoneyField:
		s.Type, s.Format, s.Minimum, s.Maximum = huma.TypeInteger, "int64", ptr(0.0), ptr(float64(graph.MaxCents))
		dollars = &huma.Schema{Type: huma.TypeString, Nullable: true, Description: f.Doc + " In dollars."}
	case graph.NumberField:
		s.Type = huma.TypeNumber
	case graph.FlagField:
		s.Type, s.Nullable = huma.TypeBoolean, false
	case graph.ListField:
		s.Type, s.Items, s.Nullable = huma.TypeArray, &huma.Schema{Type: huma.TypeString}, false
	default:
		s.Type = huma.TypeString
		for _, a := range f.Allowed {
			s.Enum = append(s.Enum, a)
		}
		if s.Enum != nil && s.Nullable {
			s.Enum = append(s.Enum, nil)
		}
	}
	return s, dollars
}
