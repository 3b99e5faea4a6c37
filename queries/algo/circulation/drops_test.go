package circulation_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"roundtrip/queries/algo/circulation"
	"roundtrip/queries/algo/gen"
)

func drops(t testing.TB, n int, arcs []circulation.Arc, cuts [][]circulation.Cut) []int64 {
	t.Helper()
	best, list, err := circulation.Drops(t.Context(), n, arcs, cuts)
	if err != nil {
		t.Fatal(err)
	}
	if err := circulation.Verify(n, arcs, best.Of, best.Potential); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestHandCheckedDrops(t *testing.T) {
	// A->B 10, B->A 10, B->C 10, C->A 10: the longer loop carries 30.
	arcs := []circulation.Arc{{Tail: 0, Head: 1, Cap: 10}, {Tail: 1, Head: 0, Cap: 10}, {Tail: 1, Head: 2, Cap: 10}, {Tail: 2, Head: 0, Cap: 10}, {Tail: 2, Head: 2, Cap: 4}}
	got := drops(t, 3, arcs, [][]circulation.Cut{
		nil,
		{{Arc: 0, By: 10}},                   // nothing goes round
		{{Arc: 1, By: 10}},                   // carried nothing
		{{Arc: 2, By: 10}},                   // the shorter loop takes over: 20
		{{Arc: 3, By: 4}},                    // 6 the long way, 4 the short one: 18 + 8
		{{Arc: 0, By: 5}},                    // 5 the long way
		{{Arc: 1, By: 10}, {Arc: 2, By: 10}}, // as firm: neither way back
		{{Arc: 4, By: 3}},                    // a self loop loses what is cut
		{{Arc: 3, By: 4}, {Arc: 3, By: 6}, {Arc: 4, By: 4}},
	})
	if want := []int64{0, 30, 0, 10, 4, 15, 30, 3, 14}; !slices.Equal(got, want) {
		t.Errorf("have %v, want %v", got, want)
	}
}

// randomCuts takes single arcs, parts of arcs, all arcs of a vertex, and several
// arcs at once.
func randomCuts(r *rand.Rand, n int, arcs []circulation.Arc) [][]circulation.Cut {
	var cuts [][]circulation.Cut
	for i, a := range arcs {
		cuts = append(cuts, []circulation.Cut{{Arc: int32(i), By: a.Cap}}, []circulation.Cut{{Arc: int32(i), By: r.Int64N(a.Cap + 1)}})
	}
	for v := range int32(n) {
		var all []circulation.Cut
		for i, a := range arcs {
			if a.Tail == v || a.Head == v {
				all = append(all, circulation.Cut{Arc: int32(i), By: a.Cap})
			}
		}
		cuts = append(cuts, all)
	}
	var some []circulation.Cut
	for i, a := range arcs {
		if r.IntN(3) == 0 {
			first := r.Int64N(a.Cap + 1)
			some = append(some, circulation.Cut{Arc: int32(i), By: first}, circulation.Cut{Arc: int32(i), By: r.Int64N(a.Cap - first + 1)})
		}
	}
	return append(cuts, some)
}

func cutDown(arcs []circulation.Arc, cuts []circulation.Cut) []circulation.Arc {
	less := slices.Clone(arcs)
	for _, c := range cuts {
		less[c.Arc].Cap -= c.By
	}
	return less
}

func TestDropsAreThoseOfCuttingOneByOne(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 1))
	met := 0
	for round := range 300 {
		n, m, most := 2+r.IntN(8), 30, int64(5)
		if round%3 == 0 {
			n, m, most = 2+r.IntN(20), 90, 1_000_000_000
		}
		arcs := random(r, n, r.IntN(m), most)
		cuts := randomCuts(r, n, arcs)
		before := sum(cancelCycles(n, arcs))
		for k, drop := range drops(t, n, arcs, cuts) {
			if want := before - sum(cancelCycles(n, cutDown(arcs, cuts[k]))); drop != want {
				t.Fatalf("%v without %v: drop %d, want %d", arcs, cuts[k], drop, want)
			}
			if drop > 0 {
				met++
			}
		}
	}
	if met < 2000 {
		t.Errorf("%d cuts cost something, too few to tell", met)
	}
}

func TestDropsOfLargeSkewedGraphsAreThoseOfSolvingAnew(t *testing.T) {
	arcs := weighted(gen.PowerLaw(500, 4000, 1, 2.2, 7), 3)
	r := rand.New(rand.NewPCG(32, 1))
	before := sum(solve(t, 500, arcs).Of)
	cuts := randomCuts(r, 500, arcs)
	list := drops(t, 500, arcs, cuts)
	for range 150 {
		k := r.IntN(len(cuts))
		if want := before - sum(solve(t, 500, cutDown(arcs, cuts[k])).Of); list[k] != want {
			t.Fatalf("cut %v: drop %d, want %d", cuts[k], list[k], want)
		}
	}
}

func TestADropIsExactWhereSumsPass64Bits(t *testing.T) {
	const half = math.MaxInt64 / 2
	arcs := []circulation.Arc{{Tail: 0, Head: 1, Cap: half}, {Tail: 1, Head: 0, Cap: half}, {Tail: 2, Head: 3, Cap: half}, {Tail: 3, Head: 2, Cap: half}}
	got := drops(t, 4, arcs, [][]circulation.Cut{{{Arc: 0, By: half}}, {{Arc: 1, By: 1}}})
	if want := []int64{math.MaxInt64 - 1, 2}; !slices.Equal(got, want) {
		t.Errorf("have %v, want %v", got, want)
	}
	_, _, err := circulation.Drops(t.Context(), 4, arcs, [][]circulation.Cut{{{Arc: 0, By: half}, {Arc: 2, By: half}}})
	if err == nil || err.Error() != "circulation: a cut lowers the sum by more than 9223372036854775807" {
		t.Errorf("error is %v", err)
	}
}

func TestBadCutsAreNamed(t *testing.T) {
	arcs := []circulation.Arc{{Tail: 0, Head: 1, Cap: 5}}
	for _, c := range []struct {
		cuts []circulation.Cut
		want string
	}{
		{[]circulation.Cut{{Arc: 1, By: 1}}, "circulation: cut 1 is of arc 1, allowed are 0 to 0"},
		{[]circulation.Cut{{Arc: 0, By: 6}}, "circulation: cut 1 takes 6 off arc 0, allowed are 0 to 5"},
		{[]circulation.Cut{{Arc: 0, By: 3}, {Arc: 0, By: 3}}, "circulation: cut 1 takes 3 off arc 0, allowed are 0 to 2"},
		{[]circulation.Cut{{Arc: 0, By: -1}}, "circulation: cut 1 takes -1 off arc 0, allowed are 0 to 5"},
	} {
		if _, _, err := circulation.Drops(t.Context(), 2, arcs, [][]circulation.Cut{nil, c.cuts}); err == nil || err.Error() != c.want {
			t.Errorf("error is %v, want %s", err, c.want)
		}
	}
}

// ending is a context that ends when it was asked so often.
type ending struct {
	context.Context
	asked, most int
}

func (e *ending) Err() error {
	if e.asked++; e.asked > e.most {
		return context.Canceled
	}
	return nil
}

func TestWhenTheContextEndsTheCutsThatTakeMostWereLookedAt(t *testing.T) {
	arcs := []circulation.Arc{{Tail: 0, Head: 1, Cap: 9}, {Tail: 1, Head: 0, Cap: 9}, {Tail: 2, Head: 2, Cap: 5}}
	cuts := [][]circulation.Cut{{{Arc: 0, By: 1}}, {{Arc: 1, By: 9}}, {{Arc: 2, By: 5}}, nil}
	half := false
	for most := range 100 {
		best, list, err := circulation.Drops(&ending{Context: t.Context(), most: most}, 3, arcs, cuts)
		switch {
		case err == nil:
			if want := []int64{2, 18, 5, 0}; !half || !slices.Equal(list, want) {
				t.Errorf("have %v, want %v; cut in half before: %v", list, want, half)
			}
			return
		case !errors.Is(err, context.Canceled):
			t.Fatal(err)
		case list == nil: // not even the circulation was found
		case list[0] != circulation.NotFound || list[1] != 18 && list[1] != circulation.NotFound || list[2] != 5 || list[3] != 0 || !slices.Equal(best.Of, []int64{9, 9, 5}):
			t.Fatalf("after %d: have %v of %v", most, list, best.Of)
		default:
			half = half || list[1] == 18
		}
	}
	t.Error("the search never came to its end")
}

func BenchmarkDropsOfEveryArcAndVertex(b *testing.B) {
	for name, arcs := range map[string][]circulation.Arc{
		"uniform 30-120":   weighted(gen.Uniform(30, 120, 1, 42), 1),
		"power law 1k-10k": weighted(gen.PowerLaw(1000, 10_000, 1, 2.5, 42), 1),
	} {
		b.Run(name, func(b *testing.B) {
			cuts := make([][]circulation.Cut, len(arcs), len(arcs)+1000)
			of := make([][]circulation.Cut, 1000)
			for i, a := range arcs {
				c := circulation.Cut{Arc: int32(i), By: a.Cap}
				cuts[i] = []circulation.Cut{c}
				of[a.Tail], of[a.Head] = append(of[a.Tail], c), append(of[a.Head], c)
			}
			cuts = append(cuts, of...)
			for b.Loop() {
				drops(b, 1000, arcs, cuts)
			}
		})
	}
}
