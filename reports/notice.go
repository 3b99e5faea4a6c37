package reports

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What a delivery can be instead of a report.
const (
	NoticeFailed    = "failed"    // slots fail since this one
	NoticeRecovered = "recovered" // this slot was done after some that failed
)

// Streak is slots of a schedule that failed one after another. Runs by hand do
// not count, nor slots that were skipped.
type Streak struct {
	Run   string    `json:"run"`            // id of the first
	Slot  time.Time `json:"slot"`           // of the first
	Slots int       `json:"slots"`          // how many failed
	Told  []string  `json:"told,omitempty"` // names of the recipients that are told of it
}

// Notice says that a report did not come, or that reports come again. Subject and
// finding of its parcel tell it in words.
type Notice struct {
	Event    string // NoticeFailed or NoticeRecovered
	Schedule string // its name
	Run      string // id
	Slot     time.Time
	Problem  string    // what went wrong, without secrets; "" when reports come again
	First    time.Time // the first slot that failed
	Failed   int       // slots that failed one after another up to this one
	Next     time.Time // the slot after this one, zero for none
	Lines    []string  // what is done next and where to look, a sentence each
}

// tellFailed adds a notice for each recipient that is not told yet that slots
// fail. A run by hand is watched by whoever asked for it.
func tellFailed(run *Run, failing *Streak) {
	s, err := ParseSchedule(run.Schedule, run.Declared)
	if err != nil || run.Manual {
		return // who the recipients are is not known; the run says what is wrong
	}
	for _, x := range s.Recipients {
		if failing == nil || !slices.Contains(failing.Told, x.Name) {
			run.Deliveries = append(run.Deliveries, noticeTo(x.Name, NoticeFailed, run))
		}
	}
}

// tellRecovered adds a notice for each recipient that was told of the streak that
// a run ends.
func tellRecovered(run *Run, s *Schedule, failing *Streak) {
	if run.Manual || failing == nil {
		return
	}
	run.Streak = failing
	for _, x := range s.Recipients {
		if slices.Contains(failing.Told, x.Name) {
			run.Deliveries = append(run.Deliveries, noticeTo(x.Name, NoticeRecovered, run))
		}
	}
}

// Name tells the deliveries of a run apart: the recipient, and of a notice what it
// is, as in desk.failed.
func (d Delivery) Name() string {
	if d.Notice == "" {
		return d.Recipient
	}
	return d.Recipient + "." + d.Notice
}

// means tells whether a delivery is to be sent again when that name is asked for,
// or with none all that was given up. The name of a recipient means its report, and
// its notice where the run has no report.
func (r *Run) means(name string, d Delivery) bool {
	return name == d.Name() || name == "" && d.State == Dead || name == d.Recipient && r.Outcome == Failed
}

func noticeTo(recipient, event string, run *Run) Delivery {
	return Delivery{Recipient: recipient, Key: run.ID + "." + recipient + "." + event, State: Pending, Next: run.Ended, Notice: event}
}

// notice is the parcel of a notice. It follows from the run, so that every
// attempt sends the same.
func (r *Run) notice(s *Schedule, d Delivery) (Parcel, error) {
	slots, err := s.Slots()
	if err != nil {
		return Parcel{}, err
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return Parcel{}, fmt.Errorf("the time zone of %s: %w", s.Name, err)
	}
	clock := func(at time.Time) string { return at.In(zone).Format("2006-01-02 15:04 MST") }
	n := &Notice{Event: d.Notice, Schedule: r.Schedule, Run: r.ID, Slot: r.Slot, First: r.Slot, Failed: 1, Next: slots.Next(r.Slot)}
	p := Parcel{Key: d.Key, At: r.Ended, Notice: n}
	look := fmt.Sprintf("Where to look: roundtrip schedule runs %s, or GET /api/v1/runs/%s on the server.", s.Name, r.ID)
	if d.Notice == NoticeRecovered {
		n.First, n.Failed = r.Streak.Slot, r.Streak.Slots
		p.Subject = fmt.Sprintf("%s: reports are made again", s.Title)
		p.Finding = fmt.Sprintf("The report of %s (schedule %s) was made, after %s that failed, the first at %s.", clock(r.Slot), s.Name, plural(n.Failed, "slot"), clock(n.First))
		n.Lines = append(n.Lines, "The reports of the slots that failed are not made.")
		if r.Since != nil {
			n.Lines = append(n.Lines, fmt.Sprintf("What moved is told since the last report that was made, that of %s.", clock(r.Since.Slot)))
		}
		n.Lines = append(n.Lines, look)
		return p, nil
	}
	n.Problem = shortened(r.Error)
	p.Subject = fmt.Sprintf("%s: no report for %s", s.Title, clock(r.Slot))
	p.Finding = fmt.Sprintf("The report of %s (schedule %s) could not be made: %s.", clock(r.Slot), s.Name, strings.TrimRight(n.Problem, ". "))
	next := "No slot follows."
	if !n.Next.IsZero() {
		next = fmt.Sprintf("The next slot is %s. If it fails as well nothing is sent; you are told when reports are made again.", clock(n.Next))
	}
	n.Lines = []string{
		"This report is not made again by itself. " + next,
		fmt.Sprintf("To make a report by hand: roundtrip schedule run %s, or POST /api/v1/schedules/%s/run.", s.Name, s.Name),
		look,
	}
	return p, nil
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// shortened is the text on one line that fits into a message.
func shortened(s string) string {
	const most = 600
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "�")), " ")
	if letters := []rune(s); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return s
}

// withoutSecrets is the text without the secrets of the settings, and without
// the names, passwords and queries of addresses.
func (r *Runner) withoutSecrets(s string) string {
	for _, secret := range r.o.Secrets {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, "[secret]")
		}
	}
	s = regexp.MustCompile(`(://)[^/\s@]*@`).ReplaceAllString(s, "$1")
	return regexp.MustCompile(`(://[^\s?"']*)\?[^\s"']+`).ReplaceAllString(s, "$1?[left out]")
}
