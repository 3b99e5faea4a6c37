package render

import (
	_ "embed"
	"html/template"
	"io"

	"roundtrip/queries"
)

//go:embed page.html
var pageHTML string

// writeHTML writes the result as one self-contained page that prints well.
func writeHTML(w io.Writer, r *queries.Result) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"sentence": sentenceCase,
		"web":      webAddress,
		"json":     func(v any) string { return string(queries.AppendJSON(nil, v)) },
	}).Parse(pageHTML)
	if err != nil {
		return err
	}
	return t.Execute(w, pageOf(r))
}
