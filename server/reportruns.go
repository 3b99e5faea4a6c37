package server

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// ReportRun is one making of a report.
type ReportRun struct {
	ID         string           `json:"id"`
	Schedule   string           `json:"schedule"`
	Slot       time.Time        `json:"slot" doc:"The time that it was due."`
	Manual     bool             `json:"manual" doc:"It was asked for by hand."`
	Started    time.Time        `json:"started"`
	Ended      *time.Time       `json:"ended" doc:"null while it is being made."`
	Outcome    string           `json:"outcome" enum:"running,done,failed,skipped"`
	Error      *string          `json:"error"`
	Version    string           `json:"version" doc:"Of the program."`
	Revision   uint64           `json:"revision" doc:"Of the graph."`
	Hash       string           `json:"hash" doc:"Of the graph."`
	Since      *string          `json:"since" doc:"Id of the run that the differences are to."`
	Digest     string           `json:"digest" doc:"SHA-256 of the report as JSON."`
	Finding    string           `json:"finding" doc:"One sentence."`
	Alerts     []ReportAlert    `json:"alerts" nullable:"false"`
	Deliveries []ReportDelivery `json:"deliveries" nullable:"false"`
}

// ReportAlert is an alert that was raised.
type ReportAlert struct {
	Name         string  `json:"name"`
	Title        string  `json:"title"`
	Text         string  `json:"text"`
	Key          string  `json:"key" doc:"The same alert about the same thing has the same key."`
	Muted        *string `json:"muted" doc:"Why it is muted."`
	Acknowledged bool    `json:"acknowledged"`
}

// ReportDelivery is one recipient's copy.
type ReportDelivery struct {
	Recipient string     `json:"recipient"`
	Key       string     `json:"key" doc:"The same for every attempt."`
	State     string     `json:"state" enum:"pending,delivered,dead,none"`
	Attempts  int        `json:"attempts"`
	Next      *time.Time `json:"next" doc:"Of the next attempt, while it is pending."`
	At        *time.Time `json:"at" doc:"Of the last attempt."`
	Error     *string    `json:"error"`
	Notice    *string    `json:"notice" doc:"failed or recovered: it tells that slots fail, or that they work again; null for a report."`
}

// runList is the answer of GET /runs.
type runList struct {
	Runs []ReportRun `json:"runs" nullable:"false"`
}

// resent is the answer of POST /runs/{id}/resend.
type resent struct {
	Deliveries int `json:"deliveries" doc:"How many will be made again."`
}

// reportPolicy lets a report show the pictures and letters that it carries.
const reportPolicy = answerPolicy + "; img-src data:; font-src data:"

var notReplayed = problemKind{"not-replayed", http.StatusConflict, "The report cannot be made again"}

func (s *Server) addRuns() {
	tags := []string{tagReports}
	id := pathParam("id", "Id of the run.")
	text := &huma.Schema{Type: huma.TypeString}
	const base = apiBase + "/runs"
	schedule := queryParam("schedule", "Name of the schedule.", text)
	schedule.Required = true
	s.add(route{op: huma.Operation{
		Method: http.MethodGet, Path: base, OperationID: "list_runs", Tags: tags, Summary: "List the runs of a schedule", Description: "The latest first.",
		Parameters: []*huma.Param{schedule}, Responses: answers("The runs.", jsonType, s.docs.schema(runList{})),
	}, handle: s.withReports(s.listRuns)})
	s.add(route{op: huma.Operation{
		Method: http.MethodGet, Path: base + "/{id}", OperationID: "get_run", Tags: tags, Summary: "Get a run",
		Parameters: []*huma.Param{id}, Responses: answers("The run.", jsonType, s.docs.schema(ReportRun{})),
	}, handle: s.withReports(s.getRun)})
	forms := &huma.Schema{Type: huma.TypeString}
	if s.o.Reports != nil {
		forms.Enum = anys(s.o.Reports.Formats())
	}
	report := map[string]*huma.Response{"200": {Description: "The report.", Content: map[string]*huma.MediaType{}}}
	binary := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	for _, t := range []string{"text/html; charset=utf-8", "text/markdown; charset=utf-8", "application/zip", "application/pdf"} {
		report["200"].Content[t] = &huma.MediaType{Schema: binary}
	}
	report["200"].Content[jsonType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}
	s.add(route{op: huma.Operation{
		Method: http.MethodGet, Path: base + "/{id}/report", OperationID: "get_report", Tags: tags, Summary: "Get the report of a run",
		Description: "Made again from the inputs of the run: the same bytes as were delivered. Where the program has changed so that it is not the same any more: the forms that are kept because a recipient has not taken them, 409 for others.",
		Parameters:  []*huma.Param{id, queryParam("format", "Form of the report, html when not given.", forms)}, Responses: report,
	}, heavy: true, time: s.o.Limits.Import, handle: s.withReports(s.getReport)})
	later := map[string]*huma.Response{"202": {Description: "It is asked for; whichever server leads does it.", Content: content(jsonType, s.docs.schema(resent{}))}}
	s.add(route{op: huma.Operation{
		Method: http.MethodPost, Path: base + "/{id}/resend", OperationID: "resend_run", Tags: tags, Summary: "Deliver a run again",
		Description: "What was given up, or with a recipient that delivery in whatever state it is. The keys stay the same.",
		Parameters:  []*huma.Param{id, queryParam("recipient", "Name of the recipient; of a notice that follows a report with .recovered at the end.", text)}, Responses: later,
	}, handle: s.withReports(s.resendRun)})
}

func (s *Server) listRuns(ctx context.Context, c *call) (reply, error) {
	name := c.query["schedule"]
	if name == "" {
		return reply{}, arguments(Entry{Location: "query.schedule", Message: "is missing; want the name of a schedule"})
	}
	runs, err := s.o.Reports.Runs(ctx, name)
	if err == nil && len(runs) == 0 {
		_, err = s.schedule(ctx, name)
	}
	if err != nil {
		return reply{}, err
	}
	return jsonReply(runList{orEmpty(runs)})
}

func (s *Server) getRun(ctx context.Context, c *call) (reply, error) {
	run, err := s.o.Reports.Run(ctx, c.path("id"))
	if err != nil {
		return reply{}, err
	}
	return jsonReply(run)
}

func (s *Server) getReport(ctx context.Context, c *call) (reply, error) {
	format := "html"
	if given, ok := c.query["format"]; ok {
		format = given
	}
	if !slices.Contains(s.o.Reports.Formats(), format) {
		return reply{}, arguments(Entry{Location: "query.format", Value: shown([]byte(format)), Message: "want one of " + strings.Join(s.o.Reports.Formats(), ", ")})
	}
	contentType, name, body, err := s.o.Reports.Report(ctx, c.path("id"), format)
	if errors.Is(err, ErrNotReplayed) {
		return reply{}, &fault{kind: notReplayed, detail: "the run has no report, or the program or its settings have changed so that the report would not be what it was", cause: err}
	}
	if err != nil {
		return reply{}, err
	}
	return reply{contentType: contentType, body: body, header: http.Header{
		"Content-Security-Policy": {reportPolicy},
		"Content-Disposition":     {mime.FormatMediaType("inline", map[string]string{"filename": name})},
	}}, nil
}

func (s *Server) resendRun(ctx context.Context, c *call) (reply, error) {
	n, err := s.o.Reports.Resend(ctx, c.path("id"), c.query["recipient"])
	if err != nil {
		return reply{}, err
	}
	a, err := jsonReply(resent{n})
	a.status = http.StatusAccepted
	return a, err
}
