package realisation

import "roundtrip/queries"

// shown puts legs before people: what was announced and what became of it.
func shown(queries.Scope, Params) queries.Shown {
	return queries.Shown{Legs: "[leg]", Table: "RETURN leg, deal, status, announced, " + queries.Billions("amount_cents") + ", " + queries.Billions("settled_cents") + ", " + queries.Billions("realised_cents") + `
ORDER BY amount_bn IS NULL, amount_bn DESC, leg`}
}
