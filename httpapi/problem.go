package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"twofold/core"
)

// Problem is an error as it travels (RFC 9457 section 3). The client returns
// it as its error; errors.Is finds core's sentinel in it again.
type Problem struct {
	Type    string `json:"type"`
	Title   string `json:"title"`
	Status  int    `json:"status"`
	Detail  string `json:"detail,omitempty"`
	Hint    string `json:"hint,omitempty"`    // what to do about it
	Request string `json:"request,omitempty"` // under which the server's log has more
}

// Error gives the detail, with the hint behind it.
func (p *Problem) Error() string {
	text := p.Detail
	if text == "" {
		text = p.Title
	}
	if p.Hint != "" {
		text += " (hint: " + p.Hint + ")"
	}
	return text
}

// Is tells whether the problem was made from that sentinel error.
func (p *Problem) Is(target error) bool {
	for _, k := range kinds {
		if k.err == target {
			return p.Type == typePrefix+k.name
		}
	}
	return false
}

// typePrefix begins the type of every problem: a name, not an address.
const typePrefix = "urn:problem-type:twofold:"

// What this package itself refuses. The texts are the problems' details.
var (
	errNoRoute    = errors.New("no such path")
	errMethod     = errors.New("method not allowed here")
	errNoKey      = errors.New("an API key is needed, as Authorization: Bearer or X-API-Key")
	errThrottled  = errors.New("too many unknown API keys from this address")
	errBusy       = errors.New("too many requests at once")
	errBody       = errors.New("bad request body")
	errMedia      = errors.New("content type is not one that is taken here")
	errTooLarge   = errors.New("request body is too large")
	errOutage     = errors.New("directory or store cannot answer now")
	errNotRunning = errors.New("cannot reach the server")
)

// kind is how one sentinel error travels.
type kind struct {
	err    error
	status int
	name   string
	title  string
	hint   string
	retry  int // seconds, for Retry-After; 0: none
}

// kinds maps errors to problems, and is the only place that does. The first
// that fits is taken.
var kinds = []kind{
	{errNoRoute, 404, "no-such-path", "No such path", "GET /api/v1/openapi.json lists what there is", 0},
	{errMethod, 405, "method-not-allowed", "Method not allowed", "", 0},
	{errNoKey, 401, "no-key", "Not authenticated", "", 0},
	{errThrottled, 429, "throttled", "Too many unknown keys", "wait a minute, and check the key", 60},
	{errBusy, 503, "busy", "Busy", "try again in a moment", 1},
	{errTooLarge, 413, "too-large", "Request body too large", "", 0},
	{errMedia, 415, "media-type", "Unsupported content type", "", 0},
	{errBody, 400, "bad-body", "Bad request body", "", 0},
	{errOutage, 503, "outage", "Cannot judge logins now", "GET /readyz on the ops listener says what is missing", 1},
	{core.ErrBadKey, 401, "bad-key", "Not authenticated", "", 0},
	{core.ErrForbidden, 403, "forbidden", "Not permitted", "", 0},
	{core.ErrUnknownUser, 404, "unknown-user", "No such user", "", 0},
	{core.ErrAmbiguous, 409, "ambiguous", "Name is ambiguous", `write it as DOMAIN\user or user@suffix`, 0},
	{core.ErrConflict, 409, "conflict", "Not possible in this state", "", 0},
	{core.ErrInvalid, 400, "invalid", "Invalid request", "", 0},
	{core.ErrDamaged, 500, "damaged", "Record is damaged", "see the events and the server's log; the person is refused until it is restored", 0},
	{core.ErrUnavailable, 503, "unavailable", "Directory or store cannot answer now", "twofold doctor says which", 1},
	{core.ErrMissing, 404, "missing", "Not found", "", 0},
	{context.DeadlineExceeded, 503, "out-of-time", "Took too long", "", 1},
	{context.Canceled, 503, "cancelled", "Request was given up", "", 1},
}

var internal = kind{nil, 500, "internal", "Internal error", "the server's log has the cause, under this request's id", 0}

// kindOf finds how err travels; known is false for errors nobody expected,
// whose text stays in the log.
func kindOf(err error) (k kind, known bool) {
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return k, true
		}
	}
	return internal, false
}

// problem makes of err what the caller is told.
func problem(err error, request string) (p *Problem, retry int) {
	k, known := kindOf(err)
	p = &Problem{Type: typePrefix + k.name, Title: k.title, Status: k.status, Hint: k.hint, Request: request}
	if known {
		p.Detail = err.Error()
	}
	return p, k.retry
}

// fail answers with a problem. It must be the first to write.
func (e *exchange) fail(err error) {
	p, retry := problem(err, e.id)
	switch {
	case errors.Is(err, errBusy): // strangers can cause as many as they like
		e.log.Debug("request shed", "err", err)
	case p.Status >= 500:
		e.log.Error("request failed", "err", err)
	}
	h := e.w.Header()
	h.Set("Content-Type", "application/problem+json")
	if retry > 0 {
		h.Set("Retry-After", strconv.Itoa(retry))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer") // RFC 6750 section 3
	}
	e.write(p.Status, p)
}

// write encodes body. That the caller is gone is no fault of the server's.
func (e *exchange) write(status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		e.log.Error("encoding an answer", "err", err)
		status, text = http.StatusInternalServerError, []byte(fmt.Sprintf(`{"type":%q,"status":500}`, typePrefix+internal.name))
	}
	e.w.WriteHeader(status)
	if _, err := e.w.Write(append(text, '\n')); err != nil {
		e.log.Debug("writing an answer", "err", err)
	}
}
