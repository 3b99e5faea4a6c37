package ingest

import (
	"hash/maphash"

	"roundtrip/graph"
)

// idSet remembers keys by 128 bits of hash each, so that a hundred million ids
// take a few gigabytes at most and two different ids are never taken for one.
type idSet struct {
	seeds [2]maphash.Seed
	slots [][2]uint64 // zero is empty
	used  int
}

func newIDSet() *idSet {
	return &idSet{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, slots: make([][2]uint64, 1<<10)}
}

func (s *idSet) hash(k graph.RecordKind, id string) [2]uint64 {
	h := [2]uint64{maphash.String(s.seeds[0], id), maphash.String(s.seeds[1], id) + uint64(k)}
	if h == [2]uint64{} {
		h[0] = 1
	}
	return h
}

// find is the slot of h, or the empty one where it belongs.
func (s *idSet) find(h [2]uint64) int {
	mask := len(s.slots) - 1
	i := int(h[0]>>1) & mask
	for s.slots[i] != h && s.slots[i] != [2]uint64{} {
		i = (i + 1) & mask
	}
	return i
}

func (s *idSet) has(k graph.RecordKind, id string) bool {
	return s.slots[s.find(s.hash(k, id))] != [2]uint64{}
}

// add tells whether the key is new.
func (s *idSet) add(k graph.RecordKind, id string) bool {
	h := s.hash(k, id)
	i := s.find(h)
	if s.slots[i] == h {
		return false
	}
	s.slots[i] = h
	s.used++
	if s.used*4 > len(s.slots)*3 {
		old := s.slots
		s.slots = make([][2]uint64, 2*len(old))
		for _, x := range old {
			if x != [2]uint64{} {
				s.slots[s.find(x)] = x
			}
		}
	}
	return true
}
