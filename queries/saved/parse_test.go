package saved_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/adhoc"
	"roundtrip/queries/library"
	"roundtrip/queries/saved"
)

const payments = `# Kept as it is written.
name: payments-of
title: What a company pays
question: Whom does a company pay?
tags: [payments]
cypher: |
  // $not_one
  MATCH (a:Company {id: $payer})-[p:PAYS]->(b:Company)
  WHERE p.rev_from <= $revision < p.rev_to AND p.amount >= $least AND b.id <> '$b' AND ($among = [] OR b.id IN $among)
    AND p.known_from <= $day AND $yes AND p.weight > $weight AND $n > 0
  RETURN b.id AS payee
parameters:
  - {name: payer, type: text, description: The company that pays., refs: company}
  - {name: least, type: money, default: 1.5bn}
  - {name: among, type: list, default: []}
  - {name: day, type: date, default: 2025-12}
  - {name: yes, type: flag, default: true}
  - {name: weight, type: number, default: 0.5}
  - {name: n, type: integer, default: 7}
`

func parse(t *testing.T, text string) *saved.Query {
	t.Helper()
	q, err := saved.Parse(library.All(), "", []byte(text))
	require.NoError(t, err)
	return q
}

func TestAStatementGetsTypedValuesOfItsParameters(t *testing.T) {
	q := parse(t, payments)
	caps := adhoc.Caps{Rows: 5, Time: 7}
	r, err := q.Statement(map[string]string{"payer": "openai"}, caps)
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"payer": "openai", "least": int64(150_000_000_000), "among": []any{}, "day": map[string]any{"type": "date", "value": "2025-12-31"},
		"yes": true, "weight": 0.5, "n": int64(7),
	}, r.Params)
	require.Equal(t, 5, r.Limit)
	r, err = q.Statement(map[string]string{"payer": "x", "least": "3", "among": "a, b", "day": "2024-02-03", "yes": "false", "weight": "1e3", "n": "-9"}, caps)
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"payer": "x", "least": int64(300), "among": []any{"a", "b"}, "day": map[string]any{"type": "date", "value": "2024-02-03"}, "yes": false, "weight": 1000.0, "n": int64(-9),
	}, r.Params)

	_, err = q.Statement(map[string]string{"least": "much", "among": "a,,b", "day": "soon", "yes": "yes", "weight": "NaN", "n": "9223372036854775808", "payr": "x"}, caps)
	var bad queries.ArgumentErrors
	require.ErrorAs(t, err, &bad)
	require.Equal(t, strings.Join([]string{
		"among=a,,b: has an empty item; want values with commas between them",
		`day=soon: "soon" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ`,
		"least=much: " + moneyProblem(bad),
		"n=9223372036854775808: want a whole number of 64 bits",
		"payer: is missing; want a value of type text: The company that pays",
		"payr=x: no such parameter; did you mean payer?; there are payer, least, among, day, yes, weight, n",
		"weight=NaN: want a number such as 0.5",
		"yes=yes: want true or false",
	}, "\n"), err.Error())
}

func moneyProblem(bad queries.ArgumentErrors) string {
	for _, b := range bad {
		if b.Name == "least" {
			return b.Problem
		}
	}
	return ""
}

func TestAFileWithMistakesNamesEachByItsPlace(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "f.yaml: is empty; want a saved query with name and request, or name and cypher"},
		{"name: a\n", "f.yaml:1:1: has nothing to ask; want request or cypher"},
		{
			"name: A b\ntitel: x\nrequest: {analysis: cycel}\n",
			`f.yaml:1:7: name: "A b" is not a name; want at most 80 lower-case letters, digits and hyphens between them` + "\n" +
				"f.yaml:2:1: titel: no such key; did you mean title?; allowed are name, title, question, note, tags, request, cypher, parameters\n" +
				"f.yaml:3:21: request.analysis: unknown analysis cycel; did you mean cycles?; there are " + strings.Join(library.All().Names(), ", "),
		},
		{
			"name: a\nrequest:\n  analysis: cycles\n  lens:\n    as_of: soon\n    basis: paid\n    asof: 2025\n  params:\n    max_hops: 13\n    limit: [1, 2]\n  draws: many\n",
			`f.yaml:5:12: request.lens.as_of: "soon" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ` + "\n" +
				"f.yaml:6:12: request.lens.basis: want one of headline, signed, expected, settled, realised\n" +
				"f.yaml:7:5: request.lens.asof: no such key; did you mean as_of?; allowed are " + strings.Join(queries.Names(queries.LensParams()), ", ") + "\n" +
				"f.yaml:9:15: request.params.max_hops: want a value from 2 to 12\n" +
				"f.yaml:10:12: request.params.limit: is a list; want one value\n" +
				"f.yaml:10:12: request.params.limit: want a whole number",
		},
		{"name: a\nrequest: {analysis: cycles, params: {min_hops: 4, max_hops: 3}}\n", "f.yaml:2:48: request.params.min_hops: "},
		{"name: a\nrequest: {analysis: cycles, compare: true}\n", "f.yaml:2:38: request.compare: needs a scenario to compare with"},
		{"name: a\nrequest: {analysis: cycles}\ncypher: RETURN 1\n", "f.yaml:3:9: cypher: stands beside request; want one of them"},
		{"name: a\nrequest: {analysis: cycles}\nparameters: []\n", "f.yaml:3:13: parameters: are for a statement; a request has params"},
		{"name: export\ncypher: RETURN 1\n", `f.yaml:1:7: name: "export" names a command of saved queries; want another name`},
		{
			"name: a\ncypher: |\n  MATCH (c)\n  WHERE c.id = $who AND c.x = $wat\n  RETURN c\nparameters:\n  - {name: wath, type: text}\n  - {name: revision, type: int}\n  - {name: 1a, type: date, default: soon}\n",
			"f.yaml:4:16: cypher: $who is not declared under parameters\n" +
				"f.yaml:4:31: cypher: $wat is not declared under parameters; did you mean $wath?\n" +
				"f.yaml:7:5: parameters[0]: wath is declared and the statement does not use it\n" +
				"f.yaml:8:12: parameters[1].name: revision is filled in: the revision that the graph is at\n" +
				`f.yaml:8:28: parameters[1].type: "int" is not allowed; did you mean integer?; want one of text, integer, number, flag, date, money, list` + "\n" +
				`f.yaml:9:12: parameters[2].name: "1a" is not the name of a parameter; want a letter, then letters, digits and _, at most 80` + "\n" +
				`f.yaml:9:37: parameters[2].default: "soon" is not a date; want YYYY`,
		},
		{"name: a\ncypher: &x RETURN 1\n", "f.yaml:2:9: uses an anchor or an alias of YAML; write the value out"},
	} {
		_, err := saved.Parse(library.All(), "f.yaml", []byte(c.text))
		var faults scenario.Faults
		require.ErrorAs(t, err, &faults, c.text)
		require.True(t, strings.HasPrefix(err.Error(), c.want), "%s\ngives\n%s\nwant\n%s", c.text, err, c.want)
	}
}

func TestAQueryIsReadBackFromItsYAMLAndItsJSON(t *testing.T) {
	texts := []string{payments, "name: p\nnote: |\n  two\n  lines: \"x\"\nrequest: {analysis: paths, engine: native, lens: {rollup: false, min_amount: 10bn}, params: {to: openai}, seed: 7}\n"}
	files, err := fs.Glob(dataset.Queries(), "*.yaml")
	require.NoError(t, err)
	for _, name := range files {
		text, err := fs.ReadFile(dataset.Queries(), name)
		require.NoError(t, err)
		texts = append(texts, string(text))
		require.Equal(t, string(text), string(parse(t, string(text)).YAML()), "the shipped files are as the program writes them")
	}
	for _, text := range texts {
		q := parse(t, text)
		require.Equal(t, q, parse(t, string(q.YAML())), "%s", q.YAML())
		b, err := json.Marshal(q)
		require.NoError(t, err)
		require.Equal(t, q, parse(t, string(b)), "%s", b)
	}
	require.Equal(t, `{"name":"p","note":"two\nlines: \"x\"\n","request":{"analysis":"paths","lens":{"rollup":false,"min_amount":"10bn"},"params":{"to":"openai"},"engine":"native","seed":7}}`,
		jsonOf(t, parse(t, texts[1])))
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestArgumentsStandInPlaceOfThoseThatAreSaved(t *testing.T) {
	q := parse(t, "name: p\nrequest: {analysis: cycles, lens: {as_of: 2025-12-16, basis: signed}, params: {limit: 8}, scenario: a, seed: 3}\n")
	asked := ""
	find := func(name string) (*scenario.Scenario, error) { asked = name; return &scenario.Scenario{}, nil }
	req, err := q.Ask(library.All(), queries.Args{"as_of": "2026", "limit": "2", "max_hops": "4", "draws": "5", "scenario": "b"}, find)
	require.NoError(t, err)
	require.Equal(t, queries.Args{"as_of": "2026", "basis": "signed"}, req.Lens)
	require.Equal(t, queries.Args{"limit": "2", "max_hops": "4"}, req.Params)
	require.Equal(t, "b", asked)
	require.Equal(t, 5, req.Draws)
	require.Equal(t, uint64(3), req.Seed)
	_, err = q.Ask(library.All(), queries.Args{}, func(string) (*scenario.Scenario, error) { return nil, errors.New("none") })
	require.EqualError(t, err, "none")
}
