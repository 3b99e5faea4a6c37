package ingest

import "slices"

// Code names a rule. Codes are stable: other programs may compare them.
type Code string

// Rule is one rule that imported data keeps. A hard rule that is broken is a
// fault and nothing of the import is kept; a soft one is a warning.
type Rule struct {
	Code Code   `json:"code"`
	Hard bool   `json:"hard"`
	Says string `json:"says"` // one sentence: what must hold, or what the warning counts
	Want string `json:"want"` // what is allowed, the end of a fault's message
}

// The hard rules.
const (
	NothingToImport  Code = "nothing_to_import"
	FileUnknown      Code = "file_unknown"
	FileTwice        Code = "file_twice"
	FileUnrecognised Code = "file_unrecognised"
	FileNested       Code = "file_nested"
	FileTooLarge     Code = "file_too_large"
	HeaderMissing    Code = "header_missing"
	ColumnUnknown    Code = "column_unknown"
	ColumnTwice      Code = "column_twice"
	ColumnMissing    Code = "column_missing"
	EncodingInvalid  Code = "encoding_invalid"
	ControlCharacter Code = "control_character"
	QuoteInvalid     Code = "quote_invalid"
	RowTooLong       Code = "row_too_long"
	CellCount        Code = "cell_count"
	CellTooLong      Code = "cell_too_long"

	ValueMissing    Code = "value_missing"
	ValueNotAllowed Code = "value_not_allowed"
	IDMalformed     Code = "id_malformed"
	IDTwice         Code = "id_twice"
	ListMalformed   Code = "list_malformed"
	AmountMalformed Code = "amount_malformed"
	AmountNegative  Code = "amount_negative"
	AmountTooLarge  Code = "amount_too_large"
	NumberMalformed Code = "number_malformed"
	DateMalformed   Code = "date_malformed"

	ReferenceUnknown  Code = "reference_unknown"
	ReferenceDeleted  Code = "reference_deleted"
	DeleteUnknown     Code = "delete_unknown"
	AmountOrder       Code = "amount_order"
	DatePrecision     Code = "date_precision"
	PeriodOrder       Code = "period_order"
	StatusDateOrder   Code = "status_date_order"
	OutcomeDateOrder  Code = "outcome_date_order"
	StatusOutcome     Code = "status_outcome"
	StatusInitial     Code = "status_initial"
	CompanyCycle      Code = "company_cycle"
	FlowCycle         Code = "flow_cycle"
	SuccessorCycle    Code = "successor_cycle"
	AggregateParent   Code = "aggregate_parent"
	ParentIsAggregate Code = "parent_is_aggregate"
	SelfLeg           Code = "self_leg"
	MovesClass        Code = "moves_class"
	ChipSeller        Code = "chip_seller"
	GrantIssuer       Code = "grant_issuer"
	GrantDirection    Code = "grant_direction"
)

// The soft rules.
const (
	NoSource         Code = "no_source"
	SingleSource     Code = "single_source"
	WeakSources      Code = "weak_sources"
	NoAmount         Code = "no_amount"
	UndatedLeg       Code = "undated_leg"
	UndatedRealised  Code = "undated_realised"
	NoSuccessor      Code = "no_successor"
	SuccessorOfLive  Code = "successor_of_live"
	SelfTransfer     Code = "self_transfer"
	RepeatedTransfer Code = "repeated_transfer"
	CaseTwin         Code = "case_twin"
)

// The limits that rules ask for.
const (
	maxIDBytes   = 200
	maxCellBytes = 64 << 10
	maxRowBytes  = 1 << 20
)

var rules = []Rule{
	{NothingToImport, true, "A folder or zip holds at least one CSV file.", "want at least one of companies.csv, chips.csv, deals.csv, flows.csv, sources.csv, outcomes.csv, metrics.csv or a transfer list transfers*.csv"},
	{FileUnknown, true, "The CSV files of a folder or zip have known names; files that are not CSV are left alone.", "allowed are companies.csv, chips.csv, deals.csv, flows.csv, sources.csv, outcomes.csv, metrics.csv and transfers*.csv"},
	{FileTwice, true, "No file name occurs twice in a zip, whatever folders the files lie in.", "want each file once"},
	{FileUnrecognised, true, "The columns of a single file tell what it holds.", "name it after its kind (flows.csv), or give a transfer list the columns from, to, amount, timestamp and, if wanted, kind and id"},
	{FileNested, true, "A folder or zip holds no further archive.", "unpack it first"},
	{FileTooLarge, true, "The unpacked size of an import stays below the limit that was set.", "import it in parts or raise the limit"},
	{HeaderMissing, true, "The first line of a file names its columns.", "the first line names the columns, separated by commas"},
	{ColumnUnknown, true, "Every column of a file is known; their order is free.", ""},
	{ColumnTwice, true, "No column is named twice.", "want each column once"},
	{ColumnMissing, true, "The required columns of a file are there.", ""},
	{EncodingInvalid, true, "Text is valid UTF-8.", "save the file as UTF-8"},
	{ControlCharacter, true, "Text has no control characters besides tab and line breaks, and ids have none at all.", "take the character out"},
	{QuoteInvalid, true, "Quotes follow RFC 4180: a quoted cell begins and ends with a double quote, and a double quote inside it is doubled.", `quote the whole cell and double the quotes inside it: "a ""word"" in quotes"`},
	{RowTooLong, true, "A row has at most 1 MiB; the rest of a file with a longer one is not read.", "at most 1048576 bytes; look for a quote that is never closed"},
	{CellCount, true, "A row has as many cells as the header.", "want one cell for each column, empty where there is no value, and quotes around a cell that has a comma"},
	{CellTooLong, true, "A cell has at most 64 KiB, an id at most 200 bytes.", ""},

	{ValueMissing, true, "Required cells are not empty.", "a value is required"},
	{ValueNotAllowed, true, "The value of a column with a closed list is on that list.", ""},
	{IDMalformed, true, "An id has no leading or trailing blanks, no line breaks and none of the characters semicolon, comma and vertical bar.", "any letters, digits and signs besides ; , | and line breaks, without blanks at its ends, at most 200 bytes"},
	{IDTwice, true, "No id occurs twice among the records of one kind.", "want each id once"},
	{ListMalformed, true, "The items of a list are separated by one semicolon, none is empty and none is named twice.", "want items separated by one semicolon, each once"},
	{AmountMalformed, true, "An amount is dollars as a plain decimal with at most two places, or with k, m, bn or tn behind it.", "want dollars such as 1200, 1200.50, 38.5m or 10bn, or nothing where it is unknown"},
	{AmountNegative, true, "An amount is not negative.", "an amount is zero or more; its direction is from payer to payee"},
	{AmountTooLarge, true, "An amount is at most nine trillion dollars.", "at most 9tn"},
	{NumberMalformed, true, "A number is a plain decimal with at most six places.", "want a number such as 4 or 1.25 with at most six decimal places"},
	{DateMalformed, true, "A date is one that the calendar has.", "want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, a day that the calendar has"},

	{ReferenceUnknown, true, "An id that points at a record points at one that is in the import or in the store. Companies and deals that only legs name are created.", "add the record to the import or correct the id"},
	{ReferenceDeleted, true, "No record points at one that is deleted.", "delete or change the record that points at it as well"},
	{DeleteUnknown, true, "Only a record that is in the store can be deleted, and not one that the same change writes.", "want the id of a stored record that the change does not write"},
	{AmountOrder, true, "amount_low_usd <= amount_usd <= amount_high_usd.", "want amount_low_usd <= amount_usd <= amount_high_usd"},
	{DatePrecision, true, "date_precision agrees with announced_date.", "want the precision that announced_date is written with, or nothing"},
	{PeriodOrder, true, "period_start is not after period_end.", "want period_start on or before period_end"},
	{StatusDateOrder, true, "status_as_of is not before announced_date: no state is reported of a leg that is not known yet.", "want status_as_of on or after announced_date"},
	{OutcomeDateOrder, true, "An outcome is not dated before its leg was announced; what had moved by an earlier date is a realised figure.", "want a date on or after the announced_date of the leg"},
	{StatusOutcome, true, "The status of a leg is the status_after of its last outcome that has one, by date, then id.", "want the status_after of the last outcome, by date, then id"},
	{StatusInitial, true, "initial_status equals status where no outcome of the leg has a status_after.", "without an outcome that changes it, initial_status and status are the same"},
	{CompanyCycle, true, "No company is a part of itself, at any level.", "a parent_id must not lead back to the company"},
	{FlowCycle, true, "No leg is a part of itself, at any level.", "a parent_flow_id must not lead back to the leg"},
	{SuccessorCycle, true, "No leg is superseded by itself, at any remove.", "a superseded_by must not lead back to the leg"},
	{AggregateParent, true, "An aggregate company has no parent.", "an aggregate stands for unnamed parties and is part of no firm"},
	{ParentIsAggregate, true, "An aggregate company is nobody's parent.", "a parent is a named firm"},
	{SelfLeg, true, "The two ends of a leg differ, but for supply and chip_usage (a firm may run on its own chips) and for plain transfers.", "want two companies"},
	{MovesClass, true, "What a leg moves fits the class of its kind.", ""},
	{ChipSeller, true, "A chip_purchase is paid to a firm that sells chips: a chip_vendor, foundry, memory_maker or server_maker, a firm in whose group a chip is made (vendor_id in chips.csv), an aggregate, or a firm of unknown kind.", "money points from the buyer to a seller: a chip_vendor, foundry, memory_maker or server_maker, or the vendor_id of a chip"},
	{GrantIssuer, true, "Warrants and equity are granted by the firm whose shares they are on: never by an aggregate or a government, and warrants not by a financier either.", "a grant points from the firm whose shares it is on to the holder"},
	{GrantDirection, true, "A warrant is not granted by its holder: where funding, guarantees, or purchases of chips or computing of the same deal run between the two firms, at least one runs from the holder to the issuer.", "a warrant points from the firm whose shares it is on to the holder, against the money or the guarantee that it was given for"},

	{NoSource, false, "Legs that name no source.", "name the pages in source_ids"},
	{SingleSource, false, "Legs that rest on one page.", "a second page makes them firmer"},
	{WeakSources, false, "Legs that rest on aggregators or blogs only.", "a page of a better tier makes them firmer"},
	{NoAmount, false, "Legs of unknown amount: no amount_usd, and not both ends of a range.", "unknown amounts are never counted as zero"},
	{UndatedLeg, false, "Legs without announced_date.", "undated legs count as known at any date"},
	{UndatedRealised, false, "Legs with realised_usd above zero and no realised_as_of.", "a realised figure without a date is not used"},
	{NoSuccessor, false, "Superseded legs without superseded_by.", "their headline counts as lost in full"},
	{SuccessorOfLive, false, "Legs with superseded_by whose status is not superseded.", "they count beside their successor"},
	{SelfTransfer, false, "Transfers of a company to itself.", "they are no part of any loop"},
	{RepeatedTransfer, false, "Rows of a transfer list that repeat a row of another file of the import; they are taken once.", "rows repeated within one file are separate transfers"},
	{CaseTwin, false, "Companies named only in legs whose id differs from a known one in upper and lower case only.", "ids are case-sensitive"},
}

// Rules are all rules, hard ones first, in their declared order.
func Rules() []Rule { return slices.Clone(rules) }

// RuleOf is the rule with that code; false when there is none.
func RuleOf(c Code) (Rule, bool) {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Code == c })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}
