package recycling

import (
	"context"
	"fmt"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/maxflow"
	"roundtrip/queries/algo/scc"
)

func native(ctx context.Context, in queries.Scope, p Params, yield func(Funder) bool) (queries.Truncation, error) {
	only := int32(-1)
	if p.Funder != "" {
		v, err := queries.CompanyArg(in.View, "funder", p.Funder)
		if err != nil {
			return queries.Truncation{}, err
		}
		only = v
	}
	net, err := merge(in.View)
	if err != nil {
		return queries.Truncation{}, err
	}
	for v := range int32(len(in.View.Companies())) {
		if only >= 0 && v != only {
			continue
		}
		f, funds, err := net.home(ctx, v)
		if err != nil {
			return queries.Truncation{}, fmt.Errorf("recycling: %s: %w", in.View.Companies()[v], err)
		}
		if funds && !yield(f) {
			break
		}
	}
	return queries.Truncation{}, nil
}

// pair is what one company puts into and pays another, as edges of the view.
type pair struct {
	payer, payee int32
	edges        []int32
	cap          int64 // sum of the known amounts
}

// network is the pairs under a lens. Only pairs inside a strongly connected
// component can bring anything home.
type network struct {
	view      *snapshot.View
	component []int32
	members   [][]int32 // vertices by component
	pairs     [][]pair  // inside a component, in order of payer and payee
	local     []int32   // number of a vertex among the members of its component
}

func financing(c graph.Class) bool { return c == graph.Funds || c == graph.Grants }

func merge(v *snapshot.View) (*network, error) {
	var all []pair
	var arcs []csr.Arc
	for e := range v.NumEdges() {
		x := v.EdgeAt(e)
		if !financing(x.Class) && x.Class != graph.Pays {
			continue
		}
		last := len(all) - 1
		if last < 0 || all[last].payer != x.Payer || all[last].payee != x.Payee {
			all = append(all, pair{payer: x.Payer, payee: x.Payee})
			last++
		}
		all[last].edges = append(all[last].edges, int32(e))
		if all[last].cap += x.Amount.Cents(); x.Amount.Cents() > 0 {
			arcs = append(arcs, csr.Arc{Tail: x.Payer, Head: x.Payee})
		}
	}
	n := len(v.Companies())
	g, err := csr.Build(n, arcs)
	if err != nil {
		return nil, fmt.Errorf("recycling: %w", err)
	}
	component, count := scc.Components(g)
	net := &network{view: v, component: component, members: make([][]int32, count), pairs: make([][]pair, count), local: make([]int32, n)}
	for u, k := range component {
		net.local[u] = int32(len(net.members[k]))
		net.members[k] = append(net.members[k], int32(u))
	}
	for _, x := range all {
		if k := component[x.payer]; k == component[x.payee] && x.cap > 0 {
			net.pairs[k] = append(net.pairs[k], x)
		}
	}
	return net, nil
}

// home finds what can come home to a company; false when it puts nothing in.
func (net *network) home(ctx context.Context, a int32) (Funder, bool, error) {
	f := Funder{ID: net.view.Companies()[a], Received: graph.USD(0)}
	var legs []int32
	first, end := net.view.Out(a)
	funds := false
	for e := first; e < end; e++ {
		if x := net.view.EdgeAt(e); financing(x.Class) {
			funds = true
			f.PutIn = f.PutIn.Plus(x.Amount)
			legs = append(legs, x.Legs...)
		}
	}
	if !funds {
		return f, false, nil
	}
	var received graph.Money
	paid := false
	for _, e := range net.view.In(a) {
		if x := net.view.EdgeAt(int(e)); x.Class == graph.Pays {
			paid = true
			received = received.Plus(x.Amount)
			legs = append(legs, x.Legs...)
		}
	}
	if paid {
		f.Received = received
	}
	passed, err := net.flow(ctx, a, &f)
	if err != nil {
		return f, true, err
	}
	for _, e := range passed {
		legs = append(legs, net.view.EdgeAt(int(e)).Legs...)
	}
	slices.Sort(legs)
	f.Legs = net.view.LegIDs(slices.Compact(legs))
	return f, true, nil
}

// flow solves the network with the company cut in two: funding leaves its first
// half, payments enter its second. It returns the edges of the view along the
// paths.
func (net *network) flow(ctx context.Context, a int32, f *Funder) ([]int32, error) {
	k := net.component[a]
	members := net.members[k]
	source, sink := net.local[a], int32(len(members))
	var arcs []maxflow.Arc
	var edges [][]int32 // of the view, by arc
	for _, x := range net.pairs[k] {
		arc := maxflow.Arc{Tail: net.local[x.payer], Head: net.local[x.payee], Cap: x.cap}
		used := x.edges
		switch a {
		case x.payer:
			used, arc.Cap = net.only(x.edges, financing)
		case x.payee:
			used, arc.Cap = net.only(x.edges, func(c graph.Class) bool { return c == graph.Pays })
			arc.Head = sink
		}
		if arc.Cap > 0 {
			arcs, edges = append(arcs, arc), append(edges, used)
		}
	}
	n := len(members) + 1
	best, err := maxflow.Solve(ctx, n, arcs, source, sink)
	if err != nil {
		return nil, err
	}
	paths, err := maxflow.Paths(ctx, n, arcs, source, sink, best)
	if err != nil {
		return nil, err
	}
	f.Recycled = best.Value
	f.NoCertificate = maxflow.Verify(n, arcs, source, sink, best)
	name := func(v int32) string {
		if v == sink {
			return f.ID
		}
		return net.view.Companies()[members[v]]
	}
	var passed []int32
	for _, p := range paths {
		path := make([]string, len(p.Vertices))
		for i, v := range p.Vertices {
			path[i] = name(v)
		}
		f.Paths = append(f.Paths, Path{path, graph.USD(p.Amount)})
		for _, i := range p.Arcs {
			passed = append(passed, edges[i]...)
		}
	}
	for i, x := range arcs {
		if best.SourceSide[x.Tail] && !best.SourceSide[x.Head] && f.Recycled > 0 {
			f.Cut = append(f.Cut, Edge{name(arcs[i].Tail), name(arcs[i].Head), graph.USD(x.Cap)})
		}
	}
	return passed, nil
}

// only is those of the edges whose class passes, and the sum of their known
// amounts.
func (net *network) only(edges []int32, passes func(graph.Class) bool) (list []int32, sum int64) {
	for _, e := range edges {
		if x := net.view.EdgeAt(int(e)); passes(x.Class) {
			list = append(list, e)
			sum += x.Amount.Cents()
		}
	}
	return list, sum
}
