// Package dataset carries the shipped data set of AI deals in the binary.
package dataset

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed ai-deals/*.csv
var files embed.FS

//go:embed scenarios/*.yaml
var scenarios embed.FS

//go:embed queries/*.yaml
var queryFiles embed.FS

// FS is the folder of CSV files: companies.csv, chips.csv, flows.csv,
// sources.csv, outcomes.csv and metrics.csv at its root.
func FS() fs.FS { return folder(files, "ai-deals") }

// Scenarios is the folder of ready what-ifs about these deals, one NAME.yaml
// each, in the form that graph/scenario reads.
func Scenarios() fs.FS { return folder(scenarios, "scenarios") }

// Queries is the folder of ready questions about these deals, one NAME.yaml
// each, in the form that queries/saved reads.
func Queries() fs.FS { return folder(queryFiles, "queries") }

func folder(files embed.FS, name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(fmt.Sprintf("dataset: the embedded folder has a bad name: %v", err))
	}
	return sub
}
