// Package dataset carries the shipped data set of AI deals in the binary.
package dataset

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed ai-deals/*.csv
var files embed.FS

// FS is the folder of CSV files: companies.csv, chips.csv, flows.csv,
// sources.csv, outcomes.csv and metrics.csv at its root.
func FS() fs.FS {
	sub, err := fs.Sub(files, "ai-deals")
	if err != nil {
		panic(fmt.Sprintf("dataset: the embedded folder has a bad name: %v", err))
	}
	return sub
}
