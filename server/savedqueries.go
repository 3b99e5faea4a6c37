package server

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/render"
	"roundtrip/queries/saved"
)

var brokenQuery = problemKind{"query-broken", http.StatusUnprocessableEntity, "The saved query cannot be run any more"}

// savedInfo is a saved query as it is listed.
type savedInfo struct {
	Name       string            `json:"name"`
	Title      string            `json:"title"`
	Question   string            `json:"question"`
	Note       string            `json:"note"`
	Tags       []string          `json:"tags" nullable:"false"`
	Kind       string            `json:"kind" enum:"analysis,compare,cypher" doc:"What it asks: an analysis, a comparison with a scenario, or a statement in Cypher."`
	Analysis   *string           `json:"analysis" doc:"Name of the analysis, where it asks one."`
	Parameters []saved.Parameter `json:"parameters" nullable:"false" doc:"Parameters of its statement. A request takes those of the analysis and of the lens."`
	Origin     string            `json:"origin" enum:"built-in,saved" doc:"built-in and not to be written, or saved by a user."`
	Version    uint64            `json:"version" doc:"Counts the writes of a saved query."`
	At         *time.Time        `json:"at" doc:"When a saved one was written."`
	Broken     *string           `json:"broken" doc:"Why a saved one cannot be run any more."`
}

// savedList is the answer of GET /saved-queries.
type savedList struct {
	Queries    []savedInfo    `json:"queries" nullable:"false"`
	Head       []scenario.Key `json:"head" nullable:"false" doc:"The keys of a saved query."`
	Request    []scenario.Key `json:"request" nullable:"false" doc:"The keys of its request."`
	Parameters []scenario.Key `json:"parameters" nullable:"false" doc:"The keys that declare a parameter of its statement."`
}

// savedImport is the answer of POST /saved-queries/import.
type savedImport struct {
	DryRun bool `json:"dry_run"`
	saved.Imported
}

func savedInfoOf(f saved.Found) savedInfo {
	info := savedInfo{
		Name: f.Name, Title: f.Title, Question: f.Question, Note: f.Note, Tags: orEmpty(f.Tags), Kind: f.Kind(),
		Parameters: orEmpty(f.Parameters), Origin: f.Origin, Version: f.Version,
	}
	if f.Request != nil {
		info.Analysis = &f.Request.Analysis
	}
	if f.Origin == saved.Saved {
		at := f.At.UTC()
		info.At = &at
	}
	if f.Broken != nil {
		text := f.Broken.Error()
		info.Broken = &text
	}
	return info
}

func (s *Server) addSavedQueries() {
	const base = apiBase + "/saved-queries"
	tags := []string{tagSaved}
	name := pathParam("name", "Name of the query.")
	info := s.docs.schema(savedInfo{})
	query := s.docs.savedSchema()
	text := &huma.Schema{Type: huma.TypeString}
	dry := queryParam(dryRunKey, "Only check, and keep nothing.", &huma.Schema{Type: huma.TypeBoolean, Default: false})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: base, OperationID: "list_saved_queries", Tags: tags, Summary: "List saved queries",
			Description: "The built-in ones first, then those saved, each by name. The declarations of the keys are for forms.",
			Parameters: []*huma.Param{
				queryParam("tag", "Only queries with this tag.", text), queryParam("q", "Words that all stand in the name, title, question, note or tags.", text),
			},
			Responses: answers("The queries.", jsonType, s.docs.schema(savedList{})),
		},
		handle: s.listSaved,
	})
	one := record(map[string]*huma.Schema{"info": info, "query": query})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: base + "/{name}", OperationID: "get_saved_query", Tags: tags, Summary: "Get a saved query",
			Description: "As JSON, or with Accept: application/yaml the file as it was written.", Parameters: []*huma.Param{name, ifNoneMatch()},
			Responses: map[string]*huma.Response{"200": {Description: "The query.", Content: map[string]*huma.MediaType{jsonType: {Schema: one}, yamlType: {Schema: text}}}},
		},
		handle: s.getSaved,
	})
	written := answers("The query as saved.", jsonType, one)
	written["201"] = &huma.Response{Description: "The query is new.", Content: written["200"].Content}
	s.add(route{
		op: huma.Operation{
			Method: http.MethodPut, Path: base + "/{name}", OperationID: "put_saved_query", Tags: tags, Summary: "Save a query",
			Description: "The form is checked: the keys, the arguments, the parameters of a statement. YAML is kept byte for byte, JSON as YAML. Whether its ids are known is found when it runs.",
			Parameters:  []*huma.Param{name, dry, ifMatch(), ifNew()},
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{jsonType: {Schema: query}, yamlType: {Schema: text}}},
			Responses:   written,
		},
		body: s.o.Limits.Body, handle: s.putSaved,
	})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodDelete, Path: base + "/{name}", OperationID: "delete_saved_query", Tags: tags, Summary: "Delete a saved query",
			Parameters: []*huma.Param{name, ifMatch()}, Responses: answers("The query that is gone.", jsonType, info),
		},
		handle: s.deleteSaved,
	})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: base + "/{name}/run", OperationID: "run_saved_query", Tags: tags, Summary: "Run a saved query",
			Description: "Further keys stand in place of saved arguments (as_of, limit ...), or give the parameters of a statement. " +
				"The answer is that of the analysis, the comparison or the statement; a statement has the forms json and csv and needs a store in Neo4j.",
			Parameters: []*huma.Param{name, ifNoneMatch(), queryParam(formatKey, "The form of the answer; takes precedence over Accept.", &huma.Schema{Type: huma.TypeString, Enum: anys(formatNames())})},
			Responses:  map[string]*huma.Response{"200": {Description: "The answer.", Content: anyForms()}},
		},
		heavy: true, ownQuery: true, time: max(s.o.Limits.Request, s.cypherTime()), handle: s.runSaved,
	})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodPost, Path: base + "/import", OperationID: "import_saved_queries", Tags: tags, Summary: "Import files of queries",
			Description: "A zip with a YAML file for each query, or one YAML file. All are kept or none; every fault of every file is told. Queries that are not among the files stay.",
			Parameters:  []*huma.Param{dry},
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{zipType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}, yamlType: {Schema: text}}},
			Responses:   answers("The names of the queries, by what became of them.", jsonType, s.docs.schema(savedImport{})),
		},
		body: maxSavedUpload, heavy: true, handle: s.importSaved,
	})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: base + "/export", OperationID: "export_saved_queries", Tags: tags, Summary: "Export the saved queries",
			Description: "A zip with one YAML file for each saved query, as it was written; the same bytes for the same queries. Built-in ones are not among them.",
			Parameters:  []*huma.Param{ifNoneMatch()}, Responses: answers("The zip.", zipType, &huma.Schema{Type: huma.TypeString, Format: "binary"}),
		},
		handle: s.exportSaved,
	})
}

// maxSavedUpload is the most bytes of an import of saved queries.
const maxSavedUpload = 8 << 20

// anyForms is every form of an answer, whatever it answers.
func anyForms() map[string]*huma.MediaType {
	all := map[string]*huma.MediaType{}
	for _, f := range render.Formats() {
		schema := &huma.Schema{Type: huma.TypeString}
		if f.Name == "json" {
			schema = &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
		}
		all[mediaType(f.ContentType)] = &huma.MediaType{Schema: schema}
	}
	return all
}

// savedSchema is a query as a request holds it, from its declaration.
func (d *document) savedSchema() *huma.Schema {
	s := keysSchema(saved.Head())
	request := keysSchema(saved.RequestKeys())
	request.Description = s.Properties["request"].Description
	for name, params := range map[string][]queries.Param{"lens": queries.LensParams(), "": queries.RequestParams()} {
		for _, p := range params {
			if name == "" {
				request.Properties[p.Name] = argumentSchema(p)
			}
		}
	}
	request.Properties[lensKey] = &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "Fields of the lens."}
	request.Properties[paramsKey] = &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "Parameters of the analysis."}
	request.Properties["compare"].Type = huma.TypeBoolean
	s.Properties["request"] = d.named("SavedRequest", request)
	return d.named("SavedQuery", s)
}

func (s *Server) listSaved(ctx context.Context, c *call) (reply, error) {
	list, err := s.o.Queries.List(ctx, saved.Filter{Tag: c.query["tag"], Search: c.query["q"]})
	if err != nil {
		return reply{}, err
	}
	all := savedList{Queries: []savedInfo{}, Head: saved.Head(), Request: saved.RequestKeys(), Parameters: saved.ParameterKeys()}
	for _, f := range list {
		all.Queries = append(all.Queries, savedInfoOf(f))
	}
	return jsonReply(all)
}

// savedReply is a query with what is known about it.
func savedReply(f saved.Found) (reply, error) {
	return jsonReply(struct {
		Info  savedInfo    `json:"info"`
		Query *saved.Query `json:"query"`
	}{savedInfoOf(f), f.Query})
}

func (s *Server) getSaved(ctx context.Context, c *call) (reply, error) {
	f, err := s.o.Queries.Get(ctx, c.path("name"))
	if err != nil {
		return reply{}, err
	}
	a, tag := reply{contentType: yamlType, body: f.Text}, fileTag(f.Version, f.Text)
	if !strings.Contains(c.r.Header.Get("Accept"), yamlType) {
		if a, err = savedReply(f); err != nil {
			return reply{}, err
		}
		tag = infoTag(f.Version, f.Text)
	}
	a.etag, a.header = tag, http.Header{"Vary": {"Accept"}}
	return a, nil
}

func (s *Server) putSaved(ctx context.Context, c *call) (reply, error) {
	text, dry, err := c.file(jsonType, yamlType)
	if err != nil {
		return reply{}, err
	}
	f, err := s.o.Queries.Parse("", text)
	if err != nil {
		return reply{}, fileFault("body", err)
	}
	if err := c.named(f.Name); err != nil {
		return reply{}, err
	}
	if dry {
		return savedReply(f)
	}
	base, err := s.savedBase(ctx, c, f.Name)
	if err != nil {
		return reply{}, err
	}
	if f, err = s.o.Queries.Save(ctx, "", text, base, s.o.Now().UTC()); err != nil {
		return reply{}, fileFault("body", err)
	}
	a, err := savedReply(f)
	return a.written(f.Version, fileTag(f.Version, f.Text)), err
}

func (s *Server) savedBase(ctx context.Context, c *call, name string) (*uint64, error) {
	return basedOn(c, "query", name, func() (uint64, []byte, error) {
		f, err := s.o.Queries.Get(ctx, name)
		return f.Version, f.Text, err
	})
}

func (s *Server) deleteSaved(ctx context.Context, c *call) (reply, error) {
	base, err := s.savedBase(ctx, c, c.path("name"))
	if err != nil {
		return reply{}, err
	}
	f, err := s.o.Queries.Delete(ctx, c.path("name"), base)
	if err != nil {
		return reply{}, err
	}
	return jsonReply(savedInfoOf(f))
}

func (s *Server) importSaved(ctx context.Context, c *call) (reply, error) {
	body, dry, err := c.file(zipType, yamlType)
	if err != nil {
		return reply{}, err
	}
	files := []saved.File{{Text: body}}
	if mediaType(c.r.Header.Get("Content-Type")) == zipType {
		if files, err = saved.ReadZip(bytes.NewReader(body), int64(len(body))); err != nil {
			return reply{}, fileFault("body", err)
		}
	}
	got, err := s.o.Queries.Import(ctx, files, s.o.Now().UTC(), dry)
	if err != nil {
		return reply{}, fileFault("body", err)
	}
	return jsonReply(savedImport{dry, got})
}

func (s *Server) exportSaved(ctx context.Context, _ *call) (reply, error) {
	files, err := s.o.Queries.Files(ctx)
	if err != nil {
		return reply{}, err
	}
	var b bytes.Buffer
	if err := saved.WriteZip(&b, files); err != nil {
		return reply{}, err
	}
	return reply{
		contentType: zipType, body: b.Bytes(), etag: quotedDigest(b.Bytes()),
		header: http.Header{"Content-Disposition": {`attachment; filename="saved-queries.zip"`}},
	}, nil
}
