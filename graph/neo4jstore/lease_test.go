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

// halfway calls do in the middle of n transfers.
func halfway(n int, do func()) func(func(graph.Record, error) bool) {
	return func(yield func(graph.Record, error) bool) {
		i := 0
		for r, err := range storetest.Transfers("t", n, 0) {
			if i++; i == n/2 {
				do()
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// traces counts what a batch that was given up must not leave.
const traces = `CALL () { MATCH (n:RoundtripChunk) RETURN count(n) AS chunks }
CALL () { MATCH (n:RoundtripChange) RETURN count(n) AS changes }
CALL () { MATCH (n:RoundtripPlace) RETURN count(n) AS places }
CALL () { MATCH ()-[r]->() RETURN count(r) AS relationships }
RETURN chunks, changes, places, relationships`

func TestASecondServerWaitsForTheFirst(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	first, second := openAgain(t, server, nil), openAgain(t, server, nil)
	var busy error
	b := graph.Batch{Records: halfway(100, func() {
		// Longer than the lease, which is renewed meanwhile.
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		_, busy = second.Apply(ctx, graph.Batch{Records: one(loan("l", "a", "b"))})
	})}
	if _, err := first.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(busy, graph.ErrBusy) {
		t.Errorf("the second server: %v, want ErrBusy", busy)
	}
	if got := write(t, second, loan("l", "a", "b")); got.Revision != 2 {
		t.Errorf("the second server wrote revision %d, want 2", got.Revision)
	}
}

func TestAWriterThatLostItsLeaseWritesNothingMore(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	first := openAgain(t, server, func(c *neo4jstore.Config) { c.ChunkRows = 100 })
	second := openAgain(t, server, nil)
	written := 0
	b := graph.Batch{Progress: func(n int) {
		if written == 0 { // in the middle of the staging
			// As if the first server had slept through the end of its lease and another had taken it.
			administer(t, server, "MATCH (l:RoundtripLease) SET l.owner = 'another', l.token = l.token + 1, l.expires = 0")
			write(t, second, loan("l", "a", "b"))
		}
		written = n
	}, Records: storetest.Transfers("t", 1000, 0)}
	if _, err := first.Apply(t.Context(), b); !errors.Is(err, graph.ErrBusy) {
		t.Errorf("the first server: %v, want ErrBusy", err)
	}
	if written == 1000 {
		t.Error("it went on to the end")
	}
	for _, s := range []*neo4jstore.Store{first, second} {
		rev, err := s.Revision(t.Context())
		if err != nil || rev.Number != 1 {
			t.Errorf("revision %d, %v; want 1", rev.Number, err)
		}
	}
	want(t, "only the second server's leg is there", lines(t, second, traces, nil), "2 1 2 1")
	if got := apply(t, first, b2(1000)); got.Revision != 2 || got.Added != 1000 {
		t.Errorf("the first server's next batch: %+v", got)
	}
}

func b2(n int) graph.Batch { return graph.Batch{Records: storetest.Transfers("t", n, 0)} }

func TestWhatAServerLeftBehindIsRemovedByTheNextOpen(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	s := openAgain(t, server, nil)
	write(t, s, loan("l", "a", "b"), &graph.Company{ID: "a"}, &graph.Company{ID: "b"})
	// A batch above the current revision, as a killed writer leaves it.
	administer(t, server, `MATCH (a:Company {id: 'a'}), (b:Company {id: 'b'}) CREATE
		(:RoundtripChunk {rev: 2, seq: 1, kind: 'flow', direct: ['new'], added: [], changed: ['l'], deleted: [], again: ['l'], logged: 1, retired: true}),
		(:RoundtripChange {kind: 'flow', id: 'l', rev: 2, prev: 1, before: '{"id":"l"}', after: '{"id":"l"}', plain: false}),
		(a)-[:PAYS {id: 'new', rev_from: 2, rev_to: 9223372036854775807, record_rev: 2}]->(b), (:RoundtripPlace {id: 'c'}),
		(a)-[:FUNDS {id: 'l', rev_from: 2, rev_to: 9223372036854775807, unit: true}]->(b)`)
	administer(t, server, `MATCH ()-[r:FUNDS {id: 'l'}]->() WHERE r.rev_from = 1 SET r.rev_to = 2`)
	check := func(s *neo4jstore.Store) {
		t.Helper()
		n := 0
		for r, err := range s.Records(t.Context(), 1) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Key().Kind == graph.FlowRecord && n != 2 {
				t.Errorf("a leg comes after %d records", n)
			}
			n++
		}
		if n != 3 {
			t.Errorf("there are %d records, want 3", n)
		}
	}
	again := openAgain(t, server, nil)
	check(again)
	want(t, "nothing is left", lines(t, again, traces, nil), "3 3 0 1")
	want(t, "the leg is in force again", lines(t, again, "MATCH ()-[r:FUNDS]->() RETURN r.rev_from, r.rev_to > 9e18", nil), "1 true")
}
