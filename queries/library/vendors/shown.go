package vendors

import "roundtrip/queries"

// shown puts vendors before people, with their share of the customer.
func shown(queries.Scope, Params) queries.Shown {
	return queries.Shown{Table: `WITH collect({customer: customer, vendor: vendor, cents: amount_cents, gw: gw_micro / 1e6, legs: legs}) AS pairs
UNWIND pairs AS pair
WITH pair, reduce(sum = 0, p IN pairs | CASE WHEN p.customer = pair.customer THEN sum + coalesce(p.cents, 0) ELSE sum END) AS total
RETURN pair.customer AS customer, pair.vendor AS vendor, pair.cents / 1e11 AS amount_bn,
       CASE WHEN total > 0 THEN round(1.0 * pair.cents / total, 3) END AS share, pair.gw AS gw, pair.legs AS legs
ORDER BY total DESC, customer, amount_bn IS NULL, amount_bn DESC, vendor`}
}
