package queries

import (
	"reflect"
	"slices"
	"strings"

	"roundtrip/graph"
)

// Figure is one value of a summary under the path of names that leads to it:
// ci, by_kind/round_trip, buyers/openai/tied_coverage.
type Figure struct {
	Path   string
	Title  string
	Column Column // type and unit
	Value  any    // nil where unknown
}

// Figures are the single values of a summary, those in lists of objects and in
// maps included, in declared order. An object of a list stands under the values
// of its leading texts, which tell it apart; lists of other things are left out.
func Figures(summary any) []Figure {
	var list []Figure
	figures(&list, "", "", reflect.ValueOf(summary))
	return list
}

func figures(list *[]Figure, path, title string, v reflect.Value) {
	v = reflect.Indirect(v)
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := f.Tag.Get("json")
		if name == "-" || name == "" || f.Tag.Get("detail") == "true" {
			continue
		}
		c := columnOf(f)
		at, of := path+name, joinTitle(title, c.Title)
		value := v.Field(i)
		switch {
		case c.Type == "object" && value.Kind() == reflect.Struct:
			figures(list, at+"/", of, value)
		case c.Type == "object" && value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Struct:
			for j := range value.Len() {
				label := labelOf(value.Index(j))
				if label == "" {
					continue // nothing tells it apart
				}
				figures(list, at+"/"+label+"/", joinTitle(of, strings.ReplaceAll(label, "_", " ")), value.Index(j))
			}
		case value.Kind() == reflect.Map:
			mapFigures(list, at, of, value)
		case slices.Contains([]string{"money", "ratio", "count", "number", "flag", "date"}, c.Type), c.Type == "text" && path == "":
			c.Name = name
			*list = append(*list, Figure{at, of, c, pointedAt(value)})
		}
	}
}

func mapFigures(list *[]Figure, path, title string, m reflect.Value) {
	keys := m.MapKeys()
	text := func(k reflect.Value) string { return CellText(k.Interface()) }
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(text(a), text(b)) })
	for _, k := range keys {
		value := m.MapIndex(k)
		at, of := path+"/"+text(k), joinTitle(title, strings.ReplaceAll(text(k), "_", " "))
		t := columnType(value.Type())
		switch t {
		case "object":
			figures(list, at+"/", of, value)
		case "money", "ratio", "count":
			*list = append(*list, Figure{at, of, Column{Name: text(k), Type: t, Unit: unitOf(t)}, pointedAt(value)})
		}
	}
}

// columnOf is the declaration of a field of a summary.
func columnOf(f reflect.StructField) Column {
	c := Column{Name: f.Tag.Get("json"), Title: f.Tag.Get("title"), Type: f.Tag.Get("type"), Unit: f.Tag.Get("unit")}
	if c.Type == "" {
		c.Type = columnType(f.Type)
	}
	if c.Title == "" {
		c.Title = strings.ReplaceAll(strings.TrimSuffix(c.Name, "_cents"), "_", " ")
	}
	if c.Unit == "" {
		c.Unit = unitOf(c.Type)
	}
	return c
}

func unitOf(columnType string) string {
	if columnType == "money" || columnType == "money_list" {
		return "US cents"
	}
	return ""
}

// labelOf is the leading texts of an object, such as a buyer and a year, or the
// companies of a ring; "" where it begins with something else.
func labelOf(v reflect.Value) string {
	var parts []string
	for i := range v.NumField() {
		if ring, ok := v.Field(i).Interface().([]string); ok {
			parts = append(parts, strings.Join(ring, " → "))
			break
		}
		if v.Field(i).Kind() != reflect.String {
			break
		}
		parts = append(parts, v.Field(i).String())
	}
	return strings.Join(parts, " ")
}

func joinTitle(of, title string) string {
	if of == "" {
		return title
	}
	return of + ": " + title
}

// Difference is after less before for money, ratios and counts: unknown where
// one of them is, nil where there is none.
func Difference(before, after any) any {
	switch b := before.(type) {
	case graph.Money:
		if a, ok := after.(graph.Money); ok && a.Known() && b.Known() {
			return graph.USD(a.Cents() - b.Cents())
		}
		return graph.Money{}
	case graph.Decimal:
		if a, ok := after.(graph.Decimal); ok && a.Known() && b.Known() {
			return graph.Micro(a.Micro() - b.Micro())
		}
		return graph.Decimal{}
	}
	b, a := reflect.ValueOf(before), reflect.ValueOf(after)
	if b.IsValid() && a.IsValid() && b.CanInt() && a.CanInt() {
		return int(a.Int() - b.Int())
	}
	return nil
}
