package neo4jstore_test

import (
	"slices"
	"testing"

	"roundtrip/graph/neo4jstore/neo4jtest"
)

// everything lists all that a rebuild makes, without the revisions in which it
// was made.
const everything = `MATCH (a)-[r]->(b)
RETURN labels(a), coalesce(a.id, ''), type(r), coalesce(b.id, ''), r.id, r.known_from, r.status, r.unit, r.grouped, r.point_cents, r.ancestors, r.descendants, r.record_rev
ORDER BY a.id, type(r), b.id, r.id, r.known_from, r.unit, labels(a)`

func TestTheProjectionCanBeRebuiltFromTheRecords(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	s := openAgain(t, server, nil)
	apply(t, s, shipped(t, s))
	write(t, s, payment("plain", "amazon", "aws"))
	heads := "MATCH (c:Company) RETURN c.id, c.head ORDER BY c.id"
	before, tree := lines(t, s, everything, nil), lines(t, s, heads, nil)
	if len(before) < 1000 {
		t.Fatalf("there are %d relationships", len(before))
	}
	for _, damage := range []string{
		"MATCH ()-[r]->() WHERE r.record_rev IS NULL AND rand() < 0.5 DELETE r",
		"MATCH ()-[r:FUNDS|PAYS]->() SET r.status = 'talks', r.point_cents = 1",
		"MATCH ()-[r:PAYS {id: 'plain'}]->() SET r.status = 'closed', r.point_cents = 100",
		"MATCH (c:Company) SET c.head = 'nobody'",
	} {
		administer(t, server, damage)
	}
	if slices.Equal(lines(t, s, everything, nil), before) {
		t.Fatal("nothing was damaged")
	}
	if err := s.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(t, "relationships", lines(t, s, everything, nil), before...)
	want(t, "heads", lines(t, s, heads, nil), tree...)
	rev, err := s.Revision(t.Context())
	if err != nil || rev.Number != 2 {
		t.Errorf("revision %d, %v; want 2", rev.Number, err)
	}
}
