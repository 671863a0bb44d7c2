//go:build integration

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// twofold is the path of the program, built as it is delivered.
var twofold = shared(func() string {
	path := filepath.Join(house.TempDir(), "twofold")
	build := exec.Command("go", "build", "-trimpath", "-o", path, "twofold/cmd/twofold")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		house.Fatalf("building twofold: %v\n%s", err, out)
	}
	return path
})

// ran is what became of a command.
type ran struct {
	status int
	out    string // standard output
	said   string // standard error
}

// run runs a command of the program and waits for its end.
func run(t *testing.T, stdin string, args ...string) ran {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), twofold(t), args...)
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &said
	err := cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatalf("twofold %s: %v", args[0], err)
	}
	return ran{cmd.ProcessState.ExitCode(), out.String(), said.String()}
}

// do runs a command against the server, which must succeed, and gives what it
// printed.
func (s *server) do(t *testing.T, args ...string) string {
	t.Helper()
	r := s.try(t, args...)
	if r.status != 0 {
		t.Fatalf("twofold %s: status %d\n%s%s", strings.Join(args, " "), r.status, r.out, r.said)
	}
	return r.out
}

// try runs a command against the server, whatever comes of it.
func (s *server) try(t *testing.T, args ...string) ran { t.Helper(); return s.tell(t, "", args...) }

// tell does so with something on standard input.
func (s *server) tell(t *testing.T, stdin string, args ...string) ran {
	t.Helper()
	words := 1
	if len(args) > 1 && (args[0] == "user" || args[0] == "token" || args[0] == "apikey") {
		words = 2
	}
	line := append(append(append([]string{}, args[:words]...), "--config", s.config), args[words:]...)
	return run(t, stdin, line...)
}

// decode reads a command's JSON.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return v
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in:\n%s", part, text)
		}
	}
}
