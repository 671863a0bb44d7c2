package ops

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"twofold/core"
)

// Attempt counts one decision of a front-end ("radius", "http") and the time
// it took to reach it.
func (m *Metrics) Attempt(frontend, client string, result core.Result, why core.Reason, took time.Duration) {
	m.attempts.WithLabelValues(frontend, m.clients.known(client), result.String(), reasonName(why)).Inc()
	m.attempt.WithLabelValues(frontend, result.String()).Observe(took.Seconds())
}

// outcomes are the names of core.Outcome.
var outcomes = map[core.Outcome]string{
	core.BindUnknown: "unknown", core.Right: "right", core.Wrong: "wrong", core.Refused: "refused", core.Unsent: "unsent",
}

// Bind counts one password check by the directory.
func (m *Metrics) Bind(directory string, outcome core.Outcome, took time.Duration) {
	name, ok := outcomes[outcome]
	if !ok {
		name = other
	}
	m.bind.WithLabelValues(m.directories.known(directory), name).Observe(took.Seconds())
}

// Event counts one entry of the audit log. It fits core.Config.Observe.
func (m *Metrics) Event(e core.Event) {
	m.events.WithLabelValues(reasonName(e.Reason)).Inc()
}

// Request counts one HTTP request. Route is the pattern, never the path.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	m.http.WithLabelValues(route, methodName(method), strconv.Itoa(status)).Inc()
	m.request.WithLabelValues(route).Observe(took.Seconds())
}

// Reloaded counts a reload of the configuration.
func (m *Metrics) Reloaded(err error) {
	result := "ok"
	if err != nil {
		result = "refused"
	}
	m.reloads.WithLabelValues(result).Inc()
}

// SetClients says which client names there are. Series of others end.
func (m *Metrics) SetClients(list []string) {
	for _, gone := range m.clients.set(list) {
		m.attempts.DeletePartialMatch(prometheus.Labels{"client": gone})
	}
}

// SetDirectories says which directory names there are. Series of others end.
func (m *Metrics) SetDirectories(list []string) {
	for _, gone := range m.directories.set(list) {
		m.bind.DeletePartialMatch(prometheus.Labels{"directory": gone})
	}
}
