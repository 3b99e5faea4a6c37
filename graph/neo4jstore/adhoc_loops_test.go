package neo4jstore

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

func TestLoopsWithinLoopsAreBoundedByWhatTheTextTellsOfTheirLists(t *testing.T) {
	numbers := make([]any, 500)
	params := map[string]any{"list": numbers, "n": int64(1000), "below": int64(-2_000_000), "none": nil, "hops": int64(6)}
	for _, tt := range []struct{ rule, text string }{
		// Loops over paths and other short lists, alone and in each other.
		{"", "MATCH p = (a:Company)-[:PAYS]->{1,4}(b) RETURN [n IN nodes(p) | n.id] AS ids, reduce(s = 0, r IN relationships(p) | s + r.cents) AS cents"},
		{"", "MATCH p = (a:Company)-[:PAYS]->{1,4}(b) WHERE all(r IN relationships(p) WHERE single(x IN relationships(p) WHERE x = r)) RETURN p"},
		{"", "MATCH p = (a:Company)-[:PAYS]->{1,4}(b) WITH collect(p) AS ps RETURN [p IN ps | [n IN nodes(p) | n.id]] AS rings, [p IN ps | reduce(s = 0, r IN relationships(p) | s + r.cents)] AS cents"},
		{"", "MATCH p = (a:Company)-[:PAYS]->{1,4}(b) RETURN [n IN nodes(p) | [(n)-[:PAYS]->(m) WHERE m.id <> 'x' | m.id]] AS next"},
		{"", "MATCH (c:Company) RETURN [(c)-[r:PAYS]->(d) | [l IN labels(d) | toLower(l)]] AS l, [q = (c)-[:PAYS]->() | [n IN nodes(q) | n.id]] AS q"},
		{"", "MATCH p = (a:Company)-[:PAYS]->(b) RETURN none(n IN nodes(p) WHERE any(k IN keys(n) WHERE k IN ['secret', 'hidden'])) AS open"},
		// Long lists one after the other, and a membership that Neo4j keeps.
		{"", "MATCH (c:Company) WITH collect(c.id) AS a, collect(c.name) AS b RETURN [x IN a WHERE x IN b] AS both, [x IN [y IN a | y + 'x'] WHERE NOT x IN $list | x] AS c"},
		{"", "MATCH (c:Company) WITH c, collect(c) AS cs RETURN any(x IN coalesce(c.aliases, []) WHERE x = 'a') AS a, [c IN cs WHERE c.id IN ['a', 'b'] | c {.id, list: c.list}] AS list"},
		{"", "WITH range(1, 1000000) AS l RETURN reduce(a = 0, x IN l | CASE WHEN a > x THEN a ELSE a + x END) AS n"},
		// Loops over names within each other, where nothing makes many rows.
		{"", "MATCH (l:Leg) WITH collect(l) AS legs, collect(l.vendor) AS vendors RETURN [v IN vendors WHERE any(l IN legs WHERE l.vendor = v AND none(k IN l.kinds WHERE k IN ['a']))] AS some"},
		{"", "MATCH (l:Leg) WITH collect(l) AS edges RETURN reduce(paths = [e IN edges | [e]], hop IN range(2, $hops - 1) | reduce(longer = [], p IN paths | longer + [e IN edges WHERE none(h IN p WHERE h = e) | p + [e]])) AS paths"},
		{"", "MATCH p = (a:Company)-[:PAYS]->(b) RETURN [i IN range(0, size(nodes(p)) - 1) | [k IN keys(nodes(p)[i]) | k]] AS l"},
		// A loop within a loop, bounded by a slice, a range, a list that is written or a parameter.
		{"", "MATCH (l:Leg) WITH collect(l) AS legs, collect(l.vendor) AS vendors RETURN [v IN vendors[..10] WHERE any(l IN legs WHERE l.vendor = v)] AS some"},
		{"", "MATCH (l:Leg) WITH collect(l) AS legs RETURN [a IN legs[..10000] | size([b IN legs[5..10000] WHERE a < b])] AS n"},
		{"", "RETURN reduce(a = 0, x IN range(1, 10000) | a + reduce(b = 0, y IN range(1, $n) | b + y)) AS n"},
		{"", "WITH collect(1) AS l RETURN [x IN l | [y IN [1, 2, [3, 4]] | x + y]] AS a, [y IN $list | [x IN range(1, 100000, 2) WHERE x = y]] AS b"},
		{"", "MATCH (x) -[any]-> (y:Company) WHERE y.reduce IN ['a'] RETURN y.any + y.single AS `[x IN l | [y IN l | 1]]`, y.list[1..2] AS l"},
		{"", "UNWIND range(1, 10) AS i RETURN [x IN range(0, i - 1)[..1000] | x] AS l, range(0, size([x IN [1] | x]) - 1) AS r"},
		{"", "WITH 1 AS a RETURN a + a AS two, a.b + a.b AS b, reduce(n = 0, i IN [1] | n + n.x + x.n + n) AS n"},

		{"", "WITH [[1]] AS paths, [1] AS edges RETURN reduce(p = paths, hop IN range(2, 5) | [q IN p[..1000] | [e IN edges[..1000] WHERE none(h IN q[..8] WHERE h = e) | q + [e]]]) AS rings"},

		{"loops", "RETURN reduce(a = 0, x IN range(1, 1000000) | a + reduce(b = 0, y IN range(1, 1000000) | b + y)) AS n"},
		{"loops", "RETURN reduce(a = 0, x IN range(1, 20001) | a + reduce(b = 0, y IN range(1, 10000) | b + y)) AS n"},
		{"loops", "RETURN [x IN range(0, 20000) | [y IN range(20000, 0, -1) | y]] AS l"},
		{"loops", "UNWIND range(1, 1000000) AS x WITH collect(x) AS l RETURN size([x IN l WHERE any(y IN l WHERE x + y < 0)]) AS n"},
		{"loops", "WITH range(1, 1000000) AS l RETURN [x IN l | [y IN l | x + y]] AS list"},
		{"loops", "WITH range(1, 1000000) AS l RETURN [x in l where none /* */ (y In l Where x = y)] AS list"},
		{"loops", "WITH range(1, 1000000) AS l RETURN [x IN l | reduce(a = 0, `y` IN l + l | a + y)] AS list"},
		{"loops", "WITH range(1, 1000000) AS l RETURN [x IN l | [y IN [1] + l[..5] | y]] AS list"},
		{"loops", "WITH range(1, 1000000) AS l RETURN [x IN l | [y IN l[..-1] | y]] AS list"},
		{"loops", "WITH range(1, 1000000) AS l, 1000000 AS n RETURN [x IN l | [y IN l[..n] | y]] AS list"},
		{"loops", "WITH range(1, 1000000) AS l RETURN [x IN l | [y IN l[5..] | y]] AS list"},
		{"loops", "WITH range(1, 1000000) AS l RETURN [x IN l | [y IN range(1, $none) | y]] AS list"},
		{"loops", "WITH range(1, 1000000) AS l RETURN [x IN l | [y IN [z IN l | z] | y]] AS list"},
		{"loops", "UNWIND range(1, 10001) AS i MATCH (a:Company) WITH collect(a) AS l RETURN [x IN l | [(x)-[:PAYS]->(y) | y.id]] AS list"},
		{"loops", "UNWIND $long AS i MATCH (a:Company) RETURN [(a)-->(b) | [(b)-->(c) | c.id]] AS list"},
		{"loops", "RETURN reduce(a = reduce(b = 0, y IN range(1, 100000) | b + reduce(c = 0, z IN range(1, 100000) | c)), x IN [1] | a) AS n"},
		{"loops", "UNWIND $long AS i MATCH p = (a:Company)-->(b) RETURN [n IN nodes(p) | [k IN keys(n) | [l IN labels(n) | l]]] AS three"},
		{"loops", "MATCH (a:Company) WHERE a.x = 1 RETURN allReduce(s = 0, x IN range(1, 1000000) | s + reduce(t = 0, y IN range(1, 1000000) | t), s >= 0) AS x"},
		{"loops", "WITH range(1, 1000000) AS l RETURN size([x IN l WHERE -x IN l + [x]]) AS n"},
		{"loops", "WITH range(1, 1000000) AS l RETURN size([x IN l WHERE -x IN l[1..]]) AS n"},
		{"loops", "WITH range(1, 1000000) AS l RETURN size([x IN l WHERE -x IN reverse(l)]) AS n"},
		{"loops", "WITH range(1, 1000000) AS l RETURN size([x IN l WHERE -x IN (l)]) AS n"},
		{"loops", "WITH range(1, 1000000) AS l RETURN " + strings.Repeat("size([x IN l[..10000] | [y IN l[..5000] | y]]) + ", 4) + "0 AS n"},

		{"growth", "RETURN size(reduce(l = [1], i IN range(1, 60) | l + l)) AS n"},
		{"growth", "RETURN [x IN reduce(l = [1], i IN [1, 2] | CASE WHEN i = 1 THEN l + l ELSE l END) WHERE x > 1] AS n"},
		{"growth", "RETURN size(reduce(l = [1], i IN range(1, 60) | (l) + (((l)))) AS n"},
		{"growth", "WITH [1] AS l " + strings.Repeat("WITH l + l AS l ", 60) + "RETURN -1 IN l AS found"},
		{"range", "WITH 100000 * 100000 AS n RETURN size([x IN range(1, n) WHERE x < 0]) AS n"},
		{"range", "WITH 100 AS n RETURN [x IN range(1, n)[5..] | x] AS l"},
		{"range", "RETURN size(range($below, 0)) AS n"},
		{"loops", "WITH range(1, 1000000) AS l RETURN [x IN l | [y IN l"},
	} {
		delete(params, "long")
		if strings.Contains(tt.text, "$long") {
			params["long"] = make([]any, manyElements+1)
		}
		err := checkText(tt.text, params)
		var refused *RefusedError
		rule := ""
		if errors.As(err, &refused) {
			rule = refused.Rule
		}
		if rule != tt.rule {
			t.Errorf("%.200s\nrefused by %q, want %q: %v", tt.text, rule, tt.rule, err)
		}
	}
}

func TestAStatementOfWhichThePlanExpectsManyRowsMayHaveFewerLoops(t *testing.T) {
	few := &PlanStep{Rows: 10, Children: []PlanStep{{Rows: 3}, {Rows: 99_000, Children: []PlanStep{{Rows: 5}}}}}
	if got := mostRows(*few); got != 99_000 {
		t.Errorf("%g rows, want 99000", got)
	}
	text := "MATCH (a:Leg), (b:Leg), (c:Leg) WITH collect(a) AS l RETURN [x IN l WHERE any(y IN l WHERE x < y)] AS some"
	if err := checkText(text, nil); err != nil {
		t.Error(err)
	}
	var refused *RefusedError
	if err := checkLoops(text, nil); !errors.As(err, &refused) || refused.Rule != "loops" {
		t.Errorf("with many rows: %v", err)
	}
}

func TestWholeNumbersAreAddedUp(t *testing.T) {
	params := map[string]any{"n": int64(5), "text": "5"}
	for text, want := range map[string]string{
		"7": "7", "-7": "-7", "$n - 1": "4", "1 + $n - -2": "no", "2 - 2 + 3": "3", "$text": "no", "1 2": "no", "": "no", "n": "no", "1 +": "no", "$missing": "no", "1e3": "no", "+ 3": "no",
	} {
		list, err := tokens(text)
		if err != nil {
			t.Fatal(err)
		}
		got := "no"
		if n, ok := (&reader{list: list, params: params}).whole(0, len(list)); ok {
			got = strconv.Itoa(n)
		}
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
