// Package render writes a Result in the forms that people and programs read.
package render

import (
	"fmt"
	"io"
	"strings"

	"roundtrip/queries"
)

// Format is one form of a result.
type Format struct {
	Name        string // as in --format and ?format=
	ContentType string
	Extension   string // of a file, without the dot
	write       func(io.Writer, *queries.Result) error
}

// Formats are all forms; the first is the default of HTTP answers.
func Formats() []Format {
	return []Format{
		{"json", "application/json", "json", writeJSON},
		{"ndjson", "application/x-ndjson", "ndjson", writeNDJSON},
		{"csv", "text/csv; charset=utf-8", "csv", writeCSV},
		{"md", "text/markdown; charset=utf-8", "md", writeMarkdown},
		{"html", "text/html; charset=utf-8", "html", writeHTML},
		{"table", "text/plain; charset=utf-8", "txt", writeTable},
	}
}

// Find is the format of that name, or an error that lists the allowed ones.
func Find(name string) (Format, error) {
	var names []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("unknown format %q; want one of %s", name, strings.Join(names, ", "))
}

// Write writes the result in the format of that name.
func Write(w io.Writer, format string, r *queries.Result) error {
	f, err := Find(format)
	if err != nil {
		return err
	}
	return f.write(w, r)
}
