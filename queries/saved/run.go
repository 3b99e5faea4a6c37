package saved

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"roundtrip/graph"
	"roundtrip/graph/near"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/adhoc"
)

// Ask is the request for the analysis, with those arguments in place of the
// ones that are saved; they come in one flat space, as from a query. find reads
// the scenario of a name.
func (q *Query) Ask(catalogue queries.Catalogue, over queries.Args, find func(name string) (*scenario.Scenario, error)) (queries.Request, error) {
	a, err := catalogue.Find(q.Request.Analysis)
	if err != nil {
		return queries.Request{}, err
	}
	flat := queries.Args{}
	for _, list := range [][]Arg{q.Request.Lens, q.Request.Params, q.Request.Rest} {
		for name, value := range argsOf(list) {
			flat[name] = value
		}
	}
	for name, value := range over {
		flat[name] = value
	}
	return a.Read(flat, find)
}

// Statement is the statement to run with those values of its parameters, texts
// as in a query, and the defaults of the others. The error is
// queries.ArgumentErrors.
func (q *Query) Statement(given map[string]string, caps adhoc.Caps) (adhoc.Request, error) {
	r := adhoc.Request{Text: q.Cypher, Params: map[string]any{}, Limit: caps.Rows, Timeout: caps.Time}
	var bad queries.ArgumentErrors
	names := make([]string, len(q.Parameters))
	for i, p := range q.Parameters {
		names[i] = p.Name
		value := p.Default
		text, ok := given[p.Name]
		if ok {
			value = text
		}
		if value == nil {
			want := "a value of type " + string(p.Type)
			if p.Description != "" {
				want += ": " + strings.TrimSuffix(p.Description, ".")
			}
			bad = append(bad, queries.ArgumentError{Name: p.Name, Problem: "is missing; want " + want})
			continue
		}
		v, err := p.read(value)
		if err != nil {
			bad = append(bad, queries.ArgumentError{Name: p.Name, Given: text, Problem: err.Error()})
		}
		r.Params[p.Name] = v
	}
	for name, text := range given {
		if slices.Contains(names, name) {
			continue
		}
		problem := "no such parameter"
		if meant := near.Name(name, names); meant != "" {
			problem += "; did you mean " + meant + "?"
		}
		if len(names) == 0 {
			problem += "; the statement has none"
		} else {
			problem += "; there are " + strings.Join(names, ", ")
		}
		bad = append(bad, queries.ArgumentError{Name: name, Given: text, Problem: problem})
	}
	if len(bad) > 0 {
		slices.SortFunc(bad, func(a, b queries.ArgumentError) int { return strings.Compare(a.Name, b.Name) })
		return r, bad
	}
	return r, nil
}

// read is a value as a statement takes it.
func (p Parameter) read(value any) (any, error) {
	if p.Type == ListType {
		return readList(value)
	}
	text, _ := value.(string)
	switch p.Type {
	case TextType:
		return text, nil
	case IntegerType:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("want a whole number of 64 bits")
		}
		return n, nil
	case NumberType:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || !json.Valid([]byte(text)) {
			return nil, fmt.Errorf("want a number such as 0.5")
		}
		return x, nil
	case FlagType:
		if text != "true" && text != "false" {
			return nil, fmt.Errorf("want true or false")
		}
		return text == "true", nil
	case DateType:
		d, err := graph.ParseDate(text)
		if err != nil {
			return nil, err
		}
		if !d.Known() || d.Precision() == graph.Instant {
			return nil, fmt.Errorf("want a date such as 2025-12-16; a month or a year stands for its last day")
		}
		return map[string]any{"type": "date", "value": d.Last().String()}, nil
	case MoneyType:
		m, err := graph.ParseMoney(text)
		if err != nil {
			return nil, err
		}
		if !m.Known() {
			return nil, fmt.Errorf("want an amount in dollars such as 10bn")
		}
		return m.Cents(), nil
	}
	return nil, fmt.Errorf("has the type %q, which is none", p.Type)
}

func readList(value any) (any, error) {
	items, ok := value.([]string)
	if text, isText := value.(string); !ok && isText && text != "" {
		for item := range strings.SplitSeq(text, ",") {
			items = append(items, strings.TrimSpace(item))
		}
	}
	list := make([]any, len(items))
	for i, item := range items {
		if item == "" {
			return nil, fmt.Errorf("has an empty item; want values with commas between them")
		}
		list[i] = item
	}
	return list, nil
}
