package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
)

// Reports are schedules, their runs and what these deliver. Names and ids that
// are not there are graph.ErrNotFound, what is wrong with a schedule is
// scenario.Faults, a write that another was before is graph.ErrConflict.
type Reports interface {
	// Keys are the keys of a schedule, Formats the forms of a report.
	Keys() []scenario.Key
	Formats() []string
	// Schedules are all schedules by name.
	Schedules(ctx context.Context) ([]Schedule, error)
	// CheckSchedule judges a text and tells what it would be.
	CheckSchedule(ctx context.Context, text []byte) (Schedule, error)
	// SaveSchedule keeps a text under the name that stands in it, DeleteSchedule
	// takes one away; base is as in graph.Documents. ErrScheduleFile says that a
	// file has the name.
	SaveSchedule(ctx context.Context, text []byte, base *uint64) (Schedule, error)
	DeleteSchedule(ctx context.Context, name string, base *uint64) (Schedule, error)
	// PauseSchedule stops the slots of a schedule, or lets them come again.
	PauseSchedule(ctx context.Context, name string, paused bool) error
	// RunSchedule asks for a run now and gives its id.
	RunSchedule(ctx context.Context, name string) (string, error)
	// Acknowledge takes note of an alert that was raised.
	Acknowledge(ctx context.Context, schedule, key, note string) error
	// Acknowledged are the alerts of which note was taken, until they cease.
	Acknowledged(ctx context.Context, schedule string) ([]Acknowledged, error)
	// Runs are the runs of a schedule, the latest first.
	Runs(ctx context.Context, schedule string) ([]ReportRun, error)
	Run(ctx context.Context, id string) (ReportRun, error)
	// Report is the report of a run in one form, made again with the same bytes.
	Report(ctx context.Context, id, format string) (contentType, name string, body []byte, err error)
	// Resend delivers again what was given up, or to one recipient; it tells how
	// many deliveries will be made.
	Resend(ctx context.Context, id, recipient string) (int, error)
	// Totals are what became of slots, for the figures of the server.
	Totals(ctx context.Context) (ReportTotals, error)
}

// ErrNotReplayed says that a run has no report that could be made again.
var ErrNotReplayed = errors.New("the report cannot be made again")

// Schedule is a schedule as it is listed.
type Schedule struct {
	Name     string      `json:"name"`
	Title    string      `json:"title"`
	Note     string      `json:"note"`
	Cron     string      `json:"cron" doc:"Minute, hour, day of the month, month, weekday."`
	TimeZone string      `json:"time_zone" doc:"The zone in which cron is read."`
	Missed   string      `json:"missed" doc:"What becomes of slots that were missed: skip, once or each."`
	Paused   bool        `json:"paused"`
	Origin   string      `json:"origin" enum:"file,saved" doc:"A file of the directory of schedules and not to be written, or saved by a user."`
	Version  uint64      `json:"version" doc:"Counts the writes of a saved schedule."`
	At       *time.Time  `json:"at" doc:"When a saved one was written."`
	Next     []time.Time `json:"next" nullable:"false" doc:"The next five slots, whether it is paused or not."`
	Fault    *string     `json:"fault" doc:"Why it cannot be used."`
	Text     []byte      `json:"-"`
	// Keys is told of one schedule at a time.
	Keys map[string]any `json:"keys,omitempty" doc:"What the file says, by its keys with every value as a text, for forms; of a trial only."`
}

var noReports = problemKind{"no-reports", http.StatusNotImplemented, "This server keeps no reports"}

// scheduleList is the answer of GET /schedules.
type scheduleList struct {
	Schedules []Schedule     `json:"schedules" nullable:"false"`
	Keys      []scenario.Key `json:"keys" nullable:"false" doc:"The keys of a schedule."`
}

// Acknowledged is an alert of which somebody has taken note.
type Acknowledged struct {
	Key  string    `json:"key" doc:"Key of the alert, as a run has it."`
	Note string    `json:"note,omitempty"`
	At   time.Time `json:"at"`
}

// scheduleText is the answer of GET /schedules/{name}.
type scheduleText struct {
	Info Schedule       `json:"info"`
	Text string         `json:"text" doc:"The file as it was written."`
	Keys map[string]any `json:"keys" nullable:"true" doc:"The same by its keys with every value as a text, for forms; null where it cannot be read."`
	// Acknowledged is not named by the ETag, which is that of the file.
	Acknowledged []Acknowledged `json:"acknowledged" nullable:"false" doc:"Alerts of which somebody has taken note; each is quiet until it has ceased and come again."`
}

// acknowledgement is the body of POST /schedules/{name}/acknowledge.
type acknowledgement struct {
	Key  string `json:"key" doc:"Key of the alert, as a run has it." minLength:"1"`
	Note string `json:"note,omitempty" doc:"What was found out."`
}

// asked is the answer to what is done later.
type asked struct {
	Run string `json:"run" doc:"Id of the run."`
}

func (s *Server) addSchedules() {
	tags := []string{tagReports}
	name := pathParam("name", "Name of the schedule.")
	info := s.docs.schema(Schedule{})
	text := &huma.Schema{Type: huma.TypeString}
	const base = apiBase + "/schedules"
	add := func(method, path, id, summary, description string, responses map[string]*huma.Response, handle func(context.Context, *call) (reply, error), change ...func(*route)) {
		rt := route{op: huma.Operation{
			Method: method, Path: path, OperationID: id, Tags: tags, Summary: summary, Description: description, Responses: responses,
		}, handle: s.withReports(handle)}
		if strings.Contains(path, "{name}") {
			rt.op.Parameters = append(rt.op.Parameters, name)
		}
		for _, c := range change {
			c(&rt)
		}
		s.add(rt)
	}
	add(http.MethodGet, base, "list_schedules", "List schedules", "By name, with the next slots of each.", answers("The schedules.", jsonType, s.docs.schema(scheduleList{})), s.listSchedules)
	one := answers("The schedule.", jsonType, s.docs.schema(scheduleText{}))
	one["200"].Content[yamlType] = &huma.MediaType{Schema: text}
	add(http.MethodGet, base+"/{name}", "get_schedule", "Get a schedule", "With Accept: application/yaml the file as it was written.", one, s.getSchedule,
		func(rt *route) { rt.op.Parameters = append(rt.op.Parameters, ifNoneMatch()) })
	saved := answers("The schedule as saved, with its next slots.", jsonType, info)
	saved["201"] = &huma.Response{Description: "The schedule is new.", Content: saved["200"].Content}
	add(http.MethodPut, base+"/{name}", "put_schedule", "Save a schedule", "The body is checked against the graph and kept byte for byte.", saved, s.putSchedule, func(rt *route) {
		dry := queryParam(dryRunKey, "Only check it and tell its next slots.", &huma.Schema{Type: huma.TypeBoolean})
		rt.op.Parameters = append(rt.op.Parameters, dry, ifMatch(), ifNew())
		rt.op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			yamlType: {Schema: text}, jsonType: {Schema: s.docs.named("ScheduleFile", keysSchema(s.scheduleKeys()))},
		}}
		rt.body, rt.heavy = s.o.Limits.Body, true
	})
	add(http.MethodDelete, base+"/{name}", "delete_schedule", "Delete a saved schedule", "Its runs stay.", answers("The schedule that is gone.", jsonType, info), s.deleteSchedule,
		func(rt *route) { rt.op.Parameters = append(rt.op.Parameters, ifMatch()) })
	later := map[string]*huma.Response{"202": {Description: "It is asked for; whichever server leads makes it.", Content: content(jsonType, s.docs.schema(asked{}))}}
	add(http.MethodPost, base+"/{name}/run", "run_schedule", "Make and deliver a report now", "Beside the slots.", later, s.runSchedule)
	add(http.MethodPost, base+"/{name}/pause", "pause_schedule", "Pause a schedule", "No slot runs until it is resumed.", answers("The schedule.", jsonType, info), s.pauseSchedule(true))
	add(http.MethodPost, base+"/{name}/resume", "resume_schedule", "Resume a schedule", "Its slots run again from now on.", answers("The schedule.", jsonType, info), s.pauseSchedule(false))
	add(http.MethodPost, base+"/{name}/acknowledge", "acknowledge_alert", "Acknowledge an alert", "It is quiet until it has ceased and come again.",
		answers("What was noted.", jsonType, s.docs.schema(acknowledgement{})), s.acknowledge, func(rt *route) {
			rt.op.RequestBody = &huma.RequestBody{Required: true, Content: content(jsonType, s.docs.schema(acknowledgement{}))}
			rt.body = s.o.Limits.Body
		})
}

func (s *Server) scheduleKeys() []scenario.Key {
	if s.o.Reports == nil {
		return nil
	}
	return s.o.Reports.Keys()
}

// withReports refuses where there are no reports, and gives errors their faces.
func (s *Server) withReports(handle func(context.Context, *call) (reply, error)) func(context.Context, *call) (reply, error) {
	return func(ctx context.Context, c *call) (reply, error) {
		if s.o.Reports == nil {
			return reply{}, &fault{kind: noReports, detail: trendsHint}
		}
		a, err := handle(ctx, c)
		return a, fileFault("body", err)
	}
}

func (s *Server) listSchedules(ctx context.Context, _ *call) (reply, error) {
	list, err := s.o.Reports.Schedules(ctx)
	if err != nil {
		return reply{}, err
	}
	return jsonReply(scheduleList{orEmpty(list), orEmpty(s.o.Reports.Keys())})
}

func (s *Server) schedule(ctx context.Context, name string) (Schedule, error) {
	list, err := s.o.Reports.Schedules(ctx)
	if err != nil {
		return Schedule{}, err
	}
	var names []string
	for _, x := range list {
		if x.Name == name {
			return x, nil
		}
		names = append(names, x.Name)
	}
	there := "there is none"
	if len(names) > 0 {
		there = "there are " + strings.Join(names, ", ")
	}
	return Schedule{}, graph.NotFound("no schedule is named %q; %s", shown([]byte(name)), there)
}

func (s *Server) getSchedule(ctx context.Context, c *call) (reply, error) {
	x, err := s.schedule(ctx, c.path("name"))
	if err != nil {
		return reply{}, err
	}
	noted, err := s.o.Reports.Acknowledged(ctx, x.Name)
	if err != nil {
		return reply{}, err
	}
	a, err := jsonReply(scheduleText{x, string(x.Text), fileKeys(x.Text), orEmpty(noted)})
	if strings.Contains(c.r.Header.Get("Accept"), yamlType) {
		a = reply{contentType: yamlType, body: x.Text}
	}
	a.header = http.Header{"Vary": {"Accept"}}
	a.etag = fileTag(x.Version, x.Text)
	if a.contentType == jsonType { // it tells what changes with time
		a.etag = infoTag(x.Version, x.Text)
		a.header.Set("Cache-Control", "no-store")
	}
	return a, err
}

func (s *Server) scheduleBase(ctx context.Context, c *call) (*uint64, error) {
	return basedOn(c, "schedule", c.path("name"), func() (uint64, []byte, error) {
		x, err := s.schedule(ctx, c.path("name"))
		return x.Version, x.Text, err
	})
}

func (s *Server) putSchedule(ctx context.Context, c *call) (reply, error) {
	text, dry, err := c.file(jsonType, yamlType)
	if err != nil {
		return reply{}, err
	}
	x, err := s.o.Reports.CheckSchedule(ctx, text)
	if err != nil {
		return reply{}, err
	}
	if err := c.named(x.Name); err != nil {
		return reply{}, err
	}
	if dry {
		x.Keys = fileKeys(text)
		return jsonReply(x)
	}
	base, err := s.scheduleBase(ctx, c)
	if err != nil {
		return reply{}, err
	}
	if x, err = s.o.Reports.SaveSchedule(ctx, text, base); err != nil {
		return reply{}, err
	}
	a, err := jsonReply(x)
	return a.written(x.Version, infoTag(x.Version, x.Text)), err
}

func (s *Server) deleteSchedule(ctx context.Context, c *call) (reply, error) {
	base, err := s.scheduleBase(ctx, c)
	if err != nil {
		return reply{}, err
	}
	x, err := s.o.Reports.DeleteSchedule(ctx, c.path("name"), base)
	if err != nil {
		return reply{}, err
	}
	return jsonReply(x)
}

func (s *Server) runSchedule(ctx context.Context, c *call) (reply, error) {
	id, err := s.o.Reports.RunSchedule(ctx, c.path("name"))
	if err != nil {
		return reply{}, err
	}
	a, err := jsonReply(asked{id})
	a.status, a.header = http.StatusAccepted, http.Header{"Location": {apiBase + "/runs/" + id}}
	return a, err
}

func (s *Server) pauseSchedule(paused bool) func(context.Context, *call) (reply, error) {
	return func(ctx context.Context, c *call) (reply, error) {
		if err := s.o.Reports.PauseSchedule(ctx, c.path("name"), paused); err != nil {
			return reply{}, err
		}
		x, err := s.schedule(ctx, c.path("name"))
		if err != nil {
			return reply{}, err
		}
		return jsonReply(x)
	}
}

func (s *Server) acknowledge(ctx context.Context, c *call) (reply, error) {
	body, err := readJSON(c)
	if err != nil {
		return reply{}, err
	}
	var bad []Entry
	given := map[string]string{}
	for _, m := range body.members {
		if m.name != "key" && m.name != "note" {
			bad = append(bad, Entry{Location: "body." + m.name, Message: "no such key; allowed are key, note"})
			continue
		}
		if v, ok := body.scalar(m, &bad); ok {
			given[m.name] = fmt.Sprint(v)
		}
	}
	if given["key"] == "" && len(bad) == 0 {
		bad = append(bad, Entry{Location: "body.key", Message: "is missing; want the key of the alert, as a run has it"})
	}
	if len(bad) > 0 {
		return reply{}, arguments(bad...)
	}
	if err := s.o.Reports.Acknowledge(ctx, c.path("name"), given["key"], given["note"]); err != nil {
		return reply{}, err
	}
	return jsonReply(acknowledgement{given["key"], given["note"]})
}
