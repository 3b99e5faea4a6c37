package neo4jstore_test

import (
	"context"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore/neo4jtest"
)

// A reader that meets the middle of a write is hard to bring about; a version
// without its body, put there by hand, looks the same to it.
func TestADocumentWhosePartsDoNotBelongTogetherIsReadAgain(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	s := openAgain(t, server, nil)
	if _, err := s.PutDocument(t.Context(), graph.Document{Kind: "text", Name: "a", Body: []byte("one")}, nil); err != nil {
		t.Fatal(err)
	}
	administer(t, server, "MATCH (d:RoundtripDocument) SET d.version = 2")
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if d, err := s.GetDocument(short, "text", "a"); err == nil {
		t.Errorf("version %d, %q; want an error", d.Version, d.Body)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		if d, err := s.GetDocument(t.Context(), "text", "a"); err != nil || d.Version != 1 || string(d.Body) != "one" {
			t.Errorf("version %d, %q, %v; want version 1", d.Version, d.Body, err)
		}
	}()
	administer(t, server, "MATCH (d:RoundtripDocument) SET d.version = 1")
	<-read

	administer(t, server, "MATCH (d:RoundtripDocument) REMOVE d.sum") // as it was before there were sums
	if d, err := s.GetDocument(t.Context(), "text", "a"); err != nil || string(d.Body) != "one" {
		t.Errorf("%q, %v", d.Body, err)
	}
}
