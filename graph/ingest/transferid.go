package ingest

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"

	"roundtrip/graph"
)

// transferIDs makes the ids of transfers that have none. The id is "t_" and 16
// hex digits of the SHA-256 of "from|to|amount|timestamp|kind|n", with amount
// and timestamp as the files of an export show them (dollars, UTC) and n the
// number of the occurrence among identical rows of the file. Importing a file
// twice therefore changes nothing, and rows appended to it are new.
type transferIDs struct {
	file  u64set // of the file being read
	all   u64set // of the files before it
	files int
	// repeats is the last n used, by the id of the first occurrence.
	repeats map[uint64]int
	given   u64set // explicit ids of that very form
	fate    []fate // of the rows of the block that was numbered last
	fresh   []bool
	text    []byte
}

// fate is what becomes of a row without an id of its own.
type fate uint8

const (
	taken    fate = iota
	repeated      // another file of the import has the same row
)

func (s *transferIDs) nextFile() {
	if s.files > 0 {
		s.all.merge(&s.file)
		s.file = u64set{}
	}
	s.files++
	s.repeats = map[uint64]int{}
}

func (s *transferIDs) reset() {
	if s.files > 1 {
		s.file = u64set{}
	}
	s.file.clear()
	s.all = u64set{}
	s.files = 0
}

// number gives the rows of a block their final numbers, each used once in the
// file, and their fates.
func (s *transferIDs) number(b *transferBlock) {
	n := len(b.rows)
	if cap(s.fate) < n {
		s.fate, s.fresh = make([]fate, n), make([]bool, n)
	}
	s.fate, s.fresh = s.fate[:n], s.fresh[:n]
	s.file.reserve(n)
	for i := range b.rows { // by itself, so that waiting for memory overlaps
		s.fresh[i] = b.rows[i].number == 0 || s.file.add(b.rows[i].number)
	}
	for i := range b.rows {
		x := &b.rows[i]
		s.fate[i] = taken
		if x.number == 0 {
			continue
		}
		if !s.fresh[i] {
			s.next(b, x)
		}
		if s.all.has(x.number) {
			s.fate[i] = repeated
		}
	}
}

// next numbers a row that has occurred before.
func (s *transferIDs) next(b *transferBlock, x *transferRow) {
	first := x.number
	n := max(s.repeats[first], 1)
	for {
		n++
		s.text = strconv.AppendInt(append(s.text[:0], b.text[x.key.from:x.key.to]...), int64(n), 10)
		if x.number = digestNumber(s.text); s.file.add(x.number) {
			break
		}
	}
	s.repeats[first] = n
}

// clashes notes an explicit id and tells whether a row without an id has
// already been given the same one.
func (s *transferIDs) clashes(id string) bool {
	n, ok := transferNumber(id)
	if !ok {
		return false
	}
	s.given.add(n)
	return s.file.has(n) || s.all.has(n)
}

const transferIDLen = len("t_") + 16

func transferID(n uint64) string {
	var b [transferIDLen]byte
	return string(appendTransferID(b[:0], n))
}

func appendTransferID(b []byte, n uint64) []byte {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], n)
	return hex.AppendEncode(append(b, "t_"...), raw[:])
}

func transferNumber(id string) (uint64, bool) {
	digits, ok := strings.CutPrefix(id, "t_")
	if !ok || len(digits) != 16 || strings.ToLower(digits) != digits {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 64)
	return n, err == nil
}

// u64set is a set of numbers other than zero, eight bytes a slot.
type u64set struct {
	slots []uint64
	used  int
}

func (s *u64set) find(n uint64) int {
	mask := len(s.slots) - 1
	i := int(n>>1) & mask
	for s.slots[i] != n && s.slots[i] != 0 {
		i = (i + 1) & mask
	}
	return i
}

func (s *u64set) has(n uint64) bool { return s.used > 0 && s.slots[s.find(n)] == n }

// add tells whether the number is new.
func (s *u64set) add(n uint64) bool {
	s.reserve(1)
	i := s.find(n)
	if s.slots[i] == n {
		return false
	}
	s.slots[i] = n
	s.used++
	return true
}

// reserve makes room for that many more.
func (s *u64set) reserve(n int) {
	for 4*(s.used+n) > 3*len(s.slots) {
		old := s.slots
		s.slots = make([]uint64, max(1<<10, 2*len(old)))
		for _, x := range old {
			if x != 0 {
				s.slots[s.find(x)] = x
			}
		}
	}
}

func (s *u64set) merge(o *u64set) {
	if s.used == 0 {
		*s = *o
		return
	}
	for _, x := range o.slots {
		if x != 0 {
			s.add(x)
		}
	}
}

func (s *u64set) clear() {
	clear(s.slots)
	s.used = 0
}

func appendMoney(dst []byte, m graph.Money) []byte {
	if !m.Known() {
		return dst
	}
	c := m.Cents()
	dst = strconv.AppendInt(dst, c/100, 10)
	if rest := c % 100; rest != 0 {
		dst = append(dst, '.', byte('0'+rest/10), byte('0'+rest%10))
	}
	return dst
}
