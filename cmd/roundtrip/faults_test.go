package main

import (
	"strings"
	"testing"
)

func TestAllFaultsOfAScheduleAreToldAtOnceEachOnce(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no browser
	p := newProgram(t)
	bad := p.write("bad.yaml", "name: bad\ncron: 0 25 * * *\nformats: [html, pdf]\nasks:\n  - {analysis: covrage, lens: {basis: odd}}\n  - {analysis: cycles, params: {max_hops: 99}}\nalerts:\n"+
		"  - {name: a, when: 'coverage_below(\"openai\", 0.4)'}\n  - {name: b, when: covrage.summary.x > 1}\n  - {name: c, when: cycles.rows >}\n  - {name: d, when: len(cycles.rows) > 0}\n"+
		"recipients:\n  - {kind: folder, path: x}\n  - {kind: email}\n")
	code, _, errs := p.run("schedule", "check", bad)
	if code != exitUsage {
		t.Errorf("check ends with %d", code)
	}
	at := 0
	for _, want := range []string{
		":2:7: cron: field 2", ":3:17: formats[1]: PDF is written by Chromium, and none of chromium, ", ":5:16: asks[0].analysis: ", ":5:39: asks[0].lens.basis: ",
		":6:43: asks[1].params.max_hops: ", ":10:21: alerts[2].when: ", ":14:5: recipients[1].to: is missing",
	} {
		i := strings.Index(errs[at:], "bad.yaml"+want)
		if i < 0 {
			t.Fatalf("%s is not told in its place of\n%s", want, errs)
		}
		at += i
	}
	if n := strings.Count(errs, "bad.yaml:"); n != 7 {
		t.Errorf("%d faults are told:\n%s", n, errs)
	}
	if out := p.fine("--set", "server.address=127.0.0.1:0", "doctor"); !strings.Contains(out, "note pdf: PDF is written by Chromium, and none of ") {
		t.Errorf("doctor tells\n%s", out)
	}
}
