// Package standoff declares the analysis of whether a customer can play its
// vendors off against each other.
package standoff

import (
	"context"
	"fmt"
	"iter"
	"math/big"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/algo/power"
	"roundtrip/queries/library/vendors"
)

// Params say which payments count and where the tests draw the line.
type Params struct {
	Scope vendors.Scope `json:"scope" default:"compute" enum:"compute,chips,all" doc:"Which payments count: compute (commitments, realised payments, leases), chips (chip purchases), or all."`
	Tau   graph.Decimal `json:"tau" default:"0.1" min:"0" max:"1" doc:"Least share of a vendor that counts."`
	Kappa graph.Decimal `json:"kappa" default:"1" min:"0" max:"1000" doc:"Walk-away test: the other vendors together must be at least so many times each vendor."`
}

// Fact is one vendor of a customer: what it is paid in the scope, and whether it
// funds the customer.
type Fact struct {
	Customer string
	Vendor   string
	Amount   graph.Money // unknown when no leg has one
	Power    *big.Rat    // nil where no volume of the customer is known
	Sampled  bool        // Power is an estimate
	Legs     []string    // PAYS legs of the scope
	FinLegs  []string    // legs with which the vendor funds the customer, none where it does not
}

// Power is the index of one vendor.
type Power struct {
	Vendor string        `json:"vendor"`
	Power  graph.Decimal `json:"power"`
}

// Row is one customer.
type Row struct {
	Customer string        `json:"customer" key:"true" title:"Customer" type:"company" doc:"Who pays."`
	Verdict  string        `json:"verdict" title:"Verdict" doc:"unknown: no known volume; single_source: fewer than two vendors at tau; dominated: the walk-away test fails; standoff: it passes and a vendor at tau funds the customer; open: it passes and none does."`
	AtTau    int           `json:"vendors_at_tau" title:"Vendors at tau" doc:"Number of vendors with a share of at least tau."`
	Largest  graph.Decimal `json:"largest_share" title:"Largest share" doc:"Share of the largest vendor of known amounts."`
	Funders  int           `json:"funders" title:"Funders" doc:"Number of vendors at tau that also fund the customer; unknown amounts count."`
	WalkAway *bool         `json:"walk_away" title:"Can walk away" doc:"For every vendor, the others together are at least kappa times it; unknown without a known volume."`
	Power    *[]Power      `json:"power" title:"Power" type:"object" detail:"true" doc:"Shapley-Shubik index of each vendor of known amount, by amount descending, then id: its weight is its amount, more than half of the sum wins. Unknown without a known volume."`
	Strength graph.Decimal `json:"strength" title:"Strength" doc:"1 minus the largest power of a vendor: 0 where one vendor decides alone."`
	Sampled  bool          `json:"sampled" title:"Sampled" detail:"true" doc:"The customer has more than 20 vendors and the power is an estimate from random orders with a fixed seed."`
	Amount   graph.Money   `json:"amount_cents" title:"Amount" doc:"Known amounts of the customer's payments in the scope."`
	Unknown  int           `json:"n_unknown_vendors" title:"Vendors unknown" doc:"Vendors of the customer to which no amount is known; they have no share and no power."`
	Legs     []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The payments, and the funding by vendors at tau, by date, then id."`
}

// Summary counts the customers by verdict.
type Summary struct {
	Customers int            `json:"customers" doc:"Number of customers."`
	ByVerdict map[string]int `json:"by_verdict" title:"By verdict" doc:"Number by verdict."`
}

// The verdicts, in the order of the rows.
const (
	Standoff     = "standoff"
	Open         = "open"
	Dominated    = "dominated"
	SingleSource = "single_source"
	Unknown      = "unknown"
)

func verdicts() []string { return []string{Standoff, Open, Dominated, SingleSource, Unknown} }

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Fact, Row, Summary]{
		Name:     "standoff",
		Title:    "Stand-off among vendors",
		Question: "Can a customer play its vendors off?",
		Method: "For each customer the PAYS legs of the scope are added up by vendor, as in vendors. A vendor counts at a share of tau or more of the known amounts. The walk-away test asks whether, for every vendor, the others together are at least kappa times as large: whether the customer could do without any one of them. " +
			"With fewer than two vendors at tau the verdict is single_source, else dominated where the test fails, standoff where it passes and one of the vendors at tau also funds the customer (FUNDS, with GRANTS where the lens has them), open where none does. " +
			"Power is the Shapley-Shubik index of the vendors in a vote with their amounts as weights and more than half of the sum to win: how often a vendor is the one that tips the balance over all orders of joining. It is exact up to 20 vendors; above, it is estimated from 20,000 random orders with a fixed seed and marked. Strength is 1 less the largest power. " +
			"Vendors of unknown amount have no part in it and are counted; capacity, terms and switching costs are left out. It is native only: Cypher cannot express the power index.",
		Formula: "walk-away: for every vendor v, sum of the others >= kappa x w(v); strength = 1 - largest Shapley-Shubik index of a vendor",
		Origin:  "L. S. Shapley and M. Shubik, A method for evaluating the distribution of power in a committee system, 1954.",
		Order:   "verdict (standoff, open, dominated, single_source, unknown), strength descending, customer",
		Native:  native,
		Finish:  finish,
	})
}

// Orders and seed of the estimate above power.MaxExact vendors; its standard
// error is at most 0.0036.
const (
	orders = 20_000
	seed   = 1
)

// weigh sets the power of the vendors of one customer.
func weigh(ctx context.Context, facts []Fact) error {
	var total graph.Money
	weights := make([]int64, len(facts))
	for i, f := range facts {
		total = total.Plus(f.Amount)
		weights[i] = f.Amount.Cents()
	}
	if total.Cents() == 0 {
		return nil
	}
	var index []*big.Rat
	var err error
	sampled := power.Players(weights) > power.MaxExact
	if sampled {
		index, err = power.Sample(ctx, weights, orders, seed)
	} else {
		index, err = power.Exact(ctx, weights)
	}
	if err != nil {
		return err
	}
	for i := range facts {
		facts[i].Power, facts[i].Sampled = index[i], sampled
	}
	return nil
}

func finish(in queries.Scope, p Params, facts iter.Seq[Fact]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	ans.Summary.ByVerdict = map[string]int{}
	byCustomer := map[string][]Fact{}
	for f := range facts {
		byCustomer[f.Customer] = append(byCustomer[f.Customer], f)
	}
	sampled := 0
	for _, of := range byCustomer {
		row := rowOf(in, p, of)
		ans.Rows = append(ans.Rows, row)
		ans.Summary.ByVerdict[row.Verdict]++
		if row.Sampled {
			sampled++
		}
	}
	place := func(r Row) int { return slices.Index(verdicts(), r.Verdict) }
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(place(a)-place(b), queries.DescendingRatio(a.Strength, b.Strength), queries.Bytes(a.Customer, b.Customer))
	})
	ans.Summary.Customers = len(ans.Rows)
	if sampled > 0 {
		ans.Warnings = append(ans.Warnings, queries.Warning{
			Code: "sampled_power", Count: sampled,
			Message: fmt.Sprintf("power and strength of %s with more than %d vendors are estimates from %d random orders with seed %d", queries.Count(sampled, "customer", "customers"), power.MaxExact, orders, seed),
		})
	}
	ans.Finding = finding(ans.Rows, ans.Summary, p, in.View.Snapshot().CompanyName)
	return ans, nil
}

func rowOf(in queries.Scope, p Params, facts []Fact) Row {
	slices.SortFunc(facts, func(a, b Fact) int {
		return queries.Order(queries.Descending(a.Amount, b.Amount), queries.Bytes(a.Vendor, b.Vendor))
	})
	row := Row{Customer: facts[0].Customer, Verdict: Unknown}
	for _, f := range facts {
		row.Amount = row.Amount.Plus(f.Amount)
		if !f.Amount.Known() {
			row.Unknown++
		}
	}
	var legs [][]string
	var index []Power
	strongest := new(big.Rat)
	for _, f := range facts {
		legs = append(legs, f.Legs)
		if atLeast(f.Amount, row.Amount, p.Tau) {
			row.AtTau++
			if len(f.FinLegs) > 0 {
				row.Funders++
				legs = append(legs, f.FinLegs)
			}
		}
		if f.Power != nil && f.Amount.Known() {
			index = append(index, Power{f.Vendor, graph.Quotient(f.Power.Num(), f.Power.Denom())})
			row.Sampled = row.Sampled || f.Sampled
			if f.Power.Cmp(strongest) > 0 {
				strongest = f.Power
			}
		}
	}
	row.Legs = in.InOrder(legs...)
	if row.Amount.Cents() == 0 {
		return row
	}
	row.Power = &index
	row.Largest = graph.Ratio(facts[0].Amount, row.Amount)
	rest := new(big.Rat).Sub(big.NewRat(1, 1), strongest)
	row.Strength = graph.Quotient(rest.Num(), rest.Denom())
	// The test is hardest for the largest vendor.
	others := graph.USD(row.Amount.Cents() - facts[0].Amount.Cents())
	walk := atLeast(others, facts[0].Amount, p.Kappa)
	row.WalkAway = &walk
	switch {
	case row.AtTau < 2:
		row.Verdict = SingleSource
	case !walk:
		row.Verdict = Dominated
	case row.Funders > 0:
		row.Verdict = Standoff
	default:
		row.Verdict = Open
	}
	return row
}

// atLeast tells whether part >= share x whole, before any rounding; false when
// the part is unknown or the whole is unknown or zero.
func atLeast(part, whole graph.Money, share graph.Decimal) bool {
	if !part.Known() || whole.Cents() == 0 {
		return false
	}
	left := new(big.Int).Mul(big.NewInt(part.Cents()), big.NewInt(1_000_000))
	return left.Cmp(new(big.Int).Mul(big.NewInt(whole.Cents()), big.NewInt(share.Micro()))) >= 0
}

func finding(rows []Row, s Summary, p Params, name func(string) string) string {
	if len(rows) == 0 {
		return fmt.Sprintf("Under this lens no company pays another in scope %s.", p.Scope)
	}
	top := rows[0]
	about := fmt.Sprintf("%s at a share of %s or more, the largest %s", queries.Count(top.AtTau, "vendor", "vendors"), p.Tau.Percent(), top.Largest.Percent())
	counts := fmt.Sprintf(" Of %s in scope %s, %d can walk away from any vendor.", queries.Count(s.Customers, "customer", "customers"), p.Scope, s.ByVerdict[Standoff]+s.ByVerdict[Open])
	switch top.Verdict {
	case Standoff:
		return fmt.Sprintf("%s is in a stand-off with its vendors: it has %s, could do without any one of them, and is funded by %d of them.", name(top.Customer), about, top.Funders) + counts
	case Open:
		return fmt.Sprintf("No customer is in a stand-off with vendors that fund it; %s is nearest, with %s, none of which funds it.", name(top.Customer), about) + counts
	case Dominated:
		return fmt.Sprintf("No customer can play its vendors off; %s is nearest, with %s, too large to walk away from.", name(top.Customer), about) + counts
	case SingleSource:
		return fmt.Sprintf("Every customer in scope %s with a known volume has fewer than two vendors at a share of %s or more.", p.Scope, p.Tau.Percent())
	}
	return fmt.Sprintf("Under this lens no amount in scope %s is known.", p.Scope)
}
