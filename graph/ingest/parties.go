package ingest

import "hash/maphash"

// recordState tells where a company or a deal is known from.
type recordState uint8

const (
	named   recordState = 1 << iota // a leg of the batch names it
	inBatch                         // the batch has a record of it
	kept                            // the store has it and the batch does not delete it
)

// party is a company, known or named in legs only.
type party struct {
	id   string
	info *companyInfo // nil where nothing but the id is known
}

type companyInfo struct {
	kind   string
	parent string
	at     place
}

// partyHash stands for an id; 96 bits are enough never to take one for another.
type partyHash struct {
	high uint64
	low  uint32
}

// partyTable numbers companies from 0 in the order in which they come. Looking
// one up touches one slot and not the id itself, which is what the time of a
// long transfer list goes into.
type partyTable struct {
	seeds [2]maphash.Seed
	slots []partySlot
	list  []party
	state []recordState // by number
}

type partySlot struct {
	partyHash
	number int32 // from 1; 0 is an empty slot
}

func newPartyTable() *partyTable {
	return &partyTable{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, slots: make([]partySlot, 1<<8)}
}

func (t *partyTable) hash(id []byte) partyHash {
	return partyHash{maphash.Bytes(t.seeds[0], id), uint32(maphash.Bytes(t.seeds[1], id))}
}

// find is the number of the party with that hash, -1 when there is none.
func (t *partyTable) find(h partyHash) int32 {
	mask := len(t.slots) - 1
	for i := int(h.high) & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; s.number == 0 || s.partyHash == h {
			return s.number - 1
		}
	}
}

// named is the number of the party with that id, -1 when there is none.
func (t *partyTable) named(id string) int32 { return t.find(t.hash([]byte(id))) }

// add is the number of the party with that id, which may be new.
func (t *partyTable) add(id string) int32 {
	h := t.hash([]byte(id))
	if i := t.find(h); i >= 0 {
		return i
	}
	t.list = append(t.list, party{id: id})
	t.state = append(t.state, 0)
	if 3*len(t.list) > 2*len(t.slots) {
		old := t.slots
		t.slots = make([]partySlot, 2*len(old))
		for _, s := range old {
			if s.number != 0 {
				t.place(s)
			}
		}
	}
	t.place(partySlot{h, int32(len(t.list))})
	return int32(len(t.list)) - 1
}

func (t *partyTable) place(s partySlot) {
	mask := len(t.slots) - 1
	i := int(s.high) & mask
	for t.slots[i].number != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = s
}
