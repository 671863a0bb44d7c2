//go:build integration

package e2e

import (
	"testing"

	"twofold/internal/lab"
)

func TestLoginsByAppendChallengeAndBoth(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "modes")

	appended := s.client(t, appending)
	accepted(t, "append", appended.Login(t, p.name, p.login(t)))
	rejected(t, "append, a wrong code", appended.Login(t, p.name, password+p.wrong()))
	rejected(t, "append, no code", appended.Login(t, p.name, password))
	rejected(t, "append, a wrong password", appended.Login(t, p.name, "wrong"+p.code(t)))

	for _, d := range []door{asking, immediate, vpn} {
		c := s.client(t, d)
		first := challenged(t, string(d)+": password alone", c.Login(t, p.name, password))
		accepted(t, string(d)+": the code", c.Answer(t, first, p.name, p.code(t)))
		rejected(t, string(d)+": the same State again", c.Answer(t, first, p.name, p.code(t)))
		first = challenged(t, string(d)+": password alone", c.Login(t, p.name, password))
		rejected(t, string(d)+": another's State", c.Answer(t, first, "Administrator", p.code(t)))
	}

	both := s.client(t, vpn)
	accepted(t, "both, appended", both.Login(t, p.name, p.login(t)))
	first := challenged(t, "both, a used code appended", both.Login(t, p.name, password+p.used()))
	accepted(t, "both, and then a fresh one", both.Answer(t, first, p.name, p.code(t)))
}

// A tail of six digits may be the password's own: the bind tells.
func TestAPasswordThatEndsInDigits(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "digits")
	const password = "secret 123456"
	ad.SetPassword(t, p.name, password)

	both, appended := s.client(t, vpn), s.client(t, appending)
	accepted(t, "append", appended.Login(t, p.name, password+p.code(t)))
	rejected(t, "append, no code", appended.Login(t, p.name, password))
	first := challenged(t, "both, no code", both.Login(t, p.name, password))
	accepted(t, "both, and then the code", both.Answer(t, first, p.name, p.code(t)))
	accepted(t, "both, appended", both.Login(t, p.name, password+p.code(t)))
}

// A failing first leg asks for a code like any other, so that nobody learns
// whether a name, a password or a state was wrong.
func TestI08_AFirstLegTellsNothing(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "silent")
	hire(t, ad, "unenrolled")

	c := s.client(t, asking)
	text := challenged(t, "the right password", c.Login(t, p.name, password)).Get("Reply-Message")
	for what, who := range map[string]string{
		"a wrong password": p.name, "somebody who never enrolled": "unenrolled", "nobody": "nobody-at-all",
	} {
		first := challenged(t, what, c.Login(t, who, "wrong"))
		if got := first.Get("Reply-Message"); got != text {
			t.Errorf("%s: asked %q, others %q", what, got, text)
		}
		rejected(t, what+", and a code", c.Answer(t, first, who, p.code(t)))
	}
	if n := ad.BadPwdCount(t, "unenrolled"); n != 0 {
		t.Errorf("%d wrong passwords of somebody who never enrolled reached the directory", n)
	}
}

func TestPamRadiusAuthLogsInByAppendAndByChallenge(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad, Clients: []string{client("pam", vpn, "mode: both, require_message_authenticator: false")}, Without: "vpn"})
	p := s.staff(t, ad, "pam")
	pam := lab.NewPAM(t, s.radius, vpn.secret())
	for _, tt := range []struct {
		name    string
		ok      bool
		answers []string
	}{
		{"an appended code logs in", true, []string{p.login(t)}},
		{"a challenge is answered", true, []string{password, p.code(t)}},
		{"a used code fails", false, []string{password, p.used()}},
		{"a wrong code fails", false, []string{password, p.wrong()}},
		{"a wrong password fails", false, []string{"wrong", p.code(t)}},
		{"a missing answer fails", false, []string{password}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if ok, said := pam.Login(t, p.name, tt.answers...); ok != tt.ok {
				t.Errorf("ok %v, want %v: %s", ok, tt.ok, said)
			}
		})
	}
}
