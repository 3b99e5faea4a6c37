package circulation_test

import (
	"math/rand/v2"

	"roundtrip/queries/algo/circulation"
)

// everything is what an enumeration of all circulations in whole numbers tells.
type everything struct {
	best   int64
	ranges []circulation.Range // over those of the best sum
}

// enumerate tries every amount on every arc. A range over all circulations has
// its ends at circulations in whole numbers, as the capacities are whole.
func enumerate(n int, arcs []circulation.Arc) everything {
	all := everything{best: -1}
	c := make([]int64, len(arcs))
	keeps := make([]int64, n)
	var try func(i int, sum int64)
	try = func(i int, sum int64) {
		if i == len(arcs) {
			for _, k := range keeps {
				if k != 0 {
					return
				}
			}
			all.meet(n, arcs, c, sum)
			return
		}
		a := arcs[i]
		for x := int64(0); x <= a.Cap; x++ {
			c[i] = x
			keeps[a.Head] += x
			keeps[a.Tail] -= x
			try(i+1, sum+x)
			keeps[a.Head] -= x
			keeps[a.Tail] += x
		}
	}
	try(0, 0)
	return all
}

func (all *everything) meet(n int, arcs []circulation.Arc, c []int64, sum int64) {
	if sum < all.best {
		return
	}
	through := make([]int64, n)
	for i, a := range arcs {
		through[a.Head] += c[i]
	}
	if sum > all.best {
		all.best, all.ranges = sum, make([]circulation.Range, n)
		for v, t := range through {
			all.ranges[v] = circulation.Range{Min: t, Max: t}
		}
		return
	}
	for v, t := range through {
		r := &all.ranges[v]
		r.Min, r.Max = min(r.Min, t), max(r.Max, t)
	}
}

// cancelCycles is a second algorithm, that of M. Klein, "A primal method for
// minimal cost flows", Management Science 14 (1967): from the empty circulation,
// follow improving cycles of the residual graph, found by Bellman and Ford's
// labels, until there is none.
func cancelCycles(n int, arcs []circulation.Arc) []int64 {
	c := make([]int64, len(arcs))
	type step struct {
		arc  int
		back bool
	}
	for {
		cost := make([]int64, n) // of the cheapest walk that ends here, from anywhere
		came := make([]step, n)
		relaxed := -1
		relax := func(from, to int32, price int64, s step) {
			if cost[from]+price < cost[to] {
				cost[to], came[to], relaxed = cost[from]+price, s, int(to)
			}
		}
		for range n {
			relaxed = -1
			for i, a := range arcs {
				if c[i] < a.Cap {
					relax(a.Tail, a.Head, -1, step{i, false})
				}
				if c[i] > 0 {
					relax(a.Head, a.Tail, 1, step{i, true})
				}
			}
			if relaxed < 0 {
				return c
			}
		}
		before := func(v int) int {
			s := came[v]
			if s.back {
				return int(arcs[s.arc].Head)
			}
			return int(arcs[s.arc].Tail)
		}
		at := relaxed
		for range n {
			at = before(at) // now surely on a cycle
		}
		room := func(s step) int64 {
			if s.back {
				return c[s.arc]
			}
			return arcs[s.arc].Cap - c[s.arc]
		}
		amount := room(came[at])
		for v := before(at); v != at; v = before(v) {
			amount = min(amount, room(came[v]))
		}
		for v, first := at, true; first || v != at; v, first = before(v), false {
			if s := came[v]; s.back {
				c[s.arc] -= amount
			} else {
				c[s.arc] += amount
			}
		}
	}
}

func sum(list []int64) (s int64) {
	for _, x := range list {
		s += x
	}
	return s
}

// random is a graph with parallel arcs, self loops and arcs of capacity 0; on
// every second one a few vertices take part in most arcs.
func random(r *rand.Rand, n, m int, most int64) []circulation.Arc {
	skewed := r.IntN(2) == 0
	end := func() int32 {
		if skewed {
			return int32(min(r.IntN(n), r.IntN(n)))
		}
		return int32(r.IntN(n))
	}
	arcs := make([]circulation.Arc, m)
	for i := range arcs {
		arcs[i] = circulation.Arc{Tail: end(), Head: end(), Cap: r.Int64N(most + 1)}
		if r.IntN(8) > 0 && arcs[i].Tail == arcs[i].Head {
			arcs[i].Head = int32((int(arcs[i].Tail) + 1) % n)
		}
	}
	return arcs
}
