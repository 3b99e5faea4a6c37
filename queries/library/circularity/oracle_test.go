package circularity

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/snapshot/graphgen"
	"roundtrip/queries"
	"roundtrip/queries/algo/simplex"
	"roundtrip/queries/library/viewtest"
)

func answer(t testing.TB, v *snapshot.View, p Params) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, viewtest.ScopeOf(v), p, native, finish)
}

// programme is the linear programme of a view, made of its legs.
type programme struct {
	pairs [][2]int32
	w     []*big.Int
}

func programmeOf(v *snapshot.View) programme {
	sums := map[[2]int32]*big.Int{}
	for i := range v.NumLegs() {
		leg := v.Leg(i)
		switch leg.Class {
		case graph.Funds, graph.Grants, graph.Pays:
			k := [2]int32{leg.Payer, leg.Payee}
			if sums[k] == nil {
				sums[k] = new(big.Int)
			}
			sums[k].Add(sums[k], big.NewInt(leg.Amount.Cents()))
		}
	}
	var p programme
	for k, w := range sums {
		p.pairs, p.w = append(p.pairs, k), append(p.w, w)
	}
	return p
}

func (p programme) total() *big.Int {
	sum := new(big.Int)
	for _, w := range p.w {
		sum.Add(sum, w)
	}
	return sum
}

// largest is the largest value of the weights over all circulations.
func (p programme) largest(companies int, weight func(pair [2]int32) *big.Int) *big.Int {
	rows, b := make([][]*big.Rat, 0, 2*companies+len(p.w)), make([]*big.Rat, 0, 2*companies+len(p.w))
	empty := func() []*big.Rat {
		row := make([]*big.Rat, len(p.w))
		for i := range row {
			row[i] = new(big.Rat)
		}
		return row
	}
	for v := range int32(companies) {
		more, less := empty(), empty()
		for i, k := range p.pairs {
			switch v {
			case k[0]:
				more[i].SetInt64(1)
				less[i].SetInt64(-1)
			case k[1]:
				more[i].SetInt64(-1)
				less[i].SetInt64(1)
			}
		}
		rows, b = append(rows, more, less), append(b, new(big.Rat), new(big.Rat))
	}
	c := empty()
	for i, w := range p.w {
		row := empty()
		row[i].SetInt64(1)
		rows, b = append(rows, row), append(b, new(big.Rat).SetInt(w))
		c[i].SetInt(weight(p.pairs[i]))
	}
	best := new(big.Rat)
	for i, x := range simplex.Maximise(rows, b, c) {
		best.Add(best, new(big.Rat).Mul(c[i], x))
	}
	if !best.IsInt() {
		panic("the largest value is not whole")
	}
	return best.Num()
}

// check compares an answer with the programme and returns how many companies
// have more than one throughput. It reads the ranges from the same programme: a
// cent that goes round outweighs all that one company's throughput can be.
func check(t *testing.T, v *snapshot.View) (goesRound bool, varied int) {
	t.Helper()
	ans := answer(t, v, Params{Ranges: true, Limit: 1000})
	p, n := programmeOf(v), len(v.Companies())
	best, total := p.largest(n, func([2]int32) *big.Int { return big.NewInt(1) }), p.total()
	if got := ans.Summary.Circular.Cents(); best.Cmp(big.NewInt(got)) != 0 {
		t.Fatalf("%d goes round, want %s", got, best)
	}
	if got, want := ans.Summary.CI, graph.Quotient(best, total); ans.Summary.Total.Known() && got != want {
		t.Fatalf("CI %s, want %s", got, want)
	}
	if !ans.Summary.Certificate || total.Cmp(big.NewInt(ans.Summary.Total.Cents())) != 0 {
		t.Fatalf("summary %+v, total %s", ans.Summary, total)
	}
	heavy := new(big.Int).Add(total, big.NewInt(1))
	for _, r := range ans.Rows {
		at, _ := v.Vertex(r.Company)
		bound := func(sign int64) int64 {
			value := p.largest(n, func(k [2]int32) *big.Int {
				if k[1] == at {
					return new(big.Int).Add(heavy, big.NewInt(sign))
				}
				return heavy
			})
			rest := value.Sub(value, new(big.Int).Mul(heavy, best))
			return sign * rest.Int64()
		}
		low, high := bound(-1), bound(1)
		if r.Min.Cents() != low || r.Max.Cents() != high || r.Throughput.Cents() < low || r.Throughput.Cents() > high {
			t.Fatalf("%s carries %d, from %d to %d; want from %d to %d", r.Company, r.Throughput.Cents(), r.Min.Cents(), r.Max.Cents(), low, high)
		}
		if low < high {
			varied++
		}
	}
	return best.Sign() > 0, varied
}

func newYear() graph.Lens {
	lens := graph.DefaultLens()
	lens.AsOf = graph.On(graph.DayOf(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)))
	return lens
}

func TestTheAnswerIsThatOfALinearProgrammeInExactFractions(t *testing.T) {
	met := 0
	for seed := range uint64(300) {
		records := graphgen.Random(seed, graphgen.Options{Companies: 3 + int(seed%4), Legs: 8 + int(seed%16), Money: seed%2 == 0})
		lens := newYear()
		if seed%3 == 0 {
			lens = graphgen.RandomLens(seed, records)
		}
		if round, _ := check(t, viewtest.View(t, records, lens)); round {
			met++
		}
	}
	if met < 50 {
		t.Errorf("something goes round in only %d graphs", met)
	}
}

// Few amounts on many legs make several circulations of the same sum.
func TestRangesAreThoseOfALinearProgrammeWhereSeveralCirculationsAreBest(t *testing.T) {
	varied := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		var records []graph.Record
		n := 4 + r.IntN(3)
		for i := range n {
			records = append(records, &graph.Company{ID: string(rune('a' + i)), Name: "x"})
		}
		for i := range 8 + r.IntN(8) {
			from := r.IntN(n)
			to := (from + 1 + r.IntN(n-1)) % n
			if r.IntN(3) > 0 && from > to { // few ways back
				from, to = to, from
			}
			records = append(records, &graph.Flow{
				ID: fmt.Sprintf("f%02d", i), From: string(rune('a' + from)), To: string(rune('a' + to)), Kind: graph.Lease,
				Moves: "cash", Amount: graph.USD(int64(100 + 100*(r.IntN(5)/4))), InitialStatus: "signed", Status: "signed",
			})
		}
		_, k := check(t, viewtest.View(t, records, newYear()))
		varied += k
	}
	if varied < 30 {
		t.Errorf("only %d companies had more than one throughput", varied)
	}
}

func TestEdgesAndCyclesAddUp(t *testing.T) {
	for seed := range uint64(100) {
		records := graphgen.Random(seed, graphgen.Options{Companies: 10, Legs: 60, Money: true})
		lens := newYear()
		lens.Aggregates = true
		ans := answer(t, viewtest.View(t, records, lens), Params{Limit: 1000})
		in, out, round := map[string]int64{}, map[string]int64{}, map[string]int64{}
		for _, e := range ans.Summary.Edges {
			in[e.Payee] += e.Round.Cents()
			out[e.Payer] += e.Round.Cents()
			round[e.Payer+" "+e.Payee] = e.Round.Cents()
			if e.Round.Cents() > e.Amount.Cents() {
				t.Fatalf("seed %d: edge %v", seed, e)
			}
		}
		for _, r := range ans.Rows {
			if x := r.Throughput.Cents(); in[r.Company] != x || out[r.Company] != x {
				t.Fatalf("seed %d: %s is paid %d and pays %d of what goes round, its row says %d", seed, r.Company, in[r.Company], out[r.Company], x)
			}
			if r.Min.Known() || r.Max.Known() {
				t.Fatalf("seed %d: there is a range that was not asked for", seed)
			}
		}
		for _, c := range ans.Summary.Cycles {
			for i, id := range c.Ring {
				round[id+" "+c.Ring[(i+1)%len(c.Ring)]] -= c.Amount.Cents()
			}
			if slices.Min(c.Ring) != c.Ring[0] {
				t.Fatalf("seed %d: ring %v", seed, c.Ring)
			}
		}
		for edge, left := range round {
			if left != 0 {
				t.Fatalf("seed %d: cycles leave %d of %s", seed, left, edge)
			}
		}
	}
}

func TestADisconnectedFirmChangesNoOtherRow(t *testing.T) {
	for seed := range uint64(40) {
		records := graphgen.Random(seed, graphgen.Options{Companies: 10, Legs: 40, Money: true})
		lens := newYear()
		p := Params{Ranges: true, Limit: 1000}
		alone := answer(t, viewtest.View(t, records, lens), p)
		more := append(slices.Clone(records),
			&graph.Company{ID: "AA", Name: "AA"}, &graph.Company{ID: "zz", Name: "zz"},
			&graph.Flow{ID: "new", From: "AA", To: "zz", Kind: graph.EquityInvestment, Moves: "cash", Amount: graph.USD(500), InitialStatus: "signed", Status: "signed"},
			&graph.Flow{ID: "old", From: "zz", To: "AA", Kind: graph.Lease, Moves: "cash", Amount: graph.USD(300), InitialStatus: "signed", Status: "signed"})
		with := answer(t, viewtest.View(t, more, lens), p)
		if got := with.Summary.Circular.Cents() - alone.Summary.Circular.Cents(); got != 600 {
			t.Fatalf("seed %d: the two new firms add %d to what goes round, want 600", seed, got)
		}
		rest := slices.DeleteFunc(with.Rows, func(r Row) bool { return r.Company == "AA" || r.Company == "zz" })
		if len(rest) != len(alone.Rows) || len(rest) > 0 && !reflect.DeepEqual(rest, alone.Rows) {
			t.Fatalf("seed %d: rows\n%v\nbecome\n%v", seed, alone.Rows, rest)
		}
	}
}

func shipped(t testing.TB) *snapshot.View {
	t.Helper()
	return viewtest.Shipped(t, newYear())
}

func TestTheShippedDataGiveTheSameAnswerTwice(t *testing.T) {
	v := shipped(t)
	a, b := answer(t, v, Params{Ranges: true, Limit: 1000}), answer(t, v, Params{Ranges: true, Limit: 1000})
	if !reflect.DeepEqual(a.Rows, b.Rows) || !reflect.DeepEqual(a.Summary, b.Summary) || !a.Summary.Certificate {
		t.Error("two runs differ, or the certificate fails")
	}
}

func BenchmarkShipped(b *testing.B) {
	v := shipped(b)
	in := viewtest.ScopeOf(v)
	for _, ranges := range []bool{false, true} {
		b.Run(fmt.Sprintf("ranges %v", ranges), func(b *testing.B) {
			for b.Loop() {
				if _, err := native(context.WithoutCancel(b.Context()), in, Params{Ranges: ranges, Limit: 1000}, func(Solution) bool { return true }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
