package render

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"roundtrip/queries"
)

// writeTable writes the result for a terminal: the finding, aligned tables, and
// what a reader needs to judge them.
func writeTable(w io.Writer, r *queries.Result) error {
	p := PageOf(r, Names{}) // ids can be typed again
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n%s\n", p.Title, p.Question, wrap(p.Finding, 100))
	for _, t := range p.Tables {
		b.WriteByte('\n')
		if t.Title != "" {
			fmt.Fprintf(&b, "%s\n", sentenceCase(t.Title))
		}
		writeAligned(&b, t)
	}
	if len(p.Facts) > 0 {
		b.WriteByte('\n')
		for _, f := range p.Facts {
			fmt.Fprintf(&b, "%s: %s\n", sentenceCase(f.Name), f.Value)
		}
	}
	b.WriteByte('\n')
	if p.Cut != "" {
		fmt.Fprintf(&b, "Cut short: %s\n", p.Cut)
	}
	for _, x := range p.Warnings {
		fmt.Fprintf(&b, "Note: %s\n", wrap(x, 94))
	}
	if p.Scenario != "" {
		fmt.Fprintf(&b, "%s\n", wrap(p.Scenario, 100))
	}
	fmt.Fprintf(&b, "%s\n%s\n", wrap(p.Lens, 100), p.Met)
	fmt.Fprintf(&b, "%s\n", wrap("Method: "+p.Method, 100))
	fmt.Fprintf(&b, "Evidence: %d legs, %d pages (listed by --format md, html or json).\n%s\n", p.Legs, len(p.Sources), p.Stamp)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeAligned(b *strings.Builder, t table) {
	if len(t.Rows) == 0 {
		b.WriteString("(no rows)\n")
		return
	}
	widths := make([]int, len(t.Heads))
	for i, h := range t.Heads {
		widths[i] = utf8.RuneCountInString(h.Text)
		for _, row := range t.Rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	line := func(cells func(int) string) {
		var l strings.Builder
		for i, h := range t.Heads {
			cell := cells(i)
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				l.WriteString("  ")
			}
			if h.Right {
				l.WriteString(pad + cell)
			} else {
				l.WriteString(cell + pad)
			}
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	line(func(i int) string { return strings.ToUpper(t.Heads[i].Text) })
	for _, row := range t.Rows {
		line(func(i int) string { return row[i] })
	}
}

// wrap breaks a text at blanks so that no line is longer than width, where its
// words allow.
func wrap(text string, width int) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Fields(text) {
		l := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case n+1+l > width:
			b.WriteByte('\n')
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += l
	}
	return b.String()
}

func sentenceCase(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
