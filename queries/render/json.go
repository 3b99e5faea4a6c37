package render

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"roundtrip/graph"
	"roundtrip/queries"
)

// writeJSON writes the result contract as one object, members always in the
// same order.
func writeJSON(w io.Writer, r *queries.Result) error {
	b := append([]byte(nil), '{')
	b = appendHead(b, r)
	b = append(b, `,"rows":[`...)
	for i, row := range r.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '\n')
		b = appendRow(b, r.Columns, row)
		if len(b) > 1<<16 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	b = append(b, "],\n"...)
	b = appendTail(b, r)
	b = append(b, "}\n"...)
	_, err := w.Write(b)
	return err
}

// writeComparisonJSON writes both answers and what differs.
func writeComparisonJSON(w io.Writer, c *queries.Comparison) error {
	for _, part := range []struct {
		before string
		result *queries.Result
	}{{`{"base":`, c.Base}, {`,"scenario":`, c.Scenario}, {`,"delta":`, c.Delta}} {
		if _, err := io.WriteString(w, part.before); err != nil {
			return err
		}
		if err := writeJSON(w, part.result); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "}\n")
	return err
}

// writeNDJSON writes the result without its rows on the first line, under
// "result", then one row a line.
func writeNDJSON(w io.Writer, r *queries.Result) error {
	b := append([]byte(nil), `{"result":{`...)
	b = appendHead(b, r)
	b = append(b, ',')
	b = appendTail(b, r)
	b = append(b, "}}\n"...)
	if _, err := w.Write(b); err != nil {
		return err
	}
	for _, row := range r.Rows {
		b = append(appendRow(b[:0], r.Columns, row), '\n')
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func appendHead(b []byte, r *queries.Result) []byte {
	b = queries.AppendMember(b, "analysis", r.Analysis)
	b = queries.AppendMember(append(b, ','), "title", r.Title)
	b = queries.AppendMember(append(b, ','), "question", r.Question)
	b = queries.AppendMember(append(b, ','), "finding", r.Finding)
	b = queries.AppendMember(append(b, ','), "engine", string(r.Engine))
	b = append(b, `,"lens":`...)
	b = AppendLens(b, r.Lens)
	b = queries.AppendMember(append(b, ','), "params", r.Params)
	b = queries.AppendMember(append(b, ','), "columns", r.Columns)
	return b
}

func appendTail(b []byte, r *queries.Result) []byte {
	b = append(b, `"summary":`...)
	summary := queries.AppendJSON(nil, r.Summary)
	met := queries.AppendJSON(nil, r.Met)
	b = append(b, summary[:len(summary)-1]...)
	if len(summary) > 2 {
		b = append(b, ',')
	}
	b = append(b, met[1:]...)
	if r.Scenario != nil {
		b = append(b, `,"scenario":`...)
		b = appendScenario(b, r.Scenario)
	}
	b = appendUncertainty(b, r.Uncertainty)
	b = queries.AppendMember(append(b, ','), "truncated", r.Truncated)
	b = queries.AppendMember(append(b, ','), "warnings", r.Warnings)
	b = queries.AppendMember(append(b, ','), "evidence", r.Evidence)
	b = append(b, `,"cypher":`...)
	b = queries.AppendJSON(b, r.Cypher)
	b = append(b, `,"graph":{"revision":`...)
	b = strconv.AppendUint(b, r.Revision.Number, 10)
	b = queries.AppendMember(append(b, ','), "hash", r.Revision.Hash.String())
	b = append(b, `},"elapsed_ms":`...)
	b = strconv.AppendFloat(b, float64(r.Elapsed.Microseconds())/1000, 'f', -1, 64)
	return queries.AppendMember(append(b, ','), "method", r.Method)
}

// appendUncertainty appends the spread of the summary where one was asked for:
// money as mean_cents and, in dollars, mean; unknown is null.
func appendUncertainty(b []byte, u *queries.Uncertainty) []byte {
	if u == nil {
		return b
	}
	b = append(b, `,"uncertainty":{`...)
	b = queries.AppendMember(b, "draws", u.Draws)
	b = queries.AppendMember(append(b, ','), "seed", u.Seed)
	b = append(b, `,"fields":[`...)
	for i, f := range u.Fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = queries.AppendMember(append(b, '{'), "name", f.Name)
		b = queries.AppendMember(append(b, ','), "title", f.Title)
		b = queries.AppendMember(append(b, ','), "unit", f.Unit)
		b = queries.AppendMember(append(b, ','), "known", f.Known)
		for _, x := range []struct {
			name  string
			value queries.ChartValue
		}{{"mean", f.Mean}, {"p5", f.P5}, {"p50", f.P50}, {"p95", f.P95}} {
			if f.Type == "money" {
				x.name += "_cents"
			}
			b = queries.AppendMember(append(b, ','), x.name, x.value)
		}
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

// appendScenario appends the scenario of an answer and the legs that it changed.
func appendScenario(b []byte, used *queries.ScenarioUsed) []byte {
	text, err := json.Marshal(used)
	if err != nil {
		panic("render: a scenario cannot be written: " + err.Error()) // its fields are texts and numbers
	}
	return append(b, text...)
}

// AppendLens appends a lens as JSON; the probabilities are shown where they
// have an effect.
func AppendLens(b []byte, l graph.Lens) []byte {
	lens := queries.AppendJSON(nil, l)
	if l.Basis != graph.Expected {
		return append(b, lens...)
	}
	b = append(b, lens[:len(lens)-1]...)
	b = append(b, `,"probabilities":{`...)
	for i, p := range l.Probabilities {
		if i > 0 {
			b = append(b, ',')
		}
		b = queries.AppendMember(b, string(p.Status), p.BasisPoints)
	}
	return append(b, "}}"...)
}

func appendRow(b []byte, columns []queries.Column, row queries.Row) []byte {
	b = append(b, '{')
	named := false
	for i, c := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		named = named || c.Name == "legs"
		b = queries.AppendMember(b, c.Name, row.Values[i])
	}
	if !named && len(row.Legs) > 0 {
		b = queries.AppendMember(append(b, ','), "evidence", row.Legs)
	}
	return append(b, '}')
}

// writeCSV writes a header and the rows; money in cents, unknown empty, lists
// separated by semicolons.
func writeCSV(w io.Writer, r *queries.Result) error {
	out := csv.NewWriter(w)
	cells := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		cells[i] = c.Name
	}
	if err := out.Write(cells); err != nil {
		return err
	}
	for row := range slices.Values(r.Rows) {
		for i, v := range row.Values {
			cells[i] = queries.CellText(v)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
