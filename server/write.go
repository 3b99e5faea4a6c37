package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/graph/ingest"
)

// apiOrigin is where batches of single records come from, as the list of
// batches tells.
const apiOrigin = "api"

// attempts is how often a write of one record is checked anew when the graph
// moves on under it.
const attempts = 4

// batchInfo is a committed batch.
type batchInfo struct {
	ID        string    `json:"id"`
	Revision  uint64    `json:"revision"`
	Origin    string    `json:"origin" doc:"Where it came from: file names, api, the batch that it undid."`
	At        time.Time `json:"at"`
	Added     int       `json:"added"`
	Changed   int       `json:"changed"`
	Deleted   int       `json:"deleted"`
	Unchanged *int      `json:"unchanged,omitempty" doc:"Records that were already stored as given; only in the answer to the write itself."`
	Undoes    *string   `json:"undoes" doc:"The batch that this one undid."`
	UndoneBy  *string   `json:"undone_by" doc:"The batch that undid this one."`
}

func batchOf(b graph.BatchInfo) batchInfo {
	return batchInfo{
		ID: b.ID, Revision: b.Revision, Origin: b.Origin, At: b.At.UTC(), Added: b.Added, Changed: b.Changed, Deleted: b.Deleted,
		Undoes: textOf(b.Undoes), UndoneBy: textOf(b.UndoneBy),
	}
}

// appliedBatch is the batch that a write made, nil when it changed nothing.
func appliedBatch(a graph.Applied) *batchInfo {
	if a.ID == "" {
		return nil
	}
	b := batchOf(a.BatchInfo)
	b.Unchanged = &a.Unchanged
	return &b
}

// nullable lets a schema of an object be null as well.
func nullable(s *huma.Schema) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{s, {Type: "null"}}}
}

// deleted is the answer of DELETE.
type deleted struct {
	Batch    batchInfo `json:"batch"`
	Revision uint64    `json:"revision"`
}

// written is the answer of PUT.
type written struct {
	Record   json.RawMessage  `json:"record"`
	Batch    *batchInfo       `json:"batch"`
	Warnings []ingest.Warning `json:"warnings"`
	Revision uint64           `json:"revision"`
}

func (d *document) writtenSchema(k graph.RecordKind, r *huma.Schema) *huma.Schema {
	return d.named(singular(k)+"Written", record(map[string]*huma.Schema{
		"record":   r,
		"batch":    nullable(d.schema(batchInfo{})),
		"warnings": {Type: huma.TypeArray, Items: d.schema(ingest.Warning{}), Description: "Soft rules that the record breaks."},
		"revision": {Type: huma.TypeInteger},
	}))
}

func (s *Server) put(ctx context.Context, c *call, k graph.RecordKind) (reply, error) {
	key := graph.Key{Kind: k, ID: c.path("id")}
	body, err := readJSON(c)
	if err != nil {
		return reply{}, err
	}
	r, err := parseRecord(k, key.ID, body)
	if err != nil {
		return reply{}, err
	}
	w, err := s.writeRecord(ctx, c, key, []graph.Record{r}, nil)
	if err != nil {
		return reply{}, err
	}
	answer := written{Batch: appliedBatch(w.applied), Warnings: orEmpty(w.report.Warnings), Revision: w.applied.Revision}
	etag := ""
	for stored, err := range w.batch.Records {
		if err != nil {
			return reply{}, err
		}
		if stored.Key() == key {
			answer.Record, etag = appendRecord(nil, stored), recordTag(stored)
		}
	}
	a, err := jsonReply(answer)
	a.etag, a.revision = etag, &graph.Revision{Number: w.applied.Revision}
	if w.before == nil {
		a.status = http.StatusCreated
		a.header = http.Header{"Location": {c.r.URL.EscapedPath()}}
	}
	return a, err
}

func (s *Server) delete(ctx context.Context, c *call, k graph.RecordKind) (reply, error) {
	key := graph.Key{Kind: k, ID: c.path("id")}
	w, err := s.writeRecord(ctx, c, key, nil, []graph.Key{key})
	if err != nil {
		return reply{}, err
	}
	a, err := jsonReply(deleted{Batch: *appliedBatch(w.applied), Revision: w.applied.Revision})
	a.revision = &graph.Revision{Number: w.applied.Revision}
	return a, err
}

// write is what became of a checked change.
type write struct {
	before  graph.Record // nil where the record is new
	report  *ingest.Report
	batch   graph.Batch
	applied graph.Applied
}

// writeRecord checks a change of one record against the current graph and
// applies it; when the graph moves on in between it starts anew.
func (s *Server) writeRecord(ctx context.Context, c *call, key graph.Key, records []graph.Record, deletes []graph.Key) (write, error) {
	var err error
	for range attempts {
		var w write
		if w, err = s.tryWrite(ctx, c, key, records, deletes); !errors.Is(err, graph.ErrConflict) {
			return w, err
		}
	}
	return write{}, err
}

func (s *Server) tryWrite(ctx context.Context, c *call, key graph.Key, records []graph.Record, deletes []graph.Key) (write, error) {
	var w write
	base, err := s.o.Store.Revision(ctx)
	if err != nil {
		return w, err
	}
	w.before, err = s.o.Store.Get(ctx, key)
	switch {
	case errors.Is(err, graph.ErrNotFound):
		w.before = nil
		if len(deletes) > 0 {
			return w, missing(key, err)
		}
	case err != nil:
		return w, err
	}
	if err := checkMatch(c.r.Header.Get("If-Match"), key, w.before); err != nil {
		return w, err
	}
	w.report, w.batch, err = ingest.CheckRecords(ctx, records, deletes, s.o.Store, ingest.Options{Origin: apiOrigin, At: s.o.Now().UTC()})
	if err != nil {
		return w, err
	}
	if !w.report.OK() {
		return w, recordFault(w.report, key)
	}
	if w.batch.Base == nil || *w.batch.Base != base.Number {
		return w, graph.ErrConflict // what was compared with If-Match may be another record now
	}
	w.applied, err = s.o.Store.Apply(ctx, w.batch)
	return w, err
}

// checkMatch compares an If-Match header with the record as it is.
func checkMatch(header string, key graph.Key, now graph.Record) error {
	switch {
	case header == "":
		return nil
	case now == nil:
		return &fault{kind: preconditionFail, detail: fmt.Sprintf("If-Match is given, but no %s has the id %q", key.Kind, key.ID)}
	case !tagMatches(header, recordTag(now)):
		return &fault{kind: preconditionFail, detail: fmt.Sprintf("the %s %q is not the one that If-Match names any more; get it again", key.Kind, key.ID)}
	}
	return nil
}

// recordFault is the fault of a record that breaks rules. Faults in the record
// itself are in the body; those of others name the record.
func recordFault(report *ingest.Report, key graph.Key) *fault {
	return rejection(report, func(f ingest.Fault) string {
		if f.Record != key.String() {
			return joined(".", f.Record, f.Column)
		}
		if field, ok := graph.FieldNamed(key.Kind, f.Column); ok {
			name, _ := jsonNames(field)
			return "body." + name
		}
		return "path.id"
	})
}

// rejection is the fault of data that breaks rules, with an entry for each
// fault that the report lists.
func rejection(report *ingest.Report, place func(ingest.Fault) string) *fault {
	f := &fault{kind: rejected}
	for _, x := range report.Faults {
		f.entries = append(f.entries, Entry{Location: place(x), Message: x.Message, Value: x.Value, Code: string(x.Code)})
	}
	f.detail = fmt.Sprintf("%s: %s", f.entries[0].Location, f.entries[0].Message)
	if report.FaultsTotal > 1 {
		f.detail = fmt.Sprintf("%d faults, %d of them in errors; the first is %s", report.FaultsTotal, len(f.entries), f.detail)
	}
	return f
}

// joined joins the parts that are not empty.
func joined(sep string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}
