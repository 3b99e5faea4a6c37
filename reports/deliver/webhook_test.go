package deliver_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtrip/reports/deliver"
)

const (
	oldSecret = deliver.Secret("the-old-secret-of-the-receiver")
	newSecret = deliver.Secret("the-new-secret-of-the-receiver")
)

func now() time.Time { return time.Date(2026, 1, 31, 6, 0, 1, 0, time.UTC) }

func parcel() deliver.Parcel {
	return deliver.Parcel{
		Key: "daily-20260131t0600z/ops", Subject: "Daily: 1 new loop", Finding: "One loop is new: nvidia → openai → oracle.",
		Alerts: []string{"New loop above 1 bn: nvidia → openai → oracle."}, Link: "https://reports.example.net/#/runs/daily-20260131t0600z",
		At:    time.Date(2026, 1, 31, 6, 0, 0, 0, time.UTC),
		Files: []deliver.File{{Name: "report.html", ContentType: "text/html; charset=utf-8", Body: []byte("<p>€</p>")}, {Name: "report.json", ContentType: "application/json", Body: []byte("{}")}},
	}
}

func sender(timeout time.Duration) *deliver.Sender {
	return deliver.NewSender(deliver.Options{Timeout: timeout, Now: now})
}

// taken is a receiver that keeps what it was sent.
type taken struct {
	sync.Mutex
	requests []*http.Request
	bodies   [][]byte
	answer   func(n int, w http.ResponseWriter, r *http.Request) // n counts from 1
}

func (s *taken) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.Lock()
	s.requests, s.bodies = append(s.requests, r), append(s.bodies, body)
	n := len(s.requests)
	s.Unlock()
	if s.answer != nil {
		s.answer(n, w, r)
	}
}

func (s *taken) keys() (list []string) {
	s.Lock()
	defer s.Unlock()
	for _, r := range s.requests {
		list = append(list, r.Header.Get("Idempotency-Key"))
	}
	return list
}

func receiver(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) (*taken, string) {
	t.Helper()
	got := &taken{answer: answer}
	server := httptest.NewServer(got)
	t.Cleanup(server.Close)
	return got, server.URL + "/in/T0PS3CRET"
}

func TestAWebhookGetsTheEnvelopeWithBothSignaturesAndTheKey(t *testing.T) {
	got, url := receiver(t, nil)
	to := deliver.Recipient{Name: "ops", Kind: deliver.Webhook, URL: url, Secrets: []deliver.Secret{newSecret, oldSecret}}
	if err := sender(0).Send(t.Context(), to, parcel()); err != nil {
		t.Fatal(err)
	}
	body, header := got.bodies[0], got.requests[0].Header.Get("Roundtrip-Signature")
	// Signed anew by hand.
	want := fmt.Sprintf("t=%d", now().Unix())
	for _, secret := range []string{"the-new-secret-of-the-receiver", "the-old-secret-of-the-receiver"} {
		h := hmac.New(sha256.New, []byte(secret))
		fmt.Fprintf(h, "%d.%s", now().Unix(), body)
		want += ",v1=" + hex.EncodeToString(h.Sum(nil))
	}
	if header != want {
		t.Errorf("signature is %s, want %s", header, want)
	}
	if key := got.keys()[0]; key != "daily-20260131t0600z/ops" {
		t.Errorf("key is %s", key)
	}
	var e struct {
		Key, Subject, Finding, Link, At string
		Alerts                          []string
		Files                           []struct {
			Name   string
			Body   []byte
			SHA256 string
			Size   int
		}
	}
	if err := json.Unmarshal(body, &e); err != nil {
		t.Fatal(err)
	}
	if e.Key != parcel().Key || e.At != "2026-01-31T06:00:00Z" || len(e.Alerts) != 1 || len(e.Files) != 2 || string(e.Files[0].Body) != "<p>€</p>" || e.Files[0].Size != 10 {
		t.Errorf("envelope is %+v", e)
	}
	if sum := sha256.Sum256(e.Files[0].Body); e.Files[0].SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("digest is %s", e.Files[0].SHA256)
	}
}

func TestAWebhookMayGetTheFirstFileAsItIs(t *testing.T) {
	got, url := receiver(t, nil)
	to := deliver.Recipient{Name: "ops", Kind: deliver.Webhook, URL: url, Body: deliver.FirstFile}
	if err := sender(0).Send(t.Context(), to, parcel()); err != nil {
		t.Fatal(err)
	}
	if string(got.bodies[0]) != "<p>€</p>" || got.requests[0].Header.Get("Content-Type") != "text/html; charset=utf-8" || got.requests[0].Header.Get("Roundtrip-Signature") != "" {
		t.Errorf("sent %q with %v", got.bodies[0], got.requests[0].Header)
	}
}

func TestASignatureHoldsForEitherSecretWithinItsTimeAndForNothingElse(t *testing.T) {
	body := []byte(`{"a":1}`)
	header := deliver.Sign(body, now(), newSecret, oldSecret)
	for _, tt := range []struct {
		name    string
		header  string
		body    string
		later   time.Duration
		secrets []deliver.Secret
		want    string // "" for a signature that holds
	}{
		{"new secret", header, string(body), 0, []deliver.Secret{newSecret}, ""},
		{"old secret", header, string(body), 4 * time.Minute, []deliver.Secret{oldSecret}, ""},
		{"receiver with both", deliver.Sign(body, now(), newSecret), string(body), 0, []deliver.Secret{oldSecret, newSecret}, ""},
		{"another secret", header, string(body), 0, []deliver.Secret{"somebody-elses-secret"}, "none of its 2"},
		{"no secret", header, string(body), 0, nil, "none of its 2"},
		{"another body", header, `{"a":2}`, 0, []deliver.Secret{newSecret}, "none of its 2"},
		{"too old", header, string(body), 6 * time.Minute, []deliver.Secret{newSecret}, "6m0s from now"},
		{"of the future", header, string(body), -6 * time.Minute, []deliver.Secret{newSecret}, "from now"},
		{"another time", strings.Replace(header, "t=17698392", "t=17698393", 1), string(body), 0, []deliver.Secret{newSecret}, "the signature does not hold"},
		{"no time", "v1=00", string(body), 0, []deliver.Secret{newSecret}, "has no time"},
		{"nothing", "", string(body), 0, []deliver.Secret{newSecret}, "has no time"},
	} {
		err := deliver.Verify(tt.header, []byte(tt.body), now().Add(tt.later), 5*time.Minute, tt.secrets...)
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, deliver.ErrSignature) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	for _, tt := range []struct {
		code  int
		after string
		final bool
		wait  time.Duration
	}{
		{400, "", true, 0},
		{401, "", true, 0},
		{404, "", true, 0},
		{410, "60", true, 0},
		{413, "", true, 0},
		{408, "", false, 0},
		{425, "", false, 0},
		{429, "120", false, 2 * time.Minute},
		{500, "", false, 0},
		{503, "Sat, 31 Jan 2026 07:00:01 GMT", false, time.Hour},
		{503, "soon", false, 0},
		{503, "99999999999", false, 0},
		{503, "-1", false, 0},
		{304, "", true, 0},
	} {
		_, url := receiver(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", tt.after)
			w.WriteHeader(tt.code)
		})
		err := sender(0).Send(t.Context(), deliver.Recipient{Name: "ops", Kind: deliver.Webhook, URL: url}, parcel())
		var e *deliver.Error
		if !errors.As(err, &e) || e.Final != tt.final {
			t.Errorf("%d gives %v, want final %t", tt.code, err, tt.final)
			continue
		}
		if tt.wait != 0 && e.After != tt.wait {
			t.Errorf("%d with %q asks for %s, want %s", tt.code, tt.after, e.After, tt.wait)
		}
	}
}

func TestAReceiverThatFailsStallsResetsAndAnswersLateGetsTheSameKeyEachTime(t *testing.T) {
	stop := make(chan struct{})
	got, url := receiver(t, func(n int, w http.ResponseWriter, r *http.Request) {
		switch n {
		case 1:
			w.WriteHeader(http.StatusInternalServerError)
		case 2: // it takes the parcel, and its answer comes after the sender gave up
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		case 3: // the connection is reset
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = conn.(*net.TCPConn).SetLinger(0)
				_ = conn.Close()
			}
		case 4: // the answer stalls after its first line
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
				<-stop
				_ = conn.Close()
			}
		}
	})
	defer close(stop)
	to := deliver.Recipient{Name: "ops", Kind: deliver.Webhook, URL: url}
	s := sender(300 * time.Millisecond)
	var failed []string
	for attempt := 1; ; attempt++ {
		err := s.Send(t.Context(), to, parcel())
		if err == nil {
			break
		}
		if deliver.Final(err) || attempt > 5 {
			t.Fatalf("attempt %d: %v", attempt, err)
		}
		failed = append(failed, err.Error())
	}
	if len(failed) != 4 {
		t.Fatalf("%d attempts failed, want 4: %q", len(failed), failed)
	}
	for i, key := range got.keys() {
		if key != parcel().Key {
			t.Errorf("attempt %d has key %q", i+1, key)
		}
	}
	if !strings.Contains(failed[1], "it took too long") || !strings.Contains(failed[3], "it took too long") {
		t.Errorf("errors are %q", failed)
	}
	for _, text := range failed {
		if strings.Contains(text, "T0PS3CRET") {
			t.Errorf("the error shows the address: %s", text)
		}
	}
}

func TestAnEndedContextEndsADelivery(t *testing.T) {
	_, url := receiver(t, func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := sender(time.Hour).Send(ctx, deliver.Recipient{Name: "ops", Kind: deliver.Slack, URL: url}, parcel())
	if err == nil || deliver.Final(err) || time.Since(start) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
}

func TestOnlyARedirectThatRepeatsTheRequestAtTheSameHostIsFollowed(t *testing.T) {
	other, elsewhere := receiver(t, nil)
	for _, code := range []int{301, 302, 303, 307, 308} {
		got, url := receiver(t, func(_ int, w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/next" {
				w.Header().Set("Location", "/next")
				w.WriteHeader(code)
			}
		})
		err := sender(0).Send(t.Context(), deliver.Recipient{Name: "ops", Kind: deliver.Webhook, URL: url}, parcel())
		if code >= 307 {
			if err != nil || len(got.bodies) != 2 || string(got.bodies[0]) != string(got.bodies[1]) {
				t.Errorf("%d at the same host: %v after %d requests", code, err, len(got.bodies))
			}
		} else if !deliver.Final(err) || len(got.bodies) != 1 {
			t.Errorf("%d at the same host: %v", code, err)
		}
		_, url = receiver(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", elsewhere)
			w.WriteHeader(code)
		})
		if err := sender(0).Send(t.Context(), deliver.Recipient{Name: "ops", Kind: deliver.Webhook, URL: url}, parcel()); !deliver.Final(err) || strings.Contains(err.Error(), "T0PS3CRET") {
			t.Errorf("%d to another host: %v", code, err)
		}
	}
	if len(other.bodies) != 0 {
		t.Errorf("the other host was sent %d parcels", len(other.bodies))
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	to := deliver.Recipient{Name: "ops", Kind: deliver.Webhook, URL: "http://127.0.0.1:1/x", Secrets: []deliver.Secret{newSecret}}
	asJSON, _ := json.Marshal(to.Secrets)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", to, to, to, to.Secrets[0]), string(asJSON)} {
		if strings.Contains(text, "the-new-secret") {
			t.Errorf("printed as %s", text)
		}
	}
	if err := sender(0).Send(t.Context(), to, parcel()); err == nil || strings.Contains(err.Error(), "the-new") {
		t.Errorf("error is %v", err)
	}
	bad := deliver.Recipient{Name: "ops", Kind: deliver.Slack, URL: "hooks.example/T0PS3CRET"}
	if err := deliver.Check(bad); err == nil || strings.Contains(err.Error(), "T0PS3CRET") {
		t.Errorf("error is %v", err)
	}
}

func TestRecipientsAndParcelsThatCannotBeSentSayWhatTheyLack(t *testing.T) {
	for _, tt := range []struct {
		to   deliver.Recipient
		want string
	}{
		{deliver.Recipient{Kind: "fax"}, `kind is "fax"; want one of folder, webhook, slack, email, atom`},
		{deliver.Recipient{Kind: deliver.Folder, Path: "out"}, `path "out" is not absolute`},
		{deliver.Recipient{Kind: deliver.Webhook, URL: "ftp://a"}, "url is not an address"},
		{deliver.Recipient{Kind: deliver.Webhook, URL: "http://a", Secrets: []deliver.Secret{"short"}}, "a secret has 5 characters; want at least 16"},
		{deliver.Recipient{Kind: deliver.Webhook, URL: "http://a", Body: "x"}, `body is "x"; want envelope or file`},
		{deliver.Recipient{Kind: deliver.Email}, "there is no address in to"},
		{deliver.Recipient{Kind: deliver.Email, To: []string{"a@example.net\r\nBcc: b@example.net"}}, "is not an e-mail address"},
	} {
		if err := deliver.Check(tt.to); !deliver.Final(err) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v gives %v, want %s", tt.to, err, tt.want)
		}
	}
	to := deliver.Recipient{Name: "f", Kind: deliver.Folder, Path: t.TempDir()}
	for _, tt := range []struct {
		change func(*deliver.Parcel)
		want   string
	}{
		{func(p *deliver.Parcel) { p.Key = "" }, "the key is"},
		{func(p *deliver.Parcel) { p.Key = "a\nb" }, "the key is"},
		{func(p *deliver.Parcel) { p.Files[0].Name = "../x" }, `a file is called "../x"`},
		{func(p *deliver.Parcel) { p.Files[0].Name = ".profile" }, `a file is called ".profile"`},
		{func(p *deliver.Parcel) { p.Files[1].Name = "Report.HTML" }, "two files are called Report.HTML"},
		{func(p *deliver.Parcel) { p.Files[0].ContentType = "a\r\nb" }, "the content type"},
	} {
		p := parcel()
		tt.change(&p)
		if err := sender(0).Send(t.Context(), to, p); !deliver.Final(err) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("gives %v, want %s", err, tt.want)
		}
	}
	p := parcel()
	p.Files[0].Body = make([]byte, deliver.MaxEmail+1)
	if err := sender(0).Send(t.Context(), deliver.Recipient{Kind: deliver.Email, To: []string{"a@example.net"}}, p); !deliver.Final(err) || !strings.Contains(err.Error(), "at most 20971520 are allowed") {
		t.Errorf("gives %v", err)
	}
}
