package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Client speaks to the running server over its admin socket. Its methods fail
// with a *Problem, in which errors.Is finds core's sentinel errors, or with
// what kept the server from being reached.
type Client struct {
	socket string
	http   *http.Client
}

// Dial makes a Client. Nothing is connected yet.
func Dial(socket string) *Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &Client{socket: socket, http: &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, "unix", socket)
			},
			MaxIdleConns:    2,
			IdleConnTimeout: 30 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets idle connections go.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// maxAnswer bounds what is read of one answer, and of one line of a stream.
const maxAnswer = 64 << 20

// do sends a request and gives the answer, if it is not a problem. The caller
// closes its body.
func (c *Client) do(ctx context.Context, method, path string, q url.Values, kind string, body io.Reader) (*http.Response, error) {
	target := "http://twofold" + prefix + path
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, c.unreachable(err)
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp, nil
	}
	return nil, errors.Join(readProblem(resp), resp.Body.Close())
}

// unreachable says what to do about it.
func (c *Client) unreachable(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the URL, which says nothing here
	}
	hint := ""
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		hint = " (hint: is `twofold serve` running, with the same configuration?)"
	case errors.Is(err, fs.ErrPermission):
		hint = " (hint: run this as root or as the server's user)"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return fmt.Errorf("%w at %s: %w%s", errNotRunning, c.socket, err, hint)
}

// readProblem makes an error of an answer that is one.
func readProblem(resp *http.Response) error {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || kind != "application/problem+json" {
		return fmt.Errorf("server answers %s, which is no problem document (hint: is something else behind the socket?)", resp.Status)
	}
	var p Problem
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(&p); err != nil {
		return fmt.Errorf("reading what is wrong (%s): %w", resp.Status, err)
	}
	return &p
}

// ask sends in, unless it is nil, and reads the answer.
func ask[Out any](ctx context.Context, c *Client, method, path string, q url.Values, in any) (out Out, err error) {
	var body io.Reader
	kind := ""
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return out, fmt.Errorf("encoding a request: %w", err)
		}
		body, kind = bytes.NewReader(text), "application/json"
	}
	resp, err := c.do(ctx, method, path, q, kind, body)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode == http.StatusNoContent {
		return out, nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&out); err != nil {
		return out, fmt.Errorf("reading the answer: %w", err)
	}
	return out, nil
}

// segment escapes a name as one part of a path. Names that are dots only would
// be taken for directories. The name "/" has no path: net/http takes an escaped
// slash that stands alone for the end of one. It leads nowhere, as no entry has
// that name.
func segment(name string) string {
	if strings.Trim(name, ".") == "" {
		return strings.ReplaceAll(name, ".", "%2E")
	}
	return url.PathEscape(name)
}
