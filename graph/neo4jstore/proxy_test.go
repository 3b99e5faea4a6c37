package neo4jstore_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
	"roundtrip/graph/storetest"
)

// proxy stands between a store and its server and cuts a connection right after
// a COMMIT has reached the server, before the answer comes back.
type proxy struct {
	listener net.Listener
	server   string
	commits  atomic.Int64 // seen so far
	cutAt    atomic.Int64 // which one to cut, 0 for none
	cut      atomic.Bool  // it happened
}

// commitMessage is a COMMIT as the Bolt protocol sends it: a chunk of two bytes
// and the end of the message.
var commitMessage = []byte{0, 2, 0xb0, 0x12, 0, 0}

func startProxy(t *testing.T, server string) *proxy {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, server: strings.TrimPrefix(server, "bolt://")}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { p.serve(client) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		open.Wait()
	})
	return p
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	var dial net.Dialer
	server, err := dial.DialContext(context.Background(), "tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	var deaf atomic.Bool
	var both sync.WaitGroup
	both.Go(func() {
		buffer := make([]byte, 1<<16)
		for {
			n, err := client.Read(buffer)
			if n > 0 {
				// The driver sends a COMMIT in a write of its own.
				if bytes.Equal(buffer[:n], commitMessage) && p.commits.Add(1) == p.cutAt.Load() {
					deaf.Store(true)
				}
				if _, err := server.Write(buffer[:n]); err != nil {
					client.Close()
					return
				}
			}
			if err != nil {
				server.Close()
				return
			}
		}
	})
	both.Go(func() {
		buffer := make([]byte, 1<<16)
		for {
			n, err := server.Read(buffer)
			if n > 0 && deaf.Load() {
				p.cut.Store(true)
				client.Close()
				server.Close()
				return
			}
			if n > 0 {
				if _, err := client.Write(buffer[:n]); err != nil {
					server.Close()
					return
				}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					_ = err // the other side has closed it
				}
				client.Close()
				return
			}
		}
	})
	both.Wait()
}

func TestACommitOfUnknownOutcomeIsLookedUpAndDoneOnce(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	if !strings.HasPrefix(server.URI, "bolt://") {
		t.Skip("the proxy needs an unencrypted address")
	}
	p := startProxy(t, server.URI)
	c := logged(t, configOf(server))
	c.URI = "bolt://" + p.listener.Addr().String()
	c.ChunkRows = 25
	s, err := neo4jstore.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.Close(context.WithoutCancel(t.Context())) }()
	direct := openAgain(t, server, nil)
	var revision uint64
	var hash graph.Hash
	for at := int64(1); ; at++ {
		n, salt := 60, int(at)
		b := graph.Batch{At: time.Unix(0, 0), Records: func(yield func(graph.Record, error) bool) {
			for r, err := range storetest.Transfers("t", n, salt) {
				if !yield(r, err) {
					return
				}
			}
			yield(&graph.Company{ID: "c1", Name: string(rune('a' + at))}, nil)
		}}
		p.commits.Store(0)
		p.cut.Store(false)
		p.cutAt.Store(at)
		got, err := s.Apply(t.Context(), b)
		p.cutAt.Store(0)
		if err != nil {
			t.Fatalf("cut at commit %d: %v", at, err)
		}
		revision++
		if got.Revision != revision || got.Added+got.Changed != n+1 {
			t.Fatalf("cut at commit %d: %+v, want revision %d with %d records", at, got, revision, n+1)
		}
		hash = graph.Hash{}
		for r, err := range direct.Records(t.Context(), revision) {
			if err != nil {
				t.Fatal(err)
			}
			hash = hash.Plus(graph.Digest(r))
		}
		if hash != got.Hash {
			t.Fatalf("cut at commit %d: the records have hash %s, told %s", at, hash, got.Hash)
		}
		want(t, "legs in force", lines(t, direct, "MATCH ()-[r:PAYS]->() WHERE r.rev_from <= $revision < r.rev_to RETURN count(r), count(DISTINCT r.id)", nil), "60 60")
		if !p.cut.Load() {
			if at < 8 {
				t.Fatalf("a batch takes %d commits only", p.commits.Load())
			}
			return
		}
	}
}

func TestADocumentWhoseCommitGotNoAnswerIsWrittenOnce(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	if !strings.HasPrefix(server.URI, "bolt://") {
		t.Skip("the proxy needs an unencrypted address")
	}
	p := startProxy(t, server.URI)
	c := logged(t, configOf(server))
	c.URI = "bolt://" + p.listener.Addr().String()
	s, err := neo4jstore.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.Close(context.WithoutCancel(t.Context())) }()
	cut := func(what string, write func() error) {
		t.Helper()
		p.commits.Store(0)
		p.cut.Store(false)
		p.cutAt.Store(1)
		if err := write(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !p.cut.Load() {
			t.Fatalf("%s: no commit was cut", what)
		}
	}
	for version := range uint64(3) {
		cut("put", func() error {
			d, err := s.PutDocument(t.Context(), graph.Document{Kind: "text", Name: "a", Body: []byte("x")}, &version)
			if d.Version != version+1 {
				t.Errorf("version %d, want %d", d.Version, version+1)
			}
			return err
		})
	}
	for version := range uint64(3) {
		cut("put together", func() error {
			both := []graph.DocumentWrite{{Document: graph.Document{Kind: "text", Name: "b"}, Base: &version}, {Document: graph.Document{Kind: "text", Name: "c"}}}
			list, err := s.PutDocuments(t.Context(), both)
			if err == nil && (list[0].Version != version+1 || list[1].Version != version+1) {
				t.Errorf("versions %d and %d, want %d", list[0].Version, list[1].Version, version+1)
			}
			return err
		})
	}
	last := uint64(3)
	cut("delete", func() error { return s.DeleteDocument(t.Context(), "text", "a", &last) })
	if _, err := s.GetDocument(t.Context(), "text", "a"); !errors.Is(err, graph.ErrNotFound) {
		t.Errorf("get: %v", err)
	}
}
