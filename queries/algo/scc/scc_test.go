package scc_test

import (
	"math/rand/v2"
	"testing"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/scc"
)

func build(t *testing.T, n int, arcs []csr.Arc) *csr.Graph {
	t.Helper()
	g, err := csr.Build(n, arcs)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// reachability is the transitive closure by Warshall's algorithm.
func reachability(n int, arcs []csr.Arc) [][]bool {
	reach := make([][]bool, n)
	for v := range reach {
		reach[v] = make([]bool, n)
		reach[v][v] = true
	}
	for _, a := range arcs {
		reach[a.Tail][a.Head] = true
	}
	for mid := range n {
		for from := range n {
			for to := range n {
				reach[from][to] = reach[from][to] || reach[from][mid] && reach[mid][to]
			}
		}
	}
	return reach
}

func TestTwoVerticesShareAComponentWhenEachReachesTheOther(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		n := 1 + rnd.IntN(20)
		arcs := make([]csr.Arc, rnd.IntN(3*n))
		for i := range arcs {
			arcs[i] = csr.Arc{Tail: rnd.Int32N(int32(n)), Head: rnd.Int32N(int32(n))}
		}
		component, count := scc.Components(build(t, n, arcs))
		reach := reachability(n, arcs)
		seen := map[int32]bool{}
		for v := range n {
			seen[component[v]] = true
			for w := range n {
				if together, want := component[v] == component[w], reach[v][w] && reach[w][v]; together != want {
					t.Fatalf("arcs %v: %d and %d together is %v, want %v", arcs, v, w, together, want)
				}
			}
		}
		if len(seen) != count {
			t.Fatalf("arcs %v: count is %d, components are %v", arcs, count, component)
		}
		for _, a := range arcs {
			if component[a.Tail] < component[a.Head] {
				t.Fatalf("arc %v goes from component %d to the higher %d", a, component[a.Tail], component[a.Head])
			}
		}
	}
}

func TestALongPathDoesNotExhaustTheStack(t *testing.T) {
	const n = 1_000_000
	arcs := make([]csr.Arc, n-1)
	for i := range arcs {
		arcs[i] = csr.Arc{Tail: int32(i), Head: int32(i + 1)}
	}
	component, count := scc.Components(build(t, n, arcs))
	if count != n || component[0] != n-1 || component[n-1] != 0 {
		t.Fatalf("a path of %d vertices has %d components, first %d, last %d", n, count, component[0], component[n-1])
	}
}

func TestAnEmptyGraphHasNoComponents(t *testing.T) {
	if component, count := scc.Components(build(t, 0, nil)); len(component) != 0 || count != 0 {
		t.Fatalf("components %v, count %d", component, count)
	}
}
