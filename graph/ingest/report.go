package ingest

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"roundtrip/graph"
)

// Fault is one broken hard rule.
type Fault struct {
	File    string `json:"file,omitempty"`   // name of the file; "" for a record that came by itself or is stored
	Line    int    `json:"line,omitempty"`   // line where the row begins, from 1
	Column  string `json:"column,omitempty"` // name of the column
	Record  string `json:"record,omitempty"` // kind/id where it is known
	Value   string `json:"value,omitempty"`  // what was given, shortened
	Code    Code   `json:"code"`
	Message string `json:"message"` // what is wrong and what is allowed

	rank, row int // place in the import, for the order
}

// Error is the fault on one line: where, what was given, what is allowed, code.
func (f Fault) Error() string {
	var b strings.Builder
	switch {
	case f.File != "" && f.Line > 0:
		fmt.Fprintf(&b, "%s:%d: ", f.File, f.Line)
	case f.File != "":
		fmt.Fprintf(&b, "%s: ", f.File)
	case f.Record != "":
		fmt.Fprintf(&b, "%s: ", f.Record)
	}
	if f.Column != "" {
		fmt.Fprintf(&b, "column %s: ", f.Column)
	}
	fmt.Fprintf(&b, "%s [%s]", f.Message, f.Code)
	return b.String()
}

// Warning counts the records that break a soft rule.
type Warning struct {
	Code     Code     `json:"code"`
	Message  string   `json:"message"`
	Count    int      `json:"count"`
	Examples []string `json:"examples"` // ids of the first five
}

// Count tells how many records of a kind an import holds.
type Count struct {
	Kind    string `json:"kind"`    // plural: companies, flows ...
	Rows    int    `json:"rows"`    // records in the files
	Created int    `json:"created"` // records created because legs name them
	Deleted int    `json:"deleted,omitempty"`
}

// Report is the result of a check.
type Report struct {
	Origin      string    `json:"origin"`
	Faults      []Fault   `json:"faults"`       // in the order of files and lines, at most Options.MaxFaults
	FaultsTotal int       `json:"faults_total"` // with those not shown
	Warnings    []Warning `json:"warnings"`     // in the order of the rules
	Counts      []Count   `json:"counts"`       // kinds that the import holds, in declared order
	Bytes       int64     `json:"bytes"`        // unpacked size of the files read
}

// OK tells whether the import may be applied.
func (r *Report) OK() bool { return r.FaultsTotal == 0 }

// Err is nil when the report is OK, else an error that names the first fault
// and how many there are.
func (r *Report) Err() error {
	switch {
	case r.OK():
		return nil
	case r.FaultsTotal == 1:
		return r.Faults[0]
	}
	return fmt.Errorf("%w, and %d more", r.Faults[0], r.FaultsTotal-1)
}

// WriteText writes the report as a person reads it.
func (r *Report) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, f := range r.Faults {
		fmt.Fprintln(b, f.Error())
	}
	if hidden := r.FaultsTotal - len(r.Faults); hidden > 0 {
		fmt.Fprintf(b, "and %s not shown\n", counted(hidden, "more fault", "more faults"))
	}
	parts := make([]string, 0, len(r.Counts))
	for _, c := range r.Counts {
		kind, err := graph.ParseRecordKind(c.Kind)
		if err != nil {
			continue
		}
		text := counted(c.Rows+c.Created, kind.String(), c.Kind)
		if c.Created > 0 && c.Rows > 0 {
			text += fmt.Sprintf(" (%d created)", c.Created)
		} else if c.Created > 0 {
			text += " (created)"
		}
		parts = append(parts, text)
	}
	if len(parts) > 0 {
		fmt.Fprintf(b, "%s: %s\n", r.Origin, strings.Join(parts, ", "))
	}
	if r.OK() {
		fmt.Fprintln(b, "no faults")
	} else {
		fmt.Fprintf(b, "%s; nothing is kept\n", counted(r.FaultsTotal, "fault", "faults"))
	}
	width := 0
	for _, x := range r.Warnings {
		width = max(width, len(fmt.Sprint(x.Count)))
	}
	if len(r.Warnings) > 0 {
		fmt.Fprintln(b, "warnings:")
	}
	for _, x := range r.Warnings {
		fmt.Fprintf(b, "  %*d  %s: %s", width, x.Count, x.Code, x.Message)
		if len(x.Examples) > 0 {
			fmt.Fprintf(b, " (%s", strings.Join(x.Examples, ", "))
			if x.Count > len(x.Examples) {
				fmt.Fprint(b, ", ...")
			}
			fmt.Fprint(b, ")")
		}
		fmt.Fprintln(b)
	}
	return b.Flush()
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// faultList keeps the first faults in order and counts all.
type faultList struct {
	limit int
	total int
	kept  []Fault
}

func (l *faultList) add(f Fault) {
	l.total++
	l.kept = append(l.kept, f)
	if len(l.kept) >= 2*l.limit+1024 {
		l.cut()
	}
}

func (l *faultList) cut() []Fault {
	slices.SortStableFunc(l.kept, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.row, b.row), cmp.Compare(a.Record, b.Record))
	})
	if len(l.kept) > l.limit {
		l.kept = slices.Clip(l.kept[:l.limit])
	}
	return l.kept
}

// warnings counts soft rules.
type warnings map[Code]*Warning

const maxExamples = 5

func (w warnings) add(c Code, id string) {
	x := w[c]
	if x == nil {
		x = &Warning{Code: c}
		w[c] = x
	}
	x.Count++
	if len(x.Examples) < maxExamples {
		x.Examples = append(x.Examples, id)
	}
}

func (w warnings) list() []Warning {
	list := make([]Warning, 0, len(w))
	for _, r := range rules {
		if x := w[r.Code]; x != nil {
			x.Message = strings.TrimSuffix(r.Says, ".") + "; " + r.Want
			list = append(list, *x)
		}
	}
	return list
}

// shown is a value as a fault shows it: valid text of at most 80 characters.
func shown(value string) string {
	const limit = 80
	value = strings.ToValidUTF8(value, "\uFFFD")
	if utf8.RuneCountInString(value) <= limit {
		return value
	}
	n := 0
	for i := range value {
		if n == limit {
			return value[:i] + "..."
		}
		n++
	}
	return value
}
