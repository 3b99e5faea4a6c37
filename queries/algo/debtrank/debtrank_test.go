package debtrank_test

import (
	"context"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"roundtrip/queries/algo/debtrank"
	"roundtrip/queries/algo/gen"
)

const rounds = 20_000

func network(t testing.TB, links []debtrank.Link, values []float64) *debtrank.Network {
	t.Helper()
	net, err := debtrank.New(links, values)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func shock(t testing.TB, net *debtrank.Network, vertex int32, size float64) ([]float64, debtrank.Impact) {
	t.Helper()
	level, impact, err := net.Shock(t.Context(), vertex, size, rounds)
	if err != nil {
		t.Fatal(err)
	}
	return level, impact
}

// fraction is a number that float64 holds exactly.
func fraction(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }

// exactly is the process in exact fractions, over the last rounds ago as it is
// written down: h(t+1) = min(1, h(t) + sum of share (h(t) - h(t-1))).
func exactly(links []debtrank.Link, values []float64, vertex int32, size float64) (h []*big.Rat, rank *big.Rat, moves int) {
	n := len(values)
	h, before := make([]*big.Rat, n), make([]*big.Rat, n)
	for v := range h {
		h[v], before[v] = new(big.Rat), new(big.Rat)
	}
	h[vertex] = fraction(size)
	one, step := big.NewRat(1, 1), big.NewRat(1, 1_000_000_000_000)
	for {
		next := make([]*big.Rat, n)
		for v := range next {
			next[v] = new(big.Rat).Set(h[v])
		}
		for _, l := range links {
			rise := new(big.Rat).Sub(h[l.From], before[l.From])
			next[l.To].Add(next[l.To], rise.Mul(rise, fraction(l.Share)))
		}
		moved := false
		for v := range next {
			if next[v].Cmp(one) > 0 {
				next[v] = one
			}
			moved = moved || new(big.Rat).Sub(next[v], h[v]).Cmp(step) >= 0
		}
		before, h = h, next
		if !moved {
			break
		}
		moves++
	}
	rank = new(big.Rat).Mul(fraction(values[vertex]), fraction(-size))
	for v := range h {
		rank.Add(rank, new(big.Rat).Mul(fraction(values[v]), h[v]))
	}
	return h, rank, moves
}

// random has shares in eighths of which those into a vertex add up to 1 at most.
func random(r *rand.Rand, most int) (links []debtrank.Link, values []float64) {
	n := 1 + r.IntN(most)
	values = make([]float64, n)
	room := make([]int, n)
	for v := range values {
		values[v], room[v] = float64(r.IntN(8))/64, 8
	}
	for range r.IntN(4 * n) {
		to := r.IntN(n)
		share := r.IntN(room[to] + 1)
		room[to] -= share
		links = append(links, debtrank.Link{From: int32(r.IntN(n)), To: int32(to), Share: float64(share) / 8})
	}
	return links, values
}

func TestLevelsRankAndRoundsAreThoseOfExactFractions(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	long := 0
	for range 300 {
		links, values := random(r, 6)
		vertex, size := int32(r.IntN(len(values))), float64(r.IntN(5))/4
		level, impact := shock(t, network(t, links, values), vertex, size)
		h, rank, moves := exactly(links, values, vertex, size)
		for v, want := range h {
			if x, _ := want.Float64(); math.Abs(level[v]-x) > 1e-13 {
				t.Fatalf("links %v, shock of %v to %d: level of %d is %v, want %v", links, size, vertex, v, level[v], x)
			}
		}
		if x, _ := rank.Float64(); math.Abs(impact.Rank-x) > 1e-13 || impact.Rounds != moves || impact.Cut {
			t.Fatalf("links %v, shock of %v to %d: %+v, want %v after %d rounds", links, size, vertex, impact, x, moves)
		}
		if moves > 10 {
			long++
		}
	}
	if long < 15 {
		t.Errorf("only %d shocks went on for more than ten rounds", long)
	}
}

// The process ends at the least levels that explain themselves: h = min(1, s + Lh).
func TestTheLevelsExplainThemselves(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for range 1000 {
		links, values := random(r, 20)
		vertex, size := int32(r.IntN(len(values))), r.Float64()
		level, impact := shock(t, network(t, links, values), vertex, size)
		want := make([]float64, len(values))
		want[vertex] = size
		for _, l := range links {
			want[l.To] += l.Share * level[l.From]
		}
		for v, h := range level {
			if math.Abs(h-min(1, want[v])) > 1e-10 {
				t.Fatalf("links %v: level of %d is %v, its causes make %v (%+v)", links, v, h, want[v], impact)
			}
		}
	}
}

func TestNetworksWorkedOutByHand(t *testing.T) {
	type link = debtrank.Link
	for _, c := range []struct {
		name   string
		links  []link
		values []float64
		vertex int32
		size   float64
		level  []float64
		rank   float64
		rounds int
	}{
		{"nobody else", nil, []float64{1}, 0, 1, []float64{1}, 0, 0},
		{"a chain of three", []link{{0, 1, 0.5}, {1, 2, 0.5}}, []float64{0.25, 0.25, 0.5}, 0, 1, []float64{1, 0.5, 0.25}, 0.25, 2},
		{"a partial shock", []link{{0, 1, 0.5}, {1, 2, 0.5}}, []float64{0.25, 0.25, 0.5}, 0, 0.5, []float64{0.5, 0.25, 0.125}, 0.125, 2},
		{"no shock", []link{{0, 1, 0.5}}, []float64{0.5, 0.5}, 0, 0, []float64{0, 0}, 0, 0},
		{"a ring that is whole after one round", []link{{0, 1, 1}, {1, 0, 1}}, []float64{0.5, 0.5}, 0, 1, []float64{1, 1}, 0.5, 1},
		// 1/2, then 1/2 to the other, then 1/2 back, then 1/2 again.
		{"a ring that fills up", []link{{0, 1, 1}, {1, 0, 1}}, []float64{0.5, 0.5}, 0, 0.5, []float64{1, 1}, 0.75, 3},
		{"two ways to the same vertex", []link{{0, 1, 0.75}, {0, 2, 1}, {1, 2, 1}}, []float64{0, 0, 1}, 0, 1, []float64{1, 0.75, 1}, 1, 1},
		{"parallel links add up", []link{{0, 1, 0.25}, {0, 1, 0.25}}, []float64{0, 1}, 0, 1, []float64{1, 0.5}, 0.5, 1},
		{"a loss upstream of the shock", []link{{0, 1, 0.5}}, []float64{0.5, 0.5}, 1, 1, []float64{0, 1}, 0, 0},
	} {
		level, impact := shock(t, network(t, c.links, c.values), c.vertex, c.size)
		if !slices.Equal(level, c.level) || impact != (debtrank.Impact{Rank: c.rank, Rounds: c.rounds}) {
			t.Errorf("%s: levels %v and %+v, want %v, %v after %d rounds", c.name, level, impact, c.level, c.rank, c.rounds)
		}
	}
}

func TestALargerShockLowersNoLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 500 {
		links, values := random(r, 20)
		net := network(t, links, values)
		vertex, size := int32(r.IntN(len(values))), float64(r.IntN(4))/4
		small, _ := shock(t, net, vertex, size)
		large, _ := shock(t, net, vertex, size+0.25)
		for v := range small {
			if large[v] < small[v]-1e-12 {
				t.Fatalf("links %v: level of %d falls from %v to %v", links, v, small[v], large[v])
			}
		}
	}
}

func TestASlowProcessIsCutAndSaysSo(t *testing.T) {
	links := []debtrank.Link{{From: 0, To: 1, Share: 1e-9}, {From: 1, To: 2, Share: 1}, {From: 2, To: 1, Share: 1 - 1e-9}}
	level, impact := shock(t, network(t, links, []float64{0, 0.5, 0.5}), 0, 1)
	if !impact.Cut || impact.Rounds != rounds || level[1] < 1e-9*rounds/2*0.999 || level[1] > 1e-9*(rounds/2+1) {
		t.Errorf("levels %v, %+v", level, impact)
	}
}

// ranked is a network with a power law of degrees in which what vertices lose by
// a link is at most what a shared random buffer allows.
func ranked(t testing.TB, n, m int) *debtrank.Network {
	t.Helper()
	arcs, amounts, reserves := gen.PowerLaw(n, m, 1, 2.5, 42), gen.Times(m, 1_000_000_000, 1), gen.Times(n, 4_000_000_000, 2)
	received, total := make([]float64, n), 0.0
	for i, a := range arcs {
		amounts[i] = 1 + amounts[i]>>(amounts[i]%20)
		received[a.Head] += float64(amounts[i])
		total += float64(amounts[i])
	}
	links, values := make([]debtrank.Link, m), make([]float64, n)
	for i, a := range arcs {
		links[i] = debtrank.Link{From: a.Tail, To: a.Head, Share: float64(amounts[i]) / max(received[a.Head], float64(reserves[a.Head]%3*reserves[a.Head]))}
	}
	for v := range values {
		values[v] = received[v] / total
	}
	return network(t, links, values)
}

func TestTheRankingIsThatOfSingleShocksWhateverTheNumberOfWorkers(t *testing.T) {
	net := ranked(t, 120, 900)
	var want []debtrank.Impact
	for v := range int32(120) {
		_, impact := shock(t, net, v, 0.75)
		want = append(want, impact)
	}
	for _, workers := range []int{-1, 1, 2, 7, 1000} {
		got, err := net.Rank(t.Context(), 0.75, rounds, workers)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers: another ranking, error %v", workers, err)
		}
	}
}

func TestTheEndOfTheContextEndsShockAndRanking(t *testing.T) {
	net := ranked(t, 50, 200)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := net.Shock(ctx, 0, 1, rounds); !errors.Is(err, context.Canceled) {
		t.Errorf("shock: %v", err)
	}
	if _, err := net.Rank(ctx, 1, rounds, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("ranking: %v", err)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	nan := math.NaN()
	for want, bad := range map[string]func() error{
		"debtrank: value of vertex 0 is -1, allowed are 0 and more":                  func() error { _, err := debtrank.New(nil, []float64{-1}); return err },
		"debtrank: value of vertex 0 is NaN, allowed are 0 and more":                 func() error { _, err := debtrank.New(nil, []float64{nan}); return err },
		"debtrank: share of link 0 is 1.5, allowed is 0 to 1":                        func() error { _, err := debtrank.New([]debtrank.Link{{0, 0, 1.5}}, []float64{1}); return err },
		"debtrank: csr: arc 0 goes from 0 to 1, allowed vertices are 0 to 0":         func() error { _, err := debtrank.New([]debtrank.Link{{0, 1, 1}}, []float64{1}); return err },
		"debtrank: shock of 1 to vertex 1, allowed are 0 to 1 and vertices 0 to 0":   func() error { _, _, err := network(t, nil, []float64{1}).Shock(t.Context(), 1, 1, 1); return err },
		"debtrank: shock of NaN to vertex 0, allowed are 0 to 1 and vertices 0 to 0": func() error { _, _, err := network(t, nil, []float64{1}).Shock(t.Context(), 0, nan, 1); return err },
		"debtrank: shock of 2, allowed is 0 to 1":                                    func() error { _, err := network(t, nil, []float64{1}).Rank(t.Context(), 2, 1, 1); return err },
	} {
		if err := bad(); err == nil || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}

func BenchmarkRank(b *testing.B) {
	net := ranked(b, 1000, 10_000)
	b.ResetTimer()
	for b.Loop() {
		impacts, err := net.Rank(b.Context(), 1, rounds, 2)
		if err != nil {
			b.Fatal(err)
		}
		most := 0
		for _, x := range impacts {
			most = max(most, x.Rounds)
		}
		b.ReportMetric(float64(most), "rounds")
	}
}
