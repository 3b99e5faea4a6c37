package queries

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"roundtrip/graph"
)

// Param declares one argument of an analysis or field of the lens: what flags,
// query keys, forms, OpenAPI and documentation show.
type Param struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"` // integer, number, flag, text, list, money, date, duration
	Default  string   `json:"default,omitempty"`
	Minimum  string   `json:"minimum,omitempty"`
	Maximum  string   `json:"maximum,omitempty"`
	Enum     []string `json:"enum,omitempty"`
	Required bool     `json:"required,omitempty"`
	Refs     string   `json:"refs,omitempty"` // company, chip, kind: what the ids name
	Doc      string   `json:"description"`

	index int // of the struct field
}

// LensParams are the fields of the lens in their declared order.
func LensParams() []Param { return paramsOf(reflect.TypeFor[graph.Lens]()) }

// paramsOf reads the declarations from the tags of a struct: json (name),
// default, min, max, enum, refs, required, doc. A field whose name is "-" is left out.
func paramsOf(t reflect.Type) []Param {
	var list []Param
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("json")
		if name == "-" {
			continue
		}
		p := Param{
			Name: name, Type: paramType(f.Type), Default: f.Tag.Get("default"), Minimum: f.Tag.Get("min"),
			Maximum: f.Tag.Get("max"), Refs: f.Tag.Get("refs"), Doc: f.Tag.Get("doc"), Required: f.Tag.Get("required") == "true", index: i,
		}
		if e := f.Tag.Get("enum"); e != "" {
			p.Enum = strings.Split(e, ",")
		}
		if name == "" || p.Doc == "" {
			panic(fmt.Sprintf("queries: field %s.%s has no name or no sentence", t, f.Name))
		}
		list = append(list, p)
	}
	return list
}

func paramType(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[graph.Money]():
		return "money"
	case reflect.TypeFor[graph.Decimal]():
		return "number"
	case reflect.TypeFor[graph.Date]():
		return "date"
	case reflect.TypeFor[time.Duration]():
		return "duration"
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Bool:
		return "flag"
	case reflect.Slice:
		return "list"
	default:
		return "text"
	}
}

// fill sets the fields of the struct that v points at: first every declared
// default that the field does not already have another value for, then what
// was given. It returns every bad argument, unknown names included.
func fill(params []Param, v reflect.Value, given Args, allowed []string) ArgumentErrors {
	var bad ArgumentErrors
	for name := range given {
		if !slices.ContainsFunc(params, func(p Param) bool { return p.Name == name }) {
			bad = append(bad, ArgumentError{
				Name: name, Given: argText(given[name]),
				Problem: "no such argument" + didYouMean(name, allowed) + "; allowed are " + strings.Join(allowed, ", "),
			})
		}
	}
	for _, p := range params {
		arg, ok := given[p.Name]
		if !ok {
			if p.Required {
				want := strings.ToLower(p.Doc[:1]) + strings.TrimSuffix(p.Doc[1:], ".")
				bad = append(bad, ArgumentError{Name: p.Name, Problem: "is missing; want " + want})
			}
			continue
		}
		text := argText(arg)
		if err := p.set(v.Field(p.index), text); err != nil {
			bad = append(bad, ArgumentError{Name: p.Name, Given: text, Problem: err.Error()})
		}
	}
	slices.SortFunc(bad, func(a, b ArgumentError) int { return strings.Compare(a.Name, b.Name) })
	return bad
}

// setDefaults sets every field to its declared default.
func setDefaults(params []Param, v reflect.Value) {
	for _, p := range params {
		if p.Default == "" {
			continue
		}
		if err := p.set(v.Field(p.index), p.Default); err != nil {
			panic(fmt.Sprintf("queries: default of %s: %v", p.Name, err))
		}
	}
}

// argText is an argument as a text: what a flag or a query key would hold.
func argText(arg any) string {
	switch a := arg.(type) {
	case nil:
		return ""
	case string:
		return a
	case bool:
		return strconv.FormatBool(a)
	case float64:
		return strconv.FormatFloat(a, 'f', -1, 64)
	case []any:
		items := make([]string, len(a))
		for i, x := range a {
			items[i] = argText(x)
		}
		return strings.Join(items, ",")
	case []string:
		return strings.Join(a, ",")
	default:
		return fmt.Sprint(a)
	}
}

// set reads a text into the field.
func (p Param) set(field reflect.Value, text string) error {
	if len(p.Enum) > 0 && !slices.Contains(p.Enum, text) {
		return fmt.Errorf("want one of %s", strings.Join(p.Enum, ", ")+didYouMean(text, p.Enum))
	}
	if u, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if text == "" {
			return fmt.Errorf("is empty; leave it out for its default")
		}
		if err := u.UnmarshalText([]byte(text)); err != nil {
			return err
		}
		return p.checkLimits(field)
	}
	if _, ok := field.Interface().(time.Duration); ok {
		d, err := parseDuration(text)
		if err != nil || d < 0 {
			return fmt.Errorf("want a duration such as 500ms, 30s, 12h or 90d")
		}
		field.SetInt(int64(d))
		return p.checkLimits(field)
	}
	switch field.Kind() {
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("want a whole number%s", p.limits())
		}
		field.SetInt(n)
		return p.checkLimits(field)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("want true or false")
		}
		field.SetBool(text == "true")
	case reflect.String:
		field.SetString(text)
	case reflect.Slice:
		return p.setList(field, text)
	default:
		panic(fmt.Sprintf("queries: parameter %s has a type that cannot be read: %s", p.Name, field.Type()))
	}
	return nil
}

// parseDuration reads time.ParseDuration's form, or a number of days: 90d.
func parseDuration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 100_000 {
			return 0, fmt.Errorf("%q is not a number of days", text)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	return time.ParseDuration(text)
}

func (p Param) setList(field reflect.Value, text string) error {
	items := reflect.MakeSlice(field.Type(), 0, 4)
	seen := map[string]bool{}
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			return fmt.Errorf("has an empty item; want a comma-separated list")
		}
		if seen[item] {
			continue
		}
		seen[item] = true
		if p.Refs == "kind" {
			if _, ok := graph.FlowKind(item).Info(); !ok {
				var kinds []string
				for _, k := range graph.FlowKinds() {
					kinds = append(kinds, string(k.Kind))
				}
				return fmt.Errorf("%s is not a kind of leg%s; allowed are %s", item, didYouMean(item, kinds), strings.Join(kinds, ", "))
			}
		}
		items = reflect.Append(items, reflect.ValueOf(item).Convert(field.Type().Elem()))
	}
	field.Set(items)
	return nil
}

func (p Param) limits() string {
	switch {
	case p.Minimum != "" && p.Maximum != "":
		return fmt.Sprintf(" from %s to %s", p.Minimum, p.Maximum)
	case p.Minimum != "":
		return " of at least " + p.Minimum
	case p.Maximum != "":
		return " of at most " + p.Maximum
	}
	return ""
}

// checkLimits compares the field with its declared minimum and maximum, which
// are read the same way as the field itself.
func (p Param) checkLimits(field reflect.Value) error {
	value, ok := ordinal(field)
	if !ok {
		return nil
	}
	for i, limit := range []string{p.Minimum, p.Maximum} {
		if limit == "" {
			continue
		}
		bound := reflect.New(field.Type()).Elem()
		if err := (Param{Name: p.Name}).set(bound, limit); err != nil {
			panic(fmt.Sprintf("queries: limit of %s: %v", p.Name, err))
		}
		b, _ := ordinal(bound)
		if i == 0 && value < b || i == 1 && value > b {
			return fmt.Errorf("want a value%s", p.limits())
		}
	}
	return nil
}

func ordinal(v reflect.Value) (int64, bool) {
	switch x := v.Interface().(type) {
	case graph.Money:
		return x.Cents(), true
	case graph.Decimal:
		return x.Micro(), true
	}
	if v.CanInt() {
		return v.Int(), true
	}
	return 0, false
}
