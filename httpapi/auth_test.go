package httpapi

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/core"
)

func TestALoginOverHTTPIsJudgedLikeAnyOther(t *testing.T) {
	s := newSite(t, nil)
	made, err := s.socket.Enrol(t.Context(), `CORP\alice`, core.EnrolRequest{Label: "phone"})
	if err != nil {
		t.Fatalf("enrolling: %v", err)
	}
	now := time.Now()
	var got AuthReply
	a := s.send("POST", "/api/v1/auth", s.keys[core.Application], `{"user":"alice","password":"right`+codeOf(t, made, now)+`"}`)
	if a.into(t, &got); a.status != 200 || got.Result != core.Accept || got.User == nil || got.User.Login != "alice" {
		t.Fatalf("answers %d %s\n%s", a.status, a.body, s.log.text())
	}
	a = s.send("POST", "/api/v1/auth", s.keys[core.Application], `{"user":"alice@corp.example.com","password":"right`+codeOf(t, made, now)+`"}`)
	if a.into(t, &got); got.Result == core.Accept {
		t.Errorf("a code was accepted twice: %s", a.body)
	}
	a = s.send("POST", "/api/v1/auth", s.keys[core.Application], `{"user":"alice","password":"right"}`)
	if a.into(t, &got); a.status != 200 || got.Result != core.Challenge || len(got.State) == 0 || strings.Join(got.Methods, "") != "totp" {
		t.Fatalf("answers %d %s", a.status, a.body)
	}
	next := codeOf(t, made, now.Add(30*time.Second))
	state := strings.Split(a.body, `"`)[7]
	a = s.send("POST", "/api/v1/auth", s.keys[core.Application], `{"user":"alice","code":"`+next+`","state":"`+state+`"}`)
	if a.into(t, &got); a.status != 200 || got.Result != core.Accept {
		t.Errorf("answers %d %s\n%s", a.status, a.body, s.log.text())
	}
	if logged := s.log.text(); strings.Contains(logged, "right") || strings.Contains(logged, next) || strings.Contains(logged, s.keys[core.Application]) {
		t.Error("a secret is in the log")
	}
}

// shape is all of an answer that its cause could show in.
func shape(a answer) string {
	var names []string
	for name, values := range a.header {
		if name != "Date" && name != "X-Request-Id" {
			names = append(names, name+"="+strings.Join(values, ","))
		}
	}
	slices.Sort(names)
	return fmt.Sprint(a.status, names, len(a.header.Get("X-Request-Id")), a.body)
}

func TestI08_AllRejectsAreOneTextNoSoonerThanTheFloor(t *testing.T) {
	client := &core.Client{Name: "api", Mode: core.Append, Deadline: 5 * time.Second, RejectFloor: 20 * time.Millisecond}
	s := newSite(t, func(c *Config) { c.APIClient = func() *core.Client { return client } })
	if _, err := s.socket.Enrol(t.Context(), "alice", core.EnrolRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.socket.Block(t.Context(), "carol", ""); err != nil {
		t.Fatal(err)
	}
	first := ""
	for name, body := range map[string]string{
		"an unknown user":     `{"user":"nobody","password":"right123456"}`,
		"somebody unenrolled": `{"user":"bob","password":"right"}`,
		"somebody blocked":    `{"user":"carol","password":"right"}`,
		"a wrong code":        `{"user":"alice","password":"right","code":"000000"}`,
		"a wrong password":    `{"user":"alice","password":"wrong","code":"000000"}`,
		"no password":         `{"user":"alice","password":"","code":"000000"}`,
		"an endless password": `{"user":"alice","password":"` + strings.Repeat("x", core.MaxPassword+1) + `"}`,
		"an endless user":     `{"user":"` + strings.Repeat("x", maxName+1) + `","password":"x"}`,
		"a NUL":               `{"user":"alice","password":"right\u0000123456"}`,
		"an invented state":   `{"user":"alice","code":"000000","state":"AAAA"}`,
	} {
		began := time.Now()
		a := s.send("POST", "/api/v1/auth", s.keys[core.Application], body)
		if took := time.Since(began); took < client.RejectFloor {
			t.Errorf("%s is refused after %v", name, took)
		}
		if a.body != `{"result":"reject"}`+"\n" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if first == "" {
			first = shape(a)
		}
		if got := shape(a); got != first {
			t.Errorf("%s answers\n%s\nothers\n%s", name, got, first)
		}
	}
}

func TestI08_FirstLegsOfStrangersLookLikeThoseOfUsers(t *testing.T) {
	s := newSite(t, nil)
	if _, err := s.socket.Enrol(t.Context(), "alice", core.EnrolRequest{}); err != nil {
		t.Fatal(err)
	}
	lengths := map[int]string{}
	for _, user := range []string{"alice", "bob", "nobody"} {
		a := s.send("POST", "/api/v1/auth", s.keys[core.Application], `{"user":"`+user+`","password":"some password"}`)
		lengths[len(a.body)] = user
		if !strings.Contains(a.body, `"challenge"`) {
			t.Errorf("%s: %d %s", user, a.status, a.body)
		}
	}
	if len(lengths) != 1 {
		t.Errorf("lengths tell people apart: %v", lengths)
	}
}

func TestAnOutageIs503AndNotAJudgement(t *testing.T) {
	s := newSite(t, nil)
	s.people.setDown(true)
	a := s.send("POST", "/api/v1/auth", s.keys[core.Application], `{"user":"alice","password":"right123456"}`)
	if a.status != 503 || !strings.Contains(a.body, typePrefix+"outage") || strings.Contains(a.body, "dc1") || a.header.Get("Retry-After") == "" {
		t.Errorf("answers %d %s", a.status, a.body)
	}
	if _, err := s.socket.User(t.Context(), "alice"); !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("showing a user: %v", err)
	}
}

func TestI12_ARefusalThatWaitsHoldsNoWorker(t *testing.T) {
	waiting := &core.Client{Name: "api", Mode: core.Append, Deadline: 5 * time.Second, RejectFloor: time.Second}
	s := newSite(t, func(c *Config) {
		c.Workers = 1
		c.APIClient = func() *core.Client { return waiting }
	})
	began := time.Now()
	done := make(chan answer, 5)
	for range cap(done) {
		go func() {
			for {
				a := s.send("POST", "/api/v1/auth", s.keys[core.Application], `{"user":"nobody","password":"x"}`)
				if a.status != 503 {
					done <- a
					return
				}
			}
		}()
	}
	for range cap(done) {
		if a := <-done; a.status != 200 {
			t.Errorf("answers %d", a.status)
		}
	}
	if took := time.Since(began); took > 3*waiting.RejectFloor {
		t.Errorf("%d refusals took %v: they waited one after another", cap(done), took)
	}
}

func TestTheObserverHearsOfEveryJudgement(t *testing.T) {
	heard := make(chan string, 1)
	s := newSite(t, func(c *Config) {
		c.Attempt = func(client string, d core.Decision, _ time.Duration) {
			heard <- fmt.Sprint(client, d.Result, d.Reason.Name())
		}
	})
	s.send("POST", "/api/v1/auth", s.keys[core.Application], `{"user":"nobody","password":"x"}`)
	if got := <-heard; !strings.HasPrefix(got, "api") || !strings.Contains(got, "reject") && !strings.Contains(got, "challenge") {
		t.Errorf("heard %s", got)
	}
}

func TestWhatNoProtocolCarriesIsRefusedBeforeItIsJudged(t *testing.T) {
	heard := make(chan core.Decision, 1)
	s := newSite(t, func(c *Config) { c.Attempt = func(_ string, d core.Decision, _ time.Duration) { heard <- d } })
	for name, body := range map[string]string{
		"an endless password": `{"user":"alice","password":"` + strings.Repeat("x", core.MaxPassword+1) + `"}`,
		"an endless user":     `{"user":"` + strings.Repeat("ü", maxName/2) + `x","password":"x"}`,
	} {
		asked := s.people.last()
		s.send("POST", "/api/v1/auth", s.keys[core.Application], body)
		if d := <-heard; d.Result != core.Reject || d.Reason != core.UnusablePassword {
			t.Errorf("%s: %v for %s", name, d.Result, d.Reason.Name())
		}
		if s.people.last() != asked && name == "an endless user" {
			t.Errorf("%s: the directory was asked", name)
		}
	}
	_, err := s.socket.Login(t.Context(), "alice", LoginRequest{Password: strings.Repeat("x", core.MaxPassword+1)})
	if !errors.Is(err, core.ErrInvalid) {
		t.Errorf("tried: %v", err)
	}
}

func TestLoginRunsAnAttemptAndExplainsIt(t *testing.T) {
	s := newSite(t, nil)
	made, err := s.socket.Enrol(t.Context(), "alice", core.EnrolRequest{})
	if err != nil {
		t.Fatal(err)
	}
	code := codeOf(t, made, time.Now())
	got, err := s.socket.Login(t.Context(), `CORP\alice`, LoginRequest{Password: "right", Code: code})
	if err != nil || got.Result != core.Accept || got.Client != "vpn" || got.ID != core.AcceptedCode || len(got.Steps) == 0 || got.User.Login != "alice" {
		t.Errorf("%+v %v, steps %q", got, err, got.Steps)
	}
	got, err = s.socket.Login(t.Context(), "alice", LoginRequest{Client: "vpn", Password: "right", Code: code})
	if err != nil || got.Result != core.Reject || got.ID != core.CodeUsed {
		t.Errorf("a replay: %+v %s %v", got, got.Name, err)
	}
	got, err = s.socket.Login(t.Context(), "alice", LoginRequest{Password: "right"})
	if err != nil || got.Result != core.Challenge || got.Ask != "code" || len(got.State) == 0 {
		t.Errorf("a first leg: %+v %v", got, err)
	}
	if _, err := s.socket.Login(t.Context(), "alice", LoginRequest{Client: "fax"}); !errors.Is(err, core.ErrInvalid) {
		t.Errorf("an unknown client: %v", err)
	}
	page, err := s.socket.Events(t.Context(), core.EventQuery{Limit: 500})
	if err != nil || !slices.ContainsFunc(page.Events, func(e core.Event) bool { return e.Reason == core.LoginTried }) {
		t.Errorf("no event tells of the trial: %v", err)
	}
}

func TestI10_NothingThatCarriesASecretPrintsIt(t *testing.T) {
	text := fmt.Sprintf("%v %+v %#v %s", AuthRequest{Password: "hunter2", Code: "hunter2", State: []byte("hunter2")},
		LoginRequest{Password: "hunter2", Code: "hunter2"}, NewKey{Secret: "hunter2"}, AuthReply{Key: "hunter2", URI: "hunter2"})
	text += fmt.Sprintf("%+v %#v %v %+v %#v", LoginReply{Key: "hunter2"}, Enrolment{Key: "hunter2", URI: "hunter2"}, ResetResult{Invitation: "hunter2"}, TempCode{Code: "hunter2"}, &Enrolment{Key: "hunter2"})
	if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e74657232") {
		t.Errorf("a secret is in %s", text)
	}
}
