package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is more than anything here takes on a busy machine.
const patience = 30 * time.Second

func contextOf(*testscript.TestScript) context.Context { return context.Background() }

// child is `twofold serve` in a process of its own.
type child struct {
	cmd   *exec.Cmd
	ended chan error
}

// running holds the server of one script.
type running struct{ *child }

func runningOf(ts *testscript.TestScript) *running { return ts.Value(running{}).(*running) }

func serverCmd(ts *testscript.TestScript, neg bool, args []string) {
	switch args[0] {
	case "start":
		startChild(ts, args[1:])
	case "stop":
		ts.Check(endChild(ts, syscall.SIGTERM))
	case "kill":
		if err := endChild(ts, syscall.SIGKILL); !errors.As(err, new(*exec.ExitError)) {
			ts.Fatalf("server was killed and ended with %v", err)
		}
	case "reload":
		before := strings.Count(ts.ReadFile("server.log"), "reloaded")
		ts.Check(childOf(ts).cmd.Process.Signal(syscall.SIGHUP))
		waitFor(ts, "what came of the reload", func() bool {
			return strings.Count(ts.ReadFile("server.log"), "reloaded") > before
		})
	default:
		ts.Fatalf("server %s: no such thing", args[0])
	}
}

// startChild waits for the one line a server prints, and tells where it
// listens. Its log goes to server.log.
func startChild(ts *testscript.TestScript, flags []string) {
	log, err := os.OpenFile(ts.MkAbs("server.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	ts.Check(err)
	c := &child{cmd: exec.Command(twofoldPath(ts), append([]string{"serve"}, flags...)...), ended: make(chan error, 1)}
	c.cmd.Stderr = log
	c.cmd.Env = append(os.Environ(), "TWOFOLD_CONFIG="+ts.Getenv("TWOFOLD_CONFIG"), "TZ=UTC")
	out, err := c.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(c.cmd.Start())
	ready := make(chan string, 1)
	go func() {
		in := bufio.NewReader(out)
		line, err := in.ReadString('\n')
		ready <- line
		rest, restErr := io.ReadAll(in)
		if len(rest) > 0 {
			err = fmt.Errorf("server printed more than one line: %q", rest)
		}
		if errors.Is(err, io.EOF) {
			err = nil // it ended before it was ready, and Wait says why
		}
		c.ended <- errors.Join(err, restErr, c.cmd.Wait(), log.Close())
	}()
	runningOf(ts).child = c
	ts.Defer(func() {
		if runningOf(ts).child == c {
			ts.Logf("%s", ts.ReadFile("server.log"))
			ts.Check(endChild(ts, syscall.SIGTERM))
		}
	})
	select {
	case line := <-ready:
		readAddresses(ts, line)
	case <-time.After(patience):
		ts.Fatalf("server is not ready")
	}
}

// twofoldPath is where testscript put the program.
func twofoldPath(ts *testscript.TestScript) string {
	for _, dir := range strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator)) {
		if path := dir + "/twofold"; fileExists(path) {
			return path
		}
	}
	ts.Fatalf("twofold is not in PATH")
	return ""
}

func fileExists(path string) bool { _, err := os.Stat(path); return err == nil }

var readyForm = regexp.MustCompile(`^twofold: ready, RADIUS on (127\.0\.0\.1:\d+), https on (\S+), ops on (\S+), admin socket (\S+)\n$`)

func readAddresses(ts *testscript.TestScript, line string) {
	found := readyForm.FindStringSubmatch(line)
	if found == nil {
		runningOf(ts).child = nil
		ts.Fatalf("the ready line is %q\n%s", line, ts.ReadFile("server.log"))
	}
	ts.Setenv("RADIUS", found[1])
}

func childOf(ts *testscript.TestScript) *child {
	c := runningOf(ts).child
	if c == nil {
		ts.Fatalf("no server was started")
	}
	return c
}

func endChild(ts *testscript.TestScript, by syscall.Signal) error {
	c := childOf(ts)
	runningOf(ts).child = nil
	if err := c.cmd.Process.Signal(by); err != nil {
		return errors.Join(err, <-c.ended)
	}
	select {
	case err := <-c.ended:
		return err
	case <-time.After(patience):
		return errors.Join(errors.New("server does not end"), c.cmd.Process.Kill(), <-c.ended)
	}
}

func waitFor(ts *testscript.TestScript, what string, there func() bool) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if there() {
			return
		}
	}
	ts.Fatalf("waited in vain for %s", what)
}

// statusCmd is exec for programs that fail.
func statusCmd(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("%v ended with %d", args[1:], got)
	}
}
