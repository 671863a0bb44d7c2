package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// get reads a page of the ops listener.
func get(t *testing.T, s *server, path string) (int, string) {
	t.Helper()
	resp, err := http.Get("http://" + s.addrs.ops + path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestMetricsTellOfEveryPart(t *testing.T) {
	s := startFor(t, stageFor(t), &logBuffer{})
	defer closeFor(t, s)
	_, text := get(t, s, "/metrics")
	for _, want := range []string{
		"twofold_store_queue 0", "twofold_store_records ", "twofold_store_free_bytes ", "twofold_store_commits_total ",
		`twofold_directory_server_up{directory="example",url="ldap://127.0.0.1:`,
		`twofold_directory_connections{directory="example",pool="bind",state="in_use",url=`,
		"twofold_radius_received_total 0", `twofold_radius_replies_total{sent="first"} 0`, "twofold_radius_in_hand 0",
		"twofold_radius_delayed 0", "twofold_build_info{", `twofold_events_total{reason="started"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestItIsReadyWhenTheDirectoryIsHeardFrom(t *testing.T) {
	s := startFor(t, stageFor(t), &logBuffer{})
	defer closeFor(t, s)
	if status, text := get(t, s, "/livez"); status != http.StatusOK {
		t.Errorf("/livez: %d %s", status, text)
	}
	status, text := 0, ""
	for end := time.Now().Add(patience); status != http.StatusOK && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		status, text = get(t, s, "/readyz")
	}
	if status != http.StatusOK {
		t.Errorf("/readyz: %d %s", status, text)
	}
}

func TestItIsNotReadyWithoutADirectory(t *testing.T) {
	st := stageFor(t)
	if err := st.writeConfig("ldap://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	s := startFor(t, st, &logBuffer{})
	defer closeFor(t, s)
	if status, text := get(t, s, "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(text, errNoDirectory.Error()) {
		t.Errorf("/readyz: %d %s", status, text)
	}
}
