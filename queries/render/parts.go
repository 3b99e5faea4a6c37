package render

import (
	"fmt"
	"html/template"
	"strings"

	"roundtrip/queries"
)

// Page is a result as a reader sees it, for documents that are made of several
// answers.
type Page = page

// Table is one table of a Page: heads, and cells as people read them.
type Table = table

// Head is the head of one column.
type Head = head

// Fact is one single value of a summary.
type Fact = fact

// Drawing is a chart as an HTML figure with an SVG inside; its colours and fonts
// come from the style of page.html. It is "" for a chart that would show a single
// number or none. The id must be unique in the document.
func Drawing(c queries.Chart, id string) (template.HTML, error) {
	if !worthDrawing(c) {
		return "", nil
	}
	t, err := template.New("chart").Parse(chartHTML)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, "chart", draw(c, id)); err != nil {
		return "", fmt.Errorf("drawing %q: %w", c.Title, err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // a template wrote it, with every text escaped
}

// MarkdownTable appends a table, or "No rows.".
func MarkdownTable(b *strings.Builder, t Table) { markdownTable(b, t) }

// MarkdownText makes a text safe inside Markdown: one line, no markup of its own.
func MarkdownText(s string) string { return cell(s) }

// SentenceCase is a text with a capital at its beginning.
func SentenceCase(s string) string { return sentenceCase(s) }

// WebAddress tells whether the address of a source may become a link.
func WebAddress(url string) bool { return webAddress(url) }

// TextWidth is how wide a text is at most in the font of the charts, 13 px.
func TextWidth(s string) int { return textWidth(s) }

// Shorten cuts a text to a width of TextWidth and ends it with an ellipsis.
func Shorten(s string, width int) string { return shorten(s, width) }
