package ingest

import (
	"context"
	"fmt"

	"roundtrip/graph"
)

// readTransfers is the first reading of a transfer list.
func (c *checker) readTransfers(ctx context.Context, t *table, rank int) error {
	at := place{file: int32(rank)}
	c.transfers.nextFile()
	err := newTransferReader(t, c.parties).blocks(ctx, func(b *transferBlock) bool {
		for _, f := range b.faults {
			c.fault(place{file: at.file, row: f.line}, "", f.column, f.value, f.code, f.problem, f.want)
		}
		from, to := c.resolve(b)
		c.transfers.number(b)
		for i := range b.rows {
			if x := &b.rows[i]; x.whole {
				at.row = x.line
				c.addTransfer(x, from[i], to[i], c.transfers.fate[i], at)
			}
		}
		before := c.rows
		c.rows += len(b.rows)
		c.count(graph.FlowRecord).Rows += len(b.rows)
		c.progress(t.file.name, before>>14 != c.rows>>14)
		return ctx.Err() == nil
	})
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// resolve numbers the companies of a block, new ones included.
func (c *checker) resolve(b *transferBlock) (from, to []int32) {
	n := len(b.rows)
	if cap(c.ends) < 2*n {
		c.ends = make([]int32, 2*n)
	}
	from, to = c.ends[:n], c.ends[n:2*n]
	for i := range b.rows {
		from[i] = c.parties.find(b.rows[i].payer)
		to[i] = c.parties.find(b.rows[i].payee)
	}
	for i := range b.rows {
		x := &b.rows[i]
		if from[i] < 0 && x.from.to > 0 {
			from[i] = c.parties.add(b.string(x.from))
		}
		if to[i] < 0 && x.to.to > 0 {
			to[i] = c.parties.add(b.string(x.to))
		}
		if from[i] >= 0 {
			c.parties.state[from[i]] |= named
		}
		if to[i] >= 0 {
			c.parties.state[to[i]] |= named
		}
	}
	return from, to
}

func (b *transferBlock) string(s span) string { return string(b.text[s.from:s.to]) }

// addTransfer notes a row for the rules across records.
func (c *checker) addTransfer(x *transferRow, from, to int32, f fate, at place) {
	id := x.given
	switch {
	case id != "":
		if !c.ids.add(graph.FlowRecord, id) || c.transfers.clashes(id) {
			c.fault(at, "flow/"+id, "id", id, IDTwice, "is the id of an earlier flow of the import", "")
		}
	case f == repeated:
		c.warnings.add(RepeatedTransfer, transferID(x.number))
		c.count(graph.FlowRecord).Rows--
		return
	case c.transfers.given.has(x.number):
		c.fault(at, "", "", transferID(x.number), IDTwice, "is the id of this row and of an earlier flow of the import", "")
	}
	if len(c.outcomes) > 0 {
		leg := c.leg(x, from, to)
		if leg.ID = id; id == "" {
			leg.ID = transferID(x.number)
		}
		if len(c.outcomes[leg.ID]) > 0 {
			given := *leg
			c.complete(leg)
			c.states(leg, &given, at)
		}
	}
	if from == to || !x.amount.Known() || !x.at.Known() || x.kind != graph.Transfer {
		c.unusualTransfer(x, from, to, at)
	}
}

func (c *checker) unusualTransfer(x *transferRow, from, to int32, at place) {
	name := x.given
	if name == "" {
		name = fmt.Sprintf("%s:%d", c.fileNames[at.file], at.row)
	}
	if from == to {
		switch {
		case x.kind == graph.Transfer:
			c.warnings.add(SelfTransfer, name)
		case x.kind.Class() != graph.Supplies:
			c.fault(at, "", "to", c.partyID(to), SelfLeg, "is also the company that the leg comes from", "")
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
			c.payees = append(c.payees, flowInfo{id: x.given, from: from, to: to, kind: x.kind, at: at})
		}
	}
}

// pickyKind tells whether a rule asks something of the parties of such a leg.
func pickyKind(k graph.FlowKind) bool {
	return k == graph.ChipPurchase || k == graph.WarrantGrant || k == graph.EquityGrant
}

// leg is a row as a leg, before defaults and without an id.
func (c *checker) leg(x *transferRow, from, to int32) *graph.Flow {
	return &graph.Flow{From: c.partyID(from), To: c.partyID(to), Kind: x.kind, Amount: x.amount, Announced: x.at}
}

// yieldTransfers is the second reading of a transfer list; false when it was
// not read to its end.
func (c *checker) yieldTransfers(t *table, fault faultFunc, yield func(graph.Record, error) bool) (more bool, err error) {
	const together = 32 // legs made in one piece of memory
	c.transfers.nextFile()
	more = true
	var legs []graph.Flow
	var text []byte
	err = newTransferReader(t, c.parties).blocks(context.Background(), func(b *transferBlock) bool {
		for _, f := range b.faults {
			fault(f.column, f.value, f.code, f.problem, f.want)
			more = false
			return false
		}
		from, to := c.resolve(b)
		c.transfers.number(b)
		text = text[:0]
		for i := range b.rows {
			text = appendTransferID(text, b.rows[i].number)
		}
		ids := string(text)
		for i := range b.rows {
			x := &b.rows[i]
			id := x.given
			if id == "" {
				if c.transfers.fate[i] == repeated {
					continue
				}
				id = ids[i*transferIDLen : (i+1)*transferIDLen]
			}
			if len(legs) == 0 {
				legs = make([]graph.Flow, together)
			}
			f := &legs[0]
			legs = legs[1:]
			f.ID, f.From, f.To, f.Kind, f.Amount, f.Announced = id, c.partyID(from[i]), c.partyID(to[i]), x.kind, x.amount, x.at
			c.complete(f)
			if !yield(f, nil) {
				more = false
				return false
			}
		}
		return true
	})
	return more, err
}
