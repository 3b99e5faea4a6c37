package queries

import (
	"fmt"

	"roundtrip/graph"
)

// Record is one row that a Cypher statement returned, by column name. Values
// are nil, bool, int64, float64, string, []any and map[string]any.
type Record map[string]any

// Text is the value under that name as a text; an error when it is not one.
func (r Record) Text(name string) (string, error) {
	s, ok := r[name].(string)
	if !ok {
		return "", fmt.Errorf("column %s holds %T, want a text", name, r[name])
	}
	return s, nil
}

// Int is the value under that name as a whole number.
func (r Record) Int(name string) (int64, error) {
	n, ok := r[name].(int64)
	if !ok {
		return 0, fmt.Errorf("column %s holds %T, want a whole number", name, r[name])
	}
	return n, nil
}

// Money is the value under that name in cents; null is unknown.
func (r Record) Money(name string) (graph.Money, error) {
	return moneyOf(name, r[name])
}

// Flag is the value under that name as true or false.
func (r Record) Flag(name string) (bool, error) {
	b, ok := r[name].(bool)
	if !ok {
		return false, fmt.Errorf("column %s holds %T, want true or false", name, r[name])
	}
	return b, nil
}

// Texts is a list of texts.
func (r Record) Texts(name string) ([]string, error) {
	return listOf(name, r[name], func(v any) (string, error) {
		s, ok := v.(string)
		if !ok {
			return "", fmt.Errorf("column %s holds a list of %T, want texts", name, v)
		}
		return s, nil
	})
}

// TextLists is a list of lists of texts.
func (r Record) TextLists(name string) ([][]string, error) {
	return listOf(name, r[name], func(v any) ([]string, error) { return Record{name: v}.Texts(name) })
}

// Moneys is a list of amounts in cents, null for unknown ones.
func (r Record) Moneys(name string) ([]graph.Money, error) {
	return listOf(name, r[name], func(v any) (graph.Money, error) { return moneyOf(name, v) })
}

// Flags is a list of true and false.
func (r Record) Flags(name string) ([]bool, error) {
	return listOf(name, r[name], func(v any) (bool, error) { return Record{name: v}.Flag(name) })
}

func moneyOf(name string, v any) (graph.Money, error) {
	switch n := v.(type) {
	case nil:
		return graph.Money{}, nil
	case int64:
		return graph.USD(n), nil
	}
	return graph.Money{}, fmt.Errorf("column %s holds %T, want cents or null", name, v)
}

func listOf[T any](name string, v any, item func(any) (T, error)) ([]T, error) {
	values, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("column %s holds %T, want a list", name, v)
	}
	out := make([]T, len(values))
	for i, x := range values {
		var err error
		if out[i], err = item(x); err != nil {
			return nil, err
		}
	}
	return out, nil
}
