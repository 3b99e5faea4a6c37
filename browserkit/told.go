package browserkit

import (
	"roundtrip/graph"
	"roundtrip/queries"
)

// storyDay is the day on which Amazon was reported to be in talks to invest in
// OpenAI, and lateDay that to which the shipped data reaches.
const (
	storyDay = "2025-12-16"
	lateDay  = "2026-06-30"
)

// guideDraws is how often the guides draw the figures anew.
const guideDraws = 1000

func on(day string, more ...string) queries.Args {
	args := queries.Args{"as_of": day}
	for i := 0; i+1 < len(more); i += 2 {
		args[more[i]] = more[i+1]
	}
	return args
}

func ask(analysis string, lens queries.Args, params ...string) queries.Request {
	args := queries.Args{}
	for i := 0; i+1 < len(params); i += 2 {
		args[params[i]] = params[i+1]
	}
	return queries.Request{Analysis: analysis, Lens: lens, Params: args}
}

// lensOn is the default lens on one of the days above.
func lensOn(day string) graph.Lens {
	lens := graph.DefaultLens()
	if err := lens.AsOf.UnmarshalText([]byte(day)); err != nil {
		panic(err) // a constant of this package
	}
	return lens
}

// told are the scripts that the guides run, and those for looking around.
func told() []declared {
	lens, late := lensOn(storyDay), lensOn(lateDay)
	everything := lens
	everything.Classes = graph.EveryClass()
	two := on(storyDay, "companies", "amazon,openai")
	day := on(storyDay)
	trainium := []string{"chip", "trainium2,trainium3,trainium4,inferentia2"}
	return []declared{
		{name: "amazon-openai-drawn", folder: storyFolder, title: "Amazon and OpenAI: the two legs, drawn", request: ask("coverage", two), draw: true},
		{name: "amazon-openai", folder: storyFolder, title: "Amazon and OpenAI: 10 of 38 billion", request: ask("coverage", two)},
		{name: "openai-promises", folder: storyFolder, title: "OpenAI: all its promises, and what each payee funds itself", request: ask("coverage", day, "buyer", "openai")},
		{name: "openai-promises-drawn", folder: storyFolder, title: "OpenAI: its promises and its funding, drawn", request: ask("coverage", day, "buyer", "openai"), draw: true},
		{name: "loops", folder: storyFolder, title: "Loops: the eight largest", request: ask("cycles", day, "limit", "8")},
		{name: "largest-loop", folder: storyFolder, title: "Loops: the largest, drawn", request: ask("cycles", day, "limit", "1"), draw: true},
		{name: "amazon-loops", folder: storyFolder, title: "Loops: those through Amazon and OpenAI, drawn", request: ask("cycles", day, "through", "amazon,openai", "min_bottleneck", "1bn"), draw: true},
		{name: "pairs", folder: storyFolder, title: "Round trips: who pays its own customers", request: ask("roundtrips", day)},
		{name: "pairs-drawn", folder: storyFolder, title: "Round trips: the pairs, drawn", request: ask("roundtrips", day), draw: true},
		{name: "shares", folder: storyFolder, title: "Shares: on whom customers depend", request: ask("vendors", day)},
		{name: "shares-of-vendors", folder: storyFolder, title: "Shares: on whom vendors depend", request: ask("customers", day)},
		{name: "nvidia-to-oracle", folder: storyFolder, title: "Paths: from Nvidia to Oracle", request: ask("paths", day, "from", "nvidia", "to", "oracle", "k", "3")},
		{name: "financed-bookings", folder: storyFolder, title: "Vendors: how much of their bookings they finance", request: ask("vendor-financing", day)},

		{name: "leverage-pairs", folder: questionsFolder, title: "Leverage: who needs whom more", request: ask("leverage", day)},
		{name: "standoff-facts", folder: questionsFolder, title: "Stand-off: what the verdict rests on", text: standoffText, lens: lens},
		{name: "gross-flows", folder: questionsFolder, title: "Circularity: what goes in and out of each company", text: grossText, lens: lens},
		{name: "trainium", folder: questionsFolder, title: "Trainium: who runs on it", request: ask("chips", day, trainium...)},
		{name: "trainium-drawn", folder: questionsFolder, title: "Trainium: the legs behind it, drawn", request: ask("chips", day, trainium...), draw: true},
		{name: "training", folder: questionsFolder, title: "Workloads: how much is training", request: ask("workloads", on(lateDay))},
		{name: "headlines", folder: questionsFolder, title: "Headlines: what became of them", request: ask("realisation", on(lateDay), "by", "leg")},
		{name: "hangs-on-openai", folder: questionsFolder, title: "OpenAI: who is to be paid by it, and what share of their receipts that is", text: hangsText, lens: lens},
		{name: "openai-vendors", folder: questionsFolder, title: "OpenAI: its vendors when only signed legs count", request: ask("vendors", on(storyDay, "basis", "signed", "companies", "openai,amazon,microsoft,oracle,coreweave,google,nvidia,amd,broadcom"))},
		{name: "changed", folder: questionsFolder, title: "Changes: legs that are new or stand otherwise since December 2025", text: changedText, lens: late},
		{name: "bounds", folder: questionsFolder, title: "Amounts: how far low and high ends lie apart", text: boundsText, lens: late},

		{name: "map", folder: exploreFolder, title: "Explore: every company with every leg known that day", text: mapText, lens: everything},
		{name: "around", folder: exploreFolder, title: "Explore: one company and all that it has to do with", text: aroundText, lens: everything},
		{name: "leg", folder: exploreFolder, title: "Explore: one leg, its deal, outcomes and pages", text: legText},
		{name: "chip", folder: exploreFolder, title: "Explore: one chip, who makes it and who runs on it", text: chipText},
		{name: "groups", folder: exploreFolder, title: "Explore: companies and the groups that they belong to", text: groupsText},
		{name: "find", folder: exploreFolder, title: "Explore: find a company by a part of its name", text: findText},
	}
}

// native is a request that Cypher cannot express, of which the guides tell the
// finding: with a scenario what the comparison finds, with draws also how far a
// figure spreads.
type native struct {
	name     string
	request  queries.Request
	scenario string // of the shipped ones, "" for none
	spread   string // name of a figure of the summary
}

func nativeOnly() []native {
	day := on(storyDay)
	return []native{
		{name: "fifo", request: ask("coverage", day, "buyer", "openai", "rule", "fifo")},
		{name: "circularity", request: ask("circularity", day)},
		{name: "recycling", request: ask("recycling", day)},
		{name: "standoff", request: ask("standoff", day)},
		{name: "contagion", request: ask("contagion", day, "firm", "openai")},
		{name: "realisation", request: ask("realisation", on(lateDay), "by", "year")},
		{name: "changes", request: ask("changes", queries.Args{}, "from", storyDay, "to", lateDay)},
		{name: "vendors-with-trainium", request: ask("vendors", queries.Args{"basis": "signed"}), scenario: "amazon-closes-with-trainium"},
		{name: "standoff-with-trainium", request: ask("standoff", queries.Args{"basis": "signed"}), scenario: "amazon-closes-with-trainium"},
		{name: "spread", request: drawn(ask("circularity", on(lateDay))), spread: "ci"},
	}
}

// drawn is the request with the draws that the guides show.
func drawn(r queries.Request) queries.Request {
	r.Draws, r.Seed = guideDraws, 1
	return r
}

// Texts of scripts that are no analysis. The first line of each reads the graph
// through the lens where it says so.
const (
	grossText = `//lens edges
UNWIND [{company: payer.id, out: cents}, {company: payee.id, in: cents}] AS side
WITH side.company AS company, sum(side.in) AS gross_in, sum(side.out) AS gross_out
RETURN company, gross_in / 1e11 AS in_bn, gross_out / 1e11 AS out_bn, (gross_in - gross_out) / 1e11 AS net_bn
ORDER BY gross_in + gross_out DESC, company`

	standoffText = `//lens legs
WITH collect({payer: payer.id, payee: payee.id, class: class, kind: leg.kind, cents: cents}) AS legs
UNWIND [l IN legs WHERE l.kind IN ['compute_commitment', 'compute_payment_realised', 'lease']] AS buy
WITH legs, buy.payer AS customer, buy.payee AS vendor, sum(buy.cents) AS cents
WITH legs, customer, collect({vendor: vendor, cents: cents}) AS vendors, sum(cents) AS total, max(cents) AS largest
WHERE total > 0
WITH *, [v IN vendors WHERE v.cents >= 0.1 * total] AS strong
WITH *, size([v IN strong WHERE any(l IN legs WHERE l.class = 'FUNDS' AND l.payer = v.vendor AND l.payee = customer)]) AS funders
RETURN customer, CASE WHEN size(strong) < 2 THEN 'single source' WHEN total - largest < largest THEN 'dominated' WHEN funders > 0 THEN 'stand-off' ELSE 'open' END AS verdict,
       size(strong) AS vendors_at_a_tenth, round(1.0 * largest / total, 3) AS largest_share, funders, total / 1e11 AS total_bn
ORDER BY total DESC, customer`

	hangsText = `//lens edges
WITH payer.id AS customer, payee.id AS vendor, class, cents
WHERE class = 'PAYS'
WITH vendor, sum(cents) AS receipts, sum(CASE WHEN customer = 'openai' THEN cents END) AS from_openai, any(c IN collect(customer) WHERE c = 'openai') AS hangs
WHERE hangs
RETURN vendor, from_openai / 1e11 AS from_openai_bn, receipts / 1e11 AS receipts_bn, CASE WHEN receipts > 0 THEN round(1.0 * from_openai / receipts, 3) END AS share
ORDER BY from_openai DESC, vendor`

	changedText = `//lens legs
WITH payer, payee, class, leg
WHERE leg.known_from > date('2025-12-16')
OPTIONAL MATCH (:Company {id: payer.id})-[before:FUNDS|PAYS {id: leg.id}]->(:Company {id: payee.id})
WHERE before.known_from <= date('2025-12-16') < before.known_to AND before.rev_to > 9e18
RETURN CASE WHEN before IS NULL THEN 'new' ELSE 'changed' END AS change, payer.id AS payer, payee.id AS payee, class, before.caption AS before, leg.caption AS after, leg.id AS id
ORDER BY leg.point_cents IS NULL, leg.point_cents DESC, id`

	boundsText = `//lens legs
RETURN class, count(*) AS legs, sum(leg.low_cents) / 1e11 AS low_bn, sum(leg.point_cents) / 1e11 AS point_bn, sum(leg.high_cents) / 1e11 AS high_bn,
       count(CASE WHEN leg.point_cents IS NULL THEN 1 END) AS without_amount
ORDER BY class`

	mapText = `//lens legs
MATCH path = (payer)-[leg]->(payee)
RETURN path`

	aroundText = `WITH 'amazon' AS id
CALL (id) {
  //lens legs
  WITH payer, payee, leg, id
  WHERE id IN [payer.id, payee.id]
  MATCH path = (payer)-[leg]->(payee)
  RETURN path
}
RETURN path`

	legText = `WITH 'f_oai_aws38' AS id
MATCH (leg:Leg {id: id})
OPTIONAL MATCH deal = (leg)-[:IN_DEAL]->(:Deal)
OPTIONAL MATCH parts = (leg)-[:PART_OF]-(:Leg)
OPTIONAL MATCH outcomes = (leg)<-[:OF]-(:Outcome)
OPTIONAL MATCH pages = (leg)-[:REPORTED_BY]->(:Source)
OPTIONAL MATCH chips = (leg)-[:LISTS_CHIP]->(:Chip)
RETURN leg, deal, parts, outcomes, pages, chips`

	chipText = `WITH 'trainium2' AS id
MATCH path = (:Chip {id: id})<-[:MAKES|DESIGNS|FABRICATES|PROVIDES_MEMORY|RUNS_ON]-(:Company)
RETURN path`

	groupsText = `MATCH path = (:Company)-[:PART_OF]->(:Company)
RETURN path`

	findText = `WITH 'weave' AS part
MATCH (c:Company)
WHERE toLower(c.display) CONTAINS part OR any(alias IN coalesce(c.aliases, []) WHERE toLower(alias) CONTAINS part)
RETURN c.id AS id, c.display AS name, c.kind AS kind, c.head AS belongs_to
ORDER BY id`
)
