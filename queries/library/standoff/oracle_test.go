package standoff

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/library/viewtest"
)

func answer(t testing.TB, v *snapshot.View, p Params) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, viewtest.ScopeOf(v), p, native, finish)
}

// tips counts the orders of joining, of all there are, in which each weight tips
// the sum over a half.
func tips(weights []int64) (of []int64, orders int64) {
	var sum int64
	for _, w := range weights {
		sum += w
	}
	of = make([]int64, len(weights))
	order := make([]int, 0, len(weights))
	var join func()
	join = func() {
		if len(order) == len(weights) {
			orders++
			var joined int64
			for _, i := range order {
				if joined += weights[i]; 2*joined > sum {
					of[i]++
					break
				}
			}
			return
		}
		for i := range weights {
			if !slices.Contains(order, i) {
				order = append(order, i)
				join()
				order = order[:len(order)-1]
			}
		}
	}
	join()
	return of, orders
}

type vendor struct {
	id     string
	amount graph.Money
	funds  bool
}

// judge is the definition read aloud with exact fractions.
func judge(customer string, vendors []vendor, p Params) string {
	tau, kappa := big.NewRat(p.Tau.Micro(), 1_000_000), big.NewRat(p.Kappa.Micro(), 1_000_000)
	var total graph.Money
	var weights []int64
	for _, v := range vendors {
		total = total.Plus(v.amount)
		if v.amount.Known() {
			weights = append(weights, v.amount.Cents())
		}
	}
	if total.Cents() == 0 {
		return fmt.Sprint(customer, " unknown 0  0 ?  ", total)
	}
	atTau, funders, walk, largest := 0, 0, true, new(big.Rat)
	for _, v := range vendors {
		if !v.amount.Known() {
			continue
		}
		share := big.NewRat(v.amount.Cents(), total.Cents())
		if share.Cmp(largest) > 0 {
			largest = share
		}
		if share.Cmp(tau) >= 0 {
			atTau++
			if v.funds {
				funders++
			}
		}
		others := new(big.Rat).Sub(big.NewRat(1, 1), share)
		if others.Cmp(new(big.Rat).Mul(kappa, share)) < 0 {
			walk = false
		}
	}
	of, orders := tips(weights)
	strength := new(big.Rat).Sub(big.NewRat(1, 1), big.NewRat(slices.Max(of), orders))
	verdict := "open"
	switch {
	case atTau < 2:
		verdict = "single_source"
	case !walk:
		verdict = "dominated"
	case funders > 0:
		verdict = "standoff"
	}
	return fmt.Sprint(customer, " ", verdict, " ", atTau, " ", viewtest.Decimal(largest), " ", funders, " ", walk, " ", viewtest.Decimal(strength), " ", total)
}

func TestVerdictsAndStrengthAreThoseOfTheDefinitionWithEveryOrderPlayed(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(2500) {
		records, lens := viewtest.Random(seed)
		v := viewtest.View(t, records, lens)
		r := rand.New(rand.NewPCG(seed, 8))
		p := Params{Scope: "compute", Tau: graph.Micro(100_000), Kappa: graph.Micro(1_000_000)}
		scope := map[graph.FlowKind]bool{graph.ComputeCommitment: true, graph.ComputePaymentRealised: true, graph.Lease: true}
		if seed%3 > 0 {
			p.Scope, scope = "all", nil
			p.Tau, p.Kappa = graph.Micro(r.Int64N(6)*100_000), graph.Micro(r.Int64N(5)*500_000)
		}
		pays := viewtest.Sums(v, func(l snapshot.Leg) bool { return l.Class == graph.Pays && (scope == nil || scope[l.Kind]) })
		fin := viewtest.Sums(v, viewtest.Of(graph.Funds, graph.Grants))
		var wanted []string
		for _, customer := range v.Companies() {
			var vendors []vendor
			for k, amount := range pays {
				if k.Payer == customer {
					_, funds := fin[viewtest.Key{Payer: k.Payee, Payee: customer}]
					vendors = append(vendors, vendor{k.Payee, amount, funds})
				}
			}
			if vendors != nil {
				wanted = append(wanted, judge(customer, vendors, p))
			}
		}
		ans := answer(t, v, p)
		var got []string
		for _, row := range ans.Rows {
			walk := "?"
			if row.WalkAway != nil {
				walk = fmt.Sprint(*row.WalkAway)
			}
			got = append(got, fmt.Sprint(row.Customer, " ", row.Verdict, " ", row.AtTau, " ", row.Largest, " ", row.Funders, " ", walk, " ", row.Strength, " ", row.Amount))
			met[row.Verdict]++
		}
		place := map[string]int{"standoff": 0, "open": 1, "dominated": 2, "single_source": 3, "unknown": 4}
		if !slices.IsSortedFunc(ans.Rows, func(a, b Row) int {
			return cmp.Or(place[a.Verdict]-place[b.Verdict], cmp.Compare(b.Strength.Micro(), a.Strength.Micro()), cmp.Compare(a.Customer, b.Customer))
		}) {
			t.Errorf("seed %d: rows are out of order: %v", seed, got)
		}
		slices.Sort(got)
		slices.Sort(wanted)
		if !slices.Equal(got, wanted) {
			t.Fatalf("seed %d, %+v: rows are\n%v, want\n%v", seed, p, got, wanted)
		}
	}
	for _, verdict := range verdicts() {
		if met[verdict] < 20 {
			t.Errorf("verdict %s came %d times: the graphs prove little", verdict, met[verdict])
		}
	}
}

func TestPowerOfMoreThanTwentyVendorsIsSampledMarkedAndTheSameEachTime(t *testing.T) {
	var records []graph.Record
	records = append(records, &graph.Company{ID: "buyer"})
	pay := func(vendor string, amount graph.Money) {
		records = append(records, &graph.Company{ID: vendor}, &graph.Flow{
			ID: "to-" + vendor, From: "buyer", To: vendor, Kind: graph.Lease, Moves: graph.MovesCash, Amount: amount, InitialStatus: graph.Signed, Status: graph.Signed,
		})
	}
	for i := range 20 {
		pay(fmt.Sprintf("v%02d", i), graph.USD(100))
	}
	pay("nothing", graph.USD(0))
	pay("silent", graph.Money{})
	lens := graph.DefaultLens()
	lens.AsOf, _ = graph.ParseDate("2026-06-30")
	p := Params{Scope: "compute", Tau: graph.Micro(0), Kappa: graph.Micro(1_000_000)}
	row := answer(t, viewtest.View(t, records, lens), p).Rows[0]
	if row.Sampled || row.Strength != graph.Micro(950_000) || len(*row.Power) != 21 || row.Unknown != 1 || row.AtTau != 21 {
		t.Errorf("20 equal vendors beside one of zero and one of unknown amount give %+v", row)
	}
	pay("v20", graph.USD(100))
	v := viewtest.View(t, records, lens)
	ans := answer(t, v, p)
	row = ans.Rows[0]
	if !row.Sampled || len(ans.Warnings) != 1 || ans.Warnings[0].Code != "sampled_power" || ans.Warnings[0].Count != 1 {
		t.Errorf("21 vendors give %+v with warnings %v", row, ans.Warnings)
	}
	sum := int64(0)
	for _, x := range *row.Power {
		if off := x.Power.Micro() - 1_000_000/21; x.Vendor != "nothing" && (off > 8000 || off < -8000) {
			t.Errorf("power of %s is %s", x.Vendor, x.Power)
		}
		sum += x.Power.Micro()
	}
	if sum < 999_980 || sum > 1_000_020 {
		t.Errorf("power adds up to %d millionths", sum)
	}
	if again := answer(t, v, p).Rows[0]; fmt.Sprint(*again.Power) != fmt.Sprint(*row.Power) || again.Strength != row.Strength {
		t.Error("a second answer differs")
	}
}
