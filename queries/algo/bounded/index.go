// Package bounded is the search that hop-bounded simple cycles and hop-bounded
// simple paths have in common: from a start to a target, no vertex twice, at
// most so many hops. A cycle is the case where start and target are one vertex.
//
// For each pair of start and target it labels the vertices by their distances
// from the one and to the other (labels.go), copies the part of the graph that
// can lie on an answer into a small local graph (local.go) and searches that
// depth first, either visiting every answer (walk.go) or only counting
// (count.go). pool.go spreads the starts over workers.
package bounded

import (
	"cmp"
	"slices"

	"roundtrip/queries/algo/csr"
)

// Index is a graph made ready for searching. Parallel arcs are merged into one
// link; self loops are left out. Vertices are known by their rank. An Index is
// immutable and may be shared.
type Index struct {
	out, in rows
	inLink  []int32 // link of each element of in
	first   []int32 // arcs of link e are arcs[first[e]:first[e+1]]
	arcs    []int32
	code    []int32 // what a link contributes to a path, see codeOf
	rank    []int32 // rank of each vertex, none if it was left out
	widest  int32   // largest number of arcs in a link
}

// rows are compressed sparse rows; each row is sorted by descending neighbour.
type rows struct {
	off []int32
	adj []int32
}

const none = -1

// link is a set of parallel arcs.
type link struct {
	tail, head int32
	arcs       []int32
}

// NewIndex keeps every vertex; the rank of a vertex is its number.
func NewIndex(g *csr.Graph) *Index {
	rank := make([]int32, g.N())
	for v := range rank {
		rank[v] = int32(v)
	}
	return build(links(g), rank, g.N())
}

// NewRankedIndex keeps the vertices that have an arc to another vertex and one
// from another vertex, and ranks them by descending number of links, ties by
// number.
//
// A cycle is searched from its vertex of least rank, in the graph of the
// vertices from that rank on. With the hubs first, they are gone when the many
// other vertices are searched.
func NewRankedIndex(g *csr.Graph) *Index {
	all := links(g)
	outDegree := make([]int32, g.N())
	inDegree := make([]int32, g.N())
	for _, l := range all {
		outDegree[l.tail]++
		inDegree[l.head]++
	}
	var order []int32
	for v := range int32(g.N()) {
		if outDegree[v] > 0 && inDegree[v] > 0 {
			order = append(order, v)
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(outDegree[b]+inDegree[b], outDegree[a]+inDegree[a]), cmp.Compare(a, b))
	})
	rank := make([]int32, g.N())
	for v := range rank {
		rank[v] = none
	}
	for r, v := range order {
		rank[v] = int32(r)
	}
	return build(all, rank, len(order))
}

// N returns the number of ranks.
func (x *Index) N() int { return len(x.out.off) - 1 }

// Widest returns the largest number of arcs that share tail and head.
func (x *Index) Widest() int { return int(x.widest) }

// Rank returns the rank of a vertex; ok is false when the index left it out.
func (x *Index) Rank(vertex int32) (rank int32, ok bool) {
	r := x.rank[vertex]
	return r, r != none
}

func links(g *csr.Graph) []link {
	var all []link
	for v := range int32(g.N()) {
		row := g.Out(v)
		for i := 0; i < len(row.Heads); {
			j := i + 1
			for j < len(row.Heads) && row.Heads[j] == row.Heads[i] {
				j++
			}
			if row.Heads[i] != v {
				all = append(all, link{tail: v, head: row.Heads[i], arcs: row.IDs[i:j]})
			}
			i = j
		}
	}
	return all
}

func build(all []link, rank []int32, n int) *Index {
	kept := make([]int32, 0, len(all))
	for i, l := range all {
		if rank[l.tail] != none && rank[l.head] != none {
			kept = append(kept, int32(i))
		}
	}
	tail := func(i int32) int32 { return rank[all[i].tail] }
	head := func(i int32) int32 { return rank[all[i].head] }

	x := &Index{rank: rank}
	x.out.off = bucket(kept, n, head, tail)
	number := make([]int32, len(all)) // of each link, in the order of out
	x.first = append(make([]int32, 0, len(kept)+1), 0)
	for e, i := range kept {
		number[i] = int32(e)
		x.out.adj = append(x.out.adj, head(i))
		x.arcs = append(x.arcs, all[i].arcs...)
		x.first = append(x.first, int32(len(x.arcs)))
		x.widest = max(x.widest, int32(len(all[i].arcs)))
		x.code = append(x.code, codeOf(int32(e), all[i].arcs))
	}
	x.in.off = bucket(kept, n, tail, head)
	for _, i := range kept {
		x.in.adj = append(x.in.adj, tail(i))
		x.inLink = append(x.inLink, number[i])
	}
	return x
}

// bucket sorts links by ascending row and, within a row, descending neighbour,
// and returns where each of the n rows starts.
func bucket(items []int32, n int, neighbour, row func(int32) int32) []int32 {
	spare := make([]int32, len(items))
	place := func(src, dst []int32, key func(int32) int32) []int32 {
		off := make([]int32, n+2)
		for _, i := range src {
			off[key(i)+2]++
		}
		for k := range n {
			off[k+2] += off[k+1]
		}
		for _, i := range src {
			k := key(i)
			dst[off[k+1]] = i
			off[k+1]++
		}
		return off[:n+1]
	}
	place(items, spare, func(i int32) int32 { return int32(n) - 1 - neighbour(i) })
	return place(spare, items, row)
}

// codeOf is the id of the arc where the link has only one, else the complement
// of the link, which is negative.
func codeOf(e int32, arcs []int32) int32 {
	if len(arcs) == 1 {
		return arcs[0]
	}
	return ^e
}

// open is the code of a hop that does not exist.
const open int32 = -1 << 31

// width returns the number of arcs behind a code.
func (x *Index) width(code int32) int64 {
	switch {
	case code >= 0:
		return 1
	case code == open:
		return 0
	default:
		return int64(x.first[^code+1] - x.first[^code])
	}
}

// arcsOf returns the arcs of a link, given its negative code.
func (x *Index) arcsOf(code int32) []int32 {
	return x.arcs[x.first[^code]:x.first[^code+1]]
}
