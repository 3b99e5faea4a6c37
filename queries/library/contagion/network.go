package contagion

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/algo/clearing"
	"roundtrip/queries/algo/wide"
	"roundtrip/queries/library/outside"
)

// network is what the companies with a PAYS edge owe each other, and what they
// can bear.
type network struct {
	firms   []Firm
	place   []int32 // of a vertex among the firms, -1 for none
	debts   []clearing.Debt
	due     []int64 // known receipts by firm
	total   int64   // of all debts
	unknown int
}

func financing(c graph.Class) bool { return c == graph.Funds || c == graph.Grants }

func build(in queries.Scope, p Params) (*network, error) {
	v := in.View
	net := &network{place: make([]int32, len(v.Companies()))}
	touched := make([]bool, len(v.Companies()))
	for e := range v.NumEdges() {
		if x := v.EdgeAt(e); x.Class == graph.Pays {
			touched[x.Payer], touched[x.Payee] = true, true
		}
	}
	var legs [][]int32
	var vertices []int32
	for at, id := range v.Companies() {
		net.place[at] = -1
		if touched[at] {
			net.place[at] = int32(len(net.firms))
			net.firms, vertices = append(net.firms, Firm{ID: id}), append(vertices, int32(at))
		}
	}
	legs, net.due = make([][]int32, len(net.firms)), make([]int64, len(net.firms))
	pays, paid := make([]bool, len(net.firms)), make([]bool, len(net.firms))
	funding := make([]int64, len(net.firms))
	var money wide.Int
	for e := range v.NumEdges() {
		x := v.EdgeAt(e)
		from, to := net.place[x.Payer], net.place[x.Payee]
		switch {
		case x.Class == graph.Pays:
			net.debts = append(net.debts, clearing.Debt{Debtor: from, Creditor: to, Amount: x.Amount.Cents()})
			net.firms[from].Owed, pays[from] = net.firms[from].Owed.Plus(x.Amount), true
			net.firms[to].Receivable, paid[to] = net.firms[to].Receivable.Plus(x.Amount), true
			net.due[to] += x.Amount.Cents()
			net.total += x.Amount.Cents()
			legs[from] = append(legs[from], x.Legs...)
		case financing(x.Class) && to >= 0:
			funding[to] += x.Amount.Cents()
		default:
			continue
		}
		legs[to] = append(legs[to], x.Legs...)
		money = money.Plus(x.Amount.Cents())
		if !x.Amount.Known() {
			net.unknown++
		}
	}
	beyond := outside.Of(v, p.Horizon)
	for i, vertex := range vertices {
		f := &net.firms[i]
		if !pays[i] {
			f.Owed = graph.USD(0)
		}
		if !paid[i] {
			f.Receivable = graph.USD(0)
		}
		slices.Sort(legs[i])
		f.Legs = v.LegIDs(slices.Compact(legs[i]))
		f.bear(p, beyond[vertex], funding[i], net.due[i], cashOf(v, f.ID))
		money = money.Plus(f.External)
	}
	if sum, ok := money.Int64(); !ok || sum > math.MaxInt64/2 {
		return nil, queries.ArgumentErrors{{
			Name: "companies", Given: queries.CellText(in.Lens.Companies),
			Problem: fmt.Sprintf("payments, funding and external assets add up to %s cents, more than the %d that an answer can hold; want fewer companies", money, int64(math.MaxInt64/2)),
		}}
	}
	return net, nil
}

// Receipts is where a buffer comes from when it is no revenue.
const Receipts = "receipts"

// bear sets the buffer and the external assets.
func (f *Firm) bear(p Params, beyond outside.Firm, funding, due, cash int64) {
	f.Revenue = beyond.Revenue.Amount.Known()
	// Receipts and what the revenue of the horizon has beyond them are together
	// the larger of the two.
	f.Buffer, f.BufferFrom = due+beyond.Outside.Cents(), Receipts
	if beyond.Outside.Cents() > 0 {
		f.BufferFrom = beyond.Revenue.Metric
	}
	f.External = funding
	switch {
	case p.Assets == Reported && p.Cash:
		f.External += cash
	case p.Assets == Solvent:
		f.External += beyond.Outside.Cents()
		f.Assumed = max(0, f.Owed.Cents()-due-f.External)
		f.External += f.Assumed
	}
}

// cashOf is the cash that a company, itself and not its units, was known on the
// day of the view to report: the latest, on one day that with the greatest id; 0
// where none is. Figures without a date, in another unit than dollars, of one
// counterparty or below zero are left out.
func cashOf(v *snapshot.View, company string) int64 {
	sum := int64(0)
	for _, m := range v.Snapshot().Metrics(company) { // the later come later
		if m.Metric == "cash" && m.Value.Known() && m.AsOf.Known() && m.AsOf.Last() <= v.AsOf() &&
			(m.Unit == "" || m.Unit == "USD") && m.Counterparty == "" {
			sum = halfUp(big.NewRat(m.Value.Micro(), 10_000))
		}
	}
	return max(0, sum)
}

// halfUp is the nearest whole number, the upper of two.
func halfUp(x *big.Rat) int64 {
	n := new(big.Int).Lsh(x.Num(), 1)
	n.Add(n, x.Denom())
	return n.Div(n, new(big.Int).Lsh(x.Denom(), 1)).Int64() // Div floors for a positive divisor
}
