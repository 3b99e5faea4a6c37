package reports

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/strictyaml"
	"roundtrip/queries"
)

// ParseSchedule reads a schedule from YAML or JSON. file names the text in
// faults; it may be "". The error is Faults: every fault at once, each with its
// place. What needs a graph to be judged is judged by Check, and by ReadSchedule.
func ParseSchedule(file string, text []byte) (*Schedule, error) {
	s, err := readSchedule(file, text)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// readSchedule gives what can be read also where there are faults.
func readSchedule(file string, text []byte) (*Schedule, error) {
	f := strictyaml.Read(file, text, strictyaml.Form{What: "schedule", Holds: "name and cron", Keys: Head(), MaxBytes: maxBytes})
	s := &Schedule{}
	s.read(f.Root().Object())
	s.places = f.Places()
	return s, f.Err()
}

func (s *Schedule) read(head strictyaml.Object) {
	s.Name, s.Note = head.At("name").ID("name", maxName), head.At("note").Text()
	s.Title = cmp.Or(head.At("title").Text(), s.Name)
	cron, zone := head.At("cron"), head.At("time_zone")
	s.Cron, s.TimeZone = strings.Join(strings.Fields(cron.Text()), " "), zone.Text()
	if _, err := parseCron(s.Cron); err != nil && cron.Given() && !cron.IsList() && !cron.IsMapping() {
		cron.Fault(s.Cron, strictyaml.CodeMalformed, "%s", err)
	}
	if _, err := parseZone(s.TimeZone); err != nil && s.TimeZone != "" {
		zone.Fault(s.TimeZone, strictyaml.CodeNotAllowed, "%s", err)
	}
	s.Missed = cmp.Or(MissedPolicy(head.At("missed").Choice()), MissedOnce)
	s.Paused = head.At("paused").Flag()
	s.Keep = head.At("keep").Whole("")
	s.Formats = head.At("formats").Choices()
	if !head.At("formats").Given() {
		s.Formats = []string{"html"}
	}
	s.readAsks(head.At("asks"))
	tolerance := head.At("tolerance").Object()
	s.Tolerance = Tolerance{tolerance.At("percent").Number(), tolerance.At("amount").Money()}
	s.readAlerts(head.At("alerts"))
	s.readRecipients(head.At("recipients"))
}

func (s *Schedule) readAsks(list strictyaml.Value) {
	var seen []string
	for _, item := range list.Items() {
		got := item.Object()
		a := Ask{
			Analysis: got.At("analysis").Text(), Scenario: got.At("scenario").Text(), Lens: arguments(got.At("lens")), Params: arguments(got.At("params")),
			Draws: got.At("draws").Whole(""), Seed: got.At("seed").Whole(""),
		}
		a.Name = cmp.Or(got.At("name").ID("name", maxName), a.Analysis)
		unique(item, a.Name, &seen, "ask")
		s.Asks = append(s.Asks, a)
	}
	if list.IsList() && list.Len() == 0 {
		list.Fault("", strictyaml.CodeMissing, "is an empty list; want at least one ask, or leave it out to ask the whole library")
	}
}

// unique faults a name that an earlier item has.
func unique(v strictyaml.Value, name string, seen *[]string, of string) {
	switch {
	case name == "":
	case slices.Contains(*seen, name):
		v.Fault(name, strictyaml.CodeNotAllowed, "%q is the name of an earlier %s; give each a name of its own", shown(name), of)
	default:
		*seen = append(*seen, name)
	}
}

// arguments reads values by name; a list is joined by commas, as a flag takes it.
func arguments(v strictyaml.Value) queries.Args {
	args := queries.Args{}
	for _, x := range v.Entries("arguments by name", Key{Most: maxItems}) {
		args[x.Name()] = strings.Join(x.List(), ",")
	}
	return args
}

func (s *Schedule) readAlerts(list strictyaml.Value) {
	var seen []string
	for _, item := range list.Items() {
		got := item.Object()
		a := Alert{Name: got.At("name").ID("name", maxName), Title: got.At("title").Text(), When: got.At("when").Text()}
		a.Title = cmp.Or(a.Title, a.Name)
		mute := got.At("mute").Object()
		a.Mute = Mute{Until: mute.At("until").Date(), Reason: mute.At("reason").Text()}
		unique(item, a.Name, &seen, "alert")
		s.Alerts = append(s.Alerts, a)
	}
}

func (s *Schedule) readRecipients(list strictyaml.Value) {
	var seen []string
	for _, item := range list.Items() {
		got := item.Object()
		x := Recipient{
			Kind: got.At("kind").Choice(), Path: got.At("path").Text(), URL: got.At("url").Text(),
			To: got.At("to").List(), Secrets: got.At("secrets").List(), Formats: got.At("formats").Choices(),
			Only: got.At("only").Choice(), Body: got.At("body").Choice(),
		}
		if entries := got.At("entries"); entries.Given() {
			x.Entries = entries.Whole("")
		}
		x.Name = cmp.Or(got.At("name").ID("name", maxName), x.Kind)
		unique(item, x.Name, &seen, "recipient")
		s.Recipients = append(s.Recipients, x)
		if slices.Contains(RecipientKinds(), x.Kind) {
			x.check(got)
		}
	}
}

// check faults what the recipient is reached by, where that is malformed.
func (r Recipient) check(got strictyaml.Object) {
	if r.URL != "" {
		u, err := url.Parse(r.URL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
			got.At("url").Fault(r.URL, strictyaml.CodeMalformed, "%q is not allowed; want http:// or https:// with a host and without a password", shown(r.URL))
		}
	}
	address := regexp.MustCompile(`^[^\s@<>,;]+@[^\s@<>,;]+$`)
	for _, to := range r.To {
		if !address.MatchString(to) {
			got.At("to").Fault(to, strictyaml.CodeMalformed, "%q is not an address; want one such as desk@example.com", shown(to))
		}
	}
	variable := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	for _, name := range r.Secrets {
		if !variable.MatchString(name) {
			got.At("secrets").Fault("", strictyaml.CodeMalformed, "holds what is not the name of an environment variable; the secret itself never stands in the file")
		}
	}
}

// Slots are the times of the schedule.
func (s *Schedule) Slots() (*Slots, error) { return ParseSlots(s.Cron, s.TimeZone) }

// Day is the day that the clock of the schedule's zone shows at a slot.
func (s *Schedule) Day(slot time.Time) (graph.Date, error) {
	zone, err := parseZone(s.TimeZone)
	if err != nil {
		return graph.Date{}, err
	}
	return graph.On(graph.DayOf(wallOf(slot.In(zone)))), nil
}

// shown is a value as an error shows it.
func shown(value string) string { return strictyaml.Shown(value) }
