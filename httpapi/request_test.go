package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"twofold/core"
)

func TestRequestsThatAreNotExactAreRefused(t *testing.T) {
	s := newSite(t, nil)
	admin := s.keys[core.Admin]
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		kind               string
	}{
		"an unknown path":               {"GET", "/api/v1/secrets", "", nil, 404, "no-such-path"},
		"a trailing slash":              {"GET", "/api/v1/users/", "", nil, 404, "no-such-path"},
		"a doubled slash":               {"GET", "/api/v1//users", "", nil, 404, "no-such-path"},
		"a path with dots":              {"GET", "/api/v1/users/../status", "", nil, 404, "no-such-path"},
		"another method":                {"PUT", "/api/v1/users/alice", "", nil, 405, "method-not-allowed"},
		"HEAD":                          {"HEAD", "/api/v1/status", "", nil, 405, ""},
		"OPTIONS, for CORS":             {"OPTIONS", "/api/v1/status", "", []string{"Origin", "https://evil.example"}, 405, "method-not-allowed"},
		"an unknown field":              {"POST", "/api/v1/users/alice/block", `{"why":"x","who":"y"}`, nil, 400, "bad-body"},
		"a field in another case":       {"POST", "/api/v1/users/alice/block", `{"WHY":"x"}`, nil, 400, "bad-body"},
		"a field twice":                 {"POST", "/api/v1/users/alice/block", `{"why":"x","why":"y"}`, nil, 400, "bad-body"},
		"null":                          {"POST", "/api/v1/users/alice/block", `null`, nil, 400, "bad-body"},
		"two values":                    {"POST", "/api/v1/users/alice/block", `{"why":"x"}{}`, nil, 400, "bad-body"},
		"no JSON":                       {"POST", "/api/v1/users/alice/block", `why=x`, nil, 400, "bad-body"},
		"half a value":                  {"POST", "/api/v1/users/alice/block", `{"why":`, nil, 400, "bad-body"},
		"a value of another type":       {"POST", "/api/v1/users/alice/block", `{"why":7}`, nil, 400, "bad-body"},
		"a body that is not UTF-8":      {"POST", "/api/v1/users/alice/block", "{\"why\":\"\xff\"}", nil, 400, "bad-body"},
		"a list for an object":          {"POST", "/api/v1/users/alice/block", `[]`, nil, 400, "bad-body"},
		"a field for an act without":    {"POST", "/api/v1/users/alice/unlock", `{"all":true}`, nil, 400, "bad-body"},
		"a body where none is taken":    {"GET", "/api/v1/status", `{"x":1}`, nil, 400, "bad-body"},
		"a form":                        {"POST", "/api/v1/users/alice/block", `{}`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "media-type"},
		"no content type":               {"POST", "/api/v1/users/alice/block", `{}`, []string{"Content-Type", ""}, 415, "media-type"},
		"an endless body":               {"POST", "/api/v1/users/alice/block", `{"why":"` + strings.Repeat("x", maxBody) + `"}`, nil, 413, "too-large"},
		"an unknown parameter":          {"GET", "/api/v1/events?form=x", "", nil, 400, "invalid"},
		"a parameter twice":             {"GET", "/api/v1/events?user=a&user=b", "", nil, 400, "invalid"},
		"a badly escaped parameter":     {"GET", "/api/v1/events?user=%zz", "", nil, 400, "invalid"},
		"a time in words":               {"GET", "/api/v1/events?since=yesterday", "", nil, 400, "invalid"},
		"a limit below nothing":         {"GET", "/api/v1/events?limit=-1", "", nil, 400, "invalid"},
		"a flag in words":               {"GET", "/api/v1/events?follow=maybe", "", nil, 400, "invalid"},
		"a cursor of somebody's making": {"GET", "/api/v1/users?cursor=zz", "", nil, 400, "invalid"},
		"an address that is none":       {"GET", "/api/v1/users/alice/explain?from=home", "", nil, 400, "invalid"},
		"an unknown client":             {"GET", "/api/v1/users/alice/explain?client=fax", "", nil, 400, "invalid"},
		"an unknown role":               {"POST", "/api/v1/apikeys", `{"role":"root"}`, nil, 400, "invalid"},
		"no role":                       {"POST", "/api/v1/apikeys", `{}`, nil, 400, "invalid"},
		"no key to revoke":              {"DELETE", "/api/v1/apikeys", "", nil, 400, "invalid"},
		"an unknown user":               {"GET", "/api/v1/users/nobody", "", nil, 404, "unknown-user"},
		"an endless user":               {"GET", "/api/v1/users/" + strings.Repeat("u", maxName+1), "", nil, 400, "invalid"},
		"a user that is not UTF-8":      {"GET", "/api/v1/users/%ff", "", nil, 400, "invalid"},
		"seconds below nothing":         {"POST", "/api/v1/users/alice/temp-code", `{"seconds":-1}`, nil, 400, "invalid"},
		"seconds beyond a duration":     {"POST", "/api/v1/users/alice/temp-code", `{"seconds":9223372036854775807}`, nil, 400, "invalid"},
		"a login without a user":        {"POST", "/api/v1/auth", `{"password":"x"}`, nil, 400, "bad-body"},
		"a parameter of a login":        {"POST", "/api/v1/auth?user=alice", `{"user":"alice"}`, nil, 400, "invalid"},
		"a state that is not base64":    {"POST", "/api/v1/auth", `{"user":"alice","state":"!"}`, nil, 400, "bad-body"},
		"tokens as JSON":                {"POST", "/api/v1/tokens/import", `{}`, nil, 415, "media-type"},
		"csv without a header":          {"POST", "/api/v1/tokens/import", "alice,x", []string{"Content-Type", "text/csv"}, 400, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.send(c.method, c.path, admin, c.body, c.headers...)
			if a.status != c.status {
				t.Fatalf("answers %d %s", a.status, a.body)
			}
			if got := a.header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type is %s", got)
			}
			if a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-Request-Id") == "" || a.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("headers are %v", a.header)
			}
			if c.kind == "" {
				return
			}
			var p Problem
			if a.into(t, &p); p.Type != typePrefix+c.kind || p.Status != c.status || p.Title == "" || p.Detail == "" || p.Request != a.header.Get("X-Request-Id") {
				t.Errorf("the problem is %+v", p)
			}
		})
	}
	if a := s.send("PUT", "/api/v1/apikeys", admin, ""); a.header.Get("Allow") != "GET, POST, DELETE" {
		t.Errorf("allowed are %q", a.header.Get("Allow"))
	}
}

func TestI10_NoErrorQuotesTheBody(t *testing.T) {
	s := newSite(t, nil)
	for _, body := range []string{
		`{"user":"alice","password":123456}`, `{"user":"alice","password":{"hunter2":"123456"}}`,
		`{"user":"alice","code":"123456"`, `{"user":"alice","state":"123456!"}`, `"123456"`, `{"user":"alice","state":123456e400}`,
	} {
		if a := s.send("POST", "/api/v1/auth", s.keys[core.Application], body); a.status != 400 || strings.Contains(a.body, "123456") {
			t.Errorf("%s: answers %d %s", body, a.status, a.body)
		}
	}
	if strings.Contains(s.log.text(), "123456") {
		t.Error("a secret is in the log")
	}
}

func TestAUserInThePathIsTakenAsItWasEscaped(t *testing.T) {
	s := newSite(t, nil)
	for escaped, want := range map[string]string{
		"alice": "alice", "CORP%5Calice": `CORP\alice`, "CORP%5calice": `CORP\alice`, "alice%40corp.example.com": "alice@corp.example.com",
		"alice@corp.example.com": "alice@corp.example.com", "a%2Fb": "a/b", "%2E%2E": "..", "a%2Fb%2Fexplain": "a/b/explain",
		"alice+x": "alice+x", "alice%20": "alice ", "%C3%84nne": "Änne", "a%00b": "a\x00b", "*%29%28uid=*": "*)(uid=*", "a%252Fb": "a%2Fb", "%7Buser%7D": "{user}",
	} {
		a := s.send("GET", "/api/v1/users/"+escaped, s.keys[core.Admin], "")
		if got := s.people.last(); got != want || a.status != 200 && a.status != 404 {
			t.Errorf("%s is looked up as %q and answers %d", escaped, got, a.status)
		}
	}
	for _, name := range []string{`CORP\alice`, "a/b", "..", "alice@corp.example.com"} {
		if v, err := s.socket.User(t.Context(), name); err != nil || s.people.last() != name {
			t.Errorf("the client asks for %q: looked up %q, %+v, %v", name, s.people.last(), v, err)
		}
	}
	for _, name := range []string{".", "%", "a?b", "a#b", "a b", "{user}", "ä\u0308", "\\", "status", "//", ";"} {
		if _, err := s.socket.User(t.Context(), name); !errors.Is(err, core.ErrUnknownUser) || s.people.last() != name {
			t.Errorf("the client asks for %q: looked up %q, %v", name, s.people.last(), err)
		}
	}
	if _, err := s.socket.User(t.Context(), ""); !errors.Is(err, core.ErrInvalid) {
		t.Errorf("an empty name: %v", err)
	}
}

func TestEachSentinelErrorHasOneStatusAndComesBackAsItself(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range kinds {
		wrapped := fmt.Errorf("doing something: %w", k.err)
		p, _ := problem(wrapped, "id")
		if p.Status != k.status || p.Detail != wrapped.Error() || seen[p.Type] {
			t.Errorf("%v becomes %+v", k.err, p)
		}
		seen[p.Type] = true
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		resp := &http.Response{Header: http.Header{"Content-Type": {"application/problem+json"}}, Body: http.NoBody, Status: "x"}
		resp.Body = readCloser{strings.NewReader(string(text))}
		back := readProblem(resp)
		for _, other := range kinds {
			if errors.Is(back, other.err) != (other.err == k.err) {
				t.Errorf("%v, read back, is %v: %t", k.err, other.err, errors.Is(back, other.err))
			}
		}
	}
	p, _ := problem(errors.New("dial tcp 10.0.0.1: secret detail"), "id")
	if p.Status != 500 || p.Detail != "" || strings.Contains(p.Error(), "secret") {
		t.Errorf("an unexpected error becomes %+v", p)
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func TestAPanicIsAnsweredAndTheOthersGoOn(t *testing.T) {
	s := newSite(t, func(c *Config) {
		c.Doctor = func(context.Context) []Finding { panic("boom") }
	})
	_, err := s.socket.Doctor(t.Context())
	var p *Problem
	if !errors.As(err, &p) || p.Status != 500 || strings.Contains(err.Error(), "boom") {
		t.Errorf("the client hears %v", err)
	}
	if !strings.Contains(s.log.text(), "boom") {
		t.Error("the log does not say what happened")
	}
	if _, err := s.socket.Status(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if len(s.local.requests)+len(s.local.workers) > 0 {
		t.Error("a place was not given back")
	}
}

func TestI10_TheValueOfAPanicIsNotLogged(t *testing.T) {
	type login struct{ password string }
	s := newSite(t, func(c *Config) {
		c.Doctor = func(context.Context) []Finding { panic(login{"planted"}) }
	})
	if _, err := s.socket.Doctor(t.Context()); err == nil || strings.Contains(err.Error(), "planted") {
		t.Errorf("the client hears %v", err)
	}
	if log := s.log.text(); strings.Contains(log, "planted") || !strings.Contains(log, "httpapi.login") {
		t.Errorf("the log says %s", log)
	}
}

func TestI12_RequestsBeyondTheBoundAreShedAndLeaveTheSocketFree(t *testing.T) {
	hold, held := make(chan struct{}), make(chan struct{}, 2)
	s := newSite(t, func(c *Config) {
		c.Workers = 2
		c.Doctor = func(context.Context) []Finding { held <- struct{}{}; <-hold; return nil }
	})
	done := make(chan answer, 2)
	for range 2 {
		go func() { done <- s.send("GET", "/api/v1/doctor", s.keys[core.Admin], "") }()
	}
	<-held
	<-held
	if _, err := s.socket.Status(t.Context()); err != nil {
		t.Errorf("over the socket: %v", err)
	}
	if a := s.send("GET", "/api/v1/status", s.keys[core.Admin], ""); a.status != 503 || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "busy") {
		t.Errorf("answers %d %s", a.status, a.body)
	}
	close(hold)
	for range 2 {
		if a := <-done; a.status != 200 {
			t.Errorf("one of those let in: %d %s", a.status, a.body)
		}
	}
	if a := s.send("GET", "/api/v1/status", s.keys[core.Admin], ""); a.status != 200 {
		t.Errorf("afterwards: %d", a.status)
	}
}

func TestTheAPIStandsBesideOthersOnOneMux(t *testing.T) {
	s := newSite(t, nil)
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", s.API())
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	both := httptest.NewServer(mux)
	defer both.Close()
	s.api.Close()
	s.api = both
	if a := s.send("GET", "/api/v1/users/CORP%5Calice", s.keys[core.Admin], ""); a.status != 200 {
		t.Errorf("the API answers %d", a.status)
	}
	if a := s.send("GET", "/login", "", ""); a.status != http.StatusTeapot {
		t.Errorf("the portal answers %d", a.status)
	}
}

func TestObserversHearOfRoutesNotPaths(t *testing.T) {
	heard := make(chan string, 100)
	s := newSite(t, func(c *Config) {
		c.Observe = func(route, method string, status int, _ time.Duration) {
			heard <- fmt.Sprint(method, " ", route, " ", status)
		}
	})
	for len(heard) > 0 {
		<-heard
	}
	s.send("GET", "/api/v1/users/alice", s.keys[core.Admin], "")
	s.send("GET", "/api/v1/wp-login.php", "", "")
	if a, b := <-heard, <-heard; a != "GET /api/v1/users/{user} 200" || b != "GET none 404" {
		t.Errorf("heard %q, %q", a, b)
	}
}

func FuzzPath(f *testing.F) {
	f.Add("/api/v1/users/CORP%5Calice/explain")
	f.Add("/api/v1/users/%2E%2E")
	f.Add("*")
	f.Add("/api/v1/users/a%2Fb")
	routes := newTable(routes())
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		r := &http.Request{Method: "GET", URL: u, Host: "x", Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
		found, err := routes.find(r)
		if err == nil && strings.Contains(found.pattern, "{user}") && r.PathValue("user") == "" {
			t.Errorf("%q leads to %s without a user", path, found.pattern)
		}
	})
}

func FuzzBody(f *testing.F) {
	f.Add(`{"user":"alice","password":"x","code":"123456","state":"AAAA"}`)
	f.Add(`{"user":`)
	f.Add("{}{}")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		var in AuthRequest
		if err := (&exchange{r: r}).body(&in); err != nil {
			if k, known := kindOf(err); !known || k.status >= 500 {
				t.Errorf("%q: %v", body, err)
			}
		}
	})
}

func FuzzSegment(f *testing.F) {
	f.Add("..")
	f.Add(`CORP\alice`)
	f.Add("a/b?c#d%2F")
	routes := newTable(routes())
	f.Fuzz(func(t *testing.T, name string) {
		if name == "" {
			return
		}
		r, err := http.NewRequest("GET", "http://twofold"+prefix+"/users/"+segment(name), nil)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		found, err := routes.find(r)
		if name == "/" {
			if !errors.Is(err, errNoRoute) {
				t.Errorf("a lone slash leads to %s, %v", found.pattern, err)
			}
			return
		}
		if err != nil || found.pattern != prefix+"/users/{user}" || r.PathValue("user") != name {
			t.Errorf("%q leads to %s as %q, %v", name, found.pattern, r.PathValue("user"), err)
		}
	})
}
