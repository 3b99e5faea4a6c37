// Package absorbing answers where a random walk ends: with what probability a
// walker who moves along weighted arcs, and leaves for good now and then, ever
// meets a vertex, or meets it within some steps. These are the absorption
// probabilities of a finite Markov chain: J. G. Kemeny and J. L. Snell, "Finite
// Markov Chains" (1960), chapter III.
package absorbing

import (
	"fmt"
	"math"
	"slices"
)

// Arc lets a walker at Tail move to Head, with a probability in proportion to
// Weight, which is not negative. Parallel arcs add up; an arc of weight zero is
// none; a self loop is a step that stays.
type Arc struct {
	Tail, Head int32
	Weight     int64
}

// Chain is a walk on the vertices 0 to N-1: at each step the walker moves along
// an arc or leaves, in proportion to the weights. At a vertex from which nothing
// leads, and with nothing to leave with, it stays.
type Chain struct {
	n     int
	rows  [][]entry // by vertex, in order of head, each head once, weights above zero
	leave []float64
	total []float64 // by vertex: sum of its row and of leave
}

// entry is a weight or a factor at a vertex.
type entry struct {
	at     int32
	weight float64
}

// New is the chain on the vertices 0 to n-1. leave is by vertex the weight with
// which the walker leaves, nil for nowhere. It is an error when an arc lies
// outside, when a weight is negative, or when leave has another length than n.
func New(n int, arcs []Arc, leave []int64) (*Chain, error) {
	if n < 0 || n >= math.MaxInt32 {
		return nil, fmt.Errorf("absorbing: number of vertices is %d, allowed is 0 to %d", n, math.MaxInt32-1)
	}
	if leave != nil && len(leave) != n {
		return nil, fmt.Errorf("absorbing: weights of leaving are %d, want one for each of %d vertices", len(leave), n)
	}
	c := &Chain{n: n, rows: make([][]entry, n), leave: make([]float64, n), total: make([]float64, n)}
	for i, a := range arcs {
		if a.Tail < 0 || a.Head < 0 || int(a.Tail) >= n || int(a.Head) >= n {
			return nil, fmt.Errorf("absorbing: arc %d leads from %d to %d, allowed are 0 to %d", i, a.Tail, a.Head, n-1)
		}
		if a.Weight < 0 {
			return nil, fmt.Errorf("absorbing: weight of arc %d is %d, which is negative", i, a.Weight)
		}
		if a.Weight > 0 {
			c.rows[a.Tail] = append(c.rows[a.Tail], entry{a.Head, float64(a.Weight)})
		}
	}
	for v := range c.rows {
		if leave != nil {
			if leave[v] < 0 {
				return nil, fmt.Errorf("absorbing: weight of leaving %d is %d, which is negative", v, leave[v])
			}
			c.leave[v] = float64(leave[v])
		}
		c.rows[v] = merged(c.rows[v])
		c.total[v] = c.leave[v]
		for _, e := range c.rows[v] {
			c.total[v] += e.weight
		}
	}
	return c, nil
}

// merged adds up the entries of one head and sorts them by head. Equal heads are
// added in order of weight, so that the order of the input changes nothing.
func merged(row []entry) []entry {
	slices.SortFunc(row, func(a, b entry) int {
		if a.at != b.at {
			return int(a.at) - int(b.at)
		}
		switch {
		case a.weight < b.weight:
			return -1
		case a.weight > b.weight:
			return 1
		}
		return 0
	})
	out := row[:0]
	for _, e := range row {
		if last := len(out) - 1; last >= 0 && out[last].at == e.at {
			out[last].weight += e.weight
			continue
		}
		out = append(out, e)
	}
	return out
}

// Within is by vertex the probability that a walker who starts there is at the
// target after at most that many steps; 1 at the target. It takes time in
// proportion to steps times arcs. Only sums and products of numbers that are not
// negative are formed, so each result has a relative error of a few units of
// rounding per step and arc.
func (c *Chain) Within(target int32, steps int) []float64 {
	now, next := make([]float64, c.n), make([]float64, c.n)
	now[target] = 1
	for range steps {
		for v := range next {
			if int32(v) == target {
				next[v] = 1
				continue
			}
			if c.total[v] == 0 {
				continue
			}
			sum := 0.0
			for _, e := range c.rows[v] {
				sum += float64(e.weight * now[e.at]) // rounded here on every machine: never fused
			}
			next[v] = min(1, sum/c.total[v])
		}
		now, next = next, now
	}
	return now
}

// tie is how near to a tie a number may lie to count as one.
const tie = 1e-12

// Millionths is a number that is known to 1e-12, in millionths, rounded half up:
// one nearer than that to a tie counts as the tie.
func Millionths(x float64) int64 { return int64(math.Floor((x+tie)*1e6 + 0.5)) }
