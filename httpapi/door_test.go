package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/core"
)

// requestFor makes a request to a documented operation that would do nothing
// much if it were let in.
func requestFor(r route) (path, body string) {
	path = strings.NewReplacer("{user}", "nobody", "{id}", "00000000").Replace(r.path)
	switch {
	case strings.HasSuffix(path, "/auth"):
		body = `{"user":"nobody","password":"x"}`
	case r.method == http.MethodDelete && r.path == prefix+"/apikeys":
		path += "?id=00000000"
	case r.path == prefix+"/apikeys" && r.method == http.MethodPost:
		body = `{"role":"auditor"}`
	}
	return path, body
}

func TestI13_EveryEndpointLetsInTheDocumentedRolesAndNoOther(t *testing.T) {
	s := newSite(t, func(c *Config) { c.Doctor = noFindings })
	doc := readDocument(t)
	for _, r := range routes() {
		path, body := requestFor(r)
		var kind []string
		if strings.HasSuffix(path, "/import") {
			kind = []string{"Content-Type", "text/plain"}
		}
		roles := doc.Paths[r.path][strings.ToLower(r.method)].Roles
		for role, key := range s.keys {
			t.Run(fmt.Sprintf("%s %s as %s", r.method, r.path, role), func(t *testing.T) {
				a := s.send(r.method, path, key, body, kind...)
				in := r.access == public || slices.Contains(roles, role)
				if got := a.status != http.StatusForbidden && a.status != http.StatusUnauthorized; got != in {
					t.Errorf("answers %d; documented roles are %v", a.status, roles)
				}
			})
		}
		if r.access == public {
			continue
		}
		for name, headers := range map[string][]string{
			"no key":                  nil,
			"an unknown key":          {"Authorization", "Bearer tf_00000000_" + strings.Repeat("0", 43)},
			"a key in another scheme": {"Authorization", "Basic " + s.keys[core.Admin]},
			"a key with a tail":       {"X-API-Key", s.keys[core.Admin] + "x"},
			"a cut key":               {"X-API-Key", s.keys[core.Admin][:50]},
			"two keys":                {"X-API-Key", s.keys[core.Admin], "Authorization", "Bearer " + s.keys[core.Admin]},
			"an empty key":            {"Authorization", "Bearer "},
			"the id of a key":         {"X-API-Key", strings.Join(strings.Split(s.keys[core.Admin], "_")[:2], "_")},
		} {
			s.badKeys = newBadKeys(time.Now)
			if a := s.send(r.method, path, "", body, append(headers, kind...)...); a.status != 401 || a.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s %s with %s answers %d", r.method, r.path, name, a.status)
			}
		}
	}
}

func TestAKeyCountsInEitherHeaderUntilItIsRevoked(t *testing.T) {
	s := newSite(t, nil)
	if a := s.send("GET", "/api/v1/status", "", "", "X-API-Key", s.keys[core.Auditor]); a.status != 200 {
		t.Errorf("X-API-Key answers %d", a.status)
	}
	if a := s.send("GET", "/api/v1/status", "", "", "Authorization", "bearer "+s.keys[core.Auditor]); a.status != 200 {
		t.Errorf("the scheme in lower case answers %d", a.status)
	}
	id := strings.Split(s.keys[core.Auditor], "_")[1]
	if err := s.socket.RevokeKey(t.Context(), id); err != nil {
		t.Fatalf("revoking: %v", err)
	}
	if a := s.send("GET", "/api/v1/status", s.keys[core.Auditor], ""); a.status != 401 {
		t.Errorf("a revoked key answers %d", a.status)
	}
	err := s.socket.RevokeKey(t.Context(), id)
	if !errors.Is(err, core.ErrMissing) || errors.Is(err, core.ErrBadKey) {
		t.Errorf("revoking it again: %v", err)
	}
	helpdesk := strings.Split(s.keys[core.Helpdesk], "_")[1]
	if a := s.send("DELETE", "/api/v1/apikeys?id="+helpdesk, s.keys[core.Admin], ""); a.status != 204 || a.body != "" {
		t.Errorf("revoking by parameter answers %d %q", a.status, a.body)
	}
}

func TestSourcesOfUnknownKeysAreNotListenedToForAWhile(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	b := newBadKeys(func() time.Time { return now })
	here, there := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	b.good("familiar")
	for range badBurst {
		if !b.hear(here, "x") {
			t.Fatal("not heard within the burst")
		}
		b.bad(here, "x")
	}
	if b.hear(here, "y") {
		t.Error("heard beyond the burst")
	}
	if !b.hear(there, "y") {
		t.Error("another address is not heard")
	}
	if !b.hear(here, "familiar") {
		t.Error("a key that was good before is not heard")
	}
	now = now.Add(badInterval)
	if !b.hear(here, "y") {
		t.Error("not heard after a while")
	}
	b.bad(here, "familiar")
	if b.hear(here, "familiar") {
		t.Error("a key that is good no more is still heard")
	}
}

func TestI12_TheTableOfSourcesIsBounded(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	b := newBadKeys(func() time.Time { return now })
	a := netip.MustParseAddr("10.0.0.0")
	for range 2 * maxSources {
		b.bad(a, "x")
		a = a.Next()
	}
	if len(b.sources) > maxSources+1 {
		t.Errorf("%d sources are kept", len(b.sources))
	}
	if b.hear(a, "x") {
		t.Error("sources beyond the table do not share one place")
	}
	now = now.Add(2 * maxSources * badInterval)
	b.bad(a, "x")
	if len(b.sources) != 1 || !b.hear(a, "x") {
		t.Errorf("%d forgiven sources stay", len(b.sources))
	}
	one, other := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	if b.source(one) != b.source(other) {
		t.Error("addresses of one IPv6 network are counted apart")
	}
}

func TestUnknownKeysAreAnswered429InTheEnd(t *testing.T) {
	s := newSite(t, nil)
	for range badBurst {
		if a := s.send("GET", "/api/v1/status", "wrong", ""); a.status != 401 {
			t.Fatalf("answers %d", a.status)
		}
	}
	if a := s.send("GET", "/api/v1/status", "wrong", ""); a.status != 429 || a.header.Get("Retry-After") == "" {
		t.Errorf("answers %d", a.status)
	}
	if !s.doubtful.enter() {
		t.Fatal("the place for doubtful keys is taken")
	}
	if a := s.send("GET", "/api/v1/status", s.keys[core.Admin], ""); a.status != 429 {
		t.Errorf("beside another doubtful one a key never seen before answers %d", a.status)
	}
	s.doubtful.leave()
	if a := s.send("GET", "/api/v1/status", s.keys[core.Admin], ""); a.status != 200 {
		t.Errorf("a key never seen before is shut out by a stranger: %d", a.status)
	}
	if n := strings.Count(s.log.text(), "unknown API key"); n != badBurst {
		t.Errorf("%d lines in the log", n)
	}
}

func TestAdminNetworksBoundEverythingButLogins(t *testing.T) {
	reach := Reach{AdminNetworks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	s := newSite(t, func(c *Config) { c.Reach = func() Reach { return reach } })
	if a := s.send("GET", "/api/v1/status", s.keys[core.Admin], ""); a.status != 403 {
		t.Errorf("from elsewhere: %d", a.status)
	}
	if a := s.send("GET", "/api/v1/status", s.keys[core.Admin], "", "X-Forwarded-For", "192.0.2.7"); a.status != 200 {
		t.Errorf("through the proxy from there: %d", a.status)
	}
	if a := s.send("GET", "/api/v1/status", s.keys[core.Admin], "", "X-Forwarded-For", "192.0.2.7, 198.51.100.1"); a.status != 403 {
		t.Errorf("an invented address was believed: %d", a.status)
	}
	if a := s.send("POST", "/api/v1/auth", s.keys[core.Application], `{"user":"nobody","password":"x"}`); a.status != 200 {
		t.Errorf("a login from elsewhere: %d", a.status)
	}
	if _, err := s.socket.Status(t.Context()); err != nil {
		t.Errorf("over the socket: %v", err)
	}
}

func TestTheCallerIsWhomTrustedProxiesName(t *testing.T) {
	reach := Reach{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	for name, c := range map[string]struct{ remote, said, want string }{
		"nobody is believed by default":                  {"192.0.2.1:5", "203.0.113.9", "192.0.2.1"},
		"a trusted proxy is":                             {"10.0.0.1:5", "203.0.113.9", "203.0.113.9"},
		"the last address counts":                        {"10.0.0.1:5", "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		"but for further trusted proxies":                {"10.0.0.1:5", "203.0.113.9,10.0.0.2", "203.0.113.9"},
		"what is no address ends the chain":              {"10.0.0.1:5", "203.0.113.9, unknown", "10.0.0.1"},
		"ports and IPv6 are read":                        {"10.0.0.1:5", "[2001:db8::1]:443", "2001:db8::1"},
		"an IPv4 address in IPv6 is one":                 {"[::ffff:10.0.0.1]:5", "203.0.113.9", "203.0.113.9"},
		"a proxy that says nothing is the caller itself": {"10.0.0.1:5", "", "10.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.remote
			if c.said != "" {
				r.Header.Set("X-Forwarded-For", c.said)
			}
			if got := reach.peer(r).String(); got != c.want {
				t.Errorf("the caller is %s", got)
			}
		})
	}
}

func TestOnlyRootAndTheServersUserAreAdministrators(t *testing.T) {
	own := ownUser()
	s := New(Config{AllowUIDs: []uint32{4001}, AllowGIDs: []uint32{4002}})
	for name, c := range map[string]struct {
		credentials
		in bool
	}{
		"root":                   {credentials{uid: 0, gid: 9}, true},
		"the server's own user":  {credentials{uid: own, gid: 9}, true},
		"a user who is allowed":  {credentials{uid: 4001, gid: 9}, true},
		"a group that is":        {credentials{uid: 4000, gid: 4002}, true},
		"somebody else":          {credentials{uid: own + 4000, gid: 9}, false},
		"root's group alone":     {credentials{uid: own + 4000, gid: 0}, false},
		"an allowed id as group": {credentials{uid: own + 4000, gid: 4001}, false},
		"unknown credentials":    {credentials{err: errors.New("no")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/api/v1/doctor", nil)
			ctx := contextWith(r, c.credentials)
			s.Socket().ServeHTTP(w, r.WithContext(ctx))
			if in := w.Code != 403; in != c.in {
				t.Errorf("answers %d %s", w.Code, w.Body)
			}
		})
	}
	w := httptest.NewRecorder()
	s.Socket().ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/doctor", nil))
	if w.Code != 403 {
		t.Errorf("without credentials: %d", w.Code)
	}
}

func TestTheEventNamesWhoeverTheKernelNames(t *testing.T) {
	s := newSite(t, nil)
	if _, err := s.socket.Block(t.Context(), "alice", "on leave"); err != nil {
		t.Fatalf("blocking: %v", err)
	}
	page, err := s.socket.Events(t.Context(), core.EventQuery{User: "alice"})
	if err != nil || len(page.Events) != 1 {
		t.Fatalf("events: %+v, %v", page, err)
	}
	want := fmt.Sprintf("uid %d", os.Geteuid())
	if e := page.Events[0]; e.Reason != core.UserBlocked || !strings.HasPrefix(e.Actor, want) || e.Detail != "on leave" {
		t.Errorf("the event is %+v", e)
	}
}
