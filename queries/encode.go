package queries

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"roundtrip/graph"
)

// AppendJSON appends a value of a row, a summary or parameters in the form of
// the result contract. Money under a name that ends in _cents is an integer, and
// the same amount stands beside it under the plain name as a decimal text of
// dollars; unknown is null; a date is a text with its own precision; maps are
// written in the order of their keys.
func AppendJSON(dst []byte, value any) []byte { return appendValue(dst, reflect.ValueOf(value)) }

func appendValue(dst []byte, v reflect.Value) []byte {
	if !v.IsValid() {
		return append(dst, "null"...)
	}
	switch x := v.Interface().(type) {
	case graph.Money:
		return appendCents(dst, x)
	case graph.Decimal:
		b, _ := x.MarshalJSON() // never an error
		return append(dst, b...)
	case graph.Date:
		if !x.Known() {
			return append(dst, "null"...)
		}
	case Value:
		return appendValue(dst, reflect.ValueOf(x.Value))
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		b, err := m.MarshalText()
		if err != nil {
			panic(fmt.Sprintf("queries: %T cannot be written: %v", m, err))
		}
		return appendText(dst, string(b))
	}
	if s, ok := v.Interface().(fmt.Stringer); ok {
		return appendText(dst, s.String())
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return appendValue(dst, v.Elem())
	case reflect.String:
		return appendText(dst, v.String())
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool())
	case reflect.Int, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10)
	case reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(dst, v.Uint(), 10)
	case reflect.Slice:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, v.Index(i))
		}
		return append(dst, ']')
	case reflect.Map:
		return appendMap(dst, v)
	case reflect.Struct:
		return appendStruct(dst, v)
	}
	panic(fmt.Sprintf("queries: a %s cannot be written as JSON", v.Type()))
}

func appendStruct(dst []byte, v reflect.Value) []byte {
	dst = append(dst, '{')
	first := true
	for i := range v.NumField() {
		name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "-" || name == "" || option == "omitempty" && v.Field(i).IsZero() {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = AppendMember(dst, name, v.Field(i).Interface())
	}
	return append(dst, '}')
}

// AppendMember appends "name":value, and for money under *_cents also the
// member with dollars. Money under any other name is dollars only.
func AppendMember(dst []byte, name string, value any) []byte {
	dst = appendText(dst, name)
	dst = append(dst, ':')
	plain, cents := strings.CutSuffix(name, "_cents")
	if m, money := value.(graph.Money); money && !cents {
		return appendDollars(dst, m)
	}
	dst = AppendJSON(dst, value)
	if !cents {
		return dst
	}
	switch m := value.(type) {
	case graph.Money:
		dst = append(appendText(append(dst, ','), plain), ':')
		dst = appendDollars(dst, m)
	case []graph.Money:
		dst = append(appendText(append(dst, ','), plain), ':', '[')
		for i, x := range m {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendDollars(dst, x)
		}
		dst = append(dst, ']')
	}
	return dst
}

func appendCents(dst []byte, m graph.Money) []byte {
	if !m.Known() {
		return append(dst, "null"...)
	}
	return strconv.AppendInt(dst, m.Cents(), 10)
}

func appendDollars(dst []byte, m graph.Money) []byte {
	if !m.Known() {
		return append(dst, "null"...)
	}
	return append(append(append(dst, '"'), m.Dollars()...), '"')
}

func appendMap(dst []byte, v reflect.Value) []byte {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendMember(dst, k.String(), v.MapIndex(k).Interface())
	}
	return append(dst, '}')
}

func appendText(dst []byte, s string) []byte {
	b, _ := json.Marshal(s) // a text always encodes
	return append(dst, b...)
}

// CellText is a value as one CSV cell: money in cents, lists separated by
// semicolons (an inner list by spaces), unknown empty, objects as JSON.
func CellText(value any) string {
	switch x := value.(type) {
	case nil:
		return ""
	case graph.Money:
		if !x.Known() {
			return ""
		}
		return strconv.FormatInt(x.Cents(), 10)
	case graph.Decimal:
		return x.String()
	case graph.Date:
		return x.String()
	case string:
		return x
	case []string:
		return strings.Join(x, ";")
	case []graph.Money:
		cells := make([]string, len(x))
		for i, m := range x {
			cells[i] = CellText(m)
		}
		return strings.Join(cells, ";")
	case [][]string:
		cells := make([]string, len(x))
		for i, l := range x {
			cells[i] = strings.Join(l, " ")
		}
		return strings.Join(cells, ";")
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String {
		cells := make([]string, v.Len())
		for i := range cells {
			cells[i] = v.Index(i).String()
		}
		return strings.Join(cells, ";")
	}
	b := AppendJSON(nil, value)
	if len(b) > 1 && b[0] == '"' {
		var s string
		if json.Unmarshal(b, &s) == nil {
			return s
		}
	}
	return string(b)
}
