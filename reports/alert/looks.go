package alert

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"roundtrip/graph/near"
	"roundtrip/queries"
)

// look is a name that an expression looks for among the elements of a list, as in
// filter(vendors.rows, .customer == "openai").
type look struct {
	ask   string // "" for the lists of what differs
	part  string // list, rows, new, loops, ...
	group string // of the figures in a list that the same condition wants, "" for any
	field string
	value string
}

// Missing is something that a rule looks for and that a report does not have, such
// as a buyer whose name is misspelt: the rule is quiet for ever.
type Missing struct {
	Rule string
	Text string // what was not found and the nearest that there is, without a full stop
}

// LookedAtNothing tells for each rule, in order, what it names outright and the
// report does not have. A figure that either run has counts as found, and so does
// a name that only rows beyond a limit may have.
func LookedAtNothing(rules []*Program, in Input) []Missing {
	var list []Missing
	for _, p := range rules {
		for _, text := range p.missing(&in) {
			list = append(list, Missing{p.rule.Name, text})
		}
	}
	return list
}

// Asks are the names of the asks that the expression looks at, in byte order.
func (p *Program) Asks() []string { return p.uses }

// mostCandidates is how many names are told where none is near.
const mostCandidates = 4

func (p *Program) missing(in *Input) []string {
	var texts []string
	add := func(what, value string, candidates []string) {
		if slices.Contains(candidates, value) {
			return
		}
		text := fmt.Sprintf("%s %q", what, value)
		switch meant := near.Name(value, candidates); {
		case meant != "":
			text += fmt.Sprintf("; the nearest is %q", meant)
		case len(candidates) == 0 && !strings.HasPrefix(what, "there is no"):
			text += "; there is none at all"
		case len(candidates) == 0:
		default:
			text += "; there is " + strings.Join(candidates[:min(len(candidates), mostCandidates)], ", ")
			if more := len(candidates) - mostCandidates; more > 0 {
				text += fmt.Sprintf(" and %d more", more)
			}
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	for _, ask := range p.uses {
		if in.answer(ask).Result == nil {
			texts = append(texts, "the report has no answer to the ask "+ask)
		}
	}
	for _, m := range p.mentions {
		if a := in.answer(m.ask); m.path && a.Result != nil {
			add("the summary of "+m.ask+" has no figure", m.name, a.paths())
		}
	}
	for _, l := range p.looks {
		if l.ask == "" {
			if in.Names.Company != nil && in.Names.Company(l.value) == "" {
				add("there is no company", l.value, in.companies())
			}
			continue
		}
		a := in.answer(l.ask)
		switch {
		case a.Result == nil:
		case l.part == "list":
			what := "the figures of " + l.ask + " have no " + l.field
			if l.field == "label" && l.group != "" {
				what = "the " + l.group + " of " + l.ask + " have no"
			}
			add(what, l.value, a.labels(l.field, l.group))
		case !a.cut():
			if column, ok := idColumn(a.Result.Columns, l.field); ok {
				add("the rows of "+l.ask+" have no "+column.Name, l.value, a.values(column.Name))
			}
		}
	}
	return texts
}

func (in *Input) answer(ask string) Answer {
	if i := slices.IndexFunc(in.Answers, func(a Answer) bool { return a.Ask == ask }); i >= 0 {
		return in.Answers[i]
	}
	return Answer{}
}

// companies are the companies that stand in columns of the answers, sorted.
func (in *Input) companies() []string {
	var ids []string
	for _, a := range in.Answers {
		if a.Result == nil {
			continue
		}
		for _, c := range a.Result.Columns {
			if c.Type == "company" {
				ids = append(ids, a.values(c.Name)...)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (a Answer) sides() []*queries.Result {
	return slices.DeleteFunc([]*queries.Result{a.Result, a.Before}, func(r *queries.Result) bool { return r == nil })
}

// cut tells whether rows of a side may be missing.
func (a Answer) cut() bool {
	return slices.ContainsFunc(a.sides(), func(r *queries.Result) bool { return r.Truncated.Is })
}

// paths are the paths of figures as rules write them.
func (a Answer) paths() []string {
	var paths []string
	for _, r := range a.sides() {
		for _, f := range queries.Figures(r.Summary) {
			paths = append(paths, f.Path)
			if plain, ok := strings.CutSuffix(f.Path, "_cents"); ok {
				paths = append(paths, plain)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// labels are what the elements of the list of figures have in a field; those of a
// group alone where one is given.
func (a Answer) labels(field, group string) []string {
	var labels []string
	for _, r := range a.sides() {
		for _, f := range queries.Figures(r.Summary) {
			if _, ok := asFigure(f); !ok {
				continue
			}
			of, label := partsOf(f.Path)
			switch field {
			case "path":
				labels = append(labels, f.Path)
			case "name":
				labels = append(labels, f.Column.Name)
			case "group":
				labels = append(labels, of)
			case "label":
				if group == "" || group == of {
					labels = append(labels, label)
				}
			}
		}
	}
	slices.Sort(labels)
	return slices.DeleteFunc(slices.Compact(labels), func(s string) bool { return s == "" })
}

// values are what a column holds, sorted.
func (a Answer) values(column string) []string {
	var values []string
	for _, r := range a.sides() {
		i := slices.IndexFunc(r.Columns, func(c queries.Column) bool { return c.Name == column })
		if i < 0 {
			continue
		}
		for _, row := range r.Rows {
			values = append(values, queries.CellText(row.Values[i]))
		}
	}
	slices.Sort(values)
	return slices.DeleteFunc(slices.Compact(values), func(s string) bool { return s == "" })
}

// idColumn is the column of that name where it names records.
func idColumn(columns []queries.Column, name string) (queries.Column, bool) {
	i := slices.IndexFunc(columns, func(c queries.Column) bool {
		return c.Name == name && slices.Contains([]string{"company", "chip", "leg"}, c.Type)
	})
	if i < 0 {
		return queries.Column{}, false
	}
	return columns[i], true
}

// looked notes a comparison of a field of an element with a text that is written
// out. The list that the element is of is known when the walk comes back to it.
func (e *examiner) looked(operator string, left, right ast.Node) {
	if operator != "==" && operator != "in" {
		return
	}
	member, ok := left.(*ast.MemberNode)
	if !ok && operator == "==" {
		member, ok = right.(*ast.MemberNode)
		right = left
	}
	if !ok || !ofElement(member.Node) {
		return
	}
	field, ok := member.Property.(*ast.StringNode)
	if !ok {
		return
	}
	values := []ast.Node{right}
	if list, ok := right.(*ast.ArrayNode); ok {
		values = list.Nodes
	}
	for _, v := range values {
		if s, ok := v.(*ast.StringNode); ok {
			e.pending = append(e.pending, look{field: field.Value, value: s.Value})
		}
	}
}

// listed gives the comparisons of a body the list whose elements it looks at.
func (e *examiner) listed(n *ast.BuiltinNode) {
	pending := e.pending
	e.pending = nil
	if len(n.Arguments) == 0 {
		return
	}
	ask, part := e.listOf(n.Arguments[0])
	group := ""
	for _, l := range pending {
		if l.field == "group" {
			group = l.value
		}
	}
	for _, l := range pending {
		l.ask, l.part, l.group = ask, part, group
		switch {
		case part == "list" && slices.Contains([]string{"label", "group", "name", "path"}, l.field),
			slices.Contains([]string{"rows", "new", "gone", "changed"}, part),
			part == "legs" && (l.field == "payer" || l.field == "payee"):
			e.p.looks = append(e.p.looks, l)
		}
	}
}

// listOf is the list that a node is made of: rows of an ask, or one of the lists
// of what differs; "" for others.
func (e *examiner) listOf(n ast.Node) (ask, part string) {
	switch x := n.(type) {
	case *ast.IdentifierNode:
		return "", x.Value
	case *ast.BuiltinNode:
		if x.Name == "filter" {
			return e.listOf(x.Arguments[0])
		}
	case *ast.MemberNode:
		name, ok := x.Property.(*ast.StringNode)
		if !ok {
			return "", ""
		}
		of := x.Node
		if before, ok := of.(*ast.MemberNode); ok {
			of = before.Node
		}
		if id, ok := of.(*ast.IdentifierNode); ok && e.of[id.Value] != "" {
			return e.of[id.Value], name.Value
		}
	}
	return "", ""
}
