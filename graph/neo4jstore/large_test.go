package neo4jstore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
	"roundtrip/graph/storetest"
)

// The server of the tests has a heap of 512 MB; one transaction of 100,000 legs
// would not fit it.
func TestALargeImportIsAllOrNothingWithASmallHeap(t *testing.T) {
	const legs = 200_000
	server := neo4jtest.Start(t)
	server.Wipe(t)
	s := openAgain(t, server, func(c *neo4jstore.Config) { c.ChunkRows = 0 })
	ctx, cancel := context.WithCancel(t.Context())
	begin := time.Now()
	lap := func(what string) {
		t.Logf("%s took %v", what, time.Since(begin).Round(time.Millisecond))
		begin = time.Now()
	}
	seen := []int{}
	b := graph.Batch{Records: storetest.Transfers("t", legs, 0), Progress: func(n int) {
		if n%50_000 == 0 {
			page, err := s.List(t.Context(), graph.ListQuery{Kind: graph.FlowRecord, Limit: 1})
			if err != nil {
				t.Error(err)
			}
			seen = append(seen, page.Total, len(page.Records))
		}
		if n >= legs/2 {
			cancel()
		}
	}}
	if _, err := s.Apply(ctx, b); !errors.Is(err, context.Canceled) {
		t.Fatalf("the cancelled import: %v", err)
	}
	lap("half of it and taking that away")
	for _, n := range seen {
		if n != 0 {
			t.Errorf("a reader saw legs of the import: %v", seen)
			break
		}
	}
	rev, err := s.Revision(t.Context())
	if err != nil || rev.Number != 0 || rev.Hash != (graph.Hash{}) {
		t.Errorf("after it the graph is at %+v, %v", rev, err)
	}
	if left := lines(t, s, traces, nil); left[0] != "0 0 0 0" {
		t.Logf("the time for cleaning up was over with %s left, which no reader sees; opening again takes it away", left[0])
		openAgain(t, server, func(*neo4jstore.Config) {})
	}
	want(t, "nothing is left of it", lines(t, s, traces, nil), "0 0 0 0")

	b.Progress = nil
	got := apply(t, s, b)
	if got.Added != legs || got.Revision != 1 {
		t.Errorf("the whole import: %+v", got)
	}
	lap("the whole import")
	var sum graph.Hash
	n := 0
	for r, err := range s.Records(t.Context(), 1) {
		if err != nil {
			t.Fatal(err)
		}
		sum = sum.Plus(graph.Digest(r))
		n++
	}
	if n != legs || sum != got.Hash {
		t.Errorf("%d legs with hash %s are there, want %d with %s", n, sum, legs, got.Hash)
	}
	lap("reading it")
	undone, err := s.Undo(t.Context(), "b1", b.At)
	if err != nil || undone.Deleted != legs || undone.Hash != (graph.Hash{}) {
		t.Errorf("undo: %+v, %v", undone, err)
	}
	lap("undoing it")
	page, err := s.List(t.Context(), graph.ListQuery{Kind: graph.FlowRecord, Limit: 10})
	if err != nil || page.Total != 0 || len(page.Records) != 0 {
		t.Errorf("after the undo %d legs are listed, %v", page.Total, err)
	}
}
