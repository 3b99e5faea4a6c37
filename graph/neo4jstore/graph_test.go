package neo4jstore_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/ingest"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
	"roundtrip/graph/snapshot"
)

// open opens a store on an emptied server for one test.
func open(t *testing.T, change func(*neo4jstore.Config)) *neo4jstore.Store {
	t.Helper()
	server := neo4jtest.Start(t)
	server.Wipe(t)
	return openAgain(t, server, change)
}

func openAgain(t *testing.T, server neo4jtest.Server, change func(*neo4jstore.Config)) *neo4jstore.Store {
	t.Helper()
	c := logged(t, configOf(server))
	if change != nil {
		change(&c)
	}
	s, err := neo4jstore.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return s
}

func write(t *testing.T, s *neo4jstore.Store, records ...graph.Record) graph.Applied {
	t.Helper()
	return apply(t, s, graph.Batch{Origin: "test", At: time.Unix(0, 0), Records: func(yield func(graph.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}})
}

func remove(t *testing.T, s *neo4jstore.Store, keys ...graph.Key) {
	t.Helper()
	apply(t, s, graph.Batch{Origin: "test", At: time.Unix(0, 0), Deletes: keys})
}

func apply(t *testing.T, s *neo4jstore.Store, b graph.Batch) graph.Applied {
	t.Helper()
	got, err := s.Apply(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// lines runs a statement and writes its rows, one line each, values separated
// by spaces.
func lines(t *testing.T, s *neo4jstore.Store, text string, params map[string]any) []string {
	t.Helper()
	rows, err := s.Query(t.Context(), text, params)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, row := range rows.Values {
		list = append(list, strings.TrimSuffix(fmt.Sprintln(row...), "\n"))
	}
	return list
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// inForce lists the relationships that count at a revision.
const inForce = `MATCH (a)-[r:FUNDS|PAYS|ACQUIRES|GRANTS|BACKS|SUPPLIES]->(b) WHERE r.rev_from <= $revision < r.rev_to
RETURN r.id, a.id, b.id, CASE WHEN r.unit THEN 'unit' ELSE '' END + CASE WHEN r.grouped THEN 'grouped' ELSE '' END AS as, toString(r.known_from) AS since, r.status
ORDER BY r.id, since, as DESC, a.id`

func day(t *testing.T, text string) graph.Date {
	t.Helper()
	d, err := graph.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func loan(id, from, to string) *graph.Flow {
	return &graph.Flow{ID: id, From: from, To: to, Kind: graph.Loan, Moves: graph.MovesCash, InitialStatus: graph.Signed, Status: graph.Signed, Amount: graph.USD(100)}
}

func payment(id, from, to string) *graph.Flow {
	return &graph.Flow{ID: id, From: from, To: to, Kind: graph.Transfer, Moves: graph.MovesCash, InitialStatus: graph.Closed, Status: graph.Closed, Amount: graph.USD(100)}
}

func shipped(t testing.TB, s graph.Store) graph.Batch {
	t.Helper()
	src, err := ingest.FromFS(dataset.FS())
	if err != nil {
		t.Fatal(err)
	}
	report, batch, err := ingest.Check(t.Context(), src, s, ingest.Options{Origin: "shipped", At: time.Unix(0, 0)})
	if err == nil {
		err = report.Err()
	}
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

func TestTheShippedDataIsProjectedAsTheSnapshotReadsIt(t *testing.T) {
	s := open(t, nil)
	apply(t, s, shipped(t, s))
	rev, err := s.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	snap, err := snapshot.Build(rev, s.Records(t.Context(), rev.Number))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Query(t.Context(), `MATCH (a:Company)-[r]->(b:Company) WHERE r.unit
		RETURN r.id, r.known_from, r.known_to, r.status, r.realised_cents, a.id, b.id, type(r), r.current ORDER BY r.id, r.known_from`, nil)
	if err != nil {
		t.Fatal(err)
	}
	states := map[string][][]any{}
	for _, row := range rows.Values {
		id := row[0].(string)
		states[id] = append(states[id], row)
	}
	if snap.NumFlows() < 200 {
		t.Fatalf("the shipped data has %d legs", snap.NumFlows())
	}
	manyStates := 0
	for i := range snap.NumFlows() {
		f := snap.Flow(i)
		list := states[f.ID]
		if f.Kind == graph.Umbrella {
			if list != nil {
				t.Errorf("the umbrella %s has relationships", f.ID)
			}
			continue
		}
		if len(list) > 1 {
			manyStates++
		}
		for k, row := range list {
			first, end := day(t, row[1].(string)), day(t, row[2].(string))
			if row[5] != f.From || row[6] != f.To || row[7] != f.Kind.Class().String() || row[8] != (k == len(list)-1) {
				t.Errorf("%s: state %d is %v", f.ID, k, row)
			}
			if k > 0 && list[k-1][2] != row[1] {
				t.Errorf("%s: state %d begins on %v and the one before ends on %v", f.ID, k, row[1], list[k-1][2])
			}
			for _, on := range []graph.Day{first.First(), end.First() - 1} {
				figure := any(nil)
				if m := snap.FigureOn(i, on); m.Known() {
					figure = m.Cents()
				}
				if row[3] != string(snap.StateOn(i, on)) || row[4] != figure {
					t.Errorf("%s on %s is %v, paid %v; want %v, paid %v", f.ID, on, row[3], row[4], snap.StateOn(i, on), figure)
				}
			}
		}
		since := "0001-01-01"
		if f.Announced.Known() {
			since = f.Announced.First().String()
		}
		if len(list) == 0 || list[0][1] != since || list[len(list)-1][2] != "9999-12-31" {
			t.Errorf("%s is covered by %v", f.ID, list)
		}
	}
	if manyStates < 20 {
		t.Errorf("only %d legs have several states", manyStates)
	}
	// The edges of the headline lens, summed by the database from the projection.
	for _, rollup := range []bool{true, false} {
		for _, asOf := range []string{"2024-06-30", "2025-12-16", "2026-09-01"} {
			compareEdges(t, s, snap, asOf, rollup)
		}
	}
}

func compareEdges(t *testing.T, s *neo4jstore.Store, snap *snapshot.Snapshot, asOf string, rollup bool) {
	t.Helper()
	lens := graph.DefaultLens()
	lens.AsOf, lens.Rollup = day(t, asOf), rollup
	v, err := snap.View(t.Context(), lens)
	if err != nil {
		t.Fatal(err)
	}
	expected := []string{}
	for e := range v.NumEdges() {
		edge := v.EdgeAt(e)
		cents := any("unknown")
		if edge.Amount.Known() {
			cents = edge.Amount.Cents()
		}
		expected = append(expected, fmt.Sprint(v.Companies()[edge.Payer], " ", v.Companies()[edge.Payee], " ", edge.Class, " ", cents, " ", len(edge.Legs)))
	}
	slices.Sort(expected)
	got := lines(t, s, `MATCH (a:Company)-[r:FUNDS|PAYS]->(b:Company)
		WHERE r.rev_from <= $revision < r.rev_to AND r.known_from <= date($as_of) < r.known_to
		  AND NOT r.status IN ['cancelled', 'superseded'] AND CASE WHEN $rollup THEN r.grouped ELSE r.unit END
		  AND a <> b AND NOT r.aggregate AND r.counted
		  AND NONE(id IN coalesce(r.ancestors, []) WHERE EXISTS {
		    MATCH ()-[w]->() WHERE w.id = id AND w.unit AND w.known_from <= date($as_of) < w.known_to
		      AND NOT w.status IN ['cancelled', 'superseded'] AND w.point_cents IS NOT NULL })
		WITH a.id AS payer, b.id AS payee, type(r) AS class, count(r.point_cents) AS known, sum(r.point_cents) AS cents, count(*) AS legs
		RETURN payer, payee, class, CASE WHEN known > 0 THEN toString(cents) ELSE 'unknown' END, legs`, map[string]any{"as_of": asOf, "rollup": rollup})
	slices.Sort(got)
	if len(got) < 5 {
		t.Errorf("on %s there are only %d edges", asOf, len(got))
	}
	want(t, fmt.Sprintf("edges on %s, rollup %v", asOf, rollup), got, expected...)
}

func TestRecordsCanBeExplored(t *testing.T) {
	s := open(t, nil)
	apply(t, s, shipped(t, s))
	want(t, "AWS is a part of Amazon", lines(t, s, `MATCH (c:Company {id: 'aws'})-[:PART_OF]->(p) RETURN c.display, c.head, c.aggregate, p.id, labels(p)`, nil),
		"Amazon Web Services amazon false amazon [Company]")
	want(t, "no company has two nodes or another label", lines(t, s, `MATCH (c:Company) WITH c.id AS id, count(*) AS n, collect(labels(c)) AS l WHERE n > 1 OR size(l[0]) > 1 RETURN id`, nil))
	want(t, "no places are left", lines(t, s, `MATCH (p:RoundtripPlace) RETURN p.id`, nil))
	for _, text := range []string{
		"MATCH (c:Company)-[r:MAKES]->(:Chip) RETURN count(r) > 10", "MATCH (:Company)-[r:DESIGNS]->(:Chip) RETURN count(r) > 10",
		"MATCH (:Company)-[r:FABRICATES]->(:Chip) RETURN count(r) > 10", "MATCH (:Company)-[r:RUNS_ON]->(:Chip) RETURN count(r) > 10",
		"MATCH (:Leg)-[r:IN_DEAL]->(:Deal) RETURN count(r) > 100", "MATCH (:Leg)-[r:LISTS_CHIP]->(:Chip) RETURN count(r) > 10",
		"MATCH (:Outcome)-[r:OF]->(:Leg) RETURN count(r) > 50", "MATCH (:Metric)-[r:OF]->(:Company) RETURN count(r) > 100",
		"MATCH (:Leg)-[r:REPORTED_BY]->(:Source) RETURN count(r) > 200",
		"MATCH (o:Outcome) WHERE o.first_day IS NULL RETURN count(o) = 0", "MATCH (m:Metric) WHERE m.as_of_last IS NULL RETURN count(m) = 0",
	} {
		want(t, text, lines(t, s, text, nil), "true")
	}
}

func TestACompanyThatMovesTakesItsLegsAlong(t *testing.T) {
	s := open(t, func(c *neo4jstore.Config) { c.Retain = time.Second })
	write(t, s, &graph.Company{ID: "a"}, &graph.Company{ID: "b"}, &graph.Company{ID: "group"}, loan("l", "a", "b"), payment("p", "b", "a"))
	before := []string{"l a b unitgrouped 0001-01-01 signed", "p b a unitgrouped 0001-01-01 closed"}
	after := []string{
		"l a b unit 0001-01-01 signed", "l a group grouped 0001-01-01 signed",
		"p b a unit 0001-01-01 closed", "p group a grouped 0001-01-01 closed",
	}
	want(t, "apart", lines(t, s, inForce, nil), before...)
	write(t, s, &graph.Company{ID: "b", ParentID: "group"})
	want(t, "b in the group", lines(t, s, inForce, nil), after...)
	want(t, "the revision before can still be read", lines(t, s, inForce, map[string]any{"revision": 1}), before...)
	want(t, "heads", lines(t, s, "MATCH (c:Company) RETURN c.id, c.head ORDER BY c.id", nil), "a a", "b group", "group group")
	write(t, s, &graph.Company{ID: "group", ParentID: "a"}, &graph.Company{ID: "a", Kind: graph.KindAggregate})
	want(t, "a holds the group", lines(t, s, inForce, nil), "l a b unit 0001-01-01 signed", "p b a unit 0001-01-01 closed")
	want(t, "heads", lines(t, s, "MATCH (c:Company) RETURN c.id, c.head, c.aggregate ORDER BY c.id", nil), "a a true", "b a false", "group a false")
	want(t, "aggregates", lines(t, s, "MATCH ()-[r:FUNDS|PAYS]->() WHERE r.rev_to > 9e18 RETURN r.id, r.aggregate ORDER BY r.id", nil), "l true", "p true")
	if _, err := s.Undo(t.Context(), "b3", time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	want(t, "undone", lines(t, s, inForce, nil), after...)
	deadline := time.Now().Add(20 * time.Second)
	for {
		n := lines(t, s, "MATCH ()-[r:FUNDS|PAYS]->() RETURN count(r)", nil)
		if n[0] == "4" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s relationships are left, want 4", n[0])
		}
		time.Sleep(200 * time.Millisecond)
	}
	want(t, "after the replaced ones are gone", lines(t, s, inForce, nil), after...)
}

func TestACompanyWithoutARecordIsAPlaceUntilItHasOne(t *testing.T) {
	s := open(t, nil)
	write(t, s, loan("l", "a", "b"))
	want(t, "places", lines(t, s, "MATCH (n)-[r:FUNDS]->(m) RETURN labels(n), n.id, labels(m), m.id", nil), "[RoundtripPlace] a [RoundtripPlace] b")
	write(t, s, &graph.Company{ID: "b", Name: "Bee"})
	want(t, "b", lines(t, s, "MATCH (n)-[r:FUNDS]->(m) RETURN labels(n), n.id, labels(m), m.display", nil), "[RoundtripPlace] a [Company] Bee")
	remove(t, s, graph.Key{Kind: graph.CompanyKind, ID: "b"})
	want(t, "b gone", lines(t, s, "MATCH (n)-[r:FUNDS]->(m) RETURN labels(m), keys(m)", nil), "[RoundtripPlace] [id]")
	write(t, s, &graph.Company{ID: "b", Kind: graph.KindAggregate})
	want(t, "b an aggregate", lines(t, s, "MATCH ()-[r:FUNDS]->(:Company) WHERE r.rev_to > 9e18 RETURN r.aggregate", nil), "true")
}

func TestPartsKnowTheirWholes(t *testing.T) {
	s := open(t, nil)
	part := func(id, whole string) *graph.Flow {
		f := loan(id, "a", "b")
		f.ParentFlowID = whole
		return f
	}
	umbrella := part("umbrella", "top")
	umbrella.Kind = graph.Umbrella
	families := func() []string {
		return lines(t, s, `MATCH ()-[r:FUNDS|PAYS]->() WHERE r.rev_from <= $revision < r.rev_to RETURN r.id, coalesce(r.ancestors, []), coalesce(r.descendants, []) ORDER BY r.id`, nil)
	}
	write(t, s, loan("top", "a", "b"), umbrella, part("mid", "umbrella"), part("low", "mid"), payment("paid", "a", "b"))
	want(t, "at first", families(), "low [mid top] []", "mid [top] [low]", "paid [] []", "top [] [low mid]")
	write(t, s, part("deep", "low"))
	want(t, "one more level", families(), "deep [low mid top] []", "low [mid top] [deep]", "mid [top] [deep low]", "paid [] []", "top [] [deep low mid]")
	write(t, s, part("mid", "paid"))
	want(t, "mid moves to a plain transfer", families(), "deep [low mid paid] []", "low [mid paid] [deep]", "mid [paid] [deep low]", "paid [] [deep low mid]", "top [] []")
	remove(t, s, graph.Key{Kind: graph.FlowRecord, ID: "deep"})
	want(t, "deep goes", families(), "low [mid paid] []", "mid [paid] [low]", "paid [] [low mid]", "top [] []")
	if _, err := s.Undo(t.Context(), "b3", time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	want(t, "mid moves back", families(), "low [mid top] []", "mid [top] [low]", "paid [] []", "top [] [low mid]")
}

func TestAnOutcomeThatComesLaterCutsAState(t *testing.T) {
	s := open(t, nil)
	write(t, s, payment("p", "a", "b"))
	write(t, s, &graph.Outcome{ID: "o", FlowID: "p", Date: day(t, "2025-03"), StatusAfter: graph.Cancelled})
	want(t, "two states", lines(t, s, inForce, nil), "p a b unitgrouped 0001-01-01 closed", "p a b unitgrouped 2025-03-01 cancelled")
	got, err := s.Get(t.Context(), graph.Key{Kind: graph.FlowRecord, ID: "p"})
	if err != nil || !graph.Same(got, payment("p", "a", "b")) {
		t.Errorf("the transfer is %v, %v", got, err)
	}
	want(t, "it has no record node", lines(t, s, "MATCH (l:Leg) RETURN l.id", nil))
	write(t, s, &graph.Outcome{ID: "o", FlowID: "q", Date: day(t, "2025-03"), StatusAfter: graph.Cancelled})
	want(t, "the outcome is of another leg", lines(t, s, inForce, nil), "p a b unitgrouped 0001-01-01 closed")
	write(t, s, payment("q", "a", "b"))
	want(t, "which comes after it", lines(t, s, inForce, nil),
		"p a b unitgrouped 0001-01-01 closed", "q a b unitgrouped 0001-01-01 closed", "q a b unitgrouped 2025-03-01 cancelled")
	remove(t, s, graph.Key{Kind: graph.OutcomeKind, ID: "o"}, graph.Key{Kind: graph.FlowRecord, ID: "p"})
	want(t, "without either", lines(t, s, inForce, nil), "q a b unitgrouped 0001-01-01 closed")
}

func TestALegThatOutgrowsItsRelationshipGetsANode(t *testing.T) {
	s := open(t, nil)
	write(t, s, payment("p", "a", "b"))
	noted := payment("p", "a", "b")
	noted.Description = "for the cleaning"
	write(t, s, noted)
	want(t, "a node and a new relationship", lines(t, s, `MATCH (l:Leg), ()-[r:PAYS]->() WHERE r.rev_to > 9e18 RETURN l.id, l.description, l.amount_cents, r.record_rev IS NULL, r.description`, nil),
		"p for the cleaning 100 true for the cleaning")
	for rev, record := range map[uint64]graph.Record{1: payment("p", "a", "b"), 2: noted} {
		for r, err := range s.Records(t.Context(), rev) {
			if err != nil || !graph.Same(r, record) {
				t.Errorf("revision %d has %v, %v", rev, r, err)
			}
		}
	}
}
