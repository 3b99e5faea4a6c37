package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"roundtrip/graph"
)

// Key declares one setting.
type Key struct {
	Name    string // dotted: server.address
	Env     string // ROUNDTRIP_SERVER_ADDRESS
	Type    string // text, flag, number, duration, list, weights
	Default string
	Enum    []string
	Minimum string
	Secret  bool
	Doc     string

	index []int // of the field in Config
}

// Describe is all settings in declared order.
func Describe() []Key {
	var keys []Key
	groups := reflect.TypeFor[Config]()
	for i := range groups.NumField() {
		group := groups.Field(i)
		for j := range group.Type.NumField() {
			f := group.Type.Field(j)
			k := Key{
				Name: group.Tag.Get("key") + "." + f.Tag.Get("key"), Type: keyType(f.Type), Default: f.Tag.Get("default"),
				Minimum: f.Tag.Get("min"), Secret: f.Tag.Get("secret") == "true", Doc: f.Tag.Get("doc"), index: []int{i, j},
			}
			k.Env = EnvPrefix + strings.ToUpper(strings.ReplaceAll(k.Name, ".", "_"))
			if e := f.Tag.Get("enum"); e != "" {
				k.Enum = strings.Split(e, ",")
			}
			keys = append(keys, k)
		}
	}
	return keys
}

// Keys is the names of all settings.
func Keys() []string {
	var names []string
	for _, k := range Describe() {
		names = append(names, k.Name)
	}
	return names
}

func keyType(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return "duration"
	case reflect.TypeFor[Probabilities]():
		return "weights"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "flag"
	case reflect.Int, reflect.Int64:
		return "number"
	case reflect.Slice:
		return "list"
	}
	return "text"
}

// set reads a text into the setting.
func (k Key) set(c *Config, text string) error {
	field := reflect.ValueOf(c).Elem().FieldByIndex(k.index)
	if len(k.Enum) > 0 && !slices.Contains(k.Enum, text) {
		return fmt.Errorf("want one of %s", strings.Join(k.Enum, ", "))
	}
	switch k.Type {
	case "text":
		field.SetString(text)
	case "flag":
		if text != "true" && text != "false" {
			return fmt.Errorf("want true or false")
		}
		field.SetBool(text == "true")
	case "number":
		n, err := strconv.ParseInt(text, 10, 64)
		if least, _ := strconv.ParseInt(k.Minimum, 10, 64); err != nil || n < least {
			return fmt.Errorf("want a whole number of at least %s", k.Minimum)
		}
		field.SetInt(n)
	case "duration":
		d, err := time.ParseDuration(text)
		if least, _ := time.ParseDuration(k.Minimum); err != nil || d < least {
			return fmt.Errorf("want a duration of at least %s, such as 500ms, 30s or 10m", k.Minimum)
		}
		field.SetInt(int64(d))
	case "list":
		field.Set(reflect.ValueOf(items(text)))
	case "weights":
		p, err := parseProbabilities(text)
		if err != nil {
			return err
		}
		field.Set(reflect.ValueOf(p))
	}
	return nil
}

// Text is the value of the setting as it would be written.
func (k Key) Text(c Config) string {
	field := reflect.ValueOf(c).FieldByIndex(k.index)
	switch x := field.Interface().(type) {
	case time.Duration:
		return x.String()
	case []string:
		return strings.Join(x, ",")
	case Probabilities:
		parts := make([]string, len(x))
		for i, p := range x {
			parts[i] = fmt.Sprintf("%s=%d", p.Status, p.BasisPoints)
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(field.Interface())
}

func items(text string) []string {
	var list []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

// parseProbabilities reads talks=2500,signed=9000 over the shipped weights.
func parseProbabilities(text string) (Probabilities, error) {
	p := Probabilities(graph.DefaultProbabilities())
	for _, item := range items(text) {
		state, weight, ok := strings.Cut(item, "=")
		at := slices.IndexFunc(p, func(x graph.Probability) bool { return string(x.Status) == strings.TrimSpace(state) })
		n, err := strconv.Atoi(strings.TrimSpace(weight))
		if !ok || at < 0 || err != nil || n < 0 || n > 10_000 {
			return nil, fmt.Errorf("%q: want a state with its weight from 0 to 10000, such as talks=2500", item)
		}
		p[at].BasisPoints = n
	}
	return p, nil
}
