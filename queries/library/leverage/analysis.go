// Package leverage declares the analysis of who needs whom more: a vendor or
// its customer.
package leverage

import (
	_ "embed"
	"fmt"
	"iter"
	"math/big"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/reported"
)

//go:embed query.cypher
var text string

// Params say what is known beyond the payments.
type Params struct {
	Reported    bool         `json:"reported" default:"true" doc:"Take the share that the vendor reports of the customer where there is one; false: always the share of tracked receipts."`
	AltVendor   Alternatives `json:"alt_vendor" doc:"How much of its sales to the customer the vendor could place elsewhere, 0 to 1: a number for every vendor, or a list company=number, 0 for the others."`
	AltCustomer Alternatives `json:"alt_customer" doc:"How much of its purchases from the vendor the customer could get elsewhere, 0 to 1: a number for every customer, or a list company=number, 0 for the others."`
}

// Pair is the fact: what a customer pays one vendor, and the share that the
// vendor reports of it.
type Pair struct {
	Vendor   string        `json:"vendor"`
	Customer string        `json:"customer"`
	Amount   graph.Money   `json:"amount_cents"`   // unknown when no leg has one
	Reported graph.Decimal `json:"reported_micro"` // unknown when none is reported
	AsOf     graph.Date    `json:"reported_as_of"`
	Legs     []string      `json:"legs"` // in any order
}

// Row is one pair.
type Row struct {
	Vendor     string        `json:"vendor" key:"true" title:"Vendor" type:"company" doc:"The company A that is paid."`
	Customer   string        `json:"customer" key:"true" title:"Customer" type:"company" doc:"The company B that pays."`
	Amount     graph.Money   `json:"amount_cents" title:"Amount" doc:"Known amounts of the customer's payments and promises to the vendor."`
	CC         graph.Decimal `json:"cc" title:"Vendor depends" doc:"Customer concentration: B's share of what A is paid, as A reports it or else of the tracked amounts."`
	CCReported bool          `json:"cc_reported" title:"Reported" doc:"The share was reported by the vendor."`
	CCAsOf     graph.Date    `json:"cc_as_of" title:"As of" detail:"true" doc:"Date of the reported share."`
	S          graph.Decimal `json:"s" title:"Customer depends" doc:"A's share of what B pays, of tracked amounts."`
	Leverage   graph.Decimal `json:"leverage" title:"Leverage" type:"number" doc:"cc(1 - alt_vendor) - s(1 - alt_customer), from -1 to 1: positive where the customer holds the leverage, negative where the vendor does."`
	Legs       []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The legs, by date, then id."`
}

// Summary counts the pairs.
type Summary struct {
	Pairs    int `json:"pairs" doc:"Number of pairs."`
	Customer int `json:"customer_holds" title:"Customer holds it" doc:"Pairs in which the customer holds the leverage."`
	Vendor   int `json:"vendor_holds" title:"Vendor holds it" doc:"Pairs in which the vendor holds the leverage."`
	Unknown  int `json:"unknown" doc:"Pairs whose leverage is unknown."`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Pair, Row, Summary]{
		Name:     "leverage",
		Title:    "Leverage between vendor and customer",
		Question: "Who needs whom more?",
		Method: "For each pair in which B pays A: cc is B's share of what A is paid, s is A's share of what B pays, both of tracked PAYS legs; where A itself reports the share of B (of its order book, else of its revenue, the latest known on the lens's day), that takes the place of cc and is marked. " +
			"The leverage of B over A is cc(1 - alt_vendor) - s(1 - alt_customer), where the alternatives say how much of the business the vendor, or the customer, could place elsewhere (0 unless given). " +
			"Positive: the vendor needs the customer more. A reported share is of an order book or a revenue and s is of tracked payments, so the two sides of a marked row are measured differently; switching costs, contract terms and dates are left out.",
		Formula: "leverage of B over A = cc x (1 - alt_vendor) - s x (1 - alt_customer); cc = Buy(B to A) / all Buy into A, or the reported share; s = Buy(B to A) / all Buy out of B",
		Origin:  "R. M. Emerson, Power-dependence relations, 1962.",
		Order:   "leverage descending, unknown last, then vendor, then customer",
		Native:  native,
		Twin: &queries.Twin[Params, Pair]{Text: text, Shown: shown, Args: func(in queries.Scope, _ Params) map[string]any {
			args := reported.Args(in.Lens)
			for _, needless := range []string{"rollup", "aggregates", "among"} { // both ends are ends of an edge
				delete(args, needless)
			}
			return args
		}},
		Finish: finish,
	})
}

func finish(in queries.Scope, p Params, facts iter.Seq[Pair]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	altVendor, err := p.AltVendor.under(in, "alt_vendor")
	if err != nil {
		return ans, err
	}
	altCustomer, err := p.AltCustomer.under(in, "alt_customer")
	if err != nil {
		return ans, err
	}
	pairs := slices.Collect(facts)
	receipts, payments := map[string]graph.Money{}, map[string]graph.Money{}
	for _, x := range pairs {
		receipts[x.Vendor] = receipts[x.Vendor].Plus(x.Amount)
		payments[x.Customer] = payments[x.Customer].Plus(x.Amount)
	}
	for _, x := range pairs {
		cc, s := reported.Rat(x.Amount, receipts[x.Vendor]), reported.Rat(x.Amount, payments[x.Customer])
		row := Row{Vendor: x.Vendor, Customer: x.Customer, Amount: x.Amount, S: rounded(s), Legs: in.InOrder(x.Legs)}
		if p.Reported && x.Reported.Known() {
			cc = micro(x.Reported)
			row.CCReported, row.CCAsOf = true, x.AsOf
		}
		row.CC = rounded(cc)
		var leverage *big.Rat // exact, so that its sign is that of the definition
		if cc != nil && s != nil {
			leverage = new(big.Rat).Sub(weighed(cc, altVendor(x.Vendor)), weighed(s, altCustomer(x.Customer)))
			row.Leverage = rounded(leverage)
		}
		ans.Summary.count(leverage)
		ans.Rows = append(ans.Rows, row)
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.DescendingRatio(a.Leverage, b.Leverage), queries.Bytes(a.Vendor, b.Vendor), queries.Bytes(a.Customer, b.Customer))
	})
	ans.Finding = finding(ans.Rows, ans.Summary, in.View.Snapshot().CompanyName)
	return ans, nil
}

func (s *Summary) count(leverage *big.Rat) {
	s.Pairs++
	switch {
	case leverage == nil:
		s.Unknown++
	case leverage.Sign() > 0:
		s.Customer++
	case leverage.Sign() < 0:
		s.Vendor++
	}
}

// weighed is the share that has no alternative.
func weighed(share *big.Rat, alternative graph.Decimal) *big.Rat {
	rest := new(big.Rat).Sub(big.NewRat(1, 1), micro(alternative))
	return rest.Mul(rest, share)
}

func micro(d graph.Decimal) *big.Rat { return big.NewRat(d.Micro(), 1_000_000) }

func rounded(r *big.Rat) graph.Decimal {
	if r == nil {
		return graph.Decimal{}
	}
	return graph.Quotient(r.Num(), r.Denom())
}

func finding(rows []Row, s Summary, name func(string) string) string {
	if len(rows) == 0 {
		return "Under this lens no company is paid by another."
	}
	top := rows[0]
	if !top.Leverage.Known() {
		return "Under this lens the leverage of no pair is known."
	}
	text := fmt.Sprintf("Of %s the customer holds the leverage in %d and the vendor in %d.", queries.Count(s.Pairs, "pair", "pairs"), s.Customer, s.Vendor)
	if s.Customer > 0 {
		source := "of tracked amounts"
		if top.CCReported {
			source = "as reported for " + top.CCAsOf.String()
		}
		text += fmt.Sprintf(" The largest is that of %s over %s: %s of what %s is paid (%s) against %s of what %s pays.",
			name(top.Customer), name(top.Vendor), top.CC.Percent(), name(top.Vendor), source, top.S.Percent(), name(top.Customer))
	}
	return text
}
