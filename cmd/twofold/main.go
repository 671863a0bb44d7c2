package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// What a process ends with.
const (
	done   = 0
	failed = 1
	misuse = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	status := run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the program: args begin with its name. It returns when the command
// is done or ctx ends.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	err := newApp(stdin, stdout, stderr).RunContext(ctx, args)
	if err == nil {
		return done
	}
	if !errors.Is(err, errSaid) {
		fmt.Fprintf(stderr, "twofold: %s\n", cleanLines(plainly(err)))
	}
	if u := (usageError{}); errors.As(err, &u) {
		return misuse
	}
	return failed
}

// errSaid ends a command with status 1 after it has said why itself.
var errSaid = errors.New("failed")

// usageError is what the caller got wrong.
type usageError struct{ text string }

func (u usageError) Error() string { return u.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }
