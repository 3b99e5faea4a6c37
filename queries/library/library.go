// Package library lists the analyses. Adding one is a folder here and a line in
// All.
package library

import (
	"roundtrip/queries"
	"roundtrip/queries/library/changes"
	"roundtrip/queries/library/chips"
	"roundtrip/queries/library/circularity"
	"roundtrip/queries/library/contagion"
	"roundtrip/queries/library/coverage"
	"roundtrip/queries/library/criticality"
	"roundtrip/queries/library/customers"
	"roundtrip/queries/library/cycles"
	"roundtrip/queries/library/exposure"
	"roundtrip/queries/library/leverage"
	"roundtrip/queries/library/lookthrough"
	"roundtrip/queries/library/paths"
	"roundtrip/queries/library/realisation"
	"roundtrip/queries/library/recycling"
	"roundtrip/queries/library/roundtrips"
	"roundtrip/queries/library/standoff"
	"roundtrip/queries/library/upstream"
	"roundtrip/queries/library/vendorfinancing"
	"roundtrip/queries/library/vendors"
	"roundtrip/queries/library/workloads"
)

// All is the catalogue in the order in which it is shown.
func All() queries.Catalogue {
	return queries.Catalogue{
		cycles.Analysis(),
		roundtrips.Analysis(),
		recycling.Analysis(),
		circularity.Analysis(),
		coverage.Analysis(),
		vendors.Analysis(),
		customers.Analysis(),
		leverage.Analysis(),
		standoff.Analysis(),
		vendorfinancing.Analysis(),
		lookthrough.Analysis(),
		upstream.Analysis(),
		chips.Analysis(),
		workloads.Analysis(),
		realisation.Analysis(),
		contagion.Analysis(),
		criticality.Analysis(),
		exposure.Analysis(),
		paths.Analysis(),
		changes.Analysis(),
	}
}
