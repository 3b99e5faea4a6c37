// Package vendorfinancing declares the analysis of how much of a vendor's
// bookings its own money can pay.
package vendorfinancing

import (
	_ "embed"
	"fmt"
	"iter"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

//go:embed query.cypher
var text string

// Params has no parameters beside the lens.
type Params struct{}

// Pair is the fact: what a vendor is paid by one customer, and what it puts into
// that customer.
type Pair struct {
	Vendor   string      `json:"vendor"`
	Customer string      `json:"customer"`
	Buy      graph.Money `json:"buy_cents"` // unknown when no leg has one
	Fin      graph.Money `json:"fin_cents"` // unknown when no leg has one
	BuyLegs  []string    `json:"buy_legs"`  // in any order
	FinLegs  []string    `json:"fin_legs"`  // in any order; none where the vendor does not fund the customer
}

// Row is one vendor.
type Row struct {
	Vendor    string        `json:"vendor" key:"true" title:"Vendor" type:"company" doc:"Who is paid."`
	Financed  graph.Money   `json:"financed_cents" title:"Financed" doc:"Sum over the customers that the vendor funds of the smaller of what it puts in and what it is paid; 0 where it funds none, unknown where no such pair has both amounts."`
	Bookings  graph.Money   `json:"bookings_cents" title:"Bookings" doc:"All known amounts that are paid or promised to the vendor."`
	Intensity graph.Decimal `json:"intensity" title:"Intensity" doc:"Financed divided by bookings."`
	Customers []string      `json:"customers" title:"Funded customers" doc:"The customers that the vendor funds, by id."`
	Unknown   int           `json:"n_unknown_customers" title:"Unknown" doc:"Those of them of which an amount is unknown; they add nothing to what is financed."`
	Legs      []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The legs into the vendor, and those from it to the customers that it funds, by date, then id."`
}

// Summary adds up the vendors.
type Summary struct {
	Vendors   int           `json:"vendors" doc:"Number of vendors."`
	Financing int           `json:"financing_vendors" title:"Vendors that fund customers" doc:"Vendors that fund at least one customer."`
	Financed  graph.Money   `json:"financed_cents" title:"Financed" doc:"Sum over the vendors."`
	Bookings  graph.Money   `json:"bookings_cents" title:"Bookings" doc:"Sum over the vendors."`
	Intensity graph.Decimal `json:"intensity" title:"Intensity" doc:"Financed divided by bookings, over all vendors."`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Pair, Row, Summary]{
		Name:     "vendor-financing",
		Title:    "Vendor financing",
		Question: "How much of a vendor's bookings did it finance?",
		Method: "For each vendor A that is paid (PAYS), and each customer B that it also puts money into (FUNDS, with GRANTS where the lens has them), the financed amount is the smaller of the two sums: what A's own money can cover of what B pays it. " +
			"Intensity is the sum over its customers divided by all that A is paid or promised. " +
			"A pair with an unknown amount adds nothing and is counted. The measure says what could have been paid with the vendor's money, not what was; " +
			"money that reaches a customer through a third company is left to lookthrough and recycling, and guarantees count only under BACKS in exposure.",
		Formula: "intensity = sum over funded customers min(Fin(A to B), Buy(B to A)) / all Buy into A",
		Origin:  "The definition is that of this project.",
		Order:   "financed descending, unknown last, then vendor",
		Native:  native,
		Twin:    &queries.Twin[Params, Pair]{Text: text, Shown: shown},
		Finish:  finish,
		Charts:  charts,
	})
}

func finish(in queries.Scope, _ Params, facts iter.Seq[Pair]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	byVendor := map[string][]Pair{}
	for f := range facts {
		byVendor[f.Vendor] = append(byVendor[f.Vendor], f)
	}
	var financed, bookings graph.Money
	for vendor, pairs := range byVendor {
		row := rowOf(in, vendor, pairs)
		ans.Rows = append(ans.Rows, row)
		financed, bookings = financed.Plus(row.Financed), bookings.Plus(row.Bookings)
		if len(row.Customers) > 0 {
			ans.Summary.Financing++
		}
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Descending(a.Financed, b.Financed), queries.Bytes(a.Vendor, b.Vendor))
	})
	s := &ans.Summary
	if s.Vendors = len(ans.Rows); s.Vendors == 0 {
		financed, bookings = graph.USD(0), graph.USD(0)
	}
	s.Financed, s.Bookings, s.Intensity = financed, bookings, graph.Ratio(financed, bookings)
	ans.Finding = finding(ans.Rows, *s, in.View.Snapshot().CompanyName)
	return ans, nil
}

func rowOf(in queries.Scope, vendor string, pairs []Pair) Row {
	row := Row{Vendor: vendor, Customers: []string{}}
	var legs [][]string
	for _, x := range pairs {
		row.Bookings = row.Bookings.Plus(x.Buy)
		legs = append(legs, x.BuyLegs)
		if len(x.FinLegs) == 0 {
			continue
		}
		legs = append(legs, x.FinLegs)
		row.Customers = append(row.Customers, x.Customer)
		least := x.Fin.Min(x.Buy)
		if !least.Known() {
			row.Unknown++
		}
		row.Financed = row.Financed.Plus(least)
	}
	slices.Sort(row.Customers)
	if len(row.Customers) == 0 {
		row.Financed = graph.USD(0)
	}
	row.Intensity = graph.Ratio(row.Financed, row.Bookings)
	row.Legs = in.InOrder(legs...)
	return row
}

func finding(rows []Row, s Summary, name func(string) string) string {
	if s.Financing == 0 {
		return "Under this lens no vendor funds a customer of its own."
	}
	top := rows[0]
	if top.Financed.Cents() == 0 {
		return fmt.Sprintf("%s; of none is the financed amount known to be above zero.", queries.Count(s.Financing, "vendor funds customers of its own", "vendors fund customers of their own"))
	}
	text := fmt.Sprintf("Of the %s that %s is paid or promised, its own money can cover %s (%s), through %s that it funds.",
		top.Bookings.Short(), name(top.Vendor), top.Financed.Short(), top.Intensity.Percent(), queries.Count(len(top.Customers), "customer", "customers"))
	if s.Vendors > 1 {
		text += fmt.Sprintf(" Over all %d vendors it is %s of %s (%s).", s.Vendors, s.Financed.Short(), s.Bookings.Short(), s.Intensity.Percent())
	}
	return text
}
