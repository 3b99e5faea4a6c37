package cycles

import (
	"roundtrip/queries"
	"roundtrip/queries/library/chain"
)

// shown puts loops before people: amounts in billions of dollars.
func shown(in queries.Scope, p Params) queries.Shown {
	where := kindInCypher(p.Kind)
	if ids := chain.Shown(in, p.Through); len(ids) > 0 {
		where = queries.Both(where, "all(id IN "+queries.Literal(ids)+" WHERE id IN ring)")
	}
	if ids := chain.Shown(in, p.Avoid); len(ids) > 0 {
		where = queries.Both(where, "none(id IN "+queries.Literal(ids)+" WHERE id IN ring)")
	}
	if least := p.MinBottleneck.Cents(); least > 0 {
		where = queries.Both(where, "bottleneck_cents >= "+queries.Literal(least))
	}
	return queries.Shown{
		Where: where, Rows: p.Limit, Legs: chain.LegsInCypher,
		Table: "RETURN ring, classes, " + chain.AmountsInCypher + ", legs",
	}
}

// kindInCypher is the condition that a loop is of the kind, "" for all.
func kindInCypher(kind string) string {
	switch kind {
	case "contingent":
		return "'BACKS' IN classes"
	case "round_trip":
		return "NOT 'BACKS' IN classes AND 'PAYS' IN classes AND any(c IN classes WHERE c IN ['FUNDS', 'GRANTS'])"
	case "reciprocal_trade":
		return "all(c IN classes WHERE c = 'PAYS')"
	case "cross_holding":
		return "all(c IN classes WHERE c IN ['FUNDS', 'GRANTS'])"
	case "other":
		return "NOT 'BACKS' IN classes AND any(c IN classes WHERE c IN ['ACQUIRES', 'SUPPLIES'])" +
			" AND NOT ('PAYS' IN classes AND any(c IN classes WHERE c IN ['FUNDS', 'GRANTS']))"
	}
	return ""
}
