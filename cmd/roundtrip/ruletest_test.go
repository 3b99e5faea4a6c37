package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheAlertsOfAScheduleAreTestedFromTheCommandLine(t *testing.T) {
	p := newProgram(t)
	const folder = "../../reports/ruletest/testdata"
	if got := p.fine("schedule", "test", filepath.Join(folder, "daily.test.yaml")); !strings.HasSuffix(got, "\n3 tests passed\n") {
		t.Errorf("prints\n%s", got)
	}
	tests, err := os.ReadFile(filepath.Join(folder, "daily.test.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	schedule, err := filepath.Abs(filepath.Join(folder, "daily.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(t.TempDir(), "wrong.yaml")
	text := strings.NewReplacer("26.3 %", "27 %", "schedule: daily.yaml", "schedule: "+schedule).Replace(string(tests))
	if err := os.WriteFile(wrong, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := p.run("schedule", "test", wrong)
	if code != exitFailed || !strings.Contains(out, `      not raised: thin-cover, with the key thin-cover/buyers/openai/tied_coverage, that says "27 %"`) || !strings.HasSuffix(out, "\n1 of 3 tests failed\n") {
		t.Errorf("ends with %d and prints\n%s", code, out)
	}
}
