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

	"roundtrip/config"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
	"roundtrip/queries/adhoc"
	"roundtrip/queries/library"
)

// onNeo4j runs the program on a Neo4j with the shipped data.
type onNeo4j struct {
	t      *testing.T
	server neo4jtest.Server
}

func newOnNeo4j(t *testing.T) onNeo4j {
	t.Helper()
	p := onNeo4j{t, neo4jtest.Start(t)}
	p.server.Wipe(t)
	if code, _, errs := p.run("", "analyze", "roundtrips"); code != exitFine { // loads the data
		t.Fatal(errs)
	}
	return p
}

func (p onNeo4j) env() []string {
	return []string{
		"ROUNDTRIP_STORE_KIND=neo4j", "ROUNDTRIP_NEO4J_URI=" + p.server.URI, "ROUNDTRIP_NEO4J_USERNAME=" + p.server.Username,
		"ROUNDTRIP_NEO4J_PASSWORD=" + p.server.Password, "ROUNDTRIP_NEO4J_DATABASE=" + p.server.Database,
	}
}

func (p onNeo4j) run(in string, args ...string) (code int, out, errs string) {
	p.t.Helper()
	var o, e bytes.Buffer
	code = run(p.t.Context(), args, streams{in: strings.NewReader(in), out: &o, err: &e, env: p.env()})
	return code, o.String(), e.String()
}

func TestStatementsOnTheCommandLine(t *testing.T) {
	p := newOnNeo4j(t)
	file := filepath.Join(t.TempDir(), "question.cypher")
	if err := os.WriteFile(file, []byte("MATCH (c:Company) WHERE c.id IN $ids RETURN c.id AS id, c.name AS name ORDER BY id;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const csv = "id,name\namazon,Amazon\nopenai,OpenAI\n"
	for _, c := range []struct {
		in   string
		args []string
		out  string
	}{
		{"", []string{"--file", file, "--param", `ids=["openai","amazon"]`, "--format", "csv"}, csv},
		{"MATCH (c:Company {id: $id}) RETURN c.name AS name", []string{"-", "--param", "id=openai", "--format", "csv"}, "name\nOpenAI\n"},
		{"RETURN $n + 1 AS n, $text AS text", []string{"--file", "-", "--param", "n=1", "--param", "text=1 a", "--format", "csv"}, "n,text\n2,1 a\n"},
		{"", []string{"RETURN $d.year AS year", "--param", `d={"type":"date","value":"2025-12-16"}`, "--format", "csv"}, "year\n2025\n"},
		{"", []string{"UNWIND [1, 2, 3] AS n RETURN n", "--limit", "2", "--format", "csv"}, "n\n1\n2\n"},
	} {
		code, out, errs := p.run(c.in, append([]string{"cypher"}, c.args...)...)
		if code != exitFine || out != c.out || strings.Contains(strings.Join(c.args, " "), "--limit") != (errs == "cut short: rows: these are the first 2\n") {
			t.Errorf("cypher %v ends with %d and prints\n%s%s", c.args, code, out, errs)
		}
	}
	code, out, _ := p.run("", "cypher", "MATCH (c:Company {id: 'openai'}) RETURN c, 1 AS one")
	if code != exitFine || !strings.HasPrefix(out, "c                  one\n(:Company openai)    1\n\n1 rows, revision 1, ") {
		t.Errorf("the table is\n%s", out)
	}
	code, out, errs := p.run("", "cypher", "MATCH (c:Compny) RETURN c.id AS id", "--format", "csv")
	if code != exitFine || out != "id\n" || !strings.HasPrefix(errs, "notice: ") || !strings.HasSuffix(errs, "Compny) (line 1, column 10)\n") {
		t.Errorf("a statement with an unknown label ends with %d and prints\n%s%s", code, out, errs)
	}
	var got adhoc.CypherAnswer
	_, out, _ = p.run("", "cypher", "MATCH (a:Company {id: 'openai'}), (b:Chip) RETURN a, b", "--explain", "--format", "json")
	if err := json.Unmarshal([]byte(out), &got); err != nil || got.Plan == nil || got.Plan.Operator != "ProduceResults" || len(got.Plan.Children[0].Children) != 2 {
		t.Errorf("the plan is %v\n%s", err, out)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"CREATE (:X)"}, exitFailed, "roundtrip: the statement begins with CREATE, which writes; only statements that read are run\n"},
		{[]string{"RETURN nonsense"}, exitFailed, "roundtrip: Variable `nonsense` not defined (line 1, column 8)\n"},
		{[]string{"UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a * b AS c WHERE c < 0 RETURN c", "--timeout", "500ms"}, exitFailed, "roundtrip: the statement gave no row in its time of 500ms\n"},
		{nil, exitUsage, "roundtrip: which statement?\n"},
		{[]string{"RETURN 1 AS x", "--limit", "0"}, exitUsage, "roundtrip: --limit 0: want 1 to 10000 (setting cypher.rows)\n"},
		{[]string{"RETURN 1 AS x", "--timeout", "1h"}, exitUsage, "roundtrip: --timeout 1h0m0s: want more than 0, at most 15s (setting cypher.timeout)\n"},
		{[]string{"RETURN 1 AS x", "--param", "x"}, exitUsage, "roundtrip: --param x: want name=value, such as id=openai\n"},
		{[]string{"RETURN 1 AS x", "--format", "pdf"}, exitUsage, "roundtrip: --format pdf: want one of table, json, csv\n"},
		{[]string{"RETURN 1 AS x", "--file", file}, exitUsage, "roundtrip: the statement is given and --file as well; give one\n"},
	} {
		code, out, errs := p.run("", append([]string{"cypher"}, c.args...)...)
		if code != c.code || !strings.HasPrefix(errs, c.says) || out != "" {
			t.Errorf("cypher %v ends with %d and says\n%s%s", c.args, code, out, errs)
		}
	}
	if code, _, errs := newProgram(t).run("cypher", "RETURN 1"); code != exitUsage || !strings.Contains(errs, "the embedded store runs no Cypher") {
		t.Errorf("with the embedded store it ends with %d: %s", code, errs)
	}
}

func TestTheCypherOfEveryAnalysisMayBeRunAsAStatement(t *testing.T) {
	p := newOnNeo4j(t)
	ran := 0
	for _, a := range library.All() {
		if !a.HasTwin {
			continue
		}
		args := []string{"analyze", a.Name, "--engine", "cypher", "--format", "json"}
		for name, value := range a.Example {
			args = append(args, "--"+flagName(name), fmt.Sprint(value))
		}
		code, out, errs := p.run("", args...)
		if code != exitFine {
			t.Fatalf("%s: %s", a.Name, errs)
		}
		var res struct {
			Cypher *struct {
				Text   string                     `json:"text"`
				Params map[string]json.RawMessage `json:"params"`
			} `json:"cypher"`
		}
		if err := json.Unmarshal([]byte(out), &res); err != nil || res.Cypher == nil {
			t.Fatalf("%s: %v", a.Name, err)
		}
		args = []string{"cypher", "-", "--format", "json"}
		for name, value := range res.Cypher.Params {
			args = append(args, "--param", name+"="+string(value))
		}
		var got adhoc.CypherAnswer
		code, out, errs = p.run(res.Cypher.Text, args...)
		if err := json.Unmarshal([]byte(out), &got); code != exitFine || err != nil || len(got.Rows) == 0 || got.Truncated.Is {
			t.Errorf("%s: %s%v, %d rows", a.Name, errs, err, len(got.Rows))
		}
		ran++
	}
	if ran < 10 {
		t.Errorf("only %d analyses have Cypher", ran)
	}
}

// adHocAtWork counts the statements of users that the server works on.
func (p onNeo4j) adHocAtWork(s *neo4jstore.Store) int64 {
	p.t.Helper()
	rows, err := s.Query(p.t.Context(), "SHOW TRANSACTIONS YIELD metaData WHERE metaData.roundtrip = 'ad-hoc' RETURN count(*) AS n", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	n, _ := rows.Values[0][0].(int64)
	return n
}

func TestAClientThatLeavesTheServiceEndsItsStatementInNeo4j(t *testing.T) {
	p := newOnNeo4j(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	done := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		done <- run(ctx, []string{"serve", "--address", address}, streams{out: &bytes.Buffer{}, err: &errs, env: p.env()})
	}()
	for !ready(ctx, address) {
		if ctx.Err() != nil {
			t.Fatal("the service does not become ready")
		}
		time.Sleep(20 * time.Millisecond)
	}
	ask := func(ctx context.Context, body string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/api/v1/cypher", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		return http.DefaultClient.Do(req)
	}
	res, err := ask(ctx, `{"query":"MATCH (c:Company {id: $id}) RETURN c.name AS name","params":{"id":"openai"}}`)
	if err != nil {
		t.Fatal(err)
	}
	var got adhoc.CypherAnswer
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil || res.StatusCode != http.StatusOK || got.Rows[0][0] != "OpenAI" || got.Graph == nil {
		t.Errorf("the answer is %d, %+v, %v", res.StatusCode, got, err)
	}
	res.Body.Close()

	s, err := neo4jstore.Open(ctx, neo4jstore.Config{
		URI: p.server.URI, Username: p.server.Username, Password: p.server.Password, Database: p.server.Database,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(context.WithoutCancel(ctx))
	await := func(want int64) {
		t.Helper()
		for p.adHocAtWork(s) != want {
			if ctx.Err() != nil {
				t.Fatalf("there are never %d statements at work", want)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	await(0)
	leaving, leave := context.WithCancel(ctx)
	left := make(chan error, 1)
	go func() {
		res, err := ask(leaving, `{"query":"UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a * b AS c WHERE c < 0 RETURN c"}`)
		if err == nil {
			res.Body.Close()
		}
		left <- err
	}()
	await(1)
	leave()
	start := time.Now()
	await(0)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("the statement went on for %v", took)
	}
	if err := <-left; err == nil {
		t.Error("the client got an answer")
	}
	stop()
	if code := <-done; code != exitFine {
		t.Errorf("serve ends with %d: %s", code, errs.String())
	}
}

func TestTheStatementsInTheDocsRunAndTheSettingsAreAsTheySay(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "neo4j.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range config.Describe() {
		if row := fmt.Sprintf("| `%s` | %s |", k.Name, k.Default); strings.HasPrefix(k.Name, "cypher.") && !strings.Contains(string(b), row) {
			t.Errorf("docs/neo4j.md lacks the row %s", row)
		}
	}
	p := newOnNeo4j(t)
	ran := 0
	for line := range strings.Lines(string(b)) {
		piece := strings.Split(strings.TrimSpace(line), "'") // the statement, and maybe a parameter
		if piece[0] != "roundtrip cypher " {
			continue
		}
		code, out, errs := p.run("", append([]string{"cypher", piece[1]}, strings.Fields(piece[2])...)...)
		if code != exitFine || !strings.Contains(out, "f_") && !strings.Contains(out, "nvidia") {
			t.Errorf("%s ends with %d:\n%s%s", line, code, out, errs)
		}
		ran++
	}
	if ran == 0 {
		t.Error("docs/neo4j.md has no statement")
	}
}
