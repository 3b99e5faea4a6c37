package workloads

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/snapshot/graphgen"
	"roundtrip/queries"
	"roundtrip/queries/library/viewtest"
)

func scopeOf(t testing.TB, records []graph.Record, lens graph.Lens) queries.Scope {
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
	v, err := s.View(t.Context(), lens)
	if err != nil {
		t.Fatal(err)
	}
	return viewtest.ScopeOf(v)
}

func ask(t testing.TB, in queries.Scope) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, in, Params{}, native, finish)
}

// dollars are sums by workload, and whether there was a leg.
type dollars struct {
	known map[string]*big.Int
	met   map[string]bool
	legs  int
}

func (d *dollars) add(workload string, m graph.Money) {
	if d.known == nil {
		d.known, d.met = map[string]*big.Int{}, map[string]bool{}
	}
	d.legs++
	d.met[workload] = true
	if m.Known() {
		if d.known[workload] == nil {
			d.known[workload] = new(big.Int)
		}
		d.known[workload].Add(d.known[workload], big.NewInt(m.Cents()))
	}
}

// text is the four sums and shares as the definition has them.
func (d *dollars) text() string {
	var total *big.Int
	for _, x := range d.known {
		if total == nil {
			total = new(big.Int)
		}
		total.Add(total, x)
	}
	text := ""
	for _, w := range []string{"training", "inference", "training_and_inference", ""} {
		sum := d.known[w]
		if sum == nil && !d.met[w] {
			sum = new(big.Int)
		}
		switch {
		case sum == nil:
			text += " ?"
		case total == nil || total.Sign() == 0:
			text += fmt.Sprintf(" %d", sum)
		default:
			share := new(big.Rat).Add(new(big.Rat).SetFrac(new(big.Int).Mul(sum, big.NewInt(1e6)), total), big.NewRat(1, 2))
			text += fmt.Sprintf(" %d (%s)", sum, graph.Micro(new(big.Int).Div(share.Num(), share.Denom()).Int64()))
		}
	}
	return text
}

func rowText(amounts [4]graph.Money, shares [4]graph.Decimal) string {
	text := ""
	for i, m := range amounts {
		switch {
		case !m.Known():
			text += " ?"
		case !shares[i].Known():
			text += fmt.Sprintf(" %d", m.Cents())
		default:
			text += fmt.Sprintf(" %d (%s)", m.Cents(), shares[i])
		}
	}
	return text
}

func TestEverySideOfEveryCompanyIsTheSumOfItsLegs(t *testing.T) {
	for seed := range uint64(300) {
		records := graphgen.Random(seed, graphgen.Options{Companies: 2 + int(seed%6), Legs: 40})
		in := scopeOf(t, records, graphgen.RandomLens(seed, records))
		v, want, all := in.View, map[string]*dollars{}, &dollars{}
		for i := range v.NumLegs() {
			leg := v.Leg(i)
			switch leg.Kind {
			case "compute_commitment", "compute_payment_realised", "lease", "chip_purchase":
			default:
				continue
			}
			all.add(v.Flow(i).Workload, leg.Amount)
			for _, k := range []string{"customer " + v.Companies()[leg.Payer], "vendor " + v.Companies()[leg.Payee]} {
				if want[k] == nil {
					want[k] = &dollars{}
				}
				want[k].add(v.Flow(i).Workload, leg.Amount)
			}
		}
		ans := ask(t, in)
		if len(ans.Rows) != len(want) {
			t.Fatalf("seed %d: %d rows, want %d", seed, len(ans.Rows), len(want))
		}
		for _, r := range ans.Rows {
			d := want[string(r.Side)+" "+r.Company]
			got := rowText([4]graph.Money{r.Training, r.Inference, r.Both, r.Unknown}, [4]graph.Decimal{r.TrainingShare, r.InferenceShare, r.BothShare, r.UnknownShare})
			if d == nil || got != d.text() || len(r.Legs) != d.legs {
				t.Fatalf("seed %d: %s %s has%s, want %v", seed, r.Side, r.Company, got, d)
			}
		}
		if s := ans.Summary.Totals; all.legs > 0 {
			if got := rowText([4]graph.Money{s.Training, s.Inference, s.Both, s.Unknown}, [4]graph.Decimal{s.TrainingShare, s.InferenceShare, s.BothShare, s.UnknownShare}); got != all.text() {
				t.Fatalf("seed %d: totals are%s, want%s", seed, got, all.text())
			}
		}
		if !slices.IsSortedFunc(ans.Rows, func(a, b Row) int {
			return queries.Order(queries.Bytes(string(a.Side), string(b.Side)), queries.Descending(a.Total, b.Total), queries.Bytes(a.Company, b.Company))
		}) {
			t.Errorf("seed %d: rows are out of order", seed)
		}
	}
}
