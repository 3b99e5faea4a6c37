package coverage

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries/library/viewtest"
)

func TestTheThreeRulesAreThoseOfANaiveReadingOfTheSpecification(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(1500) {
		records, lens := viewtest.Random(seed)
		shorten(records)
		v := viewtest.View(t, records, lens)
		in := viewtest.ScopeOf(v)
		r := rand.New(rand.NewPCG(seed, 5))
		p := Params{Rule: []Rule{Tied, Fifo, ProRata}[r.IntN(3)]}
		if r.IntN(4) == 0 {
			p.Buyer = v.Companies()[r.IntN(len(v.Companies()))]
		}
		if r.IntN(4) == 0 {
			p.Payee = v.Companies()[r.IntN(len(v.Companies()))]
		}
		ans := viewtest.Answer(t, in, p, native, finish)
		want := newNaive(v).answer(p, met)
		got := linesOf(ans.Rows, ans.Summary)
		if !slices.Equal(got, want) {
			for i := range max(len(got), len(want)) {
				if i >= len(got) || i >= len(want) || got[i] != want[i] {
					t.Fatalf("seed %d, %+v: line %d\n got %q\nwant %q", seed, p, i, at(got, i), at(want, i))
				}
			}
		}
	}
	for _, what := range []string{"rows", "tied", "crossed", "cents over", "years"} {
		if met[what] < 100 {
			t.Errorf("%d of %q in all graphs, too few to tell", met[what], what)
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing"
}

// shorten leaves terms of at most three years, since the oracle counts days.
func shorten(records []graph.Record) {
	for _, r := range records {
		if f, ok := r.(*graph.Flow); ok && f.PeriodEnd.Known() && f.PeriodEnd.Last()-f.PeriodStart.First() > 1100 {
			f.PeriodEnd = graph.On(f.PeriodStart.First() + 1100)
		}
	}
}

// linesOf is an answer line by line.
func linesOf(rows []Row, s Summary) []string {
	var lines []string
	for _, r := range rows {
		lines = append(lines, fmt.Sprint(r.Buyer, " ", r.Promise, " ", r.Payee, " ", r.Amount, " tied ", r.Tied, " fifo ", r.Fifo, " pro rata ", r.ProRata,
			" ", r.Coverage, " ", r.Gap, " ", r.Funders, " ", r.Legs))
	}
	for _, b := range s.Buyers {
		lines = append(lines, fmt.Sprint(b))
	}
	for _, y := range s.ByYear {
		lines = append(lines, fmt.Sprint(y))
	}
	return lines
}

// naive is every leg under the lens, with what it covers as exact fractions or
// overlaps of intervals.
type naive struct {
	funding, promises map[string][]item // by buyer, in order
}

type item struct {
	at              int // place in the view
	id, other, head string
	amount          graph.Money
	start, end      graph.Date
}

func (x item) cents() int64 { return x.amount.Cents() }

func newNaive(v *snapshot.View) naive {
	n := naive{map[string][]item{}, map[string][]item{}}
	promise := []graph.FlowKind{"compute_commitment", "chip_purchase", "lease", "goods_purchase", "service_purchase", "licence_payment"}
	for i := range v.NumLegs() { // the order of a view is by date, undated last, then id
		leg, f := v.Leg(i), v.Flow(i)
		payer, payee := v.Companies()[leg.Payer], v.Companies()[leg.Payee]
		x := item{at: i, id: leg.ID, amount: leg.Amount, start: f.PeriodStart, end: f.PeriodEnd}
		if leg.Class == graph.Funds {
			x.other, x.head = payer, head(v, f.From)
			n.funding[payee] = append(n.funding[payee], x)
		}
		if slices.Contains(promise, leg.Kind) {
			x.other, x.head = payee, head(v, f.To)
			n.promises[payer] = append(n.promises[payer], x)
		}
	}
	return n
}

// head follows parents to the last one.
func head(v *snapshot.View, id string) string {
	for {
		c, ok := v.Snapshot().Company(id)
		if !ok || c.ParentID == "" {
			return id
		}
		id = c.ParentID
	}
}

func add(items []item) (sum int64, known int) {
	for _, x := range items {
		sum += x.cents()
		if x.amount.Known() {
			known++
		}
	}
	return sum, known
}

func moneyOf(sum int64, known, of int) graph.Money {
	if known == 0 && of > 0 {
		return graph.Money{}
	}
	return graph.USD(sum)
}

func (n naive) answer(p Params, met map[string]int) []string {
	type entry struct {
		row   Row
		total graph.Money
	}
	var entries []entry
	var s Summary
	years := map[[2]string]*big.Rat{}
	for buyer, promises := range n.promises {
		funding := n.funding[buyer]
		f, fKnown := add(funding)
		t, tKnown := add(promises)
		tied, fifo, pro, shares, legs := n.allocate(buyer, met)
		totals := Buyer{
			Buyer: buyer, Promised: moneyOf(t, tKnown, len(promises)), Funding: moneyOf(f, fKnown, len(funding)),
			UnknownPromises: len(promises) - tKnown, UnknownFunding: len(funding) - fKnown,
		}
		shown := false
		var sums [3]int64
		for i, x := range promises {
			sums[0], sums[1], sums[2] = sums[0]+tied[i], sums[1]+fifo[i], sums[2]+pro[i]
			if p.Buyer != "" && p.Buyer != buyer || p.Payee != "" && p.Payee != x.other {
				continue
			}
			shown = true
			r := Row{Buyer: buyer, Promise: x.id, Payee: x.other, Amount: x.amount, Funders: shares[i], Legs: legs[i]}
			if x.amount.Known() {
				r.Tied, r.Fifo, r.ProRata = graph.USD(tied[i]), graph.USD(fifo[i]), graph.USD(pro[i])
				covered := map[Rule]int64{Tied: tied[i], Fifo: fifo[i], ProRata: pro[i]}[p.Rule]
				r.Coverage, r.Gap = ratio(covered, x.cents()), graph.USD(x.cents()-covered)
				spread(years, buyer, x, met)
			}
			entries = append(entries, entry{r, totals.Promised})
			met["rows"]++
		}
		if !shown {
			continue
		}
		if tKnown > 0 {
			totals.Tied, totals.Fifo, totals.ProRata = graph.USD(sums[0]), graph.USD(sums[1]), graph.USD(sums[2])
			totals.TiedCoverage, totals.FifoCoverage, totals.ProRataCoverage = ratio(sums[0], t), ratio(sums[1], t), ratio(sums[2], t)
			totals.TiedGap = graph.USD(t - sums[0])
		}
		s.Buyers = append(s.Buyers, totals)
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(down(a.total, b.total), cmp.Compare(a.row.Buyer, b.row.Buyer), down(a.row.Amount, b.row.Amount), cmp.Compare(a.row.Promise, b.row.Promise))
	})
	slices.SortFunc(s.Buyers, func(a, b Buyer) int { return cmp.Or(down(a.Promised, b.Promised), cmp.Compare(a.Buyer, b.Buyer)) })
	for k, cents := range years {
		s.ByYear = append(s.ByYear, Year{k[0], k[1], graph.USD(cents.Num().Int64())})
	}
	slices.SortFunc(s.ByYear, func(a, b Year) int { return cmp.Or(cmp.Compare(a.Buyer, b.Buyer), cmp.Compare(a.Year, b.Year)) })
	rows := make([]Row, len(entries))
	for i, e := range entries {
		rows[i] = e.row
	}
	return linesOf(rows, s)
}

func down(a, b graph.Money) int {
	if a.Known() != b.Known() {
		return map[bool]int{true: -1, false: 1}[a.Known()]
	}
	return cmp.Compare(b.Cents(), a.Cents())
}

func ratio(a, b int64) graph.Decimal {
	if b == 0 {
		return graph.Decimal{}
	}
	return viewtest.Decimal(big.NewRat(a, b))
}

// allocate is the covered cents of each promise under the three rules, by whom,
// and the legs that each row rests on.
func (n naive) allocate(buyer string, met map[string]int) (tied, fifo, pro []int64, shares [][]Share, legs [][]string) {
	promises, funding := n.promises[buyer], n.funding[buyer]
	by := make([]map[string]*[3]int64, len(promises)) // by funder: tied, fifo, pro rata
	used := make([]map[string]bool, len(promises))
	for i := range promises {
		by[i], used[i] = map[string]*[3]int64{}, map[string]bool{promises[i].id: true}
	}
	credit := func(i, rule int, f item, cents int64) {
		if cents == 0 {
			return
		}
		if by[i][f.other] == nil {
			by[i][f.other] = &[3]int64{}
		}
		by[i][f.other][rule] += cents
		used[i][f.id] = true
	}
	tied = make([]int64, len(promises))
	left := map[int]int64{}
	for j, f := range funding {
		left[j] = f.cents()
	}
	for i, x := range promises {
		for j, f := range funding {
			if f.head == x.head {
				took := min(left[j], x.cents()-tied[i])
				left[j], tied[i] = left[j]-took, tied[i]+took
				credit(i, 0, f, took)
				met["tied"] += int(min(took, 1))
			}
		}
	}
	// First in, first out: the promises and the funding lie one behind the other
	// on a line of cents, and where they overlap, money covers a promise.
	fifo = make([]int64, len(promises))
	start := int64(0)
	for i, x := range promises {
		put := int64(0)
		for _, f := range funding {
			overlap := max(0, min(start+x.cents(), put+f.cents())-max(start, put))
			fifo[i] += overlap
			credit(i, 1, f, overlap)
			if overlap > 0 && f.head != x.head {
				met["crossed"]++
			}
			put += f.cents()
		}
		start += x.cents()
	}
	promised, _ := add(promises)
	total, _ := add(funding)
	pro = share(min(total, promised), cents(promises), met)
	var funders []item // one for each funder, with all it put in
	for _, f := range funding {
		k := slices.IndexFunc(funders, func(x item) bool { return x.other == f.other })
		if k < 0 {
			funders, k = append(funders, item{other: f.other}), len(funders)
		}
		funders[k].amount = graph.USD(funders[k].cents() + f.cents())
	}
	for i := range promises {
		for k, c := range share(pro[i], cents(funders), met) {
			credit(i, 2, funders[k], c)
		}
		for _, f := range funding {
			if pro[i] > 0 && f.cents() > 0 {
				used[i][f.id] = true
			}
		}
	}
	shares, legs = make([][]Share, len(promises)), make([][]string, len(promises))
	for i := range promises {
		for _, f := range funders {
			if c := by[i][f.other]; c != nil {
				shares[i] = append(shares[i], Share{f.other, graph.USD(c[0]), graph.USD(c[1]), graph.USD(c[2])})
			}
		}
		delete(used[i], "")
		legs[i] = inOrder(funding, promises[i], used[i])
	}
	return tied, fifo, pro, shares, legs
}

// inOrder puts the promise among the funding legs that were used.
func inOrder(funding []item, promise item, used map[string]bool) []string {
	all := append(slices.Clone(funding), promise)
	slices.SortFunc(all, func(a, b item) int { return cmp.Compare(a.at, b.at) })
	var ids []string
	for _, x := range all {
		if used[x.id] {
			ids = append(ids, x.id)
		}
	}
	return ids
}

func cents(items []item) []int64 {
	list := make([]int64, len(items))
	for i, x := range items {
		list[i] = x.cents()
	}
	return list
}

// share divides whole cents in proportion: everybody gets the exact part rounded
// down, then one after the other a cent, the largest fraction first.
func share(total int64, weights []int64, met map[string]int) []int64 {
	parts := make([]int64, len(weights))
	all := int64(0)
	for _, w := range weights {
		all += w
	}
	if all == 0 {
		return parts
	}
	left := total
	rest := make([]*big.Rat, len(weights))
	for i, w := range weights {
		exact := new(big.Rat).Mul(big.NewRat(total, 1), big.NewRat(w, all))
		parts[i] = new(big.Int).Quo(exact.Num(), exact.Denom()).Int64()
		rest[i] = exact.Sub(exact, big.NewRat(parts[i], 1))
		left -= parts[i]
	}
	for ; left > 0; left-- {
		best := 0
		for i := range rest {
			if rest[i].Cmp(rest[best]) > 0 {
				best = i
			}
		}
		parts[best]++
		rest[best] = big.NewRat(-1, 1)
		met["cents over"]++
	}
	return parts
}

// spread counts the days of the term in each year, one by one.
func spread(years map[[2]string]*big.Rat, buyer string, x item, met map[string]int) {
	plus := func(year string, c int64) {
		k := [2]string{buyer, year}
		if years[k] == nil {
			years[k] = new(big.Rat)
		}
		years[k].Add(years[k], big.NewRat(c, 1))
	}
	if !x.start.Known() || !x.end.Known() {
		plus("unscheduled", x.cents())
		return
	}
	first := x.start.First().Time().Year()
	var days []int64
	for d := x.start.First(); d <= x.end.Last(); d++ {
		k := d.Time().Year() - first
		for len(days) <= k {
			days = append(days, 0)
		}
		days[k]++
	}
	for k, c := range share(x.cents(), days, met) {
		plus(strconv.Itoa(first+k), c)
		met["years"]++
	}
}
