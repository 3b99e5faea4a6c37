package ingest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// readRows reads all rows; ok is false when a row breaks the rules of quoting.
func readRows(r io.Reader) (rows [][]string, ok bool, err error) {
	in := newRowReader(r)
	if err := in.skipBOM(); err != nil {
		return nil, false, err
	}
	for {
		cells, err := in.next()
		var quote *quoteError
		switch {
		case errors.Is(err, io.EOF):
			return rows, true, nil
		case errors.As(err, &quote):
			return nil, false, nil
		case err != nil:
			return nil, false, err
		}
		row := make([]string, len(cells))
		for i, c := range cells {
			row[i] = string(c)
		}
		rows = append(rows, row)
	}
}

func TestRowsAreSplitAsRFC4180Says(t *testing.T) {
	for _, c := range []struct {
		text string
		want [][]string
	}{
		{"a,b\nc,d", [][]string{{"a", "b"}, {"c", "d"}}},
		{"\xEF\xBB\xBFa,b\r\nc,d\r\n", [][]string{{"a", "b"}, {"c", "d"}}},
		{"\n\na,\n\n", [][]string{{"a", ""}}},
		{"\"a,b\",\"say \"\"x\"\"\"\n", [][]string{{"a,b", `say "x"`}}},
		{"\"line one\nline two\",b\nc,d\n", [][]string{{"line one\nline two", "b"}, {"c", "d"}}},
		{"\"kept\r\nas it is\",\"\"\r\n", [][]string{{"kept\r\nas it is", ""}}},
		{"\"\n\n\"\n", [][]string{{"\n\n"}}},
		{" a , b \n", [][]string{{" a ", " b "}}},
		{"a\rb,c\n", [][]string{{"a\rb", "c"}}},
	} {
		for name, r := range map[string]io.Reader{"at once": strings.NewReader(c.text), "byte by byte": iotest.OneByteReader(strings.NewReader(c.text))} {
			got, ok, err := readRows(r)
			if err != nil || !ok || !slices.EqualFunc(got, c.want, slices.Equal[[]string]) {
				t.Errorf("%q read %s is %q, %v, %v; want %q", c.text, name, got, ok, err, c.want)
			}
		}
	}
}

func TestLinesAreCountedThroughQuotedBreaks(t *testing.T) {
	in := newRowReader(strings.NewReader("a\n\n\"x\ny\"\nb\n"))
	var lines []int
	for {
		if _, err := in.next(); err != nil {
			break
		}
		lines = append(lines, in.line)
	}
	if want := []int{1, 3, 5}; !slices.Equal(lines, want) {
		t.Errorf("rows begin at lines %v, want %v", lines, want)
	}
}

// The reader of the standard library is the oracle; it turns \r\n inside
// quotes into \n, which an import must not do.
func FuzzRowsAreThoseOfTheStandardLibrary(f *testing.F) {
	for _, seed := range []string{"a,b\nc,d\n", "\"a\"\"b\",c\r\n", "a,\"b\nc\"\n", "\"a\"b\n", "a\"b\n", "\"open", "\r\n\r\na\n", "a,b\r", ",\n,,\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok, err := readRows(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		std := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))))
		std.FieldsPerRecord = -1
		want, stdErr := std.ReadAll()
		if ok != (stdErr == nil) {
			t.Fatalf("%q: fine %v, the standard library says %v", data, ok, stdErr)
		}
		if !ok {
			return
		}
		for _, row := range got {
			for i := range row {
				row[i] = strings.ReplaceAll(row[i], "\r\n", "\n")
			}
		}
		if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
			t.Fatalf("%q\n got %q\nwant %q", data, got, want)
		}
	})
}

// Whatever the bytes, a check ends with a report or an error, and what it lets
// pass can be read a second time.
func FuzzAnyFileEndsInAReport(f *testing.F) {
	f.Add("flows.csv", []byte("id,from,to,kind\nf1,a,b,loan\n"))
	f.Add("transfers.csv", []byte("from,to,amount,timestamp\na,b,1,2025-01-01\na,b,1,2025-01-01\n"))
	f.Add("companies.csv", []byte("id,parent_id\na,b\nb,a\n"))
	f.Add("any.csv", []byte("id,flow_id,date,status_after\no,f,2025,closed\n"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		report, batch, err := Check(t.Context(), FromReader(name, bytes.NewReader(data)), nil, Options{MaxFaults: 3})
		if err != nil {
			t.Fatal(err)
		}
		if err := report.WriteText(io.Discard); err != nil {
			t.Fatal(err)
		}
		if !report.OK() {
			return
		}
		for r, err := range batch.Records {
			if err != nil {
				t.Fatal(err)
			}
			_ = r.Key()
		}
	})
}
