package reports

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
)

// ParseSchedule reads a schedule from YAML or JSON. file names the text in
// faults; it may be "". The error is Faults: every fault at once, each with its
// place. What needs a graph to be judged is judged by Check.
func ParseSchedule(file string, text []byte) (*Schedule, error) {
	r := &reader{file: file, spots: map[string]spot{}}
	s := &Schedule{file: file, spots: r.spots}
	if root := r.root(text); root != nil {
		r.schedule(root, s)
	}
	if len(r.faults) > 0 {
		return nil, inOrder(r.faults)
	}
	return s, nil
}

func (r *reader) schedule(root *yaml.Node, s *Schedule) {
	keys := Head()
	got := r.object(entry{root, ""}, keys)
	s.Name = r.name(got["name"], "")
	s.Title, s.Note = r.text(got["title"]), r.text(got["note"])
	if s.Title == "" {
		s.Title = s.Name
	}
	s.Cron, s.TimeZone = strings.Join(strings.Fields(r.text(got["cron"])), " "), r.text(got["time_zone"])
	if e, ok := got["cron"]; ok && e.node.Kind == yaml.ScalarNode {
		if _, err := parseCron(s.Cron); err != nil {
			r.fault(e, s.Cron, scenario.CodeMalformed, "%s", err)
		}
	}
	if e, ok := got["time_zone"]; ok && s.TimeZone != "" {
		if _, err := parseZone(s.TimeZone); err != nil {
			r.fault(e, s.TimeZone, scenario.CodeNotAllowed, "%s", err)
		}
	}
	s.Missed = MissedOnce
	if e, ok := got["missed"]; ok {
		s.Missed = MissedPolicy(r.choice(e, keyOf(keys, "missed").Allowed))
	}
	s.Paused = r.flag(got["paused"])
	s.Keep = r.whole(got["keep"], keyOf(keys, "keep"))
	s.Formats = r.list(got["formats"], Forms())
	if _, ok := got["formats"]; !ok {
		s.Formats = []string{"html"}
	}
	r.asks(got["asks"], s)
	r.tolerance(got["tolerance"], keyOf(keys, "tolerance").Keys, s)
	r.alerts(got["alerts"], keyOf(keys, "alerts").Keys, s)
	r.recipients(got["recipients"], s)
}

// name is an id; byDefault when it is not given.
func (r *reader) name(e entry, byDefault string) string {
	name := r.text(e)
	if name == "" {
		return byDefault
	}
	ok := len(name) <= maxName && !strings.HasPrefix(name, "-") && !strings.HasSuffix(name, "-")
	if !ok || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		r.fault(e, name, scenario.CodeMalformed, "%q is not a name; want at most %d lower-case letters, digits and hyphens between them", shown(name), maxName)
	}
	return name
}

func (r *reader) asks(list entry, s *Schedule) {
	keys := askKeys()
	var seen []string
	for _, e := range r.items(list, "asks") {
		got := r.object(e, keys)
		a := Ask{Analysis: r.text(got["analysis"]), Scenario: r.text(got["scenario"])}
		a.Name = r.name(got["name"], a.Analysis)
		a.Lens, a.Params = r.arguments(got["lens"]), r.arguments(got["params"])
		a.Draws, a.Seed = r.whole(got["draws"], keyOf(keys, "draws")), r.whole(got["seed"], keyOf(keys, "seed"))
		r.unique(e, a.Name, &seen, "ask")
		s.Asks = append(s.Asks, a)
	}
	if list.node != nil && list.node.Kind == yaml.SequenceNode && len(list.node.Content) == 0 {
		r.fault(list, "", scenario.CodeMissing, "is an empty list; want at least one ask, or leave it out to ask the whole library")
	}
}

// unique faults a name that an earlier item has.
func (r *reader) unique(e entry, name string, seen *[]string, of string) {
	switch {
	case name == "":
	case slices.Contains(*seen, name):
		r.fault(e, name, scenario.CodeNotAllowed, "%q is the name of an earlier %s; give each a name of its own", shown(name), of)
	default:
		*seen = append(*seen, name)
	}
}

// arguments reads values by name; a list is joined by commas, as a flag takes it.
func (r *reader) arguments(e entry) queries.Args {
	args := queries.Args{}
	if e.node == nil {
		return args
	}
	if e.node.Kind != yaml.MappingNode {
		r.fault(e, e.node.Value, scenario.CodeShape, "%s; want arguments by name", form(e.node))
		return args
	}
	for i := 0; i+1 < len(e.node.Content); i += 2 {
		name, value := e.node.Content[i].Value, entry{e.node.Content[i+1], join(e.path, e.node.Content[i].Value)}
		if _, twice := args[name]; twice {
			r.fault(entry{e.node.Content[i], value.path}, name, scenario.CodeKeyTwice, "is given twice; want it once")
			continue
		}
		args[name] = strings.Join(r.list(value, nil), ",")
		r.spots[value.path] = spot{value.node.Line, value.node.Column}
	}
	return args
}

func (r *reader) tolerance(e entry, keys []Key, s *Schedule) {
	s.Tolerance.Percent, _ = graph.ParseDecimal("0")
	s.Tolerance.Amount, _ = graph.ParseMoney("0")
	if e.node == nil {
		return
	}
	got := r.object(e, keys)
	if v, ok := got["percent"]; ok {
		text := r.text(v)
		d, err := graph.ParseDecimal(text)
		if err != nil || d.Micro() < 0 {
			r.fault(v, text, scenario.CodeMalformed, "%q is not allowed; want a number of at least 0 with at most six decimal places", shown(text))
		}
		s.Tolerance.Percent = d
	}
	if v, ok := got["amount"]; ok {
		text := r.text(v)
		m, err := graph.ParseMoney(text)
		switch {
		case err != nil:
			r.fault(v, text, scenario.CodeMalformed, "%s", err)
		case m.Cents() < 0:
			r.fault(v, text, scenario.CodeNotAllowed, "%q is not allowed; want at least 0", shown(text))
		}
		s.Tolerance.Amount = m
	}
}

func (r *reader) alerts(list entry, keys []Key, s *Schedule) {
	var seen []string
	for _, e := range r.items(list, "alerts") {
		got := r.object(e, keys)
		a := Alert{Name: r.name(got["name"], ""), Title: r.text(got["title"]), When: r.text(got["when"])}
		if a.Title == "" {
			a.Title = a.Name
		}
		if m, ok := got["mute"]; ok {
			mute := r.object(m, keyOf(keys, "mute").Keys)
			a.Mute.Reason = r.text(mute["reason"])
			if until, ok := mute["until"]; ok {
				var err error
				if a.Mute.Until, err = graph.ParseDate(r.text(until)); err != nil {
					r.fault(until, until.node.Value, scenario.CodeMalformed, "%s", err)
				}
			}
		}
		r.unique(e, a.Name, &seen, "alert")
		s.Alerts = append(s.Alerts, a)
	}
}

func (r *reader) recipients(list entry, s *Schedule) {
	keys := recipientKeys()
	var seen []string
	for _, e := range r.items(list, "recipients") {
		got := r.object(e, keys)
		x := Recipient{
			Kind: r.choice(got["kind"], RecipientKinds()), Path: r.text(got["path"]), URL: r.text(got["url"]),
			To: r.list(got["to"], nil), Secrets: r.list(got["secrets"], nil), Formats: r.list(got["formats"], Forms()),
			Only: r.choice(got["only"], keyOf(keys, "only").Allowed), Body: r.choice(got["body"], keyOf(keys, "body").Allowed),
		}
		if e, ok := got["entries"]; ok {
			x.Entries = r.whole(e, keyOf(keys, "entries"))
		}
		x.Name = r.name(got["name"], x.Kind)
		r.unique(e, x.Name, &seen, "recipient")
		s.Recipients = append(s.Recipients, x)
		if !slices.Contains(RecipientKinds(), x.Kind) {
			continue
		}
		for _, k := range keys {
			v, given := got[k.Name]
			switch mine := slices.Contains(k.For, x.Kind); {
			case len(k.For) == 0:
			case mine && k.Required && !given:
				r.fault(entry{e.node, join(e.path, k.Name)}, "", scenario.CodeMissing, "is missing; a %s needs it", x.Kind)
			case !mine && given:
				r.fault(v, "", scenario.CodeNotAllowed, "is not for a %s", x.Kind)
			}
		}
		r.recipientValues(got, x)
	}
}

func (r *reader) recipientValues(got map[string]entry, x Recipient) {
	if v, ok := got["url"]; ok && x.URL != "" {
		u, err := url.Parse(x.URL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
			r.fault(v, x.URL, scenario.CodeMalformed, "%q is not allowed; want http:// or https:// with a host and without a password", shown(x.URL))
		}
	}
	if v, ok := got["to"]; ok {
		address := regexp.MustCompile(`^[^\s@<>,;]+@[^\s@<>,;]+$`)
		for _, to := range x.To {
			if !address.MatchString(to) {
				r.fault(v, to, scenario.CodeMalformed, "%q is not an address; want one such as desk@example.com", shown(to))
			}
		}
	}
	if v, ok := got["secrets"]; ok {
		variable := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
		for _, name := range x.Secrets {
			if !variable.MatchString(name) {
				r.fault(v, "", scenario.CodeMalformed, "holds what is not the name of an environment variable; the secret itself never stands in the file")
			}
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

// Checker judges what needs a graph. Fields that are nil leave their check out.
type Checker struct {
	Prepare  func(ctx context.Context, req queries.Request) error // as queries.Runner.Prepare
	Scenario func(ctx context.Context, name string) (*scenario.Scenario, error)
	Alert    func(s *Schedule, a Alert) error // compiles an expression
}

// Check judges the asks and the alerts of the schedule against a graph. The
// error is Faults where the schedule is at fault.
func (s *Schedule) Check(ctx context.Context, c Checker) error {
	var faults Faults
	add := func(path, given, code, problem string) {
		at := path
		for at != "" && s.spots[at] == (spot{}) {
			at = at[:max(0, strings.LastIndexAny(at, ".["))]
		}
		p := s.spots[at]
		faults = append(faults, Fault{File: s.file, Line: p.line, Column: p.column, Location: path, Given: shown(given), Code: code, Problem: problem})
	}
	for i, a := range s.Asks {
		path := fmt.Sprintf("asks[%d]", i)
		req := queries.Request{Analysis: a.Analysis, Lens: a.Lens, Params: a.Params, Draws: a.Draws, Seed: uint64(max(a.Seed, 0))}
		if a.Scenario != "" && c.Scenario != nil {
			x, err := c.Scenario(ctx, a.Scenario)
			if errors.Is(err, graph.ErrNotFound) {
				add(path+".scenario", a.Scenario, scenario.CodeUnknownID, strings.TrimSuffix(err.Error(), ": "+graph.ErrNotFound.Error()))
				x = nil // the rest is judged without it
			} else if err != nil {
				return err
			}
			req.Scenario = x
		}
		if c.Prepare == nil {
			continue
		}
		err := c.Prepare(ctx, req)
		var bad queries.ArgumentErrors
		switch {
		case errors.As(err, &bad):
			for _, x := range bad {
				part := "params"
				switch {
				case slices.Contains(queries.Names(queries.LensParams()), x.Name):
					part = "lens"
				case slices.Contains(queries.Names(queries.RequestParams()), x.Name) || strings.HasPrefix(x.Name, "scenario"):
					add(path+"."+x.Name, x.Given, scenario.CodeNotAllowed, x.Problem)
					continue
				}
				if _, ok := a.Lens[x.Name]; ok {
					part = "lens"
				}
				add(path+"."+part+"."+x.Name, x.Given, scenario.CodeNotAllowed, x.Problem)
			}
		case errors.Is(err, queries.ErrUnknownAnalysis):
			add(path+".analysis", a.Analysis, scenario.CodeUnknownID, err.Error())
		case err != nil:
			return fmt.Errorf("check %s of the schedule %s: %w", path, s.Name, err)
		}
	}
	for i, a := range s.Alerts {
		if c.Alert == nil {
			break
		}
		if err := c.Alert(s, a); err != nil {
			add(fmt.Sprintf("alerts[%d].when", i), a.When, scenario.CodeMalformed, err.Error())
		}
	}
	if len(faults) > 0 {
		return inOrder(faults)
	}
	return nil
}
