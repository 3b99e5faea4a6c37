package contagion

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/algo/gen"
	"roundtrip/queries/library/viewtest"
)

func answer(t testing.TB, v *snapshot.View, p Params) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, viewtest.ScopeOf(v), p, native, finish)
}

func params(firm string) Params {
	return Params{Firm: firm, Shock: graph.Micro(1_000_000), Horizon: graph.Micro(5_000_000), Assets: Solvent}
}

// plain reckons the answer from the legs of a view, step by step, in floating
// point of 400 bits: both processes go on until nothing moves.
type plain struct {
	ids       []string
	buy       map[viewtest.Key]graph.Money
	owed, due map[string]*big.Float
	buffer    map[string]*big.Float
	external  map[string]*big.Float
	all       *big.Float
	restless  bool // a process did not come to rest
	firm      string
	shock     *big.Float
}

func number(x int64) *big.Float { return new(big.Float).SetPrec(400).SetInt64(x) }

func plus(a, b *big.Float) *big.Float { return number(0).Add(a, b) }

func minus(a, b *big.Float) *big.Float { return number(0).Sub(a, b) }

func times(a, b *big.Float) *big.Float { return number(0).Mul(a, b) }

func over(a, b *big.Float) *big.Float { return number(0).Quo(a, b) }

func larger(a, b *big.Float) *big.Float {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

func smaller(a, b *big.Float) *big.Float {
	if a.Cmp(b) > 0 {
		return b
	}
	return a
}

// latest is the latest dated dollar figure of a metric known on the day, in
// cents; of one day the greatest id.
func latest(v *snapshot.View, id, metric string) (cents *big.Float) {
	var best *graph.Metric
	for _, m := range v.Snapshot().Metrics(id) {
		if m.Metric != metric || !m.Value.Known() || !m.AsOf.Known() || m.AsOf.Last() > v.AsOf() || m.Unit != "USD" || m.Counterparty != "" {
			continue
		}
		if best == nil || m.AsOf.Last() > best.AsOf.Last() || m.AsOf.Last() == best.AsOf.Last() && m.ID > best.ID {
			best = m
		}
	}
	if best == nil {
		return nil
	}
	return over(number(best.Value.Micro()), number(10_000))
}

func reckon(v *snapshot.View, p Params) *plain {
	o := &plain{
		buy: viewtest.Sums(v, viewtest.Of(graph.Pays)), owed: map[string]*big.Float{}, due: map[string]*big.Float{},
		buffer: map[string]*big.Float{}, external: map[string]*big.Float{}, all: number(0),
	}
	fin := map[string]*big.Float{}
	for k, amount := range viewtest.Sums(v, viewtest.Of(graph.Funds, graph.Grants)) {
		if fin[k.Payee] == nil {
			fin[k.Payee] = number(0)
		}
		fin[k.Payee] = plus(fin[k.Payee], number(amount.Cents()))
	}
	for k, amount := range o.buy {
		for _, id := range []string{k.Payer, k.Payee} {
			if o.owed[id] == nil {
				o.owed[id], o.due[id] = number(0), number(0)
				o.ids = append(o.ids, id)
			}
		}
		x := number(amount.Cents())
		o.owed[k.Payer], o.due[k.Payee], o.all = plus(o.owed[k.Payer], x), plus(o.due[k.Payee], x), plus(o.all, x)
	}
	slices.Sort(o.ids)
	for _, id := range o.ids {
		revenue := latest(v, id, "revenue_annual")
		if revenue == nil {
			revenue = latest(v, id, "revenue_run_rate")
		}
		beyond := number(0)
		o.buffer[id] = o.due[id]
		if revenue != nil {
			years := times(revenue, over(number(p.Horizon.Micro()), number(1_000_000)))
			o.buffer[id] = larger(o.due[id], years)
			beyond = larger(number(0), minus(years, o.due[id]))
		}
		e := number(0)
		if fin[id] != nil {
			e = fin[id]
		}
		if p.Assets == Solvent {
			e = larger(plus(e, beyond), minus(o.owed[id], o.due[id]))
		} else if cash := latest(v, id, "cash"); p.Cash && cash != nil {
			e = plus(e, larger(number(0), cash))
		}
		o.external[id] = e
	}
	if p.Firm != "" {
		at, _ := v.Vertex(p.Firm)
		o.firm = v.Companies()[at]
	}
	o.shock = over(number(p.Shock.Micro()), number(1_000_000))
	return o
}

const patience = 3000

// distress is the process as it is written down.
func (o *plain) distress() (h map[string]*big.Float, dr *big.Float, rounds int) {
	h, before := map[string]*big.Float{}, map[string]*big.Float{}
	for _, id := range o.ids {
		h[id], before[id] = number(0), number(0)
	}
	dr = number(0)
	if h[o.firm] == nil {
		return h, dr, 0
	}
	h[o.firm] = o.shock
	for {
		next, moved := map[string]*big.Float{}, false
		for _, i := range o.ids {
			x := h[i]
			for _, j := range o.ids {
				if amount := o.buy[viewtest.Key{Payer: j, Payee: i}]; amount.Cents() > 0 {
					share := smaller(number(1), over(number(amount.Cents()), o.buffer[i]))
					x = plus(x, times(share, minus(h[j], before[j])))
				}
			}
			next[i] = smaller(number(1), x)
			moved = moved || minus(next[i], h[i]).Cmp(big.NewFloat(1e-12)) >= 0
		}
		before, h = h, next
		if !moved {
			break
		}
		if rounds++; rounds == patience {
			o.restless = true
			break
		}
	}
	for _, id := range o.ids {
		if o.all.Sign() > 0 {
			x := h[id]
			if id == o.firm {
				x = minus(x, o.shock)
			}
			dr = plus(dr, times(over(o.due[id], o.all), x))
		}
	}
	return h, dr, rounds
}

// clear is what all pay when the firm keeps a part of what it has: from full
// payment down until nothing moves.
func (o *plain) clear(left *big.Float) (paid, got map[string]*big.Float) {
	paid = map[string]*big.Float{}
	for _, id := range o.ids {
		paid[id] = o.owed[id]
	}
	least := new(big.Float).SetMantExp(big.NewFloat(1), -60)
	for step := 0; ; step++ {
		got = map[string]*big.Float{}
		for _, id := range o.ids {
			got[id] = number(0)
		}
		for _, k := range o.ids {
			for _, j := range o.ids {
				if amount := o.buy[viewtest.Key{Payer: k, Payee: j}]; amount.Cents() > 0 {
					got[j] = plus(got[j], over(times(paid[k], number(amount.Cents())), o.owed[k]))
				}
			}
		}
		moved := false
		for _, id := range o.ids {
			has := plus(o.external[id], got[id])
			if id == o.firm {
				has = times(has, left)
			}
			next := smaller(o.owed[id], has)
			moved = moved || minus(paid[id], next).Cmp(least) > 0
			paid[id] = next
		}
		if !moved {
			return paid, got
		}
		if step == patience {
			o.restless = true
			return paid, got
		}
	}
}

// near tells whether a printed number is x rounded half up to units of a cent or
// of a millionth.
func near(printed int64, x *big.Float) bool {
	off := minus(number(printed), x)
	slack := big.NewFloat(1e-5)
	return off.Cmp(plus(over(number(1), number(2)), slack)) <= 0 && off.Cmp(plus(over(number(-1), number(2)), minus(number(0), slack))) >= 0
}

func TestTheAnswerIsThatOfPlainIterationFromTheLegs(t *testing.T) {
	losses, defaults, feedback, rested := 0, 0, 0, 0
	for seed := range uint64(240) {
		records, lens := viewtest.Random(seed)
		v := viewtest.View(t, records, lens)
		if len(v.Companies()) == 0 {
			continue
		}
		p := params(v.Companies()[int(seed)%len(v.Companies())])
		p.Shock = graph.Micro([]int64{1_000_000, 500_000, 333_333, 0}[seed%4])
		p.Horizon = graph.Micro([]int64{5_000_000, 0, 1_500_000}[seed%3])
		p.Assets = []Assets{Solvent, Reported}[seed/2%2]
		p.Cash = p.Assets == Reported && seed%3 == 0
		o := reckon(v, p)
		h, dr, rounds := o.distress()
		before, gotBefore := o.clear(number(1))
		after, gotAfter := o.clear(minus(number(1), o.shock))
		if o.restless {
			continue
		}
		rested++
		ans := answer(t, v, p)
		if len(ans.Rows) != len(o.ids) || ans.Truncated.Is || !ans.Summary.ExactToTheCents {
			t.Fatalf("seed %d: %d rows, cut %v, exact %v; want %d rows", seed, len(ans.Rows), ans.Truncated, ans.Summary.ExactToTheCents, len(o.ids))
		}
		million := number(1_000_000)
		for _, r := range ans.Rows {
			id := r.Company
			loss := minus(gotBefore[id], gotAfter[id])
			if !near(r.PaidBefore.Cents(), before[id]) || !near(r.PaidAfter.Cents(), after[id]) || !near(r.Loss.Cents(), loss) || !near(r.H.Micro(), times(h[id], million)) {
				t.Fatalf("seed %d, %+v: %+v, want h %.7f, paid %.3f, then %.3f, loss %.3f", seed, p, r, h[id], before[id], after[id], loss)
			}
			if !near(r.Buffer.Cents(), o.buffer[id]) || !near(r.External.Cents(), o.external[id]) {
				t.Fatalf("seed %d, %+v: %+v, want a buffer of %.2f and %.2f external", seed, p, r, o.buffer[id], o.external[id])
			}
			if r.Recovery.Known() != (o.owed[id].Sign() > 0) || r.Recovery.Known() && !near(r.Recovery.Micro(), times(million, over(after[id], o.owed[id]))) {
				t.Fatalf("seed %d: recovery of %s is %s", seed, id, r.Recovery)
			}
			if r.Loss.Cents() > 0 {
				losses++
			}
			if id == o.firm && r.H.Micro() > p.Shock.Micro() {
				feedback++
			}
		}
		if !near(ans.Summary.DR.Micro(), times(dr, million)) || *ans.Summary.Rounds != rounds {
			t.Fatalf("seed %d: DR %s after %d rounds, want %.7f after %d", seed, ans.Summary.DR, *ans.Summary.Rounds, dr, rounds)
		}
		defaults += *ans.Summary.DefaultsAfter
	}
	if losses < 50 || defaults < 50 || feedback == 0 || rested < 150 {
		t.Errorf("only %d losses, %d defaults, %d feedbacks on X in %d graphs", losses, defaults, feedback, rested)
	}
}

func TestTheRankingIsTheDebtRankOfEveryFirmByItself(t *testing.T) {
	for seed := range uint64(60) {
		records, lens := viewtest.Random(seed)
		v := viewtest.View(t, records, lens)
		p := params("")
		p.Rank = true
		for _, r := range answer(t, v, p).Rows {
			alone := answer(t, v, params(r.Company)).Summary
			both := params(r.Company)
			both.Rank = true
			if with := answer(t, v, both).Summary; r.DR != alone.DR || with.DR != alone.DR {
				t.Fatalf("seed %d: %s has DR %s in the ranking, %s beside it and %s alone", seed, r.Company, r.DR, with.DR, alone.DR)
			}
		}
	}
}

func TestScalingEveryAmountLeavesDistressAndRecoveryWithoutReportedFigures(t *testing.T) {
	const factor = 7
	for seed := range uint64(60) {
		scale := func(by int64) []graph.Record {
			records, _ := viewtest.Random(seed)
			records = slices.DeleteFunc(records, func(r graph.Record) bool { return r.Key().Kind == graph.MetricKind })
			for _, r := range records {
				if f, ok := r.(*graph.Flow); ok {
					f.AmountLow, f.AmountHigh = graph.Money{}, graph.Money{}
					if f.Amount.Known() {
						f.Amount = graph.USD(by * f.Amount.Cents())
					}
				}
			}
			return records
		}
		v := viewtest.View(t, scale(1), newYear())
		p := params(v.Companies()[int(seed)%len(v.Companies())])
		p.Assets = []Assets{Solvent, Reported}[seed%2]
		more := map[string]Row{}
		for _, r := range answer(t, viewtest.View(t, scale(factor), newYear()), p).Rows {
			more[r.Company] = r
		}
		for _, r := range answer(t, v, p).Rows {
			x := more[r.Company]
			// A figure is off by half a cent at most, seven times it by seven halves.
			if off := x.PaidAfter.Cents() - factor*r.PaidAfter.Cents(); r.H != x.H || r.Recovery != x.Recovery || off > 4 || off < -4 {
				t.Fatalf("seed %d: %+v becomes %+v", seed, r, x)
			}
		}
	}
}

func TestADisconnectedFirmChangesNothing(t *testing.T) {
	for seed := range uint64(40) {
		records, lens := viewtest.Random(seed)
		p := params(viewtest.View(t, records, lens).Companies()[0])
		if p.Firm == "" || len(lens.Companies) > 0 {
			continue
		}
		alone := answer(t, viewtest.View(t, records, lens), p)
		with := answer(t, viewtest.View(t, append(slices.Clone(records), &graph.Company{ID: "0-alone"}), lens), p)
		if !reflect.DeepEqual(alone.Rows, with.Rows) || !reflect.DeepEqual(alone.Summary, with.Summary) {
			t.Fatalf("seed %d: rows\n%v\nbecome\n%v", seed, alone.Rows, with.Rows)
		}
	}
}

// payments is a network of so many firms with a power law of degrees; every
// third reports a revenue, or none does.
func payments(t testing.TB, n, m int, revenues bool) *snapshot.View {
	t.Helper()
	var records []graph.Record
	id := func(v int32) string {
		return "firm" + string([]byte{byte('0' + v/1000), byte('0' + v/100%10), byte('0' + v/10%10), byte('0' + v%10)})
	}
	amounts := gen.Times(m, 1_000_000_000, 1)
	for v := range int32(n) {
		records = append(records, &graph.Company{ID: id(v)})
		if v%3 == 0 && revenues {
			metric := &graph.Metric{ID: "m" + id(v), CompanyID: id(v), Metric: "revenue_annual", Value: graph.Micro(1_000_000_000_000 * int64(1+v%50)), Unit: "USD"}
			metric.AsOf, _ = graph.ParseDate("2025-12-31")
			records = append(records, metric)
		}
	}
	for i, a := range gen.PowerLaw(n, m, 1, 2.5, 42) {
		f := &graph.Flow{ID: string(rune('a'+i%26)) + time.Duration(i).String(), From: id(a.Tail), To: id(a.Head), Kind: graph.Lease, Moves: graph.MovesCash, InitialStatus: graph.Closed, Status: graph.Closed}
		f.Amount = graph.USD(1 + amounts[i]>>(amounts[i]%20))
		records = append(records, f)
	}
	lens := graph.DefaultLens()
	lens.AsOf, _ = graph.ParseDate("2026-06-30")
	return viewtest.View(t, records, lens)
}

func TestTheEndOfTheContextEndsTheRanking(t *testing.T) {
	v := payments(t, 50, 200, true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, rank := range []bool{false, true} {
		p := params(v.Companies()[0])
		p.Rank = rank
		_, err := native(ctx, queries.Scope{View: v, Lens: v.Lens()}, p, func(Solution) bool { return true })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("rank %v: error is %v", rank, err)
		}
	}
}

// a and b live off each other but for a dollar in a billion, which x pays: when x
// stops, both lose everything in the end, though it takes billions of rounds.
func TestWhatFirmsThatLiveOffEachOtherLoseInTheEnd(t *testing.T) {
	flow := func(id, from, to string, cents int64) graph.Record {
		return &graph.Flow{ID: id, From: from, To: to, Kind: graph.Lease, Moves: graph.MovesCash, Amount: graph.USD(cents), InitialStatus: graph.Closed, Status: graph.Closed}
	}
	records := []graph.Record{
		&graph.Company{ID: "a"}, &graph.Company{ID: "b"}, &graph.Company{ID: "x"},
		flow("1", "a", "b", 1e11), flow("2", "b", "a", 1e11), flow("3", "x", "a", 100),
	}
	v := viewtest.View(t, records, newYear())
	ans := answer(t, v, params("x"))
	one := graph.Micro(1_000_000)
	if ans.Truncated.Is || *ans.Summary.Rounds != maxRounds || ans.Summary.DR != one || ans.Rows[0].H != one || ans.Rows[1].H != one {
		t.Errorf("cut %+v, summary %+v, rows %+v", ans.Truncated, ans.Summary, ans.Rows)
	}
	if !slices.ContainsFunc(ans.Warnings, func(w queries.Warning) bool { return w.Code == ManyRounds }) {
		t.Errorf("warnings are %v", ans.Warnings)
	}
	p := params("")
	p.Rank = true
	want := map[string]graph.Decimal{"a": graph.Micro(500_000), "b": graph.Micro(500_000), "x": one} // the other's half of all receipts
	for _, r := range answer(t, v, p).Rows {
		if r.DR != want[r.Company] {
			t.Errorf("%s has DR %s, want %s", r.Company, r.DR, want[r.Company])
		}
	}
}

// Two thousand more firms, and the end is not solved for: the answer is cut.
func TestALargeNetworkThatDoesNotComeToRestIsCutAndSaysSo(t *testing.T) {
	records := []graph.Record{&graph.Company{ID: "a"}, &graph.Company{ID: "b"}, &graph.Company{ID: "x"}}
	flow := func(from, to string, cents int64) {
		records = append(records, &graph.Flow{
			ID: graphID(len(records)), From: from, To: to, Kind: graph.Lease, Moves: graph.MovesCash, Amount: graph.USD(cents),
			InitialStatus: graph.Closed, Status: graph.Closed,
		})
	}
	flow("a", "b", 1e11)
	flow("b", "a", 1e11)
	flow("x", "a", 1e5)
	for i := range 2000 {
		id := graphID(i)
		records = append(records, &graph.Company{ID: id})
		flow(id, "x", 1)
	}
	v := viewtest.View(t, records, newYear())
	ans := answer(t, v, params("x"))
	// Every second round each of the two loses another millionth.
	if want := "rounds: distress still rose after 10000 rounds; h and dr are at least"; ans.Truncated.Reason != want || ans.Summary.DR.Micro() < 4900 || ans.Summary.DR.Micro() > 5100 {
		t.Errorf("cut %+v, DR %s", ans.Truncated, ans.Summary.DR)
	}
}

func TestAmountsThatAnAnswerCannotHoldAreRefused(t *testing.T) {
	var records []graph.Record
	for _, id := range []string{"a", "b"} {
		records = append(records, &graph.Company{ID: id})
	}
	for i := range 6000 {
		records = append(records, &graph.Flow{
			ID: graphID(i), From: "a", To: "b", Kind: graph.Lease, Moves: graph.MovesCash, Amount: graph.USD(graph.MaxCents),
			InitialStatus: graph.Closed, Status: graph.Closed,
		})
	}
	v := viewtest.View(t, records, newYear())
	_, err := native(t.Context(), queries.Scope{View: v, Lens: v.Lens()}, params("a"), func(Solution) bool { return true })
	var bad queries.ArgumentErrors
	if !errors.As(err, &bad) || bad[0].Name != "companies" {
		t.Errorf("error is %v", err)
	}
}

func graphID(i int) string { return "f" + time.Duration(i).String() }

func newYear() graph.Lens {
	lens := graph.DefaultLens()
	lens.AsOf, _ = graph.ParseDate("2026-01-01")
	return lens
}

func BenchmarkRankOfAThousandFirms(b *testing.B) {
	for _, revenues := range []bool{true, false} {
		b.Run(fmt.Sprintf("revenues %v", revenues), func(b *testing.B) {
			v := payments(b, 1000, 10_000, revenues)
			in := viewtest.ScopeOf(v)
			p := params("")
			p.Rank = true
			for b.Loop() {
				if _, err := native(b.Context(), in, p, func(s Solution) bool { b.ReportMetric(float64(len(s.Ranked)), "firms"); return true }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkShockAmongAThousandFirms(b *testing.B) {
	v := payments(b, 1000, 10_000, true)
	in := viewtest.ScopeOf(v)
	for _, assets := range []Assets{Solvent, Reported} {
		b.Run(string(assets), func(b *testing.B) {
			p := params(v.Companies()[0])
			p.Assets = assets
			for b.Loop() {
				if _, err := native(b.Context(), in, p, func(Solution) bool { return true }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
