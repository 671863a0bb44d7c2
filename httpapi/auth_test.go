package httpapi

import (
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
