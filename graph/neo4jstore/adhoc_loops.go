package neo4jstore

import (
	"slices"
	"strconv"
)

// Neo4j ends a statement between rows, not inside an expression: one that goes
// through a list for each element of another, as a list comprehension in reduce
// does, goes on however long it takes. So the steps of such loops are bounded
// before the statement is sent, from what its text tells of the lengths of lists.
// A list that it does not tell of counts as short while nothing in the statement
// makes more rows than a graph that is small enough for Cypher gives, and as
// long otherwise.

const (
	// mostSteps is how many steps all loops in the expressions of a statement may
	// take for one row, by the lengths that listLength gives: some 5 to 60 seconds
	// where the lists are numbers and what is done for each is little.
	mostSteps = 200_000_000
	// shortList is how long a list of unknown length counts in a statement that
	// makes few rows; in others it is mostIterations.
	shortList = 100
	// manyElements is the length of a range or a parameter that makes many rows.
	manyElements = 10_000
	// manyRows is how many rows a plan expects of a step that makes many.
	manyRows = 100_000
	// mostLoops is how deep loops may stand in each other in a statement that makes
	// many rows, without those over a list of a length that the text tells.
	mostLoops = 2
	// pathLength stands for the length of nodes(p), labels(n) and the like.
	pathLength = 20
	// mostDoublings is how often a statement may add a name to itself, outside
	// reduce. Neo4j does not copy lists that are added, so that sixty of these
	// make one that nothing gets to the end of.
	mostDoublings = 8
)

// checkLoops bounds the loops in the expressions of a statement that makes many
// rows.
func checkLoops(text string, params map[string]any) error {
	list, err := tokens(text)
	if err != nil {
		return err
	}
	r := reader{list: list, params: params}
	return r.checkLoops(true)
}

// bulky tells whether a statement makes many rows by itself: by a range or a
// parameter. What it reads of the graph stands in its plan.
func (r *reader) bulky() bool {
	for _, v := range r.params {
		if list, ok := v.([]any); ok && len(list) > manyElements {
			return true
		}
	}
	for i := range r.list {
		if !r.at(i).is("range") || !r.at(i+1).is("(") {
			continue
		}
		end := r.closing(i + 1)
		if n, told := r.rangeLength(i+2, end); told && n > manyElements || !told && !r.ofSizes(i+2, end) {
			return true
		}
	}
	return false
}

// ofSizes tells whether the bounds of a range are made of sizes and lengths of
// lists and small numbers alone.
func (r *reader) ofSizes(i, end int) bool {
	for ; i < end; i++ {
		t := r.at(i)
		switch {
		case t.is(","), t.is("+"), t.is("-"):
		case t.is("size") && r.at(i+1).is("("), t.is("length") && r.at(i+1).is("("):
			i = r.closing(i + 1)
		case t.is("$"):
			n, ok := r.params[r.at(i+1).text].(int64)
			if !ok || n > manyElements || n < -manyElements {
				return false
			}
			i++
		case t.kind == numberToken:
			if n, err := strconv.Atoi(t.text); err != nil || n > manyElements {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// mostRows is the most rows that a plan expects of one of its steps.
func mostRows(p PlanStep) float64 {
	most := p.Rows
	for _, child := range p.Children {
		most = max(most, mostRows(child))
	}
	return most
}

// checkLoops bounds the loops in the expressions of a statement, which makes many
// rows or few.
func (r *reader) checkLoops(many bool) error {
	c := loops{reader: r, unknown: shortList, deepest: deepest}
	if many {
		c.unknown, c.deepest = mostIterations, mostLoops
	}
	if err := c.walk(0, len(r.list), 1, 0); err != nil {
		return err
	}
	if c.doublings > mostDoublings {
		return refusal("growth", "a name is added to itself %d times, as in l + l; want at most %d, because lists that double again and again have no end", c.doublings, mostDoublings)
	}
	return nil
}

// loops goes through the loops of a statement.
type loops struct {
	*reader
	unknown   int // length that a list counts of which the text does not tell
	deepest   int // nesting of loops over lists like that, and paths
	steps     int
	doublings int
}

// loop is a list comprehension, a pattern comprehension, a predicate over a list
// or reduce, by the places of its tokens.
type loop struct {
	open, head  int // of what stands before the name and IN: the beginning of an accumulator
	list, end   int // of the list, end is behind it; the same for a pattern
	body, close int // of what is done for each element, close is its bracket
	accumulator string
}

// walk looks at the tokens from i to end, which run so many times inside so many
// loops over lists that may be longer than they count.
func (c *loops) walk(i, end, times, depth int) error {
	for ; i < end; i++ {
		if c.doubles(i) {
			c.doublings++
		}
		if times > 1 && c.keyword(i, "IN") {
			if err := c.count(times, c.searched(i+1, end)); err != nil {
				return err
			}
		}
		l, ok := c.loopAt(i)
		if !ok {
			continue
		}
		length, told := c.listLength(l.list, l.end)
		inside := depth
		if !told {
			inside++
		}
		if inside > c.deepest {
			return refusal("loops", "list comprehensions, any(), all(), none(), single() and reduce are nested more than %d deep; %s", c.deepest, instead)
		}
		if err := c.count(times, length); err != nil {
			return err
		}
		for at := l.body; at < l.close; at++ {
			if c.doubles(at) && c.at(at).text == l.accumulator {
				return refusal("growth", "reduce adds %s to itself; a list or a text that doubles again and again has no end. For numbers write 2 * %[1]s", l.accumulator)
			}
		}
		for _, part := range []struct{ from, to, times, depth int }{
			{l.open + 1, l.head, times, depth}, {l.list, l.end, times, depth}, {l.body, l.close, times * max(length, 1), inside},
		} {
			if err := c.walk(part.from, part.to, part.times, part.depth); err != nil {
				return err
			}
		}
		i = l.close
	}
	return nil
}

const instead = "Neo4j cannot end a statement that goes through lists within lists inside an expression. " +
	"Write UNWIND for one of them, or say how long a list is at most: list[..1000], nodes(p), a list as a parameter"

// count adds the steps of a loop that runs so many times over a list.
func (c *loops) count(times, length int) error {
	if length > 0 && times > mostSteps/length {
		c.steps = mostSteps + 1
	} else {
		c.steps += times * length
	}
	if c.steps > mostSteps {
		return refusal("loops", "the loops in the expressions of this statement may take more than %d steps for a row; a list of unknown length counts as %d here. %s",
			mostSteps, c.unknown, instead)
	}
	return nil
}

// loopAt is the loop whose bracket, or word before the bracket, is the token.
func (c *loops) loopAt(i int) (loop, bool) {
	open, name := i, i+1
	word := ""
	switch {
	case c.at(i).is("["):
	case c.at(i+1).is("(") && slices.ContainsFunc([]string{"any", "all", "none", "single", "reduce", "allReduce"}, c.at(i).is):
		open, name, word = i+1, i+2, c.at(i).text
	default:
		return loop{}, false
	}
	l := loop{open: open, head: open, close: c.closing(open)}
	if c.at(name).name() && c.at(name+1).is("=") && word != "" { // the accumulator
		l.accumulator = c.at(name).text
		l.head = c.next(name, l.close, ",")
		name = l.head + 1
	}
	if c.at(name).name() && c.at(name+1).is("IN") && name+1 < l.close {
		l.list = name + 2
		l.end = min(c.next(l.list, l.close, "|"), c.next(l.list, l.close, "WHERE"))
		l.body = l.end
		return l, true
	}
	bar := c.next(open+1, l.close, "|")
	if word == "" && bar < l.close && (c.at(open+1).is("(") || c.at(open+1).name() && c.at(open+2).is("=")) {
		l.list, l.end, l.body = open+1, open+1, open+1 // a pattern
		return l, true
	}
	return loop{}, false
}

// doubles tells whether the name at a place is added to itself, in brackets or
// not.
func (c *loops) doubles(i int) bool {
	name := c.at(i)
	if !name.name() || c.at(i-1).is(".") {
		return false
	}
	for i++; c.at(i).is(")"); i++ {
	}
	if !c.at(i).is("+") {
		return false
	}
	for i++; c.at(i).is("("); i++ {
	}
	return c.at(i).name() && c.at(i).text == name.text && !c.at(i+1).is(".")
}

// closing is the place of the bracket that closes the one at i, the end of the
// statement where there is none.
func (r *reader) closing(i int) int {
	depth := 0
	for ; i < len(r.list); i++ {
		switch t := r.at(i); {
		case t.is("("), t.is("["), t.is("{"):
			depth++
		case t.is(")"), t.is("]"), t.is("}"):
			if depth--; depth <= 0 {
				return i
			}
		}
	}
	return i
}

// next is the first place from i on, outside brackets, that is the word or sign;
// end where there is none.
func (r *reader) next(i, end int, what string) int {
	for ; i < end; i++ {
		switch t := r.at(i); {
		case t.is("("), t.is("["), t.is("{"):
			i = r.closing(i)
		case t.is(what) && (t.kind == signToken || r.keyword(i, what)):
			return i
		}
	}
	return end
}

// listLength is how long the list between two places is at most, where the text
// and the parameters tell; otherwise what it counts as.
func (c *loops) listLength(i, end int) (length int, told bool) {
	first := c.at(i)
	switch {
	case i >= end:
		return c.unknown, false
	case first.is("$") && end == i+2:
		if list, ok := c.params[c.at(i+1).text].([]any); ok {
			return len(list), true
		}
		return 1, true
	case first.is("[") && c.closing(i) == end-1:
		if l, ok := c.loopAt(i); ok {
			return c.listLength(l.list, l.end)
		}
		n := 0
		for at := i + 1; at < end-1; at = c.next(at, end-1, ",") + 1 {
			n++
		}
		return n, true
	case c.at(i+1).is("(") && c.closing(i+1) == end-1:
		if slices.ContainsFunc([]string{"nodes", "relationships", "labels", "keys"}, first.is) {
			return pathLength, false
		}
		if first.is("range") {
			if n, told := c.rangeLength(i+2, end-1); told {
				return n, true
			}
		}
	case c.at(end - 1).is("]"):
		if n := c.sliceLength(i, end); n < mostIterations {
			return n, true
		}
	}
	return c.unknown, false
}

// sliceLength is the length of list[a..b], where b is written or a parameter and
// the list is a name, a property, a call or in brackets: nothing else binds as
// closely.
func (r *reader) sliceLength(i, end int) int {
	at := r.primary(i)
	if at == i || !r.at(at).is("[") || r.closing(at) != end-1 {
		return mostIterations
	}
	dots := r.next(at+1, end-1, ".")
	if n, ok := r.whole(dots+2, end-1); ok && n >= 0 && r.at(dots+1).is(".") {
		return min(n, mostIterations)
	}
	return mostIterations
}

// primary is the place behind the name, property, parameter, call or bracket at
// i; i where there is none.
func (r *reader) primary(i int) int {
	switch {
	case r.at(i).is("$"):
		return i + 2
	case r.at(i).is("("), r.at(i).is("["):
		return r.closing(i) + 1
	case !r.at(i).name():
		return i
	}
	for r.at(i+1).is(".") && r.at(i+2).name() {
		i += 2
	}
	if r.at(i + 1).is("(") {
		return r.closing(i+1) + 1
	}
	return i + 1
}

// rangeLength is the length of range(from, to, step).
func (r *reader) rangeLength(i, end int) (length int, told bool) {
	var bounds []int
	for at := i; at < end; {
		comma := r.next(at, end, ",")
		n, ok := r.whole(at, comma)
		if !ok {
			return 0, false
		}
		bounds = append(bounds, n)
		at = comma + 1
	}
	if len(bounds) < 2 || len(bounds) > 3 {
		return 0, false
	}
	step := 1
	if len(bounds) == 3 {
		step = bounds[2]
	}
	if step == 0 {
		return 0, false // an error
	}
	return max((bounds[1]-bounds[0])/step+1, 0), true
}

// whole is the sum of whole numbers, written or given as parameters, that stands
// between two places.
func (r *reader) whole(i, end int) (sum int, ok bool) {
	for i < end {
		sign := 1
		if r.at(i).is("-") || r.at(i).is("+") && ok {
			if r.at(i).is("-") {
				sign = -1
			}
			i++
		} else if ok {
			return 0, false // two without a sign between them
		}
		n, err := strconv.Atoi(r.at(i).text)
		if ok = err == nil && r.at(i).kind == numberToken && i < end; !ok && r.at(i).is("$") && i+1 < end {
			i++
			var given int64
			given, ok = r.params[r.at(i).text].(int64)
			n = int(given)
		}
		if !ok {
			return 0, false
		}
		sum += sign * n
		i++
	}
	return sum, ok
}

// searched is how many elements IN looks at each time: one where Neo4j keeps what
// it found, which it does for a list that is a name, a property, a parameter or
// written out.
func (c *loops) searched(i, end int) int {
	at := c.primary(i)
	kept := at > i && !c.at(i).is("(") && !c.at(at-1).is(")")
	for at > i && c.at(at).is("[") {
		at, kept = c.closing(at)+1, false
	}
	switch {
	case at < end && c.at(at).is("+"):
		return c.unknown
	case kept:
		return 1
	}
	length, _ := c.listLength(i, at)
	return length
}
