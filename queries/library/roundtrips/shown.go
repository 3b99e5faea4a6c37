package roundtrips

import "roundtrip/queries"

// shown puts pairs before people: amounts in billions of dollars.
func shown(queries.Scope, Params) queries.Shown {
	return queries.Shown{Table: "RETURN funder, customer, " + queries.Billions("fin_cents") + ", " + queries.Billions("buy_cents") + ", " + queries.Billions("rt_cents") + `,
       CASE WHEN fin_cents > 0 THEN round(1.0 * rt_cents / fin_cents, 3) END AS of_funding,
       CASE WHEN buy_cents > 0 THEN round(1.0 * rt_cents / buy_cents, 3) END AS of_payments, legs`}
}
