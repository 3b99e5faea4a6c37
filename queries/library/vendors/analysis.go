// Package vendors declares the analysis of how a customer's payments divide
// among its vendors.
package vendors

import (
	"context"
	_ "embed"
	"fmt"
	"iter"
	"math/big"
	"slices"
	"strconv"

	"roundtrip/graph"
	"roundtrip/queries"
)

//go:embed query.cypher
var text string

// Params say which payments count.
type Params struct {
	Scope Scope `json:"scope" default:"compute" enum:"compute,chips,all" doc:"Which payments count: compute (commitments, realised payments, leases), chips (chip purchases), or all."`
}

// Scope is a set of kinds of payments.
type Scope string

// Kinds are the kinds of legs in the scope; nil stands for every PAYS leg.
func (s Scope) Kinds() []graph.FlowKind {
	switch s {
	case "compute":
		return []graph.FlowKind{graph.ComputeCommitment, graph.ComputePaymentRealised, graph.Lease}
	case "chips":
		return []graph.FlowKind{graph.ChipPurchase}
	}
	return nil
}

// Pair is the fact: what a customer pays one vendor in the scope.
type Pair struct {
	Customer string        `json:"customer"`
	Vendor   string        `json:"vendor"`
	Amount   graph.Money   `json:"amount_cents"` // unknown when no leg has one
	GW       graph.Decimal `json:"gw_micro"`     // unknown when no leg reports it
	Legs     []string      `json:"legs"`         // in any order
}

// Row is one vendor of one customer.
type Row struct {
	Customer  string        `json:"customer" key:"true" title:"Customer" type:"company" doc:"Who pays."`
	Vendor    string        `json:"vendor" key:"true" title:"Vendor" type:"company" doc:"Who is paid."`
	Amount    graph.Money   `json:"amount_cents" title:"Amount" doc:"Known amounts of the customer's payments to the vendor in the scope."`
	Share     graph.Decimal `json:"share" title:"Share" doc:"Amount divided by the customer's known amounts to all vendors."`
	GW        graph.Decimal `json:"gw" title:"GW" type:"number" unit:"GW" doc:"Capacity of those legs where it is reported."`
	GWShare   graph.Decimal `json:"gw_share" title:"GW share" doc:"Capacity divided by the customer's reported capacity at all vendors."`
	HHI       graph.Decimal `json:"hhi" title:"HHI" type:"number" doc:"Herfindahl-Hirschman index of the customer over known amounts, 0 to 10,000, rounded."`
	Effective graph.Decimal `json:"effective" title:"Effective vendors" type:"number" doc:"One divided by the sum of squared shares: as many equal vendors would be as concentrated."`
	Unknown   int           `json:"n_unknown_vendors" title:"Vendors unknown" doc:"Vendors of the customer to which no amount is known."`
	Legs      []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The legs, by date, then id."`
}

// Summary counts the customers.
type Summary struct {
	Customers int `json:"customers" doc:"Number of customers."`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Pair, Row, Summary]{
		Name:     "vendors",
		Title:    "Vendors of a customer",
		Question: "On whom does a customer depend?",
		Method: "For each customer the PAYS legs of the scope are added up by vendor. A share is a vendor's known amount divided by the customer's known amounts. " +
			"HHI is 10,000 times the sum of squared shares and effective vendors is one divided by that sum; both leave out vendors of unknown amount, whose number stands beside them. " +
			"Promises, payments made and leases count alike; lens basis realised or settled keeps payments only. Equity is not a purchase and changes nothing here.",
		Formula: "share = w(B to A) / sum w(B to any); HHI = 10,000 x sum share^2; effective = 1 / sum share^2",
		Origin:  "A. O. Hirschman, 1945; O. C. Herfindahl, 1950.",
		Order:   "customer's total descending, customer, share descending, vendor",
		Native:  native,
		Twin: &queries.Twin[Params, Pair]{Text: text, Shown: shown, Args: func(_ queries.Scope, p Params) map[string]any {
			kinds := []string{}
			for _, k := range p.Scope.Kinds() {
				kinds = append(kinds, string(k))
			}
			return map[string]any{"scope_kinds": kinds}
		}},
		Finish: finish,
		Charts: charts,
	})
}

func finish(in queries.Scope, p Params, facts iter.Seq[Pair]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	byCustomer := map[string][]Pair{}
	for f := range facts {
		byCustomer[f.Customer] = append(byCustomer[f.Customer], f)
	}
	totals := map[string]graph.Money{}
	for customer, pairs := range byCustomer {
		var total graph.Money
		var gw graph.Decimal
		unknown := 0
		for _, x := range pairs {
			total, gw = total.Plus(x.Amount), gw.Plus(x.GW)
			if !x.Amount.Known() {
				unknown++
			}
		}
		totals[customer] = total
		hhi, effective := concentration(pairs, total)
		for _, x := range pairs {
			ans.Rows = append(ans.Rows, Row{
				Customer: customer, Vendor: x.Vendor, Amount: x.Amount, Share: graph.Ratio(x.Amount, total), GW: x.GW, GWShare: gwShare(x.GW, gw),
				HHI: hhi, Effective: effective, Unknown: unknown, Legs: in.InOrder(x.Legs),
			})
		}
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Descending(totals[a.Customer], totals[b.Customer]), queries.Bytes(a.Customer, b.Customer),
			queries.Descending(a.Amount, b.Amount), queries.Bytes(a.Vendor, b.Vendor))
	})
	ans.Summary.Customers = len(byCustomer)
	ans.Finding = finding(ans.Rows, totals, p, in.View.Snapshot().CompanyName)
	return ans, nil
}

// Concentrations are the HHI of every customer in the view by its id, unknown
// where no amount is known or their sum is zero.
func Concentrations(ctx context.Context, in queries.Scope, scope Scope) (map[string]graph.Decimal, error) {
	byCustomer := map[string][]Pair{}
	_, err := native(ctx, in, Params{Scope: scope}, func(p Pair) bool {
		byCustomer[p.Customer] = append(byCustomer[p.Customer], p)
		return true
	})
	list := make(map[string]graph.Decimal, len(byCustomer))
	for customer, pairs := range byCustomer {
		var total graph.Money
		for _, x := range pairs {
			total = total.Plus(x.Amount)
		}
		list[customer], _ = concentration(pairs, total)
	}
	return list, err
}

// concentration is HHI and effective vendors over the known amounts, exact
// until the last rounding; unknown where the total is unknown or zero.
func concentration(pairs []Pair, total graph.Money) (hhi, effective graph.Decimal) {
	sum := new(big.Int)
	for _, x := range pairs {
		a := big.NewInt(x.Amount.Cents())
		sum.Add(sum, a.Mul(a, a))
	}
	t := big.NewInt(total.Cents())
	t.Mul(t, t)
	if t.Sign() == 0 {
		return graph.Decimal{}, graph.Decimal{}
	}
	// Half up to a whole number: floor((2*10^4*sum + t) / 2t).
	points := new(big.Int).Mul(sum, big.NewInt(20_000))
	points.Add(points, t).Div(points, new(big.Int).Lsh(t, 1))
	return graph.Micro(points.Int64() * 1_000_000), graph.Quotient(t, sum)
}

func gwShare(gw, total graph.Decimal) graph.Decimal {
	if !gw.Known() {
		return graph.Decimal{}
	}
	return graph.Quotient(big.NewInt(gw.Micro()), big.NewInt(total.Micro()))
}

func finding(rows []Row, totals map[string]graph.Money, p Params, name func(string) string) string {
	if len(rows) == 0 {
		return fmt.Sprintf("Under this lens no company pays another in scope %s.", p.Scope)
	}
	top := rows[0]
	if top.Amount.Known() && !top.Share.Known() {
		return fmt.Sprintf("%s pays or promises %s in scope %s; of nothing there are no shares.", name(top.Customer), top.Amount.Short(), p.Scope)
	}
	if !top.Share.Known() {
		return fmt.Sprintf("Under this lens no amount in scope %s is known.", p.Scope)
	}
	return fmt.Sprintf("%s pays or promises %s in scope %s; the largest part, %s, goes to %s. Its HHI is %s, as if it had %s equal vendors.",
		name(top.Customer), totals[top.Customer].Short(), p.Scope, top.Share.Percent(), name(top.Vendor), top.HHI, strconv.FormatFloat(top.Effective.Float(), 'f', 1, 64))
}
