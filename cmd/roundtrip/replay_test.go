package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestARunIsReplayedUnderTheSettingsThatItWasMadeUnder(t *testing.T) {
	p := newProgram(t)
	file := p.write("daily.yaml", "name: daily\ncron: 0 6 29 2 *\nasks: [{analysis: cycles, lens: {basis: expected}}]\n"+
		"recipients: [{kind: folder, path: '"+filepath.Join(t.TempDir(), "out")+"'}]\n")
	p.fine("schedule", "save", file)
	changed := []string{"--set", "analysis.probabilities=talks=9000", "--set", "reports.history=2025-06", "--set", "neo4j.browser_url=http://localhost:7474/browser/"}
	run := func(args ...string) (id, report string) {
		id, _, _ = strings.Cut(p.fine(append(args, "schedule", "run", "daily")...), ":")
		return id, p.fine(append(args, "schedule", "replay", id, "--format", "json")...)
	}
	id, report := run()
	if again := p.fine(append(changed, "schedule", "replay", id, "--format", "json")...); again != report {
		t.Error("the report is another one under other settings")
	}
	p.fine(append(changed, "schedule", "delete", "daily")...)
	p.fine(append(changed, "schedule", "save", p.write("daily.yaml", "name: daily\ncron: 0 6 29 2 *\nasks: [{analysis: cycles, lens: {basis: expected}}]\n"))...)
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // runs by hand that are asked for in one second are one run
	other, under := run(changed...)
	if other == id {
		t.Fatalf("both runs are %s", id)
	}
	if cut(under, `"ask"`) == cut(report, `"ask"`) {
		t.Error("the settings make no difference, so nothing was shown")
	}
	if again := p.fine("schedule", "replay", other, "--format", "json"); again != under {
		t.Error("the report of the changed settings is another one under the first")
	}
}

// cut is a text from a mark on.
func cut(text, mark string) string {
	_, after, _ := strings.Cut(text, mark)
	return after
}
