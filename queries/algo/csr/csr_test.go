package csr_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"roundtrip/queries/algo/csr"
)

func TestRowsAreSortedByHeadThenLabelThenPositionInTheInput(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 7, 40} {
		arcs := make([]csr.Arc, 5*n)
		for i := range arcs {
			arcs[i] = csr.Arc{Tail: rnd.Int32N(int32(n)), Head: rnd.Int32N(int32(n)), Label: uint8(rnd.IntN(3) * 127)}
		}
		g, err := csr.Build(n, arcs)
		if err != nil {
			t.Fatal(err)
		}
		if g.N() != n || g.M() != len(arcs) {
			t.Fatalf("graph has %d vertices and %d arcs, want %d and %d", g.N(), g.M(), n, len(arcs))
		}
		want := make([]int32, len(arcs))
		for i := range want {
			want[i] = int32(i)
		}
		slices.SortFunc(want, func(a, b int32) int {
			x, y := arcs[a], arcs[b]
			return cmp.Or(cmp.Compare(x.Tail, y.Tail), cmp.Compare(x.Head, y.Head), cmp.Compare(x.Label, y.Label), cmp.Compare(a, b))
		})
		var got []int32
		for v := range int32(n) {
			row := g.Out(v)
			for i, id := range row.IDs {
				if arcs[id] != (csr.Arc{Tail: v, Head: row.Heads[i], Label: row.Labels[i]}) {
					t.Fatalf("row of %d says arc %d is %d with label %d, input says %v", v, id, row.Heads[i], row.Labels[i], arcs[id])
				}
			}
			got = append(got, row.IDs...)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("ids in row order are %v, want %v", got, want)
		}
	}
}

func TestAGraphMayBeEmpty(t *testing.T) {
	g, err := csr.Build(0, nil)
	if err != nil || g.N() != 0 || g.M() != 0 {
		t.Fatalf("Build(0, nil) = %v, %v", g, err)
	}
}

func TestBuildNamesTheArcThatLeavesTheGraph(t *testing.T) {
	for _, bad := range []csr.Arc{{Tail: 3, Head: 0}, {Tail: 0, Head: 3}, {Tail: -1, Head: 0}, {Tail: 0, Head: -1}} {
		_, err := csr.Build(3, []csr.Arc{{Tail: 0, Head: 1}, bad})
		if err == nil || !strings.Contains(err.Error(), "arc 1 ") || !strings.Contains(err.Error(), "0 to 2") {
			t.Errorf("arc %v: error %v does not name arc 1 and the vertices allowed", bad, err)
		}
	}
	if _, err := csr.Build(-1, nil); err == nil {
		t.Error("a negative number of vertices is accepted")
	}
}
