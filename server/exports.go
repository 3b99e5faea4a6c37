package server

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph/ingest"
)

func (s *Server) addExports() {
	responses := tagged(answers("The zip.", zipType, &huma.Schema{Type: huma.TypeString, Format: "binary"}))
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: apiBase + "/exports", OperationID: "export", Tags: []string{tagImports},
			Summary: "Export all records", Description: "A zip of CSV files, one for each kind, as an import reads them.",
			Parameters: []*huma.Param{ifNoneMatch()}, Responses: responses,
		},
		time: s.o.Limits.Import, heavy: true,
		handle: s.export,
	})
}

func (s *Server) export(ctx context.Context, _ *call) (reply, error) {
	rev, err := s.o.Store.Revision(ctx)
	if err != nil {
		return reply{}, err
	}
	return reply{
		contentType: zipType, revision: &rev,
		etag:   quotedDigest(fmt.Appendf(nil, "export %s %d %s", s.o.Version, rev.Number, rev.Hash)),
		header: http.Header{"Content-Disposition": {fmt.Sprintf(`attachment; filename="roundtrip-r%d.zip"`, rev.Number)}},
		write:  func(w io.Writer) error { return ingest.WriteZip(ctx, w, s.o.Store, rev.Number) },
	}, nil
}
