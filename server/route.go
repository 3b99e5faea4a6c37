package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"roundtrip/graph/near"
)

// route is one operation: what the OpenAPI document says of it, its limits, and
// what answers it.
type route struct {
	op     huma.Operation
	handle func(ctx context.Context, c *call) (reply, error)

	time  time.Duration // limit, Limits.Request when 0
	body  int64         // largest body in bytes, 0 where none is read
	heavy bool          // takes one of the places for heavy work
	// ownQuery leaves unknown query keys to the handler, which knows more about
	// them; keys that come twice are refused in any case.
	ownQuery bool
}

// call is one request as a handler sees it.
type call struct {
	w     http.ResponseWriter
	r     *http.Request
	path  func(name string) string // value of a path parameter
	query map[string]string
}

// has tells whether the query has the key, be it with an empty value.
func (c *call) has(key string) bool {
	_, ok := c.query[key]
	return ok
}

// add registers a route with the router and the OpenAPI document.
func (s *Server) add(rt route) {
	op := &rt.op
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses["default"] = s.docs.problem()
	s.api.OpenAPI().AddOperation(op)
	known := queryKeys(op)
	s.api.Adapter().Handle(op, func(hc huma.Context) {
		gc := humagin.Unwrap(hc)
		s.answer(gc, func(ctx context.Context) (reply, error) {
			query, err := readQuery(gc.Request, known, rt.ownQuery)
			if err != nil {
				return reply{}, err
			}
			if rt.body == 0 && op.Method != http.MethodGet && gc.Request.ContentLength != 0 {
				return reply{}, arguments(Entry{Location: "body", Message: "is not read here; " + bodiless(known)})
			}
			return rt.handle(ctx, &call{w: gc.Writer, r: gc.Request, path: pathValues(gc), query: query})
		}, rt)
	})
}

// pathValues gives the decoded values of path parameters.
func pathValues(gc *gin.Context) func(name string) string {
	return func(name string) string {
		value := gc.Param(name)
		if gc.Request.URL.RawPath == "" {
			return value // taken from the path that net/http has decoded
		}
		if decoded, err := url.PathUnescape(value); err == nil {
			return decoded
		}
		return value
	}
}

// answer runs a handler under the limits of its route and writes what it
// returns.
func (s *Server) answer(gc *gin.Context, handle func(context.Context) (reply, error), rt route) {
	limit := rt.time
	if limit == 0 {
		limit = s.o.Limits.Request
	}
	ctx, cancel := context.WithTimeout(gc.Request.Context(), limit)
	defer cancel()
	gc.Request = gc.Request.WithContext(ctx)
	gc.Request.Body = http.MaxBytesReader(gc.Writer, gc.Request.Body, rt.body)
	// The connection gets the same limit, so that neither a slow sender nor a
	// slow reader can hold it; a recorder in a test cannot set these.
	conn := http.NewResponseController(gc.Writer)
	end := time.Now().Add(limit + connectionGrace)
	_ = conn.SetReadDeadline(end)
	_ = conn.SetWriteDeadline(end)

	if rt.heavy {
		if err := s.places.take(ctx); err != nil {
			s.fail(gc, err)
			return
		}
		defer s.places.leave()
	}
	a, err := handle(ctx)
	if err == nil {
		err = send(gc.Writer, gc.Request, a)
	}
	if err != nil {
		s.fail(gc, err)
	}
}

// connectionGrace is how much longer than its request a connection may take, so
// that the problem of a request that ran out of time still gets through.
const connectionGrace = 5 * time.Second

// statusGone stands in the log and the metrics for a client that left before
// the answer.
const statusGone = 499

// fail answers an error and leaves it for the request log. Where an answer has
// begun nothing can be said any more; brokenKey then has the connection closed.
func (s *Server) fail(gc *gin.Context, err error) {
	_ = gc.Error(err) // for the request log
	if gc.Writer.Written() {
		gc.Set(brokenKey, true)
		return
	}
	if errors.Is(err, context.Canceled) {
		gc.Status(statusGone)
		return
	}
	if sendErr := sendProblem(gc.Writer, gc.Request, faultOf(err), gc.GetString(requestIDKey)); sendErr != nil {
		_ = gc.Error(sendErr)
	}
}

// bodiless says what a route without a body wants instead of one.
func bodiless(keys []string) string {
	if len(keys) == 0 {
		return "want none"
	}
	return "want " + strings.Join(keys, ", ") + " in the query of the address"
}

func queryKeys(op *huma.Operation) []string {
	var keys []string
	for _, p := range op.Parameters {
		if p.In == "query" {
			keys = append(keys, p.Name)
		}
	}
	return keys
}

// readQuery reads the query of a request. A key that comes twice is a fault, as
// it would be unclear which one counts, and so is a key that is not known.
func readQuery(r *http.Request, known []string, ownQuery bool) (map[string]string, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &fault{kind: badRequest, detail: "the query is not well-formed; want key=value pairs joined by & with percent-encoded values", cause: err}
	}
	query := make(map[string]string, len(values))
	var bad []Entry
	for _, key := range slices.Sorted(maps.Keys(values)) {
		list := values[key]
		switch {
		case len(list) > 1:
			bad = append(bad, Entry{
				Location: "query." + key, Value: strings.Join(list, ", "),
				Message: fmt.Sprintf("is given %d times; want it once, with commas between the items of a list", len(list)),
			})
		case !ownQuery && !slices.Contains(known, key):
			bad = append(bad, Entry{Location: "query." + key, Value: list[0], Message: noSuchKey(key, known)})
		}
		query[key] = list[0]
	}
	if len(bad) > 0 {
		return nil, arguments(bad...)
	}
	return query, nil
}

func noSuchKey(key string, known []string) string {
	switch meant := near.Name(key, known); {
	case len(known) == 0:
		return "no such key; none is allowed here"
	case meant != "":
		return fmt.Sprintf("no such key; did you mean %s? allowed are %s", meant, strings.Join(known, ", "))
	}
	return "no such key; allowed are " + strings.Join(known, ", ")
}

// number reads a whole number of the query, def when it is not given.
func (c *call) number(key string, def, least, most int) (int, error) {
	text, ok := c.query[key]
	if !ok {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, arguments(Entry{Location: "query." + key, Value: text, Message: fmt.Sprintf("want a whole number from %d to %d", least, most)})
	}
	return n, nil
}

// dryRun tells whether the query asks for a dry run.
func (c *call) dryRun() (bool, error) {
	switch text := c.query[dryRunKey]; {
	case !c.has(dryRunKey) || text == "false":
		return false, nil
	case text == "true":
		return true, nil
	default:
		return false, arguments(Entry{Location: "query." + dryRunKey, Value: text, Message: "want true or false"})
	}
}
