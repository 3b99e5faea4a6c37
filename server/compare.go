package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/queries"
	"roundtrip/queries/render"
)

const analysisKey = "analysis"

func (s *Server) addCompare() {
	formats := map[string]*huma.MediaType{}
	for _, f := range render.Formats() {
		schema := &huma.Schema{Type: huma.TypeString}
		if f.Name == "json" {
			side := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
			schema = record(map[string]*huma.Schema{"base": side, "scenario": side, "delta": side})
		}
		formats[mediaType(f.ContentType)] = &huma.MediaType{Schema: schema}
	}
	op := huma.Operation{
		Path: apiBase + "/compare", Tags: []string{tagScenarios}, Summary: "Compare an analysis with and without a scenario",
		Description: "Answers the analysis for the graph as it is (base) and under the scenario, and joins the rows by their key columns (delta): " +
			"every column before and after, the difference of numbers, and the figures of the summary that differ. Rows that are the same on both sides are counted, not listed.",
		Responses: map[string]*huma.Response{"200": {Description: "Both answers and what differs.", Content: formats}},
	}
	format := queryParam(formatKey, "The form of the answer; takes precedence over Accept.", &huma.Schema{Type: huma.TypeString, Enum: anys(formatNames())})
	name := &huma.Schema{Type: huma.TypeString, Enum: anys(s.o.Runner.Catalogue().Names())}

	get := op
	get.Method, get.OperationID = http.MethodGet, "compare"
	get.Parameters = append([]*huma.Param{{Name: analysisKey, In: "query", Required: true, Description: "Name of the analysis; its own parameters are keys of the query too.", Schema: name}}, requestParams()...)
	get.Parameters = append(get.Parameters, format)
	for _, p := range queries.LensParams() {
		p.Default = ""
		get.Parameters = append(get.Parameters, argument(p))
	}
	s.add(route{op: get, heavy: true, ownQuery: true, handle: s.compareByQuery})

	post := op
	post.Method, post.OperationID, post.Parameters = http.MethodPost, "post_compare", []*huma.Param{format}
	properties := map[string]*huma.Schema{
		analysisKey: name,
		lensKey:     s.docs.named("LensArguments", argumentsSchema(queries.LensParams())),
		paramsKey:   {Type: huma.TypeObject, AdditionalProperties: true, Description: "The parameters of the analysis."},
	}
	for _, p := range queries.RequestParams() {
		properties[p.Name] = argumentSchema(p)
	}
	properties[scenarioKey] = s.docs.scenarioOrName()
	post.RequestBody = &huma.RequestBody{Required: true, Content: content(jsonType, &huma.Schema{Type: huma.TypeObject, AdditionalProperties: false, Properties: properties, Required: []string{analysisKey, scenarioKey}})}
	s.add(route{op: post, heavy: true, body: s.o.Limits.Body, handle: s.compareByBody})
}

// scenarioOrName is a scenario in a request: its name, or all of it.
func (d *document) scenarioOrName() *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{{Type: huma.TypeString}, d.scenarioSchema()}, Description: "The name of a scenario, or a scenario that is not saved."}
}

func (s *Server) compareByQuery(ctx context.Context, c *call) (reply, error) {
	flat := queries.Args{}
	for key, value := range c.query {
		if key != formatKey && key != analysisKey {
			flat[key] = value
		}
	}
	place := func(string) string { return "query." }
	a, err := s.analysisNamed("query.", c.query[analysisKey])
	if err != nil {
		return reply{}, err
	}
	req, err := a.Read(flat, s.scenarioNamed(ctx))
	if err != nil {
		return reply{}, placed(err, place)
	}
	return s.compare(ctx, c, req, place)
}

func (s *Server) compareByBody(ctx context.Context, c *call) (reply, error) {
	body, err := readJSON(c)
	if err != nil {
		return reply{}, err
	}
	name := ""
	i := slices.IndexFunc(body.members, func(m member) bool { return m.name == analysisKey })
	if i >= 0 {
		if json.Unmarshal(body.members[i].value, &name) != nil {
			return reply{}, arguments(Entry{Location: "body.analysis", Value: shown(body.members[i].value), Message: "want the name of an analysis"})
		}
		body.members = slices.Delete(body.members, i, i+1)
	}
	a, err := s.analysisNamed("body.", name)
	if err != nil {
		return reply{}, err
	}
	req, place, err := s.readRequest(ctx, body, a.Name)
	if err != nil {
		return reply{}, err
	}
	return s.compare(ctx, c, req, place)
}

// analysisNamed is the analysis that a comparison names.
func (s *Server) analysisNamed(place, name string) (*queries.Analysis, error) {
	if name == "" {
		return nil, arguments(Entry{Location: place + analysisKey, Message: "is missing; want the name of an analysis"})
	}
	a, err := s.o.Runner.Catalogue().Find(name)
	if err != nil {
		return nil, arguments(Entry{Location: place + analysisKey, Value: shown([]byte(name)), Message: err.Error()})
	}
	return a, nil
}

func (s *Server) compare(ctx context.Context, c *call, req queries.Request, place func(string) string) (reply, error) {
	format, err := chooseFormat(c)
	if err != nil {
		return reply{}, err
	}
	both, err := s.o.Runner.Compare(ctx, req)
	if err != nil {
		return reply{}, placed(err, place)
	}
	return reply{
		contentType: format.ContentType, revision: &both.Base.Revision, header: http.Header{"Vary": {"Accept"}},
		write: func(w io.Writer) error { return render.WriteComparison(w, format.Name, both) },
	}, nil
}
