package workloads

import "roundtrip/queries"

// shown puts customers before people, by what they compute.
func shown(queries.Scope, Params) queries.Shown {
	return queries.Shown{Legs: "[leg]", Table: `RETURN customer, CASE workload WHEN '' THEN 'unknown' ELSE workload END AS workload, count(leg) AS legs, sum(amount_cents) / 1e11 AS amount_bn
ORDER BY amount_bn DESC, customer, workload`}
}
