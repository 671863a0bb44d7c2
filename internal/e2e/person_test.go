//go:build integration

package e2e

import (
	"strings"
	"testing"
	"time"

	"twofold/core/otp"
	"twofold/internal/lab"
)

// password is everybody's. It ends in digits, as passwords do.
const password = "correct horse 2026"

// person is an account with an authenticator.
type person struct {
	name string // sAMAccountName
	key  otp.Key
	next uint64 // the first step whose code was not handed out yet
}

// hire adds an account to the domain.
func hire(t *testing.T, ad *lab.AD, name string) *person {
	t.Helper()
	ad.AddUser(t, lab.User{Name: name, Password: password})
	return &person{name: name}
}

// staff adds an account and enrols it.
func (s *server) staff(t *testing.T, ad *lab.AD, name string) *person {
	t.Helper()
	p := hire(t, ad, name)
	s.enrol(t, p)
	return p
}

// enrol gives a person a token.
func (s *server) enrol(t *testing.T, p *person) {
	t.Helper()
	made := decode[struct{ URI string }](t, s.do(t, "user", "enrol", "--json", p.name))
	key, err := otp.ParseURI(made.URI)
	if err != nil {
		t.Fatal(err)
	}
	key.Window = 10
	p.key, p.next = key, key.StepAt(time.Now())-9
}

// code is one that was not used yet. They come in order: a code ends all
// before it. There are nineteen.
func (p *person) code(t *testing.T) string {
	t.Helper()
	if p.next > p.key.StepAt(time.Now())+9 {
		t.Fatalf("%s has used up the codes of the window", p.name)
	}
	p.next++
	return p.key.Code(p.key.Secret, p.next-1)
}

// used is the last code handed out.
func (p *person) used() string { return p.key.Code(p.key.Secret, p.next-1) }

// wrong is a code that is none of theirs.
func (p *person) wrong() string {
	for step := p.next + 1000; ; step++ {
		code := p.key.Code(p.key.Secret, step)
		if _, right := p.key.Match(p.key.Secret, code, time.Now()); !right {
			return code
		}
	}
}

// login is the password with a code behind it.
func (p *person) login(t *testing.T) string { t.Helper(); return password + p.code(t) }

// accepted, rejected and challenged hold a reply against what it should be.
func accepted(t *testing.T, what string, r lab.RadReply) {
	t.Helper()
	want(t, what, r, "Access-Accept")
}
func rejected(t *testing.T, what string, r lab.RadReply) {
	t.Helper()
	want(t, what, r, "Access-Reject")
}
func dropped(t *testing.T, what string, r lab.RadReply) { t.Helper(); want(t, what, r, "") }
func challenged(t *testing.T, what string, r lab.RadReply) lab.RadReply {
	t.Helper()
	want(t, what, r, "Access-Challenge")
	return r
}

func want(t *testing.T, what string, r lab.RadReply, code string) {
	t.Helper()
	if r.Code != code {
		t.Errorf("%s: %s, want %s", what, orNothing(r.Code), orNothing(code))
	}
}

func orNothing(code string) string {
	if code == "" {
		return "no answer"
	}
	return strings.TrimPrefix(code, "Access-")
}
