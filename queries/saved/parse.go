package saved

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"roundtrip/graph/scenario"
	"roundtrip/queries"
)

// Parse reads a saved query from YAML or JSON and checks it against the
// analyses that there are. file names the text in faults; it may be "". The error
// is scenario.Faults: every fault at once, each with its place. Whether ids are
// known in a graph is found when it runs.
func Parse(catalogue queries.Catalogue, file string, text []byte) (*Query, error) {
	t, root := scenario.ReadText(file, "saved query", "name and request, or name and cypher", text)
	r := &reader{Text: t, text: text, catalogue: catalogue}
	q := &Query{}
	if root.Given() {
		r.query(root, q)
	}
	if err := t.Err(); err != nil {
		return nil, err
	}
	return q, nil
}

type reader struct {
	*scenario.Text
	text      []byte
	catalogue queries.Catalogue
}

func (r *reader) query(root scenario.Value, q *Query) {
	got := r.Object(root, Head())
	q.Name, q.Title, q.Question, q.Note = r.Text.Text(got["name"]), r.Text.Text(got["title"]), r.Text.Text(got["question"]), r.Text.Text(got["note"])
	switch name := q.Name; {
	case name == "":
	case !scenario.ValidName(name):
		r.Fault(got["name"], name, scenario.CodeMalformed, "%q is not a name; want at most 80 lower-case letters, digits and hyphens between them", name)
	case name == "import" || name == "export":
		r.Fault(got["name"], name, scenario.CodeNotAllowed, "%q names a command of saved queries; want another name", name)
	}
	q.Tags = r.List(got["tags"])
	for _, tag := range q.Tags {
		if !scenario.ValidName(tag) {
			r.Fault(got["tags"], tag, scenario.CodeMalformed, "%q is not a tag; want at most 80 lower-case letters, digits and hyphens between them", tag)
		}
	}
	if len(q.Tags) > maxTags {
		r.Fault(got["tags"], "", scenario.CodeNotAllowed, "has %d tags; at most %d are allowed", len(q.Tags), maxTags)
	}
	request, cypher, parameters := got["request"], got["cypher"], got["parameters"]
	switch {
	case !root.IsMapping():
		return
	case request.Given() && cypher.Given():
		r.Fault(cypher, "", scenario.CodeShape, "stands beside request; want one of them")
	case !request.Given() && !cypher.Given():
		r.Fault(root, "", scenario.CodeMissing, "has nothing to ask; want request or cypher")
	}
	if request.Given() {
		q.Request = r.request(request)
		if parameters.Given() && !cypher.Given() {
			r.Fault(parameters, "", scenario.CodeShape, "are for a statement; a request has params")
		}
	}
	q.Cypher = r.Text.Text(cypher)
	items := r.Items(parameters, "parameters")
	for i, item := range items {
		if i == maxParameters {
			r.Fault(parameters, "", scenario.CodeNotAllowed, "has more than %d parameters", maxParameters)
			break
		}
		q.Parameters = append(q.Parameters, r.parameter(item, q.Parameters))
	}
	if cypher.Given() && !request.Given() {
		r.statement(cypher, items, q)
	}
}

func (r *reader) request(v scenario.Value) *Request {
	got := r.Object(v, RequestKeys())
	req := &Request{Analysis: r.Text.Text(got["analysis"]), Compare: r.Flag(got["compare"])}
	var a *queries.Analysis
	if req.Analysis != "" {
		var err error
		if a, err = r.catalogue.Find(req.Analysis); err != nil {
			r.Fault(got["analysis"], req.Analysis, scenario.CodeNotAllowed, "%s; there are %s", err, strings.Join(r.catalogue.Names(), ", "))
		}
	}
	at := map[string]scenario.Value{}
	req.Lens = r.part(got["lens"], queries.LensParams(), at)
	if a != nil {
		req.Params = r.part(got["params"], a.Params, at)
	}
	for _, p := range queries.RequestParams() {
		if v, ok := got[p.Name]; ok {
			at[p.Name] = v
			req.Rest = append(req.Rest, Arg{p, r.Text.Text(v)})
		}
	}
	if req.Compare && !got["scenario"].Given() {
		r.Fault(got["compare"], "", scenario.CodeMissing, "needs a scenario to compare with")
	}
	if a == nil {
		return req
	}
	lens, params, rest := a.CheckArgs(argsOf(req.Lens), argsOf(req.Params), argsOf(req.Rest))
	for _, bad := range slices.Concat(lens, params, rest) {
		where, ok := at[bad.Name]
		if !ok {
			where = v
		}
		r.Fault(where, bad.Given, scenario.CodeNotAllowed, "%s", bad.Problem)
	}
	return req
}

// part reads the arguments of a mapping in declared order and notes where each
// stands.
func (r *reader) part(v scenario.Value, params []queries.Param, at map[string]scenario.Value) []Arg {
	if !v.Given() {
		return nil
	}
	var list []Arg
	got := r.Object(v, keysOf(params))
	for _, p := range params {
		v, ok := got[p.Name]
		if !ok {
			continue
		}
		at[p.Name] = v
		list = append(list, Arg{p, r.value(v, p.Type == "list")})
	}
	return list
}

// value is a single value, or a list where one is allowed.
func (r *reader) value(v scenario.Value, list bool) any {
	if !list {
		return r.Text.Text(v)
	}
	var items []string
	for _, item := range r.List(v) {
		if v.IsList() && strings.Contains(item, ",") {
			r.Fault(v, item, scenario.CodeMalformed, "%q has a comma, which would make two of it", item)
		}
		for part := range strings.SplitSeq(item, ",") {
			items = append(items, strings.TrimSpace(part))
		}
	}
	return items
}

var parameterName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)

func (r *reader) parameter(v scenario.Value, before []Parameter) Parameter {
	keys := ParameterKeys()
	got := r.Object(v, keys)
	p := Parameter{
		Name: r.Text.Text(got["name"]), Type: Type(r.Choice(got["type"], keys[1])),
		Description: r.Text.Text(got["description"]), Refs: r.Choice(got["refs"], keys[4]),
	}
	switch name := got["name"]; {
	case p.Name == "":
	case !parameterName.MatchString(p.Name):
		r.Fault(name, p.Name, scenario.CodeMalformed, "%q is not the name of a parameter; want a letter, then letters, digits and _, at most 80", p.Name)
	case p.Name == "revision":
		r.Fault(name, p.Name, scenario.CodeNotAllowed, "revision is filled in: the revision that the graph is at")
	case p.Name == "format":
		r.Fault(name, p.Name, scenario.CodeNotAllowed, "format asks for the form of an answer; want another name")
	case slices.ContainsFunc(before, func(b Parameter) bool { return b.Name == p.Name }):
		r.Fault(name, p.Name, scenario.CodeKeyTwice, "is declared twice; want it once")
	}
	value, ok := got["default"]
	if !ok || p.Type == "" {
		return p
	}
	switch {
	case p.Type == ListType && value.IsList() && len(r.Items(value, "values")) == 0:
		p.Default = []string{}
	case p.Type == ListType:
		p.Default = r.value(value, true)
	default:
		p.Default = r.Text.Text(value)
		if value.IsList() { // which is a fault already
			return p
		}
	}
	if _, err := p.read(p.Default); err != nil {
		r.Fault(value, "", scenario.CodeMalformed, "%s", err)
	}
	return p
}

// tokens are what of a statement may hold a $ that is no parameter, and
// parameters.
var tokens = regexp.MustCompile("//[^\n]*|/\\*(?s:.*?)\\*/|'(?:[^'\\\\]|\\\\(?s:.))*'|\"(?:[^\"\\\\]|\\\\(?s:.))*\"|\\$`[^`]*`|`[^`]*`|\\$\\w+")

// uses are the parameters of a statement in order of their first use.
func uses(cypher string) []string {
	var names []string
	for _, token := range tokens.FindAllString(cypher, -1) {
		if name, ok := strings.CutPrefix(token, "$"); ok && !slices.Contains(names, strings.Trim(name, "`")) {
			names = append(names, strings.Trim(name, "`"))
		}
	}
	return names
}

// statement compares what a statement uses with what is declared.
func (r *reader) statement(cypher scenario.Value, items []scenario.Value, q *Query) {
	used := uses(q.Cypher)
	var declared []string
	for i, p := range q.Parameters {
		declared = append(declared, p.Name)
		if parameterName.MatchString(p.Name) && p.Name != "revision" && !slices.Contains(used, p.Name) {
			r.Fault(items[i], p.Name, scenario.CodeUnknownKey, "%s is declared and the statement does not use it", p.Name)
		}
	}
	for _, name := range used {
		if name == "revision" || slices.Contains(declared, name) {
			continue
		}
		line, column := r.find(cypher.Line(), "$"+name)
		near := ""
		if n := queries.Nearest(name, declared); n != "" {
			near = "; did you mean $" + n + "?"
		}
		r.FaultAt(cypher, line, column, "$"+name, scenario.CodeUnknownID, "$%s is not declared under parameters%s", name, near)
	}
}

// find is the place of a word at or below a line of the text.
func (r *reader) find(line int, word string) (l, column int) {
	for i, text := range bytes.Split(r.text, []byte("\n")) {
		if at := bytes.Index(text, []byte(word)); i+1 >= line && at >= 0 {
			return i + 1, len([]rune(string(text[:at]))) + 1
		}
	}
	return line, 1
}
