package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// errRowTooLong ends the reading of a file: where the row ends is unknown.
var errRowTooLong = errors.New("row too long")

// quoteError tells which cell of a row breaks the rules of quoting.
type quoteError struct {
	cell int // from 0
	what string
}

func (e *quoteError) Error() string { return e.what }

// rowReader splits CSV as RFC 4180 says, with \n, \r\n or the end of the file
// behind a row. Rows without a quote are split in place; a line break inside a
// quoted cell comes back byte for byte. Empty lines are skipped.
type rowReader struct {
	src   io.Reader
	buf   []byte
	start int // first byte that no row has taken
	end   int // end of what was read
	eof   bool
	line  int    // line of the row that next returned, from 1
	lines int    // line breaks passed so far
	row   []byte // the row itself where it has no quote
	plain bool   // the row is printable ASCII without a quote
	cells [][]byte
	text  []byte // the unquoted text of a row with quotes
	marks []int  // where its cells end in text
}

func newRowReader(src io.Reader) *rowReader {
	return &rowReader{src: src, buf: make([]byte, 256<<10)}
}

// fill reads more behind what is there. It returns io.EOF at the end of the
// source and errRowTooLong when the row at hand has grown over the limit.
func (r *rowReader) fill() error {
	if r.eof {
		return io.EOF
	}
	if r.start > 0 {
		copy(r.buf, r.buf[r.start:r.end])
		r.end -= r.start
		r.start = 0
	}
	if r.end >= maxRowBytes {
		return errRowTooLong
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	for {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		r.eof = r.eof || err != nil
		if n > 0 {
			return nil
		}
		if r.eof {
			return io.EOF
		}
	}
}

// skipBOM passes over a UTF-8 byte order mark at the start of the source.
func (r *rowReader) skipBOM() error {
	for r.end-r.start < 3 {
		if err := r.fill(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	if bytes.HasPrefix(r.buf[r.start:r.end], []byte("\xEF\xBB\xBF")) {
		r.start += 3
	}
	return nil
}

// next returns the cells of the next row, valid until the call after. The
// error is io.EOF at the end, a *quoteError for a row that breaks the rules of
// quoting (the one after it can be read), errRowTooLong, or one of the source.
func (r *rowReader) next() ([][]byte, error) {
	for {
		line, err := r.nextLine()
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			continue
		}
		r.plain, r.row = isPlain(line), line
		if !r.plain && bytes.IndexByte(line, '"') >= 0 {
			return r.quoted(line)
		}
		r.cells = splitPlain(r.cells[:0], line)
		return r.cells, nil
	}
}

// nextLine takes one line, without its line break.
func (r *rowReader) nextLine() ([]byte, error) {
	searched := 0
	for {
		if i := bytes.IndexByte(r.buf[r.start+searched:r.end], '\n'); i >= 0 {
			line := r.buf[r.start : r.start+searched+i]
			r.start += len(line) + 1
			r.lines++
			r.line = r.lines
			return dropCR(line), nil
		}
		searched = r.end - r.start
		if err := r.fill(); errors.Is(err, io.EOF) {
			if searched == 0 {
				return nil, io.EOF
			}
			line := r.buf[r.start:r.end]
			r.start = r.end
			r.lines++
			r.line = r.lines
			return dropCR(line), nil
		} else if err != nil {
			r.line = r.lines + 1
			return nil, err
		}
	}
}

// quoted splits a row of which the first line, already taken, has a quote.
func (r *rowReader) quoted(line []byte) ([][]byte, error) {
	first := r.line
	defer func() { r.line = first }()
	r.text, r.marks = r.text[:0], r.marks[:0]
	size := 0
	for {
		if len(line) == 0 || line[0] != '"' {
			cell, rest, more := bytes.Cut(line, []byte{','})
			if bytes.IndexByte(cell, '"') >= 0 {
				return nil, &quoteError{len(r.marks), "has a quote inside a cell that does not begin with one"}
			}
			r.text = append(r.text, cell...)
			r.marks = append(r.marks, len(r.text))
			if !more {
				return r.unquoted(), nil
			}
			line = rest
			continue
		}
		line = line[1:]
		for closed := false; !closed; {
			i := bytes.IndexByte(line, '"')
			switch {
			case i >= 0 && i+1 < len(line) && line[i+1] == '"':
				r.text = append(r.text, line[:i+1]...)
				line = line[i+2:]
			case i >= 0:
				r.text = append(r.text, line[:i]...)
				line = line[i+1:]
				closed = true
			default:
				// The cell goes on behind the line break that nextLine took away.
				r.text = append(r.text, line...)
				if r.buf[r.start-1] == '\n' {
					if r.start >= 2 && r.buf[r.start-2] == '\r' {
						r.text = append(r.text, '\r')
					}
					r.text = append(r.text, '\n')
				}
				if size = len(r.text); size > maxRowBytes {
					return nil, errRowTooLong
				}
				var err error
				if line, err = r.nextLine(); errors.Is(err, io.EOF) {
					return nil, &quoteError{len(r.marks), "opens a quote that is never closed"}
				} else if err != nil {
					return nil, err
				}
			}
		}
		r.marks = append(r.marks, len(r.text))
		if len(line) == 0 {
			return r.unquoted(), nil
		}
		if line[0] != ',' {
			return nil, &quoteError{len(r.marks) - 1, "has text behind its closing quote"}
		}
		line = line[1:]
	}
}

func (r *rowReader) unquoted() [][]byte {
	r.cells = r.cells[:0]
	at := 0
	for _, end := range r.marks {
		r.cells = append(r.cells, r.text[at:end])
		at = end
	}
	return r.cells
}

func splitPlain(cells [][]byte, line []byte) [][]byte {
	for {
		i := bytes.IndexByte(line, ',')
		if i < 0 {
			return append(cells, line)
		}
		cells = append(cells, line[:i])
		line = line[i+1:]
	}
}

func dropCR(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}

// isPlain tells whether the text is printable ASCII without a quote, eight
// bytes at a time.
func isPlain(b []byte) bool {
	const (
		ones = 0x0101010101010101
		high = 0x8080808080808080
	)
	var bad uint64
	for len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		quote := w ^ ones*'"'
		del := w ^ ones*0x7f
		// A byte below n borrows into its high bit; exact where no high bit was set.
		bad |= w | (w-ones*0x20)&^w | (quote-ones)&^quote | (del-ones)&^del
		b = b[8:]
	}
	if bad&high != 0 {
		return false
	}
	for _, c := range b {
		if c < 0x20 || c >= 0x7f || c == '"' {
			return false
		}
	}
	return true
}
