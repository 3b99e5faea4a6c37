package neo4jstore

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/dbtype"
)

// The values of an ad-hoc answer are nil, bool, int64, float64, string, []any,
// map[string]any and those below. As JSON these are objects whose type says
// what they are; as text they are what a table shows.

// Node is a node of the graph.
type Node struct {
	Type       string         `json:"type"` // node
	ID         *string        `json:"id"`   // the property id, nil where it has none
	ElementID  string         `json:"element_id"`
	Labels     []string       `json:"labels"`
	Properties map[string]any `json:"properties"`
}

// String is the node in the way of Cypher: (:Company openai).
func (n Node) String() string {
	text := "(:" + strings.Join(n.Labels, ":")
	if n.ID != nil {
		text += " " + *n.ID
	}
	return text + ")"
}

// Relationship is a relationship of the graph. Start and End are the ids of its
// nodes, nil where the answer does not hold these.
type Relationship struct {
	Type             string         `json:"type"` // relationship
	ID               *string        `json:"id"`   // the property id, nil where it has none
	ElementID        string         `json:"element_id"`
	RelationshipType string         `json:"relationship_type"`
	Start            *string        `json:"start"`
	End              *string        `json:"end"`
	StartElementID   string         `json:"start_element_id"`
	EndElementID     string         `json:"end_element_id"`
	Properties       map[string]any `json:"properties"`
}

// String is the relationship in the way of Cypher: [:PAYS f_oai_aws38].
func (r Relationship) String() string {
	text := "[:" + r.RelationshipType
	if r.ID != nil {
		text += " " + *r.ID
	}
	return text + "]"
}

// Path is nodes and the relationships between them, in order.
type Path struct {
	Type          string         `json:"type"` // path
	Nodes         []Node         `json:"nodes"`
	Relationships []Relationship `json:"relationships"`
}

// String is the path in the way of Cypher.
func (p Path) String() string {
	if len(p.Nodes) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(p.Nodes[0].String())
	for i, r := range p.Relationships {
		before, after := "-", "->"
		if i < len(p.Nodes) && r.StartElementID != p.Nodes[i].ElementID {
			before, after = "<-", "-"
		}
		b.WriteString(before + r.String() + after)
		if i+1 < len(p.Nodes) {
			b.WriteString(p.Nodes[i+1].String())
		}
	}
	return b.String()
}

// Scalar is a date, time, duration, byte array or float that JSON has no form
// for: Type is date, time, localtime, datetime, localdatetime, duration, bytes
// (base64) or float (NaN, Infinity, -Infinity).
type Scalar struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// String is the value.
func (s Scalar) String() string { return s.Value }

// Plain is the value: nothing is lost where only texts can be written.
func (s Scalar) Plain() string { return s.Value }

// Point is a point in a coordinate system.
type Point struct {
	Type string   `json:"type"` // point
	SRID uint32   `json:"srid"`
	X    float64  `json:"x"`
	Y    float64  `json:"y"`
	Z    *float64 `json:"z,omitempty"`
}

// String is the point in the way of Cypher.
func (p Point) String() string {
	text := "point({srid: " + strconv.FormatUint(uint64(p.SRID), 10) + ", x: " + floatText(p.X) + ", y: " + floatText(p.Y)
	if p.Z != nil {
		text += ", z: " + floatText(*p.Z)
	}
	return text + "})"
}

func floatText(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// typedValue turns a value of the driver into one of an answer. The program's
// own nodes are a refusal, should they come that far.
func typedValue(v any) (any, error) {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Scalar{"float", strings.TrimPrefix(strings.Replace(floatText(v), "Inf", "Infinity", 1), "+")}, nil
		}
		return v, nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = typedValue(v[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		return typedMap(v)
	case []byte:
		return Scalar{"bytes", base64.StdEncoding.EncodeToString(v)}, nil
	case dbtype.Node:
		return nodeOf(v)
	case dbtype.Relationship:
		return relationshipOf(v, nil)
	case dbtype.Path:
		return pathOf(v)
	case neo4j.Date:
		return Scalar{"date", v.Time().Format(time.DateOnly)}, nil
	case neo4j.LocalDateTime:
		return Scalar{"localdatetime", v.Time().Format("2006-01-02T15:04:05.999999999")}, nil
	case neo4j.LocalTime:
		return Scalar{"localtime", v.Time().Format("15:04:05.999999999")}, nil
	case neo4j.OffsetTime:
		return Scalar{"time", v.Time().Format("15:04:05.999999999Z07:00")}, nil
	case time.Time:
		text := v.Format(time.RFC3339Nano)
		if zone := v.Location().String(); strings.Contains(zone, "/") {
			text += "[" + zone + "]"
		}
		return Scalar{"datetime", text}, nil
	case dbtype.Duration:
		return Scalar{"duration", durationText(v)}, nil
	case dbtype.Point2D:
		return Point{"point", v.SpatialRefId, v.X, v.Y, nil}, nil
	case dbtype.Point3D:
		return Point{"point", v.SpatialRefId, v.X, v.Y, &v.Z}, nil
	case nil, bool, int64, string:
		return v, nil
	}
	return nil, fmt.Errorf("a value of the type %T has no form in an answer", v)
}

// durationText is a duration without the zeros that the driver writes.
func durationText(d dbtype.Duration) string {
	text := d.String()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(strings.TrimSuffix(text, "S"), "0"), ".") + "S"
	}
	return text
}

func typedMap(m map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(m))
	for k, v := range m {
		var err error
		if out[k], err = typedValue(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func idOf(props map[string]any) *string {
	if id, ok := props["id"].(string); ok {
		return &id
	}
	return nil
}

func nodeOf(n dbtype.Node) (Node, error) {
	for _, l := range n.Labels {
		if ownLabel(l) {
			return Node{}, refusal("own", "the statement finds the program's own records (%s), which statements do not see", l)
		}
	}
	props, err := typedMap(n.Props)
	labels := n.Labels
	if labels == nil {
		labels = []string{}
	}
	return Node{"node", idOf(n.Props), n.ElementId, labels, props}, err
}

func relationshipOf(r dbtype.Relationship, ids map[string]*string) (Relationship, error) {
	props, err := typedMap(r.Props)
	return Relationship{
		"relationship", idOf(r.Props), r.ElementId, r.Type, ids[r.StartElementId], ids[r.EndElementId], r.StartElementId, r.EndElementId, props,
	}, err
}

func pathOf(p dbtype.Path) (Path, error) {
	out := Path{"path", make([]Node, len(p.Nodes)), make([]Relationship, len(p.Relationships))}
	ids := map[string]*string{}
	for i, n := range p.Nodes {
		node, err := nodeOf(n)
		if err != nil {
			return out, err
		}
		out.Nodes[i], ids[n.ElementId] = node, node.ID
	}
	for i, r := range p.Relationships {
		rel, err := relationshipOf(r, ids)
		if err != nil {
			return out, err
		}
		out.Relationships[i] = rel
	}
	return out, nil
}

// nameEnds gives the relationships of a row the ids of their ends, where the
// row holds these nodes.
func nameEnds(row []any) {
	ids := map[string]*string{}
	for _, v := range row {
		if n, ok := v.(Node); ok {
			ids[n.ElementID] = n.ID
		}
	}
	for i, v := range row {
		if r, ok := v.(Relationship); ok {
			r.Start, r.End = ids[r.StartElementID], ids[r.EndElementID]
			row[i] = r
		}
	}
}

// deepest is how far lists, maps and brackets may be nested in parameters and
// statements; Neo4j closes the connection or takes very long where they go on.
const deepest = 200

// paramValue turns a parameter into a value of the driver. Besides plain values
// of JSON it takes {"type": "date", "value": "2025-12-16"}, and likewise time,
// localtime, datetime, localdatetime, and for points the form of answers.
func paramValue(at string, v any) (any, error) {
	if strings.Count(at, "[")+strings.Count(at, ".") > deepest {
		return nil, refusal("parameter", "a parameter is nested more than %d deep", deepest)
	}
	switch v := v.(type) {
	case nil, bool, int64, float64, string:
		return v, nil
	case int:
		return int64(v), nil
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		x, err := v.Float64()
		if err != nil || !strings.ContainsAny(v.String(), ".eE") {
			return nil, refusal("parameter", "the parameter %s is %s; want a whole number of 64 bits or a float", at, v)
		}
		return x, nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = paramValue(fmt.Sprintf("%s[%d]", at, i), v[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		if typed, err := typedParam(at, v); typed != nil || err != nil {
			return typed, err
		}
		out := make(map[string]any, len(v))
		for k, x := range v {
			var err error
			if out[k], err = paramValue(at+"."+k, x); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, refusal("parameter", "the parameter %s is of a type that JSON does not have", at)
}

// typedParam is nil where the map is just a map.
func typedParam(at string, m map[string]any) (any, error) {
	kind, _ := m["type"].(string)
	text, isText := m["value"].(string)
	if kind == "point" {
		return pointParam(at, m)
	}
	if !isText || len(m) != 2 {
		return nil, nil
	}
	parse := func(layout string, made func(time.Time) any) (any, error) {
		t, err := time.Parse(layout, text)
		if err != nil {
			return nil, refusal("parameter", "the parameter %s is %q, which is not a %s; want for example %s", at, text, kind, layout)
		}
		return made(t), nil
	}
	wanted := func(value any, ok bool, example string) (any, error) {
		if !ok {
			return nil, refusal("parameter", "the parameter %s is %q, which is not a %s; want for example %s", at, text, kind, example)
		}
		return value, nil
	}
	switch kind {
	case "duration":
		d, ok := period(text)
		return wanted(d, ok, "P1Y2M3DT4H5M6.7S")
	case "float":
		x, ok := map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}[text]
		return wanted(x, ok, "NaN, Infinity or -Infinity")
	case "date":
		return parse(time.DateOnly, func(t time.Time) any { return neo4j.DateOf(t) })
	case "datetime":
		t, ok := moment(text)
		return wanted(t, ok, "2026-01-31T06:00:00Z or 2026-01-31T07:00:00+01:00[Europe/Berlin]")
	case "localdatetime":
		return parse("2006-01-02T15:04:05.999999999", func(t time.Time) any { return neo4j.LocalDateTimeOf(t) })
	case "localtime":
		return parse("15:04:05.999999999", func(t time.Time) any { return neo4j.LocalTimeOf(t) })
	case "time":
		return parse("15:04:05.999999999Z07:00", func(t time.Time) any { return neo4j.OffsetTimeOf(t) })
	}
	return nil, nil
}

func pointParam(at string, m map[string]any) (any, error) {
	var n [4]float64
	for i, name := range []string{"srid", "x", "y", "z"} {
		v, ok := m[name]
		if !ok && name == "z" {
			return dbtype.Point2D{SpatialRefId: uint32(n[0]), X: n[1], Y: n[2]}, nil
		}
		x, err := paramValue(at+"."+name, v)
		if err != nil {
			return nil, err
		}
		switch x := x.(type) {
		case int64:
			n[i] = float64(x)
		case float64:
			n[i] = x
		default:
			return nil, refusal("parameter", "the parameter %s is a point without the number %s", at, name)
		}
	}
	return dbtype.Point3D{SpatialRefId: uint32(n[0]), X: n[1], Y: n[2], Z: n[3]}, nil
}
