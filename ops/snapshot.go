package ops

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Set gives one value of a snapshot, with the values of its labels. Values
// given for the same labels are added up, so that a list that tells more apart
// than the metric does can be handed over as it is.
type Set func(value float64, labels ...string)

// Gauges adds a measure that is read whenever metrics are: how full queues
// and pools are. It is called at start only, and panics if the name is taken.
// The name goes without "twofold_" before it. read must not block.
func (m *Metrics) Gauges(name, help string, labels []string, read func(Set)) {
	m.snapshot(name, help, labels, prometheus.GaugeValue, read)
}

// Counts is Gauges for what only grows, such as dropped packets.
func (m *Metrics) Counts(name, help string, labels []string, read func(Set)) {
	m.snapshot(name, help, labels, prometheus.CounterValue, read)
}

func (m *Metrics) snapshot(name, help string, labels []string, kind prometheus.ValueType, read func(Set)) {
	m.registry.MustRegister(&snapshot{
		desc: prometheus.NewDesc("twofold_"+name, help, labels, nil),
		kind: kind, labels: len(labels), read: read,
	})
}

// maxSeries bounds one snapshot (I12).
const maxSeries = 1024

// snapshot is a prometheus.Collector.
type snapshot struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	labels int
	read   func(Set)
}

// Describe tells the registry what to expect.
func (s *snapshot) Describe(ch chan<- *prometheus.Desc) { ch <- s.desc }

// series are the values of one reading.
type series struct {
	values map[string]float64
	labels map[string][]string
}

func (s *series) add(value float64, labels []string) {
	for i := range labels {
		labels[i] = strings.ToValidUTF8(labels[i], "?")
	}
	key := strings.Join(labels, "\x00")
	if _, ok := s.values[key]; !ok && len(s.values) == maxSeries {
		return
	}
	s.values[key] += value
	s.labels[key] = labels
}

// Collect reads. A reading that panics, or has labels that do not fit, is left
// out: one mistake must not cost all the other metrics.
func (s *snapshot) Collect(ch chan<- prometheus.Metric) {
	all := s.take()
	for key, value := range all.values {
		ch <- prometheus.MustNewConstMetric(s.desc, s.kind, value, all.labels[key]...)
	}
}

func (s *snapshot) take() (all series) {
	all = series{map[string]float64{}, map[string][]string{}}
	defer func() {
		if recover() != nil {
			all = series{}
		}
	}()
	s.read(func(value float64, labels ...string) {
		if len(labels) == s.labels {
			all.add(value, slices.Clone(labels))
		}
	})
	return all
}
