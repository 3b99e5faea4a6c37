package neo4jstore

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/dbtype"

	"roundtrip/graph"
)

// RevisionParam is the parameter in which Query tells a statement the revision
// that it looks at.
const RevisionParam = "revision"

// Rows is the answer to a statement. A value is nil, bool, int64, float64,
// string, []any or map[string]any; dates and times are texts (YYYY-MM-DD,
// RFC 3339). A node is a map with the keys labels and properties, a
// relationship one with type and properties, a path one with nodes and
// relationships.
type Rows struct {
	Columns   []string
	Values    [][]any
	Truncated bool           // there are more rows than were asked for
	Revision  graph.Revision // the revision that the statement saw
}

// Query runs a statement that reads, and returns all of its rows. The server
// refuses one that writes. The parameter $revision is filled in, unless the
// caller gave one: the number of the published revision, read in the same
// transaction.
func (s *Store) Query(ctx context.Context, text string, params map[string]any) (Rows, error) {
	return s.QueryLimit(ctx, text, params, 0)
}

// errEnough ends a statement that has more rows than were asked for.
var errEnough = errors.New("enough rows")

// QueryLimit is Query for at most limit rows; 0 is all of them.
func (s *Store) QueryLimit(ctx context.Context, text string, params map[string]any, limit int) (Rows, error) {
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	for attempt := 1; ; attempt++ {
		rows, moved, err := s.query(ctx, text, params, limit)
		// Record nodes may have been half way between two revisions.
		if err != nil || !moved || attempt == 5 {
			return rows, err
		}
		select {
		case <-ctx.Done():
			return rows, nil
		case <-time.After(time.Duration(attempt) * 20 * time.Millisecond):
		}
	}
}

// query runs a statement once; moved says that record nodes were being
// published meanwhile.
func (s *Store) query(ctx context.Context, text string, params map[string]any, limit int) (rows Rows, moved bool, err error) {
	err = s.read(ctx, "run a statement", func(ctx context.Context, t tx) error {
		rows = Rows{}
		before, rev, err := t.published(ctx)
		if err != nil {
			return err
		}
		rows.Revision = rev
		all := maps.Clone(params)
		if all == nil {
			all = map[string]any{}
		}
		if _, ok := all[RevisionParam]; !ok {
			all[RevisionParam] = int64(rev.Number)
		}
		result, err := t.managed.Run(ctx, text, all)
		if err != nil {
			return err
		}
		if rows.Columns, err = result.Keys(); err != nil {
			return err
		}
		for result.Next(ctx) {
			if limit > 0 && len(rows.Values) == limit {
				rows.Truncated = true
				break
			}
			row := result.Record().Values
			for i, v := range row {
				row[i] = plainValue(v)
			}
			rows.Values = append(rows.Values, row)
		}
		if err := result.Err(); err != nil {
			return err
		}
		if rows.Truncated {
			moved = false
			return errEnough // rolls back, so that the rest is not sent
		}
		after, _, err := t.published(ctx)
		moved = before != after || before.revision != before.published
		return err
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return rows, moved, err
}

// standing is where the graph stood.
type standing struct{ revision, published int64 }

func (t tx) published(ctx context.Context) (standing, graph.Revision, error) {
	v, err := t.one(ctx, `MATCH (m:RoundtripMeta {key: 'graph'}) OPTIONAL MATCH (b:RoundtripBatch {rev: m.published})
		RETURN m.revision, m.published, b.hash, b.at`, nil)
	if err != nil {
		return standing{}, graph.Revision{}, err
	}
	if v == nil {
		return standing{}, graph.Revision{}, errors.New("the database has no RoundtripMeta node; it was emptied while the store was open")
	}
	var at standing
	at.revision, _ = v[0].(int64)
	at.published, _ = v[1].(int64)
	rev := graph.Revision{Number: uint64(at.published)}
	if text, ok := v[2].(string); ok {
		if rev.Hash, err = graph.ParseHash(text); err != nil {
			return at, rev, fmt.Errorf("RoundtripBatch.hash: %w", err)
		}
	}
	rev.At, err = parseTime(v[3])
	return at, rev, err
}

// plainValue turns a value of the driver into a plain one.
func plainValue(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plainValue(v[i])
		}
		return v
	case map[string]any:
		for k := range v {
			v[k] = plainValue(v[k])
		}
		return v
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case dbtype.Node:
		labels := make([]any, len(v.Labels))
		for i, l := range v.Labels {
			labels[i] = l
		}
		return map[string]any{"labels": labels, "properties": plainValue(v.Props)}
	case dbtype.Relationship:
		return map[string]any{"type": v.Type, "properties": plainValue(v.Props)}
	case dbtype.Path:
		nodes, edges := make([]any, len(v.Nodes)), make([]any, len(v.Relationships))
		for i, n := range v.Nodes {
			nodes[i] = plainValue(n)
		}
		for i, r := range v.Relationships {
			edges[i] = plainValue(r)
		}
		return map[string]any{"nodes": nodes, "relationships": edges}
	case neo4j.Date:
		return v.Time().Format(time.DateOnly)
	case neo4j.LocalDateTime:
		return v.Time().Format("2006-01-02T15:04:05.999999999")
	case neo4j.LocalTime:
		return v.Time().Format("15:04:05.999999999")
	case neo4j.OffsetTime:
		return v.Time().Format("15:04:05.999999999Z07:00")
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case fmt.Stringer: // durations and points
		return v.String()
	default:
		return v
	}
}

// Statement is what the server says of a statement without running it.
type Statement struct {
	Type      string // r reads, rw and w write, s changes the schema
	Operators []Operator
}

// Operator is one step of a plan: its name without the database, and its details.
type Operator struct{ Name, Details string }

// Explain asks the server what a statement would do. Parameters need not be
// given.
func (s *Store) Explain(ctx context.Context, text string, params map[string]any) (Statement, error) {
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	var found Statement
	err := s.read(ctx, "explain a statement", func(ctx context.Context, t tx) error {
		found = Statement{}
		result, err := t.managed.Run(ctx, "EXPLAIN "+text, params)
		if err != nil {
			return err
		}
		summary, err := result.Consume(ctx)
		if err != nil {
			return err
		}
		found.Type = summary.StatementType().String()
		plan, err := planOf(summary.Plan())
		if err != nil {
			return err
		}
		return plan.each(func(p *PlanStep) error {
			found.Operators = append(found.Operators, Operator{p.Operator, p.Details})
			return nil
		})
	})
	return found, err
}
