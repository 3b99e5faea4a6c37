// Package reported reads what companies themselves report of their customers:
// the share of one customer in a vendor's order book or revenue.
package reported

import (
	"cmp"
	"math/big"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
)

// Metrics are the names of the metrics that report a customer's share, the one
// that counts first. They are fractions with the customer as counterparty.
func Metrics() []string { return []string{"rpo_share_of_customer", "revenue_share_of_customer"} }

// Pair is a vendor and its customer, by id.
type Pair struct{ Vendor, Customer string }

// Compare orders pairs by vendor, then customer, in byte order.
func (p Pair) Compare(o Pair) int {
	return cmp.Or(cmp.Compare(p.Vendor, o.Vendor), cmp.Compare(p.Customer, o.Customer))
}

// Share is what a vendor reports of a customer.
type Share struct {
	Value  graph.Decimal // a fraction
	AsOf   graph.Date
	Metric string
}

// Shares are the reported shares that were known on the day of the view, by
// pair: the first of Metrics that the vendor reports of the customer, of that
// the latest, on one day that with the greatest id. Both must be vertices of the
// view, for a metric is that of the company itself and neither a unit's vendor
// figure nor a unit's share as a customer is that of its group. Undated metrics,
// and parties that the lens leaves out, are left out.
func Shares(v *snapshot.View) map[Pair]Share {
	shares := map[Pair]Share{}
	allowed := v.Lens().Companies
	counts := func(id string) bool {
		vertex, ok := v.Vertex(id)
		return ok && v.Companies()[vertex] == id && (v.Lens().Aggregates || !v.Aggregate(vertex)) &&
			(len(allowed) == 0 || slices.Contains(allowed, id))
	}
	for _, vendor := range v.Companies() {
		metrics := v.Snapshot().Metrics(vendor)
		if len(metrics) == 0 || !counts(vendor) {
			continue
		}
		for _, name := range slices.Backward(Metrics()) {
			for _, m := range metrics { // the later of a name come later
				if m.Metric != name || !m.Value.Known() || !m.AsOf.Known() || m.AsOf.Last() > v.AsOf() ||
					m.Counterparty == vendor || !counts(m.Counterparty) {
					continue
				}
				shares[Pair{vendor, m.Counterparty}] = Share{Value: m.Value, AsOf: m.AsOf, Metric: name}
			}
		}
	}
	return shares
}

// Args are the parameters of the Cypher text that reads the same shares.
func Args(lens graph.Lens) map[string]any {
	among := lens.Companies
	if among == nil {
		among = []string{}
	}
	return map[string]any{"share_metrics": Metrics(), "rollup": lens.Rollup, "aggregates": lens.Aggregates, "among": among}
}

// Rat is a share of known amounts as an exact fraction, nil when the amount is
// unknown or the total is unknown or zero.
func Rat(amount, total graph.Money) *big.Rat {
	if !amount.Known() || !total.Known() || total.Cents() == 0 {
		return nil
	}
	return big.NewRat(amount.Cents(), total.Cents())
}
