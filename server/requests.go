package server

import (
	"context"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph/scenario"
	"roundtrip/queries"
)

const (
	lensKey     = "lens"
	paramsKey   = "params"
	scenarioKey = "scenario"
)

// readRequest reads the members of a body that ask for an analysis: lens, params
// and what every request takes beside them; scenario may also be an object, a
// scenario that is not saved. place tells where an argument came from.
func (s *Server) readRequest(ctx context.Context, body object, analysis string) (req queries.Request, place func(name string) string, err error) {
	req = queries.Request{Analysis: analysis}
	allowed := append([]string{lensKey, paramsKey}, queries.Names(queries.RequestParams())...)
	given := queries.Args{}
	var inline *scenario.Scenario
	var bad []Entry
	for _, m := range body.members {
		switch {
		case m.name == lensKey:
			req.Lens = body.args(m, &bad)
		case m.name == paramsKey:
			req.Params = body.args(m, &bad)
		case m.name == scenarioKey && strings.HasPrefix(strings.TrimSpace(string(m.value)), "{"):
			x, err := scenario.Parse("", m.value)
			if err != nil {
				return req, nil, fileFault("body.scenario", err)
			}
			inline = x
		case slices.Contains(allowed, m.name):
			if value, ok := body.scalar(m, &bad); ok {
				given[m.name] = value
			}
		default:
			bad = append(bad, Entry{Location: "body." + m.name, Value: shown(m.value), Message: noSuchKey(m.name, allowed)})
		}
	}
	place = func(name string) string {
		_, ofLens := req.Lens[name]
		switch top, _, _ := strings.Cut(name, "."); {
		case slices.Contains(allowed, top):
			return "body."
		case ofLens:
			return "body.lens."
		}
		return "body.params."
	}
	if len(bad) > 0 {
		return req, nil, arguments(bad...)
	}
	if err := req.Fill(given, s.scenarioNamed(ctx)); err != nil {
		return req, nil, placed(err, place)
	}
	if inline != nil {
		req.Scenario = inline
	}
	return req, place, nil
}

// requestParams are the arguments of every request as query keys.
func requestParams() []*huma.Param {
	var list []*huma.Param
	for _, p := range queries.RequestParams() {
		list = append(list, argument(p))
	}
	return list
}
