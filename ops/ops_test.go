package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"twofold/core"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := get(t, New(Config{Metrics: m}), "/metrics")
	if w.Code != http.StatusOK {
		t.Fatalf("/metrics answers %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestEveryObservationIsScraped(t *testing.T) {
	m := NewMetrics(Build{Version: "1.2", Commit: "abc"})
	m.SetClients([]string{"vpn", "api"})
	m.SetDirectories([]string{"corp"})
	m.Attempt("radius", "vpn", core.Reject, core.WrongCode, 3*time.Millisecond)
	m.Bind("corp", core.Wrong, time.Millisecond)
	m.Event(core.Event{Reason: core.WrongCode})
	m.Request("/api/v1/users/{user}", "BREW", 405, time.Millisecond)
	m.Reloaded(errors.New("no"))
	m.Gauges("queue_length", "Waiting.", []string{"queue"}, func(set Set) { set(5, "radius"); set(2, "disk") })
	m.Counts("packets_dropped_total", "Not answered.", []string{"client", "why"}, func(set Set) {
		set(3, "vpn", "unsigned")
		set(4, "vpn", "unsigned") // of another source
		set(1, "", "unknown_source")
	})
	got := scrape(t, m)
	why := core.WrongCode.Name()
	for _, want := range []string{
		`twofold_attempts_total{client="vpn",frontend="radius",reason="` + why + `",result="reject"} 1`,
		`twofold_attempt_duration_seconds_bucket{frontend="radius",result="reject",le="0.004"} 1`,
		`twofold_attempt_duration_seconds_bucket{frontend="radius",result="reject",le="0.002"} 0`,
		`twofold_directory_bind_duration_seconds_count{directory="corp",outcome="wrong"} 1`,
		`twofold_events_total{reason="` + why + `"} 1`,
		`twofold_http_requests_total{method="other",route="/api/v1/users/{user}",status="405"} 1`,
		`twofold_config_reloads_total{result="refused"} 1`,
		`twofold_queue_length{queue="radius"} 5`,
		`twofold_queue_length{queue="disk"} 2`,
		`twofold_packets_dropped_total{client="vpn",why="unsigned"} 7`,
		`twofold_packets_dropped_total{client="",why="unknown_source"} 1`,
		`# TYPE twofold_packets_dropped_total counter`,
		`# TYPE twofold_queue_length gauge`,
		`version="1.2"`, `go_goroutines`, `process_resident_memory_bytes`, `twofold_uptime_seconds`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing: %s", want)
		}
	}
}

func TestI12_LabelsComeFromKnownSetsOnly(t *testing.T) {
	m := NewMetrics(Build{})
	m.SetClients([]string{"vpn"})
	for i := range 1000 {
		m.Attempt("radius", fmt.Sprint("stranger", i), core.Reject, core.Reason(40000+i), 0)
		m.Bind(fmt.Sprint("dir", i), core.Outcome(100+i%100), 0)
		m.Event(core.Event{Reason: core.Reason(40000 + i)})
	}
	got := scrape(t, m)
	for _, prefix := range []string{"twofold_attempts_total{", "twofold_directory_bind_duration_seconds_count{", "twofold_events_total{"} {
		if n := strings.Count(got, "\n"+prefix); n != 1 {
			t.Errorf("%s has %d series, not one for everything unknown", prefix, n)
		}
	}
}

func TestI12_SnapshotsAreCutAndNeverSpoilAScrape(t *testing.T) {
	m := NewMetrics(Build{})
	m.Gauges("many", "Too many.", []string{"n"}, func(set Set) {
		for i := range 3 * maxSeries {
			set(1, fmt.Sprint(i))
		}
	})
	m.Gauges("odd", "Labels that do not fit.", []string{"n"}, func(set Set) { set(1, "\xff"); set(2); set(3, "a", "b") })
	m.Gauges("broken", "Panics.", nil, func(Set) { panic("nil map") })
	got := scrape(t, m)
	if n := strings.Count(got, "\ntwofold_many{"); n != maxSeries {
		t.Errorf("%d series of one snapshot", n)
	}
	if !strings.Contains(got, "twofold_uptime_seconds") || strings.Contains(got, "\ntwofold_broken") {
		t.Error("a snapshot that failed spoilt others")
	}
}

func TestSeriesOfClientsThatLeftEnd(t *testing.T) {
	m := NewMetrics(Build{})
	m.SetClients([]string{"old", "stays"})
	m.SetDirectories([]string{"olddir"})
	m.Attempt("radius", "old", core.Reject, core.WrongCode, 0)
	m.Attempt("radius", "stays", core.Reject, core.WrongCode, 0)
	m.Bind("olddir", core.Right, 0)
	m.SetClients([]string{"stays", "new"})
	m.SetDirectories(nil)
	got := scrape(t, m)
	if strings.Contains(got, `"old"`) || strings.Contains(got, `"olddir"`) || !strings.Contains(got, `client="stays"`) {
		t.Error("the series of a client that stayed is gone, or one of a client that left is there")
	}
}

func TestReadinessFollowsTheChecks(t *testing.T) {
	broken := errors.New("store: disk is full")
	now := time.Unix(1_800_000_000, 0)
	var runs atomic.Int32
	var fault atomic.Pointer[error]
	s := New(Config{Metrics: NewMetrics(Build{}), Now: func() time.Time { return now }, Checks: []Check{
		{"store", func(context.Context) error {
			runs.Add(1)
			if err := fault.Load(); err != nil {
				return *err
			}
			return nil
		}},
		{"directory", func(context.Context) error { return nil }},
	}})
	ask := func(status int, ready bool, text string) {
		t.Helper()
		w := get(t, s, "/readyz")
		var got Report
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("reading the report: %v", err)
		}
		if w.Code != status || got.Ready != ready || got.Checks[0].Error != text || !got.Checks[1].Ready {
			t.Errorf("status %d, report %+v", w.Code, got)
		}
	}
	ask(200, true, "")
	fault.Store(&broken)
	ask(200, true, "") // the result still holds
	if n := runs.Load(); n != 1 {
		t.Errorf("checks ran %d times within a moment", n)
	}
	now = now.Add(readyHolds)
	ask(503, false, broken.Error())
	now = now.Add(-time.Hour) // the clock was set back
	fault.Store(nil)
	ask(200, true, "")
}

func TestACheckThatPanicsIsNotReady(t *testing.T) {
	s := New(Config{Metrics: NewMetrics(Build{}), Checks: []Check{{"store", func(context.Context) error { panic("nil map") }}}})
	if w := get(t, s, "/readyz"); w.Code != 503 || !strings.Contains(w.Body.String(), "panicked") {
		t.Errorf("answers %d: %s", w.Code, w.Body)
	}
	if w := get(t, s, "/livez"); w.Code != 200 {
		t.Errorf("/livez answers %d", w.Code)
	}
}

func TestNothingElseIsServed(t *testing.T) {
	s := New(Config{Metrics: NewMetrics(Build{})})
	if w := get(t, s, "/debug/pprof/"); w.Code != 404 {
		t.Errorf("answers %d", w.Code)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/metrics", nil))
	if w.Code != 405 {
		t.Errorf("POST answers %d", w.Code)
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- New(Config{Metrics: NewMetrics(Build{})}).Serve(ctx, l) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + l.Addr().String() + "/livez")
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != 200 {
		t.Errorf("status %d, %v", resp.StatusCode, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("ending: %v", err)
	}
}
