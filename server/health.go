package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// readier is what a store may have besides its contract: it tells within
// moments whether it can be reached and its schema is current.
type readier interface {
	Ready(ctx context.Context) error
}

// health is the answer of /healthz and /readyz.
type health struct {
	Status  string `json:"status" doc:"ok"`
	Version string `json:"version" doc:"Version of the program."`
}

func (s *Server) addHealth() {
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: "/healthz", OperationID: "healthz", Tags: []string{tagOperations},
			Summary: "Is the program alive?", Description: "Answers as long as the program answers at all; asks nothing of the store.",
			Responses: answers("It is.", jsonType, s.docs.schema(health{})),
		},
		handle: func(context.Context, *call) (reply, error) {
			return jsonReply(health{Status: "ok", Version: s.o.Version})
		},
	})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: "/readyz", OperationID: "readyz", Tags: []string{tagOperations},
			Summary:     "Is the server ready for requests?",
			Description: "The store can be reached, its schema is current, and the server is not stopping. Otherwise 503 with one entry for each check that failed.",
			Responses:   answers("It is.", jsonType, s.docs.schema(health{})),
		},
		handle: s.ready,
	})
}

func (s *Server) ready(ctx context.Context, _ *call) (reply, error) {
	checks := append([]Check{{Name: "store", Run: s.checkStore}}, s.o.Checks...)
	var bad []Entry
	var causes []error
	for _, c := range checks {
		if err := c.Run(ctx); err != nil {
			bad = append(bad, Entry{Location: c.Name, Message: "the check failed; the log tells why"})
			causes = append(causes, fmt.Errorf("%s: %w", c.Name, err))
		}
	}
	if s.draining.Load() {
		bad = append(bad, Entry{Location: "server", Message: "the server is stopping"})
	}
	if len(bad) > 0 {
		return reply{}, &fault{kind: notReady, detail: "the server cannot answer now; see errors", entries: bad, retryAfter: 5, cause: errors.Join(causes...)}
	}
	return jsonReply(health{Status: "ok", Version: s.o.Version})
}

func (s *Server) checkStore(ctx context.Context) error {
	if c, ok := s.o.Store.(readier); ok {
		if err := c.Ready(ctx); err != nil {
			return err
		}
	}
	_, err := s.o.Store.Revision(ctx)
	return err
}
