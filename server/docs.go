package server

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed explorer
var explorerFiles embed.FS

// addDocs serves the OpenAPI document and a page that reads it. It comes last:
// the document is written down at the first request.
func (s *Server) addDocs() error {
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: "/openapi.json", OperationID: "openapi", Tags: []string{tagOperations},
			Summary: "This document", Description: "The OpenAPI 3.1 document, generated from the declarations that the server works from.",
			Responses:  answers("The document.", jsonType, &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}),
			Parameters: []*huma.Param{ifNoneMatch()},
		},
		handle: func(context.Context, *call) (reply, error) {
			return reply{contentType: jsonType, body: s.openAPI, etag: quotedDigest(s.openAPI)}, nil
		},
	})
	explorer, err := fs.Sub(explorerFiles, "explorer")
	if err != nil {
		return fmt.Errorf("read the explorer: %w", err)
	}
	names, err := fs.Glob(explorer, "*")
	if err != nil {
		return fmt.Errorf("read the explorer: %w", err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(explorer, name)
		if err != nil {
			return fmt.Errorf("read the explorer: %w", err)
		}
		at := path.Join("/docs", name)
		if name == indexName {
			at = "/docs"
		}
		s.serveFile(at, newFile(name, b))
	}
	s.openAPI, err = json.Marshal(s.docs.api)
	if err != nil {
		return fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return nil
}
