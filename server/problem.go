package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
)

// Problem is the body of every error (RFC 9457). What it says is meant for
// clients; the cause stays in the log under the same request id.
type Problem struct {
	Type      string  `json:"type" doc:"A stable name of the kind of problem, urn:roundtrip:problem: and a word."`
	Title     string  `json:"title" doc:"The kind of problem in words, the same for every problem of one type."`
	Status    int     `json:"status" doc:"The HTTP status."`
	Detail    string  `json:"detail" doc:"What is wrong with this request and what would be right."`
	RequestID string  `json:"request_id" doc:"The id under which the log of the server tells more."`
	Errors    []Entry `json:"errors,omitempty" nullable:"false" doc:"One entry for each bad argument, field or row."`
}

// Entry is one fault inside a request.
type Entry struct {
	Location string `json:"location" doc:"Where: query.as_of, body.lens.as_of, path.id, header.Accept, flows.csv:17:amount_usd."`
	Message  string `json:"message" doc:"What is wrong and what is allowed."`
	Value    string `json:"value,omitempty" doc:"What was given."`
	Code     string `json:"code,omitempty" doc:"The stable code of the rule that is broken, where the fault is in a record."`
}

// problemKind is what all problems of one type have in common.
type problemKind struct {
	name   string
	status int
	title  string
}

var (
	badRequest       = problemKind{"bad-request", http.StatusBadRequest, "The request cannot be read"}
	crossOrigin      = problemKind{"cross-origin", http.StatusForbidden, "Another site may not write here"}
	readOnly         = problemKind{"read-only", http.StatusForbidden, "The store is open for reading only"}
	noRoute          = problemKind{"no-such-page", http.StatusNotFound, "Nothing is here"}
	notFound         = problemKind{"not-found", http.StatusNotFound, "No such record"}
	unknownAnalysis  = problemKind{"unknown-analysis", http.StatusNotFound, "No such analysis"}
	badMethod        = problemKind{"method-not-allowed", http.StatusMethodNotAllowed, "The method is not allowed here"}
	notAcceptable    = problemKind{"not-acceptable", http.StatusNotAcceptable, "None of the accepted formats can be given"}
	conflict         = problemKind{"conflict", http.StatusConflict, "The graph has changed since"}
	nameTaken        = problemKind{"taken", http.StatusConflict, "The name belongs to something that cannot be written here"}
	writtenSince     = problemKind{"written-since", http.StatusConflict, "It has been written since"}
	undoBlocked      = problemKind{"undo-blocked", http.StatusConflict, "A later batch stands in the way"}
	preconditionFail = problemKind{"precondition-failed", http.StatusPreconditionFailed, "The record has changed since"}
	tooLarge         = problemKind{"too-large", http.StatusRequestEntityTooLarge, "The body is too large"}
	badMedia         = problemKind{"unsupported-media-type", http.StatusUnsupportedMediaType, "The body is of a type that is not read here"}
	wrongHost        = problemKind{"misdirected", http.StatusMisdirectedRequest, "This server does not answer under that name"}
	badArguments     = problemKind{"bad-arguments", http.StatusUnprocessableEntity, "Some arguments are wrong"}
	noEngine         = problemKind{"engine-not-available", http.StatusUnprocessableEntity, "That engine cannot answer this"}
	rejected         = problemKind{"rejected", http.StatusUnprocessableEntity, "The data breaks rules and nothing of it is kept"}
	internal         = problemKind{"internal", http.StatusInternalServerError, "The server failed"}
	storeBusy        = problemKind{"busy", http.StatusServiceUnavailable, "Another writer is at work"}
	storeAway        = problemKind{"unavailable", http.StatusServiceUnavailable, "The store cannot be reached"}
	overloaded       = problemKind{"overloaded", http.StatusServiceUnavailable, "Too many requests are at work"}
	moved            = problemKind{"graph-moves", http.StatusServiceUnavailable, "The graph changed while it was being read"}
	notReady         = problemKind{"not-ready", http.StatusServiceUnavailable, "The server is not ready"}
	tooSlow          = problemKind{"timeout", http.StatusGatewayTimeout, "The answer took too long"}
)

// fault is an error with a public face. Its cause, if any, is for the log.
type fault struct {
	kind       problemKind
	detail     string
	entries    []Entry
	retryAfter int // seconds, 0 for no such header
	cause      error
}

// Error is the public detail with the cause behind it.
func (f *fault) Error() string {
	if f.cause != nil {
		return f.detail + ": " + f.cause.Error()
	}
	return f.detail
}

func (f *fault) Unwrap() error { return f.cause }

func (f *fault) problem(requestID string) Problem {
	return Problem{
		Type: "urn:roundtrip:problem:" + f.kind.name, Title: f.kind.title, Status: f.kind.status,
		Detail: f.detail, RequestID: requestID, Errors: f.entries,
	}
}

// arguments is the fault of a request with these bad arguments.
func arguments(entries ...Entry) *fault {
	f := &fault{kind: badArguments, detail: fmt.Sprintf("%d arguments are wrong; see errors", len(entries)), entries: entries}
	if len(entries) == 1 {
		f.detail = entries[0].Location + ": " + entries[0].Message
	}
	return f
}

// faultOf is the one place where errors of the packages below get their public
// face. Text of an error that is not made for clients is never part of it.
func faultOf(err error) *fault {
	var f *fault
	var bad queries.ArgumentErrors
	var blocked *graph.UndoBlockedError
	var document *graph.DocumentConflictError
	var missing graph.NotFoundError
	var taken graph.NameTakenError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &bad):
		return arguments(argumentEntries(bad, func(string) string { return "query." })...)
	case errors.Is(err, queries.ErrUnknownAnalysis):
		return &fault{kind: unknownAnalysis, detail: err.Error()}
	case errors.Is(err, snapshot.ErrSumTooLarge):
		return &fault{kind: badArguments, detail: "the amounts under this lens add up to more than 64 bits of cents hold; look at fewer legs", cause: err}
	case errors.Is(err, queries.ErrEngine):
		return &fault{kind: noEngine, detail: err.Error(), entries: []Entry{{Location: "query.engine", Message: err.Error()}}}
	case errors.As(err, &blocked):
		return &fault{kind: undoBlocked, detail: blocked.Error()}
	case errors.As(err, &large):
		return &fault{kind: tooLarge, detail: fmt.Sprintf("the body is larger than the limit of %d bytes", large.Limit)}
	case errors.Is(err, graph.ErrUnavailable):
		return &fault{kind: storeAway, detail: "the database behind the store cannot be reached; repeat the request", retryAfter: 5, cause: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &fault{kind: tooSlow, detail: "the time for this request is over; ask for less, or raise the limit of the server", cause: err}
	case errors.As(err, &document):
		return &fault{kind: writtenSince, detail: document.Error() + "; get it again", cause: err}
	case errors.Is(err, graph.ErrConflict):
		return &fault{kind: conflict, detail: "the graph has changed since this request was checked; read it again and repeat the request", cause: err}
	case errors.Is(err, queries.ErrMoved):
		return &fault{kind: moved, detail: "the graph changes faster than it can be read; repeat the request", retryAfter: 1, cause: err}
	case errors.Is(err, graph.ErrBusy):
		return &fault{kind: storeBusy, detail: "another writer holds the store; repeat the request", retryAfter: 2, cause: err}
	case errors.Is(err, graph.ErrReadOnly):
		return &fault{kind: readOnly, detail: "the store was opened for reading; nothing can be written through this server"}
	case errors.As(err, &missing):
		return &fault{kind: notFound, detail: missing.Error()}
	case errors.As(err, &taken):
		return &fault{kind: nameTaken, detail: taken.Error()}
	case errors.Is(err, graph.ErrNotFound):
		return &fault{kind: notFound, detail: "there is no record or batch with that id", cause: err}
	}
	return &fault{kind: internal, detail: "the server failed to answer; its log tells more under the request id", cause: err}
}

// argumentEntries are the entries of bad arguments; prefix gives the place of
// each by its name: query., body.lens., body.params.
func argumentEntries(bad queries.ArgumentErrors, prefix func(name string) string) []Entry {
	entries := make([]Entry, len(bad))
	for i, a := range bad {
		entries[i] = Entry{Location: prefix(a.Name) + a.Name, Message: a.Problem, Value: a.Given}
	}
	return entries
}
