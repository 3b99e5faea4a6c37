package reports_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
	"roundtrip/reports"
)

func TestSeveralServersOnOneNeo4jMakeEachSlotOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Neo4j")
	}
	server := neo4jtest.Start(t)
	server.Wipe(t)
	const servers, pace = 3, 10 // of the loop: Neo4j is not as quick as the clock
	clock := quick{time.Now()}
	made, sent := &press{revision: 1, takes: 5 * time.Millisecond}, &post{}
	fsys := killSchedules("http://127.0.0.1:9/", filepath.Join(t.TempDir(), "out"))
	open := func() *neo4jstore.Store {
		store, err := neo4jstore.Open(t.Context(), neo4jstore.Config{URI: server.URI, Username: server.Username, Password: server.Password, Database: server.Database})
		require.NoError(t, err)
		return store
	}
	var all sync.WaitGroup
	var stops []context.CancelFunc
	for i := range servers {
		ctx, cancel := context.WithCancel(t.Context())
		stops = append(stops, cancel)
		store := open()
		all.Go(func() {
			defer func() { _ = store.Close(context.WithoutCancel(ctx)) }()
			reports.Paced(reports.NewRunner(reports.Options{
				Documents: store, Book: reports.NewBook(fsys, store), Maker: made, Sender: sent, Clock: clock, Holder: fmt.Sprint(i),
			}), pace).Run(ctx)
		})
	}
	time.Sleep(8 * time.Second)
	stops[0]() // most likely the one that leads
	time.Sleep(8 * time.Second)
	for _, stop := range stops {
		stop()
	}
	all.Wait()
	store := open()
	defer func() { require.NoError(t, store.Close(t.Context())) }()
	slots := 0
	for name, f := range fsys {
		s, err := reports.ParseSchedule(name, f.Data)
		require.NoError(t, err)
		runs, err := reports.NewRunner(reports.Options{Documents: store}).Runs(t.Context(), s.Name)
		require.NoError(t, err)
		require.NotEmpty(t, runs)
		times, err := s.Slots()
		require.NoError(t, err)
		expected, _ := times.Between(runs[len(runs)-1].Slot.Add(-time.Second), runs[0].Slot, 1000)
		slices.Reverse(expected)
		for i, run := range runs {
			require.Equal(t, expected[i], run.Slot, "%s: no slot is missing", s.Name)
		}
		require.Len(t, runs, len(expected))
		slots += len(runs)
	}
	require.Greater(t, slots, 10)
	for _, key := range sent.keys() {
		require.Regexp(t, " x[12]$", key, "sent once, or again because a server stopped")
	}
	t.Logf("%d slots by %d servers; %d made, %d parcels", slots, servers, len(made.made), len(sent.keys()))
}
