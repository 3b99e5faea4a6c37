package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"

	"roundtrip/graph"
)

// transferRow is one row of a transfer list as far as it can be read without
// knowing the others.
type transferRow struct {
	from, to span // ids, in the text of the block
	key      span // what the id of the row is made of, without n
	payer    partyHash
	payee    partyHash
	amount   graph.Money
	at       graph.Date
	kind     graph.FlowKind
	number   uint64 // the id for n = 1
	given    string // the id that the list has for it
	line     int32
	whole    bool // nothing of the row was at fault
}

// span is a piece of a block's text; an empty one has no text.
type span struct{ from, to int32 }

type rowFault struct {
	line                   int32
	column, value, problem string
	code                   Code
	want                   string
}

// transferBlock is a piece of a list. Lists are read in blocks by a goroutine
// of its own, while the block before is compared with what is known; and what
// is looked up for many rows in one go waits for memory once and not each time.
type transferBlock struct {
	rows   []transferRow
	text   []byte
	faults []rowFault
	err    error // how the reading ended: io.EOF after the last row
}

const (
	blockRows  = 512
	blockText  = 64 << 10
	blocksAway = 3 // read ahead
)

// transferReader makes blocks of a list.
type transferReader struct {
	t                                     *table
	parties                               *partyTable // for its hash only
	from, to, amount, timestamp, kind, id int         // columns, -1 where there is none
	clock                                 clock
	day                                   dayText
	kinds                                 map[string]graph.FlowKind
	block                                 *transferBlock
	line                                  int32
}

func newTransferReader(t *table, parties *partyTable) *transferReader {
	kinds := map[string]graph.FlowKind{"": graph.Transfer}
	for _, k := range graph.FlowKinds() {
		kinds[string(k.Kind)] = k.Kind
	}
	return &transferReader{
		t: t, parties: parties, kinds: kinds,
		from: t.index[0], to: t.index[1], amount: t.index[2], timestamp: t.index[3], kind: t.index[4], id: t.index[5],
	}
}

// blocks reads the list block by block; each is valid until use returns. It
// ends when the list does, with the error that ended it (nil at the end of the
// file), or when use returns false.
func (r *transferReader) blocks(ctx context.Context, use func(*transferBlock) bool) error {
	ready := make(chan *transferBlock, blocksAway)
	free := make(chan *transferBlock, blocksAway+2)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range blocksAway + 1 {
		free <- &transferBlock{}
	}
	go func() {
		defer close(ready)
		for {
			select {
			case <-ctx.Done():
				return
			case b := <-free:
				r.fill(b)
				ready <- b
				if b.err != nil {
					return
				}
			}
		}
	}()
	var ended error
	more := true
	for b := range ready { // to its end in any case: the file is not to be closed under the reader
		if more {
			more = use(b)
			ended = b.err
		}
		if !more {
			cancel()
		}
		free <- b
	}
	switch {
	case errors.Is(ended, io.EOF):
		return nil
	case ended == nil && more:
		return context.Cause(ctx)
	}
	return ended
}

// fill reads the next block.
func (r *transferReader) fill(b *transferBlock) {
	b.rows, b.text, b.faults, b.err = b.rows[:0], b.text[:0], b.faults[:0], nil
	r.block = b
	for len(b.rows) < blockRows && len(b.text) < blockText {
		cells, err := r.t.rows.next()
		r.line = int32(min(r.t.line(), math.MaxInt32))
		if err != nil {
			if b.err = r.t.unsplit(err, r.fault); b.err != nil {
				return
			}
			continue
		}
		if r.t.fit(cells, r.fault) {
			r.row(cells)
		}
	}
}

func (r *transferReader) fault(column, value string, code Code, problem, want string) {
	r.block.faults = append(r.block.faults, rowFault{r.line, column, value, problem, code, want})
}

// row reads the cells of a row into the block.
func (r *transferReader) row(cells [][]byte) {
	x := transferRow{line: r.line, kind: graph.Transfer}
	faults := len(r.block.faults)
	// Most rows have nothing that an id must not have in any cell.
	simple := r.t.rows.plain && bytes.IndexByte(r.t.rows.row, ' ') < 0 && bytes.IndexByte(r.t.rows.row, ';') < 0 && bytes.IndexByte(r.t.rows.row, '|') < 0
	start := int32(len(r.block.text))
	x.from, x.payer = r.party("from", cells[r.from], simple)
	x.to, x.payee = r.party("to", cells[r.to], simple)
	r.money(&x, cells[r.amount])
	r.time(&x, cells[r.timestamp])
	if r.kind >= 0 {
		kind, ok := r.kinds[string(cells[r.kind])]
		if !ok {
			f, _ := graph.FieldNamed(graph.FlowRecord, "kind")
			r.fault("kind", string(cells[r.kind]), ValueNotAllowed, "is not allowed", "want one of "+strings.Join(f.Allowed, ", "))
		}
		x.kind = kind
	}
	if r.id >= 0 && len(cells[r.id]) > 0 {
		x.given = string(cells[r.id])
		if problem := idProblem(x.given); problem != "" {
			r.fault("id", x.given, IDMalformed, problem, "")
		}
	}
	x.whole = len(r.block.faults) == faults
	if x.whole && x.given == "" {
		// The text holds "from|to|" already.
		text := appendMoney(r.block.text, x.amount)
		text = append(text, '|')
		text = r.day.appendDate(text, x.at)
		text = append(text, '|')
		text = append(text, x.kind...)
		text = append(text, '|')
		x.key = span{start, int32(len(text))}
		text = append(text, '1')
		x.number = digestNumber(text[start:])
		r.block.text = text
	}
	r.block.rows = append(r.block.rows, x)
}

// party checks an id and puts it into the text of the block.
func (r *transferReader) party(column string, cell []byte, simple bool) (span, partyHash) {
	if len(cell) == 0 {
		r.fault(column, "", ValueMissing, "the cell is empty", "")
		return span{}, partyHash{}
	}
	if !simple || len(cell) > maxIDBytes {
		if problem := idProblem(string(cell)); problem != "" {
			r.fault(column, string(cell), IDMalformed, problem, "")
			return span{}, partyHash{}
		}
	}
	at := int32(len(r.block.text))
	r.block.text = append(append(r.block.text, cell...), '|')
	return span{at, at + int32(len(cell))}, r.parties.hash(cell)
}

func (r *transferReader) money(x *transferRow, cell []byte) {
	var ok bool
	if x.amount, ok = fastMoney(cell); ok {
		return
	}
	var err error
	if x.amount, err = graph.ParseMoney(string(cell)); err != nil {
		code, problem := moneyProblem(string(cell))
		r.fault("amount", string(cell), code, problem, "")
	}
}

func (r *transferReader) time(x *transferRow, cell []byte) {
	var ok bool
	if x.at, ok = r.clock.parse(cell); ok {
		return
	}
	var err error
	if x.at, err = graph.ParseTimestamp(string(cell)); err != nil {
		r.fault("timestamp", string(cell), DateMalformed, "is not a time", "want YYYY-MM, YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ, or seconds or milliseconds since 1970")
	}
}

// digestNumber is the number in the id of a transfer: the first 16 hex digits
// of the SHA-256 of the text.
func digestNumber(text []byte) uint64 {
	sum := sha256.Sum256(text)
	return max(binary.BigEndian.Uint64(sum[:8]), 1) // 0 stands for an empty slot
}
