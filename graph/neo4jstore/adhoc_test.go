package neo4jstore_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
)

// asked runs a statement that must be answered.
func asked(t *testing.T, s *neo4jstore.Store, text string, params map[string]any) neo4jstore.AdHocAnswer {
	t.Helper()
	answer, err := s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: text, Params: params, Limits: limits()})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return answer
}

// asJSON is the rows with random ids of the server left out.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var whole any
	if err := json.Unmarshal(b, &whole); err != nil {
		t.Fatal(err)
	}
	var strip func(v any)
	strip = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				strip(x)
			}
		case map[string]any:
			for _, k := range []string{"element_id", "start_element_id", "end_element_id"} {
				if id, ok := v[k].(string); ok && strings.Count(id, ":") == 2 {
					delete(v, k)
				}
			}
			for _, x := range v {
				strip(x)
			}
		}
	}
	strip(whole)
	if b, err = json.Marshal(whole); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestValuesOfAnAnswerSayWhatTheyAre(t *testing.T) {
	s := open(t, nil)
	at := write(t, s, &graph.Company{ID: "a", Name: "A"}, &graph.Company{ID: "b", ParentID: "a"})
	nodeA := `{"id":"a","labels":["Company"],"properties":{"aggregate":false,"display":"A","head":"a","id":"a","name":"A","rev_from":1},"type":"node"}`
	nodeB := `{"id":"b","labels":["Company"],"properties":{"aggregate":false,"display":"b","head":"a","id":"b","parent_id":"a","rev_from":1},"type":"node"}`
	rel := `{"end":"a","id":null,"properties":{},"relationship_type":"PART_OF","start":"b","type":"relationship"}`
	for _, c := range []struct{ text, json, shown string }{
		{"RETURN 3800000000000 AS v", `3800000000000`, ""},
		{"RETURN 1.5 AS v", `1.5`, ""},
		{"RETURN 0.0 / 0.0 AS v", `{"type":"float","value":"NaN"}`, "NaN"},
		{"RETURN -1 / 0.0 AS v", `{"type":"float","value":"-Infinity"}`, "-Infinity"},
		{"RETURN 1 / 0.0 AS v", `{"type":"float","value":"Infinity"}`, "Infinity"},
		{"RETURN null AS v", `null`, ""},
		{"RETURN [1, 'x', [true]] AS v", `[1,"x",[true]]`, ""},
		{"RETURN {b: 1, a: date('2025-12-16')} AS v", `{"a":{"type":"date","value":"2025-12-16"},"b":1}`, ""},
		{"RETURN date('0001-01-01') AS v", `{"type":"date","value":"0001-01-01"}`, "0001-01-01"},
		{"RETURN time('10:30+01:00') AS v", `{"type":"time","value":"10:30:00+01:00"}`, "10:30:00+01:00"},
		{"RETURN localtime('10:30:00.5') AS v", `{"type":"localtime","value":"10:30:00.5"}`, "10:30:00.5"},
		{"RETURN localdatetime('2025-12-16T10:30') AS v", `{"type":"localdatetime","value":"2025-12-16T10:30:00"}`, "2025-12-16T10:30:00"},
		{"RETURN datetime('2025-12-16T10:30:00.25Z') AS v", `{"type":"datetime","value":"2025-12-16T10:30:00.25Z"}`, "2025-12-16T10:30:00.25Z"},
		{"RETURN datetime('2025-12-16T10:30:00[Europe/Berlin]') AS v", `{"type":"datetime","value":"2025-12-16T10:30:00+01:00[Europe/Berlin]"}`, "2025-12-16T10:30:00+01:00[Europe/Berlin]"},
		{"RETURN duration('P1Y2M3DT4.5S') AS v", `{"type":"duration","value":"P14M3DT4.5S"}`, "P14M3DT4.5S"},
		{"RETURN point({x: 1, y: 2.5}) AS v", `{"srid":7203,"type":"point","x":1,"y":2.5}`, "point({srid: 7203, x: 1, y: 2.5})"},
		{"RETURN point({longitude: 1, latitude: 2, height: 3}) AS v", `{"srid":4979,"type":"point","x":1,"y":2,"z":3}`, "point({srid: 4979, x: 1, y: 2, z: 3})"},
		{"MATCH (c:Company {id: 'a'}) RETURN c AS v", nodeA, "(:Company a)"},
		{"MATCH (:Company {id: 'b'})-[r:PART_OF]->() RETURN r AS v", strings.NewReplacer(`"a"`, "null", `"b"`, "null").Replace(rel), "[:PART_OF]"},
		{"MATCH p = (:Company {id: 'a'})<-[:PART_OF]-() RETURN p AS v", `{"nodes":[` + nodeA + "," + nodeB + `],"relationships":[` + rel + `],"type":"path"}`, "(:Company a)<-[:PART_OF]-(:Company b)"},
		{"RETURN $revision AS v", "1", ""},
	} {
		answer := asked(t, s, c.text, nil)
		if got := asJSON(t, answer.Rows); got != "[["+c.json+"]]" {
			t.Errorf("%s is\n%s\nwant\n[[%s]]", c.text, got, c.json)
		}
		if shown, ok := answer.Rows[0][0].(fmt.Stringer); ok != (c.shown != "") || ok && shown.String() != c.shown {
			t.Errorf("%s is shown as %v; want %q", c.text, answer.Rows[0][0], c.shown)
		}
	}
	row := asked(t, s, "MATCH (a)-[r:PART_OF]->(b:Company) RETURN a, r, b", nil)
	if got, want := asJSON(t, row.Rows), "[["+nodeB+","+rel+","+nodeA+"]]"; got != want {
		t.Errorf("a row with the ends of its relationship is\n%s\nwant\n%s", got, want)
	}
	if want := (graph.Revision{Number: 1, Hash: at.Hash, At: time.Unix(0, 0).UTC()}); row.Revision == nil || *row.Revision != want {
		t.Errorf("the revision is %+v, want %+v", row.Revision, want)
	}
	if want := []string{"a", "r", "b"}; !reflect.DeepEqual(row.Columns, want) || row.Cut != neo4jstore.CutNone {
		t.Errorf("columns are %v, cut by %q", row.Columns, row.Cut)
	}
	cut := limits()
	cut.Rows = 1
	first, err := s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: "MATCH (c:Company) RETURN c.id AS id ORDER BY id", Limits: cut})
	if err != nil || first.Cut != neo4jstore.CutRows || len(first.Rows) != 1 || first.Rows[0][0] != "a" || first.Revision == nil || first.Revision.Number != 1 {
		t.Errorf("the first row is %+v, %v", first, err)
	}
	none := asked(t, s, "MATCH (c:Company {id: 'nobody'}) RETURN c.id AS id;", nil)
	if none.Rows == nil || len(none.Rows) != 0 || len(none.Columns) != 1 {
		t.Errorf("no rows are %+v", none)
	}
}

func TestParametersKeepTheirTypes(t *testing.T) {
	s := open(t, nil)
	var params map[string]any
	d := json.NewDecoder(strings.NewReader(`{"n": 9007199254740993, "x": 1.5, "l": [1, "a", null], "m": {"type": "loan", "value": 3},
		"date": {"type": "date", "value": "2025-12-16"}, "datetime": {"type": "datetime", "value": "2025-12-16T10:30:00Z"},
		"localdatetime": {"type": "localdatetime", "value": "2025-12-16T10:30:00"}, "localtime": {"type": "localtime", "value": "10:30:00"},
		"time": {"type": "time", "value": "10:30:00+01:00"}, "point": {"type": "point", "srid": 7203, "x": 1, "y": 2}}`))
	d.UseNumber()
	if err := d.Decode(&params); err != nil {
		t.Fatal(err)
	}
	answer := asked(t, s, `RETURN $n + 1 AS n, valueType($x) AS x, $l AS l, $m AS m, [v IN [$date, $datetime, $localdatetime, $localtime, $time, $point] | valueType(v)] AS types`, params)
	want := `[[9007199254740994,"FLOAT NOT NULL",[1,"a",null],{"type":"loan","value":3},` +
		`["DATE NOT NULL","ZONED DATETIME NOT NULL","LOCAL DATETIME NOT NULL","LOCAL TIME NOT NULL","ZONED TIME NOT NULL","POINT NOT NULL"]]]`
	if b, err := json.Marshal(answer.Rows); err != nil || string(b) != want {
		t.Errorf("the row is\n%s\nwant\n%s", b, want)
	}
	var deep any = int64(1)
	for range 5000 {
		deep = []any{deep}
	}
	for _, bad := range []any{deep, json.Number("9223372036854775808"), map[string]any{"type": "date", "value": "16.12.2025"}, []any{make(chan int)}} {
		_, err := s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: "RETURN $p AS p", Params: map[string]any{"p": bad}, Limits: limits()})
		var refused *neo4jstore.RefusedError
		if !errors.As(err, &refused) || refused.Rule != "parameter" || !strings.Contains(err.Error(), "parameter") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestAFaultNamesItsPlaceInTheStatement(t *testing.T) {
	s := open(t, nil)
	for _, c := range []struct {
		text, says, code string
		line, column     int
	}{
		{"RETURN nonsense", "Variable `nonsense` not defined (line 1, column 8)", "Neo.ClientError.Statement.SyntaxError", 1, 8},
		{"MATCH (c:Company)\nRETURN nonsense", "Variable `nonsense` not defined (line 2, column 8)", "Neo.ClientError.Statement.SyntaxError", 2, 8},
		{"RETURN $missing AS x", "Expected parameter(s): missing", "Neo.ClientError.Statement.ParameterMissing", 0, 0},
		{"UNWIND [1, 0] AS x RETURN 1 / x AS y", "/ by zero", "Neo.ClientError.Statement.ArithmeticError", 0, 0},
	} {
		_, err := s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: c.text, Limits: limits()})
		var fault *neo4jstore.StatementFault
		if !errors.As(err, &fault) || fault.Message != c.says || fault.Code != c.code || fault.Line != c.line || fault.Column != c.column {
			t.Errorf("%s: %#v", c.text, err)
		}
	}
}

func TestWhatPeopleAskIsNotRefused(t *testing.T) {
	s, _ := shippedStore(t)
	for _, text := range []string{
		"MATCH (a:Company)-[r]->(b:Company) RETURN a, r, b LIMIT 25",
		"MATCH p = ()-[:FUNDS|PAYS]->() RETURN p LIMIT 10",
		"MATCH (a)-[r]->(b) RETURN type(r) AS type, count(*) AS n ORDER BY n DESC",
		"MATCH (c:Company) WHERE c.id IN ['openai', 'nvidia'] OR c.name CONTAINS 'Oracle' RETURN c.id AS id, [(c)-[r:PAYS]->(d) | d.id] AS pays",
		"MATCH (c:Company|Chip) RETURN labels(c) AS labels, count(*) AS n",
		"MATCH p = (a:Company {id: 'openai'})-[:PAYS|FUNDS]->{1,4}(a) RETURN [n IN nodes(p) | n.id] AS ring LIMIT 5",
		"MATCH (a:Company {id: 'openai'}), (b:Company {id: 'nvidia'}) MATCH p = SHORTEST 2 (a)-[:PAYS|FUNDS]->+(b) RETURN p",
		"MATCH p = (a:Company {id: 'openai'})-[:PAYS*1..3]->(b:Company) RETURN DISTINCT b.id AS id ORDER BY id",
		"MATCH (c:Company) WHERE EXISTS { (c)-[:PAYS]->() } AND NOT EXISTS { MATCH (c)<-[:PAYS]-() } RETURN c.id AS id",
		"MATCH (c:Company) RETURN c.id AS id, COUNT { (c)-[:PAYS]->() } AS n, COLLECT { MATCH (c)-[:PAYS]->(d) RETURN d.id } AS to ORDER BY n DESC LIMIT 3",
		"MATCH (c:Company) CALL (c) { MATCH (c)-[r:PAYS]->() RETURN sum(r.point_cents) AS cents } RETURN c.id AS id, cents ORDER BY cents DESC LIMIT 3",
		"MATCH (l:Leg) RETURN l.kind AS kind, sum(l.amount_cents) AS cents, CASE WHEN count(*) > 3 THEN 'many' ELSE 'few' END AS how ORDER BY kind",
		"MATCH (l:Leg) RETURN date.truncate('year', date(l.date)) AS year, count(*) AS n ORDER BY year",
		"MATCH (m:RoundtripPlace) RETURN count(m) AS n",
		"UNWIND range(1, 10) AS i WITH i, [x IN range(0, i - 1 + size('ab'))[..100] | x] AS l RETURN i, size(l) AS n",
		"MATCH p = (a:Company {id: 'openai'})-[:PAYS|FUNDS]->{1,3}(a) WHERE all(r IN relationships(p) WHERE single(x IN relationships(p) WHERE x = r)) RETURN reduce(s = 0, r IN relationships(p) | s + r.point_cents) AS cents",
		"MATCH p = (a:Company {id: 'openai'})-[:PAYS|FUNDS]->{1,3}(a) WITH collect(p) AS ps RETURN [p IN ps | [n IN nodes(p) | n.id]] AS rings, [p IN ps | reduce(s = 0, r IN relationships(p) | s + r.point_cents)] AS cents",
		"MATCH (l:Leg) WITH collect(l.kind) AS kinds, collect(DISTINCT l.kind) AS each RETURN [e IN each[..100] | size([k IN kinds WHERE k = e])] AS n, [k IN kinds WHERE k IN each] AS both",
		"CALL db.labels() YIELD label RETURN label ORDER BY label",
		"CALL db.schema.nodeTypeProperties()",
		"CALL dbms.components() YIELD name, versions RETURN name, versions",
		"SHOW INDEXES YIELD name, state WHERE state <> 'ONLINE' RETURN name",
		"SHOW CONSTRAINTS",
		"MATCH (c:Company) RETURN c.`set`, c.create, c.call, c.load AS `drop it; CREATE`, {delete: 1, case: 2} AS m LIMIT 1",
		"RETURN 'CREATE (n); LOAD CSV FROM x -- RoundtripDocument // /* ' AS text // CREATE (:X)",
		"RETURN datetime.fromepoch(0, 0) AS t, point.distance(point({x: 0, y: 0}), point({x: 3, y: 4})) AS d",
	} {
		answer, err := s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: text, Limits: limits()})
		var refused *neo4jstore.RefusedError
		if errors.As(err, &refused) {
			t.Errorf("%s\nrefused by %s: %v", text, refused.Rule, err)
		} else if err != nil && !strings.Contains(text, "date(l.date)") {
			t.Errorf("%s\n%v", text, err)
		}
		if strings.Contains(asJSON(t, answer.Rows), "secret") {
			t.Errorf("%s shows the document", text)
		}
	}
}

func TestAPlanIsATreeWithEstimatesAndNothingRuns(t *testing.T) {
	s, _ := shippedStore(t)
	// The server samples its indexes now and then, so of the estimates only that of
	// a whole label is certain.
	chips := asked(t, s, "MATCH (c:Chip) RETURN count(c) AS n", nil).Rows[0][0]
	for text, want := range map[string]string{
		"MATCH (a:Company {id: 'openai'}), (b:Chip) RETURN a.id AS a, b.id AS b": "ProduceResults (Projection (CartesianProduct (NodeUniqueIndexSeek) (NodeByLabelScan)))",
		"MATCH (b:Chip) RETURN b AS chip":                                        fmt.Sprintf("ProduceResults %v (Projection %[1]v (NodeByLabelScan %[1]v))", chips),
	} {
		answer, err := s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: text, Explain: true, Limits: limits()})
		if err != nil {
			t.Fatal(err)
		}
		estimated := strings.Contains(want, fmt.Sprint(chips))
		var walk func(p neo4jstore.PlanStep) string
		walk = func(p neo4jstore.PlanStep) string {
			told := p.Operator
			if estimated {
				told += fmt.Sprintf(" %.0f", p.Rows)
			}
			for _, c := range p.Children {
				told += " (" + walk(c) + ")"
			}
			return told
		}
		if got := walk(*answer.Plan); got != want || len(answer.Rows) != 0 {
			t.Errorf("%s\nhas the plan\n%s\nwant\n%s", text, got, want)
		}
	}
}

func TestWhatNeo4jRemarksOnAStatementIsToldWithItsPlace(t *testing.T) {
	s, _ := shippedStore(t)
	for _, c := range []struct {
		text, code, says string
		line, column     int
	}{
		{"MATCH (c:Compny) RETURN c.id AS id", "UnknownLabelWarning", "Compny", 1, 10},
		{"MATCH (c:Company)\n WHERE c.nmae = 'x' RETURN c.id AS id", "UnknownPropertyKeyWarning", "nmae", 2, 10},
		{"MATCH (a:Chip), (b:Chip) RETURN a.id AS a, b.id AS b", "CartesianProduct", "", 1, 1},
		{"MATCH (c:Company {id: 'openai'}) RETURN c.id AS id", "", "", 0, 0},
	} {
		for _, explain := range []bool{false, true} {
			answer, err := s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: c.text, Explain: explain, Limits: limits()})
			if err != nil {
				t.Fatalf("%s: %v", c.text, err)
			}
			if c.code == "" {
				if len(answer.Notices) != 0 {
					t.Errorf("%s is answered with %v", c.text, answer.Notices)
				}
				continue
			}
			if len(answer.Notices) != 1 {
				t.Errorf("%s is answered with %v", c.text, answer.Notices)
				continue
			}
			n := answer.Notices[0]
			if !strings.HasSuffix(n.Code, "."+c.code) && !strings.HasSuffix(n.Code, "."+c.code+"Warning") || !strings.Contains(n.Message, c.says) || n.Line != c.line || n.Column != c.column {
				t.Errorf("%s is answered with %+v", c.text, n)
			}
		}
	}
}

// adHocAtWork counts the ad-hoc transactions on the server.
func adHocAtWork(t *testing.T, server neo4jtest.Server) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	driver, err := neo4j.NewDriverWithContext(server.URI, neo4j.BasicAuth(server.Username, server.Password, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer driver.Close(ctx)
	result, err := neo4j.ExecuteQuery(ctx, driver, "SHOW TRANSACTIONS YIELD metaData WHERE metaData.roundtrip = 'ad-hoc' RETURN count(*) AS n", nil,
		neo4j.EagerResultTransformer, neo4j.ExecuteQueryWithDatabase(server.Database))
	if err != nil {
		t.Fatal(err)
	}
	n, _ := result.Records[0].Values[0].(int64)
	return n
}

// eventually waits until so many ad-hoc transactions are on the server.
func eventually(t *testing.T, server neo4jtest.Server, want int64) bool {
	t.Helper()
	for range 600 {
		if adHocAtWork(t, server) == want {
			return true
		}
		time.Sleep(100 * time.Millisecond)
	}
	return false
}

const endless = "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a * b AS c WHERE c < 0 RETURN count(*) AS n"

func TestCancellingStopsTheStatementOnTheServer(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	s := openAgain(t, server, nil)
	if !eventually(t, server, 0) {
		t.Fatal("a statement of another test still runs")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	l := limits()
	l.Time = time.Minute
	go func() {
		_, err := s.RunAdHoc(ctx, neo4jstore.AdHoc{Text: endless, Limits: l})
		done <- err
	}()
	if !eventually(t, server, 1) {
		t.Fatal("the statement does not run")
	}
	cancel()
	start := time.Now()
	if err := <-done; !errors.Is(err, context.Canceled) || time.Since(start) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
	if !eventually(t, server, 0) {
		t.Error("the statement still runs")
	}
}

// busyFor is a statement that is at work inside one expression for at least that
// long on this machine, or for as many steps as are not refused.
func busyFor(t *testing.T, s *neo4jstore.Store, wanted time.Duration) string {
	t.Helper()
	const least, most = 1000, 14_000 // of either loop
	text := func(n int) string {
		return fmt.Sprintf("RETURN reduce(n = 0, a IN range(1, %d) | reduce(m = n, b IN range(1, %[1]d) | size(toString(m + b) + toString(a)))) AS n", n)
	}
	for n := least; n < most; n = n * 3 / 2 {
		took := time.Hour
		for range 3 { // what runs again runs faster
			start := time.Now()
			asked(t, s, text(n), nil)
			took = min(took, time.Since(start))
		}
		if took >= wanted/10 {
			return text(min(most, n*10/3)) // in some eleven times the steps
		}
	}
	return text(most)
}

func TestAStatementThatNeo4jCannotStopKeepsOthersFromStarting(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	s := openAgain(t, server, nil)
	if !eventually(t, server, 0) {
		t.Fatal("a statement of another test still runs")
	}
	runaway := busyFor(t, s, 6*time.Second)
	short := limits()
	short.Time = 300 * time.Millisecond
	for range 2 {
		if _, err := s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: runaway, Limits: short}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a runaway ends with %v", err)
		}
	}
	if _, err := s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: "RETURN 1 AS x", Limits: limits()}); !errors.Is(err, neo4jstore.ErrRunaway) {
		t.Errorf("a third statement: %v", err)
	}
	if !eventually(t, server, 0) {
		t.Fatal("the runaways go on")
	}
	asked(t, s, "RETURN 1 AS x", nil)
}

func TestALargeValueIsNotReadIntoMemory(t *testing.T) {
	s := open(t, nil)
	l := limits()
	l.Bytes, l.Time = 64<<10, 20*time.Second
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	answer, err := s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: "UNWIND range(1, 3000000) AS x RETURN collect(x) AS list", Limits: l})
	runtime.ReadMemStats(&after)
	if err != nil || answer.Cut != neo4jstore.CutBytes || len(answer.Rows) != 0 {
		t.Errorf("a list of some 14 MB: cut by %q, %d rows, %v", answer.Cut, len(answer.Rows), err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 20<<20 {
		t.Errorf("reading took %d bytes", grown)
	}
}

// encrypted is the address of a server that takes TLS and hands on to another
// one; nobody has signed its certificate.
func encrypted(t *testing.T, to string) string {
	t.Helper()
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS() // for its certificate
	defer web.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				server, err := net.Dial("tcp", strings.TrimPrefix(to, "bolt://"))
				if err != nil {
					return
				}
				defer server.Close()
				go func() {
					_, _ = io.Copy(server, client)
					server.Close()
				}()
				_, _ = io.Copy(client, server)
			}()
		}
	}()
	return l.Addr().String()
}

func TestStatementsRunOverTLS(t *testing.T) {
	server := neo4jtest.Start(t)
	server.Wipe(t)
	plain := openAgain(t, server, nil)
	write(t, plain, loan("l", "a", "b"))
	for _, scheme := range []string{"bolt+ssc://", "neo4j://"} {
		s := openAgain(t, server, func(c *neo4jstore.Config) {
			c.URI = strings.Replace(c.URI, "bolt://", scheme, 1)
			if scheme == "bolt+ssc://" {
				c.URI = scheme + encrypted(t, server.URI)
			}
		})
		if got := asJSON(t, asked(t, s, "MATCH ()-[r:FUNDS]->() RETURN r.id AS id", nil).Rows); got != `[["l"]]` {
			t.Errorf("%s: %s", scheme, got)
		}
	}
	c := configOf(server)
	c.URI, c.ReadOnly = "bolt+s://"+encrypted(t, server.URI), true
	if _, err := neo4jstore.Open(t.Context(), c); err == nil {
		t.Error("a certificate that nobody signed is accepted")
	}
}
