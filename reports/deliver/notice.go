package deliver

import (
	"encoding/json"
	"time"
)

// Notice makes a parcel say that a report did not come, or that reports come
// again, in the place of a report: its finding tells it in words. It has no files.
type Notice struct {
	Event    string // failed or recovered
	Schedule string
	Run      string // id
	Slot     time.Time
	Problem  string    // what went wrong; "" when reports come again
	First    time.Time // the first slot that failed
	Failed   int       // slots that failed one after another up to this one
	Next     time.Time // the slot after this one, zero for none
	Lines    []string  // what is done next and where to look, a sentence each
}

// KindHeader of a webhook tells reports and notices apart before the body is read.
const KindHeader = "Roundtrip-Kind"

// What a parcel is, in the envelope and in KindHeader.
const (
	KindReport = "report"
	KindNotice = "notice"
)

func (p Parcel) kind() string {
	if p.Notice != nil {
		return KindNotice
	}
	return KindReport
}

// noticeBody is the JSON body of a webhook that gets a notice.
type noticeBody struct {
	Kind     string     `json:"kind"`
	Event    string     `json:"event"`
	Key      string     `json:"key"`
	Subject  string     `json:"subject"`
	Finding  string     `json:"finding"`
	Lines    []string   `json:"lines"`
	Link     string     `json:"link,omitempty"`
	At       time.Time  `json:"at"`
	Schedule string     `json:"schedule"`
	Run      string     `json:"run"`
	Slot     time.Time  `json:"slot"`
	Problem  *string    `json:"problem"`
	First    time.Time  `json:"first_failed_slot"`
	Failed   int        `json:"failed_slots"`
	Next     *time.Time `json:"next_slot"`
}

func noticeJSON(p Parcel) ([]byte, error) {
	n := p.Notice
	b := noticeBody{
		Kind: KindNotice, Event: n.Event, Key: p.Key, Subject: p.Subject, Finding: p.Finding, Lines: n.Lines, Link: p.Link, At: p.At.UTC(),
		Schedule: n.Schedule, Run: n.Run, Slot: n.Slot.UTC(), First: n.First.UTC(), Failed: n.Failed,
	}
	if b.Lines == nil {
		b.Lines = []string{}
	}
	if n.Problem != "" {
		b.Problem = &n.Problem
	}
	if !n.Next.IsZero() {
		next := n.Next.UTC()
		b.Next = &next
	}
	return json.Marshal(b)
}

// noticeFile is a notice as a text.
func noticeFile(p Parcel) File {
	text := oneLine(p.Subject, 300) + "\n\n" + plainText(p)
	return File{Name: "notice.txt", ContentType: "text/plain; charset=utf-8", Body: []byte(text)}
}
