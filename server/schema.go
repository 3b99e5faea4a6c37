package server

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/queries"
	"roundtrip/queries/render"
)

// analysis declares the two operations of an analysis: its own path, its own
// query keys, the columns of its own rows.
func (d *document) analysis(a *queries.Analysis) (get, post huma.Operation) {
	common := huma.Operation{
		Path: apiBase + "/analyses/" + a.Name, Tags: []string{tagAnalyses}, Summary: a.Title,
		Description: a.Question + "\n\n" + a.Method + "\n\nOrder of the rows: " + a.Order,
		Responses:   tagged(map[string]*huma.Response{"200": {Description: "The answer.", Content: d.resultContent(a)}}),
	}
	name := typeName(a.Name)
	format := queryParam(formatKey, "The form of the answer; takes precedence over Accept.", &huma.Schema{Type: huma.TypeString, Enum: anys(formatNames())})

	get = common
	get.Method, get.OperationID = http.MethodGet, "ask_"+strings.ReplaceAll(a.Name, "-", "_")
	for _, p := range queries.LensParams() {
		p.Default = "" // differs between analyses; the catalogue tells
		get.Parameters = append(get.Parameters, argument(p))
	}
	for _, p := range a.Params {
		get.Parameters = append(get.Parameters, argument(p))
	}
	get.Parameters = append(append(get.Parameters, requestParams()...), format, ifNoneMatch())

	post = common
	post.Method, post.OperationID = http.MethodPost, "post_"+strings.ReplaceAll(a.Name, "-", "_")
	post.Parameters = []*huma.Param{format}
	post.Responses = map[string]*huma.Response{"200": common.Responses["200"]}
	properties := map[string]*huma.Schema{
		lensKey:   d.named("LensArguments", argumentsSchema(queries.LensParams())),
		paramsKey: d.named(name+"Arguments", argumentsSchema(a.Params)),
	}
	for _, p := range queries.RequestParams() {
		properties[p.Name] = argumentSchema(p)
	}
	properties[scenarioKey] = d.scenarioOrName()
	post.RequestBody = &huma.RequestBody{
		Description: "The request; everything may be left out.",
		Content:     content(jsonType, &huma.Schema{Type: huma.TypeObject, AdditionalProperties: false, Properties: properties}),
	}
	return get, post
}

// typeName is the name of an analysis as a name of types: vendor-financing is
// VendorFinancing.
func typeName(analysis string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(analysis, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

func argumentsSchema(params []queries.Param) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: false, Properties: map[string]*huma.Schema{}}
	for _, p := range params {
		p.Default = ""
		s.Properties[p.Name] = argumentSchema(p)
	}
	return s
}

func (d *document) resultContent(a *queries.Analysis) map[string]*huma.MediaType {
	all := map[string]*huma.MediaType{}
	for _, f := range render.Formats() {
		s := &huma.Schema{Type: huma.TypeString}
		if f.Name == "json" {
			s = d.result(a)
		}
		all[mediaType(f.ContentType)] = &huma.MediaType{Schema: s}
	}
	return all
}

// result is the schema of the result contract for one analysis.
func (d *document) result(a *queries.Analysis) *huma.Schema {
	name := typeName(a.Name)
	row := fields(a.Columns)
	row.Properties["evidence"] = texts("The legs that the row rests on, by date, then id.")
	summary := fields(a.Summary)
	met := map[string]string{
		"n_unknown": "Edges (payer, payee, class) of which no amount is known.",
		"n_partial": "Edges of which some amounts are unknown.",
		"n_legs":    "Legs that passed the lens.",
	}
	for _, key := range sortedKeys(met) {
		summary.Properties[key] = &huma.Schema{Type: huma.TypeInteger, Description: met[key]}
		summary.Required = append(summary.Required, key)
	}
	summary.AdditionalProperties = true
	result := record(map[string]*huma.Schema{
		"analysis":   {Type: huma.TypeString, Enum: []any{a.Name}},
		"title":      {Type: huma.TypeString},
		"question":   {Type: huma.TypeString},
		"finding":    {Type: huma.TypeString, Description: "One plain sentence made from the rows."},
		"engine":     {Type: huma.TypeString, Enum: []any{string(queries.Native), string(queries.Cypher)}},
		"lens":       d.named("Lens", usedArguments(queries.LensParams(), "The lens as it was used.")),
		"params":     d.named(name+"Params", usedArguments(a.Params, "The parameters as they were used.")),
		"columns":    {Type: huma.TypeArray, Items: d.schema(queries.Column{})},
		"rows":       {Type: huma.TypeArray, Items: d.named(name+"Row", row)},
		"summary":    d.named(name+"Summary", summary),
		"truncated":  d.schema(queries.Truncation{}),
		"warnings":   {Type: huma.TypeArray, Items: d.schema(queries.Warning{})},
		"evidence":   d.schema(evidence{}),
		"cypher":     d.statement(),
		"graph":      d.schema(graphName{}),
		"elapsed_ms": {Type: huma.TypeNumber},
		"method":     {Type: huma.TypeString},
	})
	result.Properties["scenario"] = &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "The scenario that the answer stands under, and the legs that it changed; only with a scenario."}
	result.Properties["uncertainty"] = &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "How the numbers of the summary spread over random draws: mean and percentiles, money in cents and in dollars; only with draws."}
	return d.named(name+"Result", result)
}

// evidence and graphName describe members that render writes.
type evidence struct {
	FlowIDs   []string `json:"flow_ids" nullable:"false"`
	SourceIDs []string `json:"source_ids" nullable:"false"`
}

// graphName says which graph an answer was made from.
type graphName struct {
	Revision uint64 `json:"revision"`
	Hash     string `json:"hash" doc:"Content hash: the same for the same data in any store."`
}

func (d *document) statement() *huma.Schema {
	s := d.named("Statement", record(map[string]*huma.Schema{
		"text":        {Type: huma.TypeString, Description: "The statement that the Cypher engine runs; with params it runs as it stands."},
		"params":      {Type: huma.TypeObject, AdditionalProperties: true},
		"literal":     {Type: huma.TypeString, Description: "The same without parameters, with the columns that people look at; for Neo4j Browser."},
		"draw":        {Type: huma.TypeString, Description: "A statement without parameters that returns the legs of the rows as paths, to draw."},
		"browser_url": {Type: huma.TypeString, Nullable: true, Description: "Opens literal in Neo4j Browser; null where the store is not Neo4j or no address of its Browser is configured."},
		"draw_url":    {Type: huma.TypeString, Nullable: true, Description: "Opens draw in Neo4j Browser; null under the same condition."},
	}))
	return &huma.Schema{AnyOf: []*huma.Schema{s, {Type: "null"}}}
}

// record is an object that has all of those members.
func record(properties map[string]*huma.Schema) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Properties: properties, Required: sortedKeys(properties)}
}

func texts(doc string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Description: doc, Items: &huma.Schema{Type: huma.TypeString}}
}

// fields is an object with a member for each column, money with two.
func fields(columns []queries.Column) *huma.Schema {
	properties := map[string]*huma.Schema{}
	for _, c := range columns {
		s := columnSchema(c)
		properties[c.Name] = s
		plain, cents := strings.CutSuffix(c.Name, "_cents")
		if !cents {
			continue
		}
		dollars := &huma.Schema{Type: huma.TypeString, Nullable: true, Description: c.Description + " In dollars."}
		switch c.Type {
		case "money":
			properties[plain] = dollars
		case "money_list":
			properties[plain] = &huma.Schema{Type: huma.TypeArray, Items: dollars}
		}
	}
	return record(properties)
}

func columnSchema(c queries.Column) *huma.Schema {
	s := &huma.Schema{Description: c.Description}
	if c.Unit != "" {
		s.Extensions = map[string]any{"x-unit": c.Unit}
	}
	_, cents := strings.CutSuffix(c.Name, "_cents")
	money := &huma.Schema{Type: huma.TypeInteger, Format: "int64", Nullable: true}
	if !cents {
		money = &huma.Schema{Type: huma.TypeString, Nullable: true}
	}
	switch c.Type {
	case "text", "company", "chip", "key", "leg":
		s.Type, s.Nullable = huma.TypeString, c.Nullable
	case "money":
		s.Type, s.Format, s.Nullable = money.Type, money.Format, true
	case "money_list":
		s.Type, s.Items = huma.TypeArray, &huma.Schema{Type: huma.TypeInteger, Format: "int64", Nullable: true}
	case "ratio", "number":
		s.Type, s.Nullable = huma.TypeNumber, true
	case "count":
		s.Type, s.Nullable = huma.TypeInteger, c.Nullable
	case "flag":
		s.Type, s.Nullable = huma.TypeBoolean, c.Nullable
	case "date":
		s.Type, s.Nullable = huma.TypeString, true
	case "list", "ring", "path", "legs":
		s.Type, s.Items = huma.TypeArray, &huma.Schema{Type: huma.TypeString}
	case "count_list":
		s.Type, s.Items = huma.TypeArray, &huma.Schema{Type: huma.TypeInteger}
	case "leg_lists":
		s.Type, s.Items = huma.TypeArray, &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}}
	}
	if s.Type == "" && c.Nullable { // an object is left open
		s.AnyOf = []*huma.Schema{{Type: huma.TypeObject}, {Type: huma.TypeArray}, {Type: "null"}}
	}
	return s
}

// usedArguments is the schema of decoded arguments as an answer shows them.
func usedArguments(params []queries.Param, doc string) *huma.Schema {
	properties := map[string]*huma.Schema{}
	for _, p := range params {
		s := &huma.Schema{Description: p.Doc}
		switch p.Type {
		case "integer":
			s.Type = huma.TypeInteger
		case "number":
			s.Type, s.Nullable = huma.TypeNumber, true
		case "flag":
			s.Type = huma.TypeBoolean
		case "list":
			s.Type, s.Items = huma.TypeArray, &huma.Schema{Type: huma.TypeString}
		case "money", "date":
			s.Type, s.Nullable = huma.TypeString, true
		default:
			s.Type = huma.TypeString
		}
		properties[p.Name] = s
	}
	s := record(properties)
	s.Description = doc
	return s
}

func anys(names []string) []any {
	list := make([]any, len(names))
	for i, n := range names {
		list[i] = n
	}
	return list
}
