package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAScheduleIsCheckedSavedRunReplayedAndDeleted(t *testing.T) {
	p := newProgram(t)
	out := filepath.Join(t.TempDir(), "out")
	file := p.write("daily.yaml", "name: daily\ncron: 0 6 29 2 *\ntime_zone: Europe/Berlin\nasks: [{analysis: cycles}]\nformats: [json, md]\n"+
		"alerts: [{name: any, title: A loop, when: len(cycles.rows) > 0}]\nrecipients: [{kind: folder, path: '"+out+"'}]\n")
	checked := p.fine("schedule", "check", file)
	if lines := strings.Split(strings.TrimSpace(checked), "\n"); len(lines) != 5 || !strings.Contains(lines[0], "-02-29 06:00 CET") {
		t.Errorf("check tells\n%s", checked)
	}
	if saved := p.fine("schedule", "save", file); !strings.HasSuffix(saved, "saved daily, version 1\n") || !strings.HasPrefix(saved, checked) {
		t.Errorf("save tells\n%s", saved)
	}
	if list := p.fine("schedule", "list"); !strings.Contains(list, "daily  0 6 29 2 *  Europe/Berlin") {
		t.Errorf("the list is\n%s", list)
	}
	ran := p.fine("schedule", "run", "daily")
	if !strings.Contains(ran, "-manual: done in ") || !strings.Contains(ran, "alert A loop: ") || !strings.Contains(ran, "folder: delivered\n") {
		t.Errorf("the run tells\n%s", ran)
	}
	id, _, _ := strings.Cut(ran, ":")
	sent, err := filepath.Glob(filepath.Join(out, "*", "*.json"))
	if err != nil || len(sent) != 1 {
		t.Fatalf("the folder has %v, %v", sent, err)
	}
	text, err := os.ReadFile(sent[0])
	if err != nil {
		t.Fatal(err)
	}
	if again := p.fine("schedule", "replay", id, "--format", "json"); again != string(text) {
		t.Error("the replay differs from what was sent")
	}
	if runs := p.fine("schedule", "runs", "daily"); !strings.Contains(runs, id+"  done") || !strings.Contains(runs, "1 delivered") {
		t.Errorf("the runs are\n%s", runs)
	}
	p.fine("schedule", "acknowledge", "daily", "any", "--note", "seen")
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // runs by hand that are asked for in one second are one run
	if ran := p.fine("schedule", "run", "daily"); !strings.Contains(ran, "alert A loop (acknowledged): ") {
		t.Errorf("the run tells\n%s", ran)
	}
	if err := os.RemoveAll(out); err != nil {
		t.Fatal(err)
	}
	if again := p.fine("schedule", "resend", id); !strings.Contains(again, "nothing was given up") {
		t.Errorf("resend tells\n%s", again)
	}
	if again := p.fine("schedule", "resend", id, "--recipient", "folder"); !strings.Contains(again, "folder: delivered") {
		t.Errorf("resend tells\n%s", again)
	}
	if back, err := os.ReadFile(sent[0]); err != nil || string(back) != string(text) {
		t.Errorf("what was sent again is not what was sent: %v", err)
	}
	p.fine("schedule", "pause", "daily")
	if list := p.fine("schedule", "list"); !strings.Contains(list, "paused") {
		t.Errorf("the list is\n%s", list)
	}
	p.fine("schedule", "resume", "daily")
	p.fine("schedule", "delete", "daily")
	if code, _, errs := p.run("schedule", "show", "daily"); code != exitUsage || !strings.Contains(errs, `no schedule is named "daily"; there is none`) {
		t.Errorf("show ends with %d: %s", code, errs)
	}
}

func TestAScheduleWhoseRuleLooksAtNothingIsSavedWithAWarning(t *testing.T) {
	p := newProgram(t)
	file := p.write("thin.yaml", "name: thin\ncron: 0 6 * * *\nasks: [{analysis: coverage}]\nalerts:\n  - {name: a, when: 'coverage_below(\"openia\", 0.4)'}\n"+
		"  - {name: b, when: 'coverage.figures[\"buyers/openai/tied_covrage\"] < 0.4'}\n")
	for _, what := range []string{"check", "save"} {
		code, _, errs := p.run("schedule", what, file)
		if code != exitFine || !strings.Contains(errs, `Warning: rule a looks at nothing: the buyers of coverage have no "openia"; the nearest is "openai".`+"\n"+
			`Warning: rule b looks at nothing: the summary of coverage has no figure "buyers/openai/tied_covrage"; the nearest is "buyers/openai/tied_coverage".`) {
			t.Errorf("%s ends with %d: %s", what, code, errs)
		}
	}
}

func TestAnAlertOfAScheduleThatIsNotThereCannotBeAcknowledged(t *testing.T) {
	p := newProgram(t)
	code, _, errs := p.run("schedule", "acknowledge", "NOPE", "x")
	if code != exitUsage || !strings.Contains(errs, `no schedule is named "NOPE"`) {
		t.Errorf("acknowledge ends with %d: %s", code, errs)
	}
}

func TestABadScheduleIsRefusedWithEveryFault(t *testing.T) {
	p := newProgram(t)
	bad := p.write("bad.yaml", "name: bad\ncron: 0 25 * * *\nasks: [{analysis: cycles}]\nrecipients: [{kind: pigeon}]\n")
	code, _, errs := p.run("schedule", "check", bad)
	if code != exitUsage || !strings.Contains(errs, "bad.yaml:2:7: cron: field 2") || !strings.Contains(errs, `recipients[0].kind: "pigeon" is not allowed`) {
		t.Errorf("check ends with %d: %s", code, errs)
	}
	bad = p.write("bad.yaml", "name: bad\ncron: 0 5 * * *\nasks: [{analysis: cycles, params: {max_hops: 99}, scenario: none}]\nalerts: [{name: a, when: cycles.rows >}]\n")
	code, _, errs = p.run("schedule", "save", bad)
	if code != exitUsage || !strings.Contains(errs, "bad.yaml:3:61: asks[0].scenario: no scenario is named") || !strings.Contains(errs, "bad.yaml:3:46: asks[0].params.max_hops: ") || !strings.Contains(errs, "bad.yaml:4:26: alerts[0].when: ") {
		t.Errorf("save ends with %d: %s", code, errs)
	}
	if list := p.fine("schedule", "list"); strings.Contains(list, "bad") {
		t.Errorf("something was kept:\n%s", list)
	}
}

func TestADirectoryOfSchedulesIsReadBesideTheStore(t *testing.T) {
	p := newProgram(t)
	file := p.write("weekly.yaml", "name: weekly\ncron: 0 6 * * 1\nasks: [{analysis: cycles}]\n")
	set := "reports.dir=" + filepath.Dir(file)
	if list := p.fine("--set", set, "schedule", "list"); !strings.Contains(list, "weekly  0 6 * * 1  UTC") || !strings.Contains(list, "  file  ") {
		t.Errorf("the list is\n%s", list)
	}
	if code, _, errs := p.run("--set", set, "schedule", "save", file); code == exitFine || !strings.Contains(errs, "is a file of the directory of schedules") {
		t.Errorf("save ends with %d: %s", code, errs)
	}
	if code, _, errs := p.run("--set", "reports.dir=/nowhere", "schedule", "list"); code != exitUsage || !strings.Contains(errs, "which is not a directory") {
		t.Errorf("list ends with %d: %s", code, errs)
	}
}
