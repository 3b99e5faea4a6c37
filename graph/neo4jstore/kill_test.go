package neo4jstore_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
	"roundtrip/graph/storetest"
)

func TestAKilledImportLeavesAllOrNothing(t *testing.T) {
	storetest.Kill(t, storetest.KillTest{
		Place: func(t *testing.T) string {
			server := neo4jtest.Start(t)
			server.Wipe(t)
			c := configOf(server)
			c.ChunkRows = 500 // many transactions
			// The first import after the start of a server is much slower than those after it.
			for i := range 2 {
				s := openAgain(t, server, func(o *neo4jstore.Config) { o.ChunkRows = c.ChunkRows })
				apply(t, s, graph.Batch{Records: storetest.Transfers("warm", 4000, i)})
			}
			server.Wipe(t)
			place, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			return string(place)
		},
		Open:    openPlace,
		Records: 4000,
		Rounds:  rounds(10),
	})
}

func TestADocumentThatWasAnsweredOutlivesAKill(t *testing.T) {
	storetest.KillDocuments(t, killDocuments())
}

func TestDocumentsThatAreWrittenTogetherOutliveAKillTogether(t *testing.T) {
	storetest.KillDocumentsTogether(t, killDocuments())
}

func killDocuments() storetest.KillTest {
	return storetest.KillTest{
		Place: func(t *testing.T) string {
			server := neo4jtest.Start(t)
			server.Wipe(t)
			place, err := json.Marshal(configOf(server))
			if err != nil {
				t.Fatal(err)
			}
			return string(place)
		},
		Open:   openPlace,
		Rounds: rounds(5),
	}
}

// rounds is fewer where a second release is tested.
func rounds(n int) int {
	if os.Getenv(neo4jtest.EnvShort) == "true" {
		return 3
	}
	return n
}

func openPlace(ctx context.Context, place string) (graph.Store, error) {
	var c neo4jstore.Config
	if err := json.Unmarshal([]byte(place), &c); err != nil {
		return nil, err
	}
	return neo4jstore.Open(ctx, c)
}
