package ops

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"twofold/core"
)

// Build says which program this is; it is the label set of twofold_build_info.
type Build struct{ Version, Commit string }

// Metrics collects what the front-ends and adapters report. All methods may be
// called at once, and none blocks.
type Metrics struct {
	registry    *prometheus.Registry
	clients     *names
	directories *names

	attempts, events, http, reloads *prometheus.CounterVec
	attempt, bind, request          *prometheus.HistogramVec
}

// From half a millisecond to eight seconds, each twice the one before: wide
// enough for a bind on loopback and for a directory beyond a satellite.
var latency = prometheus.ExponentialBuckets(0.0005, 2, 15)

// NewMetrics makes a registry of its own with everything in it that needs no
// caller: the Go runtime, the process, and what was built.
func NewMetrics(b Build) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), clients: newNames(), directories: newNames()}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.defineCounters()
	m.defineHistograms()
	m.defineBuild(b, time.Now())
	return m
}

func (m *Metrics) defineCounters() {
	m.attempts = m.counters("attempts_total", "Login attempts by front-end, client, result and reason (doc/events.md).", "frontend", "client", "result", "reason")
	m.events = m.counters("events_total", "Events written to the audit log, by their reason.", "reason")
	m.http = m.counters("http_requests_total", "HTTP requests by route, method and status.", "route", "method", "status")
	m.reloads = m.counters("config_reloads_total", "Reloads of the configuration, by whether they succeeded.", "result")
}

func (m *Metrics) defineHistograms() {
	m.attempt = m.histograms("attempt_duration_seconds", "From request to decision, without the time a refusal is held back.", "frontend", "result")
	m.bind = m.histograms("directory_bind_duration_seconds", "Password checks, by directory and outcome.", "directory", "outcome")
	m.request = m.histograms("http_request_duration_seconds", "HTTP requests by route.", "route")
}

func (m *Metrics) defineBuild(b Build, started time.Time) {
	info := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "twofold", Name: "build_info", Help: "Always 1; the labels say which program this is.",
		ConstLabels: prometheus.Labels{"version": b.Version, "commit": b.Commit, "go": runtime.Version()},
	}, func() float64 { return 1 })
	m.registry.MustRegister(info)
	m.Gauges("uptime_seconds", "Since the process began to serve.", nil, func(set Set) { set(time.Since(started).Seconds()) })
}

func (m *Metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "twofold", Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	return v
}

func (m *Metrics) histograms(name, help string, labels ...string) *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "twofold", Name: name, Help: help, Buckets: latency}, labels)
	m.registry.MustRegister(v)
	return v
}

// reasonName is the reason's name in core's table.
func reasonName(r core.Reason) string {
	if name, ok := reasons()[r]; ok {
		return name
	}
	return other
}
