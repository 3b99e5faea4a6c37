package vendors

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries/library/viewtest"
)

func TestSharesAreThoseOfAddingLegsOneByOne(t *testing.T) {
	met := 0
	for seed := range uint64(900) {
		records, lens := viewtest.Random(seed)
		v := viewtest.View(t, records, lens)
		in := viewtest.ScopeOf(v)
		p := Params{Scope: []Scope{"compute", "chips", "all"}[seed%3]}
		ans := viewtest.Answer(t, in, p, native, finish)
		want, customers := shares(v, records, p.Scope)
		got := make([]string, len(ans.Rows))
		for i, r := range ans.Rows {
			got[i] = fmt.Sprint(r.Customer, " ", r.Vendor, " ", r.Amount, " ", r.Share, " ", r.GW, " ", r.GWShare, " ", r.HHI, " ", r.Effective, " ", r.Unknown, " ", r.Legs)
		}
		if !slices.Equal(got, want) || ans.Summary.Customers != customers {
			t.Fatalf("seed %d\n got %q\nwant %q of %d customers", seed, got, want, customers)
		}
		met += len(got)
	}
	if met < 1000 {
		t.Errorf("%d rows in all graphs, too few to tell", met)
	}
}

type side struct {
	amount graph.Money
	gw     *big.Rat // nil where none is reported
	legs   []string
}

// shares are the rows in order and the number of customers.
func shares(v *snapshot.View, records []graph.Record, scope Scope) (rows []string, customers int) {
	gw := map[string]graph.Decimal{}
	for _, r := range records {
		if f, ok := r.(*graph.Flow); ok {
			gw[f.ID] = f.CapacityGW
		}
	}
	in := map[Scope][]graph.FlowKind{"compute": {"compute_commitment", "compute_payment_realised", "lease"}, "chips": {"chip_purchase"}}[scope]
	of := map[string]map[string]*side{}
	for i := range v.NumLegs() {
		leg := v.Leg(i)
		if leg.Class != graph.Pays || scope != "all" && !slices.Contains(in, leg.Kind) {
			continue
		}
		customer, vendor := v.Companies()[leg.Payer], v.Companies()[leg.Payee]
		if of[customer] == nil {
			of[customer] = map[string]*side{}
		}
		s := of[customer][vendor]
		if s == nil {
			s = &side{}
			of[customer][vendor] = s
		}
		s.amount, s.legs = s.amount.Plus(leg.Amount), append(s.legs, leg.ID)
		if g := gw[leg.ID]; g.Known() {
			if s.gw == nil {
				s.gw = new(big.Rat)
			}
			s.gw.Add(s.gw, big.NewRat(g.Micro(), 1_000_000))
		}
	}
	type row struct {
		total, amount    graph.Money
		customer, vendor string
		text             string
	}
	var list []row
	for customer, vendors := range of {
		var total graph.Money
		unknown, gwTotal := 0, new(big.Rat)
		for _, s := range vendors {
			total = total.Plus(s.amount)
			if !s.amount.Known() {
				unknown++
			}
			if s.gw != nil {
				gwTotal.Add(gwTotal, s.gw)
			}
		}
		hhi, effective := index(vendors, total)
		for vendor, s := range vendors {
			var gwShare *big.Rat
			if s.gw != nil && gwTotal.Sign() > 0 {
				gwShare = new(big.Rat).Quo(s.gw, gwTotal)
			}
			list = append(list, row{total, s.amount, customer, vendor, fmt.Sprint(customer, " ", vendor, " ", s.amount, " ",
				viewtest.Decimal(viewtest.Over(s.amount, total)), " ", viewtest.Decimal(s.gw), " ", viewtest.Decimal(gwShare), " ",
				hhi, " ", viewtest.Decimal(effective), " ", unknown, " ", s.legs)})
		}
	}
	down := func(a, b graph.Money) int {
		if a.Known() != b.Known() {
			return map[bool]int{true: -1, false: 1}[a.Known()]
		}
		return cmp.Compare(b.Cents(), a.Cents())
	}
	slices.SortFunc(list, func(a, b row) int {
		return cmp.Or(down(a.total, b.total), cmp.Compare(a.customer, b.customer), down(a.amount, b.amount), cmp.Compare(a.vendor, b.vendor))
	})
	for _, r := range list {
		rows = append(rows, r.text)
	}
	return rows, len(of)
}

// index is HHI as a text and effective vendors, from shares as exact fractions.
func index(vendors map[string]*side, total graph.Money) (string, *big.Rat) {
	if total.Cents() == 0 {
		return "", nil
	}
	sum := new(big.Rat)
	for _, s := range vendors {
		share := big.NewRat(s.amount.Cents(), total.Cents())
		sum.Add(sum, share.Mul(share, share))
	}
	points := new(big.Rat).Mul(sum, big.NewRat(10_000, 1))
	points.Add(points, big.NewRat(1, 2)) // half up to a whole number
	return new(big.Int).Quo(points.Num(), points.Denom()).String(), new(big.Rat).Inv(sum)
}
