package reports_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/reports"
)

// librarian is a checker that knows the analyses cycles and coverage, takes rules
// that name an ask by its analysis or name, and writes no PDF.
func librarian() reports.Checker {
	known := []string{"cycles", "coverage"}
	return reports.Checker{
		Prepare: func(_ context.Context, req queries.Request) error {
			if req.Analysis != known[0] && req.Analysis != known[1] {
				return fmt.Errorf("no analysis is named %q: %w", req.Analysis, queries.ErrUnknownAnalysis)
			}
			if req.Params["max_hops"] == "0" {
				return queries.ArgumentErrors{{Name: "max_hops", Given: "0", Problem: "is too small"}}
			}
			return nil
		},
		Lens: func(args queries.Args) error {
			if args["basis"] == "odd" {
				return queries.ArgumentErrors{{Name: "basis", Given: "odd", Problem: "is odd"}}
			}
			return nil
		},
		Scenario: func(_ context.Context, name string) (*scenario.Scenario, error) {
			return nil, fmt.Errorf("no scenario is named %s: %w", name, graph.ErrNotFound)
		},
		Alert: func(s *reports.Schedule, a reports.Alert) error {
			names := known
			if len(s.Asks) > 0 {
				names = nil
			}
			for _, x := range s.Asks {
				names = append(names, strings.ReplaceAll(x.Name, "-", "_"))
			}
			for _, name := range names {
				if strings.HasPrefix(a.When, name+".") {
					return nil
				}
			}
			return errors.New("no answer has that name")
		},
		Form: func(form string) error {
			if form == "pdf" {
				return errors.New("nobody prints here")
			}
			return nil
		},
		More: func(s *reports.Schedule) reports.Faults {
			var list reports.Faults
			for i, r := range s.Recipients {
				if r.Path == "/etc" {
					list = append(list, reports.Fault{Location: fmt.Sprintf("recipients[%d].path", i), Given: r.Path, Code: "x", Problem: "is not allowed"})
				}
			}
			return list
		},
	}
}

func TestAllFaultsOfAScheduleAreToldAtOnceEachOnceWithItsPlace(t *testing.T) {
	for _, c := range []struct {
		says, text string
		want       []string
	}{
		{
			"faults of the text, of the graph, of what is allowed and of what can be made",
			`name: a
cron: 0 25 * * *
formats: [html, pdf]
asks:
  - {analysis: covrage, lens: {basis: odd}}
  - {analysis: cycles, params: {max_hops: 0}, scenario: half}
  - {name: b, draws: 3}
alerts:
  - {name: one, when: covrage.summary.x > 1}
  - {name: two, when: 'coverage.summary.x > covrage.summary.x'}
  - {name: three, when: cycles.summary.x > 1}
  - {name: four, when: cylces.summary.x > 1}
  - {name: five}
recipients:
  - {kind: folder, path: /etc}
  - {name: desk, kind: email, formats: [pdf, gif]}
keep: 0
`,
			[]string{
				`a.yaml:2:7: cron: field 2, "25", is not allowed`,
				`a.yaml:3:17: formats[1]: nobody prints here`,
				`a.yaml:5:16: asks[0].analysis: no analysis is named "covrage"`,
				`a.yaml:5:39: asks[0].lens.basis: is odd`,
				`a.yaml:6:43: asks[1].params.max_hops: is too small`,
				`a.yaml:6:57: asks[1].scenario: no scenario is named half`,
				`a.yaml:7:5: asks[2].analysis: is missing`,
				`a.yaml:12:24: alerts[3].when: no answer has that name`,
				`a.yaml:13:5: alerts[4].when: is missing`,
				`a.yaml:15:26: recipients[0].path: is not allowed`,
				`a.yaml:16:5: recipients[1].to: is missing`,
				`a.yaml:16:41: recipients[1].formats[0]: nobody prints here`,
				`a.yaml:16:46: recipients[1].formats[1]: "gif" is not allowed`,
				`a.yaml:17:7: keep: "0" is not allowed`,
			},
		},
		{
			"an unknown analysis is told once, however many rules rest on it",
			"name: a\ncron: 0 6 * * *\nasks: [{name: cover, analysis: covrage}, {analysis: cycles}]\nalerts:\n" +
				"  - {name: one, when: cover.summary.x > 1}\n  - {name: two, when: coverage.summary.x > 1}\n  - {name: three, when: 'cycles.summary.x > cover.summary.x'}\n",
			[]string{`a.yaml:3:32: asks[0].analysis: no analysis is named "covrage"`},
		},
		{
			"a form that cannot be made is told where it is asked for",
			"name: a\ncron: 0 6 * * *\nformats: pdf\nrecipients: [{kind: folder, path: /x, formats: [json, pdf]}]\n",
			[]string{`a.yaml:4:55: recipients[0].formats[1]: nobody prints here`},
		},
		{"not YAML", "name: [a", []string{`a.yaml:1:1: is not YAML or JSON`}},
	} {
		t.Run(c.says, func(t *testing.T) {
			_, err := reports.ReadSchedule(t.Context(), "a.yaml", []byte(c.text), librarian())
			var faults reports.Faults
			require.ErrorAs(t, err, &faults)
			lines := strings.Split(faults.Error(), "\n")
			require.Len(t, lines, len(c.want), faults.Error())
			for i, want := range c.want {
				require.True(t, strings.HasPrefix(lines[i], want), "%s\nwant\n%s", faults.Error(), want)
			}
		})
	}
	s, err := reports.ReadSchedule(t.Context(), "a.yaml", []byte("name: a\ncron: 0 6 * * *\nalerts: [{name: one, when: coverage.x}]\n"), librarian())
	require.NoError(t, err)
	require.Equal(t, "a", s.Name)
}

// never is an error that says that another try cannot help.
type never struct{ error }

func (never) Final() bool { return true }

func TestAFormThatCanNeverBeMadeIsGivenUpAtOnceWithTheReasonAndHoldsUpNobody(t *testing.T) {
	bubble(t, map[string]string{"a": "cron: '*/10 * * * *'\nrecipients:\n" + strings.ReplaceAll(hook("printed", "a.example/1"), "json", "[json, pdf]") + hook("takes", "c.example/1")}, func(o *office) {
		o.press.unmade = map[string]error{"pdf": fmt.Errorf("write the report as pdf: %w", never{errors.New("there is no browser")})}
		r := o.sending(newStreet(), 0)
		stop := o.serve(r)
		time.Sleep(10*time.Minute + 5*time.Second)
		require.Equal(o.t, []string{"01-01 00:10 done printed:dead takes:delivered"}, o.runs("a"))
		run, err := r.Find(o.t.Context(), "a-20000101t0010z")
		require.NoError(o.t, err)
		require.Equal(o.t, "write the report as pdf: there is no browser", run.Deliveries[0].Error)
		require.Equal(o.t, 1, run.Deliveries[0].Attempts)
		o.press.mu.Lock()
		o.press.unmade = nil // it is installed
		o.press.mu.Unlock()
		_, err = r.Resend(o.t.Context(), run.ID, "")
		require.NoError(o.t, err)
		time.Sleep(5 * time.Second)
		stop()
		require.Equal(o.t, []string{"01-01 00:10 done printed:delivered takes:delivered"}, o.runs("a"))
	})
}
