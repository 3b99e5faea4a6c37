package scenario_test

import (
	"context"
	"io/fs"
	"testing"

	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
)

func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}

const everyStep = `
name: every-step
title: Every "step" <&> é
question: What?
note: |
  Two
  lines.
as_of: 2025-12-16
companies: [{id: new, name: New, aliases: [N, M]}]
steps:
  - add: {id: x, from: new, to: b, kind: loan, amount: 1.25m, count_in_totals: no, announced_date: 2025, source_ids: [s, t], outcomes: [{date: 2026-01-01, status_after: closed}]}
  - remove: {payer: a, payee: [b, c], deals: d, kind: loan, classes: [funds, PAYS], conditional: false, statuses: [talks]}
  - scale: {legs: [x], factor: 0.50, paid: yes}
  - scale: {legs: [x], factor: 2, paid: false}
  - delay: {legs: x, months: 12, after: 2026}
  - delay: {legs: x, months: 1}
  - set_status: {legs: x, status: cancelled, on: 2026-01-01}
  - set_status: {legs: x, status: cancelled}
`

const everyStepCanonical = `{"name":"every-step","title":"Every \"step\" <&> é","question":"What?","note":"Two\nlines.\n","as_of":"2025-12-16",` +
	`"companies":[{"id":"new","name":"New","aliases":["N","M"]}],"steps":[` +
	`{"add":{"id":"x","from":"new","to":"b","kind":"loan","amount_usd":"1250000","count_in_totals":"no","announced_date":"2025","source_ids":["s","t"],` +
	`"outcomes":[{"id":"x_1","date":"2026-01-01","status_after":"closed"}]}},` +
	`{"remove":{"deals":["d"],"payers":["a"],"payees":["b","c"],"kinds":["loan"],"classes":["FUNDS","PAYS"],"conditional":false,"statuses":["talks"]}},` +
	`{"scale":{"legs":["x"],"factor":"0.5","paid":true}},{"scale":{"legs":["x"],"factor":"2"}},` +
	`{"delay":{"legs":["x"],"months":12,"after":"2026"}},{"delay":{"legs":["x"],"months":1}},` +
	`{"set_status":{"legs":["x"],"status":"cancelled","on":"2026-01-01"}},{"set_status":{"legs":["x"],"status":"cancelled"}}]}`

func TestTheCanonicalFormReadsBackToItself(t *testing.T) {
	s := parse(t, everyStep)
	if got := string(s.Canonical()); got != everyStepCanonical {
		t.Errorf("the canonical form is\n%s\nwant\n%s", got, everyStepCanonical)
	}
	if again := parse(t, string(s.Canonical())); string(again.Canonical()) != everyStepCanonical {
		t.Errorf("read back it is\n%s", again.Canonical())
	}
}

func TestJSONWithTabsAndEscapesIsRead(t *testing.T) {
	s := parse(t, "{\n\t\"name\": \"a\",\n\t\"title\": \"\\ud83d\\ude00 a\\/b\",\n\t\"note\": null,\n\t\"steps\": [{\"scale\": {\"legs\": [\"x\"], \"factor\": 0.5, \"paid\": true}}]\n}")
	const want = `{"name":"a","title":"😀 a/b","steps":[{"scale":{"legs":["x"],"factor":"0.5","paid":true}}]}`
	if got := string(s.Canonical()); got != want {
		t.Errorf("it is read as %s, want %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(everyStep))
	f.Add([]byte(everyStepCanonical))
	for _, c := range append(badTexts(), badForTheGraph()...) {
		f.Add([]byte(c.text))
	}
	files, err := fs.Glob(dataset.Scenarios(), "*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(dataset.Scenarios(), name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := scenario.Parse("x", text)
		if err != nil {
			return
		}
		first := s.Canonical()
		again, err := scenario.Parse("x", first)
		if err != nil {
			t.Fatalf("the canonical form is refused: %v\n%s", err, first)
		}
		if string(again.Canonical()) != string(first) {
			t.Errorf("read back it is\n%s\nwant\n%s", again.Canonical(), first)
		}
	})
}
