package server_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestMetricsTellWhatBecameOfSlotsAndHowOldTheLastReportIs(t *testing.T) {
	got := emptySite(t, newBureau().with).get("/metrics").body
	for _, want := range []string{
		`roundtrip_report_runs_total{outcome="done"} 7`, `roundtrip_report_runs_total{outcome="failed"} 2`, `roundtrip_report_runs_total{outcome="skipped"} 0`,
		`roundtrip_report_failing_slots{schedule="daily"} 2`, `roundtrip_report_failing_slots{schedule="new"} 0`,
	} {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
	ages := regexp.MustCompile(`(?m)^roundtrip_report_last_done_age_seconds{schedule="(\w+)"} (.+)$`).FindAllStringSubmatch(got, -1)
	if len(ages) != 1 || ages[0][1] != "daily" {
		t.Fatalf("ages are %q", ages)
	}
	if age, err := strconv.ParseFloat(ages[0][2], 64); err != nil || age < 3600 || age > 24*3600 {
		t.Errorf("the report of an hour ago has the age %s (%v)", ages[0][2], err)
	}
}
