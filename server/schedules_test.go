package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/server"
)

// bureau is schedules that only remember what they are told.
type bureau struct {
	saved  map[string]server.Schedule
	paused map[string]bool
	noted  []string
}

func newBureau() *bureau {
	return &bureau{saved: map[string]server.Schedule{}, paused: map[string]bool{}}
}

func (b *bureau) with(o *server.Options) { o.Reports = b }

func (b *bureau) Keys() []scenario.Key {
	return []scenario.Key{{Name: "name", Type: "id", Required: true, Doc: "Name."}, {Name: "cron", Type: "text", Doc: "When."}}
}

func (b *bureau) Formats() []string { return []string{"html", "json"} }

func (b *bureau) Schedules(context.Context) ([]server.Schedule, error) {
	var list []server.Schedule
	for name, x := range b.saved {
		x.Paused = b.paused[name]
		list = append(list, x)
	}
	return list, nil
}

func (b *bureau) CheckSchedule(_ context.Context, text []byte) (server.Schedule, error) {
	_, rest, _ := strings.Cut(string(text), "name: ")
	name, _, _ := strings.Cut(rest, "\n")
	if name == "bad" {
		return server.Schedule{}, scenario.Faults{{Line: 1, Column: 7, Location: "name", Given: "bad", Code: "value_not_allowed", Problem: "is bad"}}
	}
	at := now()
	return server.Schedule{Name: name, Origin: "saved", At: &at, Next: []time.Time{now().Add(time.Hour)}, Text: text}, nil
}

func (b *bureau) SaveSchedule(ctx context.Context, text []byte, base *uint64) (server.Schedule, error) {
	x, err := b.CheckSchedule(ctx, text)
	if x.Name == "file" {
		return x, graph.NameTakenError("schedule file is a file")
	}
	before := b.saved[x.Name]
	if base != nil && *base != before.Version {
		return x, graph.ErrConflict
	}
	x.Version = before.Version + 1
	b.saved[x.Name] = x
	return x, err
}

func (b *bureau) DeleteSchedule(_ context.Context, name string, _ *uint64) (server.Schedule, error) {
	x, err := b.find(name)
	delete(b.saved, name)
	return x, err
}

func (b *bureau) Totals(context.Context) (server.ReportTotals, error) {
	return server.ReportTotals{
		Outcomes: map[string]int{"done": 7, "failed": 2, "skipped": 0},
		Schedules: []server.ReportStanding{
			{Name: "daily", Last: time.Now().Add(-time.Hour), Failing: 2},
			{Name: "new"},
		},
	}, nil
}

func (b *bureau) find(name string) (server.Schedule, error) {
	x, ok := b.saved[name]
	if !ok {
		return x, fmt.Errorf("no schedule is named %q: %w", name, graph.ErrNotFound)
	}
	return x, nil
}

func (b *bureau) PauseSchedule(_ context.Context, name string, paused bool) error {
	_, err := b.find(name)
	b.paused[name] = paused
	return err
}

func (b *bureau) RunSchedule(_ context.Context, name string) (string, error) {
	_, err := b.find(name)
	return name + "-20261123t060000z-manual", err
}

func (b *bureau) Acknowledge(_ context.Context, schedule, key, note string) error {
	if key != "loop/1" {
		return fmt.Errorf("no alert with the key %q was raised: %w", key, graph.ErrNotFound)
	}
	b.noted = append(b.noted, schedule+" "+key+" "+note)
	return nil
}

func (b *bureau) Acknowledged(_ context.Context, schedule string) ([]server.Acknowledged, error) {
	return []server.Acknowledged{{Key: schedule + "/1", Note: "known", At: now()}}, nil
}

func (b *bureau) Runs(ctx context.Context, schedule string) ([]server.ReportRun, error) {
	run, err := b.Run(ctx, schedule+"-20261123t0600z")
	if err != nil {
		return nil, nil
	}
	return []server.ReportRun{run}, nil
}

func (b *bureau) Run(_ context.Context, id string) (server.ReportRun, error) {
	if id != "daily-20261123t0600z" {
		return server.ReportRun{}, fmt.Errorf("no run has the id %q: %w", id, graph.ErrNotFound)
	}
	at := now()
	return server.ReportRun{
		ID: id, Schedule: "daily", Slot: at, Started: at, Ended: &at, Outcome: "done", Revision: 3, Finding: "One loop.",
		Alerts:     []server.ReportAlert{{Name: "loop", Key: "loop/1"}},
		Deliveries: []server.ReportDelivery{{Recipient: "desk", Key: id + ".desk", State: "pending", Next: &at}},
	}, nil
}

func (b *bureau) Report(ctx context.Context, id, format string) (contentType, name string, body []byte, err error) {
	if _, err := b.Run(ctx, id); err != nil {
		return "", "", nil, err
	}
	if format == "json" {
		return "", "", nil, server.ErrNotReplayed
	}
	return "text/html; charset=utf-8", "daily.html", []byte("<p>One loop."), nil
}

func (b *bureau) Resend(ctx context.Context, id, _ string) (int, error) {
	_, err := b.Run(ctx, id)
	return 1, err
}

func TestASchedulesLifeOverHTTP(t *testing.T) {
	b := newBureau()
	s := emptySite(t, b.with)
	const text = "name: daily\ncron: 0 6 * * *\n"
	a := s.send("PUT", "/api/v1/schedules/daily?dry_run=true", "application/yaml", text)
	require.Equal(t, 200, a.status, a.body)
	require.Contains(t, a.body, `"next":["`)
	require.Contains(t, a.body, `"keys":{"cron":"0 6 * * *","name":"daily"}`)
	require.Empty(t, b.saved)
	a = s.send("PUT", "/api/v1/schedules/daily", "application/yaml", text)
	require.Equal(t, 201, a.status, a.body)
	tag := a.header.Get("ETag")
	require.NotEmpty(t, tag)
	require.Equal(t, 422, s.send("PUT", "/api/v1/schedules/other", "application/yaml", text).status)
	a = s.send("PUT", "/api/v1/schedules/bad", "application/yaml", "name: bad\n")
	require.Equal(t, 422, a.status)
	require.Contains(t, a.body, `"location":"body.name","message":"line 1, column 7: is bad","value":"bad","code":"value_not_allowed"`)
	require.Equal(t, 409, s.send("PUT", "/api/v1/schedules/file", "application/yaml", "name: file\n").status)
	require.Equal(t, 200, s.send("PUT", "/api/v1/schedules/daily", "application/yaml", text).status)
	a = s.get("/api/v1/schedules/daily")
	require.Contains(t, a.body, `"text":"name: daily\ncron: 0 6 * * *\n"`)
	require.Contains(t, a.body, `"acknowledged":[{"key":"daily/1","note":"known","at":"2025-12-16T09:30:00Z"}]`)
	require.NotEqual(t, tag, a.header.Get("ETag"))
	a = s.send("POST", "/api/v1/schedules/daily/pause", "", "")
	require.Contains(t, a.body, `"paused":true`)
	require.Contains(t, s.send("POST", "/api/v1/schedules/daily/resume", "", "").body, `"paused":false`)
	a = s.send("POST", "/api/v1/schedules/daily/run", "", "")
	require.Equal(t, 202, a.status)
	require.Equal(t, "/api/v1/runs/daily-20261123t060000z-manual", a.header.Get("Location"))
	require.Equal(t, 200, s.sendJSON("POST", "/api/v1/schedules/daily/acknowledge", `{"key":"loop/1","note":"seen"}`).status)
	require.Equal(t, []string{"daily loop/1 seen"}, b.noted)
	require.Equal(t, 404, s.sendJSON("POST", "/api/v1/schedules/daily/acknowledge", `{"key":"loop/2"}`).status)
	require.Equal(t, 422, s.sendJSON("POST", "/api/v1/schedules/daily/acknowledge", `{"kee":"loop/2"}`).status)
	require.Equal(t, 200, s.send("DELETE", "/api/v1/schedules/daily", "", "").status)
	require.Equal(t, 404, s.get("/api/v1/schedules/daily").status)
}

func TestAScheduleIsToldByItsKeysForForms(t *testing.T) {
	s := emptySite(t, newBureau().with)
	for text, want := range map[string]string{
		"name: a\nasks: [{analysis: cycles, params: {max_hops: 4}}]\npaused: yes\nnote:\n": `{"name":"a","asks":[{"analysis":"cycles","params":{"max_hops":"4"}}],"paused":"yes","note":null}`,
		"name: a\nasks: &x [1]\nformats: *x\n":                                             "null", // an alias
		"name: a\n---\nname: b\n":                                                          "null",
		"name: a\n? [b]\n: c\n":                                                            "null",
	} {
		require.Equal(t, 201, s.send("PUT", "/api/v1/schedules/a", "application/yaml", text).status)
		got, err := json.Marshal(s.get("/api/v1/schedules/a").ok(200)["keys"])
		require.NoError(t, err)
		require.JSONEq(t, want, string(got), text)
		require.Equal(t, 200, s.send("DELETE", "/api/v1/schedules/a", "", "").status)
	}
}

func TestOfTwoWhoWriteAScheduleTheSecondIsTold(t *testing.T) {
	s := emptySite(t, newBureau().with)
	const path, text = "/api/v1/schedules/daily", "name: daily\ncron: 0 6 * * *\n"
	put := func(text string, header ...string) answer {
		return s.send("PUT", path, "application/yaml", text, header...)
	}
	require.Equal(t, 201, put(text, "If-None-Match", "*").status)
	require.Equal(t, `the schedule "daily" is there already, and If-None-Match wants that there is none`,
		put(text, "If-None-Match", "*").problem(412, "precondition-failed").Detail)
	tag := s.get(path).header.Get("ETag")
	require.Equal(t, 200, put(text+"# mine\n", "If-Match", tag).status)
	put(text+"# theirs\n", "If-Match", tag).problem(412, "precondition-failed")
	require.Contains(t, s.get(path).body, "# mine")
	require.Equal(t, 200, put(text, "If-Match", s.get(path, "Accept", "application/yaml").header.Get("ETag")).status)
}

func TestARunAndItsReportOverHTTP(t *testing.T) {
	s := emptySite(t, newBureau().with)
	const run = "/api/v1/runs/daily-20261123t0600z"
	require.Contains(t, s.get("/api/v1/runs?schedule=daily").body, `"finding":"One loop."`)
	require.Equal(t, 404, s.get("/api/v1/runs?schedule=no").status)
	require.Equal(t, 422, s.get("/api/v1/runs").status)
	a := s.get(run + "/report")
	require.Equal(t, "<p>One loop.", a.body)
	require.Equal(t, "inline; filename=daily.html", a.header.Get("Content-Disposition"))
	require.Contains(t, a.header.Get("Content-Security-Policy"), "default-src 'none'")
	require.Equal(t, 409, s.get(run+"/report?format=json").status)
	require.Equal(t, 422, s.get(run+"/report?format=doc").status)
	a = s.send("POST", run+"/resend?recipient=desk", "", "")
	require.Equal(t, 202, a.status)
	require.JSONEq(t, `{"deliveries":1}`, a.body)
	require.Equal(t, 404, s.get("/api/v1/runs/no").status)
}

func TestAServerWithoutReportsSaysSo(t *testing.T) {
	a := emptySite(t).get("/api/v1/schedules")
	require.Equal(t, 501, a.status)
	require.Contains(t, a.body, "no-reports")
}
