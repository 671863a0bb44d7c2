//go:build integration

package e2e

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// event is a line of `twofold events --json`.
type event struct {
	Name, Result, User, Client, Actor, Attempt string
	Count                                      int
}

// events reads the audit log; of all people where user is empty.
func (s *server) events(t *testing.T, user string) (all []event) {
	t.Helper()
	args := []string{"events", "--json"}
	if user != "" {
		args = append(args, "--user", user)
	}
	for line := range strings.Lines(s.do(t, args...)) {
		all = append(all, decode[event](t, line))
	}
	return all
}

// last is the newest event of somebody.
func (s *server) last(t *testing.T, user string) event {
	t.Helper()
	all := s.events(t, user)
	if len(all) == 0 {
		t.Fatalf("no event of %q", user)
	}
	return all[len(all)-1]
}

// because tells the reason of somebody's newest event.
func (s *server) because(t *testing.T, user, reason string) {
	t.Helper()
	if e := s.last(t, user); e.Name != reason {
		t.Errorf("the newest event of %s is %s (%s), want %s", user, e.Name, e.Result, reason)
	}
}

// binds is how many passwords the directory was asked about.
func (s *server) binds(t *testing.T) int {
	t.Helper()
	return s.metric(t, "twofold_directory_bind_duration_seconds_count")
}

// metric sums the series of a name whose labels hold all of with.
func (s *server) metric(t *testing.T, name string, with ...string) (sum int) {
	t.Helper()
	for line := range strings.Lines(s.page(t, "/metrics")) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if labels, ok := strings.CutPrefix(series, name); !ok || labels != "" && labels[0] != '{' || !all(labels, with) {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		sum += int(n)
	}
	return sum
}

// page reads what the ops listener tells.
func (s *server) page(t *testing.T, path string) string {
	t.Helper()
	resp, err := http.Get("http://" + s.ops + path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// get is the status of a page.
func (s *server) get(t *testing.T, path string) int {
	t.Helper()
	resp, err := http.Get("http://" + s.ops + path)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

func all(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}
