package reports_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph/sqlitestore"
	"roundtrip/reports"
)

// brisk is a clock that shows a minute for each second and two thirds.
type brisk struct{ start time.Time }

const brisker = 36

func (b brisk) Now() time.Time {
	return time.Date(2026, 11, 23, 5, 59, 0, 0, time.UTC).Add(brisker * time.Since(b.start))
}

func (b brisk) After(d time.Duration) <-chan time.Time { return time.After(d / brisker) }

// still is a clock that stands.
type still struct{ at time.Time }

func (s still) Now() time.Time { return s.at }

func (still) After(time.Duration) <-chan time.Time { return time.After(100 * time.Millisecond) }

func TestAThousandSchedulesAtTenASecondStartWithinASecond(t *testing.T) {
	if os.Getenv(killTimes) == "" {
		t.Skip("measures time; make soak runs it")
	}
	const schedules, lasts = 1000, 20 * time.Second
	fsys := fstest.MapFS{}
	for i := range schedules { // a thousand an hour, which the clock makes ten a second
		name := fmt.Sprintf("s%03d", i)
		fsys[name+".yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, "name: %s\ncron: %d * * * *\nrecipients: [{kind: folder, path: x, formats: json}]\n", name, i%60)}
	}
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close(context.WithoutCancel(t.Context()))) }()
	sent := &post{takes: 20 * time.Millisecond}
	book := reports.NewBook(fsys, store)
	run := func(clock reports.Clock, d time.Duration) {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		reports.Paced(reports.NewRunner(reports.Options{
			Documents: store, Book: book, Maker: &press{revision: 1, takes: 20 * time.Millisecond}, Sender: sent, Clock: clock, Holder: "one",
		}), brisker).Run(ctx)
	}
	run(still{brisk{time.Now()}.Now()}, 10*time.Second) // the schedules become known
	run(brisk{time.Now()}, lasts)
	slots, worst, bad := 0, time.Duration(0), 0
	reader := reports.NewRunner(reports.Options{Documents: store})
	for i := range schedules {
		runs, err := reader.Runs(t.Context(), fmt.Sprintf("s%03d", i))
		require.NoError(t, err)
		for _, r := range runs {
			late := r.Started.Sub(r.Slot) / brisker
			slots, worst = slots+1, max(worst, late)
			if late >= time.Second {
				bad++
			}
		}
	}
	t.Logf("%d slots in %s, the latest started after %s, %d parcels", slots, lasts, worst, len(sent.keys()))
	require.Greater(t, slots, 150)
	require.Zero(t, bad, "slots that started a second late or later")
}
