package saved

import (
	"fmt"
	"io"
	"strings"

	"roundtrip/graph/strictyaml"
)

// WriteReference writes the page about the file format as Markdown, made from
// the declarations. request and statement are texts of queries that the page
// shows.
func WriteReference(w io.Writer, request, statement []byte) error {
	var b strings.Builder
	b.WriteString("# Saved queries\n\nGenerated from the declarations in `queries/saved`; `make generate` writes it again.\n")
	b.WriteString(`
A saved query is a question under a name: a request for an analysis, or a statement in Cypher with declared parameters. It is
one YAML file (JSON is read too), kept byte for byte beside the graph and never in it. Unknown keys are errors, every error
names its place, and all are told at once. Queries whose origin is ` + "`built-in`" + ` come with the program and cannot be written: one
for each command of [questions.md](questions.md) (tag ` + "`questions`" + `), and the scripts of the Browser kit (tag ` + "`browser-kit`" + `),
which are statements.

`)
	fmt.Fprintf(&b, "```yaml\n%s```\n\n```yaml\n%s```\n\n## Keys\n\n", request, statement)
	b.WriteString(strictyaml.Table(Head()))
	b.WriteString("\n## request\n\nThe fields of the lens are those of [lens.md](lens.md), the parameters those of the analysis in [analyses.md](analyses.md).\n\n")
	b.WriteString(strictyaml.Table(RequestKeys()))
	b.WriteString("\n## parameters\n\n")
	b.WriteString(strictyaml.Table(ParameterKeys()))
	b.WriteString("\nWhat the statement gets:\n\n| type | value |\n|---|---|\n")
	for _, t := range Types() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", t.Name, t.Description)
	}
	b.WriteString(`
## Running

` + "```" + `
roundtrip query run amazon-promise
roundtrip query run biggest-loops --param limit=3 --param as_of=2026-06-30 --format json
curl 'http://127.0.0.1:8080/api/v1/saved-queries/biggest-loops/run?limit=3&format=csv'
` + "```" + `

On the page they stand under Questions, each with its answer in a sentence; below an analysis or a comparison, what is asked can be
saved as one.

A value that is given stands in place of the saved one: a parameter of the analysis, a field of the lens, or what every
request takes. The answer is that of the analysis, of the comparison, or of the statement as ` + "`roundtrip cypher`" + ` gives it, under
the same limits. Statements need a store in Neo4j; saved they may be in any. Whether ids are known in the graph is found when a
query runs; ` + "`roundtrip query check`" + ` finds it before.

## Files

- ` + "`roundtrip query export DIR`" + ` writes each saved query to NAME.yaml as it was written. Files with the same bytes are left alone, and none
  is removed.
- ` + "`roundtrip query import PATH`" + ` reads a folder with its folders, a zip, or one file: all queries are kept or none, and it tells which are
  new, changed and unchanged. The name in the file counts. Saved queries that are not among the files stay.
- A query that came as JSON is kept as YAML with its keys in the order above.
- An import is one write: where it fails, where the program is killed in the middle, or where somebody else wrote one of the queries
  meanwhile, which the error names, nothing is kept.
`)
	fmt.Fprintf(&b, "- At most %d files and %d bytes at once, %d tags and %d parameters for each query.\n", maxFiles, maxTotal, maxTags, maxParameters)
	_, err := io.WriteString(w, b.String())
	return err
}
