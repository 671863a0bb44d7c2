package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twofold/core"
	"twofold/ops"
)

func TestSinceTakesAPointInTimeOrHowLongAgo(t *testing.T) {
	now := time.Date(2027, 3, 31, 12, 0, 0, 0, time.Local)
	for text, want := range map[string]time.Time{
		"":                     {},
		"90m":                  now.Add(-90 * time.Minute),
		"7d":                   now.AddDate(0, 0, -7),
		"2027-03-01":           time.Date(2027, 3, 1, 0, 0, 0, 0, time.Local),
		"2027-03-01T08:00:00Z": time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC),
	} {
		if got, err := since(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"yesterday", "-5m", "-1d", "99999d", "2027-13-01"} {
		if got, err := since(text, now); !errors.As(err, new(usageError)) {
			t.Errorf("%q: %v, %v; want it refused", text, got, err)
		}
	}
}

func TestNamesCannotMoveATerminalsCursor(t *testing.T) {
	var b bytes.Buffer
	if err := printTable(&b, [][]string{{"alice\x1b[2J", "x\nadmin", "a\u202eb"}}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); strings.ContainsAny(got, "\x1b\u202e") || strings.Count(got, "\n") != 1 {
		t.Errorf("printed %q", got)
	}
}

func TestOutputThatCannotBeWrittenIsAFailure(t *testing.T) {
	if err := printJSON(full{}, 1); !errors.Is(err, errFull) {
		t.Errorf("JSON: %v", err)
	}
	if err := printTable(full{}, [][]string{{"a"}}); !errors.Is(err, errFull) {
		t.Errorf("table: %v", err)
	}
}

var errFull = errors.New("disk is full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestTheJournalWritesOneLineForEachEvent(t *testing.T) {
	var log logBuffer
	j := newJournal(newLog(&log, "json", nil), ops.NewMetrics(ops.Build{}))
	told := 0
	j.follow(func(core.Event) { told++ })
	j.tell(core.Event{Reason: core.WrongCode, Result: core.Reject, User: "alice", Client: "vpn", NAS: "192.0.2.1", Detail: "dc1: i/o timeout", Attempt: "7"})
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	j.tell(core.Event{Reason: core.WrongCode}) // too late, and no harm
	want := `"msg":"reject","id":"TF2005","why":"wrong-code","user":"alice","client":"vpn","nas":"192.0.2.1","detail":"dc1: i/o timeout","attempt":"7"}`
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, want+"\n") {
		t.Errorf("log is %s", got)
	}
	if told != 2 {
		t.Errorf("the other one was told %d times", told)
	}
}

func TestASlowLogHoldsNobodyUp(t *testing.T) {
	gate := make(chan struct{})
	log := &gatedWriter{gate: gate}
	j := newJournal(newLog(log, "text", nil), ops.NewMetrics(ops.Build{}))
	for range 2 * cap(j.lines) {
		j.tell(core.Event{Reason: core.WrongCode, Result: core.Reject})
	}
	close(gate)
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "msg=reject"); n == 0 || n > cap(j.lines)+1 {
		t.Errorf("%d lines were written", n)
	}
}

type gatedWriter struct {
	logBuffer
	gate chan struct{}
}

func (g *gatedWriter) Write(p []byte) (int, error) {
	<-g.gate
	return g.logBuffer.Write(p)
}

func TestWhatAProgramReadsIsKeptFromPeople(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("not blocked: %w", core.ErrConflict), "not blocked"},
		{fmt.Errorf("name is empty: %w", core.ErrInvalid), "name is empty"},
		{fmt.Errorf("no key has the id %q: %w", "x", core.ErrMissing), `no key has the id "x"`},
		{fmt.Errorf("reading an account: %w", core.ErrMissing), "reading an account: no such record"},
		{fmt.Errorf("looking up %q: %w", "x", core.ErrUnknownUser), `looking up "x": no such user`},
		{core.ErrConflict, "conflict"},
	} {
		if got := plainly(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

func TestTheDemoNamesTheProgramThatRuns(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	if got := program(); got != self {
		t.Errorf("without twofold in PATH: %q, want %q", got, self)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "twofold")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	if got := program(); got != "twofold" {
		t.Errorf("with it in PATH: %q", got)
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, "twofold")), os.WriteFile(filepath.Join(dir, "twofold"), nil, 0o755)); err != nil {
		t.Fatal(err)
	}
	if got := program(); got != self {
		t.Errorf("with another in PATH: %q, want %q", got, self)
	}
}
