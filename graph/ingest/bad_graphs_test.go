package ingest

import "roundtrip/graph"

// badFlows are legs that contradict themselves.
func badFlows() []badCase {
	return []badCase{
		{name: "a range in disorder", files: texts{"flows.csv": "id,from,to,kind,amount_low_usd,amount_usd,amount_high_usd\nf1,a,b,loan,2,1,\nf2,a,b,loan,,3,2\nf3,a,b,loan,3,,2\nf4,a,b,loan,1,1,1\n"}, want: []string{
			`flows.csv:2: column amount_low_usd: "2" is above amount_usd 1; want amount_low_usd <= amount_usd <= amount_high_usd [amount_order]`,
			`flows.csv:3: column amount_high_usd: "2" is below amount_usd 3; want amount_low_usd <= amount_usd <= amount_high_usd [amount_order]`,
			`flows.csv:4: column amount_high_usd: "2" is below amount_low_usd 3; want amount_low_usd <= amount_usd <= amount_high_usd [amount_order]`,
		}},
		{name: "a precision that is not that of the date", files: texts{"flows.csv": "id,from,to,kind,announced_date,date_precision\nf1,a,b,loan,2025-12,day\nf2,a,b,loan,,year\nf3,a,b,loan,2025,year\nf4,a,b,loan,,unknown\n"}, want: []string{
			`flows.csv:2: column date_precision: "day" is not the precision of the announced_date "2025-12", which is month; want the precision that announced_date is written with, or nothing [date_precision]`,
			`flows.csv:3: column date_precision: "year" is not the precision of the announced_date "", which is unknown; want the precision that announced_date is written with, or nothing [date_precision]`,
		}},
		{name: "a term that ends before it starts", files: texts{"flows.csv": "id,from,to,kind,period_start,period_end\nf1,a,b,loan,2026-03,2026-02\nf2,a,b,loan,2026-03,2026\n"}, want: []string{
			`flows.csv:2: column period_end: "2026-02" is before period_start 2026-03; want period_start on or before period_end [period_order]`,
		}},
		{name: "a state reported before the leg was known", files: texts{"flows.csv": "id,from,to,kind,announced_date,status_as_of\nf1,a,b,loan,2026-03,2026-02\nf2,a,b,loan,2026-03,2026\n"}, want: []string{
			`flows.csv:2: column status_as_of: "2026-02" is before announced_date 2026-03; want status_as_of on or after announced_date [status_date_order]`,
		}},
		{name: "an outcome before the leg was known", files: texts{
			"flows.csv":    "id,from,to,kind,announced_date\nf1,a,b,loan,2026-03-01\n",
			"outcomes.csv": "id,flow_id,date\no1,f1,2026-02\no2,f1,2026\n",
		}, want: []string{
			`outcomes.csv:2: column date: "2026-02" is before the leg f1 was announced, 2026-03-01; want a date on or after the announced_date of the leg [outcome_date_order]`,
		}},
		{name: "a status that is not that of the last outcome", files: texts{
			"flows.csv":    "id,from,to,kind,initial_status,status\nf1,a,b,loan,talks,signed\nf2,a,b,loan,,\n",
			"outcomes.csv": "id,flow_id,date,status_after\no1,f1,2026-01-02,closed\no2,f1,2026-01-01,signed\no3,f1,2026-01-03,\no4,f2,2026,closed\n",
		}, want: []string{
			`flows.csv:2: column status: "signed" is not the status_after of the last outcome, o1 of 2026-01-02, which is closed; want the status_after of the last outcome, by date, then id [status_outcome]`,
			`flows.csv:3: column status: "signed" (the cell is empty) is not the status_after of the last outcome, o4 of 2026, which is closed; want the status_after of the last outcome, by date, then id [status_outcome]`,
		}},
		{name: "of two outcomes on one day the one with the greater id is the last", files: texts{
			"flows.csv":    "id,from,to,kind,initial_status,status\nf1,a,b,loan,talks,signed\n",
			"outcomes.csv": "id,flow_id,date,status_after\no2,f1,2026-01-02,closed\no1,f1,2026-01-02,signed\n",
		}, want: []string{
			`flows.csv:2: column status: "signed" is not the status_after of the last outcome, o2 of 2026-01-02, which is closed; want the status_after of the last outcome, by date, then id [status_outcome]`,
		}},
		{name: "a first status that nothing changes", files: texts{"flows.csv": "id,from,to,kind,initial_status,status\nf1,a,b,loan,talks,signed\nf2,a,b,loan,talks,\nf3,a,b,loan,,talks\n"}, want: []string{
			`flows.csv:2: column initial_status: "talks" is not the status, signed, and no outcome changes it; without an outcome that changes it, initial_status and status are the same [status_initial]`,
			`flows.csv:3: column initial_status: "talks" is not the status, signed, and no outcome changes it; without an outcome that changes it, initial_status and status are the same [status_initial]`,
		}},
		{name: "a leg from a company to itself", files: texts{"flows.csv": "id,from,to,kind\nf1,a,a,loan\nf2,a,a,chip_usage\nf3,a,a,supply\n", "transfers.csv": "from,to,amount,timestamp,kind\na,a,1,2025-01-01,lease\n"}, want: []string{
			`flows.csv:2: column to: "a" is also the company that the leg comes from; want two companies [self_leg]`,
			`transfers.csv:2: column to: "a" is also the company that the leg comes from; want two companies [self_leg]`,
		}},
		{name: "a leg that moves what its kind cannot", files: texts{"flows.csv": "id,from,to,kind,moves\nf1,a,b,loan,goods_or_service\nf2,a,b,supply,cash\nf3,a,b,warrant_grant,cash\nf4,a,b,backstop_guarantee,cash\nf5,a,b,compute_payment_realised,promised_cash\nf6,a,b,acquisition,credit_support\n"}, want: []string{
			`flows.csv:2: column moves: "goods_or_service" does not fit the kind loan; want one of cash, promised_cash, contingent_cash [moves_class]`,
			`flows.csv:3: column moves: "cash" does not fit the kind supply; want one of goods_or_service [moves_class]`,
			`flows.csv:4: column moves: "cash" does not fit the kind warrant_grant; want one of equity_claim [moves_class]`,
			`flows.csv:5: column moves: "cash" does not fit the kind backstop_guarantee; want one of credit_support, contingent_cash [moves_class]`,
			`flows.csv:6: column moves: "promised_cash" does not fit the kind compute_payment_realised; want one of cash [moves_class]`,
			`flows.csv:7: column moves: "credit_support" does not fit the kind acquisition; want one of cash, promised_cash, contingent_cash, equity_claim [moves_class]`,
		}},
	}
}

// badGraphs are records that do not fit together.
func badGraphs() []badCase {
	return []badCase{
		{name: "references to nothing", files: texts{
			"companies.csv": "id,parent_id,source_ids\na,nobody,s1;s2\n",
			"chips.csv":     "id,vendor_id,user_ids\nc1,a,a;ghost\n",
			"flows.csv":     "id,deal_id,from,to,kind,chips,parent_flow_id,superseded_by\nf1,new_deal,a,new_firm,chip_usage,c1;c2,f0,f9\n",
			"outcomes.csv":  "id,flow_id,date\no1,f7,2026\n",
			"metrics.csv":   "id,company_id,metric,counterparty\nm1,new_firm,cash,typo\n",
		}, want: []string{
			`companies.csv:2: column parent_id: "nobody" is not the id of a known company; add the record to the import or correct the id [reference_unknown]`,
			`companies.csv:2: column source_ids: "s1" is not the id of a known source; add the record to the import or correct the id [reference_unknown]`,
			`companies.csv:2: column source_ids: "s2" is not the id of a known source; add the record to the import or correct the id [reference_unknown]`,
			`chips.csv:2: column user_ids: "ghost" is not the id of a known company; add the record to the import or correct the id [reference_unknown]`,
			`flows.csv:2: column chips: "c2" is not the id of a known chip; add the record to the import or correct the id [reference_unknown]`,
			`flows.csv:2: column parent_flow_id: "f0" is not the id of a known flow; add the record to the import or correct the id [reference_unknown]`,
			`flows.csv:2: column superseded_by: "f9" is not the id of a known flow; add the record to the import or correct the id [reference_unknown]`,
			`outcomes.csv:2: column flow_id: "f7" is not the id of a known flow; add the record to the import or correct the id [reference_unknown]`,
			`metrics.csv:2: column counterparty: "typo" is not the id of a known company; add the record to the import or correct the id [reference_unknown]`,
		}},
		{name: "companies that are part of themselves", files: texts{"companies.csv": "id,parent_id\na,b\nb,c\nc,a\nd,d\ne,a\n"}, want: []string{
			`companies.csv:2: column parent_id: "b" leads back: a -> b -> c -> a; a parent_id must not lead back to the company [company_cycle]`,
			`companies.csv:5: column parent_id: "d" leads back: d -> d; a parent_id must not lead back to the company [company_cycle]`,
		}},
		{name: "legs that are part of themselves", files: texts{"flows.csv": "id,from,to,kind,parent_flow_id\nf1,a,b,loan,f2\nf2,a,b,loan,f1\nf3,a,b,loan,f3\n"}, want: []string{
			`flows.csv:2: column parent_flow_id: "f2" leads back: f1 -> f2 -> f1; a parent_flow_id must not lead back to the leg [flow_cycle]`,
			`flows.csv:4: column parent_flow_id: "f3" leads back: f3 -> f3; a parent_flow_id must not lead back to the leg [flow_cycle]`,
		}},
		{name: "legs that are superseded by themselves", files: texts{"flows.csv": "id,from,to,kind,superseded_by,status\nf1,a,b,loan,f2,superseded\nf2,a,b,loan,f1,superseded\n"}, want: []string{
			`flows.csv:2: column superseded_by: "f2" leads back: f1 -> f2 -> f1; a superseded_by must not lead back to the leg [successor_cycle]`,
		}},
		{name: "an aggregate with a parent", files: texts{"companies.csv": "id,kind,parent_id\nbanks,aggregate,a\na,financier,\n"}, want: []string{
			`companies.csv:2: column parent_id: "a" is the parent of an aggregate; an aggregate stands for unnamed parties and is part of no firm [aggregate_parent]`,
		}},
		{name: "an aggregate as a parent", files: texts{"companies.csv": "id,kind,parent_id\nbanks,aggregate,\na,financier,banks\n"}, want: []string{
			`companies.csv:3: column parent_id: "banks" is an aggregate; a parent is a named firm [parent_is_aggregate]`,
		}},
		{name: "a chip purchase from a firm that sells none", files: texts{
			"companies.csv": "id,kind,parent_id\nnvidia,chip_vendor,\nopenai,ai_lab,\namazon,hyperscaler,\naws,hyperscaler,amazon\nblackstone,financier,\nothers,aggregate,\n",
			"chips.csv":     "id,vendor_id\ntrainium,amazon\n",
			"flows.csv":     "id,from,to,kind\nf1,nvidia,openai,chip_purchase\nf2,openai,nvidia,chip_purchase\nf3,openai,aws,chip_purchase\nf4,openai,blackstone,chip_purchase\nf5,openai,others,chip_purchase\nf6,openai,unheard_of,chip_purchase\n",
			"transfers.csv": "from,to,amount,timestamp,kind\nnvidia,openai,1,2025-01-01,chip_purchase\n",
		}, want: []string{
			`flows.csv:2: column to: "openai" is an ai_lab and the maker of no chip; money points from the buyer to a seller: a chip_vendor, foundry, memory_maker or server_maker, or the vendor_id of a chip [chip_seller]`,
			`flows.csv:5: column to: "blackstone" is a financier and the maker of no chip; money points from the buyer to a seller: a chip_vendor, foundry, memory_maker or server_maker, or the vendor_id of a chip [chip_seller]`,
			`transfers.csv:2: column to: "openai" is an ai_lab and the maker of no chip; money points from the buyer to a seller: a chip_vendor, foundry, memory_maker or server_maker, or the vendor_id of a chip [chip_seller]`,
		}},
		{name: "a grant by a firm that has no shares to grant", files: texts{
			"companies.csv": "id,kind\nus,government\nbanks,aggregate\napollo,financier\nopenai,ai_lab\n",
			"flows.csv":     "id,from,to,kind\nf1,us,openai,equity_grant\nf2,banks,openai,warrant_grant\nf3,apollo,openai,warrant_grant\nf4,apollo,openai,equity_grant\nf5,openai,apollo,warrant_grant\n",
		}, want: []string{
			`flows.csv:2: column from: "us" is a government and does not grant its own shares; a grant points from the firm whose shares it is on to the holder [grant_issuer]`,
			`flows.csv:3: column from: "banks" is an aggregate and does not grant its own shares; a grant points from the firm whose shares it is on to the holder [grant_issuer]`,
			`flows.csv:4: column from: "apollo" is a financier and does not grant its own shares; a grant points from the firm whose shares it is on to the holder [grant_issuer]`,
		}},
		{name: "a warrant granted by its holder", files: texts{
			"companies.csv": "id,parent_id\nmicrosoft,\nazure,microsoft\n",
			"flows.csv":     "id,deal_id,from,to,kind\nf1,d1,openai,amd,chip_purchase\nf2,d1,openai,amd,warrant_grant\nf3,d2,openai,amd,chip_purchase\nf4,d2,amd,openai,warrant_grant\nf5,d3,azure,lab,loan\nf6,d3,microsoft,lab,warrant_grant\nf7,,openai,amd,warrant_grant\n",
		}, want: []string{
			`flows.csv:3: column from: "openai" gives money or a guarantee to amd in deal d1 and gets none; a warrant points from the firm whose shares it is on to the holder, against the money or the guarantee that it was given for [grant_direction]`,
			`flows.csv:7: column from: "microsoft" gives money or a guarantee to lab in deal d3 and gets none; a warrant points from the firm whose shares it is on to the holder, against the money or the guarantee that it was given for [grant_direction]`,
		}},
	}
}

// badChanges do not fit what the store holds.
func badChanges() []badCase {
	stored := texts{
		"companies.csv": "id,kind,parent_id,source_ids\nopenai,ai_lab,,s1\nnvidia,chip_vendor,,\namazon,hyperscaler,,\naws,hyperscaler,amazon,\n",
		"chips.csv":     "id,vendor_id\ntrainium,amazon\n",
		"sources.csv":   "id,tier\ns1,blog\ns2,primary\n",
		"flows.csv":     "id,deal_id,from,to,kind,announced_date,initial_status,status,parent_flow_id,superseded_by,source_ids\nf1,d1,openai,nvidia,chip_purchase,2025-03,signed,closed,,,s1;s2\nf2,d1,nvidia,openai,loan,2025,,,f1,,s1;s2\nf3,,openai,aws,chip_purchase,2025,,,,,s1;s2\n",
		"outcomes.csv":  "id,flow_id,date,status_after\no1,f1,2025-06,closed\n",
		"metrics.csv":   "id,company_id,metric\nm1,nvidia,cash\n",
	}
	date, _ := graph.ParseDate("2025")
	return []badCase{
		{name: "an outcome that the stored leg does not know of", stored: stored, files: texts{"outcomes.csv": "id,flow_id,date,status_after\no2,f1,2025-07,cancelled\no3,f1,2024,\n"}, want: []string{
			`outcomes.csv:2: column status_after: "cancelled" is not the status of the stored leg f1, which is closed; write the leg with its new status in the same import [status_outcome]`,
			`outcomes.csv:3: column date: "2024" is before the leg f1 was announced, 2025-03; want a date on or after the announced_date of the leg [outcome_date_order]`,
		}},
		{name: "an outcome that moves to another leg", stored: stored, files: texts{"outcomes.csv": "id,flow_id,date,status_after\no1,f2,2025-06,signed\n"}, want: []string{
			`stored flow/f1: column initial_status: "signed" is not the status, closed, and no outcome changes it; without an outcome that changes it, initial_status and status are the same [status_initial]`,
		}},
		{name: "a leg that forgets its stored outcome", stored: stored, files: texts{"flows.csv": "id,from,to,kind,announced_date,status\nf1,openai,nvidia,chip_purchase,2025-07,signed\n"}, want: []string{
			`flows.csv:2: column status: "signed" is not the status_after of the last outcome, o1 of 2025-06, which is closed; want the status_after of the last outcome, by date, then id [status_outcome]`,
			`flows.csv:2: column announced_date: "2025-07" is after the stored outcome o1 of 2025-06; want a date on or after the announced_date of the leg [outcome_date_order]`,
		}},
		{name: "a transfer that takes the place of a leg with outcomes", stored: stored, files: texts{"transfers.csv": "id,from,to,amount,timestamp,kind\nf1,openai,nvidia,1,2025-03-01,lease\n"}, want: []string{
			`transfers.csv:2: column status: "signed" (the cell is empty) is not the status_after of the last outcome, o1 of 2025-06, which is closed; want the status_after of the last outcome, by date, then id [status_outcome]`,
		}},
		{name: "a company that no longer sells chips", stored: stored, files: texts{"companies.csv": "id,kind\nnvidia,investor\n"}, want: []string{
			`stored flow/f1: column to: "nvidia" is an investor and the maker of no chip; money points from the buyer to a seller: a chip_vendor, foundry, memory_maker or server_maker, or the vendor_id of a chip [chip_seller]`,
		}},
		{name: "a chip that its maker no longer makes", stored: stored, files: texts{"chips.csv": "id,vendor_id\ntrainium,nvidia\n"}, want: []string{
			`stored flow/f3: column to: "aws" is a hyperscaler and the maker of no chip; money points from the buyer to a seller: a chip_vendor, foundry, memory_maker or server_maker, or the vendor_id of a chip [chip_seller]`,
		}},
		{name: "a parent that becomes an aggregate", stored: stored, files: texts{"companies.csv": "id,kind\namazon,aggregate\n"}, want: []string{
			`companies.csv:2: column kind: "aggregate" is the parent of the stored company aws; a parent is a named firm [parent_is_aggregate]`,
		}},
		{name: "a ring closed over stored companies", stored: stored, files: texts{"companies.csv": "id,kind,parent_id\namazon,hyperscaler,aws\n"}, want: []string{
			`companies.csv:2: column parent_id: "aws" leads back: amazon -> aws -> amazon; a parent_id must not lead back to the company [company_cycle]`,
		}},
		{name: "a ring closed over stored legs", stored: stored, files: texts{"flows.csv": "id,from,to,kind,initial_status,status,announced_date,parent_flow_id,source_ids\nf1,openai,nvidia,chip_purchase,signed,closed,2025,f2,s1;s2\n"}, want: []string{
			`flows.csv:2: column parent_flow_id: "f2" leads back: f1 -> f2 -> f1; a parent_flow_id must not lead back to the leg [flow_cycle]`,
		}},
		{name: "a ring closed over two stored legs", stored: texts{"flows.csv": "id,from,to,kind,parent_flow_id\nf1,a,b,loan,\nf2,a,b,loan,f1\nf3,a,b,loan,f2\n"}, files: texts{"flows.csv": "id,from,to,kind,parent_flow_id\nf1,a,b,loan,f3\n"}, want: []string{
			`flows.csv:2: column parent_flow_id: "f3" leads back: f1 -> f3 -> f2 -> f1; a parent_flow_id must not lead back to the leg [flow_cycle]`,
		}},
		{name: "a warrant granted by its holder in a stored deal", stored: texts{"flows.csv": "id,deal_id,from,to,kind\nf1,d1,a,c,loan\nf2,d1,openai,amd,chip_purchase\n"}, files: texts{"flows.csv": "id,deal_id,from,to,kind\nf9,d1,openai,amd,warrant_grant\n"}, want: []string{
			`flows.csv:2: column from: "openai" gives money or a guarantee to amd in deal d1 and gets none; a warrant points from the firm whose shares it is on to the holder, against the money or the guarantee that it was given for [grant_direction]`,
		}},
		{name: "deletions of what is pointed at", stored: stored, deletes: []graph.Key{{Kind: graph.CompanyKind, ID: "nvidia"}, {Kind: graph.SourceKind, ID: "s1"}, {Kind: graph.FlowRecord, ID: "f1"}, {Kind: graph.DealKind, ID: "d1"}}, want: []string{
			`stored company/openai: column source_ids: "s1" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
			`stored flow/f2: column deal_id: "d1" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
			`stored flow/f2: column from: "nvidia" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
			`stored flow/f2: column parent_flow_id: "f1" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
			`stored flow/f2: column source_ids: "s1" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
			`stored flow/f3: column source_ids: "s1" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
			`stored metric/m1: column company_id: "nvidia" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
			`stored outcome/o1: column flow_id: "f1" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
		}},
		{name: "deletion of an outcome on which a status rests", stored: stored, deletes: []graph.Key{{Kind: graph.OutcomeKind, ID: "o1"}}, want: []string{
			`stored flow/f1: column initial_status: "signed" is not the status, closed, and no outcome changes it; without an outcome that changes it, initial_status and status are the same [status_initial]`,
		}},
		{name: "deletions of what is not there", stored: stored, deletes: []graph.Key{{Kind: graph.CompanyKind, ID: "nobody"}, {Kind: graph.MetricKind, ID: "m1"}}, want: []string{
			`company/nobody: "nobody" is not the id of a stored company; want the id of a stored record that the change does not write [delete_unknown]`,
		}},
		{name: "a record that is written and deleted", stored: stored, records: []graph.Record{&graph.Metric{ID: "m1", CompanyID: "nvidia", Metric: "cash"}}, deletes: []graph.Key{{Kind: graph.MetricKind, ID: "m1"}}, want: []string{
			`metric/m1: column id: "m1" is written and deleted by the same change; want the id of a stored record that the change does not write [delete_unknown]`,
		}},
		{
			name: "records that point at deleted ones", stored: stored, deletes: []graph.Key{{Kind: graph.MetricKind, ID: "m1"}, {Kind: graph.SourceKind, ID: "s2"}, {Kind: graph.CompanyKind, ID: "aws"}},
			records: []graph.Record{&graph.Flow{ID: "f9", From: "openai", To: "aws", Kind: graph.Loan, Announced: date, Amount: graph.USD(1), SourceIDs: []string{"s1", "s2"}}}, want: []string{
				`flow/f9: column source_ids: "s2" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
				`flow/f9: column to: "aws" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
				`stored flow/f1: column source_ids: "s2" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
				`stored flow/f2: column source_ids: "s2" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
				`stored flow/f3: column to: "aws" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
				`stored flow/f3: column source_ids: "s2" is to be deleted; delete or change the record that points at it as well [reference_deleted]`,
			},
		},
		{name: "records of an API call break the same rules", stored: stored, records: []graph.Record{
			&graph.Flow{ID: "f9", From: "openai", To: "openai", Kind: graph.Loan, Amount: graph.USD(-5), Status: "done", SourceIDs: []string{"s7"}},
			&graph.Company{ID: " x", Aliases: []string{"a;b"}, Note: "bell\a"},
			&graph.Company{Name: "no id"},
		}, want: []string{
			`flow/f9: column amount_usd: "-0.05" is negative; an amount is zero or more; its direction is from payer to payee [amount_negative]`,
			`flow/f9: column status: "done" is not allowed; want one of talks, letter_of_intent, signed, partially_disbursed, closed, in_force, stalled, paused, cancelled, superseded [value_not_allowed]`,
			`flow/f9: column source_ids: "s7" is not the id of a known source; add the record to the import or correct the id [reference_unknown]`,
			`company/ x: column id: " x" begins or ends with a blank; any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes [id_malformed]`,
			`company/ x: column aliases: "a;b" has the item "a;b" with a semicolon; want items separated by one semicolon, each once [list_malformed]`,
			`company/ x: column note: "bell\a" has the control character U+0007; take the character out [control_character]`,
			`company/: column id: the cell is empty; a value is required [value_missing]`,
		}},
	}
}

// doubtful imports break soft rules.
func doubtful() []badCase {
	return []badCase{
		{name: "legs with weak or missing sources", files: texts{
			"sources.csv": "id,tier\ns1,blog\ns2,aggregator\ns3,primary\n",
			"flows.csv":   "id,from,to,kind,amount_usd,announced_date,source_ids\nf1,a,b,loan,1,2025,\nf2,a,b,loan,1,2025,s3\nf3,a,b,loan,1,2025,s1;s2\nf4,a,b,loan,1,2025,s1\nf5,a,b,loan,1,2025,s1;s3\n",
		}, want: []string{
			`no_source f1`,
			`single_source f2 f4`,
			`weak_sources f3 f4`,
		}},
		{name: "legs without amount or date", files: texts{
			"sources.csv": "id,tier\ns1,primary\ns2,primary\n",
			"flows.csv":   "id,from,to,kind,amount_usd,amount_low_usd,amount_high_usd,announced_date,realised_usd,source_ids\nf1,a,b,loan,,,5,2025,,s1;s2\nf2,a,b,loan,,1,5,2025,,s1;s2\nf3,a,b,loan,0,,,,7,s1;s2\n",
		}, want: []string{
			`no_amount f1`,
			`undated_leg f3`,
			`undated_realised f3`,
		}},
		{name: "successors that do not agree with states", files: texts{
			"sources.csv": "id,tier\ns1,primary\ns2,primary\n",
			"flows.csv":   "id,from,to,kind,amount_usd,announced_date,status,superseded_by,source_ids\nf1,a,b,loan,1,2025,superseded,,s1;s2\nf2,a,b,loan,1,2025,signed,f1,s1;s2\n",
		}, want: []string{
			`no_successor f1`,
			`successor_of_live f2`,
		}},
		{name: "odd transfers", files: texts{
			"transfers.csv":   "from,to,amount,timestamp\na,a,1,2025-01-01\na,b,,2025-01-01\na,b,1,\na,b,1,2025-01-01\n",
			"transfers-2.csv": "from,to,amount,timestamp\na,b,1.00,2025-01-01\na,b,1,2025-01-02\n",
		}, want: []string{
			`no_amount transfers.csv:3`,
			`undated_leg transfers.csv:4`,
			`self_transfer transfers.csv:2`,
			`repeated_transfer t_770b5b98f25667cd`,
		}},
		{name: "an id that looks like another", stored: texts{"companies.csv": "id\nopenai\n"}, files: texts{"flows.csv": "id,from,to,kind,amount_usd,announced_date\nf1,OpenAI,b,transfer,1,2025\n"}, want: []string{
			`case_twin OpenAI`,
		}},
	}
}
