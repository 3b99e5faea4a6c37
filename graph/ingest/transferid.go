package ingest

import (
	"crypto/sha256"
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
	text    []byte
	day     dayText
}

func (s *transferIDs) nextFile() {
	if s.files > 0 {
		s.all.merge(&s.file)
		s.file = u64set{}
	}
	s.files++
	s.repeats = map[uint64]int{}
}

func (s *transferIDs) reset() {
	s.file.clear()
	s.all = u64set{}
	s.files = 0
}

// next is the id of the next row of the file, as a number; isNew is false when
// another file of the import has the same row.
func (s *transferIDs) next(x *transfer) (id uint64, isNew bool) {
	s.text = append(s.text[:0], x.from...)
	s.text = append(s.text, '|')
	s.text = append(s.text, x.to...)
	s.text = append(s.text, '|')
	s.text = appendMoney(s.text, x.amount)
	s.text = append(s.text, '|')
	s.text = s.day.appendDate(s.text, x.at)
	s.text = append(s.text, '|')
	s.text = append(s.text, x.kind...)
	s.text = append(s.text, '|')
	id = s.numbered(1)
	if !s.file.add(id) {
		first := id
		n := max(s.repeats[first], 1)
		for {
			n++
			if id = s.numbered(n); s.file.add(id) {
				break
			}
		}
		s.repeats[first] = n
	}
	return id, s.all.used == 0 || !s.all.has(id)
}

func (s *transferIDs) numbered(n int) uint64 {
	text := s.text
	if n == 1 {
		text = append(text, '1')
	} else {
		text = strconv.AppendInt(text, int64(n), 10)
	}
	s.text = text[:len(s.text)]
	sum := sha256.Sum256(text)
	return max(binary.BigEndian.Uint64(sum[:8]), 1) // 0 stands for an empty slot
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

func transferID(n uint64) string {
	var b [18]byte
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

// idText makes the texts of ids, many in one piece of memory.
type idText struct{ rest string }

func (t *idText) of(n uint64) string {
	_ = n
	return transferID(n)
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
	if 4*s.used >= 3*len(s.slots) {
		old := s.slots
		s.slots = make([]uint64, max(1<<10, 2*len(old)))
		for _, x := range old {
			if x != 0 {
				s.slots[s.find(x)] = x
			}
		}
	}
	i := s.find(n)
	if s.slots[i] == n {
		return false
	}
	s.slots[i] = n
	s.used++
	return true
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
