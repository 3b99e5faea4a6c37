package queries

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Shown says how the rows of a twin are put before people who explore the graph
// in Neo4j Browser. The zero value shows the columns as they are and takes the
// legs to draw from a column legs, a list of ids.
type Shown struct {
	// Where keeps rows: a condition in Cypher over the columns of the text, ""
	// for all rows. It does what parameters do that the text does not know.
	Where string
	// Table is the rest of the statement, from the columns of the text to those
	// of the table; "" returns all columns.
	Table string
	// Legs is the list of the ids of a row's legs, over the columns of the text.
	Legs string
	// Rows is how many rows are shown, 0 for all.
	Rows int
}

// Billions is a column of cents as billions of dollars, for Shown.Table:
// Billions("amount_cents") is amount_cents / 1e11 AS amount_bn.
func Billions(column string) string {
	return fmt.Sprintf("%s / 1e11 AS %s_bn", column, strings.TrimSuffix(column, "_cents"))
}

// Both is both conditions; either may be "".
func Both(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + " AND " + b
}

// Among is the condition that a text over the columns is one of the values, or
// "" when there are none.
func Among(column string, values []string) string {
	if len(values) == 0 {
		return ""
	}
	return column + " IN " + Literal(values)
}

// Literal is a value in Cypher: null, true, 1, 1.5, 'text', lists and maps of
// such, maps by key. It panics for any other type.
func Literal(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case string:
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(x) + "'"
	case bool, int, int64, uint64:
		return fmt.Sprint(x)
	case []string:
		items := make([]string, len(x))
		for i, item := range x {
			items[i] = Literal(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case []any:
		items := make([]string, len(x))
		for i, item := range x {
			items[i] = Literal(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		items := make([]string, 0, len(x))
		for _, name := range slices.Sorted(maps.Keys(x)) {
			items = append(items, fmt.Sprintf("`%s`: %s", strings.ReplaceAll(name, "`", "``"), Literal(x[name])))
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	panic(fmt.Sprintf("queries: a %T has no form in Cypher", v))
}

// tokens are what of a text in Cypher may hold a $ that is no parameter, and
// parameters.
var (
	tokens    = regexp.MustCompile("//[^\n]*|/\\*(?s:.*?)\\*/|'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|\\$\\w+")
	ofOneTime = regexp.MustCompile(`(\w+)\.rev_from <= \$revision < \w+\.rev_to`)
)

// WithLiterals is the text with values in place of parameters, for places that
// have none: links and saved scripts. They outlive the revision of the answer,
// so they look at what no later one has replaced.
func (s Statement) WithLiterals() string {
	text := ofOneTime.ReplaceAllString(s.Text, "$1.rev_to > 9e18")
	return tokens.ReplaceAllStringFunc(text, func(token string) string {
		name, ok := strings.CutPrefix(token, "$")
		if !ok {
			return token
		}
		if value, ok := s.Params[name]; ok {
			return Literal(value)
		}
		return token
	})
}

// table is the text with literals that returns the rows as people read them.
func (s Statement) table(shown Shown) string {
	text := s.WithLiterals()
	if shown.Where == "" && shown.Table == "" && shown.Rows == 0 {
		return text
	}
	return inside(text, shown) + "\n" + orElse(shown.Table, "RETURN *") + limit(shown.Rows)
}

// draw is the text with literals that returns the legs of the rows as paths.
func (s Statement) draw(shown Shown, l cypherLens) string {
	var b strings.Builder
	b.WriteString(inside(s.WithLiterals(), shown))
	if shown.Rows > 0 {
		b.WriteString("\nWITH *" + limit(shown.Rows))
	}
	fmt.Fprintf(&b, "\nUNWIND %s AS id\nWITH DISTINCT id\n", orElse(shown.Legs, "legs"))
	fmt.Fprintf(&b, "MATCH path = (payer:Company)-[leg:%s]->(payee:Company)\nWHERE leg.id = id AND %s\n  AND %s\nRETURN path", l.Types(), l.Known("leg"), l.Ends())
	return Statement{Text: b.String(), Params: s.Params}.WithLiterals()
}

// inside is the text as a subquery, with the condition on its rows.
func inside(text string, shown Shown) string {
	out := "CALL () {\n  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n}"
	if shown.Where != "" {
		out += "\nWITH * WHERE " + shown.Where
	}
	return out
}

func limit(rows int) string {
	if rows == 0 {
		return ""
	}
	return fmt.Sprintf("\nLIMIT %d", rows)
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// BrowserLink is the address that opens Neo4j Browser at that address with a
// statement in its editor, ready to run. It is nil where there is no address,
// and for a statement with & or #, which Browser cannot be handed in a link.
func BrowserLink(browser, text string) *string {
	if browser == "" || strings.ContainsAny(text, "&#") {
		return nil
	}
	before, query, found := strings.Cut(browser, "?")
	if found && query != "" {
		query += "&"
	}
	link := before + "?" + query + "cmd=edit&arg=" + url.QueryEscape(text)
	return &link
}
