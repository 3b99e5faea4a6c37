package neo4jstore

import (
	"slices"
	"strconv"
	"strings"
)

// The rules of ad-hoc statements. The first look is at the text alone, because
// the plan that Neo4j shows leaves out subqueries inside expressions. The second
// is at that plan, because it knows what the text only suggests. The transaction
// is one that may only read in any case.

// allowedProcedures only tell of labels, types, properties and indexes, or
// search them.
func allowedProcedures() []string {
	return []string{
		"db.labels", "db.relationshiptypes", "db.propertykeys", "db.ping", "db.info",
		"db.schema.nodetypeproperties", "db.schema.reltypeproperties",
		"db.index.fulltext.querynodes", "db.index.fulltext.queryrelationships", "db.index.fulltext.listavailableanalyzers",
		"db.index.vector.querynodes", "db.index.vector.queryrelationships", "dbms.components",
	}
}

// allowedFunctions are the namespaces of the functions that Neo4j itself brings.
// Those of plugins can reach files and the network; they all have a namespace.
func allowedFunctions() []string {
	return []string{"date", "datetime", "duration", "localdatetime", "localtime", "time", "point", "vector.similarity"}
}

// firstWords begin the statements that may be run.
func firstWords() []string {
	return []string{"MATCH", "OPTIONAL", "WITH", "UNWIND", "RETURN", "CALL", "SHOW"}
}

// writingWords begin clauses that write.
func writingWords() []string {
	return []string{"CREATE", "MERGE", "DELETE", "DETACH", "NODETACH", "SET", "REMOVE", "FOREACH", "INSERT", "DROP"}
}

// shown is what SHOW may show.
func shown() []string {
	return []string{"INDEX", "INDEXES", "CONSTRAINT", "CONSTRAINTS", "PROCEDURE", "PROCEDURES", "FUNCTION", "FUNCTIONS"}
}

// ownPrefix begins the labels of the program's own nodes.
const ownPrefix = "Roundtrip"

// ownLabel tells whether a label is of nodes that ad-hoc statements do not see.
// A place stands for a company without a record and belongs to the graph.
func ownLabel(name string) bool { return strings.HasPrefix(name, ownPrefix) && name != placeLabel }

// mostIterations is the largest range that an expression may work through.
// Neo4j cannot end a statement while it does.
const mostIterations = 1_000_000

// checkText looks at the text of a statement, with the parameters as the driver
// gets them.
func checkText(text string, params map[string]any) error {
	list, err := tokens(text)
	if err != nil {
		return err
	}
	for len(list) > 0 && list[len(list)-1].is(";") {
		list = list[:len(list)-1]
	}
	if len(list) == 0 {
		return refusal("empty", "the statement is empty")
	}
	if err := checkStart(list); err != nil {
		return err
	}
	r := reader{list: list, params: params}
	for i := range list {
		if err := r.check(i); err != nil {
			return err
		}
	}
	return r.checkLoops(r.bulky())
}

func checkStart(list []token) error {
	first := strings.ToUpper(list[0].text)
	switch {
	case list[0].kind == wordToken && (first == "EXPLAIN" || first == "PROFILE"):
		return refusal("start", "the statement begins with %s; ask for its plan by the option explain instead", first)
	case list[0].kind == wordToken && slices.Contains(writingWords(), first):
		return refusal("write", "the statement begins with %s, which writes; only statements that read are run", first)
	case list[0].kind != wordToken || !slices.Contains(firstWords(), first):
		return refusal("start", "the statement begins with %s; want one of %s", list[0].text, strings.Join(firstWords(), ", "))
	case first == "SHOW" && !slices.ContainsFunc(list[1:min(4, len(list))], func(t token) bool {
		return t.kind == wordToken && slices.Contains(shown(), strings.ToUpper(t.text))
	}):
		return refusal("command", "SHOW is allowed for indexes, constraints, procedures and functions only")
	}
	return nil
}

// reader goes through the tokens of a statement.
type reader struct {
	list   []token
	params map[string]any
	stack  []frame // what is open
}

// frame is a bracket or a CASE that is open.
type frame struct {
	closing string
	// hides tells that the plan does not show subqueries in it.
	hides bool
}

// at is a token, or none outside the statement.
func (r *reader) at(i int) token {
	if i < 0 || i >= len(r.list) {
		return token{kind: signToken}
	}
	return r.list[i]
}

// keyword tells whether the token can be that keyword: it stands neither for a
// property, nor a label, nor a parameter.
func (r *reader) keyword(i int, word string) bool {
	before := r.at(i - 1)
	return r.at(i).kind == wordToken && r.at(i).is(word) && !before.is(".") && !before.is(":") && !before.is("$")
}

func (r *reader) check(i int) error {
	t := r.at(i)
	switch {
	case t.is(";"):
		return refusal("several", "a semicolon ends the statement before its end; want one statement at a time")
	case t.name() && ownLabel(t.text):
		return refusal("own", "%s is a label of the program's own records, which statements do not see", t.text)
	case t.is("$") && (r.at(i+1).is("(") || r.at(i+2).is("(") && (r.at(i+1).is("any") || r.at(i+1).is("all"))):
		return refusal("dynamic", "labels and types that are computed, $(...), are not allowed; write them out")
	case i > 0 && r.keyword(i, "SHOW") && r.at(i+1).kind == wordToken && !r.at(i+1).is("AS"):
		return refusal("command", "SHOW may only begin a statement, and only once")
	case r.keyword(i, "TERMINATE") && r.at(i+1).kind == wordToken && strings.HasPrefix(strings.ToUpper(r.at(i+1).text), "TRANSACTION"):
		return refusal("command", "TERMINATE is not allowed")
	case r.keyword(i, "LOAD") && r.at(i+1).is("CSV"):
		return refusal("file", "LOAD CSV is not allowed: it lets the database read files and addresses")
	case r.keyword(i, "USE") && (r.at(i+1).kind == quotedToken || r.at(i+1).kind == wordToken && !r.at(i+1).is("AS")):
		return refusal("database", "USE is not allowed: statements run in the database of the graph")
	case (t.is("TRANSACTION") || t.is("TRANSACTIONS")) && (r.at(i-1).is("IN") || r.at(i-1).is("CONCURRENT") || r.at(i-1).kind == numberToken):
		return refusal("transactions", "CALL ... IN TRANSACTIONS is not allowed: a statement runs in one transaction, which only reads")
	case r.keyword(i, "CALL") && r.at(i+1).name():
		return checkProcedure(r.dotted(i + 1))
	case t.name() && !r.at(i-1).is(".") && !r.keyword(i-1, "CALL") && r.at(i+1).is("."):
		return r.checkFunction(i)
	case t.is("range") && r.at(i+1).is("(") && !r.keyword(i-1, "UNWIND"):
		return r.checkRange(i)
	}
	return r.nest(i)
}

// nest keeps book of what is open, and refuses subqueries where the plan would
// not show them.
func (r *reader) nest(i int) error {
	t := r.at(i)
	if len(r.stack) > deepest {
		return refusal("nested", "brackets, braces and CASE are nested more than %d deep", deepest)
	}
	open := func(closing string, hides bool) { r.stack = append(r.stack, frame{closing, hides}) }
	switch {
	case t.is("("):
		before := r.at(i - 1)
		open(")", slices.ContainsFunc([]string{"reduce", "allReduce", "any", "all", "none", "single"}, before.is))
	case t.is("["):
		open("]", true)
	case r.keyword(i, "CASE"):
		open("END", true)
	case t.is("{"):
		before := r.at(i - 1)
		subquery := before.is("EXISTS") || before.is("COUNT") || before.is("COLLECT")
		if subquery && slices.ContainsFunc(r.stack, func(f frame) bool { return f.hides }) {
			return errHidden()
		}
		open("}", false)
	case len(r.stack) > 0 && (t.kind == signToken || r.keyword(i, "END")) && t.is(r.stack[len(r.stack)-1].closing):
		r.stack = r.stack[:len(r.stack)-1]
	}
	return nil
}

func errHidden() error {
	return refusal("hidden", "a subquery, EXISTS { }, COUNT { } or COLLECT { }, inside CASE, a list or reduce is not allowed, "+
		"because the plan does not show what it does; compute it before, by WITH or CALL (x) { }")
}

// dotted is the name with dots that begins at a token, in small letters.
func (r *reader) dotted(i int) string {
	name := strings.ToLower(r.at(i).text)
	for r.at(i+1).is(".") && r.at(i+2).name() {
		i += 2
		name += "." + strings.ToLower(r.at(i).text)
	}
	return name
}

func checkProcedure(name string) error {
	if slices.Contains(allowedProcedures(), strings.ToLower(name)) {
		return nil
	}
	return refusal("procedure", "the procedure %s is not allowed; allowed are %s", name, strings.Join(allowedProcedures(), ", "))
}

// checkFunction refuses calls of functions with a namespace that is not Neo4j's.
func (r *reader) checkFunction(i int) error {
	end := i
	for r.at(end+1).is(".") && r.at(end+2).name() {
		end += 2
	}
	if !r.at(end + 1).is("(") {
		return nil // a property
	}
	name := r.dotted(i)
	space := name[:strings.LastIndexByte(name, '.')]
	if slices.Contains(allowedFunctions(), space) {
		return nil
	}
	return refusal("function", "the function %s is not one that Neo4j itself brings; functions of plugins are not allowed", name)
}

// checkRange looks at the arguments of the range() at a token.
func (r *reader) checkRange(start int) error {
	bad := refusal("range", "range() outside UNWIND takes whole numbers up to %d, parameters, size(...) or length(...), with + and - between them, as bounds, "+
		"and names where it is cut, range(1, n)[..1000], because Neo4j cannot end a statement that works through a long list inside an expression", mostIterations)
	named := false
	i := start + 2
	for ; !r.at(i).is(")"); i++ {
		t := r.at(i)
		switch {
		case t.is(",") || t.is("+") || t.is("-"):
		case t.kind == numberToken:
			if largeNumber(t) {
				return bad
			}
		case t.is("$") && r.at(i+1).name():
			i++
			if n, ok := r.params[r.at(i).text].(int64); r.params[r.at(i).text] != nil && (!ok || n > mostIterations || n < -mostIterations) {
				return bad
			}
		case t.kind == wordToken && slices.ContainsFunc([]string{",", "+", "-", ")"}, r.at(i+1).is):
			named = true
		case (t.is("size") || t.is("length")) && r.at(i+1).is("("):
			depth := 0
			for i++; i < len(r.list); i++ {
				if r.at(i).is("(") {
					depth++
				}
				if r.at(i).is(")") {
					depth--
				}
				if depth == 0 {
					break
				}
			}
		default:
			return bad
		}
	}
	if named && (!r.at(i+1).is("[") || r.sliceLength(start, r.closing(i+1)+1) == mostIterations) {
		return bad
	}
	return nil
}

// largeNumber tells whether a token is a number that no range may reach.
func largeNumber(t token) bool {
	n, err := strconv.Atoi(t.text)
	return t.kind == numberToken && (err != nil || n > mostIterations)
}
