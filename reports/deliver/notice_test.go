package deliver_test

import (
	"encoding/json"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"roundtrip/reports/deliver"
)

func notice() deliver.Parcel {
	slot := time.Date(2026, 1, 31, 6, 0, 0, 0, time.UTC)
	return deliver.Parcel{
		Key: "daily-20260131t0600z.ops.failed", Subject: "Daily: no report", Finding: "The report could not be made: <jammed>.", At: slot.Add(time.Minute),
		Files: parcel().Files, // a notice has none
		Notice: &deliver.Notice{
			Event: "failed", Schedule: "daily", Run: "daily-20260131t0600z", Slot: slot, Problem: "<jammed>", First: slot, Failed: 1, Next: slot.AddDate(0, 0, 1),
			Lines: []string{"The next slot is tomorrow.", "Where to look: here."},
		},
	}
}

func TestAWebhookGetsANoticeOfItsOwnKindSignedAndUnderItsKeyWhateverItsBody(t *testing.T) {
	for _, body := range []string{deliver.Envelope, deliver.FirstFile} {
		got, url := receiver(t, func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		to := deliver.Recipient{Name: "ops", Kind: deliver.Webhook, URL: url, Body: body, Secrets: []deliver.Secret{newSecret}}
		if err := sender(0).Send(t.Context(), to, notice()); err == nil || deliver.Final(err) {
			t.Fatalf("503 gives %v", err)
		}
		if err := sender(0).Send(t.Context(), to, notice()); err != nil {
			t.Fatal(err)
		}
		if err := sender(0).Send(t.Context(), to, parcel()); err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, r := range got.requests {
			kinds = append(kinds, r.Header.Get("Roundtrip-Kind")+" "+r.Header.Get("Idempotency-Key"))
		}
		if want := []string{"notice daily-20260131t0600z.ops.failed", "notice daily-20260131t0600z.ops.failed", "report daily-20260131t0600z/ops"}; !reflect.DeepEqual(kinds, want) {
			t.Errorf("requests are %q, want %q", kinds, want)
		}
		if string(got.bodies[0]) != string(got.bodies[1]) {
			t.Error("two attempts have two bodies")
		}
		if err := deliver.Verify(got.requests[1].Header.Get("Roundtrip-Signature"), got.bodies[1], now(), time.Minute, newSecret); err != nil {
			t.Error(err)
		}
		var is map[string]any
		if err := json.Unmarshal(got.bodies[1], &is); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"kind": "notice", "event": "failed", "key": "daily-20260131t0600z.ops.failed", "subject": "Daily: no report",
			"finding": "The report could not be made: <jammed>.", "lines": []any{"The next slot is tomorrow.", "Where to look: here."},
			"at": "2026-01-31T06:01:00Z", "schedule": "daily", "run": "daily-20260131t0600z", "slot": "2026-01-31T06:00:00Z", "problem": "<jammed>",
			"first_failed_slot": "2026-01-31T06:00:00Z", "failed_slots": 1.0, "next_slot": "2026-02-01T06:00:00Z",
		}
		if !reflect.DeepEqual(is, want) {
			t.Errorf("the notice is %v, want %v", is, want)
		}
	}
}

func TestANoticeThatReportsComeAgainHasNoProblem(t *testing.T) {
	got, url := receiver(t, nil)
	p := notice()
	p.Notice.Event, p.Notice.Problem, p.Notice.Next, p.Notice.Lines = "recovered", "", time.Time{}, nil
	if err := sender(0).Send(t.Context(), deliver.Recipient{Name: "ops", Kind: deliver.Webhook, URL: url}, p); err != nil {
		t.Fatal(err)
	}
	if body := string(got.bodies[0]); !strings.Contains(body, `"event":"recovered"`) || !strings.Contains(body, `"problem":null`) || !strings.Contains(body, `"next_slot":null`) || !strings.Contains(body, `"lines":[]`) {
		t.Errorf("the notice is %s", body)
	}
}

func TestANoticeInSlackHasItsLines(t *testing.T) {
	var texts []string
	for _, b := range slackMessage(t, notice()) {
		texts = append(texts, b.Text.Text)
	}
	want := []string{"Daily: no report", "The report could not be made: &lt;jammed&gt;.", "The next slot is tomorrow.", "Where to look: here.", ""}
	if !reflect.DeepEqual(texts, want) {
		t.Errorf("the blocks are %q, want %q", texts, want)
	}
}

func TestANoticeByMailHasTextAndNoFiles(t *testing.T) {
	s := newMailServer(t, nil)
	if err := s.sender(0, nil).Send(t.Context(), mailTo(), notice()); err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(strings.NewReader(s.messages[0]))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("X-Roundtrip-Kind") != "notice" || m.Header.Get("Subject") != "Daily: no report" {
		t.Errorf("header is %v", m.Header)
	}
	parts := map[string]string{}
	readParts(t, m.Header.Get("Content-Type"), m.Body, parts)
	if want := "The report could not be made: <jammed>.\n\nThe next slot is tomorrow.\n\nWhere to look: here.\n"; strings.ReplaceAll(parts["text/plain"], "\r\n", "\n") != want {
		t.Errorf("the text is %q, want %q", parts["text/plain"], want)
	}
	if len(parts) != 2 || !strings.Contains(parts["text/html"], "&lt;jammed&gt;") || !strings.Contains(parts["text/html"], "<p>The next slot is tomorrow.</p>") {
		t.Errorf("parts are %q", parts)
	}
}

func TestAFolderGetsANoticeAsATextOnce(t *testing.T) {
	to := deliver.Recipient{Name: "f", Kind: deliver.Folder, Path: t.TempDir()}
	for range 2 {
		if err := sender(0).Send(t.Context(), to, notice()); err != nil {
			t.Fatal(err)
		}
	}
	found, err := filepath.Glob(filepath.Join(to.Path, "*", "*"))
	if want := filepath.Join(to.Path, "daily-20260131t0600z.ops.failed", "notice.txt"); err != nil || len(found) != 1 || found[0] != want {
		t.Fatalf("the folder has %q (%v), want %s", found, err, want)
	}
	text, err := os.ReadFile(found[0])
	if want := "Daily: no report\n\nThe report could not be made: <jammed>.\n\nThe next slot is tomorrow.\n\nWhere to look: here.\n"; err != nil || string(text) != want {
		t.Errorf("the text is %q (%v), want %q", text, err, want)
	}
}

func TestAFeedGetsANoticeAsAnEntryOnce(t *testing.T) {
	to := deliver.Recipient{Name: "f", Kind: deliver.Atom, Path: filepath.Join(t.TempDir(), "feed.xml")}
	for range 2 {
		if err := sender(0).Send(t.Context(), to, notice()); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(to.Path)
	if err != nil || strings.Count(string(text), "<entry>") != 1 || !strings.Contains(string(text), "<title>Daily: no report</title>") || !strings.Contains(string(text), "The next slot is tomorrow.") {
		t.Errorf("the feed is %s (%v)", text, err)
	}
}
