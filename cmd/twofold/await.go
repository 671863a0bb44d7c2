package main

import (
	"context"
	"errors"
	"io"
)

var errInterrupted = errors.New("interrupted")

// await runs read, which cannot be interrupted, until ctx ends. Then read is
// left behind, as the process is about to end.
func await[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	came := make(chan outcome, 1)
	go func() {
		value, err := read()
		came <- outcome{value, err}
	}()
	select {
	case o := <-came:
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, errInterrupted
	}
}

// awaited is a reader that Ctrl-C ends, while somebody thinks about what to
// type.
type awaited struct {
	ctx context.Context
	io.Reader
}

// Read implements io.Reader. What is left behind writes into octets of its own.
func (a awaited) Read(into []byte) (int, error) {
	text, err := await(a.ctx, func() ([]byte, error) {
		own := make([]byte, len(into))
		n, err := a.Reader.Read(own)
		return own[:n], err
	})
	return copy(into, text), err
}
