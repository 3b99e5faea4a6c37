package criticality

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/library/viewtest"
)

func answer(t testing.TB, v *snapshot.View, p Params) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, viewtest.ScopeOf(v), p, native, finish)
}

func all() Params { return Params{Limit: 1_000_000, Timeout: time.Minute} }

// pipe is what one company pays another.
type pipe struct{ from, to string }

// pipes adds up the legs that go on, one by one.
func pipes(v *snapshot.View, goes func(snapshot.Leg) bool) (sums map[pipe]int64, known map[pipe]bool) {
	sums, known = map[pipe]int64{}, map[pipe]bool{}
	for i := range v.NumLegs() {
		leg := v.Leg(i)
		if money(leg) && goes(leg) {
			k := pipe{v.Companies()[leg.Payer], v.Companies()[leg.Payee]}
			sums[k] += leg.Amount.Cents()
			known[k] = known[k] || leg.Amount.Known()
		}
	}
	return sums, known
}

func money(leg snapshot.Leg) bool {
	return leg.Class == graph.Funds || leg.Class == graph.Grants || leg.Class == graph.Pays
}

// round is the largest circulation by another algorithm than that of the code:
// from nothing, the longest walks that come home are followed until no walk of the
// residual network gains (M. Klein, "A primal method for minimal cost flows",
// Management Science 14 (1967)), found by the matrix of R. Floyd (1962).
func round(sums map[pipe]int64) int64 {
	index := map[string]int{}
	for _, k := range sorted(sums) {
		for _, id := range []string{k.from, k.to} {
			if _, ok := index[id]; !ok {
				index[id] = len(index)
			}
		}
	}
	n := len(index)
	// gains[0] are ways forward, which gain 1 a cent, gains[1] ways back.
	room := [2][][]int64{square(n), square(n)}
	for k, w := range sums {
		room[0][index[k.from]][index[k.to]] = w
	}
	var total int64
	for {
		gain, first := square(n), make([][]int, n)
		for i := range n {
			first[i] = make([]int, n)
			for j := range n {
				gain[i][j], first[i][j] = math.MinInt32, j
				switch {
				case room[0][i][j] > 0:
					gain[i][j] = 1
				case room[1][i][j] > 0:
					gain[i][j] = -1
				}
			}
		}
		start := -1
		for k := 0; k < n && start < 0; k++ {
			for i := 0; i < n && start < 0; i++ {
				for j := range n {
					if g := gain[i][k] + gain[k][j]; gain[i][k] > math.MinInt32/2 && gain[k][j] > math.MinInt32/2 && g > gain[i][j] {
						gain[i][j], first[i][j] = g, first[i][k]
					}
				}
				if gain[i][i] > 0 {
					start = i
				}
			}
		}
		if start < 0 {
			return total
		}
		// The walk may hold a smaller loop; some loop on it gains.
		walk, at := []int{start}, first[start][start]
		for !slices.Contains(walk, at) {
			walk, at = append(walk, at), first[at][start]
		}
		walk = walk[slices.Index(walk, at):]
		amount, gains := int64(math.MaxInt64), int64(0)
		side := make([]int, len(walk))
		for i, u := range walk {
			w := walk[(i+1)%len(walk)]
			if room[0][u][w] == 0 {
				side[i] = 1
			}
			amount = min(amount, room[side[i]][u][w])
			gains += int64(1 - 2*side[i])
		}
		if gains <= 0 {
			panic("a loop that does not gain")
		}
		for i, u := range walk {
			w := walk[(i+1)%len(walk)]
			room[side[i]][u][w] -= amount
			room[1-side[i]][w][u] += amount
		}
		total += amount * gains
	}
}

func square(n int) [][]int64 {
	m := make([][]int64, n)
	for i := range m {
		m[i] = make([]int64, n)
	}
	return m
}

func sorted(sums map[pipe]int64) []pipe {
	var list []pipe
	for k := range sums {
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b pipe) int { return queries.Order(queries.Bytes(a.from, b.from), queries.Bytes(a.to, b.to)) })
	return list
}

func total(sums map[pipe]int64) (w int64) {
	for _, x := range sums {
		w += x
	}
	return w
}

// index is the circularity index, nil where there is none.
func index(sums map[pipe]int64) *big.Rat {
	if total(sums) == 0 {
		return nil
	}
	return big.NewRat(round(sums), total(sums))
}

// lightest is the least weight of edges of known amount without which there is no
// loop: in some order of the companies they all go backward.
func lightest(sums map[pipe]int64, known map[pipe]bool) int64 {
	var firms []string
	for k := range sums {
		if known[k] {
			firms = append(firms, k.from, k.to)
		}
	}
	slices.Sort(firms)
	firms = slices.Compact(firms)
	least := int64(math.MaxInt64)
	var place func(front []string, sum int64)
	place = func(front []string, sum int64) {
		if sum >= least {
			return
		}
		if len(front) == len(firms) {
			least = sum
			return
		}
		for _, next := range firms {
			if slices.Contains(front, next) {
				continue
			}
			more := sum
			for _, before := range front {
				if k := (pipe{next, before}); known[k] {
					more += sums[k]
				}
			}
			place(append(slices.Clone(front), next), more)
		}
	}
	place(nil, 0)
	return least
}

// wanted are the rows, from solving the network anew without each leg and firm.
func wanted(v *snapshot.View) []string {
	everything := func(snapshot.Leg) bool { return true }
	before, _ := pipes(v, everything)
	circular, ci := round(before), index(before)
	type line struct {
		drop     int64 // -1 when unknown
		what, id string
		text     string
	}
	var lines []line
	add := func(what, id string, known bool, goes func(snapshot.Leg) bool) {
		if !known {
			lines = append(lines, line{-1, what, id, fmt.Sprintf("%s %s null null null", what, id)})
			return
		}
		after, _ := pipes(v, goes)
		drop := circular - round(after)
		var change, share *big.Rat
		if x := index(after); x != nil && ci != nil {
			change = x.Sub(x, ci)
		}
		if circular > 0 {
			share = big.NewRat(drop, circular)
		}
		lines = append(lines, line{drop, what, id, fmt.Sprintf("%s %s %d %v %v", what, id, drop, null(viewtest.Decimal(change)), null(viewtest.Decimal(share)))})
	}
	firms := map[int32]bool{}
	for i := range v.NumLegs() {
		leg := v.Leg(i)
		if money(leg) {
			firms[leg.Payer], firms[leg.Payee] = true, true
			add(Leg, leg.ID, leg.Amount.Known(), func(other snapshot.Leg) bool { return other.ID != leg.ID })
		}
	}
	for f := range firms {
		add(Firm, v.Companies()[f], true, func(leg snapshot.Leg) bool { return leg.Payer != f && leg.Payee != f })
	}
	slices.SortFunc(lines, func(a, b line) int {
		if a.drop != b.drop {
			if a.drop > b.drop {
				return -1
			}
			return 1
		}
		return queries.Order(queries.Bytes(a.what, b.what), queries.Bytes(a.id, b.id))
	})
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	return texts
}

func null(d graph.Decimal) string {
	if !d.Known() {
		return "null"
	}
	return d.String()
}

func got(rows []Row) []string {
	texts := make([]string, len(rows))
	for i, r := range rows {
		drop := "null"
		if r.Drop.Known() {
			drop = fmt.Sprint(r.Drop.Cents())
		}
		texts[i] = fmt.Sprintf("%s %s %s %s %s", r.What, r.ID, drop, null(r.Change), null(r.Share))
	}
	return texts
}

// loops tells whether edges of known amount still make a loop without some.
func loops(known map[pipe]bool, without []Edge) bool {
	left := map[pipe]bool{}
	for k, ok := range known {
		if ok && !slices.ContainsFunc(without, func(e Edge) bool { return e.Payer == k.from && e.Payee == k.to }) {
			left[k] = true
		}
	}
	for {
		paid := map[string]bool{}
		for k := range left {
			paid[k.to] = true
		}
		gone := 0
		for k := range left {
			if !paid[k.from] {
				delete(left, k)
				gone++
			}
		}
		if gone == 0 {
			return len(left) > 0
		}
	}
}

func TestDropsAreThoseOfSolvingTheRestAnew(t *testing.T) {
	met, raised, sets := 0, 0, 0
	for seed := range uint64(400) {
		records, lens := viewtest.Random(seed)
		v := viewtest.View(t, records, lens)
		ans := answer(t, v, all())
		want := wanted(v)
		if have := got(ans.Rows); !slices.Equal(have, want) {
			t.Fatalf("seed %d\nhave %q\nwant %q", seed, have, want)
		}
		for _, r := range ans.Rows {
			if r.Drop.Cents() > 0 {
				met++
			}
			if r.Change.Micro() > 0 {
				raised++
			}
		}
		sums, known := pipes(v, func(snapshot.Leg) bool { return true })
		s := ans.Summary
		if least := lightest(sums, known); s.Feedback.Cents() != least || !s.Exact || s.AtLeast != s.Feedback || loops(known, s.Edges) {
			t.Fatalf("seed %d: feedback arc set %v of %s, the least is %d", seed, s.Edges, s.Feedback, least)
		}
		var sum int64
		for _, e := range s.Edges {
			sum += e.Amount.Cents()
		}
		if sum != s.Feedback.Cents() {
			t.Fatalf("seed %d: edges add up to %d of %s", seed, sum, s.Feedback)
		}
		if sum > 0 {
			sets++
		}
	}
	if met < 1000 || raised < 500 || sets < 100 {
		t.Errorf("%d drops, %d rises of the index, %d feedback arc sets: too few to tell", met, raised, sets)
	}
}

func TestOneKindOfRemovalGivesTheRowsOfBoth(t *testing.T) {
	for seed := range uint64(60) {
		records, lens := viewtest.Random(seed)
		v := viewtest.View(t, records, lens)
		both := answer(t, v, all())
		for _, what := range []string{Leg, Firm} {
			p := all()
			p.What = what
			one := answer(t, v, p)
			rest := slices.DeleteFunc(slices.Clone(both.Rows), func(r Row) bool { return r.What != what })
			if !reflect.DeepEqual(append([]Row{}, one.Rows...), append([]Row{}, rest...)) || one.Summary.Circular != both.Summary.Circular || one.Summary.Feedback != both.Summary.Feedback {
				t.Fatalf("seed %d, %s\n%v\nwant\n%v", seed, what, one.Rows, rest)
			}
		}
	}
}

// thick is a random graph of one component, with hubs where skewed.
func thick(seed uint64, companies, legs int, skewed bool) []graph.Record {
	r := rand.New(rand.NewPCG(seed, 17))
	var records []graph.Record
	for i := range companies {
		records = append(records, &graph.Company{ID: fmt.Sprintf("c%03d", i)})
	}
	end := func() int {
		if skewed {
			return min(r.IntN(companies), r.IntN(companies), r.IntN(companies))
		}
		return r.IntN(companies)
	}
	for i := range legs {
		from, to := end(), end()
		if from == to || i < companies {
			from, to = i%companies, (i+1)%companies
		}
		records = append(records, &graph.Flow{
			ID: fmt.Sprintf("f%04d", i), From: fmt.Sprintf("c%03d", from), To: fmt.Sprintf("c%03d", to), Kind: graph.Lease, Moves: graph.MovesCash,
			Amount: graph.USD(1 + r.Int64N(1_000_000)), InitialStatus: graph.Closed, Status: graph.Closed,
		})
	}
	return records
}

func defaultLens() graph.Lens {
	lens := graph.DefaultLens()
	lens.AsOf, _ = graph.ParseDate("2026-06-30")
	return lens
}

func TestDropsOfLargerAndSkewedNetworksAreThoseOfSolvingTheRestAnew(t *testing.T) {
	for seed := range uint64(6) {
		v := viewtest.View(t, thick(seed, 12+int(seed)*2, 60, seed%2 == 0), defaultLens())
		if have, want := got(answer(t, v, all()).Rows), wanted(v); !slices.Equal(have, want) {
			t.Fatalf("seed %d\nhave %q\nwant %q", seed, have, want)
		}
	}
}

func TestALargeComponentIsMarkedAndItsSetLeavesNoLoop(t *testing.T) {
	marked := 0
	for seed := range uint64(10) {
		v := viewtest.View(t, thick(seed, 40, 200, seed%2 == 0), defaultLens())
		p := all()
		p.What = Firm
		ans := answer(t, v, p)
		_, known := pipes(v, func(snapshot.Leg) bool { return true })
		s := ans.Summary
		warned := slices.ContainsFunc(ans.Warnings, func(w queries.Warning) bool { return w.Code == Heuristic })
		if loops(known, s.Edges) || s.AtLeast.Cents() > s.Feedback.Cents() || s.AtLeast.Cents() == 0 || warned == s.Exact || s.Exact != (s.AtLeast == s.Feedback) {
			t.Fatalf("seed %d: %+v, warnings %v", seed, s, ans.Warnings)
		}
		if warned {
			marked++
		}
	}
	if marked == 0 {
		t.Error("no set was marked")
	}
}

func TestALoopApartAddsItsRowsAndChangesNoOtherDrop(t *testing.T) {
	for seed := range uint64(40) {
		records, lens := viewtest.Random(seed)
		lens.Companies, lens.Kinds, lens.MinAmount, lens.Basis, lens.Conditional = nil, nil, graph.USD(0), graph.Headline, graph.ConditionalKept
		lens.Classes = graph.MoneyClasses()
		alone := answer(t, viewtest.View(t, records, lens), all())
		more := append(slices.Clone(records),
			&graph.Company{ID: "AA"}, &graph.Company{ID: "zz"},
			&graph.Flow{ID: "new", From: "AA", To: "zz", Kind: graph.EquityInvestment, Moves: graph.MovesCash, Amount: graph.USD(500), InitialStatus: graph.Signed, Status: graph.Signed},
			&graph.Flow{ID: "old", From: "zz", To: "AA", Kind: graph.Lease, Moves: graph.MovesCash, Amount: graph.USD(300), InitialStatus: graph.Signed, Status: graph.Signed})
		with := answer(t, viewtest.View(t, more, lens), all())
		if d := with.Summary.Feedback.Cents() - alone.Summary.Feedback.Cents(); d != 300 {
			t.Fatalf("seed %d: the feedback arc set grows by %d, want 300", seed, d)
		}
		drops := func(rows []Row, without ...string) map[string]graph.Money {
			m := map[string]graph.Money{}
			for _, r := range rows {
				if !slices.Contains(without, r.ID) {
					m[r.What+" "+r.ID] = r.Drop
				}
			}
			return m
		}
		if a, b := drops(alone.Rows), drops(with.Rows, "AA", "zz", "new", "old"); !reflect.DeepEqual(a, b) || len(with.Rows) != len(alone.Rows)+4 {
			t.Fatalf("seed %d: drops\n%v\nbecome\n%v", seed, a, b)
		}
		if added := drops(with.Rows); added["leg new"] != graph.USD(600) || added["leg old"] != graph.USD(600) || added["firm AA"] != graph.USD(600) {
			t.Fatalf("seed %d: the new loop has drops %v", seed, added)
		}
	}
}

func shipped(t testing.TB) *snapshot.View {
	t.Helper()
	return viewtest.Shipped(t, defaultLens())
}

func TestTheShippedDataGiveTheDropsOfSolvingTheRestAnew(t *testing.T) {
	v := shipped(t)
	ans := answer(t, v, all())
	if have, want := got(ans.Rows), wanted(v); !slices.Equal(have, want) {
		t.Fatalf("have %q\nwant %q", have, want)
	}
	if again := answer(t, v, all()); !reflect.DeepEqual(ans.Rows, again.Rows) || !reflect.DeepEqual(ans.Summary, again.Summary) || !ans.Summary.Exact {
		t.Error("two runs differ, or the set is not exact")
	}
}

func BenchmarkShipped(b *testing.B) {
	v := shipped(b)
	in := viewtest.ScopeOf(v)
	for b.Loop() {
		if _, err := native(context.WithoutCancel(b.Context()), in, all(), func(Solution) bool { return true }); err != nil {
			b.Fatal(err)
		}
	}
}
