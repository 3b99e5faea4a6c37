package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/graph/ingest"
	"roundtrip/queries"
)

const (
	loops        = "cycles" // the analysis that finds them
	maxClosed    = 100
	maxLoopRows  = 100_000          // rows that are searched for changed legs
	maxLoopLegs  = 100_000          // legs of an import that loops are still told for
	maxLoopTime  = 10 * time.Second // of the search
	preparation  = 20 * time.Second // of the graph to search, beside the search itself
	notAllClosed = "these are the first %d of the loops that the import closes"
)

// loopRow is the schema of one loop, as the analysis declares it.
func (s *Server) loopRow() *huma.Schema {
	if a, err := s.o.Runner.Catalogue().Find(loops); err == nil {
		return &huma.Schema{Ref: "#/components/schemas/" + typeName(a.Name) + "Row"}
	}
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// closed are the loops of the graph with the batch under the default lens that
// use a leg which the batch adds or changes, the largest first.
func (s *Server) closed(ctx context.Context, report *ingest.Report, batch graph.Batch) ([]json.RawMessage, queries.Truncation, error) {
	none := []json.RawMessage{}
	for _, c := range report.Counts {
		if c.Kind == graph.FlowRecord.Plural() && c.Rows > maxLoopLegs {
			return none, queries.Truncation{Is: true, Reason: fmt.Sprintf("the import has %d legs; loops are told for up to %d", c.Rows, maxLoopLegs)}, nil
		}
	}
	if _, err := s.o.Runner.Catalogue().Find(loops); err != nil {
		return none, queries.Truncation{}, nil
	}
	after, changed, err := s.withBatch(ctx, batch)
	if err != nil || len(changed) == 0 {
		return none, queries.Truncation{}, err
	}
	runner := queries.NewRunner(queries.Options{
		Catalogue: s.o.Runner.Catalogue(), Live: queries.NewLive(after), Now: s.o.Now, Timeout: preparation + maxLoopTime,
	})
	res, err := runner.Run(ctx, queries.Request{
		Analysis: loops, Engine: queries.Native, Params: queries.Args{limitKey: maxLoopRows, "timeout": maxLoopTime.String()},
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return none, queries.Truncation{Is: true, Reason: "the graph is too large to search for loops in the time given"}, nil
	}
	if err != nil {
		return none, queries.Truncation{}, err
	}
	found, cut := none, res.Truncated
	for _, row := range res.Rows {
		if !slices.ContainsFunc(row.Legs, func(id string) bool { return changed[id] }) {
			continue
		}
		if len(found) == maxClosed {
			cut = queries.Truncation{Is: true, Reason: fmt.Sprintf(notAllClosed, maxClosed)}
			break
		}
		found = append(found, appendRow(nil, res.Columns, row))
	}
	return found, cut, nil
}

func appendRow(b []byte, columns []queries.Column, row queries.Row) []byte {
	b = append(b, '{')
	for i, c := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = queries.AppendMember(b, c.Name, row.Values[i])
	}
	return append(b, '}')
}

// withBatch is the graph as the batch would leave it, and the legs that the
// batch adds or changes, be it by an outcome.
func (s *Server) withBatch(ctx context.Context, batch graph.Batch) (*proposed, map[string]bool, error) {
	p := &proposed{store: s.o.Store, given: map[graph.Key]graph.Record{}, gone: map[graph.Key]bool{}}
	base, err := s.o.Store.Revision(ctx)
	if err != nil {
		return nil, nil, err
	}
	if batch.Base != nil && *batch.Base != base.Number {
		return nil, nil, graph.ErrConflict
	}
	p.base = base
	for r, err := range batch.Records {
		if err != nil {
			return nil, nil, err
		}
		p.given[r.Key()] = r
	}
	for _, k := range batch.Deletes {
		p.gone[k] = true
	}
	same := map[graph.Key]bool{}
	for r, err := range s.o.Store.Records(ctx, base.Number, graph.FlowRecord, graph.OutcomeKind) {
		if err != nil {
			return nil, nil, err
		}
		if given, ok := p.given[r.Key()]; ok && graph.Same(given, r) {
			same[r.Key()] = true
		}
	}
	changed := map[string]bool{}
	for key, r := range p.given {
		if same[key] {
			continue
		}
		switch r := r.(type) {
		case *graph.Flow:
			changed[r.ID] = true
		case *graph.Outcome:
			changed[r.FlowID] = true
		}
	}
	return p, changed, nil
}

// proposed is a graph that is not stored: that of a revision with a batch on
// top of it.
type proposed struct {
	store graph.Store
	base  graph.Revision
	given map[graph.Key]graph.Record
	gone  map[graph.Key]bool
}

var _ queries.Source = (*proposed)(nil)

// Revision is one that no stored graph has.
func (p *proposed) Revision(context.Context) (graph.Revision, error) {
	return graph.Revision{Number: p.base.Number + 1, Hash: p.base.Hash, At: p.base.At}, nil
}

// Records yields what the batch leaves, then what it gives, in no special order.
func (p *proposed) Records(ctx context.Context, _ uint64, kinds ...graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for r, err := range p.store.Records(ctx, p.base.Number, kinds...) {
			if err == nil {
				if _, replaced := p.given[r.Key()]; replaced || p.gone[r.Key()] {
					continue
				}
			}
			if !yield(r, err) {
				return
			}
		}
		for key, r := range p.given {
			if (len(kinds) == 0 || slices.Contains(kinds, key.Kind)) && !yield(r, nil) {
				return
			}
		}
	}
}
