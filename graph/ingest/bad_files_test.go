package ingest

import "strings"

const oneFlow = "id,from,to,kind\nf1,a,b,transfer\n"

// badFiles are files that cannot be read as what they should be.
func badFiles() []badCase {
	return []badCase{
		{name: "a folder without a CSV file", files: texts{"README.md": "hello"}, want: []string{
			`there is no CSV file; want at least one of companies.csv, chips.csv, deals.csv, flows.csv, sources.csv, outcomes.csv, metrics.csv or a transfer list transfers*.csv [nothing_to_import]`,
		}},
		{name: "an unknown file", files: texts{"flows.csv": oneFlow, "invoices.csv": "a,b\n"}, want: []string{
			`invoices.csv: is not the name of a known file; allowed are companies.csv, chips.csv, deals.csv, flows.csv, sources.csv, outcomes.csv, metrics.csv and transfers*.csv [file_unknown]`,
		}},
		{name: "one file twice in a zip", zipped: true, files: texts{"a/flows.csv": oneFlow, "b/flows.csv": oneFlow}, want: []string{
			`flows.csv: is there twice; want each file once [file_twice]`,
		}},
		{name: "a zip in a zip", zipped: true, files: texts{"flows.csv": oneFlow, "more.zip": "PK"}, want: []string{
			`more.zip: is an archive inside the import; unpack it first [file_nested]`,
		}},
		{name: "a zip that unpacks to more than the limit", zipped: true, options: Options{MaxBytes: 1000}, files: texts{"flows.csv": oneFlow + strings.Repeat("f,a,b,transfer\n", 100)}, want: []string{
			`flows.csv: the files have more than 1000 bytes; import it in parts or raise the limit [file_too_large]`,
		}},
		{name: "columns that fit no kind", lone: true, files: texts{"export.csv": "from_id,to_id,sum\na,b,1\n"}, want: []string{
			`export.csv:1: "from_id,to_id,sum" are not the columns of one kind of file; name it after its kind (flows.csv), or give a transfer list the columns from, to, amount, timestamp and, if wanted, kind and id [file_unrecognised]`,
		}},
		{name: "columns that fit several kinds", lone: true, files: texts{"export.csv": "id,note\na,b\n"}, want: []string{
			`export.csv:1: "id,note" are not the columns of one kind of file; name it after its kind (flows.csv), or give a transfer list the columns from, to, amount, timestamp and, if wanted, kind and id [file_unrecognised]`,
		}},
		{name: "an empty file", files: texts{"flows.csv": ""}, want: []string{
			`flows.csv:1: the file is empty; the first line names the columns, separated by commas [header_missing]`,
		}},
		{name: "an unknown column", files: texts{"flows.csv": "id,from,to,kind,colour\nf1,a,b,transfer,red\n"}, want: []string{
			`flows.csv:1: "colour" is not a column of flows; allowed are id, deal_id, from, to, kind, moves, amount_usd, amount_low_usd, amount_high_usd, amount_qualifier, amount_note, count_in_totals, announced_date, date_precision, period_start, period_end, initial_status, status, status_as_of, conditions, capacity_gw, chip_count, workload, chips, instrument, parent_flow_id, superseded_by, realised_usd, realised_as_of, description, source_ids, confidence, confidence_note [column_unknown]`,
		}},
		{name: "semicolons between columns", files: texts{"deals.csv": "id;title\nd1;x\n"}, want: []string{
			`deals.csv:1: "id;title" is not a column of deals; separate columns by commas; allowed are id, title, source_ids, note [column_unknown]`,
			`deals.csv:1: column id: is missing; required are id [column_missing]`,
		}},
		{name: "guessed names in a transfer list", files: texts{"transfers.csv": "from_id,to,amount,timestamp\na,b,1,2025-01-01\n"}, want: []string{
			`transfers.csv:1: "from_id" is not a column of a transfer list; allowed are from, to, amount, timestamp, kind, id [column_unknown]`,
			`transfers.csv:1: column from: is missing; required are from, to, amount, timestamp [column_missing]`,
		}},
		{name: "a column twice", files: texts{"deals.csv": "id,note,note\nd1,x,y\n"}, want: []string{
			`deals.csv:1: column note: is named twice; want each column once [column_twice]`,
		}},
		{name: "missing columns", files: texts{"flows.csv": "id,from,amount_usd\nf1,a,1\n", "outcomes.csv": "id,flow_id,date\no1,f1,2025-01-01\n"}, want: []string{
			`flows.csv:1: column to: is missing; required are id, from, to, kind [column_missing]`,
			`flows.csv:1: column kind: is missing; required are id, from, to, kind [column_missing]`,
		}},
		{name: "text in another encoding", files: texts{"companies.csv": "id,name\na,Soci\xe9t\xe9\n"}, want: []string{
			`companies.csv:2: column name: "Soci�t�" is not valid UTF-8; save the file as UTF-8 [encoding_invalid]`,
		}},
		{name: "a header in another encoding", files: texts{"companies.csv": "\xff\xfei\x00d\x00\n"}, want: []string{
			`companies.csv:1: "�i\x00d\x00" is not valid UTF-8; save the file as UTF-8 [encoding_invalid]`,
		}},
		{name: "a NUL byte", files: texts{"companies.csv": "id,name\na,x\x00y\n"}, want: []string{
			`companies.csv:2: column name: "x\x00y" has a NUL byte; take the character out [control_character]`,
		}},
		{name: "a control character", files: texts{"companies.csv": "id,name\na,x\x1by\n"}, want: []string{
			`companies.csv:2: column name: "x\x1by" has the control character U+001B; take the character out [control_character]`,
		}},
		{name: "a quote inside a cell", files: texts{"companies.csv": "id,name\na,x \"y\" z\nb,fine\n"}, want: []string{
			`companies.csv:2: column name: has a quote inside a cell that does not begin with one; quote the whole cell and double the quotes inside it: "a ""word"" in quotes" [quote_invalid]`,
		}},
		{name: "text behind a closing quote", files: texts{"companies.csv": "id,name\na,\"x\" z\n"}, want: []string{
			`companies.csv:2: column name: has text behind its closing quote; quote the whole cell and double the quotes inside it: "a ""word"" in quotes" [quote_invalid]`,
		}},
		{name: "a quote that is never closed", files: texts{"companies.csv": "id,name\na,\"x\nb,y\nc,z\n"}, want: []string{
			`companies.csv:2: column name: opens a quote that is never closed; quote the whole cell and double the quotes inside it: "a ""word"" in quotes" [quote_invalid]`,
		}},
		{name: "a row without end", files: texts{"companies.csv": "id,name\na,\"" + strings.Repeat("long\n", 300_000)}, want: []string{
			`companies.csv:2: the row is too long; at most 1048576 bytes; look for a quote that is never closed [row_too_long]`,
		}},
		{name: "too few and too many cells", files: texts{"companies.csv": "id,name,kind\na,x\nb,x,y,z\nc,x,y\n"}, want: []string{
			`companies.csv:2: the row has 2 cells and the header 3; want one cell for each column, empty where there is no value, and quotes around a cell that has a comma [cell_count]`,
			`companies.csv:3: the row has 4 cells and the header 3; want one cell for each column, empty where there is no value, and quotes around a cell that has a comma [cell_count]`,
		}},
		{name: "a cell that is too long", files: texts{"companies.csv": "id,name\na," + strings.Repeat("x", 70_000) + "\n"}, want: []string{
			`companies.csv:2: column name: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." has 70000 bytes; at most 65536 [cell_too_long]`,
		}},
	}
}

// badCells are single cells of the wrong form.
func badCells() []badCase {
	return []badCase{
		{name: "missing values", files: texts{"flows.csv": "id,from,to,kind\n,a,b,transfer\nf2,,b,transfer\nf3,a,b,\n"}, want: []string{
			`flows.csv:2: column id: the cell is empty; a value is required [value_missing]`,
			`flows.csv:3: column from: the cell is empty; a value is required [value_missing]`,
			`flows.csv:4: column kind: the cell is empty; a value is required [value_missing]`,
		}},
		{name: "missing values of a transfer", files: texts{"transfers.csv": "from,to,amount,timestamp\n,b,,\na,,1,2025-01-01\n"}, want: []string{
			`transfers.csv:2: column from: the cell is empty; a value is required [value_missing]`,
			`transfers.csv:3: column to: the cell is empty; a value is required [value_missing]`,
		}},
		{name: "values off their closed lists", files: texts{
			"flows.csv":   "id,from,to,kind,status,count_in_totals\nf1,a,b,gift,signed,yes\nf2,a,b,loan,Signed,maybe\n",
			"sources.csv": "id,tier\ns1,gossip\n",
		}, want: []string{
			`sources.csv:2: column tier: "gossip" is not allowed; want one of primary, established, trade, aggregator, blog [value_not_allowed]`,
			`flows.csv:2: column kind: "gift" is not allowed; want one of equity_investment, loan, compute_commitment, compute_payment_realised, chip_purchase, lease, revenue_share, licence_payment, goods_purchase, service_purchase, transfer, acquisition, stake_sale, purchase_option, warrant_grant, equity_grant, backstop_guarantee, supply, chip_usage, umbrella [value_not_allowed]`,
			`flows.csv:3: column status: "Signed" is not allowed; want one of talks, letter_of_intent, signed, partially_disbursed, closed, in_force, stalled, paused, cancelled, superseded [value_not_allowed]`,
			`flows.csv:3: column count_in_totals: "maybe" is not allowed; want one of yes, no [value_not_allowed]`,
		}},
		{name: "an unknown kind of transfer", files: texts{"transfers.csv": "from,to,amount,timestamp,kind\na,b,1,2025-01-01,gift\n"}, want: []string{
			`transfers.csv:2: column kind: "gift" is not allowed; want one of equity_investment, loan, compute_commitment, compute_payment_realised, chip_purchase, lease, revenue_share, licence_payment, goods_purchase, service_purchase, transfer, acquisition, stake_sale, purchase_option, warrant_grant, equity_grant, backstop_guarantee, supply, chip_usage, umbrella [value_not_allowed]`,
		}},
		{name: "malformed ids", files: texts{"companies.csv": "id,parent_id\na;b,\n\"a,b\",\na|b,\n c,\n\"d\ne\",\n" + strings.Repeat("x", 201) + ",\nf,a|b\n"}, want: []string{
			`companies.csv:2: column id: "a;b" has the character ';'; any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes [id_malformed]`,
			`companies.csv:3: column id: "a,b" has the character ','; any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes [id_malformed]`,
			`companies.csv:4: column id: "a|b" has the character '|'; any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes [id_malformed]`,
			`companies.csv:5: column id: " c" begins or ends with a blank; any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes [id_malformed]`,
			`companies.csv:6: column id: "d\ne" has the character '\n'; any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes [id_malformed]`,
			`companies.csv:8: column id: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." has 201 bytes; any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes [id_malformed]`,
			`companies.csv:9: column parent_id: "a|b" has the character '|'; any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes [id_malformed]`,
		}},
		{name: "malformed ids of a transfer", files: texts{"transfers.csv": "from,to,amount,timestamp,id\na , b,1,2025-01-01,x|y\n"}, want: []string{
			`transfers.csv:2: column from: "a " begins or ends with a blank; any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes [id_malformed]`,
			`transfers.csv:2: column to: " b" begins or ends with a blank; any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes [id_malformed]`,
			`transfers.csv:2: column id: "x|y" has the character '|'; any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes [id_malformed]`,
		}},
		{name: "an id twice", files: texts{"companies.csv": "id,name\na,x\nb,y\na,z\n", "flows.csv": "id,from,to,kind\na,a,b,loan\na,b,a,loan\n"}, want: []string{
			`companies.csv:4: column id: "a" is the id of an earlier company of the import; want each id once [id_twice]`,
			`flows.csv:3: column id: "a" is the id of an earlier flow of the import; want each id once [id_twice]`,
		}},
		{name: "an id twice in a transfer list", files: texts{"transfers.csv": "id,from,to,amount,timestamp\n1,a,b,1,2025-01-01\n1,a,c,1,2025-01-01\n"}, want: []string{
			`transfers.csv:3: column id: "1" is the id of an earlier flow of the import; want each id once [id_twice]`,
		}},
		{name: "a written id that a row is given", files: texts{"flows.csv": "id,from,to,kind\nt_770b5b98f25667cd,a,b,transfer\n", "transfers.csv": "from,to,amount,timestamp\na,b,1,2025-01-01\n"}, want: []string{
			`transfers.csv:2: "t_770b5b98f25667cd" is the id of this row and of an earlier flow of the import; want each id once [id_twice]`,
		}},
		{name: "malformed lists", files: texts{"companies.csv": "id,aliases\na,x;;y\nb,x;x\nc,x;\n"}, want: []string{
			`companies.csv:2: column aliases: "x;;y" is not a list; want items separated by one semicolon, each once [list_malformed]`,
			`companies.csv:3: column aliases: "x;x" is not a list; want items separated by one semicolon, each once [list_malformed]`,
			`companies.csv:4: column aliases: "x;" is not a list; want items separated by one semicolon, each once [list_malformed]`,
		}},
		{name: "malformed amounts", files: texts{"flows.csv": "id,from,to,kind,amount_usd\nf1,a,b,loan,\"1,000\"\nf2,a,b,loan,1e9\nf3,a,b,loan,$5\nf4,a,b,loan,1.005\nf5,a,b,loan,bn\n"}, want: []string{
			`flows.csv:2: column amount_usd: "1,000" is not an amount in dollars; want dollars such as 1200, 1200.50, 38.5m or 10bn, or nothing where it is unknown [amount_malformed]`,
			`flows.csv:3: column amount_usd: "1e9" is not an amount in dollars; want dollars such as 1200, 1200.50, 38.5m or 10bn, or nothing where it is unknown [amount_malformed]`,
			`flows.csv:4: column amount_usd: "$5" is not an amount in dollars; want dollars such as 1200, 1200.50, 38.5m or 10bn, or nothing where it is unknown [amount_malformed]`,
			`flows.csv:5: column amount_usd: "1.005" is not an amount in dollars; want dollars such as 1200, 1200.50, 38.5m or 10bn, or nothing where it is unknown [amount_malformed]`,
			`flows.csv:6: column amount_usd: "bn" is not an amount in dollars; want dollars such as 1200, 1200.50, 38.5m or 10bn, or nothing where it is unknown [amount_malformed]`,
		}},
		{name: "negative amounts", files: texts{"flows.csv": "id,from,to,kind,amount_usd,realised_usd\nf1,a,b,loan,-5,-1.50bn\n", "transfers.csv": "from,to,amount,timestamp\na,b,-0.01,2025-01-01\n"}, want: []string{
			`flows.csv:2: column amount_usd: "-5" is negative; an amount is zero or more; its direction is from payer to payee [amount_negative]`,
			`flows.csv:2: column realised_usd: "-1.50bn" is negative; an amount is zero or more; its direction is from payer to payee [amount_negative]`,
			`transfers.csv:2: column amount: "-0.01" is negative; an amount is zero or more; its direction is from payer to payee [amount_negative]`,
		}},
		{name: "amounts beyond the limit", files: texts{"flows.csv": "id,from,to,kind,amount_usd\nf1,a,b,loan,9000000000001\nf2,a,b,loan,10tn\n"}, want: []string{
			`flows.csv:2: column amount_usd: "9000000000001" is too large; at most 9tn [amount_too_large]`,
			`flows.csv:3: column amount_usd: "10tn" is too large; at most 9tn [amount_too_large]`,
		}},
		{name: "malformed numbers", files: texts{"flows.csv": "id,from,to,kind,capacity_gw,chip_count\nf1,a,b,supply,1.2GW,1e6\nf2,a,b,supply,0.1234567,\n"}, want: []string{
			`flows.csv:2: column capacity_gw: "1.2GW" is not such a number; want a number such as 4 or 1.25 with at most six decimal places [number_malformed]`,
			`flows.csv:2: column chip_count: "1e6" is not such a number; want a number such as 4 or 1.25 with at most six decimal places [number_malformed]`,
			`flows.csv:3: column capacity_gw: "0.1234567" is not such a number; want a number such as 4 or 1.25 with at most six decimal places [number_malformed]`,
		}},
		{name: "dates that are none", files: texts{"flows.csv": "id,from,to,kind,announced_date\nf1,a,b,loan,2025-02-30\nf2,a,b,loan,16.12.2025\nf3,a,b,loan,2025-13\nf4,a,b,loan,1766000000\n"}, want: []string{
			`flows.csv:2: column announced_date: "2025-02-30" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, a day that the calendar has [date_malformed]`,
			`flows.csv:3: column announced_date: "16.12.2025" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, a day that the calendar has [date_malformed]`,
			`flows.csv:4: column announced_date: "2025-13" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, a day that the calendar has [date_malformed]`,
			`flows.csv:5: column announced_date: "1766000000" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, a day that the calendar has [date_malformed]`,
		}},
		{name: "times of a transfer that are none", files: texts{"transfers.csv": "from,to,amount,timestamp\na,b,1,2025-02-30\na,b,1,2025-01-01 10:00:00\na,b,1,2025-01-01T24:00:00Z\na,b,1,-5\n"}, want: []string{
			`transfers.csv:2: column timestamp: "2025-02-30" is not a time; want YYYY-MM, YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ, or seconds or milliseconds since 1970 [date_malformed]`,
			`transfers.csv:3: column timestamp: "2025-01-01 10:00:00" is not a time; want YYYY-MM, YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ, or seconds or milliseconds since 1970 [date_malformed]`,
			`transfers.csv:4: column timestamp: "2025-01-01T24:00:00Z" is not a time; want YYYY-MM, YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ, or seconds or milliseconds since 1970 [date_malformed]`,
			`transfers.csv:5: column timestamp: "-5" is not a time; want YYYY-MM, YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ, or seconds or milliseconds since 1970 [date_malformed]`,
		}},
	}
}
