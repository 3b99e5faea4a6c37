package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roundtrip/config"
	"roundtrip/queries/library"
	"roundtrip/queries/saved"
)

func TestASavedQueryAnswersWhatItsAnalysisAnswers(t *testing.T) {
	p := newProgram(t)
	p.fine("analyze", "roundtrips")    // loads the shipped data, which it says once
	asked := func(out string) string { // without the time that it took
		head, rest, _ := strings.Cut(out, `"elapsed_ms":`)
		return head + strings.TrimLeft(rest, "0123456789.")
	}
	for command, name := range map[string]string{
		"analyze coverage --as-of 2025-12-16 --companies amazon,openai --format json": "amazon-promise",
		"compare standoff --scenario amazon-closes-with-trainium --basis signed":      "trainium-stand-off",
		"analyze circularity --as-of 2026-06-30 --draws 1000 --seed 1 --format csv":   "how-sure",
	} {
		args := []string{"query", "run", name}
		if i := strings.Index(command, " --format "); i > 0 {
			args = append(args, strings.Fields(command[i:])...)
		}
		if got, want := p.fine(args...), p.fine(strings.Fields(command)...); asked(got) != asked(want) {
			t.Errorf("query run %s prints\n%s\nbut %s\n%s", name, got, command, want)
		}
	}
	if got, want := p.fine("query", "run", "biggest-loops", "--param", "limit=2", "--param", "as-of=2026-06-30", "--format", "csv"),
		p.fine("analyze", "cycles", "--limit", "2", "--as-of", "2026-06-30", "--format", "csv"); got != want {
		t.Errorf("with other arguments it prints\n%s\nwant\n%s", got, want)
	}
}

func TestQueriesLiveInAFolderOfFiles(t *testing.T) {
	p := newProgram(t)
	folder := filepath.Join(t.TempDir(), "questions")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	loops := "# Kept.\nname: loops\ntags:   [mine]\nrequest: {analysis: cycles, params: {limit: 2}}\n"
	write("loops.yaml", loops)
	write("pays.yaml", "name: pays\ncypher: RETURN $x\nparameters:\n  - {name: x, type: text}\n")
	if got, want := p.fine("query", "import", folder, "--dry-run"), "2 new: loops, pays\n"; got != want {
		t.Errorf("a dry run says %q, want %q", got, want)
	}
	p.fine("query", "import", folder)
	if got, want := p.fine("query", "import", folder), "2 unchanged: loops, pays\n"; got != want {
		t.Errorf("once more it says %q, want %q", got, want)
	}
	if got := p.fine("query", "show", "loops"); got != loops {
		t.Errorf("show prints %q", got)
	}
	if got, want := p.fine("query", "list", "--tag", "mine"), "NAME   ASKS    FROM   TAGS  TITLE\nloops  cycles  saved  mine  \n"; got != want {
		t.Errorf("the list is\n%swant\n%s", got, want)
	}

	write("bad.yaml", "name: bad\nrequest:\n  analysis: cycles\n  params: {max_hop: 3}\n")
	write("loops.yaml", strings.Replace(loops, "limit: 2", "limit: 3", 1))
	code, _, errs := p.run("query", "import", folder)
	if want := "roundtrip: nothing is kept:\n" + filepath.Join(folder, "bad.yaml") + ":4:12: request.params.max_hop: no such key; did you mean max_hops?"; code != exitUsage || !strings.HasPrefix(errs, want) {
		t.Errorf("a bad file ends with %d and\n%s\nwant\n%s", code, errs, want)
	}
	if got := p.fine("query", "show", "loops"); got != loops {
		t.Errorf("something of a bad folder was kept: %q", got)
	}

	out := filepath.Join(t.TempDir(), "out")
	if got, want := p.fine("query", "export", out), "2 new: loops.yaml, pays.yaml\n"; got != want {
		t.Errorf("an export says %q, want %q", got, want)
	}
	p.fine("query", "save", filepath.Join(folder, "loops.yaml"))
	p.fine("query", "delete", "pays")
	if got, want := p.fine("query", "export", out), "1 changed: loops.yaml\n"; got != want {
		t.Errorf("the next export says %q, want %q", got, want)
	}
	if text, err := os.ReadFile(filepath.Join(out, "pays.yaml")); err != nil || !strings.Contains(string(text), "RETURN $x") {
		t.Errorf("an export removes nothing, but pays.yaml is %q, %v", text, err)
	}
}

func TestMistakesWithSavedQueriesSayWhatIsAllowed(t *testing.T) {
	p := newProgram(t)
	p.fine("query", "list") // loads the shipped data
	statement := p.write("s.yaml", "name: s\ncypher: RETURN 1\n")
	p.fine("query", "save", statement)
	for _, c := range []struct{ args, want string }{
		{"query run amazon-promis", `roundtrip: no query is named "amazon-promis"; did you mean amazon-promise?` + "\n"},
		{"query run amazon-promise --param as_of=soon", `roundtrip: --param as_of=soon: "soon" is not a date; want YYYY`},
		{"query run amazon-promise --param companies=amazn", "roundtrip: --param companies=amazn: want ids of companies; did you mean amazon"},
		{"query run amazon-promise --param as-of", "roundtrip: --param as-of: want name=value, such as as_of=2026-06-30\n"},
		{"query run amazon-promise --param buyer=a --param buyer=b", "roundtrip: --param buyer: is given twice\n"},
		{"query run amazon-promise --format pdf", "roundtrip: --format: unknown format"},
		{"query run s", "roundtrip: the embedded store runs no Cypher; statements need a store in Neo4j"},
		{"query run s --format md", "roundtrip: --format md: want one of table, json, csv\n"},
		{"query run browser-cycles", "roundtrip: the embedded store runs no Cypher"},
		{"query delete how-sure", "roundtrip: query how-sure is built in and cannot be written; choose another name\n"},
		{"query delete nothing", `roundtrip: no query is named "nothing"`},
		{"query import " + t.TempDir(), "roundtrip: nothing is kept:\nthere is no file named *.yaml or *.yml\n"},
		{"query import nowhere", "roundtrip: stat nowhere: no such file or directory\n"},
		{"query save " + p.write("k.yaml", "name: browser-mine\ncypher: RETURN 1\n"), "roundtrip: query browser-mine cannot be written: names that begin with browser- are kept"},
		{"query check " + p.write("c.yaml", "name: c\nrequest: {analysis: cycles, lens: {companies: [opnai]}}\n"), "roundtrip: --param companies=opnai: want ids of companies; did you mean openai"},
	} {
		code, _, errs := p.run(strings.Fields(c.args)...)
		if code != exitUsage || !strings.HasPrefix(errs, c.want) {
			t.Errorf("roundtrip %s ends with %d and says\n%swant 2 and\n%s", c.args, code, errs, c.want)
		}
	}
	for file, want := range map[string]string{
		statement: "s: the form is right; the statement was not tried, because the store is embedded\n",
		p.write("ok.yaml", "name: ok\nrequest: {analysis: cycles, lens: {companies: [openai, amazon]}}\n"): "ok: the form is right; its ids are known in the graph\n",
		p.write("paths.yaml", "name: open\nrequest: {analysis: paths, params: {to: openai}}\n"):            "open: the form is right; whoever runs it has to give more; nothing was asked of the graph\n",
	} {
		if got := p.fine("query", "check", file); got != want {
			t.Errorf("check says %q, want %q", got, want)
		}
	}
}

func TestSavedStatementsRunInNeo4j(t *testing.T) {
	p := newOnNeo4j(t)
	fine := func(args ...string) string {
		t.Helper()
		code, out, errs := p.run("", args...)
		if code != exitFine {
			t.Fatalf("%v ends with %d: %s", args, code, errs)
		}
		return out
	}
	const file = "../../queries/saved/testdata/payments-of.yaml" // the example of the docs
	if got, want := fine("query", "check", file), "payments-of: the form is right; the statement was not tried, because it needs parameters\n"; got != want {
		t.Errorf("check says %q, want %q", got, want)
	}
	fine("query", "save", file)
	// What coverage says of the same day on either engine, see docs/questions.md.
	want := "payee,leg,cents\noracle,f_oai_orcl300,30000000000000\nmicrosoft,f_oai_ms_azure250,25000000000000\n"
	if got := fine("query", "run", "payments-of", "--param", "payer=openai", "--param", "rows=2", "--format", "csv"); got != want {
		t.Errorf("it answers\n%swant\n%s", got, want)
	}
	if got := fine("query", "run", "payments-of", "--param", "payer=openai", "--param", "day=2025-09", "--param", "least=300bn", "--format", "csv"); got != "payee,leg,cents\noracle,f_oai_orcl300,30000000000000\n" {
		t.Errorf("with other values it answers\n%s", got)
	}
	if code, _, errs := p.run("", "query", "run", "payments-of"); code != exitUsage || !strings.HasPrefix(errs, "roundtrip: --param payer=: is missing; want a value of type text: The company that pays\n") {
		t.Errorf("without its parameter it ends with %d and %s", code, errs)
	}

	// Every script of the Browser kit passes the rules of statements. That they all
	// run is tested with the kit.
	l, err := config.Load(config.Source{Env: append(p.env(), "ROUNDTRIP_CYPHER_TIMEOUT=2m")})
	if err != nil {
		t.Fatal(err)
	}
	store, err := openStore(t.Context(), l.Config, newLogger(l.Log, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	defer store.closeAfter(&err)
	shelf, err := newQueries(l.Config, store, newKit)
	if err != nil {
		t.Fatal(err)
	}
	kit, err := shelf.List(t.Context(), saved.Filter{Tag: "browser-kit"})
	if err != nil {
		t.Fatal(err)
	}
	named := func(name string) bool {
		return slices.ContainsFunc(kit, func(f saved.Found) bool { return f.Name == name })
	}
	for _, a := range library.All() {
		if a.HasTwin && (!named("browser-"+a.Name) || !named("browser-"+a.Name+"-drawn")) {
			t.Errorf("%s has a twin and no built-in statement", a.Name)
		}
	}
	statements := store.statements(l.Config)
	for _, f := range kit {
		if q, err := saved.Parse(library.All(), "", f.Text); err != nil || q.Cypher != f.Cypher {
			t.Errorf("%s is not read back from its file: %v", f.Name, err)
		}
		r, err := f.Statement(nil, statements.Caps())
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		r.Explain = !slices.Contains([]string{"browser-roundtrips", "browser-coverage-drawn", "browser-leg"}, f.Name)
		if a, err := statements.Ask(t.Context(), r); err != nil || r.Explain != (a.Plan != nil) || !r.Explain && len(a.Rows) == 0 {
			t.Errorf("%s: %v, %d rows", f.Name, err, len(a.Rows))
		}
	}
}
