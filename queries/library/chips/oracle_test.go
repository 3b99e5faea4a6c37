package chips

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/snapshot/graphgen"
	"roundtrip/queries"
	"roundtrip/queries/library/viewtest"
)

func build(t testing.TB, records []graph.Record) *snapshot.Snapshot {
	t.Helper()
	s, err := snapshot.Build(graph.Revision{Number: 1}, func(yield func(graph.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func scope(t testing.TB, s *snapshot.Snapshot, lens graph.Lens) queries.Scope {
	t.Helper()
	lens.Classes, lens.Loops = graph.EveryClass(), true
	v, err := s.View(t.Context(), lens)
	if err != nil {
		t.Fatal(err)
	}
	return viewtest.ScopeOf(v)
}

func ask(t testing.TB, in queries.Scope, p Params) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, in, p, native, finish)
}

// paths tells whether some path of at most k legs leads from one company to
// another; it tries all of them.
func paths(legs [][2]string, from func(string) bool, to string, k int) bool {
	if k == 0 {
		return false
	}
	for _, l := range legs {
		if l[1] == to && (from(l[0]) || paths(legs, from, l[0], k-1)) {
			return true
		}
	}
	return false
}

// slow is the rows worked out chip by chip from the legs that pass the lens.
func slow(in queries.Scope, k int) []string {
	v, s := in.View, in.View.Snapshot()
	name := func(id string) string { i, _ := v.Vertex(id); return v.Companies()[i] }
	head := func(id string) string { h, _ := s.Head(id); return h }
	var ties [][2]string
	for i := range v.NumLegs() {
		if f := v.Flow(i); f.Kind.Class() == graph.Funds || f.Kind.Class() == graph.Grants {
			ties = append(ties, [2]string{name(f.From), name(f.To)})
		}
	}
	var list []string
	for _, c := range s.Chips() {
		own, affiliated, independent := map[string]bool{}, map[string]bool{}, map[string]bool{}
		add := func(id string) {
			u := name(id)
			switch {
			case head(u) == head(c.VendorID):
				own[u] = true
			case paths(ties, func(x string) bool { return head(x) == head(c.VendorID) }, u, k):
				affiliated[u] = true
			default:
				independent[u] = true
			}
		}
		for _, id := range c.UserIDs {
			add(id)
		}
		var gw graph.Decimal
		sums := map[string]*big.Int{"compute": nil, "purchase": nil, "others": nil, "affiliated": nil}
		met := map[string]bool{}
		count := func(name string, m graph.Money) {
			met[name] = true
			if m.Known() {
				if sums[name] == nil {
					sums[name] = new(big.Int)
				}
				sums[name].Add(sums[name], big.NewInt(m.Cents()))
			}
		}
		for i := range v.NumLegs() {
			f, amount := v.Flow(i), v.Leg(i).Amount
			if !slices.Contains(f.Chips, c.ID) {
				continue
			}
			across := name(f.From) != name(f.To)
			switch f.Kind {
			case graph.ChipUsage:
				add(f.To)
			case graph.ComputeCommitment, graph.ComputePaymentRealised, graph.Lease:
				add(f.From)
				if across {
					count("compute", amount)
					if !own[name(f.From)] {
						count("others", amount)
					}
					if affiliated[name(f.From)] {
						count("affiliated", amount)
					}
					gw = gw.Plus(f.CapacityGW)
				}
			case graph.ChipPurchase:
				if across {
					count("purchase", amount)
					gw = gw.Plus(f.CapacityGW)
				}
			}
		}
		text := func(name string) string {
			switch {
			case !met[name]:
				return "0"
			case sums[name] == nil:
				return "?"
			}
			return sums[name].String()
		}
		share := ""
		if a, o := text("affiliated"), text("others"); a != "?" && o != "?" && o != "0" {
			x, _ := new(big.Int).SetString(a, 10)
			y, _ := new(big.Int).SetString(o, 10)
			// Half up in millionths: floor(x/y * 10^6 + 1/2).
			r := new(big.Rat).SetFrac(x.Mul(x, big.NewInt(1_000_000)), y)
			r.Add(r, big.NewRat(1, 2))
			share = graph.Micro(new(big.Int).Div(r.Num(), r.Denom()).Int64()).String()
		}
		list = append(list, fmt.Sprintf("%s own %s affiliated %s independent %s compute %s purchase %s gw %s share %s",
			c.ID, keys(own), keys(affiliated), keys(independent), text("compute"), text("purchase"), gw, share))
	}
	return list
}

func keys(m map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(m)), ";") }

func rowText(r Row) string {
	cents := func(m graph.Money) string {
		if !m.Known() {
			return "?"
		}
		return fmt.Sprint(m.Cents())
	}
	return fmt.Sprintf("%s own %s affiliated %s independent %s compute %s purchase %s gw %s share %s", r.Chip, strings.Join(r.OwnUse, ";"),
		strings.Join(r.Affiliated, ";"), strings.Join(r.Independents, ";"), cents(r.Compute), cents(r.Purchase), r.GW, r.AffiliatedShare)
}

func TestEveryRowIsThatOfTheDefinitionReadChipByChip(t *testing.T) {
	affiliated, shares := 0, 0
	for seed := range uint64(300) {
		records := graphgen.Random(seed, graphgen.Options{Companies: 3 + int(seed%6), Legs: 60})
		lens := graphgen.RandomLens(seed, records)
		lens.Kinds = nil
		in := scope(t, build(t, records), lens)
		k := 1 + int(seed%3)
		var got []string
		for _, r := range ask(t, in, Params{Hops: k}).Rows {
			got = append(got, rowText(r))
			affiliated += len(r.Affiliated)
			if m := r.AffiliatedShare.Micro(); m > 0 && m < 1_000_000 {
				shares++
			}
		}
		slices.Sort(got)
		if want := slow(in, k); !slices.Equal(got, want) {
			t.Fatalf("seed %d: rows are\n%s\nwant\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if affiliated < 50 || shares < 5 {
		t.Errorf("%d affiliated users and %d shares between 0 and 1: the graphs try too little", affiliated, shares)
	}
}

func TestTheSummaryCountsALegOnceHoweverManyChipsItLists(t *testing.T) {
	for seed := range uint64(60) {
		records := graphgen.Random(seed, graphgen.Options{Legs: 60})
		in := scope(t, build(t, records), graphgen.RandomLens(seed, records))
		var compute, purchase sumOf
		for i := range in.View.NumLegs() {
			leg, f := in.View.Leg(i), in.View.Flow(i)
			if len(f.Chips) == 0 || leg.Payer == leg.Payee {
				continue
			}
			switch f.Kind {
			case graph.ComputeCommitment, graph.ComputePaymentRealised, graph.Lease:
				compute.add(leg.Amount)
			case graph.ChipPurchase:
				purchase.add(leg.Amount)
			}
		}
		if s := ask(t, in, Params{Hops: 1}).Summary; s.Compute != compute.money() || s.Purchase != purchase.money() {
			t.Errorf("seed %d: summary is %+v, want %s and %s", seed, s, compute.money(), purchase.money())
		}
	}
}

type sumOf struct {
	legs  int
	known bool
	cents int64
}

func (s *sumOf) add(m graph.Money) {
	s.legs, s.known, s.cents = s.legs+1, s.known || m.Known(), s.cents+m.Cents()
}

func (s *sumOf) money() graph.Money {
	if s.legs > 0 && !s.known {
		return graph.Money{}
	}
	return graph.USD(s.cents)
}
