package queries

import (
	"fmt"
	"reflect"

	"roundtrip/graph"
)

// Record is one row that a Cypher statement returned, by column name. Values
// are nil, bool, int64, float64, string, []any and map[string]any.
type Record map[string]any

// Scan reads a row into the fact that f points at: a struct whose fields carry
// the name of their column in the tag json and are texts, numbers, flags,
// amounts, decimals, or lists of them. A column that is missing or holds
// something else is an error that names it.
func Scan(row Record, f any) error {
	v := reflect.ValueOf(f).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("json")
		value, ok := row[name]
		if !ok {
			return fmt.Errorf("there is no column %s", name)
		}
		if err := scanValue(v.Field(i), value); err != nil {
			return fmt.Errorf("column %s: %w", name, err)
		}
	}
	return nil
}

func scanValue(field reflect.Value, value any) error {
	wrong := func(want string) error { return fmt.Errorf("holds %T, want %s", value, want) }
	switch p := field.Addr().Interface().(type) {
	case *graph.Money:
		switch n := value.(type) {
		case nil:
			*p = graph.Money{}
		case int64:
			*p = graph.USD(n)
		default:
			return wrong("cents or null")
		}
		return nil
	case *graph.Decimal:
		switch n := value.(type) {
		case nil:
			*p = graph.Decimal{}
		case int64:
			*p = graph.Micro(n)
		default:
			return wrong("millionths or null")
		}
		return nil
	case *graph.Date:
		text, ok := value.(string)
		if !ok && value != nil {
			return wrong("a date or null")
		}
		return p.UnmarshalText([]byte(text))
	case *graph.Class:
		text, _ := value.(string)
		c, err := graph.ParseClass(text)
		*p = c
		return err
	}
	switch field.Kind() {
	case reflect.String:
		s, ok := value.(string)
		if !ok {
			return wrong("a text")
		}
		field.SetString(s)
	case reflect.Bool:
		b, ok := value.(bool)
		if !ok {
			return wrong("true or false")
		}
		field.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, ok := value.(int64)
		if !ok {
			return wrong("a whole number")
		}
		field.SetInt(n)
	case reflect.Slice:
		items, ok := value.([]any)
		if !ok {
			return wrong("a list")
		}
		list := reflect.MakeSlice(field.Type(), len(items), len(items))
		for i, item := range items {
			if err := scanValue(list.Index(i), item); err != nil {
				return fmt.Errorf("item %d: %w", i, err)
			}
		}
		field.Set(list)
	default:
		return fmt.Errorf("a %s cannot be read", field.Type())
	}
	return nil
}
