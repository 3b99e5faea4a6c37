package upstream

import (
	"cmp"
	"fmt"
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

// look is a view of a random graph with kinds of companies, and chips with
// foundries and memory, under a lens with the classes that are needed.
func look(t testing.TB, seed uint64) (*snapshot.View, []graph.Record) {
	t.Helper()
	records, lens := viewtest.Random(seed)
	r := rand.New(rand.NewPCG(seed, 5))
	if seed%5 == 4 { // larger, with hubs
		records = graphgen.Random(seed, graphgen.Options{Companies: 14, Legs: 60})
		lens = graph.DefaultLens()
		lens.AsOf, _ = graph.ParseDate("2026-06-30")
	}
	var ids []string
	for _, record := range records {
		if c, ok := record.(*graph.Company); ok {
			ids = append(ids, c.ID)
			if !c.Aggregate() {
				c.Kind = []string{"foundry", "memory_maker", "chip_vendor", "ai_lab", "neocloud", ""}[r.IntN(6)]
			}
		}
	}
	pick := func() string { return ids[r.IntN(len(ids))] }
	for _, record := range slices.Clone(records) {
		if f, ok := record.(*graph.Flow); ok && f.Kind.Class() == graph.Pays && r.IntN(2) == 0 {
			f.Kind = []graph.FlowKind{graph.Lease, graph.ChipPurchase, graph.ComputeCommitment, graph.ComputePaymentRealised}[r.IntN(4)]
		}
	}
	for i := range r.IntN(4) {
		c := &graph.Chip{ID: fmt.Sprintf("tied%d", i), VendorID: pick()}
		if r.IntN(3) > 0 {
			c.FoundryID = pick()
		}
		for range r.IntN(3) {
			c.MemorySupplierIDs = append(c.MemorySupplierIDs, pick())
		}
		records = append(records, c)
	}
	lens.Classes = lens.Classes.With(graph.Pays, graph.Supplies)
	return viewtest.View(t, records, lens), records
}

// pair is that the first depends on the second.
type pair struct{ b, a string }

// dependence is all ties, and the known dollars along them.
func dependence(v *snapshot.View, records []graph.Record) (ties map[pair][]string, paid map[pair]graph.Money) {
	ties, paid = map[pair][]string{}, map[pair]graph.Money{}
	names := v.Companies()
	for i := range v.NumLegs() {
		leg := v.Leg(i)
		from, to := names[leg.Payer], names[leg.Payee]
		switch leg.Kind {
		case "compute_commitment", "compute_payment_realised", "lease", "chip_purchase":
			ties[pair{from, to}] = append(ties[pair{from, to}], leg.ID)
			paid[pair{from, to}] = paid[pair{from, to}].Plus(leg.Amount)
		case "supply", "chip_usage":
			ties[pair{to, from}] = append(ties[pair{to, from}], leg.ID)
		}
	}
	lens := v.Lens()
	group := func(id string) string {
		for _, r := range records {
			if c, ok := r.(*graph.Company); ok && c.ID == id {
				if lens.Rollup && c.ParentID != "" {
					for parent := c.ParentID; parent != ""; {
						id = parent
						parent = ""
						for _, r := range records {
							if c, ok := r.(*graph.Company); ok && c.ID == id {
								parent = c.ParentID
							}
						}
					}
				}
				break
			}
		}
		for _, r := range records {
			if c, ok := r.(*graph.Company); ok && c.ID == id && c.Kind == "aggregate" && !lens.Aggregates {
				return ""
			}
		}
		if len(lens.Companies) > 0 && !slices.Contains(lens.Companies, id) {
			return ""
		}
		return id
	}
	for _, r := range records {
		if c, ok := r.(*graph.Chip); ok {
			for _, id := range append([]string{c.FoundryID}, c.MemorySupplierIDs...) {
				if b, a := group(c.VendorID), group(id); a != "" && b != "" && a != b {
					ties[pair{b, a}] = append(ties[pair{b, a}], []string{}...)
				}
			}
		}
	}
	return ties, paid
}

// definition is the rows in order and the reach of each target, by looking at
// every simple path and every walk.
func definition(v *snapshot.View, records []graph.Record, targets []string, k int) (rows, reaches []string) {
	ties, paid := dependence(v, records)
	names := v.Companies()
	on := map[string][]string{}
	for t := range ties {
		on[t.b] = append(on[t.b], t.a)
	}
	for b := range on {
		slices.Sort(on[b])
	}
	total := map[string]graph.Money{}
	for t, m := range paid {
		total[t.b] = total[t.b].Plus(m)
	}
	place := map[string]int{}
	for i := range v.NumLegs() {
		place[v.LegID(i)] = i
	}
	for _, target := range targets {
		type row struct {
			tier  int
			share graph.Decimal
			b     string
			text  string
		}
		var list []row
		others := 0
		byTier, through := map[string]int{}, map[string]int{}
		for _, b := range names {
			if len(on[b]) > 0 && b != target {
				others++
			}
			var paths [][]string
			var walk func(path []string)
			walk = func(path []string) {
				last := path[len(path)-1]
				if last == target {
					paths = append(paths, slices.Clone(path))
					return
				}
				if len(path) == k+1 {
					return
				}
				for _, a := range on[last] {
					if !slices.Contains(path, a) {
						walk(append(path, a))
					}
				}
			}
			if b == target {
				continue
			}
			walk([]string{b})
			if paths == nil {
				continue
			}
			slices.SortStableFunc(paths, func(x, y []string) int { return cmp.Or(len(x)-len(y), slices.Compare(x, y)) })
			tier := len(paths[0]) - 1
			var sole, legs []string
			for _, c := range names {
				every := c != b && c != target
				for _, path := range paths {
					every = every && slices.Contains(path, c)
				}
				if every {
					sole = append(sole, c)
					through[c]++
				}
			}
			for _, path := range paths {
				for i := 1; i < len(path) && len(path) == tier+1; i++ {
					legs = append(legs, ties[pair{path[i-1], path[i]}]...)
				}
			}
			slices.SortFunc(legs, func(x, y string) int { return place[x] - place[y] })
			legs = slices.Compact(legs)
			var dollar func(u string, left int) *big.Rat
			dollar = func(u string, left int) *big.Rat {
				if u == target {
					return big.NewRat(1, 1)
				}
				sum := new(big.Rat)
				if left == 0 || total[u].Cents() == 0 {
					return sum
				}
				for _, a := range on[u] {
					if w := paid[pair{u, a}]; w.Cents() > 0 {
						sum.Add(sum, new(big.Rat).Mul(big.NewRat(w.Cents(), total[u].Cents()), dollar(a, left-1)))
					}
				}
				return sum
			}
			var share graph.Decimal
			if total[b].Cents() > 0 {
				share = viewtest.Decimal(dollar(b, k))
			}
			byTier[fmt.Sprint(tier)]++
			list = append(list, row{tier, share, b, fmt.Sprint(target, b, tier, sole, share, paths[0], total[b], legs)})
		}
		slices.SortFunc(list, func(x, y row) int {
			if x.tier == y.tier && x.share.Known() != y.share.Known() {
				return map[bool]int{true: -1, false: 1}[x.share.Known()]
			}
			return cmp.Or(x.tier-y.tier, cmp.Compare(y.share.Micro(), x.share.Micro()), cmp.Compare(x.b, y.b))
		})
		for _, r := range list {
			rows = append(rows, r.text)
		}
		if len(list) > 0 {
			var order []Through
			for c, n := range through {
				order = append(order, Through{c, n})
			}
			slices.SortFunc(order, func(x, y Through) int {
				return cmp.Or(y.Firms-x.Firms, cmp.Compare(x.Company, y.Company))
			})
			reaches = append(reaches, fmt.Sprint(target, len(list), others, viewtest.Decimal(big.NewRat(int64(len(list)), int64(others))), byTier, order))
		}
	}
	return rows, reaches
}

func texts(ans queries.Answer[Row, Summary]) (rows, reaches []string) {
	for _, r := range ans.Rows {
		rows = append(rows, fmt.Sprint(r.Target, r.Company, r.Tier, r.Sole, r.Share, r.Path, r.Paid, r.Legs))
	}
	for _, r := range ans.Summary.ByTarget {
		reaches = append(reaches, fmt.Sprint(r.Target, r.Firms, r.Others, r.Ratio, r.ByTier, r.Through))
	}
	return rows, reaches
}

func TestTiersSoleFirmsAndSharesAreThoseOfAllPathsAndWalks(t *testing.T) {
	rows, sole, between, deep := 0, 0, 0, 0
	for seed := range uint64(900) {
		v, records := look(t, seed)
		p := Params{K: 1 + int(seed%5)}
		var targets []string
		if seed%3 == 0 {
			targets = append(targets, v.Companies()[int(seed)%len(v.Companies())], v.Companies()[0])
			p.Targets = slices.Clone(targets)
		} else {
			for _, id := range v.Companies() {
				if c, _ := v.Snapshot().Company(id); c.Kind == "foundry" || c.Kind == "memory_maker" || c.Kind == "chip_vendor" {
					targets = append(targets, id)
				}
			}
		}
		slices.Sort(targets)
		targets = slices.Compact(targets)
		ans := answer(t, v, p)
		got, gotReach := texts(ans)
		want, wantReach := definition(v, records, targets, p.K)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d\n got %q\nwant %q", seed, got, want)
		}
		if !slices.Equal(gotReach, wantReach) {
			t.Fatalf("seed %d\n got %q\nwant %q", seed, gotReach, wantReach)
		}
		firms := map[string]bool{}
		for _, r := range ans.Rows {
			firms[r.Company] = true
			rows++
			if len(r.Sole) > 0 {
				sole++
			}
			if r.Share.Micro() > 0 && r.Share.Micro() < 1_000_000 {
				between++
			}
			if r.Tier > 2 {
				deep++
			}
		}
		if ans.Summary.Firms != len(firms) || ans.Summary.Targets != len(targets) {
			t.Fatalf("seed %d: the summary is %+v", seed, ans.Summary)
		}
	}
	if rows < 3000 || sole < 300 || between < 300 || deep < 100 {
		t.Errorf("%d rows, %d with sole firms, %d with a part of their dollars, %d deep: too few to tell", rows, sole, between, deep)
	}
}

// A longer reach keeps every row and its tier, takes sole firms away and never
// lowers a share.
func TestMoreHopsKeepTiersAndLoseSoleFirms(t *testing.T) {
	fewer := 0
	for seed := range uint64(300) {
		v, _ := look(t, seed)
		type of struct{ company, target string }
		before := map[of]Row{}
		for k := 1; k <= 6; k++ {
			now := map[of]Row{}
			for _, r := range answer(t, v, Params{K: k}).Rows {
				now[of{r.Company, r.Target}] = r
			}
			for key, old := range before {
				r, ok := now[key]
				if !ok || r.Tier != old.Tier || r.Share.Micro() < old.Share.Micro() || !slices.Equal(r.Path, old.Path) {
					t.Fatalf("seed %d: within %d hops %v is %+v, before it was %+v", seed, k, key, r, old)
				}
				for _, c := range r.Sole {
					if !slices.Contains(old.Sole, c) {
						t.Fatalf("seed %d: within %d hops %s has become sole for %v", seed, k, c, key)
					}
				}
				if len(r.Sole) < len(old.Sole) {
					fewer++
				}
			}
			before = now
		}
	}
	if fewer < 20 {
		t.Errorf("%d rows lost a sole firm, too few to tell", fewer)
	}
}

func BenchmarkAThousandFirms(b *testing.B) {
	var records []graph.Record
	for r, err := range graphgen.Transfers(1, 1000, 10_000) {
		if err != nil {
			b.Fatal(err)
		}
		if f, ok := r.(*graph.Flow); ok {
			f.Kind = graph.Lease
		}
		records = append(records, r)
	}
	lens := graph.DefaultLens()
	lens.AsOf, _ = graph.ParseDate("2026-06-30")
	v := viewtest.View(b, records, lens)
	p := Params{K: 4, Targets: v.Companies()[:10]}
	for b.Loop() {
		if ans := answer(b, v, p); len(ans.Rows) < 1000 {
			b.Fatalf("%d rows", len(ans.Rows))
		}
	}
}
