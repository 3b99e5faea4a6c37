package maxflow_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"roundtrip/queries/algo/maxflow"
)

func solve(t testing.TB, n int, arcs []maxflow.Arc, source, sink int32) maxflow.Flow {
	t.Helper()
	f, err := maxflow.Solve(t.Context(), n, arcs, source, sink)
	if err != nil {
		t.Fatal(err)
	}
	if err := maxflow.Verify(n, arcs, source, sink, f); err != nil {
		t.Fatalf("%v\nof %v with %v", err, arcs, f)
	}
	return f
}

func random(r *rand.Rand, n, m int, most int64) []maxflow.Arc {
	arcs := make([]maxflow.Arc, m)
	for i := range arcs {
		arcs[i] = maxflow.Arc{Tail: int32(r.IntN(n)), Head: int32(min(r.IntN(n), r.IntN(n))), Cap: r.Int64N(most + 1)}
	}
	return arcs
}

// leastCut tries every set of vertices around the source.
func leastCut(n int, arcs []maxflow.Arc, source, sink int32) int64 {
	best := int64(math.MaxInt64)
	for set := range 1 << n {
		if set>>source&1 == 0 || set>>sink&1 == 1 {
			continue
		}
		cut := int64(0)
		for _, a := range arcs {
			if set>>a.Tail&1 == 1 && set>>a.Head&1 == 0 {
				cut += a.Cap
			}
		}
		best = min(best, cut)
	}
	return best
}

func TestTheFlowIsTheLeastOfAllCuts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		n := 2 + r.IntN(6)
		arcs := random(r, n, r.IntN(24), 20)
		if got, want := solve(t, n, arcs, 0, 1).Value, leastCut(n, arcs, 0, 1); got != want {
			t.Fatalf("%v: %d, want %d", arcs, got, want)
		}
	}
}

func TestPathsAddUpToTheFlowAndGrowLonger(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for range 500 {
		n := 2 + r.IntN(15)
		arcs := random(r, n, r.IntN(80), 1000)
		f := solve(t, n, arcs, 0, 1)
		list, err := maxflow.Paths(t.Context(), n, arcs, 0, 1, f)
		if err != nil {
			t.Fatal(err)
		}
		left := slices.Clone(f.Of)
		var total int64
		for k, p := range list {
			total += p.Amount
			if p.Vertices[0] != 0 || p.Vertices[len(p.Vertices)-1] != 1 || len(p.Vertices) != len(p.Arcs)+1 || p.Amount <= 0 {
				t.Fatalf("path %v", p)
			}
			for i, e := range p.Arcs {
				if arcs[e].Tail != p.Vertices[i] || arcs[e].Head != p.Vertices[i+1] {
					t.Fatalf("path %v does not follow its arcs", p)
				}
				if left[e] -= p.Amount; left[e] < 0 {
					t.Fatalf("paths carry more than arc %d does", e)
				}
			}
			if k > 0 {
				if last := list[k-1]; len(last.Arcs) > len(p.Arcs) || len(last.Arcs) == len(p.Arcs) && slices.Compare(last.Vertices, p.Vertices) > 0 {
					t.Fatalf("path %v comes before %v", last, p)
				}
			}
		}
		if total != f.Value {
			t.Fatalf("paths add up to %d, want %d", total, f.Value)
		}
	}
}

func TestTheShortestPathComesFirst(t *testing.T) {
	arcs := []maxflow.Arc{{Tail: 0, Head: 3, Cap: 2}, {Tail: 3, Head: 1, Cap: 2}, {Tail: 0, Head: 2, Cap: 5}, {Tail: 2, Head: 1, Cap: 4}, {Tail: 2, Head: 3, Cap: 9}, {Tail: 0, Head: 1, Cap: 1}}
	f := solve(t, 4, arcs, 0, 1)
	if f.Value != 7 {
		t.Fatalf("value %d, want 7", f.Value)
	}
	list, err := maxflow.Paths(t.Context(), 4, arcs, 0, 1, f)
	want := []maxflow.Path{
		{Vertices: []int32{0, 1}, Arcs: []int32{5}, Amount: 1},
		{Vertices: []int32{0, 2, 1}, Arcs: []int32{2, 3}, Amount: 4},
		{Vertices: []int32{0, 3, 1}, Arcs: []int32{0, 1}, Amount: 2},
	}
	if err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("have %v (%v), want %v", list, err, want)
	}
}

func TestTheSameInputGivesTheSameFlow(t *testing.T) {
	arcs := random(rand.New(rand.NewPCG(3, 1)), 200, 2000, 1_000_000)
	if a, b := solve(t, 200, arcs, 5, 9), solve(t, 200, arcs, 5, 9); !reflect.DeepEqual(a, b) {
		t.Error("a second run gives another flow")
	}
}

func TestTheLargestAmountsFit(t *testing.T) {
	arcs := []maxflow.Arc{{Tail: 0, Head: 1, Cap: math.MaxInt64}, {Tail: 1, Head: 2, Cap: math.MaxInt64}, {Tail: 1, Head: 2, Cap: math.MaxInt64}}
	if f := solve(t, 3, arcs, 0, 2); f.Value != math.MaxInt64 {
		t.Errorf("value %d", f.Value)
	}
}

func TestVerifyFindsWhatIsWrong(t *testing.T) {
	arcs := []maxflow.Arc{{Tail: 0, Head: 1, Cap: 3}, {Tail: 1, Head: 2, Cap: 2}}
	for want, f := range map[string]maxflow.Flow{
		"arc 1 carries 3, its capacity is 2": {Value: 3, Of: []int64{3, 3}, SourceSide: []bool{true, true, false}},
		"vertex 1 keeps 1, want 0":           {Value: 3, Of: []int64{3, 2}, SourceSide: []bool{true, true, false}},
		"the flow is 1, its cut 2":           {Value: 1, Of: []int64{1, 1}, SourceSide: []bool{true, true, false}},
		"does not part":                      {Value: 2, Of: []int64{2, 2}, SourceSide: []bool{true, true, true}},
		"has 1 arcs":                         {Value: 2, Of: []int64{2}, SourceSide: []bool{true, true, false}},
	} {
		if err := maxflow.Verify(3, arcs, 0, 2, f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("have %v, want %q", err, want)
		}
	}
}

func TestBadGraphsAreRefused(t *testing.T) {
	large := maxflow.Arc{Tail: 0, Head: 1, Cap: math.MaxInt64}
	for want, c := range map[string]struct {
		arcs         []maxflow.Arc
		source, sink int32
	}{
		"source 1 and sink 1 given":              {nil, 1, 1},
		"source 0 and sink 2 given":              {nil, 0, 2},
		"arc 0 goes from 0 to 2":                 {[]maxflow.Arc{{Tail: 0, Head: 2, Cap: 1}}, 0, 1},
		"arc 0 has capacity -1":                  {[]maxflow.Arc{{Tail: 0, Head: 1, Cap: -1}}, 0, 1},
		"capacities out of the source add up to": {[]maxflow.Arc{large, large}, 0, 1},
	} {
		if _, err := maxflow.Solve(t.Context(), 2, c.arcs, c.source, c.sink); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("have %v, want %q", err, want)
		}
	}
}

func TestItStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := maxflow.Solve(ctx, 2, []maxflow.Arc{{Tail: 0, Head: 1, Cap: 1}}, 0, 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
