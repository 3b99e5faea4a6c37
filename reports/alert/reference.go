package alert

import (
	"fmt"
	"io"
	"strings"
)

// WriteReference writes what an expression sees and what it may do as Markdown,
// made from the declarations.
func WriteReference(w io.Writer) error {
	var b strings.Builder
	table := func(what string, list []name) {
		fmt.Fprintf(&b, "\n| %s | type | meaning |\n|---|---|---|\n", what)
		for _, n := range list {
			shown := n.Name
			if n.Type == "money" {
				shown += "`, `" + n.Name + "_cents"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", shown, n.Type, n.Doc)
		}
	}
	b.WriteString("### Answers\n\nThe answer to an ask stands under the name of the ask, with underscores in the place of hyphens.\n")
	table("part", answerFields())
	b.WriteString("\nA row has the columns that [analyses.md](analyses.md) lists for its analysis, except lists of objects. Money stands there twice: in\n" +
		"dollars under the plain name and in whole cents under the name with `_cents`. Dates are compared with texts such as \"2026-01\", of\n" +
		"which they may be a part: 2026-01-31 equals \"2026-01\". A flag or text that may be unknown is compared, as in `.flag == true`.\n")
	b.WriteString("\n### The difference to the last run\n")
	table("name", globals())
	for _, part := range []struct {
		name string
		list []name
	}{{"loops", loopFields()}, {"legs", legFields()}, {"sources", sourceFields()}} {
		table("field of an element of "+part.name, part.list)
	}
	b.WriteString("\n### Functions\n\nOperators: `and`, `or`, `not`, `==`, `!=`, `<`, `<=`, `>`, `>=`, `+`, `-`, `*`, `/`, `in`, `contains`, `startsWith`, `endsWith`, `matches`\n(a pattern that is written out), `? :`, and `let NAME = VALUE; EXPRESSION`.\n")
	table("function", functions())
	b.WriteString("\nShorthands for the usual rules. A name in capitals is the first ask of that analysis.\n\n| shorthand | stands for | finds |\n|---|---|---|\n")
	for _, s := range shorts() {
		fmt.Fprintf(&b, "| `%s(%s)` | `%s` | %s |\n", s.Name, strings.Join(s.Args, ", "), s.Text, s.Doc)
	}
	b.WriteString("\n### What is not there\n\nA name that is misspelt keeps a rule quiet for ever. So a rule that names a figure, a company or the label of a figure which neither run\n" +
		"has is told: by `roundtrip schedule check` and `save` as a warning with the nearest that there is, and by each report in a line\n" +
		"such as: Rule thin-cover looked at nothing: the buyers of coverage have no \"openia\"; the nearest is \"openai\".\n")
	fmt.Fprintf(&b, "\n### Limits\n\nA rule has at most %d characters and %d parts, goes through lists at most %d deep inside of each other, takes at most %d steps\n"+
		"(elements and comparisons), and raises at most %d alerts; more are counted. What takes more is not judged, and the report says so.\n",
		MaxLength, MaxNodes, MaxDepth, MaxSteps, MaxFound)
	_, err := io.WriteString(w, b.String())
	return err
}
