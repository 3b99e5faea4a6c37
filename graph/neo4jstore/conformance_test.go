package neo4jstore_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
	"roundtrip/graph/storetest"
)

// configOf is the configuration for a server, with short times for tests.
func configOf(s neo4jtest.Server) neo4jstore.Config {
	return neo4jstore.Config{
		URI: s.URI, Username: s.Username, Password: s.Password, Database: s.Database,
		LeaseTime: 3 * time.Second, Timeout: 30 * time.Second, ChunkRows: 1000, // so that a batch is several transactions
	}
}

// logged sends what the store says to the log of the test.
func logged(t *testing.T, c neo4jstore.Config) neo4jstore.Config {
	c.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	return c
}

func TestConformance(t *testing.T) {
	storetest.Run(t, fresh(neo4jtest.Start(t)), sizes())
}

func TestDocumentsAreKeptAsPromised(t *testing.T) {
	storetest.RunDocuments(t, fresh(neo4jtest.Start(t)), sizes())
}

// sizes are those of the suite, several transactions to the large batch in any
// case.
func sizes() storetest.Options {
	if os.Getenv(neo4jtest.EnvShort) == "true" {
		return storetest.Options{Large: 2400, Writers: 4, Steps: 30}
	}
	return storetest.Options{Large: 8000}
}

func fresh(server neo4jtest.Server) storetest.Fresh {
	return func(t *testing.T) storetest.Open {
		server.Wipe(t)
		return func(ctx context.Context) (graph.Store, error) {
			return neo4jstore.Open(ctx, logged(t, configOf(server)))
		}
	}
}
