package circularity

import (
	"context"
	"fmt"
	"math"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/algo/circulation"
)

// network is the merged edges between the companies that have one.
type network struct {
	ids   []string // of the companies, in byte order
	arcs  []circulation.Arc
	w     []graph.Money // by arc
	in    []graph.Money // by company
	out   []graph.Money
	legs  [][]int32 // by company
	place []int32   // of a vertex of the view among the companies, -1 for none
}

func native(ctx context.Context, in queries.Scope, p Params, yield func(Solution) bool) (queries.Truncation, error) {
	net, err := merge(in)
	if err != nil {
		return queries.Truncation{}, err
	}
	n := len(net.ids)
	best, err := circulation.Maximum(ctx, n, net.arcs)
	if err != nil {
		return queries.Truncation{}, fmt.Errorf("circularity: %w", err)
	}
	cycles, err := circulation.Cycles(ctx, n, net.arcs, best.Of)
	if err != nil {
		return queries.Truncation{}, fmt.Errorf("circularity: %w", err)
	}
	s := Solution{Certificate: circulation.Verify(n, net.arcs, best.Of, best.Potential)}
	through := circulation.Throughput(n, net.arcs, best.Of)
	for v, id := range net.ids {
		slices.Sort(net.legs[v])
		s.Firms = append(s.Firms, Firm{
			ID: id, In: net.in[v], Out: net.out[v], Throughput: through[v], Potential: best.Potential[v],
			Legs: in.View.LegIDs(slices.Compact(net.legs[v])),
		})
	}
	if p.Ranges {
		ranges, err := circulation.Ranges(ctx, n, net.arcs, best)
		if err != nil {
			return queries.Truncation{}, fmt.Errorf("circularity: %w", err)
		}
		for v, r := range ranges {
			s.Firms[v].Min, s.Firms[v].Max = graph.USD(r.Min), graph.USD(r.Max)
		}
	}
	for i, a := range net.arcs {
		s.Edges = append(s.Edges, Edge{net.ids[a.Tail], net.ids[a.Head], net.w[i], graph.USD(best.Of[i])})
	}
	for _, c := range cycles {
		ring := make([]string, len(c.Vertices))
		for i, v := range c.Vertices {
			ring[i] = net.ids[v]
		}
		s.Cycles = append(s.Cycles, Cycle{ring, graph.USD(c.Amount)})
	}
	yield(s)
	return queries.Truncation{}, nil
}

// merge adds up the classes between each two companies.
func merge(in queries.Scope) (*network, error) {
	v := in.View
	net := &network{place: make([]int32, len(v.Companies()))}
	for i := range net.place {
		net.place[i] = -1
	}
	counts := func(c graph.Class) bool { return c == graph.Funds || c == graph.Grants || c == graph.Pays }
	for e := range v.NumEdges() {
		if x := v.EdgeAt(e); counts(x.Class) {
			net.place[x.Payer], net.place[x.Payee] = 0, 0
		}
	}
	for i, id := range v.Companies() {
		if net.place[i] == 0 {
			net.place[i] = int32(len(net.ids))
			net.ids = append(net.ids, id)
		}
	}
	net.in, net.out, net.legs = make([]graph.Money, len(net.ids)), make([]graph.Money, len(net.ids)), make([][]int32, len(net.ids))
	for e := range v.NumEdges() {
		x := v.EdgeAt(e)
		if !counts(x.Class) {
			continue
		}
		u, to := net.place[x.Payer], net.place[x.Payee]
		last := len(net.arcs) - 1
		if last < 0 || net.arcs[last].Tail != u || net.arcs[last].Head != to {
			net.arcs, net.w = append(net.arcs, circulation.Arc{Tail: u, Head: to}), append(net.w, graph.Money{})
			last++
		}
		net.w[last] = net.w[last].Plus(x.Amount)
		net.arcs[last].Cap = net.w[last].Cents()
		net.legs[u], net.legs[to] = append(net.legs[u], x.Legs...), append(net.legs[to], x.Legs...)
	}
	return net, net.sums(in)
}

// sums adds up what companies pay and are paid. An empty sum is zero, one
// without a known term unknown.
func (net *network) sums(in queries.Scope) error {
	caps := make([]int64, len(net.arcs))
	paid, pays := make([]bool, len(net.ids)), make([]bool, len(net.ids))
	for i, a := range net.arcs {
		caps[i], pays[a.Tail], paid[a.Head] = a.Cap, true, true
	}
	if total := circulation.Sum(caps); !total.IsInt64() {
		return queries.ArgumentErrors{{
			Name: "companies", Given: queries.CellText(in.Lens.Companies),
			Problem: fmt.Sprintf("the amounts add up to %s cents, more than the %d that an answer can hold; want fewer companies", total, int64(math.MaxInt64)),
		}}
	}
	for i, a := range net.arcs {
		net.out[a.Tail], net.in[a.Head] = net.out[a.Tail].Plus(net.w[i]), net.in[a.Head].Plus(net.w[i])
	}
	for v := range net.ids {
		if !pays[v] {
			net.out[v] = graph.USD(0)
		}
		if !paid[v] {
			net.in[v] = graph.USD(0)
		}
	}
	return nil
}
