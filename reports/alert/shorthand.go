package alert

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// writer writes shorthands out.
type writer struct {
	shapes []Shape
	at     file.Location
	err    error
}

func isWritten(n ast.Node) bool {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return true
	}
	return false
}

func isZero(n ast.Node) bool {
	switch x := n.(type) {
	case *ast.IntegerNode:
		return x.Value == 0
	case *ast.FloatNode:
		return x.Value == 0
	}
	return false
}

// Visit replaces a call of a shorthand by what it stands for, and refuses a
// division of a number by zero that are both written out: it would be infinite.
func (w *writer) Visit(node *ast.Node) {
	if n, ok := (*node).(*ast.BinaryNode); ok && (n.Operator == "/" || n.Operator == "%") && isZero(n.Right) && isWritten(n.Left) {
		w.fail(n, errors.New("divides by zero"))
		return
	}
	call, ok := (*node).(*ast.CallNode)
	if !ok {
		return
	}
	callee, ok := call.Callee.(*ast.IdentifierNode)
	if !ok {
		return
	}
	i := slices.IndexFunc(shorts(), func(s short) bool { return s.Name == callee.Value })
	if i < 0 {
		return
	}
	s := shorts()[i]
	text, err := w.text(s)
	if err == nil && len(call.Arguments) != len(s.Args) {
		err = fmt.Errorf("%s has %d values; want %s(%s)", s.Name, len(call.Arguments), s.Name, strings.Join(s.Args, ", "))
	}
	var tree *parser.Tree
	if err == nil {
		tree, err = parser.Parse(text)
	}
	if err != nil {
		w.fail(call, err)
		return
	}
	given := map[string]ast.Node{}
	for i, name := range s.Args {
		p := pointers{}
		ast.Walk(&call.Arguments[i], &p)
		if p.some {
			w.fail(call.Arguments[i], fmt.Errorf("%s cannot take a field of an element as %s", s.Name, name))
			return
		}
		given[name] = call.Arguments[i]
	}
	ast.Walk(&tree.Node, placer{call.Location()})
	ast.Walk(&tree.Node, filler{given})
	ast.Patch(node, tree.Node)
}

func (w *writer) fail(n ast.Node, err error) {
	if w.err == nil {
		w.at, w.err = n.Location(), err
	}
}

// text is what a shorthand stands for, with the asks of this schedule.
func (w *writer) text(s short) (string, error) {
	text := s.Text
	for capital, analysis := range analysesOf() {
		if !strings.Contains(text, capital+".") {
			continue
		}
		i := slices.IndexFunc(w.shapes, func(x Shape) bool { return x.Analysis.Name == analysis })
		if i < 0 {
			return "", fmt.Errorf("%s needs an ask of the analysis %s, and the schedule has none", s.Name, analysis)
		}
		text = strings.ReplaceAll(text, capital+".", variable(w.shapes[i].Name)+".")
	}
	return text, nil
}

// pointers finds fields of elements.
type pointers struct{ some bool }

// Visit looks at one part.
func (p *pointers) Visit(node *ast.Node) {
	if _, ok := (*node).(*ast.PointerNode); ok {
		p.some = true
	}
}

// placer puts every part at one place.
type placer struct{ at file.Location }

// Visit moves one part.
func (p placer) Visit(node *ast.Node) { (*node).SetLocation(p.at) }

// filler puts values in the place of names.
type filler struct{ given map[string]ast.Node }

// Visit replaces one part.
func (f filler) Visit(node *ast.Node) {
	if id, ok := (*node).(*ast.IdentifierNode); ok {
		if value := f.given[id.Value]; value != nil {
			*node = value
		}
	}
}
