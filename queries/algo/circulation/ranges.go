package circulation

import (
	"context"
	"fmt"

	"roundtrip/queries/algo/maxflow"
)

// Range is the least and the largest throughput of a vertex.
type Range struct{ Min, Max int64 }

// Ranges returns, for every vertex, the range of its throughput over all maximum
// circulations. The solution must be one that Verify accepts.
//
// An arc with a margin other than 0 carries the same in all of them. What can
// change is a circulation in the residual graph of the others, and as much of it
// can run through one vertex as flows from the vertex, cut open, to itself: two
// maximum flows for every vertex that lies on a cycle of that graph. The error is
// that of the context.
func Ranges(ctx context.Context, n int, arcs []Arc, s Solution) ([]Range, error) {
	ranges := make([]Range, n)
	for v, t := range Throughput(n, arcs, s.Of) {
		ranges[v] = Range{t, t}
	}
	slack := slackOf(arcs, s)
	ends := make([]Arc, len(slack))
	for i, x := range slack {
		ends[i] = x.Arc
	}
	component, count, err := components(n, ends)
	if err != nil {
		return nil, err
	}
	groups, local := make([]group, count), make([]int32, n)
	for k, members := range grouped(component, count) {
		groups[k].vertices = members
		for i, v := range members {
			local[v] = int32(i)
		}
	}
	for _, x := range slack {
		if k := component[x.Tail]; k == component[x.Head] {
			x.Tail, x.Head = local[x.Tail], local[x.Head]
			groups[k].slack = append(groups[k].slack, x)
		}
	}
	for _, g := range groups {
		if len(g.vertices) < 2 {
			continue
		}
		for i, v := range g.vertices {
			more, err := g.through(ctx, int32(i), false)
			if err != nil {
				return nil, err
			}
			less, err := g.through(ctx, int32(i), true)
			if err != nil {
				return nil, err
			}
			ranges[v].Max += more
			ranges[v].Min -= less
		}
	}
	return ranges, nil
}

// slackArc is an arc of the residual graph: by Cap an arc can carry more, or,
// backwards, less.
type slackArc struct {
	Arc
	less bool
}

// slackOf is the residual graph of the arcs whose margin is 0.
func slackOf(arcs []Arc, s Solution) []slackArc {
	var list []slackArc
	for i, a := range arcs {
		if a.Tail == a.Head || 1+s.Potential[a.Tail] != s.Potential[a.Head] {
			continue
		}
		if more := a.Cap - s.Of[i]; more > 0 {
			list = append(list, slackArc{Arc{Tail: a.Tail, Head: a.Head, Cap: more}, false})
		}
		if s.Of[i] > 0 {
			list = append(list, slackArc{Arc{Tail: a.Head, Head: a.Tail, Cap: s.Of[i]}, true})
		}
	}
	return list
}

// group is a strongly connected component of the residual graph.
type group struct {
	vertices []int32
	slack    []slackArc // between places in vertices
}

// through is by how much the throughput of a vertex can grow, or shrink when
// less is true. The vertex is cut open: arcs of the one sense leave its first
// half and enter its second. Those of the other sense would undo that.
func (g group) through(ctx context.Context, vertex int32, less bool) (int64, error) {
	n := int32(len(g.vertices))
	open := make([]Arc, 0, len(g.slack))
	for _, x := range g.slack {
		a := x.Arc
		if (a.Tail == vertex || a.Head == vertex) && x.less != less {
			continue
		}
		if a.Head == vertex {
			a.Head = n
		}
		open = append(open, a)
	}
	f, err := maxflow.Solve(ctx, int(n)+1, open, vertex, n)
	if err != nil {
		return 0, fmt.Errorf("circulation: range of vertex %d: %w", g.vertices[vertex], err)
	}
	return f.Value, nil
}
