package server

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
)

const yamlType = "application/yaml"

// scenarioInfo is a scenario as it is listed.
type scenarioInfo struct {
	Name     string     `json:"name"`
	Title    string     `json:"title"`
	Question string     `json:"question"`
	Note     string     `json:"note" doc:"What is assumed, and the sources it rests on."`
	AsOf     *string    `json:"as_of" doc:"The day that it starts from, where it names one."`
	Origin   string     `json:"origin" enum:"shipped,saved" doc:"shipped with the data set and not to be written, or saved by a user."`
	Version  uint64     `json:"version" doc:"Counts the writes of a saved scenario."`
	At       *time.Time `json:"at" doc:"When a saved one was written."`
}

// scenarioList is the answer of GET /scenarios.
type scenarioList struct {
	Scenarios []scenarioInfo      `json:"scenarios" nullable:"false"`
	Head      []scenario.Key      `json:"head" nullable:"false" doc:"The keys of a scenario."`
	Selector  []scenario.Key      `json:"selector" nullable:"false" doc:"The keys by which a step chooses legs."`
	Steps     []scenario.StepKind `json:"steps" nullable:"false" doc:"The kinds of steps with their keys."`
}

func infoOf(f scenario.Found) scenarioInfo {
	info := scenarioInfo{Name: f.Name, Title: f.Title, Question: f.Question, Note: f.Note, AsOf: textOf(f.AsOf.String()), Origin: f.Origin, Version: f.Version}
	if f.Origin == scenario.Saved {
		at := f.At.UTC()
		info.At = &at
	}
	return info
}

func (s *Server) addScenarios() {
	tags := []string{tagScenarios}
	name := pathParam("name", "Name of the scenario.")
	info := s.docs.schema(scenarioInfo{})
	one := record(map[string]*huma.Schema{"info": info, "scenario": s.docs.scenarioSchema()})
	effect := map[string]*huma.Schema{"info": info, "effect": {Type: huma.TypeObject, AdditionalProperties: true, Description: "The legs that it adds, removes and changes in the graph as it is."}}
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: apiBase + "/scenarios", OperationID: "list_scenarios", Tags: tags, Summary: "List scenarios",
			Description: "Those shipped with the data set first, then those saved. The declaration of the steps is for forms.",
			Responses:   answers("The scenarios.", jsonType, s.docs.schema(scenarioList{})),
		},
		handle: s.listScenarios,
	})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: apiBase + "/scenarios/{name}", OperationID: "get_scenario", Tags: tags, Summary: "Get a scenario",
			Description: "As JSON, or with Accept: application/yaml the file as it was written.", Parameters: []*huma.Param{name, ifNoneMatch()},
			Responses: map[string]*huma.Response{"200": {Description: "The scenario.", Content: map[string]*huma.MediaType{jsonType: {Schema: one}, yamlType: {Schema: &huma.Schema{Type: huma.TypeString}}}}},
		},
		handle: s.getScenario,
	})
	dry := queryParam("dry_run", "Only check it against the graph as it is, and tell what it would change.", &huma.Schema{Type: huma.TypeBoolean})
	saved := answers("The scenario as saved and what it changes.", jsonType, record(effect))
	saved["201"] = &huma.Response{Description: "The scenario is new.", Content: saved["200"].Content}
	s.add(route{
		op: huma.Operation{
			Method: http.MethodPut, Path: apiBase + "/scenarios/{name}", OperationID: "put_scenario", Tags: tags, Summary: "Save a scenario",
			Description: "The body is checked, tried on the graph as it is by the rules of an import, and kept byte for byte. The graph does not change.",
			Parameters:  []*huma.Param{name, dry, ifMatch(), ifNew()},
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{jsonType: {Schema: s.docs.scenarioSchema()}, yamlType: {Schema: &huma.Schema{Type: huma.TypeString}}}},
			Responses:   saved,
		},
		body: s.o.Limits.Body, heavy: true, handle: s.putScenario,
	})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodDelete, Path: apiBase + "/scenarios/{name}", OperationID: "delete_scenario", Tags: tags, Summary: "Delete a saved scenario",
			Parameters: []*huma.Param{name, ifMatch()}, Responses: answers("The scenario that is gone.", jsonType, info),
		},
		handle: s.deleteScenario,
	})
}

func (s *Server) listScenarios(ctx context.Context, _ *call) (reply, error) {
	list, err := s.o.Scenarios.List(ctx)
	if err != nil {
		return reply{}, err
	}
	all := scenarioList{Scenarios: []scenarioInfo{}, Head: scenario.Head(), Selector: scenario.SelectorKeys(), Steps: scenario.Steps()}
	for _, f := range list {
		all.Scenarios = append(all.Scenarios, infoOf(f))
	}
	return jsonReply(all)
}

func (s *Server) getScenario(ctx context.Context, c *call) (reply, error) {
	f, err := s.o.Scenarios.Get(ctx, c.path("name"))
	if err != nil {
		return reply{}, err
	}
	header := http.Header{"Vary": {"Accept"}}
	if strings.Contains(c.r.Header.Get("Accept"), yamlType) {
		return reply{contentType: yamlType, body: f.Text, etag: fileTag(f.Version, f.Text), header: header}, nil
	}
	info, err := jsonReply(infoOf(f))
	b := append([]byte(`{"info":`), bytes.TrimSpace(info.body)...)
	b = append(append(append(b, `,"scenario":`...), f.Canonical()...), "}\n"...)
	return reply{contentType: jsonType, body: b, etag: infoTag(f.Version, f.Text), header: header}, err
}

func (s *Server) putScenario(ctx context.Context, c *call) (reply, error) {
	text, dry, err := c.file(jsonType, yamlType)
	if err != nil {
		return reply{}, err
	}
	x, err := scenario.Parse("", text)
	if err != nil {
		return reply{}, fileFault("body", err)
	}
	if err := c.named(x.Name); err != nil {
		return reply{}, err
	}
	snap, err := s.o.Runner.Snapshot(ctx)
	if err != nil {
		return reply{}, err
	}
	_, effect, err := x.Apply(ctx, snap)
	if err != nil {
		return reply{}, fileFault("body", err)
	}
	f := scenario.Found{Scenario: x, Origin: scenario.Saved, Text: text}
	if !dry {
		base, err := s.scenarioBase(ctx, c, x.Name)
		if err != nil {
			return reply{}, err
		}
		if f, err = s.o.Scenarios.Save(ctx, "", text, base, s.o.Now().UTC()); err != nil {
			return reply{}, fileFault("body", err)
		}
	}
	a, err := jsonReply(struct {
		Info   scenarioInfo     `json:"info"`
		Effect *scenario.Effect `json:"effect"`
	}{infoOf(f), effect})
	if !dry {
		a = a.written(f.Version, fileTag(f.Version, f.Text))
	}
	return a, err
}

func (s *Server) scenarioBase(ctx context.Context, c *call, name string) (*uint64, error) {
	return basedOn(c, "scenario", name, func() (uint64, []byte, error) {
		f, err := s.o.Scenarios.Get(ctx, name)
		return f.Version, f.Text, err
	})
}

func (s *Server) deleteScenario(ctx context.Context, c *call) (reply, error) {
	base, err := s.scenarioBase(ctx, c, c.path("name"))
	if err != nil {
		return reply{}, err
	}
	f, err := s.o.Scenarios.Delete(ctx, c.path("name"), base)
	if err != nil {
		return reply{}, err
	}
	return jsonReply(infoOf(f))
}

// scenarioNamed finds the scenarios that requests name.
func (s *Server) scenarioNamed(ctx context.Context) func(string) (*scenario.Scenario, error) {
	return func(name string) (*scenario.Scenario, error) {
		f, err := s.o.Scenarios.Get(ctx, name)
		if errors.Is(err, graph.ErrNotFound) {
			return nil, arguments(Entry{Location: "query." + scenarioKey, Value: shown([]byte(name)), Message: err.Error()})
		}
		return f.Scenario, err
	}
}

// scenarioSchema is a scenario as a request holds it, from its declaration.
func (d *document) scenarioSchema() *huma.Schema {
	if _, ok := d.registry.Map()["Scenario"]; ok {
		return &huma.Schema{Ref: "#/components/schemas/Scenario"}
	}
	s := keysSchema(scenario.Head())
	steps := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false, Description: "One of the kinds of steps."}
	for _, k := range scenario.Steps() {
		body := keysSchema(k.Keys)
		body.Description = k.Doc
		steps.Properties[k.Name] = body
	}
	s.Properties["steps"].Items = steps
	return d.named("Scenario", s)
}

func keysSchema(keys []scenario.Key) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false}
	for _, k := range keys {
		x := keySchema(k)
		s.Properties[k.Name] = x
		if k.Alias != "" {
			s.Properties[k.Alias] = x
		}
		if k.Required && k.Alias == "" && len(k.For) == 0 {
			s.Required = append(s.Required, k.Name)
		}
	}
	return s
}

func keySchema(k scenario.Key) *huma.Schema {
	s := &huma.Schema{Description: k.Doc}
	item := func() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Enum: anys(k.Allowed)} }
	switch k.Type {
	case "steps", "records":
		s.Type, s.Items = huma.TypeArray, keysSchema(k.Keys)
	case "list":
		s.Type, s.Items = huma.TypeArray, item()
	case "integer":
		s.Type = huma.TypeInteger
	case "number", "flag", "money": // read from texts as well: yes, 0.5, 10bn
	default:
		s.Type, s.Enum = huma.TypeString, anys(k.Allowed)
	}
	return s
}
