package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReportOfTheLibraryTellsWhatMovedSinceADay(t *testing.T) {
	p := newProgram(t)
	file := filepath.Join(t.TempDir(), "report.html")
	code, out, errs := p.run("report", "--as-of", "2025-12-16", "--since", "2025-11-30", "-o", file)
	if code != exitFine || out != "" {
		t.Fatalf("code %d, %s%s", code, out, errs)
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Differences to 30 November 2025", "structural round trip", "What moved", "Main figures over time", "The biggest loops", "Method and limits", "Sources"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if !strings.Contains(errs, "Since 30 November 2025, ") {
		t.Errorf("the finding is not told: %s", errs)
	}
	again := p.fine("report", "--as-of", "2025-12-16", "--since", "2025-11-30")
	if again != string(page) {
		t.Error("the same report is other bytes")
	}
}

func TestReportOfTwoAsksInJSONAndItsExitCodes(t *testing.T) {
	p := newProgram(t)
	args := []string{"report", "--as-of", "2025-12-16", "--history", "none", "--format", "json", "--ask", "coverage", "--ask", "cycles?name=short&max_hops=3&companies=amazon,openai"}
	var doc struct {
		Finding     string
		Differences any
		Answers     []struct {
			Ask    struct{ Name, Analysis string }
			Result struct {
				Params  map[string]any
				Summary map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(p.fine(args...)), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Answers) != 2 || doc.Answers[1].Ask.Name != "short" || doc.Answers[1].Result.Summary["count"] != float64(1) || doc.Differences != nil {
		t.Errorf("the document is %+v", doc)
	}
	for _, c := range []struct {
		code int
		more []string
	}{
		{exitFindings, []string{"--since", "2025-01-01", "--fail-on", "changes"}},
		{exitFine, []string{"--since", "2025-12-16", "--fail-on", "changes"}},
		{exitUsage, []string{"--fail-on", "rows"}},
		{exitUsage, []string{"--format", "doc"}},
		{exitUsage, []string{"--since", "someday"}},
		{exitUsage, []string{"--history", "always"}},
		{exitUsage, []string{"--tolerance-percent", "much"}},
		{exitUsage, []string{"--ask", "cycle"}},
		{exitUsage, []string{"--ask", "cycles?name=long&max_hops=99"}},
		{exitUsage, []string{"--ask", "cycles?name=old&revision=1"}},
		{exitUsage, []string{"--schedule", "nowhere"}},
		{exitUsage, []string{"--revision", "99"}},
	} {
		if code, _, errs := p.run(append(args, c.more...)...); code != c.code {
			t.Errorf("%v ends with %d, want %d: %s", c.more, code, c.code, errs)
		}
	}
}

func TestReportOfAScheduleAsksItsQuestions(t *testing.T) {
	p := newProgram(t)
	file := p.write("daily.yaml", "name: daily\ntitle: Daily loops\ncron: 0 6 * * *\nasks:\n  - analysis: circularity\n")
	out := p.fine("report", "--schedule", file, "--as-of", "2025-12-16", "--history", "none", "--format", "md")
	if !strings.HasPrefix(out, "# Daily loops, 16 December 2025\n") || !strings.Contains(out, "## Circularity of the network") || strings.Contains(out, "## Coverage of promises") {
		t.Errorf("the report is %s", out)
	}
}

func TestTrendsAreOneLineForEachMonthAndFigure(t *testing.T) {
	p := newProgram(t)
	lines, err := csv.NewReader(strings.NewReader(p.fine("report", "trends", "--from", "2025-10", "--as-of", "2025-12-16"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	for _, l := range lines {
		if l[1] == "circularity/ci" {
			days = append(days, l[0])
		}
	}
	if want := "2025-10-31 2025-11-30 2025-12-16"; strings.Join(days, " ") != want {
		t.Errorf("the days are %v, want %s", days, want)
	}
}

func TestAFileThatIsNamedGetsTheFormOfItsName(t *testing.T) {
	p := newProgram(t)
	dir := t.TempDir()
	for _, c := range []struct{ args, file, begins string }{
		{"report --history none --ask coverage", "note.md", "# "},
		{"report --history none --ask coverage", "note.json", "{"},
		{"report --history none --ask coverage", "note.zip", "PK"},
		{"report --history none --ask coverage", "note.txt", "<!doctype html>"},
		{"report --history none --ask coverage --format md", "note.html", "# "},
		{"analyze coverage", "answer.json", "{"},
		{"analyze coverage", "answer.csv", "buyer,"},
		{"analyze coverage", "answer.txt", "Coverage of promises by funding"},
		{"query run biggest-loops", "answer.md", "# "},
	} {
		file := filepath.Join(dir, c.file)
		p.fine(append(strings.Fields(c.args), "-o", file)...)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), c.begins) {
			t.Errorf("%s -o %s begins with %.40q, want %q", c.args, c.file, text, c.begins)
		}
	}
	if code, _, errs := p.run("report", "--history", "none", "--ask", "coverage", "-o", "note.csv"); code != exitUsage || !strings.Contains(errs, "end the name in .zip") {
		t.Errorf("code %d, %s", code, errs)
	}
}
