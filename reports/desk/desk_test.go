package desk_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/ingest"
	"roundtrip/graph/sqlitestore"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/reports"
	"roundtrip/reports/deliver"
	"roundtrip/reports/desk"
)

func shipped(t testing.TB) *sqlitestore.Store {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = store.Close(context.Background()) }) //nolint:usetesting // after the context of the test
	src, err := ingest.FromFS(dataset.FS())
	require.NoError(t, err)
	report, batch, err := ingest.Check(t.Context(), src, store, ingest.Options{Origin: "test", At: time.Unix(1_750_000_000, 0)})
	require.NoError(t, err)
	require.NoError(t, report.Err())
	_, err = store.Apply(t.Context(), batch)
	require.NoError(t, err)
	return store
}

func pressOf(t testing.TB, store graph.Store) *desk.Press {
	t.Helper()
	live := queries.NewLive(store)
	history, err := graph.ParseDate("2023-01")
	require.NoError(t, err)
	runner := queries.NewRunner(queries.Options{Catalogue: library.All(), Live: live, Now: time.Now})
	return &desk.Press{Run: runner.Run, Catalogue: library.All(), Graphs: live, History: history}
}

func TestAScheduleOfTheShippedDataIsDeliveredToAFolderAndReplayed(t *testing.T) {
	store := shipped(t)
	out := t.TempDir()
	files := fstest.MapFS{"daily.yaml": {Data: []byte("name: daily\ncron: 0 6 * * *\ntime_zone: America/New_York\nformats: [html, json, md, csv]\n" +
		"alerts: [{name: any, when: 'len(cycles.rows) > 0'}]\nrecipients: [{kind: folder, path: " + out + "}]\n")}}
	press := pressOf(t, store)
	r := reports.NewRunner(reports.Options{
		Documents: store, Book: reports.NewBook(files, store), Maker: press, Holder: "test", Version: "test",
		Sender: &desk.Post{Sender: deliver.NewSender(deliver.Options{}), Secret: os.Getenv},
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		r.Run(ctx)
		close(done)
	}()
	id, err := r.RunNow(t.Context(), "daily")
	require.NoError(t, err)
	var run reports.Run
	require.Eventually(t, func() bool {
		run, err = r.Find(t.Context(), id)
		return err == nil && (run.Outcome == reports.Failed || len(run.Deliveries) == 1 && run.Deliveries[0].State != reports.Pending)
	}, time.Minute, 50*time.Millisecond)
	cancel()
	<-done
	require.Equal(t, reports.Done, run.Outcome, run.Error)
	require.Equal(t, reports.Delivered, run.Deliveries[0].State, run.Deliveries[0].Error)
	t.Logf("made in %s: %s", run.Ended.Sub(run.Started), run.Finding)
	figures, err := r.Figures(t.Context(), id)
	require.NoError(t, err)
	require.NotEmpty(t, figures)
	found, err := filepath.Glob(filepath.Join(out, "*", "*"))
	require.NoError(t, err)
	require.Len(t, found, 4, found)
	again, err := r.Replay(t.Context(), id)
	require.NoError(t, err)
	forms, err := again.Files(t.Context(), []string{"html", "json", "md", "csv"})
	require.NoError(t, err)
	for _, f := range forms {
		sent, err := os.ReadFile(filepath.Join(filepath.Dir(found[0]), f.Name))
		require.NoError(t, err)
		require.Equal(t, sent, f.Body, f.Name)
		if f.ContentType == "application/json" {
			require.True(t, json.Valid(f.Body))
		}
	}
	body, err := json.Marshal(run)
	require.NoError(t, err)
	require.Less(t, len(body), 8000, "a run is a document")
	t.Logf("the run record has %d bytes", len(body))
}

func TestTheExampleOfTheDocumentationFitsTheShippedData(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "testdata", "morning.yaml"))
	require.NoError(t, err)
	s, err := reports.ParseSchedule("morning.yaml", text)
	require.NoError(t, err)
	runner := queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(shipped(t)), Now: time.Now})
	require.NoError(t, s.Check(t.Context(), reports.Checker{
		Prepare: func(ctx context.Context, req queries.Request) error {
			_, err := runner.Prepare(ctx, req)
			return err
		},
		Alert: func(s *reports.Schedule, a reports.Alert) error {
			_, err := desk.Compile(library.All(), s, a)
			return err
		},
	}))
}

// BenchmarkADailyReport makes a report of the whole library on the shipped data,
// with the differences to the day before, and writes it as a page.
func BenchmarkADailyReport(b *testing.B) {
	press := pressOf(b, shipped(b))
	s, err := reports.ParseSchedule("", []byte("name: daily\ncron: 0 6 * * *\n"))
	require.NoError(b, err)
	slot := time.Date(2026, 6, 30, 6, 0, 0, 0, time.UTC)
	for b.Loop() {
		made, err := press.Make(b.Context(), reports.Order{
			Schedule: s, Slot: slot, Revision: 1, Since: &reports.Since{Run: "daily-20260629t0600z", Slot: slot.AddDate(0, 0, -1), Revision: 1},
		})
		require.NoError(b, err)
		_, err = made.Files(b.Context(), []string{"html", "json"})
		require.NoError(b, err)
	}
}
