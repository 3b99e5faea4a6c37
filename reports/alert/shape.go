package alert

import (
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/types"

	"roundtrip/graph"
	"roundtrip/queries"
)

// variable is the name of an ask in expressions: hyphens become underscores.
func variable(ask string) string { return strings.ReplaceAll(ask, "-", "_") }

// identity is what tells a row of a list apart and what is said about it. It
// stands in the row under a name that no expression can write.
type identity struct {
	id     string   // joined key
	label  string   // for people
	values []detail // what may be said of it, by column
}

type detail struct{ name, title, shown string }

const identityKey = "\x00identity"

// typeOf is the type of a value of a column, nil where expressions do not see it.
func typeOf(c queries.Column) types.Type {
	switch c.Type {
	case "money", "ratio", "number", "count":
		return types.TypeOf(number{})
	case "date":
		return types.TypeOf(date{})
	case "flag":
		if c.Nullable {
			return types.TypeOf(flag{})
		}
		return types.Bool
	case "text", "company", "chip", "key", "leg":
		if c.Nullable {
			return types.TypeOf(text{})
		}
		return types.String
	case "list", "ring", "path", "legs":
		return types.TypeOf([]string{})
	case "money_list", "count_list":
		return types.Array(types.TypeOf(number{}))
	}
	return nil // leg_lists, object
}

// fieldsOf are the types of the columns; money stands there in dollars under the
// plain name and in cents under its own.
func fieldsOf(columns []queries.Column) types.Map {
	m := types.Map{}
	for _, c := range columns {
		t := typeOf(c)
		if t == nil {
			continue
		}
		m[c.Name] = t
		if plain, ok := strings.CutSuffix(c.Name, "_cents"); ok {
			m[plain] = t
		}
	}
	return m
}

// put writes the value of a column under its names.
func put(row map[string]any, c queries.Column, v any) {
	if typeOf(c) == nil {
		return
	}
	plain, isCents := strings.CutSuffix(c.Name, "_cents")
	switch x := v.(type) {
	case graph.Money:
		row[c.Name] = cents(x)
		if isCents {
			row[plain] = dollars(x)
		} else {
			row[c.Name] = dollars(x)
		}
		return
	case []graph.Money:
		inCents, inDollars := make([]any, len(x)), make([]any, len(x))
		for i, m := range x {
			inCents[i], inDollars[i] = cents(m), dollars(m)
		}
		row[c.Name] = inCents
		if isCents {
			row[plain] = inDollars
		}
		return
	}
	row[c.Name] = valueOf(c, v)
}

// valueOf is a value other than money.
func valueOf(c queries.Column, v any) any {
	switch x := v.(type) {
	case graph.Decimal:
		return ratio(x)
	case graph.Date:
		return date{x}
	case []string:
		return x
	}
	r := reflect.ValueOf(v)
	switch c.Type {
	case "ratio", "number", "count", "money":
		if r.IsValid() && r.CanInt() {
			return whole(r.Int())
		}
		return number{}
	case "date":
		return date{}
	case "flag":
		b, known := v.(bool)
		if c.Nullable {
			return flag{b, known}
		}
		return b
	case "list", "ring", "path", "legs":
		list := []string{}
		if r.IsValid() && r.Kind() == reflect.Slice {
			for i := range r.Len() {
				list = append(list, queries.CellText(r.Index(i).Interface()))
			}
		}
		return list
	case "count_list":
		list := []any{}
		if r.IsValid() && r.Kind() == reflect.Slice {
			for i := range r.Len() {
				list = append(list, valueOf(queries.Column{Type: "count"}, r.Index(i).Interface()))
			}
		}
		return list
	}
	s := queries.CellText(v)
	if c.Nullable {
		return text{s, v != nil}
	}
	return s
}

// declaredType is the type of a field of declare.go.
func declaredType(kind string) types.Type {
	switch kind {
	case "text":
		return types.String
	case "text or unknown":
		return types.TypeOf(text{})
	case "flag":
		return types.Bool
	case "list of texts":
		return types.TypeOf([]string{})
	}
	return types.TypeOf(number{})
}

func declared(fields []name) types.Map {
	m := types.Map{}
	for _, f := range fields {
		m[f.Name] = declaredType(f.Type)
		if f.Type == "money" {
			m[f.Name+"_cents"] = m[f.Name]
		}
	}
	return m
}

// listType is the type of an element of the list of figures.
func listType() types.Map {
	num := types.TypeOf(number{})
	return types.Map{
		"path": types.String, "title": types.String, "group": types.String, "label": types.String, "name": types.String,
		"value": num, "cents": num, "before": num, "before_cents": num,
	}
}

// scalars are the fields of a summary that are single values.
func scalars(columns []queries.Column) []queries.Column {
	return slices.DeleteFunc(slices.Clone(columns), func(c queries.Column) bool {
		return !slices.Contains([]string{"money", "ratio", "number", "count", "flag", "date", "text", "company"}, c.Type)
	})
}

// answerType is the type of the answer to an ask.
func answerType(a *queries.Analysis) types.Map {
	row := fieldsOf(a.Columns)
	changed := types.Map{"before": row, "after": row}
	for _, c := range a.Columns {
		if t := typeOf(c); c.Key && t != nil {
			changed[c.Name] = t
		}
	}
	summary, figures := fieldsOf(scalars(a.Summary)), types.Map{types.Extra: types.TypeOf(number{})}
	return types.Map{
		"rows": types.Array(row), "summary": summary, "figures": figures, "list": types.Array(listType()),
		"before": types.Map{"rows": types.Array(row), "summary": summary, "figures": figures},
		"new":    types.Array(row), "gone": types.Array(row), "changed": types.Array(changed), "finding": types.String,
	}
}

// environment is the type of all that expressions see.
func environment(shapes []Shape) types.Map {
	m := types.Map{}
	for _, g := range globals() {
		m[g.Name] = types.Float64
	}
	m["first"] = types.Bool
	m["loops"], m["legs"], m["sources"] = types.Array(declared(loopFields())), types.Array(declared(legFields())), types.Array(declared(sourceFields()))
	for _, s := range shapes {
		m[variable(s.Name)] = answerType(s.Analysis)
	}
	return m
}
