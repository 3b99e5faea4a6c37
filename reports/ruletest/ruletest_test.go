package ruletest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/sqlitestore"
	"roundtrip/queries/library"
	"roundtrip/reports/ruletest"
)

func options(t *testing.T) ruletest.Options {
	t.Helper()
	return ruletest.Options{Catalogue: library.All(), Store: func(ctx context.Context) (graph.Store, error) {
		return sqlitestore.Open(ctx, t.TempDir(), sqlitestore.Options{})
	}}
}

// written is a folder with a schedule and a file of tests.
func written(t *testing.T, tests string) string {
	t.Helper()
	dir := t.TempDir()
	schedule, err := os.ReadFile("testdata/daily.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"daily.yaml": string(schedule), "t.yaml": tests} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "t.yaml")
}

func run(t *testing.T, path string, verbose bool) (string, bool) {
	t.Helper()
	list, err := ruletest.Run(t.Context(), path, options(t))
	if err != nil {
		return err.Error(), false
	}
	var b strings.Builder
	passed, err := ruletest.Write(&b, list, verbose)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), passed
}

func TestTheExamplePasses(t *testing.T) {
	got, passed := run(t, "testdata/daily.test.yaml", true)
	want := `ok    a loop that closes is raised, with what it does to the index
      raised:     new-loop/c_73f751749816f22b: New loop above $1bn: nvidia → openai → oracle → nvidia – bottleneck $4.0bn.
      raised:     rising: The circularity index rose by more than 5 points: Circularity index 35.3 % (0.0 % before).
ok    a loop whose bottleneck is unknown is not raised
ok    thin cover is raised on the first run as well
      raised:     thin-cover/buyers/openai/tied_coverage: Promises covered below 40 %: buyers: openai: tied coverage – 26.3 %.
3 tests passed
`
	if got != want || !passed {
		t.Errorf("passed %t:\n%s\nwant\n%s", passed, got, want)
	}
}

const data = `    data: {flows.csv: "id,from,to,kind,amount_usd,announced_date\nf1,a,b,loan,2000000000,2025-01-01\nf2,b,a,lease,3000000000,2025-01-02\n"}
    day: 2026-01-30
`

func TestATestThatFailsTellsWhatDiffers(t *testing.T) {
	got, passed := run(t, written(t, `schedule: daily.yaml
tests:
  - name: too much and too little
`+data+`    before: 2024-12-31
    raised:
      - {alert: new-loop, text: nowhere}
      - {alert: cancelled, key: cancelled/f9, muted: true}
  - name: cannot be run
    data: {flows.csv: "id,from,to,kind\nf1,a,b,gift\n"}
    day: 2026-01-30
  - name: a record that is not there
`+data+`    before: 2026-01-30
    delete: [flow/f9]
`), false)
	want := `FAIL  too much and too little
      line 3:
      not raised: cancelled, with the key cancelled/f9, muted
      not raised: new-loop, that says "nowhere"
      raised:     new-loop/c_a1e07e53b8d791cc: New loop above $1bn: a → b → a – bottleneck $2.0bn.
FAIL  cannot be run
      line 10: it could not be run: data: flows.csv:2: column kind: "gift" is not allowed; want one of equity_investment, loan, compute_commitment, compute_payment_realised, chip_purchase, lease, revenue_share, licence_payment, goods_purchase, service_purchase, transfer, acquisition, stake_sale, purchase_option, warrant_grant, equity_grant, backstop_guarantee, supply, chip_usage, umbrella [value_not_allowed]
FAIL  a record that is not there
      line 13: it could not be run: delete: flow/f9: "f9" is not the id of a stored flow; want the id of a stored record that the change does not write [delete_unknown]
3 of 3 tests failed
`
	if got != want || passed {
		t.Errorf("passed %t:\n%s\nwant\n%s", passed, got, want)
	}
}

func TestDataMayBeAFolderAndRecordsMayGo(t *testing.T) {
	path := written(t, `schedule: daily.yaml
tests:
  - name: a loop goes
    data: graph
    before: 2026-01-29
    day: 2026-01-30
    delete: [flow/f2]
    raised: []
`)
	dir := filepath.Join(filepath.Dir(path), "graph")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "flows.csv"), []byte("id,from,to,kind,amount_usd\nf1,a,b,loan,2000000000\nf2,b,a,lease,3000000000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, passed := run(t, path, false); !passed {
		t.Error(got)
	}
}

func TestABadFileIsRefusedWithThePlace(t *testing.T) {
	for text, want := range map[string]string{
		"":            "t.yaml: is empty; want a file of tests with schedule and tests",
		"tests: []\n": "t.yaml:1:1: schedule: is missing; want the file of the schedule\nt.yaml:1:8: tests: is an empty list; want at least one test",
		"schedule: a\ntest: 1\n": "t.yaml:1:1: tests: is missing; want at least one test\n" +
			"t.yaml:2:1: test: no such key; did you mean tests?; allowed are schedule, tests",
		"schedule: a\ntests:\n  - name: x\n    then: b\n    raised: [{key: x}]\n": "t.yaml:3:5: tests[0].data: is missing; want a folder, or CSV texts by file name\n" +
			"t.yaml:3:5: tests[0].day: is missing; want the day of the run, such as 2026-01-31\n" +
			"t.yaml:4:11: tests[0].then: changes something after the earlier run, and before does not say when that was\n" +
			"t.yaml:5:14: tests[0].raised[0].alert: is missing; want the name of an alert of the schedule",
		"schedule: a\ntests:\n  - name: x\n    data: {../flows.csv: x}\n    day: 2026-01\n    before: 2026-02-01\n  - {name: x, data: {}, day: 2026-01-31}\n": "t.yaml:4:26: tests[0].data.../flows.csv: \"../flows.csv\" is not the name of a CSV file, such as flows.csv\n" +
			"t.yaml:5:10: tests[0].day: \"2026-01\" is not a day; want one such as 2026-01-31\n" +
			"t.yaml:6:13: tests[0].before: is 2026-02-01, after the day of the run, which is 2026-01\n" +
			"t.yaml:7:5: tests[1]: \"x\" is the name of an earlier test; give each a name of its own\n" +
			"t.yaml:7:21: tests[1].data: is empty; want a folder, or CSV texts by file name",
	} {
		_, err := ruletest.Parse("t.yaml", []byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("%q gives\n%v\nwant\n%s", text, err, want)
		}
	}
}

func TestARuleOfTheScheduleThatIsWrongIsRefused(t *testing.T) {
	path := written(t, "schedule: bad.yaml\ntests:\n  - name: x\n"+data)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "bad.yaml"), []byte("name: bad\ncron: 0 6 * * *\nasks: [{analysis: cycles}]\nalerts:\n  - name: x\n    when: cycles.rowz\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, _ := run(t, path, false)
	if !strings.HasSuffix(got, "bad.yaml:6:11: alerts[0].when: rule x, line 1, column 8: unknown field rowz") {
		t.Error(got)
	}
}
