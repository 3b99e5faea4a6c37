package neo4jstore_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore"
)

func TestQueryReturnsPlainValuesAndTheRevisionItSaw(t *testing.T) {
	s := open(t, nil)
	a := write(t, s, &graph.Company{ID: "a", Name: "A"}, &graph.Company{ID: "b", ParentID: "a"})
	rows, err := s.Query(t.Context(), `MATCH p = (b:Company {id: 'b'})-[r:PART_OF]->(a)
		RETURN 1 AS int, 1.5 AS float, 'x' AS text, true AS flag, null AS nothing, [1, [date('2025-12-16')]] AS list, {d: date('0001-01-01')} AS map,
		  a {.id, .display} AS some, labels(a) AS labels, r, p, datetime('2025-12-16T09:30:00.25Z') AS time, $revision AS revision, $x + 1 AS param`,
		map[string]any{"x": 1})
	if err != nil {
		t.Fatal(err)
	}
	node := func(props map[string]any) map[string]any {
		return map[string]any{"labels": []any{"Company"}, "properties": props}
	}
	nodeA := node(map[string]any{"id": "a", "name": "A", "display": "A", "head": "a", "aggregate": false, "rev_from": int64(1)})
	nodeB := node(map[string]any{"id": "b", "parent_id": "a", "display": "b", "head": "a", "aggregate": false, "rev_from": int64(1)})
	rel := map[string]any{"type": "PART_OF", "properties": map[string]any{}}
	wanted := neo4jstore.Rows{
		Columns: []string{"int", "float", "text", "flag", "nothing", "list", "map", "some", "labels", "r", "p", "time", "revision", "param"},
		Values: [][]any{{
			int64(1), 1.5, "x", true, nil,
			[]any{int64(1), []any{"2025-12-16"}},
			map[string]any{"d": "0001-01-01"},
			map[string]any{"id": "a", "display": "A"},
			[]any{"Company"},
			rel,
			map[string]any{"nodes": []any{nodeB, nodeA}, "relationships": []any{rel}},
			"2025-12-16T09:30:00.25Z", int64(1), int64(2),
		}},
		Revision: graph.Revision{Number: 1, Hash: a.Hash, At: time.Unix(0, 0).UTC()},
	}
	if !reflect.DeepEqual(rows, wanted) {
		t.Errorf("rows are\n%+v\nwant\n%+v", rows, wanted)
	}
}

func TestQueryStopsAtTheLimit(t *testing.T) {
	s := open(t, nil)
	for _, c := range []struct {
		limit, rows int
		truncated   bool
	}{{0, 20_000, false}, {20_000, 20_000, false}, {7, 7, true}} {
		rows, err := s.QueryLimit(t.Context(), "UNWIND range(1, 20000) AS i RETURN i", nil, c.limit)
		if err != nil || len(rows.Values) != c.rows || rows.Truncated != c.truncated {
			t.Errorf("limit %d: %d rows, truncated %v, %v", c.limit, len(rows.Values), rows.Truncated, err)
		}
	}
}

func TestQueryDoesNotWrite(t *testing.T) {
	s := open(t, nil)
	for _, text := range []string{
		"CREATE (:Company {id: 'x'})", "MATCH (m:RoundtripMeta) SET m.revision = 9", "CALL { CREATE (:X) } RETURN 1", "CREATE INDEX FOR (n:X) ON (n.y)",
	} {
		_, err := s.Query(t.Context(), text, nil)
		var told *neo4jstore.StatementError
		if !errors.As(err, &told) || !strings.HasPrefix(told.Code, "Neo.ClientError.Statement.AccessMode") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestABadStatementSaysWhy(t *testing.T) {
	s := open(t, nil)
	_, err := s.Query(t.Context(), "RETURN nonsense", nil)
	var told *neo4jstore.StatementError
	if !errors.As(err, &told) || told.Code != "Neo.ClientError.Statement.SyntaxError" || !strings.Contains(told.Message, "nonsense") {
		t.Errorf("a syntax error is %v", err)
	}
}

func TestAStatementEndsWithItsDeadline(t *testing.T) {
	s := open(t, nil)
	const slow = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a * b AS c WHERE c = -1 RETURN count(*)"
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	start := time.Now()
	_, err := s.Query(ctx, slow, nil)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 10*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(500*time.Millisecond, stop)
	start = time.Now()
	_, err = s.Query(ctx, slow, nil)
	if !errors.Is(err, context.Canceled) || time.Since(start) > 10*time.Second {
		t.Errorf("cancelled, after %v: %v", time.Since(start), err)
	}
}

func TestExplainTellsWhatAStatementWouldDo(t *testing.T) {
	s := open(t, nil)
	for text, kind := range map[string]string{
		"MATCH (c:Company) RETURN c": "r", "CREATE (c:Company)": "w", "CREATE (c:Company) RETURN c": "rw", "CREATE INDEX FOR (n:X) ON (n.y)": "s",
	} {
		got, err := s.Explain(t.Context(), text, nil)
		if err != nil || got.Type != kind {
			t.Errorf("%s is %q, %v; want %q", text, got.Type, err, kind)
		}
	}
	got, err := s.Explain(t.Context(), "LOAD CSV FROM 'http://127.0.0.1:1/x' AS line CALL db.labels() YIELD label RETURN line, label", nil)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, o := range got.Operators {
		names[o.Name] = true
	}
	if !names["LoadCSV"] || !names["ProcedureCall"] {
		t.Errorf("operators are %v", got.Operators)
	}
	want(t, "nothing was done", lines(t, s, "MATCH (c:Company) RETURN count(c)", nil), "0")
}
