// Package server answers over HTTP: the analyses through queries.Runner, the
// records of the graph, imports and exports, the built page, and what operators
// need (health, readiness, metrics, the OpenAPI document and its explorer).
//
// Every operation is one route: a declaration for the OpenAPI document and a
// handler that returns a reply or an error. One place writes replies, one place
// makes errors into problem documents (RFC 9457). Only this package imports gin
// and huma.
package server
