package customers

import "roundtrip/queries"

// shown puts customers before people, with their share of what the vendor is
// known to be paid, and the share that it reports.
func shown(queries.Scope, Params) queries.Shown {
	return queries.Shown{Table: `WITH collect({vendor: vendor, customer: customer, cents: amount_cents, reported: reported_micro / 1e6, as_of: reported_as_of, legs: legs}) AS pairs
UNWIND pairs AS pair
WITH pair, reduce(sum = 0, p IN pairs | CASE WHEN p.vendor = pair.vendor THEN sum + coalesce(p.cents, 0) ELSE sum END) AS total
RETURN pair.vendor AS vendor, pair.customer AS customer, pair.cents / 1e11 AS amount_bn,
       CASE WHEN total > 0 THEN round(1.0 * pair.cents / total, 3) END AS share, pair.reported AS reported_share, pair.as_of AS reported_as_of, pair.legs AS legs
ORDER BY total DESC, vendor, coalesce(reported_share, share) IS NULL, coalesce(reported_share, share) DESC, customer`}
}
