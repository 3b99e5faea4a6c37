package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	requestIDKey    = "request_id"
	brokenKey       = "broken" // set where an answer failed half way
	requestIDHeader = "X-Request-Id"
	noRouteLabel    = "none" // route of requests that no route takes
)

var goodRequestID = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// observe gives each request an id, writes one log line and counts it, and
// makes a panic into a problem.
func (s *Server) observe(gc *gin.Context) {
	start := s.o.Now()
	id := gc.GetHeader(requestIDHeader)
	if !goodRequestID.MatchString(id) {
		id = s.o.RequestID()
	}
	gc.Set(requestIDKey, id)
	gc.Header(requestIDHeader, id)
	func() {
		defer func() {
			if p := recover(); p != nil {
				s.fail(gc, &panicError{value: p, stack: debug.Stack()})
			}
		}()
		gc.Next()
	}()
	s.record(gc, id, s.o.Now().Sub(start))
	if gc.GetBool(brokenKey) {
		// Part of an answer is on its way: only closing the connection tells the
		// client that it is not whole.
		panic(http.ErrAbortHandler)
	}
}

// record writes the log line and the metrics of a finished request.
func (s *Server) record(gc *gin.Context, id string, took time.Duration) {
	route := gc.FullPath()
	if route == "" {
		route = noRouteLabel
	}
	status := gc.Writer.Status()
	s.metrics.request(gc.Request.Method, route, status, took)
	attrs := []slog.Attr{
		slog.String("request_id", id), slog.String("method", gc.Request.Method), slog.String("route", route),
		slog.String("path", gc.Request.URL.Path), slog.Int("status", status), slog.Int("bytes", max(0, gc.Writer.Size())),
		slog.Duration("took", took), slog.String("from", gc.Request.RemoteAddr),
	}
	level := slog.LevelInfo
	if len(gc.Errors) > 0 {
		errs := make([]error, len(gc.Errors))
		for i, e := range gc.Errors {
			errs[i] = e.Err
		}
		attrs = append(attrs, slog.String("error", errors.Join(errs...).Error()))
		var p *panicError
		if errors.As(errors.Join(errs...), &p) {
			attrs = append(attrs, slog.String("stack", string(p.stack)))
		}
	}
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.o.Logger.LogAttrs(gc.Request.Context(), level, "request", attrs...)
}

// panicError is a panic of a handler; it becomes an internal problem.
type panicError struct {
	value any
	stack []byte
}

// Error tells what was thrown.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }
