package ingest

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"roundtrip/graph"
)

// fileKind is what a file holds, in the order in which faults are listed.
type fileKind uint8

const (
	unknownFile fileKind = iota
	sourcesFile
	companiesFile
	chipsFile
	dealsFile
	flowsFile
	transfersFile
	outcomesFile
	metricsFile
)

// recordKind is the kind of the records in the file; the rows of a transfer
// list are flows.
func (k fileKind) recordKind() graph.RecordKind {
	return [...]graph.RecordKind{
		graph.NoKind, graph.SourceKind, graph.CompanyKind, graph.ChipKind, graph.DealKind,
		graph.FlowRecord, graph.FlowRecord, graph.OutcomeKind, graph.MetricKind,
	}[k]
}

// kindOfFile tells from its name what a file holds.
func kindOfFile(name string) fileKind {
	lower := strings.ToLower(name)
	if !strings.HasSuffix(lower, ".csv") {
		return unknownFile
	}
	stem := strings.TrimSuffix(lower, path.Ext(lower))
	if strings.HasPrefix(stem, "transfers") {
		return transfersFile
	}
	for k := sourcesFile; k <= metricsFile; k++ {
		if k != transfersFile && stem == k.recordKind().Plural() {
			return k
		}
	}
	return unknownFile
}

// transferColumns are the columns of a plain transfer list; the first four are
// required.
func transferColumns() []string {
	return []string{"from", "to", "amount", "timestamp", "kind", "id"}
}

func columnsOf(k fileKind) (all, required []string) {
	if k == transfersFile {
		return transferColumns(), transferColumns()[:4]
	}
	for _, f := range graph.Fields(k.recordKind()) {
		all = append(all, f.Name)
		if f.Required {
			required = append(required, f.Name)
		}
	}
	return all, required
}

// kindOfColumns tells from its header what a file holds: the only kind that
// knows all of its columns and requires no other.
func kindOfColumns(header []string) fileKind {
	found := unknownFile
	for k := sourcesFile; k <= metricsFile; k++ {
		all, required := columnsOf(k)
		fits := !slices.ContainsFunc(header, func(c string) bool { return !slices.Contains(all, c) }) &&
			!slices.ContainsFunc(required, func(c string) bool { return !slices.Contains(header, c) })
		if !fits {
			continue
		}
		if found != unknownFile {
			return unknownFile
		}
		found = k
	}
	return found
}

// place is where a record comes from: a line of a file, or the n-th record of a
// change (file -1), or the store (row 0).
type place struct {
	file int32
	row  int32
}

// faultFunc takes a fault of the row at hand. Want replaces the rule's own
// sentence about what is allowed where it is not "".
type faultFunc func(column, value string, c Code, problem, want string)

// table reads one open CSV file.
type table struct {
	file   sourceFile
	kind   fileKind
	src    io.ReadCloser
	rows   *rowReader
	sum    maphash.Hash
	header []string
	fields []graph.Field // by column; no name where the column is not known
	index  []int         // by name of transferColumns: column or -1
	idCell int
}

// openTable opens a file and reads its header. Faults of the header go to
// fault; ok is false when the rows cannot be read.
func openTable(f sourceFile, kind fileKind, in func(io.ReadCloser) io.ReadCloser, seed maphash.Seed, fault faultFunc) (t *table, ok bool, err error) {
	src, err := f.open()
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", f.name, err)
	}
	t = &table{file: f, kind: kind, src: in(src), idCell: -1}
	t.sum.SetSeed(seed)
	t.rows = newRowReader(io.TeeReader(t.src, &t.sum))
	if err := t.rows.skipBOM(); err != nil {
		return t, false, t.failed(err)
	}
	cells, err := t.rows.next()
	var quote *quoteError
	switch {
	case errors.Is(err, io.EOF):
		fault("", "", HeaderMissing, "the file is empty", "")
		return t, false, nil
	case errors.As(err, &quote):
		fault("", "", QuoteInvalid, "the header "+quote.what, "")
		return t, false, nil
	case errors.Is(err, errRowTooLong):
		fault("", "", RowTooLong, "the header is too long", "")
		return t, false, nil
	case err != nil:
		return t, false, t.failed(err)
	}
	for _, c := range cells {
		t.header = append(t.header, string(c))
	}
	if bad := slices.IndexFunc(t.header, func(c string) bool { return !utf8.ValidString(c) }); bad >= 0 {
		fault("", t.header[bad], EncodingInvalid, "is not valid UTF-8", "")
		return t, false, nil
	}
	return t, true, nil
}

func (t *table) failed(err error) error {
	if errors.Is(err, errTooLarge) {
		return err
	}
	return fmt.Errorf("read %s: %w", t.file.name, err)
}

// bind matches the header against the columns of the file's kind.
func (t *table) bind(fault faultFunc) bool {
	all, required := columnsOf(t.kind)
	kind := t.kind.recordKind()
	ok := true
	for i, name := range t.header {
		if slices.Contains(t.header[:i], name) {
			fault(name, "", ColumnTwice, "is named twice", "")
			ok = false
			continue
		}
		if !slices.Contains(all, name) {
			want := "allowed are " + strings.Join(all, ", ")
			if len(t.header) == 1 && strings.ContainsAny(name, ";\t|") {
				want = "separate columns by commas; " + want
			}
			fault("", name, ColumnUnknown, "is not a column of "+t.holds(), want)
		}
	}
	for _, name := range required {
		if !slices.Contains(t.header, name) {
			fault(name, "", ColumnMissing, "is missing", "required are "+strings.Join(required, ", "))
			ok = false
		}
	}
	t.fields = make([]graph.Field, len(t.header))
	for i, name := range t.header {
		t.fields[i], _ = graph.FieldNamed(kind, name)
		if name == "id" {
			t.idCell = i
		}
	}
	if t.kind == transfersFile {
		t.index = make([]int, 0, len(all))
		for _, name := range all {
			t.index = append(t.index, slices.Index(t.header, name))
		}
	}
	return ok
}

func (t *table) holds() string {
	if t.kind == transfersFile {
		return "a transfer list"
	}
	return t.kind.recordKind().Plural()
}

// next returns the cells of the next row that could be split, io.EOF at the
// end. Faults of splitting go to fault, after which line is the line of the row.
func (t *table) next(ctx context.Context, fault faultFunc) ([][]byte, error) {
	for {
		cells, err := t.rows.next()
		if err != nil {
			if err = t.unsplit(err, fault); err != nil {
				return nil, err
			}
			continue
		}
		if t.rows.line&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("read %s: %w", t.file.name, err)
			}
		}
		return cells, nil
	}
}

// unsplit tells what a row that could not be split means for those after it:
// nil when they can be read.
func (t *table) unsplit(err error, fault faultFunc) error {
	var quote *quoteError
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.As(err, &quote):
		fault(t.columnName(quote.cell), "", QuoteInvalid, quote.what, "")
		return nil
	case errors.Is(err, errRowTooLong):
		fault("", "", RowTooLong, "the row is too long", "")
		return errRowTooLong
	}
	return t.failed(err)
}

func (t *table) columnName(i int) string {
	if i < len(t.header) {
		return t.header[i]
	}
	return ""
}

// line is the line of the row that next returned last.
func (t *table) line() int { return t.rows.line }

// fit is cellsFit with a short way for the rows that most lists are made of.
func (t *table) fit(cells [][]byte, fault faultFunc) bool {
	if t.rows.plain && len(cells) == len(t.header) {
		size := 0
		for _, cell := range cells {
			size |= len(cell)
		}
		if size <= maxCellBytes {
			return true
		}
	}
	return t.cellsFit(cells, fault)
}

// cellsFit checks the number of cells and their text.
func (t *table) cellsFit(cells [][]byte, fault faultFunc) bool {
	if len(cells) != len(t.header) {
		fault("", "", CellCount, fmt.Sprintf("the row has %s and the header %d", counted(len(cells), "cell", "cells"), len(t.header)), "")
		return false
	}
	ok := true
	for i, cell := range cells {
		if len(cell) > maxCellBytes {
			fault(t.header[i], string(cell[:100]), CellTooLong, fmt.Sprintf("has %d bytes", len(cell)), fmt.Sprintf("at most %d", maxCellBytes))
			ok = false
		} else if !t.rows.plain {
			if c, problem := textProblem(cell); c != "" {
				fault(t.header[i], string(cell), c, problem, "")
				ok = false
			}
		}
	}
	return ok
}

// textProblem checks what holds of any text; the code is "" when it is fine.
func textProblem[T string | []byte](text T) (Code, string) {
	if !utf8.Valid([]byte(text)) {
		return EncodingInvalid, "is not valid UTF-8"
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\n' || c == '\r' || c == '\t':
		case c == 0:
			return ControlCharacter, "has a NUL byte"
		case c < 0x20 || c == 0x7f:
			return ControlCharacter, fmt.Sprintf("has the control character U+%04X", c)
		}
	}
	return "", ""
}

// record reads the cells of a row into a record; ok is false when one of them
// was at fault. The id is set in any case where it is well formed.
func (t *table) record(cells [][]byte, fault faultFunc) (r graph.Record, ok bool) {
	r = graph.NewRecord(t.kind.recordKind())
	ok = t.cellsFit(cells, fault)
	if !ok {
		if t.idCell >= 0 && t.idCell < len(cells) && idProblem(string(cells[t.idCell])) == "" {
			_ = t.fields[t.idCell].Set(r, string(cells[t.idCell])) // an id takes any text
		}
		return r, false
	}
	for i, cell := range cells {
		f := t.fields[i]
		if f.Name == "" {
			continue
		}
		text := ""
		if len(cell) > 0 {
			text = string(cell)
		}
		if c, problem, want := setField(f, r, text); c != "" {
			fault(f.Name, text, c, problem, want)
			ok = false
		}
	}
	if f, is := r.(*graph.Flow); is {
		if i := slices.Index(t.header, "date_precision"); i >= 0 && len(cells[i]) > 0 && ok && string(cells[i]) != f.Announced.Precision().String() {
			fault("date_precision", string(cells[i]), DatePrecision, fmt.Sprintf("is not the precision of the announced_date %q, which is %s", f.Announced, f.Announced.Precision()), "")
			ok = false
		}
	}
	return r, ok
}

// hash drains what is left and returns the digest of the whole file.
func (t *table) hash() (uint64, error) {
	if _, err := io.Copy(io.Discard, io.TeeReader(t.src, &t.sum)); err != nil {
		return 0, t.failed(err)
	}
	return t.sum.Sum64(), nil
}

// setField reads one cell into a record. The code is "" when that went well.
func setField(f graph.Field, r graph.Record, cell string) (c Code, problem, want string) {
	if cell == "" {
		if f.Required {
			return ValueMissing, "the cell is empty", ""
		}
		return "", "", ""
	}
	if f.Type == graph.IDField {
		if problem := idProblem(cell); problem != "" {
			return IDMalformed, problem, ""
		}
	}
	if len(f.Allowed) > 0 && !slices.Contains(f.Allowed, cell) {
		return ValueNotAllowed, "is not allowed", "want one of " + strings.Join(f.Allowed, ", ")
	}
	if err := f.Set(r, cell); err != nil {
		c, problem = formProblem(f.Type, cell)
		return c, problem, ""
	}
	if f.Type == graph.ListField && f.Refs != graph.NoKind {
		for _, id := range f.List(r) {
			if problem := idProblem(id); problem != "" {
				f.SetList(r, nil)
				return IDMalformed, "has the id " + fmt.Sprintf("%q", id) + " that " + problem, ""
			}
		}
	}
	return "", "", ""
}

// formProblem names what is wrong with a cell that does not have its form.
func formProblem(t graph.FieldType, cell string) (Code, string) {
	switch t {
	case graph.MoneyField:
		return moneyProblem(cell)
	case graph.NumberField:
		return NumberMalformed, "is not such a number"
	case graph.DateField:
		return DateMalformed, "is not a date"
	case graph.ListField:
		return ListMalformed, "is not a list"
	default:
		return ValueNotAllowed, "is not allowed"
	}
}

func moneyProblem(cell string) (Code, string) {
	if rest, negative := strings.CutPrefix(cell, "-"); negative {
		if _, err := graph.ParseMoney(rest); err == nil {
			return AmountNegative, "is negative"
		}
	}
	digits := strings.TrimRight(strings.ToLower(cell), "kmbtn")
	if strings.Trim(digits, "0123456789") == "" && digits != "" {
		if _, err := graph.ParseMoney("0" + strings.ToLower(cell)[len(digits):]); err == nil {
			return AmountTooLarge, "is too large"
		}
	}
	return AmountMalformed, "is not an amount in dollars"
}

// idProblem tells what is wrong with an id, "" when it is fine.
func idProblem(id string) string {
	switch {
	case id == "":
		return "is empty"
	case len(id) > maxIDBytes:
		return fmt.Sprintf("has %d bytes", len(id))
	case strings.TrimSpace(id) != id:
		return "begins or ends with a blank"
	}
	if i := strings.IndexAny(id, ";,|\n\r\t"); i >= 0 {
		return fmt.Sprintf("has the character %q", id[i])
	}
	if c, problem := textProblem(id); c != "" {
		return problem
	}
	return ""
}
