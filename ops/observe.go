package ops

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"twofold/core"
)

// Attempt counts one decision of a front-end ("radius", "http") and the time
// it took to reach it.
func (m *Metrics) Attempt(frontend, client string, d core.Decision, took time.Duration) {
	result := d.Result.String()
	m.attempts.WithLabelValues(frontend, m.clients.known(client), result, reasonName(d.Reason)).Inc()
	m.attempt.WithLabelValues(frontend, result).Observe(took.Seconds())
}

// Dropped counts packets that got no answer. Why is one of the RADIUS
// front-end's own few words; client is empty for unknown sources.
func (m *Metrics) Dropped(client, why string) {
	m.dropped.WithLabelValues(m.clients.known(client), why).Inc()
}

// Duplicate counts a retransmission: answered from the cache, or passed over
// because the first one is still under way.
func (m *Metrics) Duplicate(client string, answered bool) {
	m.duplicates.WithLabelValues(m.clients.known(client), strconv.FormatBool(answered)).Inc()
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

// Search counts one lookup in the directory; err is what it failed with. That
// a name is nobody's is an answer like any other.
func (m *Metrics) Search(directory string, err error, took time.Duration) {
	m.resolve.WithLabelValues(m.directories.known(directory), searchResult(err)).Observe(took.Seconds())
}

// Event counts one entry of the audit log. It fits core.Config.Observe.
func (m *Metrics) Event(e core.Event) {
	m.events.WithLabelValues(reasonName(e.Reason)).Inc()
}

// Commit counts one commit of the store, with so many transactions in it.
func (m *Metrics) Commit(transactions int, took time.Duration) {
	m.commit.Observe(took.Seconds())
	m.commits.Add(float64(transactions))
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
		for _, v := range []*prometheus.CounterVec{m.attempts, m.dropped, m.duplicates} {
			v.DeletePartialMatch(prometheus.Labels{"client": gone})
		}
	}
}

// SetDirectories says which directory names there are. Series of others end.
func (m *Metrics) SetDirectories(list []string) {
	for _, gone := range m.directories.set(list) {
		for _, v := range []*prometheus.HistogramVec{m.bind, m.resolve} {
			v.DeletePartialMatch(prometheus.Labels{"directory": gone})
		}
	}
}
