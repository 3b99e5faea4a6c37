package reports

import (
	"fmt"
	"io"
	"strings"

	"roundtrip/graph/strictyaml"
)

// WriteReference writes the page about schedules as Markdown, made from the
// declarations. example is the text of a schedule that the page shows.
func WriteReference(w io.Writer, example []byte) error {
	var b strings.Builder
	b.WriteString("# Reports that arrive by themselves\n\nGenerated from the declarations in `reports`; `make generate` writes it again.\n\n")
	b.WriteString(`A schedule says when a report is made, what it asks, and who gets it. It is a YAML or JSON file; unknown keys are errors, every
error names its place, and all are told at once. A schedule is saved in the store, or is a file of the directory that the
setting ` + "`reports.dir`" + ` names; ` + "`roundtrip serve`" + ` runs both. The same report once, without a schedule, is ` + "`roundtrip report`" + `.

`)
	fmt.Fprintf(&b, "```yaml\n%s```\n\n", example)
	b.WriteString(`| to | command line | HTTP, under /api/v1 |
|---|---|---|
| check a file, with the next five runs | ` + "`roundtrip schedule check FILE`" + ` | PUT schedules/NAME?dry_run=true |
| save it | ` + "`roundtrip schedule save FILE`" + ` | PUT schedules/NAME |
| list | ` + "`roundtrip schedule list`" + ` | GET schedules |
| run now, beside the slots | ` + "`roundtrip schedule run NAME`" + ` | POST schedules/NAME/run |
| pause, resume | ` + "`roundtrip schedule pause NAME`" + ` | POST schedules/NAME/pause |
| see the runs | ` + "`roundtrip schedule runs NAME`" + ` | GET runs?schedule=NAME |
| read the report of a run | ` + "`roundtrip schedule replay RUN`" + ` | GET runs/RUN/report?format=html |
| deliver again what was given up | ` + "`roundtrip schedule resend RUN`" + ` | POST runs/RUN/resend |
| take note of an alert | ` + "`roundtrip schedule acknowledge NAME KEY`" + ` | POST schedules/NAME/acknowledge |

## Keys

`)
	sections := []Key{}
	b.WriteString(strictyaml.Table(Head()))
	for _, k := range Head() {
		if len(k.Keys) > 0 {
			sections = append(sections, k)
		}
	}
	for len(sections) > 0 {
		k := sections[0]
		sections = sections[1:]
		fmt.Fprintf(&b, "\n### %s\n\n", k.Name)
		b.WriteString(strictyaml.Table(k.Keys))
		for _, inner := range k.Keys {
			if len(inner.Keys) > 0 {
				sections = append([]Key{inner}, sections...)
			}
		}
	}
	fmt.Fprintf(&b, `
How alerts are written and what recipients get is told in [alerts.md](alerts.md).

## When

`+"`cron`"+` has five fields: minute, hour, day of the month, month, weekday (0 is Sunday); each is *, a number, a range, a step such as
*/15, or several of them with commas between. Months and weekdays may be written jan to dec and sun to sat. Where both the day
of the month and the weekday are given, either is enough.

Slots are readings of the clock in the zone of the schedule, and each reading is one slot:

- When clocks go forward, a slot in the hour that is skipped is due at the first moment after it; several that fall on that
  moment are one.
- When clocks go back, a slot in the hour that comes twice is due the first time only.
- A month without the 31st, a year without the 29th of February, has no such slot.

## What is promised

- A slot runs once, however many servers share the store: one of them leads, and when it is killed another does within a minute.
- A server that is killed at any point loses nothing: the next finds the run, or the deliveries, and goes on. What a receiver was
  sent and had not answered is sent again with the same key.
- Runs of one schedule never overlap. A slot that could not start within %s is missed, and `+"`missed`"+` says what becomes of it;
  one that can still start in time runs whatever `+"`missed`"+` says. With `+"`once`"+` it makes up for those that were missed, which are
  skipped then; where there is none, the latest that was missed runs.
- A run keeps its inputs: the revision of the graph, the schedule, the scenarios and the settings that matter as they were, the
  slot, the run that it differs from. The report is made again from these when it is read, and is the same to the byte; where the
  program has changed so that it is not, it says so. PDF is made by a browser and is not the same to the byte.
- What a recipient has not taken is kept as it is, PDF too, until it is: every further attempt sends the same bytes, whatever
  program runs then. What was given up stays for sending it again, for the latest %d such runs of a schedule.
- Whoever gets reports learns when one does not come, see below.
- A run by hand is delivered like any other, but the next slot does not differ from it.
- An alert that was acknowledged is quiet until it has ceased and come again.

## When a report does not come

A report that cannot be made is tried three times, then its slot has failed. Each recipient of the schedule, those that get only
changes or alerts included, is sent a short notice: which schedule and slot, what went wrong, what is done next, where to look. Slots
that fail after it are not told; the first that is done is, with how many failed. A recipient that is added meanwhile is told at the
next slot that fails. Notices are delivered as reports are: with a key of their own, tried again, kept as dead and sent again by
`+"`roundtrip schedule resend`"+`; where a run has a report too, the notice alone is the recipient `+"`desk.recovered`"+`.
[alerts.md](alerts.md) tells their form for each kind of recipient.

Passwords of the settings, and names, passwords and queries in addresses, are left out of what went wrong. A run by hand that fails
tells nobody but whoever asked for it, and one that is done ends no streak. A slot that `+"`missed`"+` skips has not failed. A delivery
that is given up tells nobody either: it is listed and logged.

`+"`/metrics`"+` tells the same to whoever watches servers; runs by hand do not count:

| metric | meaning |
|---|---|
| `+"`roundtrip_report_runs_total{outcome}`"+` | slots of all schedules that are done, failed or skipped, over all servers of the store |
| `+"`roundtrip_report_last_done_age_seconds{schedule}`"+` | time since the latest slot whose report was made; of the first 1000 schedules by name |
| `+"`roundtrip_report_failing_slots{schedule}`"+` | slots that failed since |

## Limits

A file has at most %d bytes and %d asks, alerts and recipients each; a name at most %d characters. Times of servers that share a
store should agree to some seconds.

Who can reach the service may not write, send and sign wherever the program can. So a schedule that is saved over HTTP, the page
included, may name only what settings allow; `+"`roundtrip config print`"+` explains them. Files of `+"`reports.dir`"+` and the
command line may name anything. A schedule is judged when it is saved: what was saved before a setting was narrowed goes on.

| setting | allows | when it is not set |
|---|---|---|
| `+"`reports.folders`"+` | directories for folders and feeds | the folder `+"`reports`"+` of the data directory |
| `+"`reports.hosts`"+` | hosts of webhooks and Slack, such as hooks.slack.com or *.example.com; a redirect never leads to another host | loopback addresses of this machine; none where other machines reach the service |
| `+"`reports.mail`"+` | e-mail addresses, or their domains | the domain of `+"`smtp.from`"+` |
| `+"`reports.secrets`"+` | environment variables that sign, such as LEDGER_SECRET or REPORTS_* | none |
`, "two minutes", keepPages, maxBytes, maxItems, maxName)
	_, err := io.WriteString(w, b.String())
	return err
}
