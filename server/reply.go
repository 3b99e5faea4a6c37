package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"roundtrip/graph"
)

const (
	jsonType    = "application/json"
	problemJSON = "application/problem+json"
)

// reply is what a handler answers.
type reply struct {
	status      int // 200 when 0
	contentType string
	body        []byte
	write       func(io.Writer) error // instead of body, for long answers
	header      http.Header           // more headers, may be nil
	etag        string                // with its quotes, "" for none
	revision    *graph.Revision       // of the graph that was answered from
	sent        bool                  // the handler has written the answer itself
}

// jsonReply answers v as JSON.
func jsonReply(v any) (reply, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return reply{}, err
	}
	return reply{contentType: jsonType, body: b.Bytes()}, nil
}

// send writes the reply to one request. It is the only place that does; an
// error means that the answer could not be made or not be written to its end.
func send(w http.ResponseWriter, r *http.Request, a reply) error {
	if a.sent {
		return nil
	}
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	if a.revision != nil {
		h.Set("Roundtrip-Revision", strconv.FormatUint(a.revision.Number, 10))
	}
	switch {
	case a.etag != "":
		h.Set("ETag", a.etag)
		if h.Get("Cache-Control") == "" {
			h.Set("Cache-Control", "no-cache")
		}
	case h.Get("Cache-Control") == "":
		h.Set("Cache-Control", "no-store")
	}
	if a.etag != "" && a.status == 0 && isSafe(r.Method) && tagMatches(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if a.contentType != "" {
		h.Set("Content-Type", a.contentType)
	}
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	if a.write != nil {
		return a.write(&lateHeader{ResponseWriter: w, status: status})
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(status)
	_, err := w.Write(a.body)
	return err
}

// lateHeader writes the status with the first byte, so that an answer that
// fails before it can still become a problem.
type lateHeader struct {
	http.ResponseWriter
	status  int
	written bool
}

func (l *lateHeader) Write(p []byte) (int, error) {
	if !l.written {
		l.written = true
		l.WriteHeader(l.status)
	}
	return l.ResponseWriter.Write(p)
}

// sendProblem writes the problem of a fault.
func sendProblem(w http.ResponseWriter, r *http.Request, f *fault, requestID string) error {
	a, err := jsonReply(f.problem(requestID))
	if err != nil {
		return errors.Join(f, err)
	}
	a.status, a.contentType = f.kind.status, problemJSON
	a.header = http.Header{}
	if f.retryAfter > 0 {
		a.header.Set("Retry-After", strconv.Itoa(f.retryAfter))
	}
	if f.kind == tooLarge {
		a.header.Set("Connection", "close") // the rest of the body is not read
	}
	for _, name := range []string{"ETag", "Cache-Control", "Content-Disposition", "Roundtrip-Revision"} {
		w.Header().Del(name)
	}
	return send(w, r, a)
}

func isSafe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// tagMatches compares an If-None-Match header with a tag by weak comparison.
func tagMatches(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || tag != "" && strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}
