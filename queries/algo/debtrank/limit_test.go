package debtrank_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"roundtrip/queries/algo/debtrank"
	"roundtrip/queries/algo/gen"
)

// spareOf is what eighths leave of 1; it is exact.
func spareOf(links []debtrank.Link, n int) []float64 {
	spare := slices.Repeat([]float64{1}, n)
	for _, l := range links {
		spare[l.To] -= l.Share
	}
	return spare
}

func limit(t testing.TB, net *debtrank.Network, spare []float64) *debtrank.Limit {
	t.Helper()
	l, err := net.Solve(t.Context(), spare)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTheLimitIsWhereTheRoundsEnd(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	long := 0
	for range 2000 {
		links, values := random(r, 12)
		net := network(t, links, values)
		l := limit(t, net, spareOf(links, len(values)))
		size := float64(r.IntN(5)) / 4
		ranks, err := l.Rank(t.Context(), size, 2)
		if err != nil {
			t.Fatal(err)
		}
		for v := range int32(len(values)) {
			want, impact := shock(t, net, v, size)
			got, rank, err := l.Shock(v, size)
			if err != nil || math.Abs(rank-impact.Rank) > 1e-9 || math.Abs(ranks[v]-impact.Rank) > 1e-9 {
				t.Fatalf("links %v, shock of %v to %d: ranks %v and %v, want %v, error %v", links, size, v, rank, ranks[v], impact.Rank, err)
			}
			for i := range want {
				if math.Abs(got[i]-want[i]) > 1e-9 {
					t.Fatalf("links %v, shock of %v to %d: levels %v, want %v", links, size, v, got, want)
				}
			}
			if impact.Rounds > 100 {
				long++
			}
		}
	}
	if long < 20 {
		t.Errorf("only %d shocks went on for more than 100 rounds", long)
	}
}

// Two vertices that live off each other but for one part in 10^11 fall with the
// one that has this part, after some 10^12 rounds.
func TestTheLimitOfAnAlmostEndlessProcess(t *testing.T) {
	const little = 1e-11
	links := []debtrank.Link{{From: 0, To: 1, Share: little}, {From: 1, To: 2, Share: 1}, {From: 2, To: 1, Share: 1 - little}}
	for _, c := range []struct{ spare, want float64 }{{0, 1}, {little, 0.5}, {3 * little, 0.25}} {
		links[2].Share = 1 - little - c.spare
		net := network(t, links, []float64{0, 0.5, 0.5})
		level, rank, err := limit(t, net, []float64{1, c.spare, 0}).Shock(0, 1)
		if err != nil || math.Abs(level[1]-c.want) > 1e-6 || math.Abs(level[2]-c.want) > 1e-6 || math.Abs(rank-c.want) > 1e-6 {
			t.Errorf("spare %g: levels %v, rank %v, want %v", c.spare, level, rank, c.want)
		}
	}
}

func TestTheNumberOfWorkersChangesNothingInTheLimit(t *testing.T) {
	net, spare := closed(t, 150, 1500)
	l := limit(t, net, spare)
	want, err := l.Rank(t.Context(), 0.5, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{0, 2, 5, 1000} {
		if got, err := l.Rank(t.Context(), 0.5, workers); err != nil || !slices.Equal(got, want) {
			t.Errorf("%d workers: another ranking, error %v", workers, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Rank(ctx, 1, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("ranking: %v", err)
	}
	if _, err := net.Solve(ctx, spare); !errors.Is(err, context.Canceled) {
		t.Errorf("solving: %v", err)
	}
}

func TestNetworksThatCannotBeSolvedAreRefused(t *testing.T) {
	net := network(t, []debtrank.Link{{From: 0, To: 1, Share: 0.5}}, []float64{0, 1})
	for want, spare := range map[string][]float64{
		"debtrank: 2 vertices and 0 spares given, allowed are up to 2000 and as many":               nil,
		"debtrank: spare of vertex 0 is -1 and the shares into it add up to 0, want 1 together":     {-1, 0.5},
		"debtrank: spare of vertex 1 is 0.25 and the shares into it add up to 0.5, want 1 together": {1, 0.25},
	} {
		if _, err := net.Solve(t.Context(), spare); err == nil || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
	l := limit(t, net, []float64{1, 0.5})
	if _, _, err := l.Shock(2, 1); err == nil {
		t.Error("a vertex outside is hit")
	}
	if _, err := l.Rank(t.Context(), 2, 1); err == nil {
		t.Error("a shock of 2 is ranked")
	}
}

// closed is a network with a power law of degrees whose vertices live off each
// other alone: rounds go on for very long.
func closed(t testing.TB, n, m int) (net *debtrank.Network, spare []float64) {
	t.Helper()
	arcs, amounts := gen.PowerLaw(n, m, 1, 2.5, 42), gen.Times(m, 1_000_000_000, 1)
	received, total := make([]float64, n), 0.0
	for i, a := range arcs {
		amounts[i] = 1 + amounts[i]>>(amounts[i]%20)
		received[a.Head] += float64(amounts[i])
		total += float64(amounts[i])
	}
	links, values := make([]debtrank.Link, m), make([]float64, n)
	for i, a := range arcs {
		links[i] = debtrank.Link{From: a.Tail, To: a.Head, Share: float64(amounts[i]) / received[a.Head]}
	}
	spare = make([]float64, n)
	for v, x := range received {
		values[v] = x / total
		if x == 0 {
			spare[v] = 1
		}
	}
	return network(t, links, values), spare
}

func BenchmarkLimitRank(b *testing.B) {
	net, spare := closed(b, 1000, 10_000)
	for b.Loop() {
		l, err := net.Solve(b.Context(), spare)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := l.Rank(b.Context(), 1, 2); err != nil {
			b.Fatal(err)
		}
	}
}
