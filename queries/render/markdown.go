package render

import (
	"fmt"
	"io"
	"strings"

	"roundtrip/queries"
)

// writeMarkdown writes the result as a page of a note, sources included.
func writeMarkdown(w io.Writer, r *queries.Result) error {
	p := PageOf(r, namesFor(r))
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n*%s*\n\n**%s**\n", cell(p.Title), cell(p.Question), cell(p.Finding))
	for _, t := range p.Tables {
		b.WriteByte('\n')
		if t.Title != "" {
			fmt.Fprintf(&b, "## %s\n\n", cell(sentenceCase(t.Title)))
		}
		markdownTable(&b, t)
	}
	if len(p.Facts) > 0 {
		b.WriteByte('\n')
		for _, f := range p.Facts {
			fmt.Fprintf(&b, "- %s: %s\n", cell(sentenceCase(f.Name)), cell(f.Value))
		}
	}
	b.WriteByte('\n')
	if p.Cut != "" {
		fmt.Fprintf(&b, "Cut short: %s\n\n", cell(p.Cut))
	}
	for _, x := range p.Warnings {
		fmt.Fprintf(&b, "Note: %s\n\n", cell(x))
	}
	if p.Scenario != "" {
		fmt.Fprintf(&b, "%s\n\n", cell(p.Scenario))
	}
	fmt.Fprintf(&b, "%s\n\n%s\n\n## Method\n\n%s\n", cell(p.Lens), cell(p.Met), cell(p.Method))
	if len(p.Pages) > 0 {
		b.WriteString("\n## Sources\n\n")
		for i, s := range p.Pages {
			fmt.Fprintf(&b, "%d. %s", i+1, cell(p.Sources[i]))
			if webAddress(s.URL) {
				fmt.Fprintf(&b, " <%s>", s.URL)
			}
			b.WriteByte('\n')
		}
	}
	if p.Cypher != nil {
		fmt.Fprintf(&b, "\n## Cypher\n\n```cypher\n%s\n```\n\nParameters: `%s`\n", strings.TrimSpace(p.Cypher.Text), queries.AppendJSON(nil, p.Cypher.Params))
	}
	fmt.Fprintf(&b, "\n%s\n", p.Stamp)
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownTable(b *strings.Builder, t table) {
	if len(t.Rows) == 0 {
		b.WriteString("No rows.\n")
		return
	}
	for _, h := range t.Heads {
		fmt.Fprintf(b, "| %s ", cell(sentenceCase(h.Text)))
	}
	b.WriteString("|\n")
	for _, h := range t.Heads {
		if h.Right {
			b.WriteString("|---:")
		} else {
			b.WriteString("|---")
		}
	}
	b.WriteString("|\n")
	for i, row := range t.Rows {
		for j, c := range row {
			if aside := t.Aside(i, j); aside != "" {
				c += " (" + aside + ")"
			}
			fmt.Fprintf(b, "| %s ", cell(c))
		}
		b.WriteString("|\n")
	}
}

// cell makes a text safe inside Markdown: one line, no markup of its own.
func cell(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "[", `\[`, "]", `\]`).Replace(s)
}

// webAddress tells whether a source's address may become a link.
func webAddress(url string) bool {
	return (strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")) && !strings.ContainsAny(url, " <>\"'\n")
}
