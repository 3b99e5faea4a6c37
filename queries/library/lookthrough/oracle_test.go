package lookthrough

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/snapshot/graphgen"
	"roundtrip/queries"
	"roundtrip/queries/library/viewtest"
)

func answer(t testing.TB, v *snapshot.View, p Params) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, viewtest.ScopeOf(v), p, native, finish)
}

// random is a random graph whose companies report revenues of the size of their
// legs, some of which are of cents and some of trillions.
func random(seed uint64) ([]graph.Record, graph.Lens) {
	records, lens := viewtest.Random(seed)
	if seed%15 == 14 { // larger, with hubs
		records = graphgen.Random(seed, graphgen.Options{Companies: 18, Legs: 90, Money: true})
		lens = graph.DefaultLens()
		lens.AsOf, _ = graph.ParseDate("2026-06-30")
		lens.Probabilities = graph.DefaultProbabilities()
	}
	r := rand.New(rand.NewPCG(seed, 11))
	for _, record := range slices.Clone(records) {
		c, ok := record.(*graph.Company)
		if !ok || r.IntN(2) == 0 {
			continue
		}
		size := []int64{20_000, 1_000_000, 1e15}[r.IntN(3)] // below 2 cents, a dollar, a billion dollars
		for i := range 1 + r.IntN(2) {
			m := &graph.Metric{
				ID: fmt.Sprintf("revenue-%s-%d", c.ID, i), CompanyID: c.ID, Metric: []string{"revenue_annual", "revenue_run_rate"}[r.IntN(2)],
				Value: graph.Micro(r.Int64N(size)), Unit: "USD",
			}
			if r.IntN(6) > 0 {
				m.AsOf, _ = graph.ParseDate([]string{"2024", "2025-06", "2025-06-30", "2026-01-15", "2030"}[r.IntN(5)])
			}
			records = append(records, m)
		}
	}
	return records, lens
}

// system is what each firm has in from each other, from outside, and all in all,
// as fractions of a cent.
type system struct {
	from    [][]*big.Rat
	outside []*big.Rat
}

func half() *big.Rat { return big.NewRat(1, 2) }

// floor is the greatest whole number that is not above x.
func floor(x *big.Rat) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Div(x.Num(), x.Denom()))
}

// outsideMoney is horizon times the revenue less the receipts, as SPEC says.
func outsideMoney(v *snapshot.View, records []graph.Record, company string, years graph.Decimal, receipts graph.Money) *big.Rat {
	for _, name := range []string{"revenue_annual", "revenue_run_rate"} {
		var latest *graph.Metric
		for _, record := range records {
			m, ok := record.(*graph.Metric)
			if !ok || m.CompanyID != company || m.Metric != name || !m.AsOf.Known() || m.AsOf.Last() > v.AsOf() {
				continue
			}
			if latest == nil || m.AsOf.Last() > latest.AsOf.Last() || m.AsOf.Last() == latest.AsOf.Last() && m.ID > latest.ID {
				latest = m
			}
		}
		if latest == nil {
			continue
		}
		yearly := floor(new(big.Rat).Add(big.NewRat(latest.Value.Micro(), 10_000), half()))
		all := floor(new(big.Rat).Add(new(big.Rat).Mul(yearly, big.NewRat(years.Micro(), 1_000_000)), half()))
		all.Sub(all, big.NewRat(receipts.Cents(), 1))
		if all.Sign() < 0 {
			return new(big.Rat)
		}
		return all
	}
	return new(big.Rat)
}

// least is the least non-negative solution of the definition for one firm, by
// Gauss and Jordan over fractions: 0 for firms to which no chain leads from it.
func (s system) least(a int, open bool) []*big.Rat {
	n := len(s.from)
	reached := make([]bool, n)
	reached[a] = true
	for range n {
		for u := range n {
			for x := range n {
				reached[u] = reached[u] || reached[x] && s.from[u][x].Sign() > 0
			}
		}
	}
	var unknowns []int
	h := make([]*big.Rat, n)
	for u := range h {
		h[u] = new(big.Rat)
		if reached[u] && u != a {
			unknowns = append(unknowns, u)
		}
	}
	h[a].SetInt64(1)
	// inflow(u) h(u) - sum over unknown x of from(u, x) h(x) = from(u, a)
	k := len(unknowns)
	m := make([][]*big.Rat, k)
	for i, u := range unknowns {
		inflow := new(big.Rat)
		if open {
			inflow.Set(s.outside[u])
		}
		for x := range n {
			inflow.Add(inflow, s.from[u][x])
		}
		m[i] = make([]*big.Rat, k+1)
		for j, x := range unknowns {
			m[i][j] = new(big.Rat).Neg(s.from[u][x])
		}
		m[i][i].Add(m[i][i], inflow)
		m[i][k] = new(big.Rat).Set(s.from[u][a])
	}
	for c := range k {
		at := c
		for m[at][c].Sign() == 0 {
			at++
		}
		m[c], m[at] = m[at], m[c]
		for i := range k {
			if i == c || m[i][c].Sign() == 0 {
				continue
			}
			q := new(big.Rat).Quo(m[i][c], m[c][c])
			for j := c; j <= k; j++ {
				m[i][j] = new(big.Rat).Sub(m[i][j], new(big.Rat).Mul(q, m[c][j]))
			}
		}
	}
	for i, u := range unknowns {
		h[u] = new(big.Rat).Quo(m[i][k], m[i][i])
	}
	return h
}

// iterate rises from zero to the same solution.
func (s system) iterate(a int, open bool) []float64 {
	n := len(s.from)
	h := make([]float64, n)
	for range 4000 {
		h[a] = 1
		next := make([]float64, n)
		for u := range n {
			var sum, inflow float64
			if open {
				inflow, _ = s.outside[u].Float64()
			}
			for x := range n {
				w, _ := s.from[u][x].Float64()
				sum += w * h[x]
				inflow += w
			}
			if inflow > 0 {
				next[u] = sum / inflow
			}
		}
		h = next
	}
	h[a] = 1
	return h
}

// shortest is, of the chains of fewest hops on which money of a gets to u, the
// first in order of ids, compared from a on; nil where there is none.
func (s system) shortest(a, u int) []int {
	if a == u {
		return []int{a}
	}
	n := len(s.from)
	for hops := 1; hops < n; hops++ {
		var walk func(chain []int) []int
		walk = func(chain []int) []int {
			last := chain[len(chain)-1]
			if len(chain) == hops+1 {
				if last == u {
					return slices.Clone(chain)
				}
				return nil
			}
			for x := range n {
				if s.from[x][last].Sign() > 0 && !slices.Contains(chain, x) {
					if found := walk(append(chain, x)); found != nil {
						return found
					}
				}
			}
			return nil
		}
		if found := walk([]int{a}); found != nil {
			return found
		}
	}
	return nil
}

// definition is the rows in order, one text each, and the system.
func definition(v *snapshot.View, records []graph.Record, p Params) ([]string, system) {
	names := v.Companies()
	n := len(names)
	s := system{from: make([][]*big.Rat, n), outside: make([]*big.Rat, n)}
	for u := range n {
		s.from[u] = make([]*big.Rat, n)
		for x := range n {
			s.from[u][x] = new(big.Rat)
		}
	}
	mixes := viewtest.Of(graph.Funds, graph.Grants, graph.Pays)
	for i := range v.NumLegs() {
		if leg := v.Leg(i); mixes(leg) {
			s.from[leg.Payee][leg.Payer].Add(s.from[leg.Payee][leg.Payer], big.NewRat(leg.Amount.Cents(), 1))
		}
	}
	buy := viewtest.Sums(v, viewtest.Of(graph.Pays))
	receipts := make([]graph.Money, n)
	for k, amount := range buy {
		at, _ := slices.BinarySearch(names, k.Payee)
		receipts[at] = receipts[at].Plus(amount)
	}
	for u := range n {
		s.outside[u] = outsideMoney(v, records, names[u], p.Horizon, receipts[u])
	}
	type row struct {
		self graph.Decimal
		id   string
		text string
	}
	var rows []row
	for a, id := range names {
		type payer struct {
			amount graph.Money
			id     string
			text   string
		}
		var payers []payer
		own, closed, unknown := new(big.Rat), new(big.Rat), 0
		on := map[[2]int]bool{} // pairs along the chains
		withOutside, without := s.least(a, true), s.least(a, false)
		for u, from := range names {
			amount, ok := buy[viewtest.Key{Payer: from, Payee: id}]
			if !ok {
				continue
			}
			if !amount.Known() {
				unknown++
			}
			w := big.NewRat(amount.Cents(), 1)
			own.Add(own, new(big.Rat).Mul(w, withOutside[u]))
			closed.Add(closed, new(big.Rat).Mul(w, without[u]))
			chain := s.shortest(a, u)
			var ids []string
			for i, x := range chain {
				ids = append(ids, names[x])
				if i > 0 {
					on[[2]int{chain[i-1], x}] = true
				}
			}
			payers = append(payers, payer{amount, from, fmt.Sprint(PayerRow{from, amount, viewtest.Decimal(withOutside[u]), viewtest.Decimal(without[u]), ids})})
		}
		if payers == nil {
			continue
		}
		slices.SortFunc(payers, func(x, y payer) int {
			if x.amount.Known() != y.amount.Known() {
				return map[bool]int{true: -1, false: 1}[x.amount.Known()]
			}
			return cmp.Or(cmp.Compare(y.amount.Cents(), x.amount.Cents()), cmp.Compare(x.id, y.id))
		})
		var list []string
		for _, x := range payers {
			list = append(list, x.text)
		}
		var self, upper *big.Rat
		if receipts[a].Cents() > 0 {
			total := big.NewRat(1, receipts[a].Cents())
			self, upper = own.Mul(own, total), closed.Mul(closed, total)
		}
		var legs []string
		for i := range v.NumLegs() {
			leg := v.Leg(i)
			along := mixes(leg) && on[[2]int{int(leg.Payer), int(leg.Payee)}] && knownEdge(v, leg)
			if leg.Class == graph.Pays && int(leg.Payee) == a || along {
				legs = append(legs, leg.ID)
			}
		}
		outside := graph.USD(s.outside[a].Num().Int64())
		d := viewtest.Decimal(self)
		rows = append(rows, row{d, id, fmt.Sprint(id, receipts[a], d, viewtest.Decimal(upper), outside, unknown, list, legs)})
	}
	slices.SortFunc(rows, func(x, y row) int {
		if x.self.Known() != y.self.Known() {
			return map[bool]int{true: -1, false: 1}[x.self.Known()]
		}
		return cmp.Or(cmp.Compare(y.self.Micro(), x.self.Micro()), cmp.Compare(x.id, y.id))
	})
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = r.text
	}
	return texts, s
}

func knownEdge(v *snapshot.View, like snapshot.Leg) bool {
	for i := range v.NumLegs() {
		if leg := v.Leg(i); leg.Payer == like.Payer && leg.Payee == like.Payee && leg.Class == like.Class && leg.Amount.Cents() > 0 {
			return true
		}
	}
	return false
}

func texts(rows []Row) []string {
	var list []string
	for _, r := range rows {
		var payers []string
		for _, x := range r.Payers {
			payers = append(payers, fmt.Sprint(x))
		}
		list = append(list, fmt.Sprint(r.Company, r.Receipts, r.Self, r.Closed, r.Outside, r.Unknown, payers, r.Legs))
	}
	return list
}

func TestSharesAreThoseOfTheExactSystem(t *testing.T) {
	rows, own, whole, thinned := 0, 0, 0, 0
	for seed := range uint64(900) {
		records, lens := random(seed)
		v := viewtest.View(t, records, lens)
		p := Params{Horizon: graph.Micro([]int64{5_000_000, 5_000_000, 0, 1_500_000}[seed%4])}
		ans := answer(t, v, p)
		want, _ := definition(v, records, p)
		if got := texts(ans.Rows); !slices.Equal(got, want) {
			t.Fatalf("seed %d\n got %q\nwant %q", seed, got, want)
		}
		counted := 0
		for _, r := range ans.Rows {
			rows++
			if r.Self.Micro() > 0 {
				own++
				counted++
			}
			if r.Self == graph.Micro(1_000_000) {
				whole++
			}
			if r.Self.Micro() < r.Closed.Micro() {
				thinned++
			}
			if r.Self.Micro() > r.Closed.Micro() {
				t.Fatalf("seed %d: %s sees %s of its own money again, in a closed system only %s", seed, r.Company, r.Self, r.Closed)
			}
			one := answer(t, v, Params{Horizon: p.Horizon, Company: r.Company})
			if got := texts(one.Rows); len(got) != 1 || got[0] != texts([]Row{r})[0] {
				t.Fatalf("seed %d: alone %s has %q", seed, r.Company, got)
			}
		}
		if ans.Summary.Own != counted || ans.Summary.Companies != len(ans.Rows) {
			t.Fatalf("seed %d: the summary is %+v", seed, ans.Summary)
		}
	}
	if rows < 1000 || own < 500 || whole < 50 || thinned < 200 {
		t.Errorf("%d rows, %d with own money, %d all their own, %d thinned: too few to tell", rows, own, whole, thinned)
	}
}

func TestPlainIterationRisesToTheSameShares(t *testing.T) {
	met := 0
	for seed := range uint64(60) {
		records, lens := random(seed)
		v := viewtest.View(t, records, lens)
		p := Params{Horizon: graph.Micro(5_000_000)}
		_, s := definition(v, records, p)
		for _, r := range answer(t, v, p).Rows {
			a, _ := slices.BinarySearch(v.Companies(), r.Company)
			open, closed := s.iterate(a, true), s.iterate(a, false)
			for _, x := range r.Payers {
				u, _ := slices.BinarySearch(v.Companies(), x.Payer)
				// Iteration may still be on its way up where amounts are skewed.
				if open[u] > x.Own.Float()+1e-6 || closed[u] > x.Closed.Float()+1e-6 {
					t.Fatalf("seed %d: %s of %s: iteration gives %v and %v, the answer is %s and %s", seed, r.Company, x.Payer, open[u], closed[u], x.Own, x.Closed)
				}
				if math.Abs(open[u]-x.Own.Float()) < 1e-6 && math.Abs(closed[u]-x.Closed.Float()) < 1e-6 {
					met++
				}
			}
		}
	}
	if met < 100 {
		t.Errorf("%d shares reached, too few to tell", met)
	}
}

func TestScalingAmountsAndRevenuesLeavesShares(t *testing.T) {
	const factor = 7
	for seed := range uint64(200) {
		lens := graph.DefaultLens()
		lens.AsOf, _ = graph.ParseDate("2026-06-30")
		both := [2][]string{}
		for i, by := range []int64{1, factor} {
			records, _ := random(seed)
			for _, record := range records {
				switch x := record.(type) {
				case *graph.Flow:
					x.AmountLow, x.AmountHigh, x.Realised = graph.Money{}, graph.Money{}, graph.Money{}
					if x.Amount.Known() {
						x.Amount = graph.USD(x.Amount.Cents() / 10 * by)
					}
				case *graph.Metric:
					// Whole cents, so that rounding to a cent scales as well.
					x.Value = graph.Micro(x.Value.Micro() / 100_000 * 10_000 * by)
				}
			}
			for _, r := range answer(t, viewtest.View(t, records, lens), Params{Horizon: graph.Micro(5_000_000)}).Rows {
				both[i] = append(both[i], fmt.Sprint(r.Company, r.Receipts.Cents()/by, r.Self, r.Closed, r.Outside.Cents()/by, r.Unknown, r.Legs))
			}
		}
		if !slices.Equal(both[0], both[1]) {
			t.Fatalf("seed %d: scaled rows are\n%q\nwant\n%q", seed, both[1], both[0])
		}
	}
}

// More outside money anywhere can only thin.
func TestALongerHorizonNeverRaisesAShare(t *testing.T) {
	lower := 0
	for seed := range uint64(200) {
		records, lens := random(seed)
		v := viewtest.View(t, records, lens)
		before := map[string]graph.Decimal{}
		for _, years := range []int64{0, 1, 5, 100} {
			for _, r := range answer(t, v, Params{Horizon: graph.Micro(years * 1_000_000)}).Rows {
				if last, ok := before[r.Company]; ok && last.Micro() < r.Self.Micro() {
					t.Fatalf("seed %d: with %d years %s sees %s, with less %s", seed, years, r.Company, r.Self, last)
				} else if ok && last.Micro() > r.Self.Micro() {
					lower++
				}
				before[r.Company] = r.Self
			}
		}
	}
	if lower < 100 {
		t.Errorf("%d shares went down, too few to tell", lower)
	}
}
