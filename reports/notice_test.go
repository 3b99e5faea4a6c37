package reports_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/reports"
)

func TestTheFirstSlotThatFailsIsToldAndTheFirstThatWorksAgainAndNothingBetween(t *testing.T) {
	const schedule = "title: Loops\ncron: '*/10 * * * *'\ntime_zone: America/New_York\nrecipients:\n" +
		"  - {kind: folder, path: x}\n  - {name: quiet, kind: webhook, url: 'http://127.0.0.1:1/', only: alerts}\n"
	bubble(t, map[string]string{"a": schedule}, func(o *office) {
		o.press.jammed = func(_ string, slot time.Time) bool { return slot.Minute() >= 20 && slot.Minute() <= 40 }
		r := o.runner("one")
		stop := o.serve(r)
		time.Sleep(65 * time.Minute)
		stop()
		require.Equal(o.t, []string{
			"01-01 00:10 done folder:delivered quiet:none",
			"01-01 00:20 failed folder/failed:delivered quiet/failed:delivered",
			"01-01 00:30 failed", "01-01 00:40 failed",
			"01-01 00:50 done folder:delivered quiet:none folder/recovered:delivered quiet/recovered:delivered",
			"01-01 01:00 done folder:delivered quiet:none",
		}, o.runs("a"))
		require.Equal(o.t, strings.Join([]string{
			"Loops: no report for 1999-12-31 19:20 EST",
			"The report of 1999-12-31 19:20 EST (schedule a) could not be made: the press is jammed.",
			"This report is not made again by itself. The next slot is 1999-12-31 19:30 EST. If it fails as well nothing is sent; you are told when reports are made again.",
			"To make a report by hand: roundtrip schedule run a, or POST /api/v1/schedules/a/run.",
			"Where to look: roundtrip schedule runs a, or GET /api/v1/runs/a-20000101t0020z on the server.",
		}, "\n"), o.post.text["a-20000101t0020z.folder.failed"])
		require.Equal(o.t, strings.Join([]string{
			"Loops: reports are made again",
			"The report of 1999-12-31 19:50 EST (schedule a) was made, after 3 slots that failed, the first at 1999-12-31 19:20 EST.",
			"The reports of the slots that failed are not made.",
			"What moved is told since the last report that was made, that of 1999-12-31 19:10 EST.",
			"Where to look: roundtrip schedule runs a, or GET /api/v1/runs/a-20000101t0050z on the server.",
		}, "\n"), o.post.text["a-20000101t0050z.quiet.recovered"])
		totals, err := r.Totals(o.t.Context())
		require.NoError(o.t, err)
		require.Equal(o.t, reports.Totals{
			Slots:     map[reports.Outcome]int{reports.Done: 3, reports.Failed: 3},
			Schedules: []reports.Standing{{Name: "a", Last: time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC)}},
		}, totals)
	})
}

func TestARecipientThatComesWhileSlotsFailIsToldAsWell(t *testing.T) {
	bubble(t, nil, func(o *office) {
		o.press.jammed = func(_ string, slot time.Time) bool { return slot.Minute() <= 30 }
		save := func(recipients string) {
			_, err := o.book.Save(o.t.Context(), "", []byte("name: a\ncron: '*/10 * * * *'\nrecipients: ["+recipients+"]\n"), nil, time.Now())
			require.NoError(o.t, err)
		}
		save("{kind: folder, path: x}")
		r := o.runner("one")
		stop := o.serve(r)
		time.Sleep(15 * time.Minute)
		save("{kind: folder, path: x}, {name: late, kind: folder, path: y}")
		time.Sleep(20 * time.Minute)
		totals, err := r.Totals(o.t.Context())
		require.NoError(o.t, err)
		require.Equal(o.t, []reports.Standing{{Name: "a", Failing: 3}}, totals.Schedules)
		time.Sleep(10 * time.Minute)
		stop()
		require.Equal(o.t, []string{
			"01-01 00:10 failed folder/failed:delivered", "01-01 00:20 failed late/failed:delivered", "01-01 00:30 failed",
			"01-01 00:40 done folder:delivered late:delivered folder/recovered:delivered late/recovered:delivered",
		}, o.runs("a"))
	})
}

func TestARunByHandThatFailsTellsNobodyAndOneThatWorksEndsNoStreak(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '*/10 * * * *'\n" + folder}, func(o *office) {
		o.press.jammed = func(_ string, slot time.Time) bool {
			return slot.Minute() == 4 || slot.Minute() == 10 || slot.Minute() == 20
		}
		r := o.runner("one")
		stop := o.serve(r)
		time.Sleep(4 * time.Minute)
		for range 2 {
			_, err := r.RunNow(o.t.Context(), "a")
			require.NoError(o.t, err)
			time.Sleep(11 * time.Minute) // by hand at 00:04, which fails, and at 00:15
		}
		time.Sleep(5 * time.Minute)
		stop()
		require.Equal(o.t, []string{
			"01-01 00:04 failed", "01-01 00:10 failed folder/failed:delivered", "01-01 00:15 done folder:delivered",
			"01-01 00:20 failed", "01-01 00:30 done folder:delivered folder/recovered:delivered",
		}, o.runs("a"))
	})
}

func TestANoticeIsTriedAgainGivenUpAndSentAgainLikeAReport(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '*/10 * * * *'\n" + folder}, func(o *office) {
		o.press.jammed = func(_ string, slot time.Time) bool { return slot.Minute() == 10 }
		o.post.fails = 3
		r := o.runner("one")
		stop := o.serve(r)
		time.Sleep(15 * time.Minute)
		require.Equal(o.t, []string{"01-01 00:10 failed folder/failed:dead"}, o.runs("a"))
		time.Sleep(10 * time.Minute)
		n, err := r.Resend(o.t.Context(), "a-20000101t0010z", "")
		require.NoError(o.t, err)
		require.Equal(o.t, 1, n)
		time.Sleep(10 * time.Minute) // to send it again is no new failure
		for name, want := range map[string]int{"folder": 1, "folder.recovered": 1, "": 0} {
			n, err := r.Resend(o.t.Context(), "a-20000101t0020z", name)
			require.NoError(o.t, err)
			require.Equal(o.t, want, n, name)
		}
		_, err = r.Resend(o.t.Context(), "a-20000101t0020z", "folder.failed")
		require.ErrorContains(o.t, err, `has no recipient "folder.failed"; it has [folder folder.recovered]`)
		n, err = r.Resend(o.t.Context(), "a-20000101t0010z", "folder")
		require.NoError(o.t, err)
		require.Equal(o.t, 1, n)
		time.Sleep(time.Minute)
		stop()
		require.Equal(o.t, []string{
			"a-20000101t0010z.folder.failed x2", "a-20000101t0020z.folder x2", "a-20000101t0020z.folder.recovered x2", "a-20000101t0030z.folder x1",
		}, o.post.keys())
		require.Equal(o.t, []string{
			"01-01 00:10 failed folder/failed:delivered", "01-01 00:20 done folder:delivered folder/recovered:delivered", "01-01 00:30 done folder:delivered",
		}, o.runs("a"))
	})
}

func TestSecretsAreNotToldInWhatWentWrong(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '*/10 * * * *'\n" + folder}, func(o *office) {
		o.press.wrong = errors.New("dial neo4j://reader:hunter22@db.example.com:7687/?token=abc: refused hunter22\n\tat once")
		r := reports.NewRunner(reports.Options{Documents: o.store, Book: o.book, Maker: o.press, Sender: o.post, Secrets: []string{"", "hunter22"}})
		stop := o.serve(r)
		time.Sleep(11 * time.Minute)
		stop()
		told := o.post.text["a-20000101t0010z.folder.failed"]
		require.Contains(o.t, told, "could not be made: dial neo4j://db.example.com:7687/?[left out] refused [secret] at once.\n")
		run, err := r.Find(o.t.Context(), "a-20000101t0010z")
		require.NoError(o.t, err)
		require.NotContains(o.t, run.Error, "hunter22")
	})
}

func TestWhatARecipientDidNotTakeIsKeptAndSentAsItWasWhateverTheProgramIsThen(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '*/10 * * * *'\nformats: [html, json]\n" + "recipients: [{kind: folder, path: x}, {name: other, kind: folder, path: y, formats: pdf}]\n"}, func(o *office) {
		o.post.fails = 4
		r := o.runner("one")
		stop := o.serve(r)
		time.Sleep(10*time.Minute + 10*time.Second)
		require.Equal(o.t, []string{"01-01 00:10 done folder:pending other:pending"}, o.runs("a"))
		o.press.mu.Lock()
		o.press.salt = " by a later program"
		o.press.mu.Unlock()
		made, err := r.Replay(o.t.Context(), "a-20000101t0010z")
		require.NoError(o.t, err)
		files, err := made.Files(o.t.Context(), []string{"html", "pdf"})
		require.NoError(o.t, err)
		require.Equal(o.t, "a 2000-01-01T00:10:00Z at 1 since nothing", string(files[0].Body))
		_, err = made.Files(o.t.Context(), []string{"md"})
		require.ErrorIs(o.t, err, reports.ErrDiffers, "nobody waited for it")
		time.Sleep(8 * time.Minute)
		stop()
		require.Equal(o.t, []string{"01-01 00:10 done folder:delivered other:delivered"}, o.runs("a"))
		require.Equal(o.t, "a 2000-01-01T00:10:00Z at 1 since nothing", o.post.text["a-20000101t0010z.folder"])
		left, err := o.store.ListDocuments(o.t.Context(), "pages-a")
		require.NoError(o.t, err)
		require.Empty(o.t, left, "nobody waits any more")
		_, err = r.Replay(o.t.Context(), "a-20000101t0010z")
		require.ErrorIs(o.t, err, reports.ErrDiffers)
	})
}

func TestWhatWasBeingSentWhenTheServerStopsIsKept(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '*/10 * * * *'\n" + folder}, func(o *office) {
		o.post.takes = time.Hour
		stop := o.serve(o.runner("one"))
		time.Sleep(11 * time.Minute)
		stop()
		require.Equal(o.t, []string{"01-01 00:10 done folder:pending"}, o.runs("a"))
		o.post.takes, o.press.salt = 0, " by a later program"
		stop = o.serve(o.runner("two"))
		time.Sleep(time.Minute)
		stop()
		require.Equal(o.t, []string{"01-01 00:10 done folder:delivered"}, o.runs("a"))
		require.Equal(o.t, "a 2000-01-01T00:10:00Z at 1 since nothing", o.post.text["a-20000101t0010z.folder"])
	})
}

func TestWhatWasGivenUpIsKeptForSendingItAgainButNotForEver(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '* * * * *'\n" + folder}, func(o *office) {
		o.post.final, o.post.fails = true, 1000
		o.press.long = strings.Repeat("0123456789abcdef", 70_000)
		r := o.runner("one")
		stop := o.serve(r)
		time.Sleep(45*time.Minute + 10*time.Second)
		o.post.mu.Lock()
		o.post.final, o.post.fails = false, 0
		o.post.mu.Unlock()
		o.press.mu.Lock()
		o.press.salt = " by a later program"
		o.press.mu.Unlock()
		_, err := r.Resend(o.t.Context(), "a-20000101t0045z", "")
		require.NoError(o.t, err)
		_, err = r.Resend(o.t.Context(), "a-20000101t0001z", "")
		require.NoError(o.t, err)
		time.Sleep(10 * time.Second)
		stop()
		all := o.runs("a")
		require.Equal(o.t, "01-01 00:45 done folder:delivered", all[44])
		require.Equal(o.t, "01-01 00:01 done folder:dead", all[0])
		left, err := o.store.ListDocuments(o.t.Context(), "pages-a")
		require.NoError(o.t, err)
		require.GreaterOrEqual(o.t, len(left), 20)
		require.Less(o.t, len(left), 40)
		require.LessOrEqual(o.t, len(left[0].Body), graph.MaxDocumentBody)
	})
}
