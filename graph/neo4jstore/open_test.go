package neo4jstore_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
)

func TestOpenSaysWhatIsWrongWithinTheDeadline(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	var listen net.ListenConfig
	silent, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, c := range map[string]struct {
		change func(*neo4jstore.Config)
		want   []string
	}{
		"a wrong password":          {func(c *neo4jstore.Config) { c.Password = "another password" }, []string{"neo4j", "password", "Unauthorized"}},
		"an unknown database":       {func(c *neo4jstore.Config) { c.Database = "nowhere" }, []string{`no database "nowhere"`}},
		"nobody listens":            {func(c *neo4jstore.Config) { c.URI = "bolt://127.0.0.1:1" }, []string{"bolt://127.0.0.1:1", "cannot be reached"}},
		"nobody listens there":      {func(c *neo4jstore.Config) { c.URI = "neo4j://127.0.0.1:1" }, []string{"neo4j://127.0.0.1:1", "cannot be reached"}},
		"nobody answers":            {func(c *neo4jstore.Config) { c.URI = "bolt://" + silent.Addr().String() }, []string{silent.Addr().String(), "deadline exceeded"}},
		"no address":                {func(c *neo4jstore.Config) { c.URI = "localhost:7687" }, []string{"localhost:7687", "want"}},
		"a wrong scheme":            {func(c *neo4jstore.Config) { c.URI = "http://localhost:7474" }, []string{`"http"`, "bolt"}},
		"a password in the address": {func(c *neo4jstore.Config) { c.URI = "bolt://neo4j:secret@localhost:7687" }, []string{"settings of their own"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := configOf(server)
			c.change(&cfg)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			s, err := neo4jstore.Open(ctx, cfg)
			if err == nil {
				s.Close(t.Context())
				t.Fatal("it opened")
			}
			if ctx.Err() != nil && name != "nobody answers" {
				t.Errorf("it took the whole deadline: %v", err)
			}
			for _, text := range c.want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("the error does not say %q: %v", text, err)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestAClusterAddressWorksWithOneServer(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	s := openAgain(t, server, func(c *neo4jstore.Config) { c.URI = strings.Replace(c.URI, "bolt://", "neo4j://", 1) })
	write(t, s, loan("l", "a", "b"))
	want(t, "it sees its own write", lines(t, s, "MATCH ()-[r:FUNDS]->() RETURN r.id", nil), "l")
}

func TestManyServersMayStartAtOnce(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	stores := make([]*neo4jstore.Store, 4)
	var wg sync.WaitGroup
	for i := range stores {
		wg.Go(func() {
			s, err := neo4jstore.Open(t.Context(), configOf(server))
			if err != nil {
				t.Error(err)
				return
			}
			stores[i] = s
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	want(t, "one schema", lines(t, stores[0], "MATCH (m:RoundtripMeta), (l:RoundtripLease) RETURN m.schema, m.revision", nil), "2 0")
	// They share the database: each sees what the others wrote, and no write is lost.
	for i, s := range stores {
		wg.Go(func() {
			for n := range 3 {
				_, err := s.Apply(t.Context(), graph.Batch{Records: one(loan(string(rune('a'+i))+string(rune('0'+n)), "x", "y"))})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, s := range stores {
		rev, err := s.Revision(t.Context())
		page, listErr := s.List(t.Context(), graph.ListQuery{Kind: graph.FlowRecord, Limit: 100})
		if err != nil || listErr != nil || rev.Number != 12 || page.Total != 12 || len(page.Records) != 12 {
			t.Errorf("revision %d, %d legs, %v, %v; want 12 of each", rev.Number, page.Total, err, listErr)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func one(r graph.Record) func(func(graph.Record, error) bool) {
	return func(yield func(graph.Record, error) bool) { yield(r, nil) }
}

func TestANewerSchemaIsRefusedAndAnOlderOneNeedsWriting(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	c := configOf(server)
	c.ReadOnly = true
	if _, err := neo4jstore.Open(t.Context(), c); !errors.Is(err, neo4jstore.ErrSchema) {
		t.Errorf("an empty database, read only: %v", err)
	}
	s := openAgain(t, server, nil)
	write(t, s, loan("l", "a", "b"))
	reader, err := neo4jstore.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close(t.Context())
	if err := reader.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := reader.Get(t.Context(), graph.Key{Kind: graph.FlowRecord, ID: "l"}); err != nil {
		t.Error(err)
	}
	if _, err := reader.Apply(t.Context(), graph.Batch{}); !errors.Is(err, graph.ErrReadOnly) {
		t.Errorf("apply: %v", err)
	}
	if _, err := reader.Undo(t.Context(), "b1", time.Now()); !errors.Is(err, graph.ErrReadOnly) {
		t.Errorf("undo: %v", err)
	}
	put, err := s.PutDocument(t.Context(), graph.Document{Kind: "text", Name: "a"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := reader.GetDocument(t.Context(), "text", "a"); err != nil || d.Version != put.Version {
		t.Errorf("document %+v, %v", d, err)
	}
	if _, err := reader.PutDocument(t.Context(), put, nil); !errors.Is(err, graph.ErrReadOnly) {
		t.Errorf("put: %v", err)
	}
	if _, err := reader.PutDocuments(t.Context(), []graph.DocumentWrite{{Document: put}}); !errors.Is(err, graph.ErrReadOnly) {
		t.Errorf("put: %v", err)
	}
	if err := reader.DeleteDocument(t.Context(), "text", "a", nil); !errors.Is(err, graph.ErrReadOnly) {
		t.Errorf("delete: %v", err)
	}
	administer(t, server, "MATCH (m:RoundtripMeta) SET m.schema = 999")
	for _, readOnly := range []bool{false, true} {
		c.ReadOnly = readOnly
		if _, err := neo4jstore.Open(t.Context(), c); !errors.Is(err, neo4jstore.ErrSchema) || !strings.Contains(err.Error(), "999") {
			t.Errorf("a newer schema: %v", err)
		}
	}
	if err := s.Check(t.Context()); !errors.Is(err, neo4jstore.ErrSchema) {
		t.Errorf("check: %v", err)
	}
}

func TestADatabaseFromBeforeDocumentsIsMigrated(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	s := openAgain(t, server, nil)
	write(t, s, loan("l", "a", "b"))
	before, err := s.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	administer(t, server, "DROP CONSTRAINT roundtrip_document")
	administer(t, server, "MATCH (m:RoundtripMeta) SET m.schema = 1")
	c := configOf(server)
	c.ReadOnly = true
	if _, err := neo4jstore.Open(t.Context(), c); !errors.Is(err, neo4jstore.ErrSchema) || !strings.Contains(err.Error(), "it is version 1 and this program needs 2") {
		t.Errorf("read only: %v", err)
	}
	s = openAgain(t, server, nil)
	want(t, "a new schema", lines(t, s, "MATCH (m:RoundtripMeta) RETURN m.schema, m.revision", nil), "2 1")
	want(t, "the constraint", lines(t, s, "SHOW CONSTRAINTS YIELD name, type, properties WHERE name = 'roundtrip_document' RETURN split(type, '_')[-1], properties", nil), "UNIQUENESS [kind name]")
	if d, err := s.PutDocument(t.Context(), graph.Document{Kind: "text", Name: "a"}, nil); err != nil || d.Version != 1 {
		t.Errorf("document %+v, %v", d, err)
	}
	if after, err := s.Revision(t.Context()); err != nil || after != before {
		t.Errorf("revision %+v, %v; want %+v", after, err, before)
	}
}
