package saved

import (
	"regexp"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/graph/near"
	"roundtrip/graph/scenario"
	"roundtrip/graph/strictyaml"
	"roundtrip/queries"
)

// Parse reads a saved query from YAML or JSON and checks it against the
// analyses that there are. file names the text in faults; it may be "". The error
// is strictyaml.Faults: every fault at once, each with its place. Whether ids are
// known in a graph is found when it runs.
func Parse(catalogue queries.Catalogue, file string, text []byte) (*Query, error) {
	f := strictyaml.Read(file, text, strictyaml.Form{
		What: "saved query", Holds: "name and request, or name and cypher", Keys: Head(), MaxBytes: graph.MaxDocumentBody,
	})
	r := &reader{catalogue}
	q := &Query{}
	r.query(f.Root(), q)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return q, nil
}

type reader struct{ catalogue queries.Catalogue }

func (r *reader) query(root strictyaml.Value, q *Query) {
	got := root.Object()
	name, tags := got.At("name"), got.At("tags")
	q.Name = name.ID("name", maxName)
	q.Title, q.Question, q.Note = got.At("title").Text(), got.At("question").Text(), got.At("note").Text()
	if q.Name == "import" || q.Name == "export" {
		name.Fault(q.Name, strictyaml.CodeNotAllowed, "%q names a command of saved queries; want another name", q.Name)
	}
	q.Tags = tags.IDs("tag", maxName)
	request, cypher, parameters := got.At("request"), got.At("cypher"), got.At("parameters")
	switch {
	case !root.IsMapping():
		return
	case request.Given() && cypher.Given():
		cypher.Fault("", strictyaml.CodeShape, "stands beside request; want one of them")
	case !request.Given() && !cypher.Given():
		root.Fault("", strictyaml.CodeMissing, "has nothing to ask; want request or cypher")
	}
	if request.Given() {
		q.Request = r.request(request)
		if parameters.Given() && !cypher.Given() {
			parameters.Fault("", strictyaml.CodeShape, "are for a statement; a request has params")
		}
	}
	q.Cypher = cypher.Text()
	items := parameters.Items()
	for _, item := range items {
		q.Parameters = append(q.Parameters, parameter(item, q.Parameters))
	}
	if cypher.Given() && !request.Given() {
		compareUse(cypher, items, q)
	}
}

func (r *reader) request(v strictyaml.Value) *Request {
	got := v.Object()
	analysis, compare := got.At("analysis"), got.At("compare")
	req := &Request{Analysis: analysis.Text(), Compare: compare.Flag()}
	var a *queries.Analysis
	if req.Analysis != "" {
		var err error
		if a, err = r.catalogue.Find(req.Analysis); err != nil {
			analysis.Fault(req.Analysis, strictyaml.CodeNotAllowed, "%s; there are %s", err, strings.Join(r.catalogue.Names(), ", "))
		}
	}
	at := map[string]strictyaml.Value{}
	req.Lens = part(got.At("lens"), queries.LensParams(), at)
	if a != nil {
		req.Params = part(got.At("params"), a.Params, at)
	}
	for _, p := range queries.RequestParams() {
		if v := got.At(p.Name); v.Given() {
			at[p.Name] = v
			req.Rest = append(req.Rest, Arg{p, v.Text()})
		}
	}
	if req.Compare && !got.At("scenario").Given() {
		compare.Fault("", strictyaml.CodeMissing, "needs a scenario to compare with")
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
		where.Fault(bad.Given, strictyaml.CodeNotAllowed, "%s", bad.Problem)
	}
	return req
}

// part reads the arguments of a mapping in declared order and notes where each
// stands.
func part(v strictyaml.Value, params []queries.Param, at map[string]strictyaml.Value) []Arg {
	var list []Arg
	got := v.ObjectOf(keysOf(params))
	for _, p := range params {
		if v := got.At(p.Name); v.Given() {
			at[p.Name] = v
			list = append(list, Arg{p, value(v, p.Type == "list")})
		}
	}
	return list
}

// value is a single value, or a list where one is allowed.
func value(v strictyaml.Value, list bool) any {
	if !list {
		return v.Text()
	}
	var items []string
	for _, item := range v.List() {
		if v.IsList() && strings.Contains(item, ",") {
			v.Fault(item, strictyaml.CodeMalformed, "%q has a comma, which would make two of it", item)
		}
		for part := range strings.SplitSeq(item, ",") {
			items = append(items, strings.TrimSpace(part))
		}
	}
	return items
}

var parameterName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)

func parameter(v strictyaml.Value, before []Parameter) Parameter {
	got := v.Object()
	name, byDefault := got.At("name"), got.At("default")
	p := Parameter{Name: name.Text(), Type: Type(got.At("type").Choice()), Description: got.At("description").Text(), Refs: got.At("refs").Choice()}
	switch {
	case p.Name == "":
	case !parameterName.MatchString(p.Name):
		name.Fault(p.Name, strictyaml.CodeMalformed, "%q is not the name of a parameter; want a letter, then letters, digits and _, at most 80", p.Name)
	case p.Name == "revision":
		name.Fault(p.Name, strictyaml.CodeNotAllowed, "revision is filled in: the revision that the graph is at")
	case p.Name == "format":
		name.Fault(p.Name, strictyaml.CodeNotAllowed, "format asks for the form of an answer; want another name")
	case slices.ContainsFunc(before, func(b Parameter) bool { return b.Name == p.Name }):
		name.Fault(p.Name, strictyaml.CodeKeyTwice, "is declared twice; want it once")
	}
	if !byDefault.Given() || p.Type == "" {
		return p
	}
	switch {
	case p.Type == ListType && byDefault.IsList() && byDefault.Len() == 0:
		p.Default = []string{}
	case p.Type == ListType:
		p.Default = value(byDefault, true)
	default:
		p.Default = byDefault.Text()
		if byDefault.IsList() { // which is a fault already
			return p
		}
	}
	if _, err := p.read(p.Default); err != nil {
		byDefault.Fault("", strictyaml.CodeMalformed, "%s", err)
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

// compareUse compares what a statement uses with what is declared.
func compareUse(cypher strictyaml.Value, items []strictyaml.Value, q *Query) {
	used := uses(q.Cypher)
	var declared []string
	for i, p := range q.Parameters {
		declared = append(declared, p.Name)
		if parameterName.MatchString(p.Name) && p.Name != "revision" && !slices.Contains(used, p.Name) {
			items[i].Fault(p.Name, strictyaml.CodeUnknownKey, "%s is declared and the statement does not use it", p.Name)
		}
	}
	for _, name := range used {
		if name == "revision" || slices.Contains(declared, name) {
			continue
		}
		meant := ""
		if n := near.Name(name, declared); n != "" {
			meant = "; did you mean $" + n + "?"
		}
		cypher.FaultAtWord("$"+name, "$"+name, scenario.CodeUnknownID, "$%s is not declared under parameters%s", name, meant)
	}
}
