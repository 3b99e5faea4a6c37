package scenario_test

import (
	"errors"
	"strings"
	"testing"

	"roundtrip/graph/scenario"
)

// A case of a table: a text and every line of the error that it must give.
type bad struct {
	says string
	text string
	want []string
}

func TestABadTextIsRefusedWithPlaceAndRule(t *testing.T) {
	for _, c := range badTexts() {
		t.Run(c.says, func(t *testing.T) {
			_, err := scenario.Parse("x.yaml", []byte(c.text))
			wantFaults(t, err, c.want)
		})
	}
}

func TestAScenarioThatDoesNotFitTheGraphIsRefusedWithPlaceAndRule(t *testing.T) {
	base := shipped(t)
	for _, c := range badForTheGraph() {
		t.Run(c.says, func(t *testing.T) {
			s, err := scenario.Parse("x.yaml", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			before := hash(base)
			_, _, err = s.Apply(t.Context(), base)
			wantFaults(t, err, c.want)
			if hash(base) != before {
				t.Error("the base has changed")
			}
		})
	}
}

func wantFaults(t *testing.T, err error, want []string) {
	t.Helper()
	var faults scenario.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("the error is %v, want faults", err)
	}
	if got := faults.Error(); got != strings.Join(want, "\n") {
		t.Errorf("the faults are\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	for _, f := range faults {
		if f.Code == "" || f.Problem == "" {
			t.Errorf("a fault has no code or no problem: %+v", f)
		}
	}
}

func badTexts() []bad {
	return []bad{
		{"empty", "", []string{
			`x.yaml: is empty; want a scenario with name and steps`,
		}},
		{"not YAML", "name: [a", []string{
			`x.yaml:1:1: is not YAML or JSON: did not find expected ',' or ']'`,
		}},
		{"two documents", "name: a\n---\nname: b\n", []string{
			`x.yaml: holds more than one document; want one scenario`,
		}},
		{"a list", "- name: a\n", []string{
			`x.yaml:1:1: is a list; want the keys name, title, question, note, as_of, companies, steps`,
		}},
		{"no name and no steps", "title: T\n", []string{
			`x.yaml:1:1: name: is missing; want the name that it is saved and asked for by: lower-case letters, digits and hyphens`,
			`x.yaml:1:1: steps: is missing; want the changes, in order: each sees what those before it made`,
		}},
		{"an unknown key", "name: a\nstpes: []\n", []string{
			`x.yaml:1:1: steps: is missing; want the changes, in order: each sees what those before it made`,
			`x.yaml:2:1: stpes: no such key; did you mean steps?; allowed are name, title, question, note, as_of, companies, steps`,
		}},
		{"a key twice", "name: a\nname: b\nsteps: [{remove: {legs: [x]}}]\n", []string{
			`x.yaml:2:1: name: is given twice; want it once`,
		}},
		{"no steps", "name: a\nsteps: []\n", []string{
			`x.yaml:2:8: steps: is empty; want at least one step: add, remove, scale, delay, set_status`,
		}},
		{"steps as a mapping", "name: a\nsteps: {remove: {legs: [x]}}\n", []string{
			`x.yaml:2:8: steps: is a mapping; want a list of steps`,
		}},
		{"a bad name", "name: The Deal\nsteps: [{remove: {legs: [x]}}]\n", []string{
			`x.yaml:1:7: name: "The Deal" is not a name; want at most 80 lower-case letters, digits and hyphens between them`,
		}},
		{"an unknown step", steps("- drop: {legs: [x]}"), []string{
			`x.yaml:3:5: steps[0].drop: no such key; allowed are add, remove, scale, delay, set_status`,
		}},
		{"two changes in one step", steps("- remove: {legs: [x]}", "  scale: {legs: [x], factor: 2}"), []string{
			`x.yaml:3:5: steps[0]: has 2 changes; want exactly one of add, remove, scale, delay, set_status for each step`,
		}},
		{"an empty step", steps("- {}"), []string{
			`x.yaml:3:5: steps[0]: has 0 changes; want exactly one of add, remove, scale, delay, set_status for each step`,
		}},
		{"a step of which nothing is said", steps("- remove:", "- add: null"), []string{
			`x.yaml:3:12: steps[0].remove: is empty; want the keys of this change`,
			`x.yaml:4:10: steps[1].add: is empty; want the keys of this change`,
		}},
		{"a step that is a text", steps("- remove"), []string{
			`x.yaml:3:5: steps[0]: "remove" is one value; want the keys add, remove, scale, delay, set_status`,
		}},
		{"an empty selector", steps("- remove: {}"), []string{
			`x.yaml:3:13: steps[0].remove: names no legs; want legs, or at least one of deals, payers, payees, kinds, classes, conditional, statuses`,
		}},
		{"a list that is empty", steps("- remove: {legs: []}"), []string{
			`x.yaml:3:20: steps[0].remove.legs: is an empty list; want at least one value, or leave it out`,
		}},
		{"an empty id in a list", steps(`- remove: {legs: [a, ""]}`), []string{
			`x.yaml:3:24: steps[0].remove.legs[1]: is empty; want a value`,
		}},
		{"a leg named twice", steps("- remove: {legs: [a, a]}"), []string{
			`x.yaml:3:24: steps[0].remove.legs[1]: "a" is named twice; want it once`,
		}},
		{"ids and conditions at once", steps("- remove: {legs: [a], kinds: [loan]}"), []string{
			`x.yaml:3:20: steps[0].remove.legs: names legs one by one; leave kinds out, or choose by conditions alone`,
		}},
		{"both names of a key", steps("- remove: {payer: a, payers: [b]}"), []string{
			`x.yaml:3:24: steps[0].remove.payers: is another name of payer, which is given as well; want one of them`,
		}},
		{"an unknown kind", steps("- remove: {kinds: [loan, compute_comitment]}"), []string{
			`x.yaml:3:28: steps[0].remove.kinds[1]: "compute_comitment" is not allowed; did you mean compute_commitment?; want one of equity_investment, loan, compute_commitment, compute_payment_realised, chip_purchase, lease, revenue_share, licence_payment, goods_purchase, service_purchase, transfer, acquisition, stake_sale, purchase_option, warrant_grant, equity_grant, backstop_guarantee, supply, chip_usage, umbrella`,
		}},
		{"an unknown class and state", steps("- remove: {classes: [FUND], statuses: [signd]}"), []string{
			`x.yaml:3:24: steps[0].remove.classes[0]: "FUND" is not allowed; did you mean FUNDS?; want one of FUNDS, PAYS, ACQUIRES, GRANTS, BACKS, SUPPLIES`,
			`x.yaml:3:42: steps[0].remove.statuses[0]: "signd" is not allowed; did you mean signed?; want one of talks, letter_of_intent, signed, partially_disbursed, closed, in_force, stalled, paused, cancelled, superseded`,
		}},
		{"a flag that is none", steps("- remove: {conditional: maybe}"), []string{
			`x.yaml:3:27: steps[0].remove.conditional: "maybe" is not allowed; want true or false`,
		}},
		{"no factor", steps("- scale: {legs: [a]}"), []string{
			`x.yaml:3:12: steps[0].scale.factor: is missing; want what the amounts are multiplied by, with at most six decimal places`,
		}},
		{"a factor that is no number", steps("- scale: {legs: [a], factor: half}"), []string{
			`x.yaml:3:32: steps[0].scale.factor: "half" is not a number; want one from 0 to 1000000 with at most six decimal places, such as 0.5`,
		}},
		{"a negative factor", steps("- scale: {legs: [a], factor: -1}"), []string{
			`x.yaml:3:32: steps[0].scale.factor: "-1" is not allowed; want a number from 0 to 1000000`,
		}},
		{"a factor of seven places", steps("- scale: {legs: [a], factor: 0.1234567}"), []string{
			`x.yaml:3:32: steps[0].scale.factor: "0.1234567" is not a number; want one from 0 to 1000000 with at most six decimal places, such as 0.5`,
		}},
		{"half a month", steps("- delay: {legs: [a], months: 0.5}"), []string{
			`x.yaml:3:32: steps[0].delay.months: "0.5" is not allowed; want a whole number of months from 1 to 600`,
		}},
		{"no months at all", steps("- delay: {legs: [a], months: 0}"), []string{
			`x.yaml:3:32: steps[0].delay.months: "0" is not allowed; want a whole number of months from 1 to 600`,
		}},
		{"a day that the calendar does not have", steps("- set_status: {legs: [a], status: cancelled, on: 2026-02-30}"), []string{
			`x.yaml:3:52: steps[0].set_status.on: "2026-02-30" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ`,
		}},
		{"a state that does not exist", steps("- set_status: {legs: [a], status: canceled}"), []string{
			`x.yaml:3:37: steps[0].set_status.status: "canceled" is not allowed; did you mean cancelled?; want one of talks, letter_of_intent, signed, partially_disbursed, closed, in_force, stalled, paused, cancelled, superseded`,
		}},
		{"a leg without ends", steps("- add: {id: a}"), []string{
			`x.yaml:3:10: steps[0].add.from: is missing; want payer, investor, issuer, guarantor, maker or host; a new company is declared under companies`,
			`x.yaml:3:10: steps[0].add.to: is missing; want payee, investee, holder, the helped, user`,
			`x.yaml:3:10: steps[0].add.kind: is missing; want what the leg is; its class follows from it`,
		}},
		{"an amount that is none", steps("- add: {id: a, from: b, to: c, kind: loan, amount: ten, amount_low: -1}"), []string{
			`x.yaml:3:54: steps[0].add.amount_usd: "ten" is not an amount in dollars: want digits with an optional point, such as 1200 or 1200.50 (k, m, bn or tn may follow: 38.5m, 10bn)`,
			`x.yaml:3:71: steps[0].add.amount_low_usd: "-1" is negative; an amount is zero or more, its direction is from payer to payee`,
		}},
		{"both names of an amount", steps("- add: {id: a, from: b, to: c, kind: loan, amount: 1, amount_usd: 1}"), []string{
			`x.yaml:3:57: steps[0].add.amount_usd: is another name of amount, which is given as well; want one of them`,
		}},
		{"an outcome with an unknown key", steps("- add: {id: a, from: b, to: c, kind: loan, outcomes: [{date: 2026, flow_id: x}]}"), []string{
			`x.yaml:3:70: steps[0].add.outcomes[0].flow_id: no such key; allowed are id, date, event, amount_usd, paid_to_date_usd, status_after, source_ids, confidence, note`,
		}},
		{"an anchor", "name: a\nsteps:\n  - remove: &r {legs: [x]}\n  - remove: *r\n", []string{
			`x.yaml:3:13: uses an anchor or an alias of YAML; write the value out`,
			`x.yaml:4:13: uses an anchor or an alias of YAML; write the value out`,
		}},
		{"a company without an id", "name: a\ncompanies: [{name: New}]\nsteps: [{remove: {legs: [x]}}]\n", []string{
			`x.yaml:2:13: companies[0].id: is missing; want slug, case-sensitive`,
		}},
		{"JSON with a fault", "{\n\t\"name\": \"a\",\n\t\"steps\": [\n\t\t{\"scale\": {\"legs\": [\"a\"], \"factor\": -2}}\n\t]\n}\n", []string{
			`x.yaml:4:39: steps[0].scale.factor: "-2" is not allowed; want a number from 0 to 1000000`,
		}},
	}
}

func badForTheGraph() []bad {
	return []bad{
		{"an unknown leg", steps("- remove: {legs: [f_oai_aws83, f_oai_aws38]}"), []string{
			`x.yaml:3:21: steps[0].remove.legs[0]: "f_oai_aws83" is not the id of a leg; did you mean f_oai_aws38 or f_oai_aws100?`,
		}},
		{"a leg that a step took away", steps("- remove: {legs: [f_oai_aws38]}", "- scale: {legs: [f_oai_aws38], factor: 2}"), []string{
			`x.yaml:4:20: steps[1].scale.legs[0]: "f_oai_aws38" is taken away by steps[0]; want a leg that is there`,
		}},
		{"nothing is chosen", steps("- remove: {payer: openai, classes: BACKS}"), []string{
			`x.yaml:3:13: steps[0].remove: no leg of the graph meets these conditions; change one or leave the step out`,
		}},
		{"unknown companies and deals", steps("- remove: {payer: opnai, payee: [azure, nvidea]}", "- remove: {deals: d_amzn_oia}"), []string{
			`x.yaml:3:21: steps[0].remove.payers[0]: "opnai" is not the id of a company; did you mean openai?`,
			`x.yaml:3:43: steps[0].remove.payees[1]: "nvidea" is not the id of a company; did you mean nvidia?`,
			`x.yaml:4:21: steps[1].remove.deals[0]: "d_amzn_oia" is not the id of a deal; did you mean d_amzn_oai or d_amd_oai or d_amzn_ant?`,
		}},
		{"a leg that is there", steps("- add: {id: f_oai_aws38, from: openai, to: aws, kind: loan}"), []string{
			`x.yaml:3:15: steps[0].add.id: "f_oai_aws38" is the id of a leg that is there; want a new id, or scale, delay or set_status to change it`,
		}},
		{"a leg to a company that nobody knows", steps("- add: {id: x, from: openai, to: awss, kind: loan}"), []string{
			`x.yaml:3:36: steps[0].add.to: "awss" is not a company of the graph; did you mean aws?; declare a new one under companies`,
		}},
		{"a company that is there", "name: a\ncompanies: [{id: aws}]\nsteps: [{remove: {legs: [f_oai_aws38]}}]\n", []string{
			`x.yaml:2:18: companies[0].id: "aws" is the id of a company that the graph has; leave it out`,
		}},
		{"an outcome that is there", steps("- add: {id: x, from: openai, to: aws, kind: loan, outcomes: [{id: o001, date: 2026}]}"), []string{
			`x.yaml:3:69: steps[0].add.outcomes[0].id: "o001" is the id of an outcome that is there; want a new id`,
		}},
		{"low above high", steps("- add: {id: x, from: openai, to: aws, kind: loan, amount: 1, amount_low: 2}"), []string{
			`x.yaml:3:76: steps[0].add.amount_low_usd: "2" is above amount_usd 1; want amount_low_usd <= amount_usd <= amount_high_usd`,
		}},
		{"a purchase of chips from a bank", steps("- add: {id: x, from: openai, to: jpmorgan, kind: chip_purchase}"), []string{
			`x.yaml:3:36: steps[0].add.to: "jpmorgan" is a financier and the maker of no chip; money points from the buyer to a seller: a chip_vendor, foundry, memory_maker or server_maker, or the vendor_id of a chip`,
		}},
		{"a leg to itself", steps("- add: {id: x, from: openai, to: openai, kind: loan}"), []string{
			`x.yaml:3:36: steps[0].add.to: "openai" is also the company that the leg comes from; want two companies`,
		}},
		{"an unknown source and chip", steps("- add: {id: x, from: openai, to: aws, kind: compute_commitment, chips: [trainium9], source_ids: [nowhere]}"), []string{
			`x.yaml:3:74: steps[0].add.chips: "trainium9" is not the id of a chip of the graph; did you mean trainium2 or trainium3 or trainium4?; want one that is there`,
			`x.yaml:3:99: steps[0].add.source_ids: "nowhere" is not the id of a source of the graph; want one that is there`,
		}},
		{"a state that its outcomes do not lead to", steps("- add: {id: x, from: openai, to: aws, kind: loan, status: signed, outcomes: [{date: 2026, status_after: closed}]}"), []string{
			`x.yaml:3:61: steps[0].add.status: "signed" is not the status_after of the last outcome, x_1 of 2026, which is closed; want the status_after of the last outcome, by date, then id`,
		}},
		{"an outcome before the announcement", steps("- add: {id: x, from: openai, to: aws, kind: loan, announced_date: 2026-05-01, outcomes: [{date: 2026-04-01}]}"), []string{
			`x.yaml:3:99: steps[0].add.outcomes[0].date: "2026-04-01" is before the leg x was announced, 2026-05-01; want a date on or after the announced_date of the leg`,
		}},
		{"a part of a leg that a step took away", steps("- remove: {legs: [f_oai_aws38]}", "- add: {id: x, from: openai, to: aws, kind: lease, parent_flow_id: f_oai_aws38}"), []string{
			`x.yaml:4:70: steps[1].add.parent_flow_id: "f_oai_aws38" is not the id of a flow of the graph; did you mean f_oai_aws100?; want one that is there`,
		}},
		{"an amount above the largest", steps("- scale: {legs: [f_oai_orcl300], factor: 1000}"), []string{
			`x.yaml:3:44: steps[0].scale.factor: "1000" makes an amount of f_oai_orcl300 larger than $9tn, the most that is allowed`,
		}},
		{"a new company whose parent nobody knows", "name: a\ncompanies: [{id: new, parent_id: amazn}]\nsteps: [{add: {id: x, from: new, to: aws, kind: loan}}]\n", []string{
			`x.yaml:2:34: companies[0].parent_id: "amazn" is not the id of a company of the graph; did you mean amazon?; want one that is there`,
		}},
	}
}
