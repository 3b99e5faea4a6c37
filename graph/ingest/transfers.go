package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"roundtrip/graph"
)

// transfer is one row of a transfer list.
type transfer struct {
	from, to string
	id       string // "" where the list has no id for it
	amount   graph.Money
	at       graph.Date
	kind     graph.FlowKind
}

// transferReader reads the rows of a transfer list. Companies are looked up
// and entered in the parties of the checker, so that each id is kept once.
type transferReader struct {
	c                                     *checker
	t                                     *table
	from, to, amount, timestamp, kind, id int // columns, -1 where there is none
	clock                                 clock
	kinds                                 map[string]graph.FlowKind
}

func (c *checker) transferReader(t *table) *transferReader {
	kinds := map[string]graph.FlowKind{"": graph.Transfer}
	for _, k := range graph.FlowKinds() {
		kinds[string(k.Kind)] = k.Kind
	}
	return &transferReader{
		c: c, t: t, kinds: kinds,
		from: t.index[0], to: t.index[1], amount: t.index[2], timestamp: t.index[3], kind: t.index[4], id: t.index[5],
	}
}

// parse reads a row that has as many cells as the header; ok is false when a
// cell was at fault.
func (r *transferReader) parse(cells [][]byte, fault faultFunc) (x transfer, from, to int32, ok bool) {
	ok = true
	from, ok = r.party("from", cells[r.from], fault, ok)
	to, ok = r.party("to", cells[r.to], fault, ok)
	if from >= 0 {
		x.from = r.c.parties[from].id
	}
	if to >= 0 {
		x.to = r.c.parties[to].id
	}
	var good bool
	if x.amount, good = fastMoney(cells[r.amount]); !good {
		m, err := graph.ParseMoney(string(cells[r.amount]))
		if err != nil {
			code, problem := moneyProblem(string(cells[r.amount]))
			fault("amount", string(cells[r.amount]), code, problem, "")
			ok = false
		}
		x.amount = m
	}
	if x.at, good = r.clock.parse(cells[r.timestamp]); !good {
		text := string(cells[r.timestamp])
		d, err := graph.ParseTimestamp(text)
		if err != nil {
			fault("timestamp", text, DateMalformed, "is not a time", "want YYYY-MM, YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ, or seconds or milliseconds since 1970")
			ok = false
		}
		x.at = d
	}
	x.kind = graph.Transfer
	if r.kind >= 0 {
		if x.kind, good = r.kinds[string(cells[r.kind])]; !good {
			f, _ := graph.FieldNamed(graph.FlowRecord, "kind")
			fault("kind", string(cells[r.kind]), ValueNotAllowed, "is not allowed", "want one of "+strings.Join(f.Allowed, ", "))
			ok = false
		}
	}
	if r.id >= 0 && len(cells[r.id]) > 0 {
		x.id = string(cells[r.id])
		if problem := idProblem(x.id); problem != "" {
			fault("id", x.id, IDMalformed, problem, "")
			ok = false
		}
	}
	return x, from, to, ok
}

func (r *transferReader) party(column string, cell []byte, fault faultFunc, ok bool) (int32, bool) {
	if i, known := r.c.partyAt[string(cell)]; known {
		return i, ok
	}
	if len(cell) == 0 {
		fault(column, "", ValueMissing, "the cell is empty", "")
		return -1, false
	}
	id := string(cell)
	if problem := idProblem(id); problem != "" {
		fault(column, id, IDMalformed, problem, "")
		return -1, false
	}
	return r.c.newParty(id), ok
}

// readTransfers is the first reading of a transfer list.
func (c *checker) readTransfers(ctx context.Context, t *table, rank int) error {
	at := place{file: int32(rank)}
	fault := func(column, value string, code Code, problem, want string) {
		at.row = int32(min(t.line(), math.MaxInt32))
		c.fault(at, "", column, value, code, problem, want)
	}
	r := c.transferReader(t)
	c.transfers.nextFile()
	count := c.count(graph.FlowRecord)
	for {
		cells, err := t.next(ctx, fault)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		c.rows++
		count.Rows++
		if c.rows&0x3fff == 0 {
			c.progress(t.file.name, false)
		}
		if !t.fit(cells, fault) {
			continue
		}
		x, from, to, ok := r.parse(cells, fault)
		if from >= 0 {
			c.parties[from].state |= named
		}
		if to >= 0 {
			c.parties[to].state |= named
		}
		if ok {
			at.row = int32(min(t.line(), math.MaxInt32))
			c.addTransfer(&x, from, to, at)
		}
	}
}

// addTransfer notes a row for the rules across records.
func (c *checker) addTransfer(x *transfer, from, to int32, at place) {
	if x.id == "" {
		n, isNew := c.transfers.next(x)
		if !isNew {
			c.warnings.add(RepeatedTransfer, transferID(n))
			c.count(graph.FlowRecord).Rows--
			return
		}
		if c.transfers.given.has(n) {
			c.fault(at, "", "", transferID(n), IDTwice, "is the id of this row and of an earlier flow of the import", "")
		}
		if len(c.outcomes) > 0 {
			x.id = transferID(n)
		}
	} else {
		if !c.ids.add(graph.FlowRecord, x.id) || c.transfers.clashes(x.id) {
			c.fault(at, "flow/"+x.id, "id", x.id, IDTwice, "is the id of an earlier flow of the import", "")
		}
	}
	if len(c.outcomes) > 0 && len(c.outcomes[x.id]) > 0 {
		f := x.flow()
		given := *f
		c.complete(f)
		c.states(f, &given, at)
	}
	if from == to || !x.amount.Known() || !x.at.Known() || x.kind != graph.Transfer {
		c.unusualTransfer(x, from, to, at)
	}
}

func (c *checker) unusualTransfer(x *transfer, from, to int32, at place) {
	name := x.id
	if name == "" {
		name = fmt.Sprintf("%s:%d", c.fileNames[at.file], at.row)
	}
	if from == to {
		switch {
		case x.kind == graph.Transfer:
			c.warnings.add(SelfTransfer, name)
		case x.kind.Class() != graph.Supplies:
			c.fault(at, "", "to", x.to, SelfLeg, "is also the company that the leg comes from", "")
		}
	}
	if !x.amount.Known() {
		c.warnings.add(NoAmount, name)
	}
	if !x.at.Known() {
		c.warnings.add(UndatedLeg, name)
	}
	if pickyKind(x.kind) {
		leg := payeeLeg{x.kind, from, to}
		if !c.payeeSeen[leg] {
			c.payeeSeen[leg] = true
			c.payees = append(c.payees, flowInfo{id: x.id, from: from, to: to, kind: x.kind, at: at})
		}
	}
}

// pickyKind tells whether a rule asks something of the parties of such a leg.
func pickyKind(k graph.FlowKind) bool {
	return k == graph.ChipPurchase || k == graph.WarrantGrant || k == graph.EquityGrant
}

// flow is the row as a leg, before defaults.
func (x *transfer) flow() *graph.Flow {
	return &graph.Flow{ID: x.id, From: x.from, To: x.to, Kind: x.kind, Amount: x.amount, Announced: x.at}
}

// yieldTransfers is the second reading of a transfer list. Legs are made in
// blocks, because making each by itself takes longer than reading it.
func (c *checker) yieldTransfers(t *table, fault faultFunc, yield func(graph.Record, error) bool) (bool, error) {
	const block = 64
	r := c.transferReader(t)
	c.transfers.nextFile()
	var legs []graph.Flow
	var names idText
	for {
		cells, err := t.next(context.Background(), fault)
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if !t.fit(cells, fault) {
			return false, nil
		}
		x, _, _, ok := r.parse(cells, fault)
		if !ok {
			return false, nil
		}
		if x.id == "" {
			n, isNew := c.transfers.next(&x)
			if !isNew {
				continue
			}
			x.id = names.of(n)
		}
		if len(legs) == 0 {
			legs = make([]graph.Flow, block)
		}
		f := &legs[0]
		legs = legs[1:]
		f.ID, f.From, f.To, f.Kind, f.Amount, f.Announced = x.id, x.from, x.to, x.kind, x.amount, x.at
		c.complete(f)
		if !yield(f, nil) {
			return false, nil
		}
	}
}
