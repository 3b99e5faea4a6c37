package sqlitestore

import (
	"strings"
	"testing"

	"roundtrip/graph"
)

func TestReadingARevisionSortsNothing(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	rows, err := s.readers.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+versionsFrom, graph.FlowRecord.String(), "t1", 1, 2, chunkRows)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, step)
	}
	text := strings.Join(plan, "\n")
	if rows.Err() != nil || strings.Contains(text, "TEMP B-TREE") || strings.Count(text, "(kind=? AND id>?)") != 2 {
		t.Errorf("%v\n%s", rows.Err(), text)
	}
}
