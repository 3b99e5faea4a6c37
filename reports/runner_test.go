package reports_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/graph/sqlitestore"
	"roundtrip/reports"
)

// press makes reports that only name what they were made of.
type press struct {
	mu       sync.Mutex
	revision uint64
	takes    time.Duration
	fails    int                                        // the next so many times
	jammed   func(schedule string, slot time.Time) bool // nil never
	made     []string
	atOnce   map[string]int
	overlap  bool
	salt     string
	long     string           // stands in the files, not in the digest
	wrong    error            // with which all fail
	unmade   map[string]error // forms that cannot be made
}

func (p *press) Revision(context.Context) (uint64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.revision, nil
}

func (p *press) Make(ctx context.Context, o reports.Order) (*reports.Made, error) {
	p.mu.Lock()
	if p.atOnce == nil {
		p.atOnce = map[string]int{}
	}
	p.atOnce[o.Schedule.Name]++
	p.overlap = p.overlap || p.atOnce[o.Schedule.Name] > 1
	p.made = append(p.made, o.Schedule.Name+" "+o.Slot.Format("01-02 15:04"))
	fails := p.fails > 0
	if fails {
		p.fails--
	}
	fails = fails || p.jammed != nil && p.jammed(o.Schedule.Name, o.Slot)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.atOnce[o.Schedule.Name]--
		p.mu.Unlock()
	}()
	if p.takes > 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(p.takes):
		}
	}
	if p.wrong != nil {
		return nil, p.wrong
	}
	if fails {
		return nil, errors.New("the press is jammed")
	}
	since := "nothing"
	if o.Since != nil {
		since = fmt.Sprintf("%s at %d", o.Since.Run, o.Since.Revision)
	}
	text := fmt.Sprintf("%s %s at %d since %s%s", o.Schedule.Name, o.Slot.Format(time.RFC3339), o.Revision, since, p.salt)
	sum := sha256.Sum256([]byte(text))
	return &reports.Made{
		Digest: hex.EncodeToString(sum[:]), Finding: text, Moved: o.Since == nil || o.Since.Revision != o.Revision,
		Files: func(_ context.Context, forms []string) ([]reports.File, error) {
			var files []reports.File
			for _, f := range forms {
				p.mu.Lock()
				err := p.unmade[f]
				p.mu.Unlock()
				if err != nil {
					return nil, err
				}
				files = append(files, reports.File{Name: "report." + f, Body: []byte(text + p.long)})
			}
			return files, nil
		},
	}, nil
}

// post takes parcels.
type post struct {
	mu    sync.Mutex
	got   map[string]int // by key
	text  map[string]string
	fails int
	final bool
	takes time.Duration
}

func (p *post) Send(ctx context.Context, to reports.Recipient, parcel reports.Parcel) error {
	if p.takes > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(p.takes):
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails > 0 {
		p.fails--
		return fmt.Errorf("%s is not at home", to.Name)
	}
	if p.got == nil {
		p.got, p.text = map[string]int{}, map[string]string{}
	}
	p.got[parcel.Key]++
	if parcel.Notice != nil {
		p.text[parcel.Key] = strings.Join(append([]string{parcel.Subject, parcel.Finding}, parcel.Notice.Lines...), "\n")
		return nil
	}
	p.text[parcel.Key] = string(parcel.Files[0].Body)
	return nil
}

func (p *post) Next(_ string, attempt int, at time.Time, _ error) (time.Time, bool) {
	return at.Add(time.Minute), attempt < 3 && !p.final
}

func (p *post) keys() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for k, n := range p.got {
		list = append(list, fmt.Sprintf("%s x%d", k, n))
	}
	slices.Sort(list)
	return list
}

// office is a store with schedules.
type office struct {
	t     *testing.T
	store *sqlitestore.Store
	book  *reports.Book
	press *press
	post  *post
}

func newOffice(t *testing.T, files map[string]string) *office {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	require.NoError(t, err)
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name+".yaml"] = &fstest.MapFile{Data: []byte("name: " + name + "\n" + text)}
	}
	return &office{t: t, store: store, book: reports.NewBook(fsys, store), press: &press{revision: 1}, post: &post{}}
}

func (o *office) runner(holder string) *reports.Runner {
	return reports.NewRunner(reports.Options{
		Documents: o.store, Book: o.book, Maker: o.press, Sender: o.post, Holder: holder, Version: "test",
	})
}

// serve runs a runner until stop, which waits for its end.
func (o *office) serve(r *reports.Runner) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		r.Run(ctx)
		close(done)
	}()
	return func() {
		cancel()
		<-done
	}
}

func (o *office) runs(schedule string) []string {
	o.t.Helper()
	runs, err := o.runner("reader").Runs(context.Background(), schedule)
	require.NoError(o.t, err)
	var list []string
	for _, r := range slices.Backward(runs) {
		line := r.Slot.Format("01-02 15:04") + " " + string(r.Outcome)
		for _, d := range r.Deliveries {
			line += " " + d.Recipient
			if d.Notice != "" {
				line += "/" + d.Notice
			}
			line += ":" + d.State
		}
		list = append(list, line)
	}
	return list
}

func (o *office) close() { require.NoError(o.t, o.store.Close(context.Background())) }

const folder = "recipients: [{kind: folder, path: x, formats: json}]\n"

// bubble runs a test whose clock starts on 2000-01-01 at midnight UTC and moves
// only when everybody waits.
func bubble(t *testing.T, files map[string]string, do func(*office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, files)
		defer o.close()
		do(o)
	})
}

func TestASlotRunsAtItsTimeAndIsDelivered(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '*/6 * * * *'\n" + folder}, func(o *office) {
		r := o.runner("one")
		stop := o.serve(r)
		time.Sleep(18*time.Minute + time.Second)
		stop()
		require.Equal(o.t, []string{"01-01 00:06 done folder:delivered", "01-01 00:12 done folder:delivered", "01-01 00:18 done folder:delivered"}, o.runs("a"))
		require.Equal(o.t, []string{"a-20000101t0006z.folder x1", "a-20000101t0012z.folder x1", "a-20000101t0018z.folder x1"}, o.post.keys())
		run, err := r.Find(o.t.Context(), "a-20000101t0012z")
		require.NoError(o.t, err)
		require.Equal(o.t, "a 2000-01-01T00:12:00Z at 1 since a-20000101t0006z at 1", run.Finding)
		require.Less(o.t, run.Started.Sub(run.Slot), time.Second)
		require.Equal(o.t, uint64(1), run.Revision)
		require.Equal(o.t, "test", run.Version)
	})
}

func TestARunThatIsReplayedGivesTheSameBytesOrSaysThatItCannot(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '*/6 * * * *'\n" + folder}, func(o *office) {
		r := o.runner("one")
		stop := o.serve(r)
		time.Sleep(13 * time.Minute)
		stop()
		o.press.revision = 5
		made, err := r.Replay(o.t.Context(), "a-20000101t0012z")
		require.NoError(o.t, err)
		files, err := made.Files(o.t.Context(), []string{"json"})
		require.NoError(o.t, err)
		require.Equal(o.t, o.post.text["a-20000101t0012z.folder"], string(files[0].Body))
		o.press.salt = " by a later program"
		_, err = r.Replay(o.t.Context(), "a-20000101t0012z")
		require.ErrorIs(o.t, err, reports.ErrDiffers)
		_, err = r.Replay(o.t.Context(), "a-20000102t0700z")
		require.ErrorIs(o.t, err, graph.ErrNotFound)
	})
}

func TestSlotsThatPassedWhileNoServerRanFollowThePolicy(t *testing.T) {
	files := map[string]string{}
	for _, policy := range []string{"skip", "once", "each"} {
		files[policy] = "cron: 0 * * * *\nmissed: " + policy + "\n"
	}
	bubble(t, files, func(o *office) {
		stop := o.serve(o.runner("one"))
		time.Sleep(30 * time.Minute)
		stop()
		time.Sleep(3*time.Hour - time.Minute) // it is 03:29
		stop = o.serve(o.runner("two"))
		time.Sleep(time.Hour)
		stop()
		require.Equal(o.t, []string{"01-01 01:00 skipped", "01-01 02:00 skipped", "01-01 03:00 skipped", "01-01 04:00 done"}, o.runs("skip"))
		require.Equal(o.t, []string{"01-01 01:00 skipped", "01-01 02:00 skipped", "01-01 03:00 done", "01-01 04:00 done"}, o.runs("once"))
		require.Equal(o.t, []string{"01-01 01:00 done", "01-01 02:00 done", "01-01 03:00 done", "01-01 04:00 done"}, o.runs("each"))
	})
}

func TestASlotThatIsAtMostTwoMinutesLateRunsWhateverThePolicyAndAMissedOneByIt(t *testing.T) {
	const done, skipped = "done", "skipped"
	type outcomes = map[string][]string // by policy
	inTime := outcomes{"skip": {skipped, skipped, done}, "once": {skipped, skipped, done}, "each": {done, done, done}}
	missed := outcomes{"skip": {skipped, skipped, skipped}, "once": {skipped, skipped, done}, "each": {done, done, done}}
	files := map[string]string{}
	for policy := range inTime {
		files[policy] = "cron: 0 * * * *\nmissed: " + policy + "\n"
		files["one-"+policy] = "cron: 0 3 * * *\nmissed: " + policy + "\n"
		files["fresh-"+policy] = "cron: 0-3 3 * * *\nmissed: " + policy + "\n"
	}
	for late, want := range map[time.Duration]outcomes{0: inTime, 119 * time.Second: inTime, 120 * time.Second: inTime, 121 * time.Second: missed, 10 * time.Minute: missed} {
		t.Run(late.String(), func(t *testing.T) {
			bubble(t, files, func(o *office) {
				stop := o.serve(o.runner("one"))
				time.Sleep(30 * time.Minute)
				stop()
				time.Sleep(150*time.Minute + late) // at 03:00, and so late
				stop = o.serve(o.runner("two"))
				time.Sleep(time.Second)
				stop()
				for policy, list := range want {
					require.Equal(o.t, []string{"01-01 01:00 " + list[0], "01-01 02:00 " + list[1], "01-01 03:00 " + list[2]}, o.runs(policy), policy)
					require.Equal(o.t, []string{"01-01 03:00 " + list[2]}, o.runs("one-"+policy), policy)
				}
			})
		})
	}
	t.Run("two in time after one that is missed", func(t *testing.T) {
		bubble(t, files, func(o *office) {
			stop := o.serve(o.runner("one"))
			time.Sleep(30 * time.Minute)
			stop()
			time.Sleep(152*time.Minute + 32*time.Second) // 03:02:32: the slot of 03:01 is 92 s old
			stop = o.serve(o.runner("two"))
			time.Sleep(time.Second)
			stop()
			for policy, first := range map[string]string{"skip": skipped, "once": skipped, "each": done} {
				require.Equal(o.t, []string{"01-01 03:00 " + first, "01-01 03:01 done", "01-01 03:02 done"}, o.runs("fresh-"+policy), policy)
			}
		})
	})
}

func TestRunsOfOneScheduleNeverOverlap(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '* * * * *'\nmissed: skip\n", "b": "cron: '* * * * *'\nmissed: each\n"}, func(o *office) {
		o.press.takes = 150 * time.Second
		stop := o.serve(o.runner("one"))
		time.Sleep(8*time.Minute + 10*time.Second)
		stop()
		require.False(o.t, o.press.overlap)
		// The slot of minute 1 is made until 3:30, that of 2 until 6:00; 3 is then late.
		require.Equal(o.t, []string{"01-01 00:01 done", "01-01 00:02 done", "01-01 00:03 skipped", "01-01 00:04 running"}, o.runs("a"))
		require.Equal(o.t, []string{"01-01 00:01 done", "01-01 00:02 done", "01-01 00:03 running"}, o.runs("b"))
	})
}

func TestAFailedReportIsTriedAgainAndThenRecorded(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: 0 * * * *\n" + folder}, func(o *office) {
		o.press.fails = 2
		r := o.runner("one")
		stop := o.serve(r)
		time.Sleep(90 * time.Minute)
		o.press.fails = 3
		time.Sleep(time.Hour)
		stop()
		require.Equal(o.t, []string{"01-01 01:00 done folder:delivered", "01-01 02:00 failed folder/failed:delivered"}, o.runs("a"))
		run, err := r.Find(o.t.Context(), "a-20000101t0200z")
		require.NoError(o.t, err)
		require.Equal(o.t, "the press is jammed", run.Error)
	})
}

func TestADeliveryIsTriedAgainGivenUpAndSentAgainOnRequest(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: 0 * * * *\n" + folder}, func(o *office) {
		o.post.fails = 2
		r := o.runner("one")
		stop := o.serve(r)
		time.Sleep(time.Hour + 30*time.Second)
		require.Equal(o.t, []string{"01-01 01:00 done folder:pending"}, o.runs("a"))
		time.Sleep(5 * time.Minute)
		require.Equal(o.t, []string{"01-01 01:00 done folder:delivered"}, o.runs("a"))
		o.post.fails = 3
		time.Sleep(time.Hour)
		require.Equal(o.t, "01-01 02:00 done folder:dead", o.runs("a")[1])
		run, err := r.Find(o.t.Context(), "a-20000101t0200z")
		require.NoError(o.t, err)
		require.Equal(o.t, "folder is not at home", run.Deliveries[0].Error)
		require.Equal(o.t, 3, run.Deliveries[0].Attempts)
		n, err := r.Resend(o.t.Context(), run.ID, "")
		require.NoError(o.t, err)
		require.Equal(o.t, 1, n)
		time.Sleep(time.Second)
		require.Equal(o.t, "01-01 02:00 done folder:delivered", o.runs("a")[1])
		_, err = r.Resend(o.t.Context(), run.ID, "nobody")
		require.ErrorContains(o.t, err, "has no recipient")
		stop()
	})
}

func TestAPausedScheduleWaitsAndDoesNotMakeUpForIt(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '*/10 * * * *'\nmissed: each\n"}, func(o *office) {
		r := o.runner("one")
		stop := o.serve(r)
		time.Sleep(15 * time.Minute)
		require.NoError(o.t, r.Pause(o.t.Context(), "a", true))
		time.Sleep(30 * time.Minute)
		id, err := r.RunNow(o.t.Context(), "a")
		require.NoError(o.t, err)
		require.Equal(o.t, "a-20000101t004500z-manual", id)
		time.Sleep(time.Minute)
		require.NoError(o.t, r.Pause(o.t.Context(), "a", false))
		time.Sleep(10 * time.Minute)
		stop()
		require.Equal(o.t, []string{"01-01 00:10 done", "01-01 00:45 done", "01-01 00:50 done"}, o.runs("a"))
		run, err := r.Find(o.t.Context(), "a-20000101t0050z")
		require.NoError(o.t, err)
		require.Equal(o.t, "a-20000101t0010z", run.Since.Run, "a run by hand is not what the next differs from")
	})
}

func TestOneOfSeveralServersLeadsAndAKilledOneIsReplaced(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '* * * * *'\nmissed: skip\n" + folder}, func(o *office) {
		killed := &deaf{Documents: o.store}
		first := reports.NewRunner(reports.Options{Documents: killed, Book: o.book, Maker: o.press, Sender: o.post, Holder: "first"})
		stopFirst := o.serve(first)
		time.Sleep(time.Second)
		stopSecond, stopThird := o.serve(o.runner("second")), o.serve(o.runner("third"))
		time.Sleep(5*time.Minute + 50*time.Second)
		killed.set(true) // as good as killed: it reaches nothing any more
		time.Sleep(5 * time.Minute)
		killed.set(false) // and it comes back
		time.Sleep(2 * time.Minute)
		stopFirst()
		stopSecond()
		stopThird()
		var want, keys []string
		for m := 1; m <= 12; m++ {
			want = append(want, fmt.Sprintf("01-01 00:%02d done folder:delivered", m))
			keys = append(keys, fmt.Sprintf("a-20000101t00%02dz.folder x1", m))
		}
		require.Equal(o.t, want, o.runs("a"))
		require.Equal(o.t, keys, o.post.keys())
		require.Len(o.t, o.press.made, 12)
		runs, err := first.Runs(o.t.Context(), "a")
		require.NoError(o.t, err)
		for _, run := range runs {
			require.Less(o.t, run.Started.Sub(run.Slot), time.Minute, run.ID)
		}
	})
}

// deaf is documents that can be cut off.
type deaf struct {
	graph.Documents
	mu  sync.Mutex
	off bool
}

func (d *deaf) set(off bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = off
}

func (d *deaf) err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return errors.New("the line is dead")
	}
	return nil
}

func (d *deaf) PutDocument(ctx context.Context, x graph.Document, base *uint64) (graph.Document, error) {
	if err := d.err(); err != nil {
		return x, err
	}
	return d.Documents.PutDocument(ctx, x, base)
}

func (d *deaf) GetDocument(ctx context.Context, kind, name string) (graph.Document, error) {
	if err := d.err(); err != nil {
		return graph.Document{}, err
	}
	return d.Documents.GetDocument(ctx, kind, name)
}

func TestHistoryKeepsTheLatestRuns(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '* * * * *'\nkeep: 5\n"}, func(o *office) {
		stop := o.serve(o.runner("one"))
		time.Sleep(40*time.Minute + time.Second)
		stop()
		require.Equal(o.t, []string{"01-01 00:36 done", "01-01 00:37 done", "01-01 00:38 done", "01-01 00:39 done", "01-01 00:40 done"}, o.runs("a"))
	})
}

func TestRecipientsOfChangesGetNothingWhenNothingMoved(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '*/10 * * * *'\nrecipients: [{kind: folder, path: x, only: changes}]\n"}, func(o *office) {
		stop := o.serve(o.runner("one"))
		time.Sleep(25 * time.Minute)
		o.press.mu.Lock()
		o.press.revision = 2
		o.press.mu.Unlock()
		time.Sleep(10 * time.Minute)
		stop()
		require.Equal(o.t, []string{"01-01 00:10 done folder:delivered", "01-01 00:20 done folder:none", "01-01 00:30 done folder:delivered"}, o.runs("a"))
	})
}

func TestASavedScheduleIsTakenUpAndAChangedCronDoesNotLookBack(t *testing.T) {
	bubble(t, nil, func(o *office) {
		stop := o.serve(o.runner("one"))
		_, err := o.book.Save(o.t.Context(), "", []byte("name: a\ncron: 30 * * * *\nmissed: each\n"), nil, time.Now())
		require.NoError(o.t, err)
		time.Sleep(time.Hour)
		stop()
		time.Sleep(3 * time.Hour) // 04:00
		_, err = o.book.Save(o.t.Context(), "", []byte("name: a\ncron: 15 * * * *\nmissed: each\n"), nil, time.Now())
		require.NoError(o.t, err)
		time.Sleep(time.Hour) // 05:00
		stop = o.serve(o.runner("one"))
		time.Sleep(30 * time.Minute)
		stop()
		require.Equal(o.t, []string{"01-01 00:30 done", "01-01 04:15 done", "01-01 05:15 done"}, o.runs("a"))
		_, err = o.book.Get(o.t.Context(), "b")
		require.EqualError(o.t, err, `no schedule is named "b"; there are a`)
		_, err = o.book.Delete(o.t.Context(), "a", nil)
		require.NoError(o.t, err)
	})
}

func TestAFileThatCannotBeReadStopsNoOther(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: 0 * * * *\n", "b": "cron: never\n"}, func(o *office) {
		stop := o.serve(o.runner("one"))
		time.Sleep(61 * time.Minute)
		stop()
		require.Equal(o.t, []string{"01-01 01:00 done"}, o.runs("a"))
		f, err := o.book.Get(o.t.Context(), "b")
		require.NoError(o.t, err)
		require.True(o.t, strings.HasPrefix(f.Err.Error(), "b.yaml:2:7: cron: "), f.Err.Error())
		_, err = o.book.Save(o.t.Context(), "", []byte("name: a\ncron: 0 6 * * *\n"), nil, time.Now())
		require.ErrorContains(o.t, err, "is a file of the directory of schedules")
	})
}
