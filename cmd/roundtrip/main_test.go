package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roundtrip/queries/library"
)

// program runs the program with a data directory of its own.
type program struct {
	t   *testing.T
	dir string
}

func newProgram(t *testing.T) program { return program{t, filepath.Join(t.TempDir(), "data")} }

func (p program) run(args ...string) (code int, out, errs string) {
	p.t.Helper()
	var o, e bytes.Buffer
	code = run(p.t.Context(), append([]string{"--data", p.dir}, args...), streams{in: strings.NewReader(""), out: &o, err: &e})
	return code, o.String(), e.String()
}

// fine runs the program and wants code 0.
func (p program) fine(args ...string) string {
	p.t.Helper()
	code, out, errs := p.run(args...)
	if code != exitFine {
		p.t.Fatalf("roundtrip %s ends with %d:\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

func (p program) write(name, text string) string {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
	return path
}

func TestCoverageOfTheAmazonPromiseInDecember2025(t *testing.T) {
	out := newProgram(t).fine("analyze", "coverage", "--as-of", "2025-12-16", "--companies", "amazon,openai")
	for _, want := range []string{"26.3 %", "$28.0bn has\nno visible source", "openai  f_oai_aws38  amazon  $38.0bn  $10.0bn"} {
		if !strings.Contains(out, want) {
			t.Errorf("the answer lacks %q:\n%s", want, out)
		}
	}
}

func TestEveryAnalysisAnswersInEveryFormat(t *testing.T) {
	p := newProgram(t)
	for _, a := range library.All() {
		for _, format := range formatNames() {
			args := []string{"analyze", a.Name, "--as-of", "2025-12-16", "--format", format}
			for name, value := range a.Example { // such as the ends of paths, which must be named
				args = append(args, "--"+name, value.(string))
			}
			out := p.fine(args...)
			if format == "json" && !json.Valid([]byte(out)) {
				t.Errorf("%s is not JSON: %s", a.Name, out)
			}
			if format == "ndjson" {
				for line := range strings.Lines(out) {
					if !json.Valid([]byte(line)) {
						t.Errorf("a line of %s is not JSON: %s", a.Name, line)
					}
				}
			}
			if format != "csv" && !strings.Contains(out, "2025-12-16") {
				t.Errorf("%s as %s does not state its lens", a.Name, format)
			}
		}
	}
}

func TestTheSameQuestionGivesTheSameBytes(t *testing.T) {
	p := newProgram(t)
	ask := func() string {
		out := p.fine("analyze", "cycles", "--as-of", "2026-06-30", "--format", "ndjson")
		head, rest, _ := strings.Cut(out, `"elapsed_ms":`)
		return head + rest[strings.IndexByte(rest, ','):]
	}
	if first := ask(); first != ask() {
		t.Error("two runs differ")
	}
}

func TestMistakesOnTheCommandLineEndWithCode2AndHelp(t *testing.T) {
	p := newProgram(t)
	p.fine("analyze", "roundtrips") // loads the shipped data, which it says once
	for _, c := range []struct{ args, want string }{
		{"analyze cycel", "roundtrip: unknown analysis cycel; did you mean cycles?\n"},
		{"analyze", "roundtrip: which analysis?\n"},
		{"analize", "roundtrip: unknown command analize; did you mean analyze?\n"},
		{"analyze cycles --max-hops 13", "roundtrip: --max-hops 13: want a value from 2 to 12\n"},
		{"analyze cycles --min-hops 4 --max-hops 3", "roundtrip: --min-hops 4: "},
		{"analyze cycles --as-of 2025-02-30", `roundtrip: --as-of 2025-02-30: "2025-02-30" is not a date; want YYYY`},
		{"analyze cycles --companies amazn", "roundtrip: --companies amazn: want ids of companies; did you mean amazon"},
		{"analyze cycles --through opnai", "roundtrip: --through opnai: no such company; did you mean openai?\n"},
		{"analyze cycles --maxhops 3", "roundtrip: unknown flag: --maxhops\n"},
		{"analyze cycles --format pdf", `roundtrip: --format: unknown format "pdf"; want one of json, ndjson, csv, md, html, table`},
		{"analyze cycles --engine cypher", "roundtrip: --engine: engine not available: cypher needs a store in Neo4j; this one is embedded\n"},
		{"analyze cycles --fail-on doubt", "roundtrip: --fail-on doubt: want one of rows, truncated, warnings\n"},
		{"--set log.leve=debug config print", "roundtrip: --set log.leve=debug: log.leve is not a setting; did you mean log.level?\n"},
		{"--set log.level=loud config print", "roundtrip: the settings cannot be used:\nlog.level (from flag) is \"loud\": want one of debug, info, warn, error\n"},
		{"export", "roundtrip: accepts 1 arg(s), received 0\n"},
		{"serve --address 0.0.0.0:0", ""},
	} {
		code, _, errs := p.run(strings.Fields(c.args)...)
		if code == exitFine || c.want != "" && (code != exitUsage || !strings.HasPrefix(errs, c.want)) {
			t.Errorf("roundtrip %s ends with %d and says\n%swant 2 and\n%s", c.args, code, errs, c.want)
		}
	}
}

func TestFindingsEndWithCode3WhenAskedFor(t *testing.T) {
	p := newProgram(t)
	if code, _, _ := p.run("analyze", "cycles", "--as-of", "2025-12-16", "--fail-on", "rows"); code != exitFindings {
		t.Errorf("with loops the code is %d", code)
	}
	if code, _, _ := p.run("analyze", "cycles", "--min-bottleneck", "9tn", "--fail-on", "rows"); code != exitFine {
		t.Errorf("without loops the code is %d", code)
	}
}

func TestImportUndoAndExportKeepTheContent(t *testing.T) {
	p := newProgram(t)
	transfers := p.write("payments.csv", "from,to,amount,timestamp\na,b,10,2025-01-01\nb,a,7.50,2025-01-02\n")
	out := p.fine("import", transfers)
	if !strings.Contains(out, "batch b1: 4 added, 0 changed, 0 deleted, 0 unchanged; revision 1") {
		t.Errorf("the import says\n%s", out)
	}
	if out := p.fine("import", transfers); !strings.Contains(out, "nothing changed: all 2 records are in the store already (revision 1)") {
		t.Errorf("the second import says\n%s", out)
	}
	zip := filepath.Join(t.TempDir(), "out.zip")
	p.fine("export", zip)
	copied := newProgram(t)
	copied.fine("import", zip)
	if a, b := hashOf(p), hashOf(copied); a != b || a == "" {
		t.Errorf("the export has content %q, the store %q", b, a)
	}
	p.fine("imports", "undo", "b1")
	if list := p.fine("imports", "list"); !strings.Contains(list, "undoes b1") || !strings.Contains(list, "undone by b2") {
		t.Errorf("the list is\n%s", list)
	}
	if code, _, errs := p.run("imports", "undo", "b9"); code != exitFailed || errs != "roundtrip: there is no batch b9; roundtrip imports list shows them\n" {
		t.Errorf("undoing what is not there ends with %d: %s", code, errs)
	}
}

func hashOf(p program) string {
	_, hash, _ := strings.Cut(p.fine("analyze", "roundtrips", "--format", "json"), `"hash":"`)
	hash, _, _ = strings.Cut(hash, `"`)
	return hash
}

func TestABadFileIsRefusedWithEveryFaultAndNothingIsKept(t *testing.T) {
	p := newProgram(t)
	bad := p.write("flows.csv", "id,from,to,kind,amount_usd\nf1,a,b,loan,-5\nf2,a,b,loam,5\n")
	code, _, errs := p.run("import", bad)
	if code != exitFailed || !strings.Contains(errs, "flows.csv:2: column amount_usd: ") || !strings.Contains(errs, "flows.csv:3: column kind: ") ||
		!strings.Contains(errs, "2 faults; nothing is kept") {
		t.Errorf("the import ends with %d and says\n%s", code, errs)
	}
	if list := p.fine("imports", "list"); strings.Contains(list, "b1") {
		t.Errorf("something was kept:\n%s", list)
	}
	code, out, _ := p.run("validate", bad, "--format", "json")
	var report struct {
		Faults []struct {
			Line   int    `json:"line"`
			Column string `json:"column"`
		} `json:"faults"`
	}
	if err := json.Unmarshal([]byte(out), &report); code != exitFailed || err != nil || len(report.Faults) != 2 || report.Faults[1].Line != 3 {
		t.Errorf("validate ends with %d, %v:\n%s", code, err, out)
	}
}

func TestValidateOfAGoodFileCanFailOnWarnings(t *testing.T) {
	p := newProgram(t)
	good := p.write("flows.csv", "id,from,to,kind\nf1,a,b,loan\n")
	p.fine("validate", good)
	if code, out, _ := p.run("validate", good, "--fail-on", "warnings"); code != exitFindings {
		t.Errorf("the code is %d:\n%s", code, out)
	}
}

func TestConfigPrintMasksThePassword(t *testing.T) {
	out := newProgram(t).fine("--set", "neo4j.password=do-not-show", "config", "print")
	if strings.Contains(out, "do-not-show") || !strings.Contains(out, "ROUNDTRIP_NEO4J_PASSWORD") {
		t.Errorf("settings are\n%s", out)
	}
}

func TestDoctorFindsAHealthyStoreAndABrokenOne(t *testing.T) {
	p := newProgram(t)
	p.fine("analyze", "roundtrips")
	p.fine("--set", "server.address=127.0.0.1:0", "doctor")
	if err := os.WriteFile(filepath.Join(p.dir, "roundtrip.db"), []byte("this is not a database, whatever its name says"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := p.run("--set", "server.address=127.0.0.1:0", "doctor"); code != exitFailed || !strings.Contains(out, "BAD  store sqlite") {
		t.Errorf("doctor ends with %d:\n%s", code, out)
	}
}

func TestServeAnswersAndStopsInOrder(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"--data", t.TempDir(), "serve", "--address", address}, streams{out: &bytes.Buffer{}, err: &errs})
	}()
	for !ready(ctx, address) {
		if ctx.Err() != nil {
			t.Fatal("the service does not become ready")
		}
		time.Sleep(20 * time.Millisecond)
	}
	cancel()
	if code := <-done; code != exitFine {
		t.Errorf("serve ends with %d: %s", code, errs.String())
	}
}

func ready(ctx context.Context, address string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/readyz", address), nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}
