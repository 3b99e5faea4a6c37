package leverage

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
	"roundtrip/queries/library/reported"
	"roundtrip/queries/library/viewtest"
)

func answer(t testing.TB, v *snapshot.View, p Params) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, viewtest.ScopeOf(v), p, native, finish)
}

// The reported shares themselves are judged by the oracle of customers.
func TestLeverageIsThatOfExactFractions(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(500) {
		records, lens := viewtest.Random(seed)
		v := viewtest.View(t, records, lens)
		r := rand.New(rand.NewPCG(seed, 5))
		p := Params{Reported: seed%4 > 0}
		altVendor, altCustomer := map[string]*big.Rat{}, map[string]*big.Rat{}
		if seed%5 > 0 { // one number for vendors, a list for customers
			all := r.Int64N(11) * 90_909
			p.AltVendor.all = graph.Micro(all)
			for _, id := range v.Companies() {
				altVendor[id] = big.NewRat(all, 1_000_000)
				if r.IntN(2) == 0 {
					x := r.Int64N(1_000_001)
					altCustomer[id] = big.NewRat(x, 1_000_000)
					p.AltCustomer.of = append(p.AltCustomer.of, alternative{id, graph.Micro(x)})
				}
			}
		}
		sums := viewtest.Sums(v, viewtest.Of(graph.Pays))
		shares := reported.Shares(v)
		var wanted []Row
		for k, amount := range sums {
			var in, out graph.Money
			for o, a := range sums {
				if o.Payee == k.Payee {
					in = in.Plus(a)
				}
				if o.Payer == k.Payer {
					out = out.Plus(a)
				}
			}
			cc, s := viewtest.Over(amount, in), viewtest.Over(amount, out)
			row := Row{Vendor: k.Payee, Customer: k.Payer, Amount: amount, S: viewtest.Decimal(s)}
			if share, ok := shares[reported.Pair{Vendor: k.Payee, Customer: k.Payer}]; ok && p.Reported {
				cc, row.CCReported = big.NewRat(share.Value.Micro(), 1_000_000), true
				met["reported"]++
			}
			row.CC = viewtest.Decimal(cc)
			if cc != nil && s != nil {
				// cc - cc a - s + s b
				x := new(big.Rat).Sub(cc, s)
				if a := altVendor[k.Payee]; a != nil {
					x.Sub(x, new(big.Rat).Mul(cc, a))
				}
				if b := altCustomer[k.Payer]; b != nil {
					x.Add(x, new(big.Rat).Mul(s, b))
				}
				row.Leverage = viewtest.Decimal(x)
				met[fmt.Sprint("sign ", x.Sign())]++
			}
			wanted = append(wanted, row)
		}
		slices.SortFunc(wanted, func(a, b Row) int {
			if a.Leverage.Known() != b.Leverage.Known() {
				if a.Leverage.Known() {
					return -1
				}
				return 1
			}
			return cmp.Or(cmp.Compare(b.Leverage.Micro(), a.Leverage.Micro()), cmp.Compare(a.Vendor, b.Vendor), cmp.Compare(a.Customer, b.Customer))
		})
		text := func(rows []Row) (list []string) {
			for _, r := range rows {
				list = append(list, fmt.Sprint(r.Vendor, r.Customer, r.Amount, r.CC, r.CCReported, r.S, r.Leverage))
			}
			return list
		}
		if got := text(answer(t, v, p).Rows); !slices.Equal(got, text(wanted)) {
			t.Fatalf("seed %d, %+v: rows are\n%v, want\n%v", seed, p, got, text(wanted))
		}
	}
	for _, what := range []string{"reported", "sign 1", "sign -1", "sign 0"} {
		if met[what] < 20 {
			t.Errorf("%s came %d times: the graphs prove little", what, met[what])
		}
	}
}

func TestAlternativesAreWrittenAsTheyAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "0.50": "0.5", "1": "1", "b=0.2, a=1": "a=1,b=0.2", "a=0": "a=0",
	} {
		var a Alternatives
		if err := a.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := a.MarshalText(); err != nil || string(got) != want {
			t.Errorf("%q is written %q (%v), want %q", text, got, err, want)
		}
	}
}
