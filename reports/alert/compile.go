package alert

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"roundtrip/graph"
)

// Program is a rule that is compiled. It may be used by several goroutines; its
// judgements wait for each other.
type Program struct {
	rule     Rule
	shapes   []Shape
	code     *vm.Program
	uses     []string // names of asks that the expression looks at
	fields   []string // of elements, that it compares: the sentence of an alert tells them
	mentions []mention
	looks    []look

	mu  sync.Mutex
	run *judging
}

// mention is a figure that the expression names outright.
type mention struct {
	ask, name string
	path      bool // a path of figures, not a field of the summary
}

// names of functions that no expression can write.
const (
	stepName = "·step"
	mark     = "·"
)

// Compile checks a rule against the questions of its schedule. The error is an
// *Error.
func Compile(rule Rule, shapes []Shape) (*Program, error) {
	p := &Program{rule: rule, shapes: shapes}
	fail := func(format string, args ...any) (*Program, error) {
		return nil, &Error{Rule: rule.Name, Problem: fmt.Sprintf(format, args...)}
	}
	if strings.TrimSpace(rule.When) == "" {
		return fail("the expression is empty")
	}
	if n := utf8.RuneCountInString(rule.When); n > MaxLength {
		return fail("the expression has %d characters; at most %d are allowed", n, MaxLength)
	}
	seen := map[string]string{}
	for _, s := range shapes {
		v := variable(s.Name)
		if slices.Contains(taken(), v) {
			return fail("an ask is called %s, which rules use for something else; give it another name", s.Name)
		}
		if other, ok := seen[v]; ok {
			return fail("the asks %s and %s are both called %s in rules; rename one", other, s.Name, v)
		}
		seen[v] = s.Name
	}
	w := &writer{shapes: shapes}
	code, err := expr.Compile(rule.When, p.options(w)...)
	if w.err != nil {
		return nil, p.placed(w.at, w.err)
	}
	if err != nil {
		return nil, p.compileError(err)
	}
	if at, problem := p.examine(code.Node()); problem != "" {
		return nil, p.placed(at, errors.New(problem))
	}
	p.code = code
	return p, nil
}

// placed is an error at a place of the expression.
func (p *Program) placed(at file.Location, err error) *Error {
	bound := (&file.Error{Location: at}).Bind(file.NewSource(p.rule.When))
	return &Error{Rule: p.rule.Name, Line: bound.Line, Column: bound.Column + 1, Problem: err.Error(), Err: err}
}

func (p *Program) compileError(err error) *Error {
	var f *file.Error
	if !errors.As(err, &f) || f.Line == 0 {
		return &Error{Rule: p.rule.Name, Problem: plain(err.Error())}
	}
	return &Error{Rule: p.rule.Name, Line: f.Line, Column: f.Column + 1, Problem: p.helped(plain(f.Message))}
}

// plain is a message of the expression library with the types as the
// documentation calls them.
func plain(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	if strings.Contains(message, "exceeds maximum allowed nodes") {
		return fmt.Sprintf("the expression has more than %d parts", MaxNodes)
	}
	return strings.NewReplacer("alert.number", "number", "alert.date", "date", "alert.text", "text that may be unknown", "alert.flag", "flag that may be unknown", "alert.found", "found",
		"[]interface {}", "list", "[]string", "list of texts", "map[string]interface {}", "object", "float64", "number", "interface {}", "any value").Replace(message)
}

// helped adds what there is to a name that is not known.
func (p *Program) helped(message string) string {
	name, ok := strings.CutPrefix(message, "unknown name ")
	if !ok {
		return message
	}
	var asks []string
	for _, s := range p.shapes {
		asks = append(asks, variable(s.Name))
	}
	for _, list := range analysesOf() {
		if variable(name) == list {
			return fmt.Sprintf("%s; the schedule has no ask of that name: want one of %s", message, strings.Join(asks, ", "))
		}
	}
	var others []string
	for _, g := range globals() {
		others = append(others, g.Name)
	}
	return fmt.Sprintf("%s; want an ask (%s) or one of %s", message, strings.Join(asks, ", "), strings.Join(others, ", "))
}

func (p *Program) options(w *writer) []expr.Option {
	options := []expr.Option{
		expr.Env(environment(p.shapes)), expr.Optimize(false), expr.MaxNodes(MaxNodes), expr.DisableAllBuiltins(),
		expr.Patch(w), expr.Patch(stepper{}),
	}
	for _, name := range builtins() {
		options = append(options, expr.EnableBuiltin(name))
	}
	function := func(name string, f func(args ...any) (any, error), signatures ...any) {
		options = append(options, expr.Function(name, f, signatures...))
	}
	function(stepName, func(...any) (any, error) { return true, p.run.step() }, new(func() bool))
	function("known", func(args ...any) (any, error) { return isKnown(args[0]), nil },
		new(func(number) bool), new(func(date) bool), new(func(text) bool), new(func(flag) bool))
	function("abs", func(args ...any) (any, error) {
		x, _ := asNumber(args[0])
		if x.v < 0 {
			x.v = -x.v
		}
		return x, nil
	}, new(func(number) number))
	function("total", func(args ...any) (any, error) { return totalOf(args[0]) }, new(func([]any) number))
	function("each", func(args ...any) (any, error) { return found{args[0], args[1].(string)}, nil }, new(func([]any, string) found))
	for _, op := range []string{"<", "<=", ">", ">=", "==", "!="} {
		signatures := comparing(op == "==" || op == "!=")
		function(mark+op, func(args ...any) (any, error) { return p.run.compare(op, args[0], args[1]) }, signatures...)
		options = append(options, expr.Operator(op, mark+op))
	}
	for _, op := range []string{"+", "-", "*", "/"} {
		function(mark+op, func(args ...any) (any, error) { return calculated(op, args[0], args[1]) },
			new(func(number, number) number), new(func(number, int) number), new(func(int, number) number), new(func(number, float64) number), new(func(float64, number) number))
		options = append(options, expr.Operator(op, mark+op))
	}
	return options
}

// comparing are the pairs that can be compared.
func comparing(equal bool) []any {
	list := []any{
		new(func(number, number) bool), new(func(number, int) bool), new(func(int, number) bool), new(func(number, float64) bool), new(func(float64, number) bool),
		new(func(date, date) bool), new(func(date, string) bool), new(func(string, date) bool),
	}
	if equal {
		list = append(list, new(func(text, string) bool), new(func(string, text) bool), new(func(text, text) bool),
			new(func(flag, bool) bool), new(func(bool, flag) bool), new(func(flag, flag) bool))
	}
	return list
}

// found is what each gives.
type found struct {
	rows   any
	column string
}

func totalOf(list any) (number, error) {
	sum := number{0, true}
	items, ok := list.([]any)
	if !ok {
		return number{}, fmt.Errorf("total wants a list of numbers, not %T", list)
	}
	for _, x := range items {
		n, ok := asNumber(x)
		if !ok {
			return number{}, errors.New("total wants a list of numbers")
		}
		sum.v, sum.known = sum.v+n.v, sum.known && n.known
	}
	return sum, nil
}

// stepper makes every element of a list that is gone through count as a step.
type stepper struct{}

// Visit wraps the body of what is done for each element.
func (stepper) Visit(node *ast.Node) {
	p, ok := (*node).(*ast.PredicateNode)
	if !ok {
		return
	}
	callee := &ast.IdentifierNode{Value: stepName}
	call := &ast.CallNode{Callee: callee}
	body := &ast.SequenceNode{Nodes: []ast.Node{call, p.Node}}
	for _, n := range []ast.Node{callee, call, body} {
		n.SetLocation(p.Node.Location())
	}
	p.Node = body
}

// examine finds what the types alone do not refuse, and what the expression looks
// at.
func (p *Program) examine(root ast.Node) (file.Location, string) {
	e := &examiner{p: p, depth: map[*ast.PredicateNode]int{}, of: environmentNames(p.shapes)}
	ast.Walk(&root, e)
	if e.problem != "" {
		return e.at, e.problem
	}
	if e.nodes > 3*MaxNodes {
		return root.Location(), fmt.Sprintf("the expression has %d parts with its shorthands written out; at most %d are allowed", e.nodes, 3*MaxNodes)
	}
	p.uses, p.fields = slices.Sorted(maps.Keys(e.uses)), e.fields
	n := root.Nature()
	switch {
	case n.IsBool(), n.Type != nil && n.Type.String() == "alert.found":
		return file.Location{}, ""
	case n.IsArray():
		if elem := n.Elem(new(nature.Cache)); elem.IsString() || elem.IsMap() {
			return file.Location{}, ""
		}
	}
	return root.Location(), fmt.Sprintf("the expression gives %s; want true or false, a list of rows, or a list of texts", plain(n.String()))
}

func environmentNames(shapes []Shape) map[string]string {
	m := map[string]string{}
	for _, s := range shapes {
		m[variable(s.Name)] = s.Name
	}
	return m
}

// examiner walks a checked expression.
type examiner struct {
	p       *Program
	of      map[string]string // asks by variable
	uses    map[string]bool
	fields  []string
	depth   map[*ast.PredicateNode]int
	pending []look // of a body whose list is not seen yet
	nodes   int
	at      file.Location
	problem string
}

func (e *examiner) fault(n ast.Node, format string, args ...any) {
	if e.problem == "" {
		e.at, e.problem = n.Location(), fmt.Sprintf(format, args...)
	}
}

// Visit looks at one part; its own parts come first.
func (e *examiner) Visit(node *ast.Node) {
	e.nodes++
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if ask, ok := e.of[n.Value]; ok {
			if e.uses == nil {
				e.uses = map[string]bool{}
			}
			e.uses[ask] = true
		}
	case *ast.PredicateNode:
		inner := &deepest{of: e.depth}
		ast.Walk(&n.Node, inner)
		e.depth[n] = inner.most + 1
		if e.depth[n] > MaxDepth {
			e.fault(n, "lists are gone through %d deep inside of each other; at most %d are allowed", e.depth[n], MaxDepth)
		}
	case *ast.BinaryNode:
		e.binary(n)
	case *ast.MemberNode:
		e.member(n)
	case *ast.CallNode:
		e.call(n)
	case *ast.BuiltinNode:
		e.listed(n)
		if !slices.Contains(builtins(), n.Name) {
			e.fault(n, "%s cannot be used in rules; want %s", n.Name, strings.Join(builtins(), ", "))
		}
	}
}

// deepest finds the largest depth among lists that were visited.
type deepest struct {
	of   map[*ast.PredicateNode]int
	most int
}

// Visit looks at one part.
func (d *deepest) Visit(node *ast.Node) {
	if p, ok := (*node).(*ast.PredicateNode); ok {
		d.most = max(d.most, d.of[p])
	}
}

// binary refuses operators on what the types leave open: they would compare
// unknown values as if they were known, or grow texts.
func (e *examiner) binary(n *ast.BinaryNode) {
	e.looked(n.Operator, n.Left, n.Right)
	l, r := n.Left.Nature(), n.Right.Nature()
	cache := new(nature.Cache)
	switch n.Operator {
	case "<", "<=", ">", ">=", "==", "!=", "in":
		for _, side := range []ast.Node{n.Left, n.Right} {
			if _, ok := side.(*ast.NilNode); ok {
				e.fault(n, "nothing is nil in rules; want known(...) to ask whether a value is known")
			}
		}
		for _, side := range []*nature.Nature{l, r} {
			if side.IsUnknown(cache) || side.IsAny(cache) {
				e.fault(n, "the type of a side of %s is not known here; go through a list with filter or any to compare its elements", n.Operator)
			}
			if side.Type != nil && strings.HasPrefix(side.Type.String(), "alert.") {
				e.fault(n, "%s cannot be used with %s and %s", n.Operator, plain(l.String()), plain(r.String()))
			}
		}
	case "+":
		if !l.IsNumber() || !r.IsNumber() {
			e.fault(n, "+ adds numbers; %s and %s cannot be added", plain(l.String()), plain(r.String()))
		}
	case "matches":
		if _, ok := n.Right.(*ast.StringNode); !ok {
			e.fault(n, "the pattern of matches is not written out")
		}
	}
}

// member notes fields of elements and figures that are named outright.
func (e *examiner) member(n *ast.MemberNode) {
	field, ok := n.Property.(*ast.StringNode)
	if !ok {
		return
	}
	if ofElement(n.Node) && !slices.Contains(e.fields, field.Value) {
		e.fields = append(e.fields, field.Value)
	}
	part, ok := n.Node.(*ast.MemberNode)
	if !ok {
		return
	}
	what, _ := part.Property.(*ast.StringNode)
	of, _ := part.Node.(*ast.IdentifierNode)
	if before, ok := part.Node.(*ast.MemberNode); ok { // circularity.before.summary.ci
		if p, ok := before.Property.(*ast.StringNode); ok && p.Value == "before" {
			of, _ = before.Node.(*ast.IdentifierNode)
		}
	}
	if what == nil || of == nil || e.of[of.Value] == "" || what.Value != "summary" && what.Value != "figures" {
		return
	}
	m := mention{e.of[of.Value], field.Value, what.Value == "figures"}
	if !slices.Contains(e.p.mentions, m) {
		e.p.mentions = append(e.p.mentions, m)
	}
	if !m.path {
		return
	}
	first, _, _ := strings.Cut(m.name, "/")
	i := slices.IndexFunc(e.p.shapes, func(s Shape) bool { return s.Name == m.ask })
	var names []string
	for _, c := range e.p.shapes[i].Analysis.Summary {
		names = append(names, c.Name)
	}
	if !slices.Contains(names, first) {
		e.fault(field, "no figure of %s begins with %s; want one of %s", m.ask, first, strings.Join(names, ", "))
	}
}

// ofElement tells whether a node is an element of a list, or a side of one that
// changed.
func ofElement(n ast.Node) bool {
	if side, ok := n.(*ast.MemberNode); ok {
		if name, ok := side.Property.(*ast.StringNode); ok && (name.Value == "before" || name.Value == "after") {
			n = side.Node
		}
	}
	_, ok := n.(*ast.PointerNode)
	return ok
}

// call checks the columns of each and dates that are written out.
func (e *examiner) call(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return
	}
	switch {
	case callee.Value == "each":
		column, ok := n.Arguments[1].(*ast.StringNode)
		if !ok {
			e.fault(n, "the column of each is not written out")
			return
		}
		cache := new(nature.Cache)
		elem := n.Arguments[0].Nature().Elem(cache)
		if field, ok := elem.Get(cache, column.Value); !ok || !field.IsString() {
			e.fault(column, "the rows have no column %s that is a text", column.Value)
		}
	case strings.HasPrefix(callee.Value, mark) && len(n.Arguments) == 2:
		e.looked(strings.TrimPrefix(callee.Value, mark), n.Arguments[0], n.Arguments[1])
		for i, a := range n.Arguments {
			other := n.Arguments[1-i].Nature()
			if s, ok := a.(*ast.StringNode); ok && other.Type != nil && other.Type.String() == "alert.date" {
				if _, err := graph.ParseDate(s.Value); err != nil {
					e.fault(a, "%q is not a date; want 2026, 2026-01 or 2026-01-31", s.Value)
				}
			}
		}
	}
}

// judging is one pass of a judgement.
type judging struct {
	ctx     context.Context
	guess   guess
	steps   int
	unknown int
}

// guess is what comparisons with an unknown value give in one pass.
type guess uint8

const (
	never guess = iota
	always
	odd // the first, the third, ...
	even
)

// errSteps says that a rule takes too much.
var errSteps = fmt.Errorf("it takes more than %d steps; go through fewer lists inside of each other", MaxSteps)

func (j *judging) step() error {
	j.steps++
	if j.steps > MaxSteps {
		return errSteps
	}
	if j.steps%1024 == 0 {
		return j.ctx.Err()
	}
	return nil
}

func (j *judging) compare(op string, a, b any) (bool, error) {
	if err := j.step(); err != nil {
		return false, err
	}
	order, known, err := compared(a, b)
	if err != nil {
		return false, err
	}
	if !known {
		j.unknown++
		return j.guess == always || j.guess == odd && j.unknown%2 == 1 || j.guess == even && j.unknown%2 == 0, nil
	}
	switch op {
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	case ">=":
		return order >= 0, nil
	case "==":
		return order == 0, nil
	}
	return order != 0, nil
}
