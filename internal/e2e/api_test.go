//go:build integration

package e2e

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"twofold/core/otp"
	"twofold/internal/lab"
)

// api is a program that uses the HTTP API with a key.
type api struct {
	http *http.Client
	base string
	key  string
}

// answer is what it reads of any reply.
type answer struct {
	status                       int
	Result, State, Title, Detail string
	Tokens                       json.RawMessage // how many, or which
}

// api makes a key by the command line and trusts the server's own certificate.
func (s *server) api(t *testing.T, role string) *api {
	t.Helper()
	made := decode[struct{ Secret string }](t, s.do(t, "apikey", "create", "--json", "--role", role, "--note", "e2e"))
	pool := x509.NewCertPool()
	found, err := filepath.Glob(filepath.Join(s.state(), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if text, err := os.ReadFile(path); err == nil {
			pool.AppendCertsFromPEM(text)
		}
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	return &api{&http.Client{Transport: transport, Timeout: 10 * time.Second}, "https://" + s.https + "/api/v1", made.Secret}
}

func (a *api) call(t *testing.T, method, path string, in any) (out answer) {
	t.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, a.base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+a.key)
	resp, err := a.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%s %s: %v in %q", method, path, err, text)
	}
	out.status = resp.StatusCode
	return out
}

// auth asks for a login.
func (a *api) auth(t *testing.T, user, password, code, state string) answer {
	t.Helper()
	in := map[string]string{"user": user, "password": password, "code": code, "state": state}
	for key, value := range in {
		if value == "" {
			delete(in, key)
		}
	}
	return a.call(t, "POST", "/auth", in)
}

func TestI13_LoginsOverHTTPSShareEverythingWithRADIUS(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "web")
	shop := s.api(t, "application")
	result := func(what, want string, got answer) string {
		t.Helper()
		if got.status != 200 || got.Result != want {
			t.Errorf("%s: %d %s %s, want %s", what, got.status, got.Result, got.Detail, want)
		}
		return got.State
	}
	result("password and code", "accept", shop.auth(t, p.name, password, p.code(t), ""))
	result("a used code", "reject", shop.auth(t, "WEB@corp.example.com", password, p.used(), ""))
	rejected(t, "the same over RADIUS", s.client(t, appending).Login(t, p.name, password+p.used()))
	accepted(t, "a fresh one over RADIUS", s.client(t, appending).Login(t, p.name, p.login(t)))
	result("the same over HTTPS", "reject", shop.auth(t, p.name, password, p.used(), ""))
	result("a wrong password", "reject", shop.auth(t, p.name, "wrong", p.code(t), ""))
	state := result("password alone", "challenge", shop.auth(t, p.name, password, "", ""))
	result("the code", "accept", shop.auth(t, p.name, "", p.code(t), state))
	result("the State again", "reject", shop.auth(t, p.name, "", p.code(t), state))
	result("nobody", "reject", shop.auth(t, "nobody", password, p.code(t), ""))

	if got := (&api{shop.http, shop.base, "tf_no_key"}).auth(t, p.name, password, p.code(t), ""); got.status != 401 {
		t.Errorf("without a key: %d", got.status)
	}
	if got := shop.call(t, "GET", "/users/web", nil); got.status != 403 {
		t.Errorf("an application that looks at users: %d", got.status)
	}
	s.because(t, "", "act-refused")
}

func TestI13_AnOutageIsNoRejectOverHTTPS(t *testing.T) {
	t.Parallel()
	ad := lab.StartAD(t, lab.ADConfig{})
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "web-outage")
	shop := s.api(t, "application")
	ad.Stop(t)
	if got := shop.auth(t, p.name, password, p.code(t), ""); got.status != 503 {
		t.Errorf("status %d %s, want 503", got.status, got.Result)
	}
	ad.Start(t)
}

func TestI13_RolesOverHTTPS(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "roles")
	desk, chief, auditor := s.api(t, "helpdesk"), s.api(t, "admin"), s.api(t, "auditor")
	status := func(what string, want int, got answer) {
		t.Helper()
		if got.status != want {
			t.Errorf("%s: %d %s %s, want %d", what, got.status, got.Title, got.Detail, want)
		}
	}
	status("help desk enrols", 403, desk.call(t, "POST", "/users/roles/enrol", map[string]any{"add": true}))
	s.because(t, "", "act-refused")
	status("help desk judges", 403, desk.auth(t, p.name, password, p.code(t), ""))
	status("help desk reads events", 200, desk.call(t, "GET", "/events", nil))
	status("help desk makes a key", 403, desk.call(t, "POST", "/apikeys", map[string]string{"role": "admin"}))
	status("auditor resets", 403, auditor.call(t, "POST", "/users/roles/reset", map[string]any{}))
	status("auditor reads", 200, auditor.call(t, "GET", "/users/roles", nil))
	accepted(t, "untouched", s.client(t, appending).Login(t, p.name, p.login(t)))

	got := desk.call(t, "POST", "/users/CORP%5CRoles/reset", map[string]any{})
	status("help desk resets", 200, got)
	if string(got.Tokens) != "1" {
		t.Errorf("%s tokens removed, want one", got.Tokens)
	}
	rejected(t, "after the reset", s.client(t, appending).Login(t, p.name, p.login(t)))
	status("admin enrols", 200, chief.call(t, "POST", "/users/roles/enrol", map[string]any{}))
}

// A person enrols at the VPN: the challenge shows a key, its first code makes
// it a token.
func TestEnrolmentByChallenge(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	const gate door = "127.0.0.8"
	s := serve(t, settings{AD: ad, Clients: []string{client("gate", gate, "mode: both, unenrolled: enrol, trust_address_from: Calling-Station-Id")},
		Top: []string{"enrol_show_key: true"}})
	p := hire(t, ad, "newcomer")
	c := s.client(t, gate)
	inside := lab.RadAttr{Name: "Calling-Station-Id", Value: "10.2.3.4"}

	first := challenged(t, "from outside", c.Login(t, p.name, password, lab.RadAttr{Name: "Calling-Station-Id", Value: "203.0.113.9"}))
	if _, ok := shown(first); ok {
		t.Error("a key was shown to somebody outside")
	}
	wrong := c.Login(t, p.name, "wrong", inside)
	if _, ok := shown(wrong); ok {
		t.Error("a key was shown after a wrong password")
	}
	first = challenged(t, "from inside", c.Login(t, p.name, password, inside))
	key, ok := shown(first)
	if !ok {
		t.Fatalf("no key in %q", first.Get("Reply-Message"))
	}
	p.key = otp.Key{Secret: key, Params: otp.Default()}
	p.next = p.key.StepAt(time.Now())
	second := challenged(t, "a wrong first code", c.Answer(t, first, p.name, p.wrong(), inside))
	accepted(t, "the first code", c.Answer(t, second, p.name, p.code(t), inside))
	s.because(t, p.name, "accepted-enrolled")
	rejected(t, "the same code", s.client(t, appending).Login(t, p.name, password+p.used()))
	accepted(t, "the next one", s.client(t, appending).Login(t, p.name, p.login(t)))
}

// shown finds the key in a challenge's text.
func shown(r lab.RadReply) (secret []byte, ok bool) {
	m := keyText.FindString(r.Get("Reply-Message"))
	secret, err := otp.ParseSecret(m)
	return secret, m != "" && err == nil
}

var keyText = regexp.MustCompile(`(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}`)
