package alert

import (
	"maps"
	"slices"
)

// Bounds of a rule.
const (
	MaxLength = 4000    // characters of an expression
	MaxNodes  = 400     // parts of an expression, shorthands written out
	MaxDepth  = 3       // lists that are gone through inside of each other
	MaxSteps  = 2000000 // elements and comparisons that one judgement may take
	MaxFound  = 200     // alerts that one rule raises; more are counted
)

// name is something that an expression may use.
type name struct {
	Name, Type, Doc string
}

// globals are what an expression sees beside the answers.
func globals() []name {
	return []name{
		{"loops", "list", "Loops of the graph that are new, gone or changed since the last run."},
		{"legs", "list", "Legs that are new, gone or changed since the last run."},
		{"sources", "list", "Pages that the answers rest on and did not at the last run (new), or do not any more (gone)."},
		{"first", "flag", "There is no earlier run: nothing is new, gone or changed, and every earlier value is unknown."},
		{"k", "number", "1,000: an amount of money is a number of dollars, as in 5 * bn."},
		{"m", "number", "1,000,000."},
		{"bn", "number", "1,000,000,000."},
		{"tn", "number", "1,000,000,000,000."},
	}
}

// answerFields are the parts of an answer, which stands under the name of its
// ask.
func answerFields() []name {
	return []name{
		{"rows", "list of rows", "The rows of the answer."},
		{"summary", "object", "The single figures of the summary, by name, as in circularity.summary.ci."},
		{"figures", "object", "Every figure of the summary by its path, as in coverage.figures[\"buyers/openai/tied_coverage\"]. Money is in cents under its path and in dollars under the path without _cents. Unknown where the summary has no such figure."},
		{"list", "list", "The same figures as a list, to go through: path, title, value, cents (of money), before, before_cents, and the parts of a path such as buyers/openai/tied_coverage: group (buyers), label (openai), name (tied_coverage)."},
		{"before", "object", "rows, summary and figures of the last run."},
		{"new", "list of rows", "Rows that the last run did not have."},
		{"gone", "list of rows", "Rows that only the last run had."},
		{"changed", "list", "Rows that both have with other values: the columns of the key, and before and after, which are rows. Moves within the tolerance of the schedule are left out."},
		{"finding", "text", "The finding of the answer, one sentence."},
	}
}

// loopFields are the fields of loops.
func loopFields() []name {
	return []name{
		{"id", "text", "The same in every run."},
		{"change", "text", "new, gone or changed."},
		{"ring", "list of texts", "Ids of its companies in the direction of value."},
		{"kind", "text", "contingent, round_trip, reciprocal_trade, cross_holding or other."},
		{"bottleneck", "money", "Principal that can go all the way round now."},
		{"bottleneck_before", "money", "The same at the last run."},
		{"at_most", "money", "What the bottleneck cannot exceed now."},
		{"at_most_before", "money", "The same at the last run."},
		{"legs", "list of texts", "Ids of its legs on both sides."},
		{"reason", "text", "Why it moved, as recorded."},
	}
}

// legFields are the fields of legs.
func legFields() []name {
	return []name{
		{"id", "text", "Id of the leg."},
		{"change", "text", "new, gone or changed."},
		{"payer", "text", "Id of the company that pays or puts in."},
		{"payee", "text", "Id of the company that is paid."},
		{"kind", "text", "Kind of the leg."},
		{"state_before", "text or unknown", "State at the last run, such as signed; unknown for a leg that was not there."},
		{"state_after", "text or unknown", "State now."},
		{"amount_before", "money", "Amount under the lens at the last run."},
		{"amount", "money", "Amount under the lens now."},
		{"reason", "text", "Why it moved, as recorded."},
	}
}

// sourceFields are the fields of sources.
func sourceFields() []name {
	return []name{
		{"id", "text", "Id of the source."},
		{"change", "text", "new or gone."},
		{"title", "text", "Its title."},
		{"url", "text", "Its address."},
	}
}

// functions are what an expression may call, beside the shorthands.
func functions() []name {
	return []name{
		{"filter(LIST, CONDITION)", "list", "The elements of which the condition is true; a field of the element is written with a dot, as in .share > 0.5."},
		{"any, all, none, one(LIST, CONDITION)", "flag", "Whether the condition is true of some, all, none or exactly one of them."},
		{"count(LIST, CONDITION)", "number", "Of how many it is true."},
		{"len(LIST)", "number", "How many there are."},
		{"map(LIST, EXPRESSION)", "list", "The expression for each element."},
		{"each(ROWS, COLUMN)", "found", "One row for every value of that column, a text such as \"customer\": what a rule finds is then told apart by this column alone. Only as the last step of a rule."},
		{"known(VALUE)", "flag", "Whether the value is known."},
		{"abs(NUMBER)", "number", "The number without its sign."},
		{"total(LIST)", "number", "Sum of a list of numbers, as map gives it; unknown where one is."},
	}
}

// builtins are the functions of the expression library that are allowed.
func builtins() []string {
	return []string{"filter", "any", "all", "none", "one", "count", "len", "map"}
}

// short is a shorthand: a call that stands for another expression. A name in
// capitals in the text stands for the first ask of an analysis.
type short struct {
	Name string
	Args []string
	Text string
	Doc  string
}

// shorts are the usual rules.
func shorts() []short {
	return []short{
		{"new_loops", []string{"above"}, `filter(loops, .change == "new" and .bottleneck > above)`, "Loops that are new and of more than so many dollars."},
		{"coverage_below", []string{"buyer", "share"}, `filter(COVERAGE.list, .group == "buyers" and .name == "tied_coverage" and .label == buyer and .value < share)`, "The promises of a buyer are covered to less than this share (rule tied)."},
		{"hhi_above", []string{"bound"}, `each(filter(VENDORS.rows, .hhi > bound), "customer")`, "Customers whose payments are more concentrated than this, 0 to 10,000."},
		{"ci_above", []string{"bound"}, `CIRCULARITY.summary.ci > bound`, "The circularity index is above the bound, 0 to 1."},
		{"vendor_financed_above", []string{"share"}, `filter(ROUNDTRIPS.rows, .vendor_financed_share > share)`, "Pairs in which the seller's own money can cover more than this share of its sales to the customer."},
		{"legs_cancelled", nil, `filter(legs, .state_after == "cancelled" and .state_before != "cancelled")`, "Legs that were cancelled since the last run."},
		{"sources_withdrawn", nil, `filter(sources, .change == "gone")`, "Pages that the answers do not rest on any more."},
	}
}

// analysesOf are the names in capitals of the shorthands and the analyses that
// they stand for.
func analysesOf() map[string]string {
	return map[string]string{"COVERAGE": "coverage", "VENDORS": "vendors", "CIRCULARITY": "circularity", "ROUNDTRIPS": "roundtrips"}
}

// taken are the names that an ask cannot have where rules use it.
func taken() []string {
	list := slices.Concat(builtins(), slices.Collect(maps.Keys(analysesOf())), []string{"each", "known", "abs", "total", "true", "false", "nil", "not", "and", "or", "in", "let", "if", "else"})
	for _, g := range globals() {
		list = append(list, g.Name)
	}
	for _, s := range shorts() {
		list = append(list, s.Name)
	}
	return list
}
