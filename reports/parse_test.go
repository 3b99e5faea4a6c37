package reports_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/reports"
)

const morning = `name: morning
title: Loops, every morning
note: For the desk.
cron: "0 6 * * 1-5"
time_zone: America/New_York
missed: each
keep: 30
formats: [html, json]
tolerance: {percent: 1.5, amount: 1m}
asks:
  - analysis: cycles
    name: loops
    lens: {basis: signed, classes: [FUNDS, PAYS]}
    params: {max_hops: 4}
  - analysis: coverage
    scenario: half
    draws: 100
    seed: 7
alerts:
  - name: big-loop
    when: "new loops"
    mute: {until: 2026-12-31, reason: known}
recipients:
  - kind: folder
    path: out
  - name: desk
    kind: webhook
    url: https://example.com/hook
    secrets: [HOOK_SECRET]
    formats: json
    only: changes
`

func TestAScheduleIsReadWhole(t *testing.T) {
	s, err := reports.ParseSchedule("morning.yaml", []byte(morning))
	require.NoError(t, err)
	require.Equal(t, "morning", s.Name)
	require.Equal(t, "0 6 * * 1-5", s.Cron)
	require.Equal(t, reports.MissedEach, s.Missed)
	require.Equal(t, 30, s.Keep)
	require.Equal(t, "1.5", s.Tolerance.Percent.String())
	require.Equal(t, int64(100_000_000), s.Tolerance.Amount.Cents())
	require.Equal(t, queries.Args{"basis": "signed", "classes": "FUNDS,PAYS"}, s.Asks[0].Lens)
	require.Equal(t, reports.Ask{Name: "coverage", Analysis: "coverage", Scenario: "half", Draws: 100, Seed: 7, Lens: queries.Args{}, Params: queries.Args{}}, s.Asks[1])
	require.Equal(t, "known", s.Alerts[0].Mute.Reason)
	require.Equal(t, "2026-12-31", s.Alerts[0].Mute.Until.String())
	require.Equal(t, reports.Recipient{Name: "folder", Kind: "folder", Path: "out"}, s.Recipients[0])
	require.Equal(t, reports.Recipient{Name: "desk", Kind: "webhook", URL: "https://example.com/hook", Secrets: []string{"HOOK_SECRET"}, Formats: []string{"json"}, Only: "changes"}, s.Recipients[1])
}

func TestTheSmallestScheduleHasDefaults(t *testing.T) {
	s, err := reports.ParseSchedule("", []byte(`{"name": "a", "cron": "0 6 * * *"}`))
	require.NoError(t, err)
	require.Equal(t, "a", s.Title)
	require.Equal(t, reports.MissedOnce, s.Missed)
	require.Equal(t, 400, s.Keep)
	require.Equal(t, []string{"html"}, s.Formats)
	require.Empty(t, s.Asks)
}

func TestABadScheduleIsRefusedWithPlaceAndRule(t *testing.T) {
	for _, c := range []struct {
		says, text string
		want       []string
	}{
		{"empty", "", []string{`x.yaml: is empty; want a schedule with name and cron`}},
		{"not YAML", "name: [a", []string{`x.yaml:1:1: is not YAML or JSON: did not find expected ',' or ']'`}},
		{"a list", "- a\n", []string{`x.yaml:1:1: is a list; want the keys name, title, note, cron, time_zone, missed, paused, asks, formats, tolerance, alerts, recipients, keep`}},
		{"an alias", "name: &a b\ncron: *a\n", []string{
			`x.yaml:1:7: uses an anchor or an alias of YAML; write the value out`,
			`x.yaml:2:7: uses an anchor or an alias of YAML; write the value out`,
		}},
		{"everything at once", "name: The Day\ncron: 0 25 * * *\ntime_zone: Berlin\nmissed: later\nformat: html\nkeep: 0\n", []string{
			`x.yaml:1:7: name: "The Day" is not a name; want at most 60 lower-case letters, digits and hyphens between them`,
			`x.yaml:2:7: cron: field 2, "25", is not allowed; want hour 0-23: a number, a range a-b, *, a step such as */15, or several of them with commas between`,
			`x.yaml:3:12: time_zone: "Berlin" is not a time zone; want a name of the IANA database, such as UTC, Europe/Berlin or America/New_York`,
			`x.yaml:4:9: missed: "later" is not allowed; want one of skip, once, each`,
			`x.yaml:5:1: format: no such key; did you mean formats?; allowed are name, title, note, cron, time_zone, missed, paused, asks, formats, tolerance, alerts, recipients, keep`,
			`x.yaml:6:7: keep: "0" is not allowed; want a whole number from 1 to 10000`,
		}},
		{"recipients that lack or have too much", "name: a\ncron: 0 6 * * *\nrecipients:\n  - {kind: folder, url: http://x}\n  - {kind: webhook, url: ftp://x, secrets: [not a name]}\n  - {kind: email, to: [nobody]}\n  - {kind: folder, path: b}\n", []string{
			`x.yaml:4:5: recipients[0].path: is missing; a folder needs it`,
			`x.yaml:4:25: recipients[0].url: is not for a folder`,
			`x.yaml:5:26: recipients[1].url: "ftp://x" is not allowed; want http:// or https:// with a host and without a password`,
			`x.yaml:5:44: recipients[1].secrets: holds what is not the name of an environment variable; the secret itself never stands in the file`,
			`x.yaml:6:23: recipients[2].to: "nobody" is not an address; want one such as desk@example.com`,
			`x.yaml:7:5: recipients[3]: "folder" is the name of an earlier recipient; give each a name of its own`,
		}},
		{"asks", "name: a\ncron: 0 6 * * *\nasks:\n  - {analysis: cycles, lens: signed}\n  - {analysis: cycles, draws: many}\n  - {name: x}\n", []string{
			`x.yaml:4:30: asks[0].lens: "signed" is one value; want arguments by name`,
			`x.yaml:5:5: asks[1]: "cycles" is the name of an earlier ask; give each a name of its own`,
			`x.yaml:5:31: asks[1].draws: "many" is not allowed; want a whole number from 0 to 100000`,
			"x.yaml:6:5: asks[2].analysis: is missing; want the name of the analysis, as `roundtrip analyze --list` shows it",
		}},
		{"a mute without a reason", "name: a\ncron: 0 6 * * *\nalerts:\n  - {name: b, when: c, mute: {until: soon}}\n", []string{
			`x.yaml:4:30: alerts[0].mute.reason: is missing; want why; the report shows it`,
			`x.yaml:4:38: alerts[0].mute.until: `,
		}},
	} {
		t.Run(c.says, func(t *testing.T) {
			_, err := reports.ParseSchedule("x.yaml", []byte(c.text))
			var faults reports.Faults
			require.ErrorAs(t, err, &faults)
			lines := strings.Split(faults.Error(), "\n")
			require.Len(t, lines, len(c.want), faults.Error())
			for i, want := range c.want {
				require.True(t, strings.HasPrefix(lines[i], want), "%s\nwant\n%s", lines[i], want)
			}
		})
	}
}

func TestWhatNeedsAGraphIsJudgedWithItsPlace(t *testing.T) {
	s, err := reports.ParseSchedule("m.yaml", []byte(morning))
	require.NoError(t, err)
	err = s.Check(t.Context(), reports.Checker{
		Prepare: func(_ context.Context, req queries.Request) error {
			if req.Analysis != "cycles" {
				return nil
			}
			return queries.ArgumentErrors{{Name: "max_hops", Given: "4", Problem: "is too much"}, {Name: "basis", Given: "signed", Problem: "is odd"}}
		},
		Scenario: func(context.Context, string) (*scenario.Scenario, error) {
			return nil, fmt.Errorf("no scenario is named half: %w", graph.ErrNotFound)
		},
		Alert: func(_ *reports.Schedule, a reports.Alert) error { return errors.New(a.When + " is not an expression") },
	})
	require.EqualError(t, err, strings.Join([]string{
		`m.yaml:13:19: asks[0].lens.basis: is odd`,
		`m.yaml:14:24: asks[0].params.max_hops: is too much`,
		`m.yaml:16:15: asks[1].scenario: no scenario is named half`,
		`m.yaml:21:11: alerts[0].when: new loops is not an expression`,
	}, "\n"))
}

func FuzzParseSchedule(f *testing.F) {
	f.Add([]byte(morning))
	f.Add([]byte("name: a\ncron: TZ= 0 6 * *\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := reports.ParseSchedule("x", text)
		if err == nil {
			if _, err := s.Slots(); err != nil {
				t.Errorf("a schedule that was accepted has no slots: %v", err)
			}
		}
	})
}
