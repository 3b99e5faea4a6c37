package absorbing_test

import (
	"context"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtrip/queries/algo/absorbing"
	"roundtrip/queries/algo/gen"
)

// problem is a chain as plain numbers.
type problem struct {
	n     int
	arcs  []absorbing.Arc
	leave []int64
}

// random is a small chain: sparse or dense, with weights of one size or of very
// different ones, with zero weights, self loops, parallel arcs, vertices that
// nothing leaves and closed classes.
func random(seed uint64) problem {
	r := rand.New(rand.NewPCG(seed, 7))
	p := problem{n: 1 + r.IntN(9)}
	p.leave = make([]int64, p.n)
	weight := func() int64 { return int64(r.IntN(5)) }
	if seed%3 == 0 { // skewed: from a cent to trillions
		weight = func() int64 { return int64(math.Pow(10, float64(r.IntN(15)))) }
	}
	for range r.IntN(3 * p.n) {
		p.arcs = append(p.arcs, absorbing.Arc{Tail: int32(r.IntN(p.n)), Head: int32(r.IntN(p.n)), Weight: weight()})
	}
	for v := range p.leave {
		if r.IntN(4) == 0 {
			p.leave[v] = weight()
		}
	}
	return p
}

func (p problem) chain(t testing.TB) *absorbing.Chain {
	t.Helper()
	c, err := absorbing.New(p.n, p.arcs, p.leave)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (p problem) factored(t testing.TB) *absorbing.Factored {
	t.Helper()
	f, err := p.chain(t).Factor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// matrix is the probabilities of a step as fractions; a row without weights is
// all zero.
func (p problem) matrix() [][]*big.Rat {
	m := make([][]*big.Rat, p.n)
	total := slices.Clone(p.leave)
	for v := range m {
		m[v] = make([]*big.Rat, p.n)
		for x := range m[v] {
			m[v][x] = new(big.Rat)
		}
	}
	for _, a := range p.arcs {
		total[a.Tail] += a.Weight
	}
	for _, a := range p.arcs {
		if a.Weight > 0 {
			m[a.Tail][a.Head].Add(m[a.Tail][a.Head], big.NewRat(a.Weight, total[a.Tail]))
		}
	}
	return m
}

// solve is the least solution without negative numbers, by Gauss and Jordan over
// the fractions: from where the target cannot be reached it is 0, and over the
// other vertices there is one solution.
func (p problem) solve(target int) []*big.Rat {
	m := p.matrix()
	reach := make([]bool, p.n)
	reach[target] = true
	for range p.n {
		for v := range m {
			for x := range m {
				reach[v] = reach[v] || m[v][x].Sign() > 0 && reach[x]
			}
		}
	}
	h := make([]*big.Rat, p.n)
	var open []int
	for v := range h {
		h[v] = new(big.Rat)
		if reach[v] && v != target {
			open = append(open, v)
		}
	}
	h[target].SetInt64(1)
	k := len(open)
	a := make([][]*big.Rat, k)
	for i, v := range open {
		a[i] = make([]*big.Rat, k+1)
		for j, x := range open {
			a[i][j] = new(big.Rat).Neg(m[v][x])
			if i == j {
				a[i][j].Add(a[i][j], big.NewRat(1, 1))
			}
		}
		a[i][k] = new(big.Rat).Set(m[v][target])
	}
	for c := range k {
		row := c
		for a[row][c].Sign() == 0 {
			row++ // panics where the system is singular
		}
		a[c], a[row] = a[row], a[c]
		for i := range k {
			if i == c || a[i][c].Sign() == 0 {
				continue
			}
			q := new(big.Rat).Quo(a[i][c], a[c][c])
			for j := c; j <= k; j++ {
				a[i][j] = new(big.Rat).Sub(a[i][j], new(big.Rat).Mul(q, a[c][j]))
			}
		}
	}
	for i, v := range open {
		h[v] = new(big.Rat).Quo(a[i][k], a[i][i])
	}
	return h
}

// near fails unless the number is that fraction to a relative 1e-13.
func near(t *testing.T, seed uint64, target, v int, got float64, want *big.Rat) {
	t.Helper()
	exact, _ := want.Float64()
	if math.Abs(got-exact) > 1e-13*exact || got > 1 {
		t.Fatalf("seed %d: from %d to %d the probability is %.17g, want %.17g", seed, v, target, got, exact)
	}
}

func TestTheProbabilityOfEverMeetingATargetIsThatOfExactElimination(t *testing.T) {
	met, certain, between := 0, 0, 0
	for seed := range uint64(4000) {
		p := random(seed)
		f, got := p.factored(t), make([]float64, p.n)
		for target := range p.n {
			f.Hitting(int32(target), got)
			for v, want := range p.solve(target) {
				near(t, seed, target, v, got[v], want)
				switch {
				case v == target:
				case want.Cmp(big.NewRat(1, 1)) == 0:
					certain++
				case want.Sign() > 0:
					between++
				}
				met++
			}
		}
	}
	if certain < 1000 || between < 1000 || met-certain-between < 1000 {
		t.Errorf("of %d probabilities %d are 1 and %d between, too few to tell", met, certain, between)
	}
}

func TestPlainIterationFromZeroRisesToTheSameProbabilities(t *testing.T) {
	for seed := range uint64(300) {
		if seed%3 == 0 {
			continue // skewed chains take too many rounds
		}
		p := random(seed)
		f, got := p.factored(t), make([]float64, p.n)
		for target := range p.n {
			h := make([]float64, p.n)
			h[target] = 1
			total := make([]float64, p.n)
			for v := range total {
				total[v] = float64(p.leave[v])
			}
			for _, a := range p.arcs {
				total[a.Tail] += float64(a.Weight)
			}
			for range 5000 {
				next := make([]float64, p.n)
				for _, a := range p.arcs {
					if a.Weight > 0 {
						next[a.Tail] += float64(a.Weight) / total[a.Tail] * h[a.Head]
					}
				}
				next[target] = 1
				h = next
			}
			f.Hitting(int32(target), got)
			for v := range h {
				if math.Abs(h[v]-got[v]) > 1e-9 {
					t.Fatalf("seed %d: from %d to %d iteration gives %.12g, the factors %.12g", seed, v, target, h[v], got[v])
				}
			}
		}
	}
}

func TestWithinSomeStepsTheProbabilityIsTheSumOverAllWalks(t *testing.T) {
	for seed := range uint64(1500) {
		p := random(seed)
		c, m, steps := p.chain(t), p.matrix(), int(seed%5)
		var walks func(v, target, left int) *big.Rat
		walks = func(v, target, left int) *big.Rat {
			if v == target {
				return big.NewRat(1, 1)
			}
			sum := new(big.Rat)
			if left == 0 {
				return sum
			}
			for x, step := range m[v] {
				if step.Sign() > 0 {
					sum.Add(sum, new(big.Rat).Mul(step, walks(x, target, left-1)))
				}
			}
			return sum
		}
		for target := range p.n {
			got := c.Within(int32(target), steps)
			for v := range got {
				near(t, seed, target, v, got[v], walks(v, target, steps))
			}
		}
	}
}

func TestAClosedClassWithoutTheTargetNeverMeetsIt(t *testing.T) {
	// 0 and 1 pass all on to each other; 2 is met by 3 alone, half the time.
	p := problem{4, []absorbing.Arc{{Tail: 0, Head: 1, Weight: 3}, {Tail: 1, Head: 0, Weight: 5}, {Tail: 3, Head: 2, Weight: 1}, {Tail: 3, Head: 0, Weight: 1}}, make([]int64, 4)}
	got := make([]float64, 4)
	f := p.factored(t)
	for target, want := range [][]float64{{1, 1, 0, 0.5}, {1, 1, 0, 0.5}, {0, 0, 1, 0.5}, {0, 0, 0, 1}} {
		f.Hitting(int32(target), got)
		if !slices.Equal(got, want) {
			t.Errorf("the probabilities of meeting %d are %v, want %v", target, got, want)
		}
	}
	p.leave[1] = 5 // now half of what comes to 1 goes away
	f = p.factored(t)
	if f.Hitting(0, got); !slices.Equal(got, []float64{1, 0.5, 0, 0.5}) {
		t.Errorf("the probabilities of meeting 0 are %v", got)
	}
}

// A chain of 25 vertices, each of which goes back to the first with all but a
// trillionth of its weight: the end is certain, though only after some 10^288
// steps, which elimination with subtractions would lose in rounding.
func TestVerySkewedWeightsLoseNothing(t *testing.T) {
	p := problem{n: 25, leave: make([]int64, 25)}
	for v := range 24 {
		p.arcs = append(p.arcs, absorbing.Arc{Tail: int32(v), Head: int32(v + 1), Weight: 1}, absorbing.Arc{Tail: int32(v), Head: 0, Weight: 1e12})
	}
	got := make([]float64, p.n)
	p.factored(t).Hitting(24, got)
	for v, x := range got {
		if math.Abs(x-1) > 1e-12 {
			t.Errorf("the end is met from %d with probability %v", v, x)
		}
	}
}

func TestTheOrderOfTheArcsChangesNotOneBit(t *testing.T) {
	for seed := range uint64(200) {
		p := random(seed)
		q := p
		q.arcs = slices.Clone(p.arcs)
		slices.Reverse(q.arcs)
		a, b := p.factored(t), q.factored(t)
		x, y := make([]float64, p.n), make([]float64, p.n)
		for target := range p.n {
			a.Hitting(int32(target), x)
			b.Hitting(int32(target), y)
			if !slices.Equal(x, y) {
				t.Fatalf("seed %d: %v and %v", seed, x, y)
			}
		}
	}
}

func TestMillionthsAreRoundedHalfUp(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want int64
	}{
		{0, 0},
		{1, 1_000_000},
		{1.0 / 3, 333_333},
		{2.0 / 3, 666_667},
		{0.0078125, 7813},
		{math.Nextafter(0.0078125, 0), 7813},
		{0.0078125 - 2e-12, 7812},
		{0.0000005, 1},
		{0.0000004999, 0},
	} {
		if got := absorbing.Millionths(c.x); got != c.want {
			t.Errorf("%v is %d millionths, want %d", c.x, got, c.want)
		}
	}
}

func TestWrongChainsAreRefused(t *testing.T) {
	for _, c := range []struct {
		n     int
		arcs  []absorbing.Arc
		leave []int64
		want  string
	}{
		{-1, nil, nil, "number of vertices is -1"},
		{2, []absorbing.Arc{{Tail: 0, Head: 2, Weight: 1}}, nil, "arc 0 leads from 0 to 2, allowed are 0 to 1"},
		{2, []absorbing.Arc{{Tail: 0, Head: 1, Weight: -1}}, nil, "weight of arc 0 is -1"},
		{2, nil, []int64{1}, "weights of leaving are 1, want one for each of 2"},
		{2, nil, []int64{1, -2}, "weight of leaving 1 is -2"},
	} {
		if _, err := absorbing.New(c.n, c.arcs, c.leave); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v, want one with %q", err, c.want)
		}
	}
}

func TestFactoringEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	p := large(50, 200)
	if _, err := p.chain(t).Factor(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

// large is a network with a skewed number of arcs per vertex, some of which
// walkers leave.
func large(n, m int) problem {
	p := problem{n: n, leave: make([]int64, n)}
	for i, a := range gen.PowerLaw(n, m, 1, 2.5, 1) {
		p.arcs = append(p.arcs, absorbing.Arc{Tail: a.Tail, Head: a.Head, Weight: int64(1 + i%97)})
	}
	for v := 0; v < n; v += 3 {
		p.leave[v] = int64(1 + v%31)
	}
	return p
}

func BenchmarkAllTargets(b *testing.B) {
	for _, size := range []struct {
		name string
		n, m int
	}{{"75x250", 75, 250}, {"1000x5000", 1000, 5000}, {"1000x50000", 1000, 50_000}} {
		b.Run(size.name, func(b *testing.B) {
			p := large(size.n, size.m)
			into := make([]float64, p.n)
			for b.Loop() {
				f := p.factored(b)
				for target := range p.n {
					f.Hitting(int32(target), into)
				}
				b.ReportMetric(float64(f.Entries()), "entries")
			}
		})
	}
}
