package neo4jstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore/neo4jtest"
)

func stage(records []graph.Record, deletes ...graph.Key) graph.Batch {
	return graph.Batch{At: time.Unix(0, 0), Deletes: deletes, Records: func(yield func(graph.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}}
}

// Between the write that makes a batch visible and the end of its publishing,
// and before it, readers see exactly their revision.
func TestReadersAreRightBeforeAndAfterEachStepOfAWriter(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := Config{URI: server.URI, Username: server.Username, Password: server.Password, Database: server.Database, LeaseTime: 2 * time.Second}
	s, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.Close(context.WithoutCancel(ctx)) }()
	transfer := func(id string, cents int64) *graph.Flow {
		return &graph.Flow{ID: id, From: "a", To: "b", Kind: graph.Transfer, Moves: graph.MovesCash, InitialStatus: graph.Closed, Status: graph.Closed, Amount: graph.USD(cents)}
	}
	curated := func(id string, cents int64) *graph.Flow {
		f := transfer(id, cents)
		f.Description = "curated"
		return f
	}
	company := func(id, name string) *graph.Company { return &graph.Company{ID: id, Name: name} }
	first := []graph.Record{
		company("a", "A"), company("b", "B"), company("gone", "Gone"),
		curated("c1", 1), curated("c2", 1), curated("c3", 1), transfer("t1", 1), transfer("t2", 1), transfer("t3", 1), transfer("t4", 1),
	}
	second := []graph.Record{
		company("a", "A2"), company("new", "New"),
		curated("c1", 2), transfer("c2", 2), curated("c4", 2), transfer("t1", 2), curated("t2", 2), transfer("t5", 2),
	}
	gone := []graph.Key{{Kind: graph.CompanyKind, ID: "gone"}, {Kind: graph.FlowRecord, ID: "c3"}, {Kind: graph.FlowRecord, ID: "t3"}}
	states := [][]graph.Record{nil, first, {
		company("a", "A2"), company("b", "B"), company("new", "New"),
		curated("c1", 2), transfer("c2", 2), curated("c4", 2), transfer("t1", 2), curated("t2", 2), transfer("t4", 1), transfer("t5", 2),
	}}
	check := func(when string, now uint64) {
		t.Helper()
		rev, err := s.Revision(ctx)
		if err != nil || rev.Number != now {
			t.Fatalf("%s: revision %d, %v; want %d", when, rev.Number, err, now)
		}
		for n := range now + 1 {
			var got, want []string
			for r, err := range s.Records(ctx, n) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, canonical(r))
			}
			for _, r := range states[n] {
				want = append(want, canonical(r))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, revision %d\n got %s\nwant %s", when, n, got, want)
			}
		}
		for _, k := range []graph.RecordKind{graph.CompanyKind, graph.FlowRecord} {
			page, err := s.List(ctx, graph.ListQuery{Kind: k, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			want := slices.DeleteFunc(slices.Clone(states[now]), func(r graph.Record) bool { return r.Key().Kind != k })
			if len(page.Records) != len(want) || page.Total != len(want) || page.Revision != now {
				t.Errorf("%s: %d %s of %d at revision %d, want %d at %d", when, len(page.Records), k.Plural(), page.Total, page.Revision, len(want), now)
			}
		}
		for _, key := range append(gone, graph.Key{Kind: graph.FlowRecord, ID: "t5"}, graph.Key{Kind: graph.FlowRecord, ID: "c2"}, graph.Key{Kind: graph.CompanyKind, ID: "a"}) {
			at := slices.IndexFunc(states[now], func(r graph.Record) bool { return r.Key() == key })
			got, err := s.Get(ctx, key)
			if at < 0 && !errors.Is(err, graph.ErrNotFound) || at >= 0 && (err != nil || !graph.Same(got, states[now][at])) {
				t.Errorf("%s: %s is %v, %v", when, key, got, err)
			}
		}
	}
	query := func(when string, revision uint64, want string) {
		t.Helper()
		rows, err := s.Query(ctx, "MATCH ()-[r:PAYS]->() WHERE r.rev_from <= $revision < r.rev_to RETURN count(r), sum(r.point_cents)", nil)
		if got := fmt.Sprint(rows.Values, rows.Revision.Number); err != nil || got != fmt.Sprintf("[[%s]] %d", want, revision) {
			t.Errorf("%s: a statement sees %s, %v; want [[%s]] %d", when, got, err, want, revision)
		}
	}

	if _, err := s.Apply(ctx, stage(first)); err != nil {
		t.Fatal(err)
	}
	check("after the first batch", 1)
	l, w, err := s.begin(ctx, "test")
	if err != nil {
		t.Fatal(err)
	}
	b := stage(second, gone...)
	if err := w.stageBatch(ctx, b); err != nil {
		t.Fatal(err)
	}
	check("staged", 1)
	query("staged", 1, "7 7")
	w.giveUp(ctx)
	check("given up", 1)
	query("given up", 1, "7 7")

	w = newWriter(s, l, w.base)
	if err := w.stageBatch(ctx, b); err != nil {
		t.Fatal(err)
	}
	if err := w.raise(ctx, b, ""); err != nil {
		t.Fatal(err)
	}
	check("visible and not published", 2)
	query("visible and not published", 1, "7 7")
	if err := w.raise(ctx, b, ""); err != nil {
		t.Errorf("the same commit again: %v", err)
	}
	// One step of publishing, as far as a writer may get before it is killed.
	err = l.write(ctx, "publish a part", func(ctx context.Context, t tx) error {
		return t.publishNodes(ctx, group{graph.FlowRecord, []string{"c1", "c3", "t2"}}, 2)
	})
	if err != nil {
		t.Fatal(err)
	}
	check("published in part", 2)
	query("published in part", 1, "7 7")
	l.release(ctx)

	again, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(context.WithoutCancel(ctx))
	check("published by the next open", 2)
	query("published by the next open", 2, "7 13")
}
