package exposure

import "roundtrip/queries"

// shown puts firms before people: amounts in billions of dollars.
func shown(queries.Scope, Params) queries.Shown {
	return queries.Shown{Table: "RETURN firm, " + queries.Billions("backs_given_cents") + ", stands_behind, " + queries.Billions("backs_received_cents") + `, backed_by,
       grants_given, grants_received, ` + queries.Billions("conditional_out_cents") + ", " + queries.Billions("conditional_in_cents") + ", legs"}
}
