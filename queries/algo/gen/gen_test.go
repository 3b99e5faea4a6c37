package gen_test

import (
	"slices"
	"testing"

	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/gen"
)

func TestTheSameSeedGivesTheSameGraph(t *testing.T) {
	if got, want := gen.Uniform(10, 3, 2, 1), gen.Uniform(10, 5, 2, 1)[:3]; !slices.Equal(got, want) {
		t.Errorf("three arcs are %v, the first three of five %v", got, want)
	}
	for name, arcs := range map[string][2][]csr.Arc{
		"uniform":   {gen.Uniform(50, 200, 3, 7), gen.Uniform(50, 200, 3, 7)},
		"power law": {gen.PowerLaw(50, 200, 3, 2.5, 7), gen.PowerLaw(50, 200, 3, 2.5, 7)},
	} {
		if !slices.Equal(arcs[0], arcs[1]) {
			t.Errorf("%s: two graphs of one seed differ", name)
		}
		for _, a := range arcs[0] {
			if a.Tail == a.Head || a.Label > 2 || max(a.Tail, a.Head) >= 50 {
				t.Errorf("%s: arc %v is a self loop or out of range", name, a)
			}
		}
	}
}

func TestAPowerLawGraphHasHubs(t *testing.T) {
	const n, m = 10_000, 100_000
	most := func(arcs []csr.Arc) int {
		degree := make([]int, n)
		for _, a := range arcs {
			degree[a.Tail]++
			degree[a.Head]++
		}
		return slices.Max(degree)
	}
	if hub, even := most(gen.PowerLaw(n, m, 1, 2.5, 1)), most(gen.Uniform(n, m, 1, 1)); hub < 10*even {
		t.Errorf("greatest degree is %d, of a uniform graph %d", hub, even)
	}
}
