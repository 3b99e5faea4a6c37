package customers

import (
	"strings"

	"roundtrip/queries"
)

// charts show the shares of the customers of the first vendors, of what is
// tracked; the shares that vendors report stay in the table.
func charts(in queries.Scope, _ Params, rows []Row, _ Summary) []queries.Chart {
	parts := make([]queries.Part, len(rows))
	for i, r := range rows {
		parts[i] = queries.Part{Whole: r.Vendor, Part: r.Customer, Amount: r.Amount}
	}
	c := queries.ShareChart(in, parts, "vendors")
	c.Title = "How tracked receipts divide among customers, by vendor"
	c.Note = strings.TrimSpace(c.Note + " Shares that vendors report themselves stand in the table.")
	return []queries.Chart{c}
}
