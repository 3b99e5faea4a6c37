package report

import (
	_ "embed"
	"html/template"
	"io"

	"roundtrip/queries/render"
)

//go:embed report.html
var reportHTML string

// writeHTML writes the report as one self-contained page for screen and A4.
func writeHTML(w io.Writer, r *Report) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"sentence": render.SentenceCase,
		"add":      func(a, b int) int { return a + b },
	}).Parse(reportHTML)
	if err != nil {
		return err
	}
	d, err := r.document()
	if err != nil {
		return err
	}
	return t.Execute(w, d)
}
