package chain

import "roundtrip/queries"

// What twins that find chains of hops show of them: LegsInCypher is the ids of
// all their legs, AmountsInCypher their amounts in billions of dollars.
const (
	LegsInCypher    = "reduce(ids = [], hop IN legs | ids + hop)"
	AmountsInCypher = "[cents IN hop_amounts_cents | cents / 1e11] AS hop_amounts_bn, bottleneck_cents / 1e11 AS bottleneck_bn"
)

// Shown is the companies by the names that rows have for them under the lens.
func Shown(in queries.Scope, companies []string) []string {
	var ids []string
	for _, id := range companies {
		if v, ok := in.View.Vertex(id); ok {
			id = in.View.Companies()[v]
		}
		ids = append(ids, id)
	}
	return ids
}
