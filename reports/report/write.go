package report

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"roundtrip/queries"
	"roundtrip/queries/render"
)

// Format is one form of a report.
type Format struct {
	Name        string // as in --format and in schedules
	ContentType string
	Extension   string // of a file, without the dot
	write       func(ctx context.Context, w io.Writer, r *Report) error
}

// Formats are all forms. PDF needs a Chromium on the PATH.
func Formats() []Format {
	plain := func(write func(io.Writer, *Report) error) func(context.Context, io.Writer, *Report) error {
		return func(_ context.Context, w io.Writer, r *Report) error { return write(w, r) }
	}
	return []Format{
		{"html", "text/html; charset=utf-8", "html", plain(writeHTML)},
		{"md", "text/markdown; charset=utf-8", "md", plain(writeMarkdown)},
		{"json", "application/json", "json", plain(writeJSON)},
		{"csv", "application/zip", "zip", plain(writeCSV)},
		{"pdf", "application/pdf", "pdf", writePDF},
	}
}

// FormatNames are the names of all forms.
func FormatNames() []string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return names
}

// FindFormat is the form of that name, or an error that lists the allowed ones.
func FindFormat(name string) (Format, error) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("unknown format %q; want one of %s", name, strings.Join(FormatNames(), ", "))
}

// Write writes the report in the form of that name. The context bounds the
// browser that writes PDF; where there is none that is ErrNoBrowser.
func Write(ctx context.Context, w io.Writer, format string, r *Report) error {
	f, err := FindFormat(format)
	if err != nil {
		return err
	}
	return f.write(ctx, w, r)
}

// FileName is the name of the report as a file, such as daily-2026-11-23.html; csv
// is a zip.
func (r *Report) FileName(f Format) string {
	name := r.Name
	if name == "" {
		name = "report"
	}
	return name + "-" + r.At.Day.String() + "." + f.Extension
}

// writeJSON writes the report as one document. Money is in cents and dollars as
// in the result contract; every answer is the contract itself.
func writeJSON(w io.Writer, r *Report) error {
	b := []byte("{\"report\":")
	b = queries.AppendJSON(b, head{r.Name, r.Title, r.Note, r.Version, r.At, r.Tolerance})
	b = queries.AppendMember(append(b, ",\n"...), "finding", r.Finding)
	b = queries.AppendMember(append(b, ",\n"...), "alerts", r.Alerts)
	if len(r.Idle) > 0 {
		b = queries.AppendMember(append(b, ",\n"...), "looked_at_nothing", r.Idle)
	}
	b = queries.AppendMember(append(b, ",\n"...), "left_out", r.LeftOut)
	b = append(b, ",\n\"differences\":"...)
	if r.Differences == nil {
		b = append(b, "null"...)
	} else {
		b = queries.AppendJSON(b, r.Differences)
	}
	b = append(b, ",\n\"metrics\":"...)
	text, err := json.Marshal(r.Metrics)
	if err != nil {
		return err
	}
	b = append(b, text...)
	for _, part := range []struct {
		name  string
		value any
	}{{"now", r.Now}, {"was", r.Was}, {"history", r.History}} {
		if text, err = json.Marshal(part.value); err != nil {
			return err
		}
		b = append(append(append(append(b, ",\n\""...), part.name...), "\":"...), text...)
	}
	b = append(b, ",\n\"answers\":["...)
	for i, a := range r.Answers {
		if i > 0 {
			b = append(b, ',')
		}
		if text, err = json.Marshal(a.Ask); err != nil {
			return err
		}
		b = append(append(b, "\n{\"ask\":"...), text...)
		if b, err = appendResult(append(b, ",\"result\":"...), a.Result); err != nil {
			return err
		}
		b = append(b, ",\"delta\":"...)
		if a.Delta == nil {
			b = append(b, "null"...)
		} else if b, err = appendResult(b, a.Delta); err != nil {
			return err
		}
		b = queries.AppendMember(append(b, ','), "hidden", a.Hidden)
		b = queries.AppendMember(append(b, ','), "undone", a.Undone)
		b = append(b, '}')
	}
	_, err = w.Write(append(b, "]}\n"...))
	return err
}

// head is what stands above a report.
type head struct {
	Name      string    `json:"name"`
	Title     string    `json:"title"`
	Note      string    `json:"note"`
	Version   string    `json:"version"`
	At        Point     `json:"at"`
	Tolerance Tolerance `json:"tolerance"`
}

func appendResult(b []byte, r *queries.Result) ([]byte, error) {
	var text bytes.Buffer
	err := render.Write(&text, "json", r)
	return append(b, bytes.TrimRight(text.Bytes(), "\n")...), err
}

// writeCSV writes a zip with a file for each ask, and files with what moved and
// the figures. Its times are the day of the report, so that the same report gives
// the same bytes.
func writeCSV(w io.Writer, r *Report) error {
	z := zip.NewWriter(w)
	at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	if t := r.At.Day.Last().Time(); t.Year() >= 1980 {
		at = t
	}
	parts := []part{{"report.csv", r.writeHead}}
	if d := r.Differences; d != nil {
		parts = append(parts, part{"differences/loops.csv", d.writeLoops}, part{"differences/legs.csv", d.writeLegs}, part{"differences/figures.csv", d.writeFigures})
	}
	for _, a := range r.Answers {
		if a.Delta != nil {
			parts = append(parts, part{"differences/rows/" + a.Ask.Name + ".csv", func(w io.Writer) error { return render.Write(w, "csv", a.Delta) }})
		}
		parts = append(parts, part{"answers/" + a.Ask.Name + ".csv", func(w io.Writer) error { return render.Write(w, "csv", a.Result) }})
	}
	parts = append(parts, part{"figures.csv", func(w io.Writer) error { return WriteSamples(w, []Sample{{Day: r.At.Day, Metrics: r.Metrics}}) }})
	if len(r.History) > 0 {
		parts = append(parts, part{"history.csv", func(w io.Writer) error { return WriteSamples(w, r.History) }})
	}
	for _, p := range parts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: at})
		if err == nil {
			err = p.write(f)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return z.Close()
}

// part is one file of the zip.
type part struct {
	name  string
	write func(io.Writer) error
}

// writeLines writes lines of cells as CSV.
func writeLines(w io.Writer, lines [][]string) error {
	out := csv.NewWriter(w)
	return out.WriteAll(lines)
}

func (r *Report) writeHead(w io.Writer) error {
	lines := [][]string{
		{"name", "value"},
		{"title", r.Title},
		{"finding", r.Finding},
		{"as_of", r.At.Day.String()},
		{"revision", strconv.FormatUint(r.At.Revision, 10)},
		{"hash", r.At.Hash},
		{"version", r.Version},
	}
	if d := r.Differences; d != nil {
		lines = append(lines, []string{"since", d.Since.Day.String()}, []string{"since_revision", strconv.FormatUint(d.Since.Revision, 10)})
	}
	return writeLines(w, lines)
}

func (d *Differences) writeLoops(w io.Writer) error {
	lines := [][]string{{"id", "change", "ring", "kind", "bottleneck_before_cents", "bottleneck_after_cents", "at_most_before_cents", "at_most_after_cents", "legs", "causes", "reason"}}
	for _, m := range d.Loops {
		lines = append(lines, cells(m.ID, m.Change, m.Ring, m.Kind, m.Before, m.After, m.AtMostBefore, m.AtMostAfter, m.Legs, m.Causes, m.Reason))
	}
	return writeLines(w, lines)
}

func (d *Differences) writeLegs(w io.Writer) error {
	lines := [][]string{{"id", "change", "payer", "payee", "kind", "state_before", "state_after", "amount_before_cents", "amount_after_cents", "delta_cents", "reason", "causes"}}
	for _, m := range d.Legs {
		lines = append(lines, cells(m.ID, m.Change, m.Payer, m.Payee, m.Kind, m.StateBefore, m.StateAfter, m.Was, m.Is, m.Delta, m.Reason, m.Causes))
	}
	return writeLines(w, lines)
}

func (d *Differences) writeFigures(w io.Writer) error {
	lines := [][]string{{"ask", "figure", "title", "type", "before", "after", "change"}}
	for _, m := range d.Figures {
		lines = append(lines, cells(m.Ask, m.Path, m.Title, m.Type, m.Before.Value, m.After.Value, m.Change.Value))
	}
	return writeLines(w, lines)
}

func cells(values ...any) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = queries.CellText(v)
	}
	return texts
}
