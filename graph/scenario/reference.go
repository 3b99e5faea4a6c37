package scenario

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"roundtrip/graph/strictyaml"
)

// WriteReference writes the page about the file format as Markdown, made from
// the declarations. example is the text of a scenario that the page shows.
func WriteReference(w io.Writer, example []byte) error {
	var b strings.Builder
	b.WriteString("# Scenarios\n\nGenerated from the declarations in `graph/scenario`; `make generate` writes it again.\n\n")
	b.WriteString(`A scenario is a what-if: changes to legs of the graph, done in order. An analysis of a scenario looks at the graph as it would
be; nothing is written to the store. Files are YAML or JSON. Unknown keys are errors, every error names its place, and all
are told at once. What the steps make is checked by the rules of an import.

`)
	fmt.Fprintf(&b, "```yaml\n%s```\n\n## Keys\n\n", example)
	b.WriteString(strictyaml.Table(Head()))
	b.WriteString("\nA company takes the fields of [companies.csv](data-dictionary.md), `id` among them. Each step is one of " + "`" + strings.ReplaceAll(stepNames(), ", ", "`, `") + "`.\n")
	b.WriteString(`
## Which legs

Every step but ` + "`add`" + ` chooses legs, by their ids or by conditions of which all have to hold. To choose none is an error. A list of one
may be written as one value.

`)
	b.WriteString(strictyaml.Table(SelectorKeys()))
	for _, k := range Steps() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", k.Name, k.Doc)
		if k.Name == Add {
			b.WriteString("\nThe keys are the columns of [flows.csv](data-dictionary.md); amounts may be named without `_usd` and written with k, m, bn or tn.\nBesides:\n\n")
			b.WriteString(strictyaml.Table(slices.DeleteFunc(k.Keys, func(k Key) bool { return k.Name != "outcomes" })))
			continue
		}
		if more := k.Keys[len(SelectorKeys()):]; len(more) > 0 {
			b.WriteString("\n")
			b.WriteString(strictyaml.Table(more))
		}
	}
	b.WriteString(`
## Good to know

- A leg is judged as the steps before left it: what one step added, the next can scale.
- Adding a leg and taking it away again leaves the graph as it was; scaling by 1 does too.
- The answer has the revision of the graph that it started from.
`)
	fmt.Fprintf(&b, "- A text has at most %d bytes and %d steps, which change at most %d legs.\n", maxBytes, maxSteps, maxLegs)
	_, err := io.WriteString(w, b.String())
	return err
}
