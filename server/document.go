package server

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/queries"
)

// The groups of operations in the OpenAPI document.
const (
	tagAnalyses   = "analyses"
	tagScenarios  = "scenarios"
	tagSaved      = "saved queries"
	tagGraph      = "graph"
	tagRecords    = "records"
	tagImports    = "imports and exports"
	tagReports    = "reports"
	tagOperations = "operations"
)

// document builds the OpenAPI document while routes are added.
type document struct {
	api      *huma.OpenAPI
	registry huma.Registry
}

func newDocument(version string) *document {
	registry := huma.NewMapRegistry("#/components/schemas/", schemaName)
	return &document{
		registry: registry,
		api: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "roundtrip", Version: version,
				Description: "Structural round trips in the financing of AI companies: which loops return value to where it left, " +
					"what funds the promises, who depends on whom. Money is integer US cents under *_cents with the same amount in dollars " +
					"as a text beside it; what is unknown is null, never zero. Every error is a problem document (RFC 9457).",
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Components: &huma.Components{Schemas: registry},
			Tags: []*huma.Tag{
				{Name: tagAnalyses, Description: "Questions about the graph under a lens."},
				{Name: tagScenarios, Description: "What-ifs: changes to legs for one answer, never written to the graph."},
				{Name: tagSaved, Description: "Questions under names: requests for analyses, and statements in Cypher."},
				{Name: tagGraph, Description: "The graph under a lens, for drawing."},
				{Name: tagRecords, Description: "Records as they are stored: list, get, write, delete."},
				{Name: tagImports, Description: "Files in, batches, undo, files out."},
				{Name: tagReports, Description: "Schedules, their runs, and the reports that these deliver."},
				{Name: tagOperations, Description: "For those who run the server."},
			},
		},
	}
}

// schemaName names the schema of a type; what an import reports has words that
// answers have as well.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	if strings.HasSuffix(t.PkgPath(), "/ingest") {
		return "Import" + name
	}
	return name
}

// config is huma's: its document, none of its routes.
func (d *document) config() huma.Config { return huma.Config{OpenAPI: d.api} }

// schema is a reference to the schema of v's type, made from its tags.
func (d *document) schema(v any) *huma.Schema {
	return d.registry.Schema(reflect.TypeOf(v), true, "")
}

// named puts a schema under a name among the components and refers to it.
func (d *document) named(name string, s *huma.Schema) *huma.Schema {
	d.registry.Map()[name] = s
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}

func (d *document) problem() *huma.Response {
	return &huma.Response{
		Description: "A problem document (RFC 9457).",
		Headers: map[string]*huma.Param{
			requestIDHeader: {Description: "The id of the request, as in the log.", Schema: &huma.Schema{Type: huma.TypeString}},
		},
		Content: map[string]*huma.MediaType{problemJSON: {Schema: d.schema(Problem{})}},
	}
}

// answers is the responses of an operation with one good answer.
func answers(description, contentType string, s *huma.Schema) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Description: description, Content: content(contentType, s)}}
}

func content(contentType string, s *huma.Schema) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{contentType: {Schema: s}}
}

// tagged adds to good answers what answers from one revision of the graph have.
func tagged(responses map[string]*huma.Response) map[string]*huma.Response {
	text := &huma.Schema{Type: huma.TypeString}
	responses["200"].Headers = map[string]*huma.Param{
		"ETag":               {Description: "Names this answer; send it back in If-None-Match.", Schema: text},
		"Roundtrip-Revision": {Description: "Revision of the graph that was answered from.", Schema: &huma.Schema{Type: huma.TypeInteger}},
	}
	responses["304"] = &huma.Response{Description: "The answer is still the one that If-None-Match names."}
	return responses
}

func ifNoneMatch() *huma.Param {
	return &huma.Param{Name: "If-None-Match", In: "header", Description: "ETags of earlier answers; 304 when one still holds.", Schema: &huma.Schema{Type: huma.TypeString}}
}

func pathParam(name, description string) *huma.Param {
	return &huma.Param{Name: name, In: "path", Required: true, Description: description, Schema: &huma.Schema{Type: huma.TypeString, MinLength: ptr(1)}}
}

func queryParam(name, description string, s *huma.Schema) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: description, Schema: s}
}

// argument is a declared argument as a query parameter: a list is one text with
// commas.
func argument(p queries.Param) *huma.Param {
	q := queryParam(p.Name, p.Doc, argumentSchema(p))
	q.Required = p.Required
	if p.Type == "list" {
		q.Style, q.Explode = "form", ptr(false)
	}
	return q
}

// argumentSchema is the form in which an argument is given.
func argumentSchema(p queries.Param) *huma.Schema {
	s := &huma.Schema{Description: p.Doc}
	switch p.Type {
	case "integer":
		s.Type = huma.TypeInteger
		s.Minimum, s.Maximum = limit(p.Minimum), limit(p.Maximum)
	case "number":
		s.Type = huma.TypeNumber
		s.Minimum, s.Maximum = limit(p.Minimum), limit(p.Maximum)
	case "flag":
		s.Type = huma.TypeBoolean
	case "list":
		s.Type = huma.TypeArray
		s.Items = &huma.Schema{Type: huma.TypeString}
		if p.Refs == "kind" {
			s.Items.Enum = kindNames()
		}
	default: // text, money, date, duration
		s.Type = huma.TypeString
		s.Examples = example(p)
	}
	for _, e := range p.Enum {
		s.Enum = append(s.Enum, e)
	}
	if p.Default != "" {
		s.Default = defaultValue(s.Type, p.Default)
	}
	return s
}

func example(p queries.Param) []any {
	switch p.Type {
	case "money":
		return []any{"10bn"}
	case "date":
		return []any{"2025-12-16"}
	case "duration":
		return []any{"10s"}
	}
	return nil
}

func defaultValue(schemaType, text string) any {
	switch schemaType {
	case huma.TypeInteger:
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	case huma.TypeNumber:
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			return x
		}
	case huma.TypeBoolean:
		return text == "true"
	case huma.TypeArray:
		return strings.Split(text, ",")
	}
	return text
}

func limit(text string) *float64 {
	if text == "" {
		return nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	return &x
}

func kindNames() []any {
	kinds := graph.FlowKinds()
	names := make([]any, len(kinds))
	for i, k := range kinds {
		names[i] = string(k.Kind)
	}
	return names
}

func ptr[T any](v T) *T { return &v }
