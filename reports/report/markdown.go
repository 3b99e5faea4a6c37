package report

import (
	"fmt"
	"io"
	"strings"

	"roundtrip/queries/render"
)

// writeMarkdown writes the report as a note: what moved first, then the figures,
// the loops, the answers, the method and the sources.
func writeMarkdown(w io.Writer, r *Report) error {
	d, err := r.document()
	if err != nil {
		return err
	}
	var b strings.Builder
	text := render.MarkdownText
	fmt.Fprintf(&b, "# %s, %s\n\n**%s**\n", text(d.Title), d.Day, text(d.Finding))
	if d.Note != "" {
		fmt.Fprintf(&b, "\n%s\n", text(d.Note))
	}
	for _, a := range d.Alerts {
		name := a.Title
		if name == "" {
			name = a.Name
		}
		fmt.Fprintf(&b, "\nAlert: %s. %s", text(name), text(a.Text))
		if a.Muted != "" {
			fmt.Fprintf(&b, " Muted: %s.", text(a.Muted))
		}
		if a.Acknowledged {
			b.WriteString(" Acknowledged.")
		}
		b.WriteByte('\n')
	}
	for _, x := range d.Idle {
		fmt.Fprintf(&b, "\nRule %s looked at nothing: %s.\n", text(x.Name), text(x.Text))
	}
	b.WriteString("\n| Figure | Value |  |\n|---|---:|---|\n")
	for _, g := range d.Gauges {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", text(g.Title), text(g.Value), text(g.Change))
	}
	if d.Aside != "" {
		fmt.Fprintf(&b, "\n%s\n", text(d.Aside))
	}
	if d.Differences != nil {
		fmt.Fprintf(&b, "\n## What moved\n\n%s\n\n", text(d.Subtitle))
		for _, f := range d.Counts {
			fmt.Fprintf(&b, "- %s: %s\n", text(f.Name), f.Value)
		}
		for _, g := range d.Moved {
			markdownGrid(&b, "###", g)
		}
	}
	if len(d.Years.Rows) > 0 {
		markdownGrid(&b, "##", d.Years)
	}
	if len(d.Biggest.Rows) > 0 {
		markdownGrid(&b, "##", d.Biggest)
	}
	for _, c := range d.Chapters {
		fmt.Fprintf(&b, "\n## %s\n\n*%s*\n\n%s\n", text(c.Title), text(c.Question), text(c.Finding))
		if c.Moved != nil {
			markdownGrid(&b, "###", *c.Moved)
		}
		for _, g := range c.Tables {
			markdownGrid(&b, "###", g)
		}
		b.WriteByte('\n')
		for _, f := range c.Facts {
			fmt.Fprintf(&b, "- %s: %s\n", text(render.SentenceCase(f.Name)), text(f.Value))
		}
		for _, n := range c.Notes {
			fmt.Fprintf(&b, "\nNote: %s\n", text(n))
		}
		fmt.Fprintf(&b, "\n%s\n", text(c.Lens))
	}
	b.WriteString("\n## Method and limits\n")
	for _, l := range d.Limits {
		fmt.Fprintf(&b, "\n%s\n", text(l))
	}
	for _, m := range d.Methods {
		fmt.Fprintf(&b, "\n**%s.** %s\n", text(m.Title), text(m.Text))
	}
	if len(d.Sources) > 0 {
		b.WriteString("\n## Sources\n\n")
		for i, s := range d.Sources {
			fmt.Fprintf(&b, "%d. %s", i+1, text(s.Text))
			if s.URL != "" {
				fmt.Fprintf(&b, " <%s>", s.URL)
			}
			b.WriteByte('\n')
		}
	}
	fmt.Fprintf(&b, "\n%s\n", text(d.Stamp))
	_, err = io.WriteString(w, b.String())
	return err
}

func markdownGrid(b *strings.Builder, level string, g grid) {
	b.WriteByte('\n')
	if g.Title != "" {
		fmt.Fprintf(b, "%s %s\n\n", level, render.MarkdownText(render.SentenceCase(g.Title)))
	}
	render.MarkdownTable(b, g.Table)
	for _, x := range []string{g.Lead, g.More} {
		if x != "" {
			fmt.Fprintf(b, "\n%s\n", render.MarkdownText(x))
		}
	}
}
