package deliver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// envelope is the JSON body of a webhook.
type envelope struct {
	Kind    string         `json:"kind"` // KindReport
	Key     string         `json:"key"`
	Subject string         `json:"subject"`
	Finding string         `json:"finding"`
	Alerts  []string       `json:"alerts"`
	Link    string         `json:"link,omitempty"`
	At      time.Time      `json:"at"`
	Files   []envelopeFile `json:"files"`
}

type envelopeFile struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Size        int    `json:"size"`
	SHA256      string `json:"sha256"`
	Body        []byte `json:"body"` // base64
}

// webhook posts the parcel. A notice is always JSON of its own.
func (s *Sender) webhook(ctx context.Context, to Recipient, p Parcel) *Error {
	if p.Notice != nil {
		body, err := noticeJSON(p)
		if err != nil {
			return final("the notice cannot be written as JSON: %v", err)
		}
		return s.post(ctx, to, p, "application/json", body)
	}
	if to.Body == FirstFile {
		if len(p.Files) == 0 {
			return final("the parcel has no file to send")
		}
		f := p.Files[0]
		return s.post(ctx, to, p, f.ContentType, f.Body)
	}
	e := envelope{Kind: KindReport, Key: p.Key, Subject: p.Subject, Finding: p.Finding, Alerts: p.Alerts, Link: p.Link, At: p.At.UTC(), Files: []envelopeFile{}}
	if e.Alerts == nil {
		e.Alerts = []string{}
	}
	for _, f := range p.Files {
		sum := sha256.Sum256(f.Body)
		e.Files = append(e.Files, envelopeFile{f.Name, f.ContentType, len(f.Body), hex.EncodeToString(sum[:]), f.Body})
	}
	body, err := json.Marshal(e)
	if err != nil {
		return final("the parcel cannot be written as JSON: %v", err)
	}
	return s.post(ctx, to, p, "application/json", body)
}

// maxAnswer is how much of an answer is read.
const maxAnswer = 16 << 10

// post sends a body and reads the answer.
func (s *Sender) post(ctx context.Context, to Recipient, p Parcel, contentType string, body []byte) *Error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		return final("the address cannot be asked")
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", s.o.Agent)
	req.Header.Set(IdempotencyHeader, headerText(p.Key))
	req.Header.Set(KindHeader, p.kind())
	if len(to.Secrets) > 0 {
		req.Header.Set(SignatureHeader, Sign(body, s.o.Now(), to.Secrets...))
	}
	resp, err := s.http.Do(req)
	if err != nil {
		if errors.Is(err, errRedirect) {
			return final("it redirects to another host or asks to turn the request into another; give the address that it redirects to")
		}
		return temporary("no answer", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return nil
	}
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // its status has said what matters
	return s.judge(resp, answer)
}

// headerText is a key as a header can hold it.
func headerText(key string) string {
	if strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c > '~' }) {
		return nameOf(key)
	}
	return key
}

var errRedirect = errors.New("redirected")

// checkRedirect follows only redirects that repeat the request at the same
// address of a server: the parcel is for nobody else.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > 3 || req.Method != first.Method || req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme {
		return errRedirect
	}
	return nil
}

// judge is what an answer other than 2xx means: 408, 425, 429 and 5xx are
// temporary, everything else is final.
func (s *Sender) judge(resp *http.Response, answer []byte) *Error {
	code := resp.StatusCode
	e := &Error{Problem: fmt.Sprintf("answered %d %s", code, http.StatusText(code)), Final: true}
	if word := strings.TrimSpace(string(answer)); isWord(word) {
		e.Problem += " (" + word + ")"
	}
	switch {
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		e.Final = false
		e.After = s.retryAfter(resp.Header.Get("Retry-After"))
	}
	return e
}

// retryAfter reads seconds or a date.
func (s *Sender) retryAfter(header string) time.Duration {
	if n, err := strconv.Atoi(header); err == nil && n >= 0 {
		return min(time.Duration(min(n, 1<<30))*time.Second, maxAfter)
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, min(at.Sub(s.o.Now()), maxAfter))
	}
	return 0
}

// isWord tells whether an answer is a code such as Slack's invalid_payload.
func isWord(s string) bool {
	return s != "" && len(s) <= 40 && !strings.ContainsFunc(s, func(c rune) bool { return (c < 'a' || c > 'z') && c != '_' })
}
