package lookthrough

import (
	"context"
	"fmt"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/algo/absorbing"
	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/scc"
	"roundtrip/queries/library/outside"
)

// native follows money backwards: a walker at u steps to x in proportion to what
// u got from x. It factors the chain with outside money and the closed one once
// and then asks both for one company after the other.
func native(ctx context.Context, in queries.Scope, p Params, yield func(Fact) bool) (queries.Truncation, error) {
	v := in.View
	only := int32(-1)
	if p.Company != "" {
		vertex, err := queries.CompanyArg(v, "company", p.Company)
		if err != nil {
			return queries.Truncation{}, err
		}
		only = vertex
	}
	firms := outside.Of(v, p.Horizon)
	back := backwards(v)
	leave := make([]int64, len(firms))
	for i, f := range firms {
		leave[i] = f.Outside.Cents()
	}
	open, err := factor(ctx, len(firms), back, leave)
	if err != nil {
		return queries.Truncation{}, err
	}
	closed, err := factor(ctx, len(firms), back, nil)
	if err != nil {
		return queries.Truncation{}, err
	}
	homes, err := newHomes(v)
	if err != nil {
		return queries.Truncation{}, err
	}
	if !yield(Fact{NoRevenue: withoutRevenue(back, firms)}) {
		return queries.Truncation{}, nil
	}
	own, upper := make([]float64, len(firms)), make([]float64, len(firms))
	for a := range int32(len(firms)) {
		if only >= 0 && a != only {
			continue
		}
		f := Firm{ID: v.Companies()[a], Outside: firms[a].Outside}
		legs := []int32(nil)
		for _, e := range v.In(a) {
			edge := v.EdgeAt(int(e))
			if edge.Class != graph.Pays {
				continue
			}
			if f.Payers == nil {
				open.Hitting(a, own)
				closed.Hitting(a, upper)
			}
			f.Payers = append(f.Payers, Payer{v.Companies()[edge.Payer], edge.Amount, own[edge.Payer], upper[edge.Payer]})
			legs = append(legs, edge.Legs...)
		}
		if f.Payers == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return queries.Truncation{}, err
		}
		legs = append(legs, homes.of(a)...)
		slices.Sort(legs)
		f.Legs = v.LegIDs(slices.Compact(legs))
		if !yield(Fact{Firm: &f}) {
			break
		}
	}
	return queries.Truncation{}, ctx.Err()
}

// passes tells whether money of a class mixes with what a firm has.
func passes(c graph.Class) bool { return c == graph.Funds || c == graph.Grants || c == graph.Pays }

// backwards are arcs from payee to payer with known amounts above zero, one for
// each edge of a class that passes.
func backwards(v *snapshot.View) []absorbing.Arc {
	var arcs []absorbing.Arc
	for e := range v.NumEdges() {
		if edge := v.EdgeAt(e); passes(edge.Class) && edge.Amount.Cents() > 0 {
			arcs = append(arcs, absorbing.Arc{Tail: edge.Payee, Head: edge.Payer, Weight: edge.Amount.Cents()})
		}
	}
	return arcs
}

func factor(ctx context.Context, n int, back []absorbing.Arc, leave []int64) (*absorbing.Factored, error) {
	c, err := absorbing.New(n, back, leave)
	if err != nil {
		return nil, fmt.Errorf("lookthrough: %w", err)
	}
	return c.Factor(ctx)
}

// withoutRevenue counts the firms with known money in that report no revenue.
func withoutRevenue(back []absorbing.Arc, firms []outside.Firm) int {
	met, n := make([]bool, len(firms)), 0
	for _, arc := range back {
		if !met[arc.Tail] && !firms[arc.Tail].Revenue.Amount.Known() {
			n++
		}
		met[arc.Tail] = true
	}
	return n
}

// homes are the legs along which money can leave a firm and come back to it.
type homes struct {
	component []int32
	legs      [][]int32 // of the view, by component
}

func newHomes(v *snapshot.View) (*homes, error) {
	var arcs []csr.Arc
	for e := range v.NumEdges() {
		if edge := v.EdgeAt(e); passes(edge.Class) && edge.Amount.Cents() > 0 {
			arcs = append(arcs, csr.Arc{Tail: edge.Payer, Head: edge.Payee})
		}
	}
	g, err := csr.Build(len(v.Companies()), arcs)
	if err != nil {
		return nil, fmt.Errorf("lookthrough: %w", err)
	}
	h := &homes{}
	var count int
	h.component, count = scc.Components(g)
	h.legs = make([][]int32, count)
	for e := range v.NumEdges() {
		edge := v.EdgeAt(e)
		k := h.component[edge.Payer]
		if passes(edge.Class) && edge.Amount.Cents() > 0 && k == h.component[edge.Payee] {
			h.legs[k] = append(h.legs[k], edge.Legs...)
		}
	}
	return h, nil
}

func (h *homes) of(a int32) []int32 { return h.legs[h.component[a]] }
