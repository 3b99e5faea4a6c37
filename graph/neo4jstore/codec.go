package neo4jstore

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"roundtrip/graph"
)

// label is the label of the record nodes of a kind.
func label(k graph.RecordKind) string {
	switch k {
	case graph.SourceKind:
		return "Source"
	case graph.CompanyKind:
		return "Company"
	case graph.ChipKind:
		return "Chip"
	case graph.DealKind:
		return "Deal"
	case graph.FlowRecord:
		return "Leg"
	case graph.OutcomeKind:
		return "Outcome"
	case graph.MetricKind:
		return "Metric"
	}
	panic(fmt.Sprintf("neo4jstore: no label for record kind %d", k))
}

// property is the name under which a field is stored.
func property(f graph.Field) string {
	if f.Type == graph.MoneyField {
		return strings.TrimSuffix(f.Name, "_usd") + "_cents"
	}
	return f.Name
}

// properties are those of the record's node, without the ones that depend on
// other records.
func properties(r graph.Record, rev int64) map[string]any {
	props := map[string]any{"rev_from": rev}
	for _, f := range graph.Fields(r.Key().Kind) {
		if f.Derived {
			continue
		}
		if v := value(f, r); v != nil {
			props[property(f)] = v
		}
	}
	switch r := r.(type) {
	case *graph.Company:
		props["aggregate"] = r.Aggregate()
		props["display"] = r.Name
		if r.Name == "" {
			props["display"] = r.ID
		}
		props["head"] = r.ID
	case *graph.Metric:
		if r.AsOf.Known() {
			props["as_of_last"] = date(r.AsOf.Last())
		}
	case *graph.Outcome:
		if r.Date.Known() {
			props["first_day"] = date(r.Date.First())
		}
	}
	return props
}

// value is the stored form of a field, nil when it is absent.
func value(f graph.Field, r graph.Record) any {
	switch f.Type {
	case graph.ListField:
		if items := f.List(r); len(items) > 0 {
			return items
		}
		return nil
	case graph.MoneyField:
		if m := f.Money(r); m.Known() {
			return m.Cents()
		}
		return nil
	}
	text := f.Text(r)
	if text == "" && f.Name != "id" {
		return nil
	}
	if f.Type == graph.NumberField {
		return number(text)
	}
	return text
}

// number is a decimal as a float where that keeps every digit, else its text.
func number(text string) any {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || decimal(x) != text {
		return text
	}
	return x
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// record reads a record back from the properties of its node.
func record(k graph.RecordKind, props map[string]any) (graph.Record, error) {
	r := graph.NewRecord(k)
	for _, f := range graph.Fields(k) {
		v, ok := props[property(f)]
		if !ok || f.Derived {
			continue
		}
		var err error
		switch v := v.(type) {
		case string:
			err = f.Set(r, v)
		case int64:
			text := strconv.FormatInt(v, 10)
			if f.Type == graph.MoneyField {
				text = graph.USD(v).String()
			}
			err = f.Set(r, text)
		case float64:
			err = f.Set(r, decimal(v))
		case []any:
			items := make([]string, len(v))
			for i, item := range v {
				items[i], _ = item.(string)
			}
			f.SetList(r, items)
		default:
			err = fmt.Errorf("it is a %T", v)
		}
		if err != nil {
			return nil, fmt.Errorf("property %s of %s %v: %w", property(f), label(k), props["id"], err)
		}
	}
	return r, nil
}

// plainTransfer tells whether the relationship of a leg can hold all of it.
func plainTransfer(f *graph.Flow) bool {
	rest := *f
	rest.ID, rest.From, rest.To, rest.Amount, rest.Announced = "", "", "", graph.Money{}, graph.Date{}
	return len(rest.Chips) == 0 && len(rest.SourceIDs) == 0 && graph.Same(&rest, &graph.Flow{
		Kind: graph.Transfer, Moves: graph.MovesCash, InitialStatus: graph.Closed, Status: graph.Closed,
	})
}

// transferColumns returns what transfer reads of a relationship r from a to b.
const transferColumns = "r.id, a.id, b.id, r.point_cents, r.announced_text, r.record_rev"

// transfer reads a plain transfer back from its relationship, with the revision
// in which it got its content.
func transfer(v []any) (*graph.Flow, int64, error) {
	f := &graph.Flow{Kind: graph.Transfer, Moves: graph.MovesCash, InitialStatus: graph.Closed, Status: graph.Closed}
	f.ID, _ = v[0].(string)
	f.From, _ = v[1].(string)
	f.To, _ = v[2].(string)
	if cents, ok := v[3].(int64); ok {
		f.Amount = graph.USD(cents)
	}
	if text, ok := v[4].(string); ok {
		var err error
		if f.Announced, err = graph.ParseDate(text); err != nil {
			return nil, 0, fmt.Errorf("the relationship of leg %s: %w", f.ID, err)
		}
	}
	rev, ok := v[5].(int64)
	if !ok {
		return nil, 0, fmt.Errorf("the relationship of leg %s is not a record", f.ID)
	}
	return f, rev, nil
}

func date(d graph.Day) neo4j.Date { return neo4j.DateOf(d.Time()) }

func canonical(r graph.Record) string { return string(graph.AppendCanonical(nil, r)) }
