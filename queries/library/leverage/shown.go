package leverage

import "roundtrip/queries"

// shown puts pairs before people, with no alternatives for either side. Positive
// leverage is the customer's.
func shown(_ queries.Scope, p Params) queries.Shown {
	vendor := "CASE WHEN receipts_cents > 0 THEN 1.0 * amount_cents / receipts_cents END"
	if p.Reported {
		vendor = "coalesce(reported_micro / 1e6, " + vendor + ")"
	}
	return queries.Shown{Table: "WITH *, " + vendor + ` AS vendor_depends,
     CASE WHEN payments_cents > 0 THEN 1.0 * amount_cents / payments_cents END AS customer_depends
RETURN vendor, customer, ` + queries.Billions("amount_cents") + `, round(vendor_depends, 3) AS vendor_depends, reported_micro IS NOT NULL AS reported,
       round(customer_depends, 3) AS customer_depends, round(vendor_depends - customer_depends, 3) AS leverage, legs
ORDER BY leverage IS NULL, leverage DESC, vendor, customer`}
}
