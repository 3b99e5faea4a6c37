// Package customers declares the analysis of how a vendor's receipts divide
// among its customers.
package customers

import (
	_ "embed"
	"fmt"
	"iter"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/reported"
)

//go:embed query.cypher
var text string

// Params has no parameters beside the lens.
type Params struct{}

// Pair is the fact: what a vendor is paid by one customer, and the share that it
// reports of it.
type Pair struct {
	Vendor   string        `json:"vendor"`
	Customer string        `json:"customer"`
	Amount   graph.Money   `json:"amount_cents"`   // unknown when no leg has one, and without an edge
	Reported graph.Decimal `json:"reported_micro"` // unknown when none is reported
	AsOf     graph.Date    `json:"reported_as_of"`
	Metric   string        `json:"reported_metric"` // "" when none is reported
	Legs     []string      `json:"legs"`            // in any order; none where only a share is reported
}

// Row is one customer of one vendor.
type Row struct {
	Vendor   string        `json:"vendor" key:"true" title:"Vendor" type:"company" doc:"Who is paid."`
	Customer string        `json:"customer" key:"true" title:"Customer" type:"company" doc:"Who pays."`
	Amount   graph.Money   `json:"amount_cents" title:"Amount" doc:"Known amounts of the customer's payments and promises to the vendor; unknown where only a share is reported."`
	Share    graph.Decimal `json:"share" title:"Share" doc:"Amount divided by the vendor's known amounts from all customers."`
	Flag     *bool         `json:"flag" title:"10 % or more" doc:"The reported share, or the share of tracked amounts where none is reported, is at least 10 %; unknown when both are."`
	Reported graph.Decimal `json:"reported_share" title:"Reported share" doc:"The share that the vendor itself reports of this customer: of its order book (rpo_share_of_customer), else of its revenue (revenue_share_of_customer)."`
	AsOf     graph.Date    `json:"reported_as_of" title:"As of" doc:"Date of the reported share."`
	Metric   string        `json:"reported_metric" title:"Reported as" detail:"true" doc:"Metric of the reported share, empty where there is none."`
	Legs     []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The legs, by date, then id."`
}

// Summary counts the vendors.
type Summary struct {
	Vendors  int `json:"vendors" doc:"Number of vendors."`
	Flagged  int `json:"flagged" title:"Customers at 10 % or more" doc:"Pairs whose share is at least 10 %."`
	Reported int `json:"reported" title:"Reported shares" doc:"Pairs with a reported share."`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Pair, Row, Summary]{
		Name:     "customers",
		Title:    "Customers of a vendor",
		Question: "On whom does a vendor depend?",
		Method: "For each vendor the PAYS legs into it are added up by customer; promises, payments made and leases count alike. A share is a customer's known amount divided by the vendor's known amounts, of what is tracked here, not of the vendor's revenue. " +
			"Beside it stands the share that the vendor itself reports of the customer as of the lens's day, of its order book where it gives that, else of its revenue, the latest by date; pairs that are only reported have a row without an amount. " +
			"A customer is flagged at 10 % or more of the reported share, or of the tracked share where none is reported. " +
			"A metric belongs to the company that reports it and to the counterparty that it names: a unit's figure is never shown for its group. Undated metrics are left out.",
		Formula: "share = w(B to A) / sum w(any to A); flag: reported share, else share, of at least 10 %",
		Origin:  "Ten per cent is the share of revenue from which US accounting standards (ASC 280) ask a firm to name the size of a customer.",
		Order:   "vendor's total descending, unknown last, vendor, reported share or else share descending, customer",
		Native:  native,
		Twin: &queries.Twin[Params, Pair]{Text: text, Shown: shown, Args: func(in queries.Scope, _ Params) map[string]any {
			return reported.Args(in.Lens)
		}},
		Finish: finish,
		Charts: charts,
	})
}

// flagMicro is the share from which on a customer is flagged: 10 %.
const flagMicro = 100_000

func finish(in queries.Scope, _ Params, facts iter.Seq[Pair]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	pairs := slices.Collect(facts)
	totals := map[string]graph.Money{}
	for _, x := range pairs {
		totals[x.Vendor] = totals[x.Vendor].Plus(x.Amount)
	}
	for _, x := range pairs {
		row := Row{
			Vendor: x.Vendor, Customer: x.Customer, Amount: x.Amount, Share: graph.Ratio(x.Amount, totals[x.Vendor]),
			Flag: flag(x, totals[x.Vendor]), Reported: x.Reported, AsOf: x.AsOf, Metric: x.Metric, Legs: in.InOrder(x.Legs),
		}
		ans.Rows = append(ans.Rows, row)
		if row.Flag != nil && *row.Flag {
			ans.Summary.Flagged++
		}
		if x.Reported.Known() {
			ans.Summary.Reported++
		}
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Descending(totals[a.Vendor], totals[b.Vendor]), queries.Bytes(a.Vendor, b.Vendor),
			queries.DescendingRatio(a.shown(), b.shown()), queries.Bytes(a.Customer, b.Customer))
	})
	ans.Summary.Vendors = len(totals)
	ans.Finding = finding(ans.Rows, totals, in.View.Snapshot().CompanyName)
	return ans, nil
}

// shown is the reported share, or else the share of tracked amounts.
func (r Row) shown() graph.Decimal {
	if r.Reported.Known() {
		return r.Reported
	}
	return r.Share
}

// flag compares before any rounding.
func flag(x Pair, total graph.Money) *bool {
	var large bool
	if x.Reported.Known() {
		large = x.Reported.Micro() >= flagMicro
	} else {
		share := reported.Rat(x.Amount, total)
		if share == nil {
			return nil
		}
		large = share.Num().Int64() >= (share.Denom().Int64()+9)/10 // the least numerator that is a tenth
	}
	return &large
}

func finding(rows []Row, totals map[string]graph.Money, name func(string) string) string {
	if len(rows) == 0 {
		return "Under this lens no company is paid by another, and no share of a customer is reported."
	}
	top := rows[0]
	vendor, total := name(top.Vendor), totals[top.Vendor]
	var text string
	switch {
	case !total.Known() && !top.Reported.Known():
		return "Under this lens no amount that a vendor is paid is known."
	case !total.Known():
		return fmt.Sprintf("%s reports that %s stood for %s of its %s as of %s; no amount is known.", vendor, name(top.Customer), top.Reported.Percent(), of(top.Metric), top.AsOf)
	case !top.shown().Known():
		return fmt.Sprintf("%s is paid or promised %s.", vendor, total.Short())
	case top.Amount.Known():
		text = fmt.Sprintf("%s is paid or promised %s, %s of it (%s) by %s.", vendor, total.Short(), top.Amount.Short(), top.Share.Percent(), name(top.Customer))
	default:
		text = fmt.Sprintf("%s is paid or promised %s.", vendor, total.Short())
	}
	if top.Reported.Known() {
		text += fmt.Sprintf(" It reports that %s stood for %s of its %s as of %s.", name(top.Customer), top.Reported.Percent(), of(top.Metric), top.AsOf)
	}
	return text
}

// of says of what a metric is a share.
func of(metric string) string {
	if metric == "rpo_share_of_customer" {
		return "order book"
	}
	return "revenue"
}
