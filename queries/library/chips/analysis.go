// Package chips declares the analysis of who runs on which chip: its maker,
// firms that its maker funds, or independents.
package chips

import (
	_ "embed"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/vendors"
)

//go:embed query.cypher
var text string

// Params say how near to its maker a user must be to count as affiliated, and
// which chips are shown.
type Params struct {
	Hops  int      `json:"hops" default:"1" min:"1" max:"6" doc:"A user is affiliated when a path of at most this many FUNDS or GRANTS edges leads to it from the maker's group."`
	Chips []string `json:"chip" refs:"chip" doc:"Only these chips; all when none is named. The summary is that of the chips shown."`
}

// Use tells what a leg that lists a chip says about it.
type Use string

// The uses.
const (
	Usage    Use = "usage"    // its payee runs on the chip
	Compute  Use = "compute"  // its payer pays for computing on the chip
	Inside   Use = "inside"   // the same within one group: a user, but no dollars
	Purchase Use = "purchase" // its payer buys the chip
)

// Chip is the fact: one chip with its users and the legs that list it. The last
// seven lists but Ties have one item for each leg.
type Chip struct {
	ID         string          `json:"chip"`
	Maker      string          `json:"maker"` // "" when it is not known
	Users      []string        `json:"users"` // in any order, as the other lists
	OwnUse     []string        `json:"own_use"`
	Affiliated []string        `json:"affiliated"`
	Legs       []string        `json:"legs"`
	Uses       []string        `json:"uses"`
	Parties    []string        `json:"parties"` // who runs on the chip or pays
	Cents      []graph.Money   `json:"cents"`
	GW         []graph.Decimal `json:"gw_micro"`
	Listed     []int           `json:"listed"` // chips that the leg lists
	Ties       []string        `json:"ties"`   // FUNDS and GRANTS legs that reach affiliated users
}

// Row is one chip.
type Row struct {
	Chip             string        `json:"chip" key:"true" title:"Chip" type:"chip" doc:"Id of the chip."`
	Maker            *string       `json:"maker" title:"Maker" type:"company" doc:"Whose chip it is (vendor_id); null when that was not reported."`
	Users            []string      `json:"users" title:"Users" doc:"Who runs on it: receivers of chip_usage legs, payers of compute legs that list it, and user_ids of the chip."`
	OwnUse           []string      `json:"own_use" title:"Own use" doc:"Users in the maker's own group; legs from a company to itself count here."`
	Compute          graph.Money   `json:"compute_cents" title:"Compute" doc:"Known amounts of compute_commitment, compute_payment_realised and lease legs that list the chip, each in full."`
	Purchase         graph.Money   `json:"purchase_cents" title:"Purchases" doc:"Known amounts of chip_purchase legs that list the chip, each in full."`
	GW               graph.Decimal `json:"gw" title:"GW" type:"number" unit:"GW" doc:"Capacity of those compute and purchase legs where it is reported."`
	Affiliated       []string      `json:"affiliated" title:"Affiliated" doc:"Users outside the maker's group that its FUNDS or GRANTS legs reach in at most that many hops."`
	Independents     []string      `json:"independents" title:"Independents" doc:"The other users: neither the maker's own nor affiliated."`
	AffiliatedShare  graph.Decimal `json:"affiliated_share" title:"Affiliated share" doc:"Compute dollars of affiliated users divided by those of all users outside the maker's group."`
	Foundry          *string       `json:"foundry" title:"Foundry" type:"company" doc:"Who fabricates it; null when that was not reported."`
	Memory           []string      `json:"memory" title:"Memory" doc:"Who supplies its memory."`
	FoundryFamilies  int           `json:"foundry_families" title:"Foundry's families" detail:"true" doc:"Chip families that hang on the foundry, as foundry or for memory; 0 when it was not reported."`
	MemoryFamilies   []int         `json:"memory_families" title:"Suppliers' families" type:"count_list" detail:"true" doc:"Chip families that hang on each memory supplier, in the same order."`
	OthersCompute    graph.Money   `json:"others_compute_cents" title:"Compute of others" detail:"true" doc:"Compute dollars of payers outside the maker's group."`
	AffiliateCompute graph.Money   `json:"affiliated_compute_cents" title:"Compute of affiliated" detail:"true" doc:"Compute dollars of affiliated payers."`
	UsageLegs        int           `json:"usage_legs" title:"Usage legs" detail:"true" doc:"chip_usage legs that list the chip."`
	ComputeLegs      int           `json:"compute_legs" title:"Compute legs" detail:"true" doc:"Compute legs that list the chip, those of unknown amount included."`
	PurchaseLegs     int           `json:"purchase_legs" title:"Purchase legs" detail:"true" doc:"Purchase legs that list the chip, those of unknown amount included."`
	Shared           []string      `json:"shared_legs" title:"Shared legs" type:"legs" detail:"true" doc:"Compute and purchase legs that list other chips too and count in full on each."`
	Legs             []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The legs that list the chip and those that make users affiliated, by date, then id."`
}

// Summary counts each leg once.
type Summary struct {
	Chips       int         `json:"chips" doc:"Number of chips."`
	Compute     graph.Money `json:"compute_cents" doc:"Known amounts of compute legs that list any chip, each leg once."`
	Purchase    graph.Money `json:"purchase_cents" doc:"Known amounts of chip purchases that list any chip, each leg once."`
	Shared      int         `json:"shared_legs" doc:"Compute and purchase legs that list several chips, and so count on several rows."`
	Independent int         `json:"chips_with_independents" title:"with independents" doc:"Chips with at least one independent user."`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Chip, Row, Summary]{
		Name:     "chips",
		Title:    "Who runs on which chip",
		Question: "Do independents run on a chip, or only its maker and the firms that it funds?",
		Method: "The users of a chip are the receivers of chip_usage legs that list it, the payers of compute_commitment, compute_payment_realised and lease legs that list it, and the user_ids of the chip, which carry no date. " +
			"Users in the maker's group are its own use; use of one's own chips counts, so legs inside one group are kept for users, not for dollars. " +
			"A user is affiliated when a path of FUNDS or GRANTS edges, of whatever amount and at most `hops` long, leads to it from the maker's group; the rest are independents. " +
			"Classes FUNDS, PAYS, GRANTS and SUPPLIES are added to those of the lens. " +
			"Compute dollars and chip-purchase dollars stand apart, because the same chips may be bought by a cloud and rented from it. " +
			"A leg that lists several chips counts in full on each and is marked, so rows must not be added up; the summary counts each leg once. A buyer of chips is not by that alone a user.",
		Formula: "affiliated_share = compute dollars of affiliated users outside the maker's group / compute dollars of all users outside it",
		Origin:  "The definition is that of this project.",
		Order:   "compute dollars descending, unknown last, then chip",
		Needs: func(l *graph.Lens) {
			l.Classes = l.Classes.With(graph.Funds, graph.Pays, graph.Grants, graph.Supplies)
			l.Loops = true
		},
		Native: native,
		Twin: &queries.Twin[Params, Chip]{Text: text, Shown: shown, Args: func(in queries.Scope, p Params) map[string]any {
			var kinds []string
			for _, k := range vendors.Scope("compute").Kinds() {
				kinds = append(kinds, string(k))
			}
			return map[string]any{"compute_kinds": kinds, "hops": int64(p.Hops), "rollup": in.Lens.Rollup}
		}},
		Finish: finish,
	})
}
