package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"twofold/core"
	"twofold/internal/importfile"
)

// onUser asks for an act on one person. An empty name would be another path.
func onUser[Out any](ctx context.Context, c *Client, name, act string, in any) (out Out, err error) {
	if name == "" {
		return out, fmt.Errorf("user is empty: %w", core.ErrInvalid)
	}
	return ask[Out](ctx, c, http.MethodPost, "/users/"+segment(name)+"/"+act, nil, in)
}

// Users lists accounts the store knows.
func (c *Client) Users(ctx context.Context, q core.UserQuery) (core.UserPage, error) {
	return ask[core.UserPage](ctx, c, http.MethodGet, "/users", values("query", q.Text, "cursor", q.Cursor, "limit", number(q.Limit)), nil)
}

// User shows one person.
func (c *Client) User(ctx context.Context, name string) (core.UserView, error) {
	if name == "" {
		return core.UserView{}, fmt.Errorf("user is empty: %w", core.ErrInvalid)
	}
	return ask[core.UserView](ctx, c, http.MethodGet, "/users/"+segment(name), nil, nil)
}

// Explain says what would be asked of a person who comes over a client, from
// an address of their own and of the NAS; all three may be zero.
func (c *Client) Explain(ctx context.Context, name, client string, from, nas netip.Addr) (core.Explanation, error) {
	if name == "" {
		return core.Explanation{}, fmt.Errorf("user is empty: %w", core.ErrInvalid)
	}
	q := values("client", client, "from", addr(from), "nas", addr(nas))
	return ask[core.Explanation](ctx, c, http.MethodGet, "/users/"+segment(name)+"/explain", q, nil)
}

// Login runs an attempt as a client would.
func (c *Client) Login(ctx context.Context, name string, in LoginRequest) (LoginReply, error) {
	return onUser[LoginReply](ctx, c, name, "login", in)
}

// Enrol makes a token, and tells its key.
func (c *Client) Enrol(ctx context.Context, name string, in core.EnrolRequest) (core.Enrolment, error) {
	made, err := onUser[Enrolment](ctx, c, name, "enrol", EnrolRequest(in))
	return core.Enrolment(made), err
}

// Reset removes a person's tokens.
func (c *Client) Reset(ctx context.Context, name string, in core.ResetRequest) (core.ResetResult, error) {
	done, err := onUser[ResetResult](ctx, c, name, "reset", ResetRequest(in))
	return core.ResetResult(done), err
}

// Unlock forgets wrong codes and passwords.
func (c *Client) Unlock(ctx context.Context, name string) (core.UserView, error) {
	return onUser[core.UserView](ctx, c, name, "unlock", nil)
}

// Block refuses a person until Unblock.
func (c *Client) Block(ctx context.Context, name, why string) (core.UserView, error) {
	return onUser[core.UserView](ctx, c, name, "block", BlockRequest{Why: why})
}

// Unblock ends a block.
func (c *Client) Unblock(ctx context.Context, name string) (core.UserView, error) {
	return onUser[core.UserView](ctx, c, name, "unblock", nil)
}

// TempCode gives out a temporary code. For is rounded up to seconds.
func (c *Client) TempCode(ctx context.Context, name string, in core.TempCodeRequest) (core.TempCode, error) {
	seconds := int((in.For + time.Second - 1) / time.Second)
	given, err := onUser[TempCode](ctx, c, name, "temp-code", TempCodeRequest{Seconds: seconds, Uses: in.Uses})
	return core.TempCode(given), err
}

// Keys lists the API keys.
func (c *Client) Keys(ctx context.Context) ([]core.APIKey, error) {
	list, err := ask[KeyList](ctx, c, http.MethodGet, "/apikeys", nil, nil)
	return list.Keys, err
}

// CreateKey makes an API key.
func (c *Client) CreateKey(ctx context.Context, role core.Role, note string) (NewKey, error) {
	return ask[NewKey](ctx, c, http.MethodPost, "/apikeys", nil, KeyRequest{Role: role, Note: note})
}

// RevokeKey ends an API key.
func (c *Client) RevokeKey(ctx context.Context, id string) error {
	if id == "" {
		return fmt.Errorf("name the key by its id: %w", core.ErrInvalid)
	}
	_, err := ask[none](ctx, c, http.MethodDelete, "/apikeys/"+segment(id), nil, nil)
	return err
}

// Status tells how server and store are.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return ask[Status](ctx, c, http.MethodGet, "/status", nil, nil)
}

// Doctor examines the running system.
func (c *Client) Doctor(ctx context.Context) (Report, error) {
	return ask[Report](ctx, c, http.MethodGet, "/doctor", nil, nil)
}

// VerifyEvents checks the chain of events.
func (c *Client) VerifyEvents(ctx context.Context) (core.ChainReport, error) {
	return ask[core.ChainReport](ctx, c, http.MethodGet, "/events/verify", nil, nil)
}

// Events reads a page of the audit log.
func (c *Client) Events(ctx context.Context, q core.EventQuery) (core.EventPage, error) {
	return ask[core.EventPage](ctx, c, http.MethodGet, "/events", eventValues(q), nil)
}

// Follow hands over events, those of the query first and new ones as they
// come, until ctx ends, visit fails, or the server goes. It returns nil where
// the server ended the stream.
func (c *Client) Follow(ctx context.Context, q core.EventQuery, visit func(core.Event) error) error {
	values := eventValues(q)
	values.Set("follow", "true")
	return c.stream(ctx, http.MethodGet, "/events", values, "", nil, func(line []byte) error {
		var last struct {
			Problem *Problem `json:"problem"`
		}
		var e core.Event
		if err := errors.Join(json.Unmarshal(line, &last), json.Unmarshal(line, &e)); err != nil {
			return fmt.Errorf("reading an event: %w", err)
		}
		if last.Problem != nil {
			return last.Problem
		}
		return visit(e)
	})
}

// Import sends a file of tokens. progress may be nil.
func (c *Client) Import(ctx context.Context, file io.Reader, format importfile.Format, atomic bool, progress func(done, total int)) (report core.ImportReport, err error) {
	kind := map[importfile.Format]string{importfile.URIs: "text/plain", importfile.CSV: "text/csv"}[format]
	ended := false
	err = c.stream(ctx, http.MethodPost, "/tokens/import", values("atomic", strconv.FormatBool(atomic)), kind, file, func(line []byte) error {
		var m ImportMessage
		if err := json.Unmarshal(line, &m); err != nil {
			return fmt.Errorf("reading how the import goes: %w", err)
		}
		if m.Progress != nil && progress != nil {
			progress(m.Progress.Done, m.Progress.Total)
		}
		if m.Report != nil {
			report, ended = *m.Report, true
		}
		if m.Problem != nil {
			return m.Problem
		}
		return nil
	})
	if err == nil && !ended {
		err = errors.New("server ended before the import did (hint: look at the users; import the file again, lines that are in will be refused)")
	}
	return report, err
}

// stream hands over each line of an answer; empty ones only keep it alive.
func (c *Client) stream(ctx context.Context, method, path string, q url.Values, kind string, body io.Reader, visit func([]byte) error) (err error) {
	resp, err := c.do(ctx, method, path, q, kind, body)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, maxAnswer)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		if err := visit(lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return c.unreachable(err)
	}
	return nil
}

func eventValues(q core.EventQuery) url.Values {
	return values("since", stamped(q.Since), "until", stamped(q.Until), "user", q.User, "after", q.After, "limit", number(q.Limit))
}

// values makes parameters of names and values; empty values are left out.
func values(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

func number(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func stamped(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func addr(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
