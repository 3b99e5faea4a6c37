package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/queries"
)

// Keys of a listing that are not names of fields.
const (
	limitKey = "limit"
	afterKey = "after"
	sortKey  = "sort"

	defaultLimit = 100
)

// addRecords adds list, get, put, delete and history of every kind of record.
func (s *Server) addRecords() {
	for _, k := range graph.RecordKinds() {
		record, given := s.docs.recordSchema(k), s.docs.givenSchema(k)
		base := apiBase + "/" + k.Plural()
		tags := []string{tagRecords}
		id := pathParam("id", fmt.Sprintf("Id of the %s, case-sensitive.", k))

		s.add(route{
			op: huma.Operation{
				Method: http.MethodGet, Path: base, OperationID: "list_" + k.Plural(), Tags: tags,
				Summary:     fmt.Sprintf("List %s", k.Plural()),
				Description: "Keeps the records that have exactly the given value in every field that is named; of a list, those that hold the item.",
				Parameters:  append(s.listParams(k), ifNoneMatch()),
				Responses:   tagged(answers("A page of records.", jsonType, s.docs.pageSchema(k, record))),
			},
			handle: func(ctx context.Context, c *call) (reply, error) { return s.list(ctx, c, k) },
		})
		s.add(route{
			op: huma.Operation{
				Method: http.MethodGet, Path: base + "/{id}", OperationID: "get_" + k.String(), Tags: tags,
				Summary: fmt.Sprintf("Get a %s", k), Parameters: []*huma.Param{id, ifNoneMatch()},
				Responses: tagged(answers("The record.", jsonType, record)),
			},
			handle: func(ctx context.Context, c *call) (reply, error) { return s.get(ctx, c, k) },
		})
		written := answers("The record as it is now and the batch that wrote it.", jsonType, s.docs.writtenSchema(k, record))
		written["201"] = &huma.Response{Description: "The record is new.", Content: written["200"].Content}
		s.add(route{
			op: huma.Operation{
				Method: http.MethodPut, Path: base + "/{id}", OperationID: "put_" + k.String(), Tags: tags,
				Summary:     fmt.Sprintf("Write a %s", k),
				Description: "Creates the record or replaces all of it; what is left out is absent afterwards. Checked by the rules of an import and kept as one batch, which can be undone.",
				Parameters:  []*huma.Param{id, ifMatch()},
				RequestBody: &huma.RequestBody{Required: true, Content: content(jsonType, given)},
				Responses:   written,
			},
			body:   s.o.Limits.Body,
			handle: func(ctx context.Context, c *call) (reply, error) { return s.put(ctx, c, k) },
		})
		s.add(route{
			op: huma.Operation{
				Method: http.MethodDelete, Path: base + "/{id}", OperationID: "delete_" + k.String(), Tags: tags,
				Summary:     fmt.Sprintf("Delete a %s", k),
				Description: "Takes the record away as one batch, which can be undone. Refused while another record names it.",
				Parameters:  []*huma.Param{id, ifMatch()},
				Responses:   answers("The batch that deleted it.", jsonType, s.docs.schema(deleted{})),
			},
			handle: func(ctx context.Context, c *call) (reply, error) { return s.delete(ctx, c, k) },
		})
		s.addHistory(k, id, record)
	}
}

func ifMatch() *huma.Param {
	return &huma.Param{
		Name: "If-Match", In: "header", Schema: &huma.Schema{Type: huma.TypeString},
		Description: "ETag of the record as it was read, or * for any that exists; 412 when it is another one now.",
	}
}

func (s *Server) listParams(k graph.RecordKind) []*huma.Param {
	sorts := make([]any, 0, 2*len(graph.Fields(k)))
	for _, name := range filterNames(k) {
		sorts = append(sorts, name, "-"+name)
	}
	params := []*huma.Param{
		queryParam(limitKey, "Largest number of records in the page.", &huma.Schema{
			Type: huma.TypeInteger, Minimum: ptr(1.0), Maximum: ptr(float64(s.o.Limits.Rows)), Default: min(defaultLimit, s.o.Limits.Rows),
		}),
		queryParam(afterKey, "The next of the page before.", &huma.Schema{Type: huma.TypeString}),
		queryParam(sortKey, "A field, with a minus sign for descending; id when left out. Absent values come last.", &huma.Schema{Type: huma.TypeString, Enum: sorts}),
	}
	for _, f := range graph.Fields(k) {
		if f.Derived {
			continue
		}
		schema := &huma.Schema{Type: huma.TypeString}
		for _, a := range f.Allowed {
			schema.Enum = append(schema.Enum, a)
		}
		if f.Type == graph.FlagField {
			schema = &huma.Schema{Type: huma.TypeBoolean}
		}
		params = append(params, queryParam(f.Name, f.Doc, schema))
	}
	return params
}

// filterNames are the fields that a listing can be filtered and sorted by.
func filterNames(k graph.RecordKind) []string {
	var names []string
	for _, f := range graph.Fields(k) {
		if !f.Derived {
			names = append(names, f.Name)
		}
	}
	return names
}

func (d *document) pageSchema(k graph.RecordKind, item *huma.Schema) *huma.Schema {
	return d.named(singular(k)+"Page", record(map[string]*huma.Schema{
		"items":    {Type: huma.TypeArray, Items: item},
		"next":     {Type: huma.TypeString, Nullable: true, Description: "Give it as after for the next page; null on the last one."},
		"total":    {Type: huma.TypeInteger, Description: "Records that match, on all pages."},
		"revision": {Type: huma.TypeInteger},
	}))
}

func (s *Server) list(ctx context.Context, c *call, k graph.RecordKind) (reply, error) {
	q, err := s.listQuery(c, k)
	if err != nil {
		return reply{}, err
	}
	page, err := s.o.Store.List(ctx, q)
	if err != nil {
		return reply{}, s.listFault(ctx, q, err)
	}
	b := []byte(`{"items":[`)
	for i, r := range page.Records {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRecord(append(b, '\n'), r)
	}
	b = queries.AppendMember(append(b, "],\n"...), "next", textOf(page.Next))
	b = queries.AppendMember(append(b, ','), "total", page.Total)
	b = queries.AppendMember(append(b, ','), "revision", page.Revision)
	b = append(b, "}\n"...)
	return reply{contentType: jsonType, body: b, etag: quotedDigest(b), revision: &graph.Revision{Number: page.Revision}}, nil
}

func (s *Server) listQuery(c *call, k graph.RecordKind) (graph.ListQuery, error) {
	q := graph.ListQuery{Kind: k, Where: map[string]string{}, After: c.query[afterKey]}
	limit, err := c.number(limitKey, min(defaultLimit, s.o.Limits.Rows), 1, s.o.Limits.Rows)
	if err != nil {
		return q, err
	}
	q.Limit = limit
	var bad []Entry
	for _, key := range sortedKeys(c.query) {
		value := c.query[key]
		switch key {
		case limitKey, afterKey:
		case sortKey:
			q.Sort, q.Desc = strings.CutPrefix(value, "-")
			if names := filterNames(k); !slices.Contains(names, q.Sort) {
				bad = append(bad, Entry{Location: "query." + key, Value: value, Message: "want a field, with a minus sign for descending: " + strings.Join(names, ", ")})
			}
		default:
			text, err := filterText(k, key, value)
			if err != nil {
				bad = append(bad, Entry{Location: "query." + key, Value: value, Message: err.Error()})
			}
			q.Where[key] = text
		}
	}
	if len(bad) > 0 {
		return q, arguments(bad...)
	}
	return q, nil
}

// filterText is the value of a filter as the CSV text that stores compare: 10bn
// of an amount is 10000000000, true of a flag is yes.
func filterText(k graph.RecordKind, name, value string) (string, error) {
	f, _ := graph.FieldNamed(k, name)
	switch f.Type {
	case graph.ListField:
		return value, nil // one item
	case graph.FlagField:
		switch value {
		case "true", "yes":
			return "yes", nil
		case "false", "no":
			return "no", nil
		}
		return "", errors.New("want true or false")
	}
	r := graph.NewRecord(k)
	if err := f.Set(r, value); err != nil {
		return "", err
	}
	return f.Text(r), nil
}

// listFault tells a cursor that was made up or belongs to another listing from
// a store that fails: then the first page cannot be had either.
func (s *Server) listFault(ctx context.Context, q graph.ListQuery, err error) error {
	after := q.After
	if after == "" {
		return err
	}
	q.After, q.Limit = "", 1
	if _, again := s.o.Store.List(ctx, q); again != nil {
		return err
	}
	f := arguments(Entry{Location: "query." + afterKey, Value: shown([]byte(after)), Message: "want the next of a page of this listing, with the same filter and sort"})
	f.cause = err
	return f
}

func (s *Server) get(ctx context.Context, c *call, k graph.RecordKind) (reply, error) {
	key := graph.Key{Kind: k, ID: c.path("id")}
	r, err := s.o.Store.Get(ctx, key)
	if err != nil {
		return reply{}, missing(key, err)
	}
	revision, err := s.o.Store.Revision(ctx)
	if err != nil {
		return reply{}, err
	}
	return reply{contentType: jsonType, body: append(appendRecord(nil, r), '\n'), etag: recordTag(r), revision: &revision}, nil
}

// missing says which record is not there.
func missing(key graph.Key, err error) error {
	if errors.Is(err, graph.ErrNotFound) {
		return &fault{kind: notFound, detail: fmt.Sprintf("no %s has the id %q", key.Kind, key.ID), cause: err}
	}
	return err
}

// recordTag names the content of a record, whatever the revision.
func recordTag(r graph.Record) string {
	return strconv.Quote(graph.Digest(r).String()[:32])
}
