package chips

import "roundtrip/queries"

// shown puts chips before people: who runs on them, and for how much.
func shown(_ queries.Scope, p Params) queries.Shown {
	sum := func(use string) string {
		return "reduce(sum = 0, i IN range(0, size(uses) - 1) | CASE WHEN uses[i] = '" + use + "' THEN sum + coalesce(cents[i], 0) ELSE sum END) / 1e11 AS " + use + "_bn"
	}
	return queries.Shown{Where: queries.Among("chip", p.Chips), Legs: "legs + ties", Table: `RETURN chip, maker, users, own_use, affiliated, [u IN users WHERE NOT u IN own_use + affiliated] AS independents,
       ` + sum("compute") + `,
       ` + sum("purchase") + `, legs`}
}
