package adhoc

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roundtrip/queries"
)

// Format is a form of an answer.
type Format struct {
	Name        string
	ContentType string
	write       func(io.Writer, Answer) error
}

// Formats are the forms, the one for programs first. Table is for terminals.
func Formats() []Format {
	return []Format{
		{"json", "application/json", writeJSON},
		{"csv", "text/csv; charset=utf-8", writeCSV},
		{"table", "text/plain; charset=utf-8", writeTable},
	}
}

// Write writes the answer in that form. CSV has the rows only: what is null is
// empty, and what is neither text, number nor date is JSON. A plan has no rows
// and is written as a table where CSV is asked for.
func (f Format) Write(w io.Writer, a Answer) error { return f.write(w, a) }

// Aside are lines about an answer for which the form has no room: CSV is rows.
func (f Format) Aside(a Answer) []string {
	if f.Name != "csv" {
		return nil
	}
	var lines []string
	if a.Truncated.Is {
		lines = append(lines, "cut short: "+a.Truncated.Reason)
	}
	for _, n := range a.Notices {
		lines = append(lines, "notice: "+n.String())
	}
	return lines
}

// CypherAnswer is an answer as JSON has it.
type CypherAnswer struct {
	Columns   []string           `json:"columns" nullable:"false"`
	Rows      [][]any            `json:"rows" nullable:"false" doc:"Each with a value for each column. Nodes, relationships, paths, dates, times, durations and points are objects that name their type."`
	Truncated queries.Truncation `json:"truncated"`
	Graph     *CypherGraph       `json:"graph" doc:"The graph that was answered from; null where it was being written meanwhile."`
	ElapsedMS float64            `json:"elapsed_ms"`
	Plan      *PlanStep          `json:"plan" doc:"Where explain was asked for."`
	Notices   []Notice           `json:"notices" nullable:"false" doc:"What the database remarks on the statement: a label that no node has, a pattern that makes a product of rows."`
}

// CypherGraph names a revision.
type CypherGraph struct {
	Revision uint64 `json:"revision"`
	Hash     string `json:"hash" doc:"Content hash: the same for the same data in any store."`
}

func (a Answer) wire() CypherAnswer {
	w := CypherAnswer{
		Columns: a.Columns, Rows: a.Rows, Truncated: a.Truncated, Plan: a.Plan, Notices: a.Notices,
		ElapsedMS: float64(a.Elapsed.Round(time.Microsecond)) / float64(time.Millisecond),
	}
	if w.Columns == nil {
		w.Columns = []string{}
	}
	if w.Rows == nil {
		w.Rows = [][]any{}
	}
	if w.Notices == nil {
		w.Notices = []Notice{}
	}
	if a.Graph != nil {
		w.Graph = &CypherGraph{a.Graph.Number, a.Graph.Hash.String()}
	}
	return w
}

func writeJSON(w io.Writer, a Answer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(a.wire())
}

func writeCSV(w io.Writer, a Answer) error {
	if a.Plan != nil {
		return writeTable(w, a)
	}
	out := csv.NewWriter(w)
	if err := out.Write(a.Columns); err != nil {
		return err
	}
	cells := make([]string, len(a.Columns))
	for _, row := range a.Rows {
		for i, v := range row {
			if p, ok := v.(interface{ Plain() string }); ok {
				cells[i] = p.Plain()
				continue
			}
			var err error
			if cells[i], err = cell(v); err != nil {
				return err
			}
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// cell is a value as text.
func cell(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// widest is the most characters of a cell in a table.
const widest = 60

func writeTable(w io.Writer, a Answer) error {
	var b strings.Builder
	if a.Plan != nil {
		writePlan(&b, *a.Plan, 0)
	} else if err := writeRows(&b, a); err != nil {
		return err
	}
	stamp := fmt.Sprintf("%d ms", a.Elapsed.Milliseconds())
	if a.Graph != nil {
		stamp = fmt.Sprintf("revision %d, %s", a.Graph.Number, stamp)
	}
	if a.Truncated.Is {
		fmt.Fprintf(&b, "\nCut short: %s", a.Truncated.Reason)
	}
	for _, n := range a.Notices {
		fmt.Fprintf(&b, "\nNotice: %s", n)
	}
	if a.Plan == nil {
		stamp = fmt.Sprintf("%d rows, %s", len(a.Rows), stamp)
	}
	fmt.Fprintf(&b, "\n%s\n", stamp)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeRows(b *strings.Builder, a Answer) error {
	lines := [][]string{make([]string, len(a.Columns))}
	widths, right := make([]int, len(a.Columns)), make([]bool, len(a.Columns))
	for i, name := range a.Columns {
		lines[0][i] = oneLine(name)
		widths[i] = utf8.RuneCountInString(lines[0][i])
		right[i] = len(a.Rows) > 0
	}
	for _, row := range a.Rows {
		line := make([]string, len(row))
		for i, v := range row {
			text, err := tableCell(v)
			if err != nil {
				return err
			}
			line[i] = oneLine(text)
			widths[i] = max(widths[i], utf8.RuneCountInString(line[i]))
			switch v.(type) {
			case int64, float64, nil:
			default:
				right[i] = false
			}
		}
		lines = append(lines, line)
	}
	for _, line := range lines {
		var l strings.Builder
		for i, text := range line {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
			if right[i] {
				text, pad = pad+text, ""
			}
			if i > 0 {
				l.WriteString("  ")
			}
			l.WriteString(text + pad)
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	return nil
}

func tableCell(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "-", nil
	case fmt.Stringer:
		return v.String(), nil
	case []any:
		items := make([]string, len(v))
		for i, x := range v {
			var err error
			if items[i], err = tableCell(x); err != nil {
				return "", err
			}
		}
		return "[" + strings.Join(items, ", ") + "]", nil
	}
	return cell(v)
}

// oneLine is a text without characters that steer a terminal, cut where it is
// too long for a cell.
func oneLine(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n == widest-1 && utf8.RuneCountInString(text) > widest {
			b.WriteRune('…')
			break
		}
		if !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r) {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

func writePlan(b *strings.Builder, s PlanStep, depth int) {
	rows := strconv.FormatFloat(s.Rows, 'f', 0, 64)
	fmt.Fprintf(b, "%s%s, about %s rows", strings.Repeat("  ", depth), s.Operator, rows)
	if s.Details != "" {
		fmt.Fprintf(b, ": %s", strings.Join(strings.Fields(s.Details), " "))
	}
	b.WriteByte('\n')
	for _, c := range s.Children {
		writePlan(b, c, depth+1)
	}
}
