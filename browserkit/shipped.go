package browserkit

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/ingest"
	"roundtrip/queries"
)

// shipped is the shipped data as the source of a graph.
type shipped struct {
	revision graph.Revision
	records  []graph.Record
}

// readShipped reads the shipped data.
func readShipped(ctx context.Context) (*shipped, error) {
	src, err := ingest.FromFS(dataset.FS())
	if err != nil {
		return nil, err
	}
	at := time.Date(2026, time.June, 30, 0, 0, 0, 0, time.UTC)
	report, batch, err := ingest.Check(ctx, src, nil, ingest.Options{Origin: "shipped data set", At: at})
	if err != nil {
		return nil, err
	}
	if err := report.Err(); err != nil {
		return nil, fmt.Errorf("the shipped data breaks a rule: %w", err)
	}
	s := &shipped{revision: graph.Revision{Number: 1, At: at}}
	for r, err := range batch.Records {
		if err != nil {
			return nil, err
		}
		s.records = append(s.records, r)
		s.revision.Hash = s.revision.Hash.Plus(graph.Digest(r))
	}
	return s, nil
}

// Revision is the one revision that there is.
func (s *shipped) Revision(context.Context) (graph.Revision, error) { return s.revision, nil }

// Records yields the records of those kinds, all when none is named.
func (s *shipped) Records(_ context.Context, _ uint64, kinds ...graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for _, r := range s.records {
			if (len(kinds) == 0 || slices.Contains(kinds, r.Key().Kind)) && !yield(r, nil) {
				return
			}
		}
	}
}

// runner answers requests on the shipped data.
func (s *shipped) runner(c queries.Catalogue) *queries.Runner {
	return queries.NewRunner(queries.Options{Catalogue: c, Live: queries.NewLive(s), Now: func() time.Time { return s.revision.At }})
}
