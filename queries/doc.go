// Package queries is the one door to every answer: a Runner takes a Request
// naming an analysis of the catalogue, decodes and checks its lens and
// parameters against the analysis's own declaration, lets an engine find the
// facts, and makes them into a Result.
//
// An analysis is a Definition: typed parameters, typed rows, a native engine
// over the snapshot, where Cypher can express it a twin that runs in Neo4j, and
// one finishing step that both engines share. Flags, query keys, OpenAPI, forms
// and documentation are made from the declaration and from nothing else.
package queries
