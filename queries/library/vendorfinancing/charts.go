package vendorfinancing

import (
	"fmt"

	"roundtrip/graph"
	"roundtrip/queries"
)

// charts show what each vendor that funds customers finances of its bookings.
func charts(in queries.Scope, _ Params, rows []Row, _ Summary) []queries.Chart {
	var funding []Row
	for _, r := range rows {
		if len(r.Customers) > 0 {
			funding = append(funding, r)
		}
	}
	name := in.View.Snapshot().CompanyName
	shown, note := queries.Drawn(funding, "vendors that fund a customer")
	c := queries.Chart{
		Kind: queries.Stacked, Title: "What vendors finance of their own bookings", Unit: queries.MoneyUnit, Note: note,
		Series: []queries.Series{{Name: "Financed by the vendor"}, {Name: "Not known to be financed"}},
	}
	for _, r := range shown {
		remark := ""
		var other graph.Money
		switch {
		case r.Financed.Known() && r.Bookings.Known():
			other = graph.USD(r.Bookings.Cents() - r.Financed.Cents())
			if r.Unknown > 0 {
				remark = fmt.Sprintf("+ %d unknown", r.Unknown)
			}
		case r.Bookings.Known():
			remark = "of " + r.Bookings.Short()
		}
		c.Add(name(r.Vendor), r.Financed, other)
		c.Remarks = append(c.Remarks, remark)
	}
	return []queries.Chart{c}
}
