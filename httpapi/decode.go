package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"twofold/core"
)

// Bodies are at most this long, in octets.
const (
	maxBody   = 1 << 20
	maxImport = 64 << 20
)

// maxName is the longest user name looked at, in octets.
const maxName = 256

// body reads a JSON body into in: one value, known fields, nothing after it.
// No body at all leaves in as it is: there are acts that need nothing said.
func (e *exchange) body(in any) error {
	text, err := io.ReadAll(e.r.Body)
	if err != nil {
		return bodyError(err)
	}
	if len(text) == 0 {
		return nil
	}
	if _, err := e.media("application/json"); err != nil {
		return err
	}
	if !utf8.Valid(text) { // the decoder would put U+FFFD into passwords
		return fmt.Errorf("body is not UTF-8: %w", errBody)
	}
	if err := checkFields(text, reflect.TypeOf(in).Elem()); err != nil {
		return err
	}
	if err := json.Unmarshal(text, in); err != nil {
		return bodyError(err)
	}
	return nil
}

// checkFields takes an object with fields of that struct's, spelt as they are
// spelt, each once. The decoder alone would take "USER" for "user", and the
// last of two.
func checkFields(text []byte, in reflect.Type) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("not a JSON object: %w", errBody)
	}
	left := fieldNames(in)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return bodyError(err)
		}
		i := slices.Index(left, name.(string)) // within an object nothing else comes
		if i < 0 {
			return fmt.Errorf("field %.32q is unknown, or stands there twice: %w", name, errBody)
		}
		left = slices.Delete(left, i, i+1)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return bodyError(err)
		}
	}
	if _, err := d.Token(); err != nil {
		return bodyError(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something follows the JSON value: %w", errBody)
	}
	return nil
}

// fieldNames are the JSON names of a request's fields. Requests are flat.
func fieldNames(in reflect.Type) (names []string) {
	for i := range in.NumField() {
		name, _, _ := strings.Cut(in.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// bodyError words what is wrong with a body without quoting its values, which
// may be secrets (I10).
func bodyError(err error) error {
	var large *http.MaxBytesError
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &large):
		return fmt.Errorf("body is longer than %d octets: %w", large.Limit, errTooLarge)
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON, at octet %d: %w", syntax.Offset, errBody)
	case errors.As(err, &kind):
		return fmt.Errorf("field %q must be %s: %w", kind.Field, jsonType(kind.Type.Kind().String()), errBody)
	case errors.Is(err, core.ErrInvalid):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("body ends too early: %w", errBody)
	}
	return fmt.Errorf("body cannot be read: %w", errBody) // err might quote it
}

// jsonType names a Go kind as JSON does.
func jsonType(kind string) string {
	switch kind {
	case "string", "bool", "struct":
		return map[string]string{"string": "a string", "bool": "true or false", "struct": "an object"}[kind]
	case "slice":
		return "base64 in a string"
	}
	return "a whole number"
}

// media gives the content type, if it is one of those.
func (e *exchange) media(taken ...string) (string, error) {
	got, _, err := mime.ParseMediaType(e.r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(taken, got) {
		return "", fmt.Errorf("content type must be %s: %w", strings.Join(taken, " or "), errMedia)
	}
	return got, nil
}

// user is the {user} of the path, in whatever spelling. What it means is for
// core to say.
func (e *exchange) user() (string, error) {
	name := e.r.PathValue("user")
	if name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return "", fmt.Errorf("user is empty, not UTF-8 or longer than %d octets: %w", maxName, core.ErrInvalid)
	}
	return name, nil
}

// query reads the parameters of the URL. Each may stand there once, and none
// may stand there that the route does not know: a misspelt bound must not
// silently be no bound.
func (e *exchange) query(known []string) (url.Values, error) {
	q, err := url.ParseQuery(e.r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("parameters are badly escaped: %w", core.ErrInvalid)
	}
	for name, values := range q {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("parameter %.32q is not one of %s: %w", name, strings.Join(known, ", "), core.ErrInvalid)
		}
		if len(values) > 1 {
			return nil, fmt.Errorf("parameter %s is given %d times: %w", name, len(values), core.ErrInvalid)
		}
	}
	return q, nil
}

// parameters reads values of several kinds, and keeps the first fault.
type parameters struct {
	url.Values
	err error
}

func (p *parameters) fault(name, want string) {
	if p.err == nil {
		p.err = fmt.Errorf("parameter %s is not %s: %w", name, want, core.ErrInvalid)
	}
}

func (p *parameters) number(name string) int {
	s := p.Get(name)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		p.fault(name, "a whole number")
	}
	return int(n)
}

func (p *parameters) flag(name string) bool {
	switch p.Get(name) {
	case "true", "1":
		return true
	case "", "false", "0":
		return false
	}
	p.fault(name, "true or false")
	return false
}

func (p *parameters) time(name string) time.Time {
	s := p.Get(name)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		p.fault(name, "a time such as 2027-03-31T08:00:00Z")
	}
	return t
}

func (p *parameters) address(name string) netip.Addr {
	s := p.Get(name)
	if s == "" {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		p.fault(name, "an IP address")
	}
	return a.Unmap()
}
