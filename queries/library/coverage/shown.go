package coverage

import (
	"roundtrip/queries"
	"roundtrip/queries/library/chain"
)

// shown puts promises before people, with what the payee's own group funds of
// them; the drawing has the funding as well.
func shown(in queries.Scope, p Params) queries.Shown {
	where := ""
	for _, of := range []struct{ column, company string }{{"buyer", p.Buyer}, {"other", p.Payee}} {
		if of.company != "" {
			where = queries.Both(where, queries.Among(of.column, chain.Shown(in, []string{of.company})))
		}
	}
	return queries.Shown{Where: where, Legs: "[leg]", Table: `WITH * WHERE promise
RETURN buyer, leg, other AS payee, ` + queries.Billions("amount_cents") + ", " + queries.Billions("tied_cents") + `,
       CASE WHEN amount_cents > 0 THEN round(1.0 * tied_cents / amount_cents, 3) END AS covered, (amount_cents - tied_cents) / 1e11 AS gap_bn
ORDER BY buyer, amount_bn IS NULL, amount_bn DESC, leg`}
}
