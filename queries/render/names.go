package render

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"sync"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
)

// Names tells what people call the records that an answer names by id. A
// function that is nil, or gives "", leaves the id; the zero Names leave all.
type Names struct {
	Company func(id string) string
	Chip    func(id string) string
	Deal    func(id string) string
	Leg     func(id string) string // parties and kind: OpenAI → Oracle, lease
}

// namesFor are the names in the graph of a result.
func namesFor(r *queries.Result) Names {
	if r.Graph == nil {
		return Names{}
	}
	return NamesIn(r.Graph)
}

// NamesIn are the names of a graph.
func NamesIn(s *snapshot.Snapshot) Names {
	untitled := sync.OnceValue(func() map[string]string { return dealNames(s) })
	company := func(id string) string {
		if c, ok := s.Company(id); ok {
			return c.Name
		}
		return ""
	}
	return Names{
		Company: company,
		Chip: func(id string) string {
			if c, ok := s.Chip(id); ok {
				return c.Name
			}
			return ""
		},
		Deal: func(id string) string {
			switch d, ok := s.Deal(id); {
			case !ok:
				return ""
			case d.Title != "":
				return d.Title
			}
			return untitled()[id]
		},
		Leg: func(id string) string {
			if i, ok := s.FlowIndex(id); ok {
				return legName(s, s.Flow(i))
			}
			return ""
		},
	}
}

func legName(s *snapshot.Snapshot, f *graph.Flow) string {
	return s.CompanyName(f.From) + " → " + s.CompanyName(f.To) + ", " + strings.ReplaceAll(string(f.Kind), "_", " ")
}

// dealNames name deals by their largest leg, the first by id among equals: OpenAI →
// Oracle, lease and 2 more legs.
func dealNames(s *snapshot.Snapshot) map[string]string {
	largest, legs := map[string]*graph.Flow{}, map[string]int{}
	for i := range s.NumFlows() {
		f := s.Flow(i)
		if f.DealID == "" {
			continue
		}
		legs[f.DealID]++
		if top := largest[f.DealID]; top == nil || queries.Order(queries.Descending(f.Amount, top.Amount), queries.Bytes(f.ID, top.ID)) < 0 {
			largest[f.DealID] = f
		}
	}
	names := make(map[string]string, len(largest))
	for id, f := range largest {
		names[id] = legName(s, f)
		switch more := legs[id] - 1; {
		case more == 1:
			names[id] += " and 1 more leg"
		case more > 1:
			names[id] += " and " + Thousands(int64(more)) + " more legs"
		}
	}
	return names
}

// Of is the name of what a column of that type names by id, the id itself where
// there is none. A key may be the id of a leg, a deal, a chip or a company; lists
// and texts name companies.
func (n Names) Of(id, columnType string) string { return cmp.Or(n.known(id, columnType), id) }

// known is the name, "" where there is none.
func (n Names) known(id, columnType string) string {
	var kinds []func(string) string
	switch columnType {
	case "company", "ring", "path", "text", "list":
		kinds = append(kinds, n.Company)
	case "chip":
		kinds = append(kinds, n.Chip)
	case "leg", "legs":
		kinds = append(kinds, n.Leg)
	case "key":
		kinds = append(kinds, n.Leg, n.Deal, n.Chip, n.Company)
	}
	for _, name := range kinds {
		if name == nil {
			continue
		}
		if s := name(id); s != "" && s != id {
			return s
		}
	}
	return ""
}

// aside is the id that a reader may need to look up a value of a column that the
// names show in other words: that of a leg, a deal or a chip; "" for others.
func (n Names) aside(value any, c queries.Column) string {
	id, ok := value.(string)
	if !ok || !slices.Contains([]string{"key", "leg", "chip"}, c.Type) {
		return ""
	}
	if named := n.known(id, c.Type); named == "" || named == n.known(id, "company") {
		return ""
	}
	return id
}

// People is a value as people read it: $38.0bn, 26.3 %, unknown, a ring with
// arrows, names in place of ids.
func (n Names) People(value any, c queries.Column) string {
	switch x := value.(type) {
	case nil:
		return "unknown"
	case queries.Value:
		if x.Absent && x.Value == nil {
			return "none"
		}
		return n.People(x.Value, x.Column)
	case graph.Money:
		return x.Short()
	case graph.Decimal:
		if c.Type == "number" {
			if !x.Known() {
				return "unknown"
			}
			return strings.TrimSpace(x.String() + " " + c.Unit)
		}
		if c.Change && x.Known() {
			return strings.TrimSuffix(x.Percent(), "%") + "points"
		}
		return x.Percent()
	case graph.Date:
		return x.String()
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case []string:
		return n.list(x, c)
	case []graph.Money:
		short := make([]string, len(x))
		for i, m := range x {
			short[i] = m.Short()
		}
		return strings.Join(short, ", ")
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		return Thousands(v.Int())
	case reflect.String:
		if name := n.known(v.String(), cmp.Or(c.Type, "text")); name != "" {
			return name
		}
		if c.Type == "text" && !strings.Contains(v.String(), " ") { // a name; sentences may hold ids
			return strings.ReplaceAll(v.String(), "_", " ")
		}
		return v.String()
	case reflect.Map:
		return mapLine(v)
	case reflect.Pointer:
		if v.IsNil() {
			return "" // there is none
		}
		return n.People(v.Elem().Interface(), c)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Struct {
			return n.objects(v)
		}
	}
	return queries.CellText(value)
}

func (n Names) list(ids []string, c queries.Column) string {
	named := make([]string, len(ids))
	for i, id := range ids {
		named[i] = n.Of(id, cmp.Or(c.Type, "list"))
	}
	switch {
	case c.Type == "ring" && len(ids) > 0:
		return strings.Join(named, " → ") + " → " + named[0]
	case c.Type == "path":
		return strings.Join(named, " → ")
	}
	return strings.Join(named, ", ")
}

// objects is a short list of objects in a cell: Nvidia 16, CoreWeave 1.
func (n Names) objects(list reflect.Value) string {
	items := make([]string, list.Len())
	for i := range items {
		object := list.Index(i)
		var parts []string
		for j := range object.NumField() {
			f := object.Type().Field(j)
			if name := f.Tag.Get("json"); name != "-" && name != "" {
				parts = append(parts, n.People(object.Field(j).Interface(), queries.Column{Type: f.Tag.Get("type"), Unit: f.Tag.Get("unit")}))
			}
		}
		items[i] = strings.Join(parts, " ")
	}
	return strings.Join(items, ", ")
}
