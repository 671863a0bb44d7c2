package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal gives the end that a person types into, and the one a program reads.
func openTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// What was left behind reads a line, and lets go of the terminal.
		if _, err := person.Write([]byte("\n")); err != nil {
			t.Error(err)
		}
		for _, f := range []*os.File{program, person} {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return person, program
}

func echoes(t *testing.T, f *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// serveFor starts a server that ends with the test, and names its
// configuration.
func serveFor(t *testing.T) string {
	t.Helper()
	st := stageFor(t)
	s := startFor(t, st, &logBuffer{})
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return st.config
}

func TestCtrlCEndsAPasswordPromptAndLeavesTheTerminalAsItWas(t *testing.T) {
	_, program := openTerminal(t)
	config := serveFor(t)
	ctx, interrupt := context.WithCancel(t.Context())
	ended, stderr := make(chan int, 1), new(logBuffer)
	go func() {
		ended <- run(ctx, []string{"twofold", "login", "--config", config, "alice"}, program, io.Discard, stderr)
	}()
	for wait := time.Now(); echoes(t, program); time.Sleep(time.Millisecond) {
		if time.Since(wait) > 5*time.Second {
			t.Fatal("what is typed is shown")
		}
	}
	interrupt()
	select {
	case status := <-ended:
		if status != failed || !echoes(t, program) {
			t.Errorf("status %d, the terminal echoes: %v", status, echoes(t, program))
		}
	case <-time.After(5 * time.Second):
		t.Error("the prompt stays")
	}
}

func TestCtrlCEndsWhateverReadsStandardInput(t *testing.T) {
	config := serveFor(t)
	for _, args := range [][]string{
		{"twofold", "token", "import", "--config", config, "-"},
		{"twofold", "login", "--config", config, "--password-file", "-", "alice"},
	} {
		silence, end := io.Pipe()
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(200*time.Millisecond, interrupt)
		ended, stderr := make(chan int, 1), new(logBuffer)
		go func() { ended <- run(ctx, args, silence, io.Discard, stderr) }()
		select {
		case status := <-ended:
			if status != failed {
				t.Errorf("%v: status %d", args, status)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%v goes on", args)
		}
		if err := end.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestErrorsCannotMoveATerminalsCursor(t *testing.T) {
	var stderr bytes.Buffer
	status := run(t.Context(), []string{"twofold", "check", "--config", "/no\x1b[2J/\u009b\u202ewhere"}, nil, io.Discard, &stderr)
	if text := stderr.String(); status != failed || strings.ContainsAny(text, "\x1b\u009b\u202e") || !strings.HasSuffix(text, "\n") {
		t.Errorf("status %d, %q", status, text)
	}
}
