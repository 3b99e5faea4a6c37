package queries

import (
	_ "embed"
	"fmt"
	"maps"
	"strings"
	"text/template"

	"roundtrip/graph"
)

//go:embed lens.cypher
var lensText string

// Render puts the lens into the text of a twin and collects the parameters. The
// text holds a line "//lens legs" or "//lens edges" in place of the reading of
// the graph. After "//lens legs" there is one row for each leg that passes the
// lens, in order of date (undated last), then id: the nodes payer and payee, the
// class, the relationship leg, and its amount cents (null when unknown). After
// "//lens edges" there is one row for each edge: payer, payee, class, the ids
// legs in that order, the sum cents of known amounts (null when none is known),
// and partial.
func Render(text string, lens graph.Lens, revision uint64, args map[string]any) (Statement, error) {
	t, err := template.New("lens").Parse(lensText)
	if err != nil {
		return Statement{}, fmt.Errorf("the lens fragment: %w", err)
	}
	l := cypherLens{lens}
	var out strings.Builder
	for line := range strings.Lines(text) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "//lens ")
		if !ok {
			out.WriteString(line)
			continue
		}
		if err := t.ExecuteTemplate(&out, name, l); err != nil {
			return Statement{}, fmt.Errorf("the lens fragment %s: %w", name, err)
		}
		out.WriteByte('\n')
	}
	params := map[string]any{"revision": int64(revision), "as_of": lens.AsOf.Last().String()}
	if len(lens.Kinds) > 0 {
		kinds := make([]string, len(lens.Kinds))
		for i, k := range lens.Kinds {
			kinds[i] = string(k)
		}
		params["kinds"] = kinds
	}
	if len(lens.Companies) > 0 {
		params["companies"] = lens.Companies
	}
	if l.MinAmount() {
		params["min_cents"] = lens.MinAmount.Cents()
	}
	if lens.Basis == graph.Expected {
		weights := map[string]any{}
		for _, status := range graph.Statuses() {
			if !status.Dead() {
				weights[string(status)] = int64(lens.Probabilities.Of(status))
			}
		}
		params["probabilities"] = weights
	}
	maps.Copy(params, args)
	return Statement{Text: strings.TrimSpace(out.String()), Params: params}, nil
}

// cypherLens says the parts of a lens in Cypher; each is about a relationship
// of that name.
type cypherLens struct{ Lens graph.Lens }

// Types are the relationship types of the classes.
func (l cypherLens) Types() string {
	var names []string
	for _, c := range l.Lens.Classes.List() {
		names = append(names, c.String())
	}
	return strings.Join(names, "|")
}

// Known keeps what was known on the day, in the revision that is asked.
func (l cypherLens) Known(r string) string {
	return fmt.Sprintf("%[1]s.known_from <= date($as_of) < %[1]s.known_to AND %[1]s.rev_from <= $revision < %[1]s.rev_to", r)
}

// Ends chooses the relationships between groups or between their units.
func (l cypherLens) Ends() string {
	switch {
	case l.Lens.Rollup && l.Lens.Loops:
		return "(leg.grouped OR leg.unit AND payer.head = payee.head)  // subsidiaries count as their ultimate parent, legs inside one group are kept between its units"
	case l.Lens.Rollup:
		return "leg.grouped AND payer <> payee  // subsidiaries count as their ultimate parent"
	case l.Lens.Loops:
		return "leg.unit  // subsidiaries stand for themselves"
	}
	return "leg.unit AND payer <> payee  // subsidiaries stand for themselves"
}

// Among keeps legs with both ends among the companies of the lens.
func (l cypherLens) Among() string {
	if l.Lens.Rollup && l.Lens.Loops {
		return "payer.head IN $companies AND payee.head IN $companies"
	}
	return "payer.id IN $companies AND payee.id IN $companies"
}

// Basis keeps the states that count.
func (l cypherLens) Basis(r string) string {
	switch l.Lens.Basis {
	case graph.AnyState:
		return "true"
	case graph.SignedBy:
		return r + ".status IN ['signed', 'partially_disbursed', 'closed', 'in_force']"
	case graph.Realised:
		return r + ".realised_cents > 0"
	case graph.Settled:
		// Not written with OR, for which the planner would leave the index on id.
		return fmt.Sprintf("coalesce(%[1]s.realised_cents > 0, %[1]s.status = 'closed' AND %[1]s.moves = 'cash')", r)
	}
	return "NOT " + r + ".status IN ['cancelled', 'superseded']"
}

// Amount is the cents that count.
func (l cypherLens) Amount(r string) string {
	amount := fmt.Sprintf("%s.%s_cents", r, l.Lens.Amount)
	switch l.Lens.Basis {
	case graph.Expected:
		return fmt.Sprintf("(%s * $probabilities[%s.status] + 5000) / 10000", amount, r)
	case graph.Realised:
		return r + ".realised_cents"
	case graph.Settled:
		return fmt.Sprintf("coalesce(%s.realised_cents, %s)", r, amount)
	}
	return amount
}

// Paid tells whether the basis reads figures of what was paid.
func (l cypherLens) Paid() bool {
	return l.Lens.Basis == graph.Realised || l.Lens.Basis == graph.Settled
}

// MinAmount tells whether small and unknown amounts are left out.
func (l cypherLens) MinAmount() bool { return l.Lens.MinAmount.Cents() > 0 }
