package scenario

import (
	"slices"
	"strconv"
	"strings"

	"roundtrip/graph"
	"roundtrip/graph/strictyaml"
)

// Key declares one key of a scenario, a step or a selector.
type Key = strictyaml.Key

// StepKind declares one kind of step.
type StepKind struct {
	Name    string `json:"name"` // add, remove, scale, delay, set_status
	Doc     string `json:"description"`
	Selects bool   `json:"selects"` // it names legs by the keys of a selector, which Keys begins with
	Keys    []Key  `json:"keys"`
}

// The names of the steps.
const (
	Add       = "add"
	Remove    = "remove"
	Scale     = "scale"
	Delay     = "delay"
	SetStatus = "set_status"
)

// The limits of a scenario.
const (
	maxBytes  = 1 << 20
	maxName   = 80
	maxSteps  = 1000
	maxMonths = 600
	maxLegs   = 250_000 // that the steps touch, because each is held as a whole record
)

// Head are the keys of a scenario.
func Head() []Key {
	return []Key{
		{Name: "name", Type: "id", Required: true, Doc: "The name that it is saved and asked for by: lower-case letters, digits and hyphens."},
		{Name: "title", Type: "text", Doc: "What it is, in few words."},
		{Name: "question", Type: "text", Doc: "What it asks, with its question mark."},
		{Name: "note", Type: "text", Doc: "What is assumed, and the ids of the sources it rests on."},
		{Name: "as_of", Type: "date", Doc: "The day that it starts from: the as_of to look at it with, the day on which a selector reads states, and the default of `on` and `after`."},
		{Name: "companies", Type: "records", Doc: "Companies that added legs name and the graph does not have.", Keys: recordKeys(graph.CompanyKind)},
		{Name: "steps", Type: "steps", Required: true, Most: maxSteps, Doc: "The changes, in order: each sees what those before it made."},
	}
}

// SelectorKeys are the keys that choose legs. Legs that meet all of them are
// chosen; `legs` stands alone.
func SelectorKeys() []Key {
	var kinds, classes, statuses []string
	for _, k := range graph.FlowKinds() {
		kinds = append(kinds, string(k.Kind))
	}
	for _, c := range graph.AllClasses() {
		classes = append(classes, c.String())
	}
	for _, s := range graph.Statuses() {
		statuses = append(statuses, string(s))
	}
	return []Key{
		{Name: "legs", Type: "list", Refs: "flow", Doc: "Legs by their ids."},
		{Name: "deals", Alias: "deal", Type: "list", Refs: "deal", Doc: "Legs of these deals."},
		{Name: "payers", Alias: "payer", Type: "list", Refs: "company", Doc: "Legs from these companies; a firm stands for its units too."},
		{Name: "payees", Alias: "payee", Type: "list", Refs: "company", Doc: "Legs to these companies; a firm stands for its units too."},
		{Name: "kinds", Alias: "kind", Type: "list", Allowed: kinds, Doc: "Legs of these kinds."},
		{Name: "classes", Alias: "class", Type: "list", Allowed: classes, Fold: true, Doc: "Legs of these classes."},
		{Name: "conditional", Type: "flag", Doc: "true: only legs that move contingent cash or credit support; false: only others."},
		{Name: "statuses", Type: "list", Allowed: statuses, Doc: "Legs in these states on the scenario's as_of; in their latest state where it has none."},
	}
}

// Steps are the kinds of steps in their declared order.
func Steps() []StepKind {
	statuses := make([]string, 0, len(graph.Statuses()))
	for _, s := range graph.Statuses() {
		statuses = append(statuses, string(s))
	}
	leg := append(recordKeys(graph.FlowRecord), Key{
		Name: "outcomes", Type: "records", Doc: "Dated events of the leg, each with the fields of an outcome; their ids are made where they are not given.",
		Keys: outcomeKeys(),
	})
	selecting := func(more ...Key) []Key { return append(SelectorKeys(), more...) }
	return []StepKind{
		{Name: Add, Doc: "Adds a leg with the fields of the import format. Its companies are known or declared under `companies`; a deal that is not known is created.", Keys: leg},
		{Name: Remove, Selects: true, Doc: "Takes legs away, with their outcomes and their parts at any level. A leg that one of them superseded stays superseded, by nothing.", Keys: selecting()},
		{Name: Scale, Selects: true, Doc: "Multiplies amount_usd, amount_low_usd and amount_high_usd, rounded half up to a cent. Unknown stays unknown. Parts of a leg are legs of their own and stay as they are.", Keys: selecting(
			Key{Name: "factor", Type: "number", Required: true, Minimum: "0", Maximum: "1000000", Doc: "What the amounts are multiplied by, with at most six decimal places."},
			Key{Name: "paid", Type: "flag", Default: "false", Doc: "true: also what has really moved, realised_usd and paid_to_date_usd; these are facts and stay as they are otherwise."},
		)},
		{Name: Delay, Selects: true, Doc: "Moves what lies after a day by whole months: period_start, period_end, the outcomes and the realised figure that are dated later. What was announced stays announced, a term that has begun has begun. A day that the month does not have becomes its last; a year moved by a part of a year becomes a month.", Keys: selecting(
			Key{Name: "months", Type: "integer", Required: true, Minimum: "1", Maximum: strconv.Itoa(maxMonths), Doc: "By how many months."},
			Key{Name: "after", Type: "date", Default: "as_of of the scenario; else announced_date of the leg", Doc: "Dates after this day move, others stay."},
		)},
		{Name: SetStatus, Selects: true, Doc: "Gives legs another state from a day on. What is recorded of a leg from that day on did not happen: its later outcomes go, and a realised figure that is dated later. A leg that was announced on that day or later has the state from its announcement.", Keys: selecting(
			Key{Name: "status", Type: "text", Required: true, Allowed: statuses, Doc: "The state from that day on."},
			Key{Name: "on", Type: "date", Default: "as_of of the scenario; else announced_date of the leg", Doc: "The first day of that state."},
		)},
	}
}

// recordKeys are the fields of a record as keys. An amount may be written with
// a suffix, so it may be named without its unit as well.
func recordKeys(kind graph.RecordKind) []Key {
	var keys []Key
	for _, f := range graph.Fields(kind) {
		if f.Derived {
			continue
		}
		k := Key{Name: f.Name, Type: f.Type.String(), Required: f.Required, Default: f.Default, Allowed: f.Allowed, Refs: f.Refs.String(), Doc: f.Doc}
		if f.Type == graph.MoneyField {
			k.Alias = strings.TrimSuffix(f.Name, "_usd")
		}
		switch {
		case kind == graph.OutcomeKind && f.Name == "id":
			k.Required, k.Default = false, "made from the id of the leg"
		case kind == graph.FlowRecord && (f.Name == "from" || f.Name == "to"): // unlike those of an import
			k.Doc = strings.Replace(f.Doc, "companies named only here are created", "a new company is declared under companies", 1)
		case kind == graph.FlowRecord && f.Name == "status":
			k.Default = "status_after of the last outcome; else signed, closed for a transfer"
		}
		keys = append(keys, k)
	}
	return keys
}

// outcomeKeys are those of an outcome, whose leg is the one that it stands in.
func outcomeKeys() []Key {
	return slices.DeleteFunc(recordKeys(graph.OutcomeKind), func(k Key) bool { return k.Name == "flow_id" })
}
