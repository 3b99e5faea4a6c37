package ingest

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"roundtrip/graph"
)

// WriteDataDictionary writes docs/data-dictionary.md from the declarations of
// fields, kinds, states and rules.
func WriteDataDictionary(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprint(b, dictionaryHead)
	for _, k := range graph.RecordKinds() {
		dictionaryFields(b, k)
	}
	fmt.Fprint(b, transferText)
	dictionaryKinds(b)
	dictionaryRules(b)
	return b.Flush()
}

const dictionaryHead = `# Data dictionary

Generated from the declarations in the code; do not edit. ` + "`go test ./graph/ingest -run Dictionary -update`" + ` writes it anew.

## Files
An import is a folder or a zip of CSV files, or one of them. Every record has an id, and importing the same file twice changes nothing;
a row with a known id replaces the record of that id as a whole. One import is one batch: all of it is kept, or nothing.

- Text is UTF-8, with or without a byte order mark; rows end in a line feed or in carriage return and line feed; quoting is that of RFC 4180.
- The first line names the columns. Their order is free; optional columns may be missing; unknown ones are faults.
- An empty cell is an absent value. An absent amount is unknown, never zero.
- An id is any text of at most 200 bytes without ; , | or line breaks and without blanks at its ends. Ids are case-sensitive.
- A list is separated by semicolons.
- Money is US dollars: ` + "`1200`, `1200.50`, `38.5m`, `10bn`" + `; suffixes are k, m, bn and tn; at most nine trillion, to the cent, never negative.
- A number is a plain decimal with at most six places.
- A date is ` + "`2025`, `2025-12`, `2025-12-16` or `2025-12-16T09:30:00Z`" + ` and keeps the precision with which it is written.
- A flag is yes or no.
- Files are known by their names; in a folder or a zip any other CSV file is a fault, and files that are not CSV are left alone.

`

const transferText = `## Transfer list
` + "`transfers*.csv`" + `, or any single file with these columns: one payment in a row, for lists of millions.

| column | form | required | meaning |
|---|---|---|---|
| from | id of a company | yes | Payer; created when it is not known. |
| to | id of a company | yes | Payee; created when it is not known. |
| amount | money | the column, not the value | Dollars; blank is unknown. |
| timestamp | date | the column, not the value | A date (but not a year alone), an instant, or whole seconds since 1970 (milliseconds from 100000000000 on). |
| kind | text | no | A kind of leg; blank is transfer. |
| id | id | no | Id of the leg. |

A transfer is closed and moves cash. A row without an id gets ` + "`t_`" + ` and the first 16 hex digits of the SHA-256 of
` + "`from|to|amount|timestamp|kind|n`" + `, with the amount in dollars and the time in UTC as an export writes them, and n the number of the
occurrence among identical rows of the file. Importing a list twice therefore changes nothing, and rows appended to it are new. A row
that another file of the same import has as well is taken once.

`

func dictionaryFields(b *bufio.Writer, k graph.RecordKind) {
	fmt.Fprintf(b, "## %s.csv\n| column | form | required | allowed values | when it is empty | meaning |\n|---|---|---|---|---|---|\n", k.Plural())
	for _, f := range graph.Fields(k) {
		form := f.Type.String()
		if f.Refs != graph.NoKind {
			form = "id of a " + f.Refs.String()
			if f.Type == graph.ListField {
				form = "list of ids of " + f.Refs.Plural()
			}
		}
		required := "no"
		if f.Required {
			required = "yes"
		}
		allowed := strings.Join(f.Allowed, ", ")
		if f.Name == "kind" && k == graph.FlowRecord {
			allowed = "see kinds of legs"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", f.Name, form, required, allowed, f.Default, cell(f.Doc))
	}
	fmt.Fprintln(b)
}

func dictionaryKinds(b *bufio.Writer) {
	fmt.Fprint(b, "## Kinds of legs\nThe class follows from the kind. A promise is a kind of which coverage asks how it is funded.\n\n| kind | class | promise | may move | meaning |\n|---|---|---|---|---|\n")
	for _, k := range graph.FlowKinds() {
		class, promise := k.Class.String(), ""
		if class == "" {
			class = "(none)"
		}
		if k.Promise {
			promise = "yes"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", k.Kind, class, promise, strings.Join(movesOf(k.Kind), ", "), cell(k.Doc))
	}
	fmt.Fprint(b, "\n## States of a leg\n| status | counts as signed | ends the leg |\n|---|---|---|\n")
	yes := map[bool]string{true: "yes"}
	for _, s := range graph.Statuses() {
		fmt.Fprintf(b, "| %s | %s | %s |\n", s, yes[s.Firm()], yes[s.Dead()])
	}
	fmt.Fprintln(b)
}

func dictionaryRules(b *bufio.Writer) {
	fmt.Fprint(b, "## Rules\nA broken hard rule is a fault: it names file, line, column, value and code, and nothing of the import is kept.\n\n| code | what must hold |\n|---|---|\n")
	for _, r := range Rules() {
		if r.Hard {
			fmt.Fprintf(b, "| %s | %s |\n", r.Code, cell(r.Says))
		}
	}
	fmt.Fprint(b, "\nA broken soft rule is a warning; `roundtrip validate` counts them.\n\n| code | what is counted | note |\n|---|---|---|\n")
	for _, r := range Rules() {
		if !r.Hard {
			fmt.Fprintf(b, "| %s | %s | %s |\n", r.Code, cell(r.Says), cell(r.Want))
		}
	}
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
