package neo4jtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// shared is the one server of this test binary. It lives as long as the process: no test can know that it is the
// last, and the watching shell stops the server when the process ends.
var shared struct {
	once   sync.Once
	server *Server
	turn   func() // gives the turn at a server of the environment back; kept so that the lock's file stays open, never called
	err    error
}

// Start returns the server of this test binary, booting it (about 10 seconds) or waiting for its turn at the server
// named by ROUNDTRIP_TEST_NEO4J_URI on the first call. It does not empty the database: see [Server.Wipe].
//
// Under -short the test is skipped. Where the server cannot be had (no Java, no Maven, nothing to fetch from) the
// test is skipped with the reason, but fails where CI=true.
func Start(tb testing.TB) Server {
	tb.Helper()
	if testing.Short() {
		tb.Skip("needs a real Neo4j, which -short leaves out")
	}
	shared.once.Do(func() {
		// Not the test's own life: the server stays for the tests that follow.
		shared.server, shared.turn, shared.err = obtain(context.WithoutCancel(tb.Context()))
	})
	if err := shared.err; err != nil {
		if errors.Is(err, ErrUnavailable) && os.Getenv("CI") != "true" {
			tb.Skip(err)
		}
		tb.Fatal(err)
	}
	return *shared.server
}

// turnLimit bounds the wait for other test binaries. It is longer than go test lets a binary run by default, so that
// -timeout decides.
const turnLimit = 30 * time.Minute

func obtain(ctx context.Context) (server *Server, turn func(), err error) {
	uri := os.Getenv(EnvURI)
	if uri == "" {
		server, err = Run(ctx, Options{Log: os.Stderr})
		return server, nil, err
	}
	server = &Server{
		URI:      uri,
		Username: or(os.Getenv(EnvUser), "neo4j"),
		Password: os.Getenv(EnvPassword),
		Database: or(os.Getenv(EnvDatabase), "neo4j"),
		HTTPURL:  os.Getenv(EnvHTTPURL),
	}
	if server.HTTPURL != "" {
		server.BrowserURL = server.HTTPURL + "/browser/"
	}
	sum := sha256.Sum256([]byte(uri + "\x00" + server.Database))
	ctx, cancel := context.WithTimeoutCause(ctx, turnLimit, errors.New("it did not end within 30 minutes"))
	defer cancel()
	turn, err = lock(ctx, filepath.Join(os.TempDir(), "roundtrip-neo4j-turn-"+hex.EncodeToString(sum[:8])+".lock"))
	if err != nil {
		return nil, nil, err
	}
	if err := server.ping(ctx); err != nil {
		turn()
		return nil, nil, fmt.Errorf("%s is %s: %w", EnvURI, uri, err)
	}
	return server, turn, nil
}

// Wipe deletes every node and relationship of the server's database, in batches that fit a small heap, and fails the
// test when something is left. Constraints and indexes stay.
func (s Server) Wipe(tb testing.TB) {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context()) // so that it can be called from a cleanup
	for _, text := range []string{
		"MATCH ()-[r]->() CALL (r) { DELETE r } IN TRANSACTIONS OF 10000 ROWS",
		"MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS",
	} {
		if _, err := s.query(ctx, 2*time.Minute, text); err != nil {
			tb.Fatal(err)
		}
	}
	rows, err := s.query(ctx, 10*time.Second, "MATCH (n) RETURN count(n)")
	if err != nil {
		tb.Fatal(err)
	}
	if left := rows[0].Values[0]; left != int64(0) {
		tb.Fatalf("neo4jtest: %v nodes are left after Wipe; is another process writing to %s?", left, s.URI)
	}
}
