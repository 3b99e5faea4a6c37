package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/graph/ingest"
	"roundtrip/queries"
)

const (
	dryRunKey = "dry_run"

	// maxUnpacking is how many times larger than the largest upload the files of
	// a zip may be together.
	maxUnpacking = 16
)

// imported is the answer of POST /imports.
type imported struct {
	DryRun   bool               `json:"dry_run"`
	Batch    *batchInfo         `json:"batch"`
	Report   importReport       `json:"report"`
	Closed   []json.RawMessage  `json:"cycles_closed"`
	Cut      queries.Truncation `json:"cycles_truncated"`
	Revision uint64             `json:"revision"`
}

// importReport is what the check of an import found.
type importReport struct {
	Origin      string           `json:"origin"`
	Faults      []ingest.Fault   `json:"faults" nullable:"false" doc:"Broken hard rules, the first hundred in the order of files and lines."`
	FaultsTotal int              `json:"faults_total"`
	Warnings    []ingest.Warning `json:"warnings" nullable:"false" doc:"Broken soft rules, counted."`
	Counts      []ingest.Count   `json:"counts" nullable:"false" doc:"Records by kind."`
	Bytes       int64            `json:"bytes" doc:"Unpacked size of the files."`
}

func reportOf(r *ingest.Report) importReport {
	return importReport{
		Origin: r.Origin, Faults: orEmpty(r.Faults), FaultsTotal: r.FaultsTotal, Warnings: orEmpty(r.Warnings),
		Counts: orEmpty(r.Counts), Bytes: r.Bytes,
	}
}

// batches is the answer of GET /imports.
type batches struct {
	Batches []batchInfo `json:"batches" nullable:"false" doc:"The latest first."`
	Total   int         `json:"total"`
}

// undone is the answer of POST /imports/{id}/undo.
type undone struct {
	Batch    *batchInfo `json:"batch"`
	Revision uint64     `json:"revision"`
}

func (s *Server) addImports() {
	file := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	s.add(route{
		op: huma.Operation{
			Method: http.MethodPost, Path: apiBase + "/imports", OperationID: "import", Tags: []string{tagImports},
			Summary: "Import CSV files",
			Description: "Files are told apart by their names (companies.csv, flows.csv ...), a single one also by its columns; a plain transfer list " +
				"(from, to, amount, timestamp) is read as well. All of it is kept or nothing. The answer lists the loops that the import closes: those of the new graph under " +
				"the default lens that use a new or changed leg. A dry run checks and keeps nothing; its report lists the faults.",
			Parameters: []*huma.Param{
				queryParam(dryRunKey, "true checks only.", &huma.Schema{Type: huma.TypeBoolean, Default: false}),
				queryParam(nameKey, "Name of the file where the body is one file.", &huma.Schema{Type: huma.TypeString, Examples: []any{"flows.csv"}}),
			},
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
				csvType: {Schema: &huma.Schema{Type: huma.TypeString}},
				zipType: {Schema: file},
				multipartType: {Schema: &huma.Schema{
					Type: huma.TypeObject, Description: "Any number of files under any names.", AdditionalProperties: file,
				}},
			}},
			Responses: answers("What was imported, or would be.", jsonType, s.docs.importedSchema(s.loopRow())),
		},
		body: s.o.Limits.Upload, time: s.o.Limits.Import,
		handle: s.importFiles,
	})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: apiBase + "/imports", OperationID: "list_imports", Tags: []string{tagImports},
			Summary: "List batches", Description: "Every committed change of the graph, the latest first.",
			Parameters: []*huma.Param{queryParam(limitKey, "Largest number of batches.", &huma.Schema{
				Type: huma.TypeInteger, Minimum: ptr(1.0), Maximum: ptr(float64(s.o.Limits.Rows)), Default: min(defaultLimit, s.o.Limits.Rows),
			})},
			Responses: answers("The batches.", jsonType, s.docs.schema(batches{})),
		},
		handle: s.listBatches,
	})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodPost, Path: apiBase + "/imports/{id}/undo", OperationID: "undo_import", Tags: []string{tagImports},
			Summary: "Undo a batch", Description: "Restores what the batch changed, as a new batch. Refused, naming the later batch, when one has touched the same record since.",
			Parameters: []*huma.Param{pathParam("id", "Id of the batch, such as b17.")},
			Responses:  answers("The batch that undid it, null when nothing was left to undo.", jsonType, s.docs.undoneSchema()),
		},
		time: s.o.Limits.Import, heavy: true,
		handle: s.undo,
	})
}

func (d *document) importedSchema(row *huma.Schema) *huma.Schema {
	return d.named("Imported", record(map[string]*huma.Schema{
		"dry_run":          {Type: huma.TypeBoolean},
		"batch":            nullable(d.schema(batchInfo{})),
		"report":           d.schema(importReport{}),
		"cycles_closed":    {Type: huma.TypeArray, Items: row, Description: fmt.Sprintf("At most %d, by bottleneck.", maxClosed)},
		"cycles_truncated": d.schema(queries.Truncation{}),
		"revision":         {Type: huma.TypeInteger, Description: "Of the graph after the import, or of the one that a dry run was checked against."},
	}))
}

func (d *document) undoneSchema() *huma.Schema {
	return d.named("Undone", record(map[string]*huma.Schema{
		"batch":    nullable(d.schema(batchInfo{})),
		"revision": {Type: huma.TypeInteger},
	}))
}

func (s *Server) importFiles(ctx context.Context, c *call) (a reply, err error) {
	dry, err := c.dryRun()
	if err != nil {
		return reply{}, err
	}
	upload, err := newSpool()
	if err != nil {
		return reply{}, err
	}
	defer func() { err = errors.Join(err, upload.remove()) }()
	if err := upload.receive(c); err != nil {
		return reply{}, err
	}
	// The place is taken once the upload is here, so that slow senders hold none.
	if err := s.places.take(ctx); err != nil {
		return reply{}, err
	}
	defer s.places.leave()
	src, err := upload.source()
	if err != nil {
		return reply{}, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	return s.importSource(ctx, src, upload.origin(), dry)
}

func (s *Server) importSource(ctx context.Context, src *ingest.Source, origin string, dry bool) (reply, error) {
	report, batch, err := ingest.Check(ctx, src, s.o.Store, ingest.Options{
		Origin: origin, At: s.o.Now().UTC(), MaxBytes: maxUnpacking * s.o.Limits.Upload,
	})
	if err != nil {
		return reply{}, err
	}
	answer := imported{DryRun: dry, Report: reportOf(report), Closed: []json.RawMessage{}}
	if !report.OK() {
		if !dry {
			return reply{}, rejection(report, filePlace)
		}
		rev, err := s.o.Store.Revision(ctx)
		if err != nil {
			return reply{}, err
		}
		answer.Revision = rev.Number
		return jsonReply(answer)
	}
	answer.Closed, answer.Cut, err = s.closed(ctx, report, batch)
	if err != nil {
		return reply{}, err
	}
	if dry {
		answer.Revision = *batch.Base
		return jsonReply(answer)
	}
	applied, err := s.o.Store.Apply(ctx, batch)
	if err != nil {
		return reply{}, err
	}
	answer.Batch, answer.Revision = appliedBatch(applied), applied.Revision
	a, err := jsonReply(answer)
	a.revision = &graph.Revision{Number: applied.Revision}
	return a, err
}

// filePlace is where in the files a fault is: flows.csv:17:amount_usd.
func filePlace(f ingest.Fault) string {
	line := ""
	if f.Line > 0 {
		line = strconv.Itoa(f.Line)
	}
	if f.File == "" {
		return joined(".", f.Record, f.Column)
	}
	return joined(":", f.File, line, f.Column)
}

func (s *Server) listBatches(ctx context.Context, c *call) (reply, error) {
	limit, err := c.number(limitKey, min(defaultLimit, s.o.Limits.Rows), 1, s.o.Limits.Rows)
	if err != nil {
		return reply{}, err
	}
	list, err := s.o.Store.Batches(ctx)
	if err != nil {
		return reply{}, err
	}
	all := batches{Batches: []batchInfo{}, Total: len(list)}
	for _, b := range list[:min(limit, len(list))] {
		all.Batches = append(all.Batches, batchOf(b))
	}
	return jsonReply(all)
}

func (s *Server) undo(ctx context.Context, c *call) (reply, error) {
	id := c.path("id")
	applied, err := s.o.Store.Undo(ctx, id, s.o.Now().UTC())
	if errors.Is(err, graph.ErrNotFound) {
		return reply{}, &fault{kind: notFound, detail: fmt.Sprintf("no batch has the id %q", id), cause: err}
	}
	if err != nil {
		return reply{}, err
	}
	a, err := jsonReply(undone{Batch: appliedBatch(applied), Revision: applied.Revision})
	a.revision = &graph.Revision{Number: applied.Revision}
	return a, err
}
