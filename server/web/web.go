// Package web holds the built page: index.html and its assets. The source is in
// the folder web at the top of the repository; `npm run build` there writes
// dist, which is committed so that a fresh clone compiles.
package web

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files is the built page with index.html at its root.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(fmt.Sprintf("web: the embedded build has no folder dist: %v", err)) // cannot happen: go:embed would not compile
	}
	return files
}
