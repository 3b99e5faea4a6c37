package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/queries"
)

// addHistory adds the history of one kind of record.
func (s *Server) addHistory(k graph.RecordKind, id *huma.Param, record *huma.Schema) {
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: apiBase + "/" + k.Plural() + "/{id}/history", OperationID: "history_of_" + k.String(), Tags: []string{tagRecords},
			Summary: fmt.Sprintf("List the versions of a %s", k),
			Description: "What the record was from which revision on, and which batch made it that, the first version first. A record that was deleted still has its history. " +
				"Where there are more versions than the limit, the earliest are left out.",
			Parameters: []*huma.Param{id, queryParam(limitKey, "Largest number of versions.", &huma.Schema{
				Type: huma.TypeInteger, Minimum: ptr(1.0), Maximum: ptr(float64(s.o.Limits.Rows)), Default: min(defaultLimit, s.o.Limits.Rows),
			}), ifNoneMatch()},
			Responses: tagged(answers("The versions.", jsonType, s.docs.historySchema(k, record))),
		},
		handle: func(ctx context.Context, c *call) (reply, error) { return s.history(ctx, c, k) },
	})
}

func (d *document) historySchema(k graph.RecordKind, item *huma.Schema) *huma.Schema {
	version := d.named(singular(k)+"Version", record(map[string]*huma.Schema{
		"revision": {Type: huma.TypeInteger, Description: "The first revision that has this version; it lasts until that of the next one."},
		"batch":    {Type: huma.TypeString, Description: "The batch that made it."},
		"origin":   {Type: huma.TypeString, Description: "Where that batch came from."},
		"at":       {Type: huma.TypeString, Format: "date-time", Description: "When that was."},
		"record":   nullable(item),
	}))
	return d.named(singular(k)+"History", record(map[string]*huma.Schema{
		"versions": {Type: huma.TypeArray, Items: version, Description: "By revision. A record of null was deleted by the batch."},
		"total":    {Type: huma.TypeInteger, Description: "Versions that there are."},
	}))
}

func (s *Server) history(ctx context.Context, c *call, k graph.RecordKind) (reply, error) {
	limit, err := c.number(limitKey, min(defaultLimit, s.o.Limits.Rows), 1, s.o.Limits.Rows)
	if err != nil {
		return reply{}, err
	}
	key := graph.Key{Kind: k, ID: c.path("id")}
	versions, err := s.o.Store.History(ctx, key)
	if err != nil {
		return reply{}, missing(key, err)
	}
	revision, err := s.o.Store.Revision(ctx)
	if err != nil {
		return reply{}, err
	}
	total := len(versions)
	b := []byte(`{"versions":[`)
	for i, v := range versions[max(0, total-limit):] {
		if i > 0 {
			b = append(b, ',')
		}
		b = queries.AppendMember(append(b, "\n{"...), "revision", v.Revision)
		b = queries.AppendMember(append(b, ','), "batch", v.Batch)
		b = queries.AppendMember(append(b, ','), "origin", v.Origin)
		b = queries.AppendMember(append(b, ','), "at", v.At.UTC().Format(time.RFC3339Nano))
		b = append(b, `,"record":`...)
		if v.Record == nil {
			b = append(b, "null}"...)
			continue
		}
		b = append(appendRecord(b, v.Record), '}')
	}
	b = queries.AppendMember(append(b, "],\n"...), "total", total)
	b = append(b, "}\n"...)
	return reply{contentType: jsonType, body: b, etag: quotedDigest(b), revision: &revision}, nil
}
