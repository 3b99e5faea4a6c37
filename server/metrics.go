package server

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"roundtrip/queries"
)

// metrics are the figures of one server, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	analyses *prometheus.CounterVec
	running  *prometheus.HistogramVec
	revision prometheus.Gauge
	legs     prometheus.Gauge
}

func newMetrics(version string) *metrics {
	buckets := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roundtrip_http_requests_total", Help: "Requests answered, by method, route and status.",
		}, []string{"method", "route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roundtrip_http_request_duration_seconds", Help: "Time to answer a request, by method and route.", Buckets: buckets,
		}, []string{"method", "route"}),
		analyses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roundtrip_analyses_total", Help: "Analyses run, by name, engine and outcome: ok, truncated or failed.",
		}, []string{"analysis", "engine", "outcome"}),
		running: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roundtrip_analysis_duration_seconds", Help: "Time to run an analysis, by name and engine.", Buckets: buckets,
		}, []string{"analysis", "engine"}),
		revision: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "roundtrip_graph_revision", Help: "Revision of the graph that was last answered from.",
		}),
		legs: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "roundtrip_graph_legs", Help: "Legs of the graph that was last answered from.",
		}),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "roundtrip_build_info", Help: "Always 1; the version of the program."}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	m.registry.MustRegister(m.requests, m.took, m.analyses, m.running, m.revision, m.legs, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) request(method, route string, status int, took time.Duration) {
	if !knownMethod(method) {
		method = "other" // clients choose it, and every value costs memory for good
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(method, route).Observe(took.Seconds())
}

func knownMethod(m string) bool {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return true
	}
	return false
}

func (m *metrics) analysis(name string, engine queries.Engine, res *queries.Result, err error, took time.Duration) {
	outcome := "ok"
	switch {
	case err != nil:
		outcome = "failed"
	case res.Truncated.Is:
		outcome = "truncated"
	}
	m.analyses.WithLabelValues(name, string(engine), outcome).Inc()
	m.running.WithLabelValues(name, string(engine)).Observe(took.Seconds())
}

// graph notes the graph that an answer was made from.
func (m *metrics) graph(revision uint64, legs int) {
	m.revision.Set(float64(revision))
	m.legs.Set(float64(legs))
}

// ReportTotals are what became of the slots of schedules, runs by hand not
// counted.
type ReportTotals struct {
	Outcomes  map[string]int // done, failed and skipped slots, ever
	Schedules []ReportStanding
}

// ReportStanding is how a schedule stands.
type ReportStanding struct {
	Name    string
	Last    time.Time // the latest slot whose report was made, zero for none
	Failing int       // slots that failed since
}

// Bounds of the figures of reports.
const (
	countedSchedules = 1000 // that have figures of their own, the first by name
	countTime        = 3 * time.Second
)

// reportFigures reads the figures of reports from what the servers of a store
// share, so that each of them tells the same and none begins anew.
type reportFigures struct {
	reports            Reports
	log                *slog.Logger
	runs, age, failing *prometheus.Desc
}

func newReportFigures(r Reports, log *slog.Logger) *reportFigures {
	return &reportFigures{
		reports: r, log: log,
		runs:    prometheus.NewDesc("roundtrip_report_runs_total", "Slots of all schedules by outcome: done, failed or skipped. Runs by hand do not count.", []string{"outcome"}, nil),
		age:     prometheus.NewDesc("roundtrip_report_last_done_age_seconds", "Time since the latest slot of a schedule whose report was made; none for a schedule that has made none.", []string{"schedule"}, nil),
		failing: prometheus.NewDesc("roundtrip_report_failing_slots", "Slots of a schedule that failed since its last report was made.", []string{"schedule"}, nil),
	}
}

// Describe tells the figures.
func (f *reportFigures) Describe(c chan<- *prometheus.Desc) {
	c <- f.runs
	c <- f.age
	c <- f.failing
}

// Collect reads the figures; there are none where they cannot be read.
func (f *reportFigures) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countTime)
	defer cancel()
	t, err := f.reports.Totals(ctx)
	if err != nil {
		f.log.WarnContext(ctx, "the figures of reports cannot be read", "error", err)
		return
	}
	for outcome, n := range t.Outcomes {
		c <- prometheus.MustNewConstMetric(f.runs, prometheus.CounterValue, float64(n), outcome)
	}
	for _, s := range t.Schedules[:min(len(t.Schedules), countedSchedules)] {
		if !s.Last.IsZero() {
			c <- prometheus.MustNewConstMetric(f.age, prometheus.GaugeValue, time.Since(s.Last).Seconds(), s.Name)
		}
		c <- prometheus.MustNewConstMetric(f.failing, prometheus.GaugeValue, float64(s.Failing), s.Name)
	}
}

func (s *Server) addMetrics() {
	if s.o.Reports != nil {
		s.metrics.registry.MustRegister(newReportFigures(s.o.Reports, s.o.Logger))
	}
	text := promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{DisableCompression: true})
	s.add(route{
		op: huma.Operation{
			Method: http.MethodGet, Path: "/metrics", OperationID: "metrics", Tags: []string{tagOperations},
			Summary: "Figures for Prometheus", Description: "Requests, analyses, the graph, reports and the Go runtime in the text format of Prometheus.",
			Responses: answers("The figures.", "text/plain", &huma.Schema{Type: huma.TypeString}),
		},
		handle: func(_ context.Context, c *call) (reply, error) {
			text.ServeHTTP(c.w, c.r)
			return reply{sent: true}, nil
		},
	})
}
