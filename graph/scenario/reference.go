package scenario

import (
	"fmt"
	"io"
	"slices"
	"strings"
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
	table(&b, Head())
	b.WriteString("\nA company takes the fields of [companies.csv](data-dictionary.md), `id` among them. Each step is one of " + "`" + strings.ReplaceAll(stepNames(), ", ", "`, `") + "`.\n")
	b.WriteString(`
## Which legs

Every step but ` + "`add`" + ` chooses legs, by their ids or by conditions of which all have to hold. To choose none is an error. A list of one
may be written as one value.

`)
	table(&b, SelectorKeys())
	for _, k := range Steps() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", k.Name, k.Doc)
		if k.Name == Add {
			b.WriteString("\nThe keys are the columns of [flows.csv](data-dictionary.md); amounts may be named without `_usd` and written with k, m, bn or tn.\nBesides:\n\n")
			table(&b, slices.DeleteFunc(k.Keys, func(k Key) bool { return k.Name != "outcomes" }))
			continue
		}
		if more := k.Keys[len(SelectorKeys()):]; len(more) > 0 {
			b.WriteString("\n")
			table(&b, more)
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

func table(b *strings.Builder, keys []Key) {
	b.WriteString("| key | form | default | meaning |\n|---|---|---|---|\n")
	for _, k := range keys {
		name := "`" + k.Name + "`"
		if k.Alias != "" {
			name += " or `" + k.Alias + "`"
		}
		byDefault := k.Default
		if k.Required {
			byDefault = "required"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", name, form(k), byDefault, k.Doc)
	}
}

// form is what the key takes, in words.
func form(k Key) string {
	switch {
	case k.Type == "list" && len(k.Allowed) > 0:
		return "list of `" + strings.Join(k.Allowed, "`, `") + "`"
	case k.Type == "list" && k.Refs != "":
		return "list of " + k.Refs + " ids"
	case k.Type == "records" || k.Type == "steps":
		return "list"
	case k.Type == "flag":
		return "true or false"
	case len(k.Allowed) > 0:
		return "`" + strings.Join(k.Allowed, "`, `") + "`"
	case k.Minimum != "":
		return fmt.Sprintf("%s from %s to %s", k.Type, k.Minimum, k.Maximum)
	}
	return k.Type
}
