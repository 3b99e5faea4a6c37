package vendorfinancing

import "roundtrip/queries"

// shown puts vendors before people, summed over their customers; the drawing has
// the customers that they fund.
func shown(queries.Scope, Params) queries.Shown {
	return queries.Shown{Legs: "CASE WHEN size(fin_legs) = 0 THEN [] ELSE buy_legs + fin_legs END", Table: `RETURN vendor, sum(financed_cents) / 1e11 AS financed_bn, sum(buy_cents) / 1e11 AS bookings_bn,
       CASE WHEN sum(buy_cents) > 0 THEN round(1.0 * sum(financed_cents) / sum(buy_cents), 3) END AS intensity,
       [c IN collect(CASE WHEN size(fin_legs) > 0 THEN customer END) | c] AS customers_with_both
ORDER BY financed_bn DESC, vendor`}
}
