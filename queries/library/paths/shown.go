package paths

import (
	"roundtrip/queries"
	"roundtrip/queries/library/chain"
)

// shown puts paths before people: amounts in billions of dollars.
func shown(_ queries.Scope, p Params) queries.Shown {
	return queries.Shown{Rows: p.Limit, Legs: chain.LegsInCypher, Table: "RETURN path, classes, " + chain.AmountsInCypher + ", legs"}
}
