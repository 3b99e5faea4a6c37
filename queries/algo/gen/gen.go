// Package gen makes random directed graphs for tests and benchmarks. The same
// arguments give the same graph with every version of Go.
package gen

import (
	"math"
	"sort"

	"roundtrip/queries/algo/csr"
)

// source is the splitmix64 generator of Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators" (2014).
type source uint64

func (s *source) next() uint64 {
	*s += 0x9E3779B97F4A7C15
	z := uint64(*s)
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB
	return z ^ (z >> 31)
}

func (s *source) below(n int) int { return int(s.next() % uint64(n)) }

func (s *source) unit() float64 { return float64(s.next()>>11) / (1 << 53) }

// Uniform returns m arcs between n vertices (at least 2), both ends drawn
// uniformly, without self loops, with labels 0 to labels-1. Parallel arcs occur.
func Uniform(n, m, labels int, seed uint64) []csr.Arc {
	s := source(seed)
	return draw(&s, m, labels, func() int32 { return int32(s.below(n)) })
}

// PowerLaw returns m arcs between n vertices (at least 2) after Chung and Lu,
// "Connected components in random graphs with given expected degree sequences"
// (2002): both ends are drawn with weights (i+10)^(-1/(exponent-1)), so that
// degrees follow a power law with that exponent. Vertex numbers carry no degree
// information. No self loops; labels 0 to labels-1; parallel arcs occur.
func PowerLaw(n, m, labels int, exponent float64, seed uint64) []csr.Arc {
	s := source(seed)
	shuffled := make([]int32, n)
	for i := range shuffled {
		shuffled[i] = int32(i)
	}
	for i := n - 1; i > 0; i-- {
		j := s.below(i + 1)
		shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
	}
	upTo := make([]float64, n)
	sum := 0.0
	for i := range upTo {
		sum += math.Pow(float64(i+10), -1/(exponent-1))
		upTo[i] = sum
	}
	return draw(&s, m, labels, func() int32 {
		x := s.unit() * sum
		i := sort.Search(n-1, func(i int) bool { return upTo[i] > x })
		return shuffled[i]
	})
}

func draw(s *source, m, labels int, end func() int32) []csr.Arc {
	arcs := make([]csr.Arc, 0, m)
	for len(arcs) < m {
		a := csr.Arc{Tail: end(), Head: end()}
		if a.Tail == a.Head {
			continue
		}
		a.Label = uint8(s.below(labels))
		arcs = append(arcs, a)
	}
	return arcs
}

// Times returns m times drawn uniformly from 0 to span-1.
func Times(m int, span int64, seed uint64) []int64 {
	s := source(seed)
	times := make([]int64, m)
	for i := range times {
		times[i] = int64(s.next() % uint64(span))
	}
	return times
}
