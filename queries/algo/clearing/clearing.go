// Package clearing finds what the members of a network of debts can pay each
// other: the greatest clearing vector.
//
// Each member pays its debts in full where its own means and what it receives
// suffice, and else everything it has, in proportion to its debts. L. Eisenberg
// and T. H. Noe, "Systemic Risk in Financial Systems", Management Science 47
// (2001), show that there is a greatest vector of such payments and that their
// fictitious default algorithm, which is used here, ends at it: suppose that all
// pay in full, see who cannot, solve for what those pay, see who cannot then, and
// so on.
package clearing

import (
	"context"
	"fmt"
	"math/big"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/scc"
	"roundtrip/queries/algo/wide"
)

// Debt is what one member owes another, 0 or more. Parallel debts add up.
type Debt struct {
	Debtor, Creditor int32
	Amount           int64
}

// Cut leaves of all that a member has and receives the part Num/Den, from 0 to 1.
type Cut struct {
	Member   int32
	Num, Den int64
}

// System is a network of debts between the members 0 to len(External)-1. It is
// immutable once made.
type System struct {
	external []int64
	owed     []int64
	due      []int64 // what a member receives when all pay in full
	debts    []Debt
	out      *csr.Graph // debts by debtor
	in       *csr.Graph // debts by creditor
}

// New is the system of these debts. External are the means that a member has
// beside what it receives, 0 or more. A member outside, a negative amount, and
// debts or claims of a member that add up to 2^63 or more are errors.
func New(external []int64, debts []Debt) (*System, error) {
	n := len(external)
	for v, e := range external {
		if e < 0 {
			return nil, fmt.Errorf("clearing: member %d has %d from outside, allowed are 0 and more", v, e)
		}
	}
	s := &System{external: external, owed: make([]int64, n), due: make([]int64, n), debts: debts}
	arcs, back := make([]csr.Arc, len(debts)), make([]csr.Arc, len(debts))
	for i, d := range debts {
		arcs[i], back[i] = csr.Arc{Tail: d.Debtor, Head: d.Creditor}, csr.Arc{Tail: d.Creditor, Head: d.Debtor}
	}
	var err error
	if s.out, err = csr.Build(n, arcs); err != nil {
		return nil, fmt.Errorf("clearing: %w", err)
	}
	if s.in, err = csr.Build(n, back); err != nil {
		return nil, fmt.Errorf("clearing: %w", err)
	}
	for i, d := range debts {
		if d.Amount < 0 {
			return nil, fmt.Errorf("clearing: debt %d is %d, allowed are 0 and more", i, d.Amount)
		}
		s.owed[d.Debtor] += d.Amount
		s.due[d.Creditor] += d.Amount
		if s.owed[d.Debtor] < 0 || s.due[d.Creditor] < 0 {
			return nil, fmt.Errorf("clearing: the debts of member %d or the claims of member %d add up to more than 2^63-1", d.Debtor, d.Creditor)
		}
	}
	return s, nil
}

// Vector is a clearing vector.
type Vector struct {
	// Part is, by member, the part of its debts that it pays, from 0 to 1; it is
	// 1 where it owes nothing. The numbers are not to be changed.
	Part []*big.Rat
	// Defaults is the number of members that pay less than they owe.
	Defaults int
	// Waves is the number of times that members were found who cannot pay once
	// those before them do not.
	Waves int
	// Exact tells that every part is an exact fraction. It is false where more
	// than MaxExact members in default owe each other, directly or in turn, whose
	// parts then are floating-point numbers, and where fractions became longer
	// than MaxBits, which are then cut to 2^-128.
	Exact bool
}

// MaxExact is how many members in default that owe each other in turn are solved
// for exactly; MaxBits is the length that denominators may have.
const (
	MaxExact = 40
	MaxBits  = 4096
)

// Greatest is the greatest clearing vector when the cuts, at most one for a
// member, are made. A cut outside 0 to 1 or of an unknown member, and the end of
// the context, are errors.
func (s *System) Greatest(ctx context.Context, cuts ...Cut) (Vector, error) {
	r := &run{System: s, cut: map[int32]Cut{}, part: make([]*big.Rat, len(s.owed)), one: big.NewRat(1, 1), exact: true}
	for _, c := range cuts {
		if c.Member < 0 || int(c.Member) >= len(s.owed) || c.Den <= 0 || c.Num < 0 || c.Num > c.Den {
			return Vector{}, fmt.Errorf("clearing: cut of member %d to %d/%d, allowed are 0 to 1 and members 0 to %d", c.Member, c.Num, c.Den, len(s.owed)-1)
		}
		r.cut[c.Member] = c
	}
	for v := range r.part {
		r.part[v] = r.one
	}
	waves := 0
	for {
		fallen := r.fallen()
		if len(fallen) == 0 {
			break
		}
		waves++
		r.defaults = append(r.defaults, fallen...)
		if err := r.solve(ctx); err != nil {
			return Vector{}, err
		}
	}
	return Vector{Part: r.part, Defaults: len(r.defaults), Waves: waves, Exact: r.exact}, nil
}

// Received is, by member, the sum of what its debtors pay it; exact to the last
// digit of the parts.
func (s *System) Received(v Vector) []*big.Rat {
	got := make([]*big.Rat, len(s.due))
	for m := range got {
		got[m] = new(big.Rat).SetInt64(s.due[m])
		got[m].Sub(got[m], s.missing(v.Part, int32(m)))
	}
	return got
}

// Owed is the sum of the debts of each member. It is not to be changed.
func (s *System) Owed() []int64 { return s.owed }

// missing is what a member does not get of what it is due.
func (s *System) missing(part []*big.Rat, member int32) *big.Rat {
	sum, term := new(big.Rat), new(big.Rat)
	row := s.in.Out(member)
	for k, debtor := range row.Heads {
		y := part[debtor]
		if y.IsInt() && y.Sign() > 0 { // a whole part is 0 or 1
			continue
		}
		term.Sub(term.SetInt64(1), y)
		sum.Add(sum, term.Mul(term, new(big.Rat).SetInt64(s.debts[row.IDs[k]].Amount)))
	}
	return sum
}

// run is one search for the greatest vector.
type run struct {
	*System
	cut      map[int32]Cut
	part     []*big.Rat
	one      *big.Rat
	defaults []int32 // in the order in which they were found
	local    map[int32]int32
	exact    bool
}

// fallen are the members, ascending, that pay in full so far and cannot.
func (r *run) fallen() []int32 {
	var list []int32
	if r.defaults == nil {
		for v := range int32(len(r.owed)) {
			if r.cannot(v, nil) {
				list = append(list, v)
			}
		}
		return list
	}
	hit := make([]bool, len(r.owed))
	for _, d := range r.defaults {
		for _, creditor := range r.out.Out(d).Heads {
			hit[creditor] = true
		}
	}
	for _, d := range r.defaults {
		hit[d] = false
	}
	for v := range int32(len(hit)) {
		if hit[v] && r.cannot(v, r.missing(r.part, v)) {
			list = append(list, v)
		}
	}
	return list
}

// cannot tells whether a member has less than it owes when so much of its claims
// is missing; nil is nothing.
func (r *run) cannot(v int32, missing *big.Rat) bool {
	if r.owed[v] == 0 {
		return false
	}
	c, cut := r.cut[v]
	if missing == nil && !cut {
		var has wide.Int
		return has.Plus(r.external[v]).Plus(r.due[v]).Compare(wide.Int{}.Plus(r.owed[v])) < 0
	}
	has := new(big.Rat).SetInt64(r.external[v])
	has.Add(has, new(big.Rat).SetInt64(r.due[v]))
	if missing != nil {
		has.Sub(has, missing)
	}
	if cut {
		has.Mul(has, big.NewRat(c.Num, c.Den))
	}
	return has.Cmp(new(big.Rat).SetInt64(r.owed[v])) < 0
}

// solve finds what the members in default pay when all others pay in full. Those
// who owe each other in turn are solved for together, debtors before creditors.
//
// The equations have one solution. They would not if a set of members in default
// owed nothing to anybody outside it; but such a set receives together all that
// it pays, so not all of it can be short.
func (r *run) solve(ctx context.Context) error {
	r.local = make(map[int32]int32, len(r.defaults))
	for i, v := range r.defaults {
		r.local[v] = int32(i)
	}
	var arcs []csr.Arc
	for i, v := range r.defaults {
		row := r.out.Out(v)
		for k, creditor := range row.Heads {
			if to, ok := r.local[creditor]; ok && r.debts[row.IDs[k]].Amount > 0 {
				arcs = append(arcs, csr.Arc{Tail: int32(i), Head: to})
			}
		}
	}
	g, err := csr.Build(len(r.defaults), arcs)
	if err != nil {
		return fmt.Errorf("clearing: %w", err)
	}
	component, count := scc.Components(g)
	knots := make([][]int32, count)
	for i, k := range component {
		knots[k] = append(knots[k], r.defaults[i])
	}
	for k := count - 1; k >= 0; k-- { // arcs go from higher numbers to lower
		if err := ctx.Err(); err != nil {
			return err
		}
		r.knot(ctx, knots[k])
	}
	return ctx.Err()
}
