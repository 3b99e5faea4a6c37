package clearing_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"roundtrip/queries/algo/clearing"
	"roundtrip/queries/algo/gen"
	"roundtrip/queries/algo/simplex"
)

func greatest(t testing.TB, external []int64, debts []clearing.Debt, cuts ...clearing.Cut) (*clearing.System, clearing.Vector) {
	t.Helper()
	s, err := clearing.New(external, debts)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Greatest(t.Context(), cuts...)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

// random is a network with amounts that tie often, few means from outside, and
// at times a cut.
func random(r *rand.Rand, most int) (external []int64, debts []clearing.Debt, cuts []clearing.Cut) {
	n := 1 + r.IntN(most)
	external = make([]int64, n)
	for v := range external {
		external[v] = int64(r.IntN(2) * r.IntN(12))
	}
	for range r.IntN(4 * n) {
		debts = append(debts, clearing.Debt{Debtor: int32(r.IntN(n)), Creditor: int32(min(r.IntN(n), r.IntN(n))), Amount: int64(r.IntN(10))})
	}
	if r.IntN(2) == 0 {
		cuts = append(cuts, clearing.Cut{Member: int32(r.IntN(n)), Num: int64(r.IntN(4)), Den: 3})
	}
	return external, debts, cuts
}

func left(cuts []clearing.Cut, v int) *big.Rat {
	for _, c := range cuts {
		if int(c.Member) == v {
			return big.NewRat(c.Num, c.Den)
		}
	}
	return big.NewRat(1, 1)
}

// programme is the vector as a linear programme: the largest sum of parts of
// which no member pays more than it owes or than it has.
func programme(external []int64, debts []clearing.Debt, cuts []clearing.Cut) []*big.Rat {
	n := len(external)
	owed := make([]int64, n)
	for _, d := range debts {
		owed[d.Debtor] += d.Amount
	}
	zeros := func(k int) []*big.Rat {
		list := make([]*big.Rat, k)
		for i := range list {
			list[i] = new(big.Rat)
		}
		return list
	}
	var a [][]*big.Rat
	var b []*big.Rat
	c := zeros(n)
	for v := range n {
		most, has := zeros(n), zeros(n)
		most[v].SetInt64(1)
		has[v].SetInt64(owed[v])
		keep := left(cuts, v)
		for _, d := range debts {
			if int(d.Creditor) == v {
				has[d.Debtor].Sub(has[d.Debtor], new(big.Rat).Mul(keep, new(big.Rat).SetInt64(d.Amount)))
			}
		}
		a = append(a, most, has)
		b = append(b, big.NewRat(1, 1), new(big.Rat).Mul(keep, new(big.Rat).SetInt64(external[v])))
		c[v].SetInt64(1)
	}
	return simplex.Maximise(a, b, c)
}

func TestThePartsAreThoseOfALinearProgrammeInExactFractions(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	short, waves := 0, 0
	for range 3000 {
		external, debts, cuts := random(r, 7)
		_, v := greatest(t, external, debts, cuts...)
		want := programme(external, debts, cuts)
		for m, y := range v.Part {
			if y.Cmp(want[m]) != 0 {
				t.Fatalf("external %v, debts %v, cuts %v: member %d pays %s, want %s", external, debts, cuts, m, y, want[m])
			}
		}
		short += v.Defaults
		waves = max(waves, v.Waves)
		if !v.Exact {
			t.Fatal("not exact")
		}
	}
	if short < 1000 || waves < 3 {
		t.Errorf("only %d defaults in at most %d waves", short, waves)
	}
}

// iterate replaces the vector by what it lets members pay, starting from full
// payment, until nothing moves.
func iterate(external []int64, debts []clearing.Debt, cuts []clearing.Cut) []float64 {
	n := len(external)
	part, owed := slices.Repeat([]float64{1}, n), make([]float64, n)
	for _, d := range debts {
		owed[d.Debtor] += float64(d.Amount)
	}
	for moved := true; moved; {
		has := make([]float64, n)
		for v := range has {
			has[v] = float64(external[v])
		}
		for _, d := range debts {
			has[d.Creditor] += part[d.Debtor] * float64(d.Amount)
		}
		moved = false
		for v := range part {
			keep, _ := left(cuts, v).Float64()
			if next := keep * has[v]; next < part[v]*owed[v] {
				moved = moved || part[v]*owed[v]-next > 1e-13*owed[v]
				part[v] = next / owed[v]
			}
		}
	}
	return part
}

func TestThePartsAreTheLimitOfPlainIterationFromFullPayment(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for range 1000 {
		external, debts, cuts := random(r, 30)
		_, v := greatest(t, external, debts, cuts...)
		for m, want := range iterate(external, debts, cuts) {
			if got, _ := v.Part[m].Float64(); math.Abs(got-want) > 1e-9 {
				t.Fatalf("external %v, debts %v, cuts %v: member %d pays %v, want %v", external, debts, cuts, m, got, want)
			}
		}
	}
}

// Beyond MaxExact members in a knot the answer is in floating point.
func TestALargeKnotComesNearToPlainIteration(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	inexact := 0
	for range 5 {
		n := 200
		external, debts := make([]int64, n), []clearing.Debt{}
		for v := range external {
			external[v] = int64(r.IntN(40))
		}
		for _, a := range gen.Uniform(n, 5*n, 1, r.Uint64()) {
			debts = append(debts, clearing.Debt{Debtor: a.Tail, Creditor: a.Head, Amount: 1 + r.Int64N(1000)})
		}
		_, v := greatest(t, external, debts)
		if !v.Exact {
			inexact++
		}
		for m, want := range iterate(external, debts, nil) {
			if got, _ := v.Part[m].Float64(); math.Abs(got-want) > 1e-9 {
				t.Fatalf("member %d pays %v, want %v", m, got, want)
			}
		}
	}
	if inexact == 0 {
		t.Error("all answers were exact")
	}
}

// Long chains of defaults make fractions grow; they are cut beyond MaxBits.
func TestALongChainOfDefaultsStaysNearItsFractions(t *testing.T) {
	const n, sink = 300, 300
	external, debts := make([]int64, n+1), []clearing.Debt{}
	external[0] = 1_000_000_007
	want := big.NewRat(1_000_000_007, 1)
	for v := range int32(n - 1) {
		on, off := 999_999_000_000_007+2*int64(v), int64(1_000_003)
		debts = append(debts, clearing.Debt{Debtor: v, Creditor: v + 1, Amount: on}, clearing.Debt{Debtor: v, Creditor: sink, Amount: off})
		want.Mul(want, big.NewRat(on, on+off))
	}
	s, v := greatest(t, external, debts)
	if v.Exact || v.Defaults != n-1 {
		t.Fatalf("%d defaults, exact: %v", v.Defaults, v.Exact)
	}
	gap := new(big.Rat).Sub(s.Received(v)[n-1], want)
	if gap.Abs(gap).Cmp(big.NewRat(1, 1<<60)) > 0 {
		t.Errorf("the last member receives %s too much or too little", gap.FloatString(30))
	}
}

func rat(a, b int64) *big.Rat { return big.NewRat(a, b) }

func TestNetworksWorkedOutByHand(t *testing.T) {
	type debt = clearing.Debt
	for _, c := range []struct {
		name     string
		external []int64
		debts    []debt
		cuts     []clearing.Cut
		want     []*big.Rat
	}{
		{"nobody", nil, nil, nil, nil},
		{"ten of thirty-eight", []int64{0, 10}, []debt{{1, 0, 38}}, nil, []*big.Rat{rat(1, 1), rat(5, 19)}},
		{"a chain of three", []int64{6, 1, 0}, []debt{{0, 1, 8}, {1, 2, 14}}, nil, []*big.Rat{rat(3, 4), rat(1, 2), rat(1, 1)}},
		{"a ring without means pays in full", []int64{0, 0, 0}, []debt{{0, 1, 5}, {1, 2, 5}, {2, 0, 5}}, nil, []*big.Rat{rat(1, 1), rat(1, 1), rat(1, 1)}},
		{"a ring without means that owes outwards pays nothing", []int64{0, 0, 0}, []debt{{0, 1, 5}, {1, 0, 5}, {1, 2, 1}}, nil, []*big.Rat{rat(0, 1), rat(0, 1), rat(1, 1)}},
		// y0 = 1 as 5 + 10 y1 >= 10; y1 = 10/20.
		{"a ring of two", []int64{5, 0, 0}, []debt{{0, 1, 10}, {1, 0, 10}, {1, 2, 10}}, nil, []*big.Rat{rat(1, 1), rat(1, 2), rat(1, 1)}},
		{"a cut by half", []int64{8, 1, 0}, []debt{{0, 1, 8}, {1, 2, 9}}, []clearing.Cut{{0, 1, 2}}, []*big.Rat{rat(1, 2), rat(5, 9), rat(1, 1)}},
		{"a cut to nothing", []int64{8, 1, 0}, []debt{{0, 1, 8}, {1, 2, 9}}, []clearing.Cut{{0, 0, 1}}, []*big.Rat{rat(0, 1), rat(1, 9), rat(1, 1)}},
		{"a cut that leaves enough", []int64{8, 1, 0}, []debt{{0, 1, 4}, {1, 2, 5}}, []clearing.Cut{{0, 1, 2}}, []*big.Rat{rat(1, 1), rat(1, 1), rat(1, 1)}},
		{"two creditors share in proportion", []int64{5, 0, 0}, []debt{{0, 1, 4}, {0, 2, 6}}, nil, []*big.Rat{rat(1, 2), rat(1, 1), rat(1, 1)}},
		{"a debt to oneself", []int64{5, 0}, []debt{{0, 0, 10}, {0, 1, 10}}, nil, []*big.Rat{rat(1, 2), rat(1, 1)}},
		{"debts of nothing", []int64{0, 0}, []debt{{0, 1, 0}, {1, 0, 0}}, nil, []*big.Rat{rat(1, 1), rat(1, 1)}},
		{"large amounts", []int64{math.MaxInt64, 0}, []debt{{1, 0, math.MaxInt64}}, nil, []*big.Rat{rat(1, 1), rat(0, 1)}},
	} {
		_, v := greatest(t, c.external, c.debts, c.cuts...)
		for m, want := range c.want {
			if v.Part[m].Cmp(want) != 0 {
				t.Errorf("%s: member %d pays %s, want %s", c.name, m, v.Part[m], want)
			}
		}
	}
}

// check fails unless the vector obeys the rules of clearing.
func check(t *testing.T, external []int64, debts []clearing.Debt, s *clearing.System, v clearing.Vector, cuts []clearing.Cut) {
	t.Helper()
	one := rat(1, 1)
	all, kept := new(big.Rat), new(big.Rat)
	received := s.Received(v)
	for m, y := range v.Part {
		paid := new(big.Rat).Mul(y, new(big.Rat).SetInt64(s.Owed()[m]))
		has := new(big.Rat).SetInt64(external[m])
		has.Add(has, received[m])
		has.Mul(has, left(cuts, m))
		if y.Sign() < 0 || y.Cmp(one) > 0 || paid.Cmp(has) > 0 {
			t.Fatalf("debts %v: member %d pays %s and has %s", debts, m, paid, has) // limited liability
		}
		if y.Cmp(one) < 0 && paid.Cmp(has) != 0 {
			t.Fatalf("debts %v: member %d pays %s short of its debts and keeps of %s", debts, m, paid, has) // priority
		}
		if len(cuts) == 0 {
			all.Add(all, new(big.Rat).SetInt64(external[m]))
			kept.Add(kept, has.Sub(has, paid))
		}
	}
	if all.Cmp(kept) != 0 {
		t.Fatalf("debts %v: %s comes in and %s is kept", debts, all, kept)
	}
}

func TestNobodyPaysMoreThanItHasNorKeepsAnythingWhileItOwes(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for range 2000 {
		external, debts, cuts := random(r, 12)
		s, v := greatest(t, external, debts, cuts...)
		check(t, external, debts, s, v, cuts)
	}
}

func TestMoreMeansOrASmallerCutLetNobodyPayLess(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for range 1000 {
		external, debts, cuts := random(r, 12)
		_, before := greatest(t, external, debts, cuts...)
		more := slices.Clone(external)
		more[r.IntN(len(more))] += 3
		for i := range cuts {
			cuts[i].Num = min(3, cuts[i].Num+int64(r.IntN(2)))
		}
		_, after := greatest(t, more, debts, cuts...)
		for m := range more {
			if after.Part[m].Cmp(before.Part[m]) < 0 {
				t.Fatalf("external %v, debts %v: with more means member %d pays %s instead of %s", external, debts, m, after.Part[m], before.Part[m])
			}
		}
	}
}

func TestTheOrderOfTheDebtsAndAFactorChangeNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	for range 500 {
		external, debts, cuts := random(r, 12)
		_, before := greatest(t, external, debts, cuts...)
		mixed, scaled := slices.Clone(debts), slices.Clone(external)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		for i := range mixed {
			mixed[i].Amount *= 7
		}
		for i := range scaled {
			scaled[i] *= 7
		}
		_, after := greatest(t, scaled, mixed, cuts...)
		for m := range after.Part {
			if after.Part[m].Cmp(before.Part[m]) != 0 {
				t.Fatalf("member %d pays %s, seven times everything in another order %s", m, before.Part[m], after.Part[m])
			}
		}
	}
}

func FuzzClearing(f *testing.F) {
	f.Add(uint64(1), uint8(5))
	f.Fuzz(func(t *testing.T, seed uint64, most uint8) {
		external, debts, cuts := random(rand.New(rand.NewPCG(seed, 9)), 1+int(most)%40)
		s, v := greatest(t, external, debts, cuts...)
		check(t, external, debts, s, v, cuts)
	})
}

func TestBadInputIsRefused(t *testing.T) {
	for want, bad := range map[string]func() (*clearing.System, error){
		"clearing: member 1 has -1 from outside, allowed are 0 and more":     func() (*clearing.System, error) { return clearing.New([]int64{0, -1}, nil) },
		"clearing: csr: arc 0 goes from 0 to 1, allowed vertices are 0 to 0": func() (*clearing.System, error) { return clearing.New([]int64{0}, []clearing.Debt{{0, 1, 1}}) },
		"clearing: debt 0 is -1, allowed are 0 and more":                     func() (*clearing.System, error) { return clearing.New([]int64{0, 0}, []clearing.Debt{{0, 1, -1}}) },
		"clearing: the debts of member 0 or the claims of member 1 add up to more than 2^63-1": func() (*clearing.System, error) {
			return clearing.New([]int64{0, 0}, []clearing.Debt{{0, 1, math.MaxInt64}, {0, 1, 1}})
		},
	} {
		if _, err := bad(); err == nil || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
	s, err := clearing.New([]int64{0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []clearing.Cut{{1, 1, 2}, {-1, 1, 2}, {0, 3, 2}, {0, -1, 2}, {0, 0, 0}} {
		if _, err := s.Greatest(t.Context(), c); err == nil || !strings.Contains(err.Error(), "allowed are 0 to 1 and members 0 to 0") {
			t.Errorf("cut %v: error is %v", c, err)
		}
	}
}

func TestTheEndOfTheContextEndsTheSearch(t *testing.T) {
	s, err := clearing.New([]int64{0, 0}, []clearing.Debt{{0, 1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Greatest(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func BenchmarkGreatest(b *testing.B) {
	for _, size := range [][2]int{{75, 250}, {1000, 10_000}, {100_000, 1_000_000}} {
		b.Run(fmt.Sprintf("power law %d-%d", size[0], size[1]), func(b *testing.B) {
			n := size[0]
			amounts := gen.Times(size[1], 1_000_000_000, 3)
			debts := make([]clearing.Debt, size[1])
			for i, a := range gen.PowerLaw(n, size[1], 1, 2.5, 42) {
				debts[i] = clearing.Debt{Debtor: a.Tail, Creditor: a.Head, Amount: 1 + amounts[i]>>(amounts[i]%20)}
			}
			s, err := clearing.New(gen.Times(n, 100_000_000, 5), debts)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				v, err := s.Greatest(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(v.Defaults), "defaults")
				b.ReportMetric(float64(v.Waves), "waves")
			}
		})
	}
}
