package desk_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/reports"
	"roundtrip/reports/report"
)

func TestARuleThatLooksForAMisspeltBuyerIsToldBeforeAndInTheReport(t *testing.T) {
	press := pressOf(t, shipped(t))
	s, err := reports.ParseSchedule("s.yaml", []byte("name: s\ncron: 0 6 * * *\nasks: [{analysis: coverage}, {analysis: cycles}]\nalerts:\n"+
		"  - {name: thin, when: 'coverage_below(\"openia\", 0.4)'}\n  - {name: good, when: 'coverage_below(\"openai\", 0.4)'}\n"))
	require.NoError(t, err)
	slot := time.Date(2026, 6, 30, 6, 0, 0, 0, time.UTC)
	want := []report.Idle{{Name: "thin", Text: `the buyers of coverage have no "openia"; the nearest is "openai"`}}
	idle, err := press.Idle(t.Context(), s, nil, slot)
	require.NoError(t, err)
	require.Equal(t, want, idle)

	order := reports.Order{Schedule: s, Slot: slot, Revision: 1, Version: "v1"}
	made, err := press.Make(t.Context(), order)
	require.NoError(t, err)
	forms := []string{"html", "md", "json"}
	files, err := made.Files(t.Context(), forms)
	require.NoError(t, err)
	for i, line := range []string{
		`<strong>Rule thin looked at nothing:</strong> the buyers of coverage have no &#34;openia&#34;; the nearest is &#34;openai&#34;.</p>`,
		"\nRule thin looked at nothing: the buyers of coverage have no \"openia\"; the nearest is \"openai\".\n",
		`"looked_at_nothing":[{"name":"thin","text":"the buyers of coverage have no \"openia\"; the nearest is \"openai\""}]`,
	} {
		require.True(t, strings.Contains(string(files[i].Body), line), "%s has no %s", forms[i], line)
		require.NotContains(t, string(files[i].Body), "Rule good")
	}

	order.Judged = made.Alerts // as a replay does
	again, err := press.Make(t.Context(), order)
	require.NoError(t, err)
	require.Equal(t, made.Digest, again.Digest)
	second, err := again.Files(t.Context(), forms)
	require.NoError(t, err)
	for i := range files {
		require.True(t, bytes.Equal(files[i].Body, second[i].Body), forms[i])
	}
}

func TestRulesThatLookAtNoAskAreCheckedAgainstTheCompaniesOfTheGraph(t *testing.T) {
	press := pressOf(t, shipped(t))
	s, err := reports.ParseSchedule("s.yaml", []byte("name: s\ncron: 0 6 * * *\nasks: [{analysis: cycles}]\nalerts:\n"+
		"  - {name: bad, when: 'filter(legs, .payer == \"openia\")'}\n  - {name: good, when: 'filter(legs, .payer == \"openai\")'}\n"))
	require.NoError(t, err)
	idle, err := press.Idle(t.Context(), s, nil, time.Date(2026, 6, 30, 6, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	require.Equal(t, []report.Idle{{Name: "bad", Text: `there is no company "openia"`}}, idle)
}
