package coverage

import (
	"cmp"
	"math/big"
	"slices"

	"roundtrip/graph"
)

// book is one buyer's funding and promises, both in order, and what the rules
// make of them.
type book struct {
	buyer    string
	funding  []Leg
	promises []Leg

	fifo, proRata []int64           // by promise, 0 for unknown amounts
	shares        [][]Share         // by promise
	legs          []map[string]bool // by promise: FUNDS legs that cover it
}

// allocate fills the rules fifo and pro rata; tied came with the facts.
func (b *book) allocate() {
	n := len(b.promises)
	b.fifo, b.proRata = make([]int64, n), make([]int64, n)
	b.shares, b.legs = make([][]Share, n), make([]map[string]bool, n)
	for i := range b.promises {
		b.legs[i] = map[string]bool{}
	}
	b.creditTied()
	b.fillFifo()
	b.fillProRata()
	for i := range b.shares {
		b.orderFunders(i)
	}
}

// share is the entry of a funder of promise i, made when there is none.
func (b *book) share(i int, funder string) *Share {
	at := slices.IndexFunc(b.shares[i], func(s Share) bool { return s.Funder == funder })
	if at < 0 {
		b.shares[i] = append(b.shares[i], Share{Funder: funder, Tied: graph.USD(0), Fifo: graph.USD(0), ProRata: graph.USD(0)})
		at = len(b.shares[i]) - 1
	}
	return &b.shares[i][at]
}

// creditTied says which funders the tied cents of each promise come from: the
// legs of its payee's group, in order.
func (b *book) creditTied() {
	left := amounts(b.funding)
	for i, p := range b.promises {
		need := p.Tied.Cents()
		for j, f := range b.funding {
			if f.Head != p.Head || need == 0 {
				continue
			}
			if took := min(need, left[j]); took > 0 {
				left[j], need = left[j]-took, need-took
				s := b.share(i, f.Other)
				s.Tied = graph.USD(s.Tied.Cents() + took)
				b.legs[i][f.ID] = true
			}
		}
	}
}

// fillFifo lets funding fill promises, both in order.
func (b *book) fillFifo() {
	left := amounts(b.funding)
	j := 0
	for i, p := range b.promises {
		need := p.Amount.Cents()
		for need > 0 && j < len(left) {
			if took := min(need, left[j]); took > 0 {
				left[j], need = left[j]-took, need-took
				b.fifo[i] += took
				s := b.share(i, b.funding[j].Other)
				s.Fifo = graph.USD(s.Fifo.Cents() + took)
				b.legs[i][b.funding[j].ID] = true
			}
			if left[j] == 0 {
				j++
			}
		}
	}
}

// fillProRata gives every promise the same share of all funding, and every
// funder the same share of each promise.
func (b *book) fillProRata() {
	promised, put := amounts(b.promises), amounts(b.funding)
	b.proRata = split(min(sum(put), sum(promised)), promised)
	var funders []string
	var weights []int64
	for j, f := range b.funding {
		at := slices.Index(funders, f.Other)
		if at < 0 {
			funders, weights = append(funders, f.Other), append(weights, 0)
			at = len(funders) - 1
		}
		weights[at] += put[j]
	}
	for i, covered := range b.proRata {
		for k, cents := range split(covered, weights) {
			if cents > 0 {
				b.share(i, funders[k]).ProRata = graph.USD(cents)
			}
		}
		for j, f := range b.funding {
			if covered > 0 && put[j] > 0 {
				b.legs[i][f.ID] = true
			}
		}
	}
}

// orderFunders puts the funders of promise i in order of their first leg.
func (b *book) orderFunders(i int) {
	first := func(funder string) int {
		return slices.IndexFunc(b.funding, func(f Leg) bool { return f.Other == funder })
	}
	slices.SortFunc(b.shares[i], func(x, y Share) int { return cmp.Compare(first(x.Funder), first(y.Funder)) })
}

// amounts are the cents of legs, 0 where the amount is unknown.
func amounts(legs []Leg) []int64 {
	cents := make([]int64, len(legs))
	for i, l := range legs {
		cents[i] = l.Amount.Cents()
	}
	return cents
}

func sum(cents []int64) int64 {
	var total int64
	for _, c := range cents {
		total += c
	}
	return total
}

// split divides total in proportion to weights, in whole cents by largest
// remainder (Hamilton's method): each part is rounded down and the cents left go
// to the largest remainders, on a tie to the first.
func split(total int64, weights []int64) []int64 {
	parts := make([]int64, len(weights))
	all := big.NewInt(sum(weights))
	if all.Sign() == 0 || total == 0 {
		return parts
	}
	rest := make([]*big.Int, len(weights))
	order := make([]int, len(weights))
	left := total
	for i, w := range weights {
		q := new(big.Int).Mul(big.NewInt(total), big.NewInt(w))
		rest[i] = new(big.Int)
		q.DivMod(q, all, rest[i])
		parts[i] = q.Int64()
		left -= parts[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return rest[j].Cmp(rest[i]) })
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts
}
