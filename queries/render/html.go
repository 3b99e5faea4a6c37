package render

import (
	_ "embed"
	"html/template"
	"io"

	"roundtrip/queries"
)

//go:embed page.html
var pageHTML string

//go:embed chart.html
var chartHTML string

// writeHTML writes the result as one self-contained page that prints well.
func writeHTML(w io.Writer, r *queries.Result) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"sentence": sentenceCase,
		"web":      webAddress,
		"json":     func(v any) string { return string(queries.AppendJSON(nil, v)) },
	}).Parse(pageHTML + chartHTML)
	if err != nil {
		return err
	}
	p := PageOf(r, namesFor(r))
	p.Pictures = pictures(r.Charts)
	return t.Execute(w, p)
}
