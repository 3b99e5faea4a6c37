package vendors

import "roundtrip/queries"

// charts show the shares of the vendors of the first customers.
func charts(in queries.Scope, p Params, rows []Row, _ Summary) []queries.Chart {
	parts := make([]queries.Part, len(rows))
	for i, r := range rows {
		parts[i] = queries.Part{Whole: r.Customer, Part: r.Vendor, Amount: r.Amount}
	}
	c := queries.ShareChart(in, parts, "customers")
	c.Title = "How payments in scope " + string(p.Scope) + " divide among vendors, by customer"
	return []queries.Chart{c}
}
