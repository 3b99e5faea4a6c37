package reports

import (
	"roundtrip/graph/strictyaml"
)

// Key declares one key of a schedule file.
type Key = strictyaml.Key

// Fault is one thing that is wrong with a schedule file.
type Fault = strictyaml.Fault

// Faults are all faults of a file, in the order of the text.
type Faults = strictyaml.Faults

// The limits of a schedule.
const (
	maxBytes = 256 << 10
	maxName  = 60 // leaves room for the kinds of documents that carry it
	maxItems = 200
	maxKeep  = 10_000
)

// Forms are the forms of a report.
func Forms() []string { return []string{"html", "md", "json", "csv", "pdf"} }

// RecipientKinds are the kinds of recipients.
func RecipientKinds() []string { return []string{"folder", "webhook", "slack", "email", "atom"} }

// Head are the keys of a schedule file: what the reader accepts, and what forms,
// schemas and documentation show.
func Head() []Key {
	return []Key{
		{Name: "name", Type: "id", Required: true, Doc: "The name that it is saved and asked for by: lower-case letters, digits and hyphens."},
		{Name: "title", Type: "text", Default: "the name", Doc: "What the report is called."},
		{Name: "note", Type: "text", Doc: "Why it is made, and for whom."},
		{Name: "cron", Type: "text", Required: true, Doc: "When: minute, hour, day of the month, month and weekday, such as 0 6 * * 1-5."},
		{Name: "time_zone", Type: "text", Default: "UTC", Doc: "The zone in which cron is read, and whose day is the as_of of an ask that names none: a name of the IANA database, such as America/New_York."},
		{Name: "missed", Type: "text", Default: "once", Allowed: []string{string(MissedSkip), string(MissedOnce), string(MissedEach)}, Doc: "What becomes of slots that could not start within two minutes, because no server ran or the run before was not done: skip records them as skipped, once runs the latest unless a later slot is still in time, each runs them all, the oldest first, up to 1000."},
		{Name: "paused", Type: "flag", Default: "false", Doc: "true: no slot runs until it is resumed."},
		{Name: "asks", Type: "records", Most: maxItems, Default: "the whole library", Doc: "What is asked, in the order of the report.", Keys: askKeys()},
		{Name: "formats", Type: "list", Most: maxItems, Default: "html", Allowed: Forms(), Doc: "The forms that recipients get."},
		{Name: "tolerance", Type: "record", Doc: "Moves that are within it are left out of the differences to the run before.", Keys: []Key{
			{Name: "percent", Type: "number", Default: "0", Minimum: "0", Maximum: "1000000", Doc: "Of the earlier value, in per cent."},
			{Name: "amount", Type: "money", Default: "0", Doc: "In dollars, such as 1m; a move has to be within both bounds to be left out."},
		}},
		{Name: "alerts", Type: "records", Most: maxItems, Doc: "Rules that say when somebody should look.", Keys: []Key{
			{Name: "name", Type: "id", Required: true, Doc: "Its name among the alerts of the schedule."},
			{Name: "title", Type: "text", Default: "the name", Doc: "What is wrong when it is true."},
			{Name: "when", Type: "text", Required: true, Doc: "An expression over the answers of the report; docs/alerts.md tells its form."},
			{Name: "mute", Type: "record", Doc: "Keeps the alert quiet.", Keys: []Key{
				{Name: "until", Type: "date", Required: true, Doc: "The last quiet day."},
				{Name: "reason", Type: "text", Required: true, Doc: "Why; the report shows it."},
			}},
		}},
		{Name: "recipients", Type: "records", Most: maxItems, Doc: "Where the report goes; with none it is kept in the history only.", Keys: recipientKeys()},
		{Name: "keep", Type: "integer", Default: "400", Minimum: "1", Maximum: "10000", Doc: "How many runs the history keeps."},
	}
}

func askKeys() []Key {
	return []Key{
		{Name: "name", Type: "id", Default: "the name of the analysis", Doc: "Tells two asks of one analysis apart."},
		{Name: "analysis", Type: "id", Required: true, Doc: "The name of the analysis, as `roundtrip analyze --list` shows it."},
		{Name: "lens", Type: "arguments", Doc: "Arguments of the lens. Without as_of it is the day of the slot in the zone of the schedule."},
		{Name: "params", Type: "arguments", Doc: "Arguments of the analysis."},
		{Name: "scenario", Type: "id", Doc: "A what-if that changes the graph for this ask: the name of a scenario."},
		{Name: "draws", Type: "integer", Default: "0", Minimum: "0", Maximum: "100000", Doc: "How often the figures of the summary are drawn anew."},
		{Name: "seed", Type: "integer", Default: "1", Minimum: "0", Maximum: "1000000000", Doc: "Chooses the random numbers of the draws."},
	}
}

func recipientKeys() []Key {
	return []Key{
		{Name: "name", Type: "id", Default: "the kind", Doc: "Its name among the recipients of the schedule."},
		{Name: "kind", Type: "text", Required: true, Allowed: RecipientKinds(), Doc: "How it is reached."},
		{Name: "path", Type: "text", Required: true, For: []string{"folder", "atom"}, Doc: "folder: the directory that gets the files; atom: the file of the feed."},
		{Name: "url", Type: "text", Required: true, For: []string{"webhook", "slack"}, Doc: "webhook, slack: the address that is sent to, http or https."},
		{Name: "to", Type: "list", Most: maxItems, Required: true, For: []string{"email"}, Doc: "email: the addresses."},
		{Name: "secrets", Type: "list", Most: maxItems, For: []string{"webhook"}, Doc: "webhook: names of environment variables that hold secrets of at least 16 characters; each signs, so that a secret can be changed without a gap."},
		{Name: "body", Type: "text", Default: "envelope", Allowed: []string{"envelope", "file"}, For: []string{"webhook"}, Doc: "webhook: a JSON envelope with the files, or the first file as it is."},
		{Name: "entries", Type: "integer", Default: "50", Minimum: "1", Maximum: "1000", For: []string{"atom"}, Doc: "atom: entries that the feed keeps."},
		{Name: "formats", Type: "list", Most: maxItems, Default: "those of the schedule", Allowed: Forms(), Doc: "The forms that this recipient gets."},
		{Name: "only", Type: "text", Allowed: []string{"changes", "alerts"}, Doc: "changes: nothing is sent when nothing moved; alerts: nothing is sent when no alert is raised."},
	}
}
