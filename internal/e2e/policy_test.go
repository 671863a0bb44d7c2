//go:build integration

package e2e

import (
	"testing"
	"time"

	codec "layeh.com/radius"

	"twofold/internal/lab"
	"twofold/radius/exchange"
)

func TestTheSecondFactorIsRequiredOfSome(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	ad.AddGroup(t, "e2e pilots")
	ad.AddGroup(t, "e2e everybody")
	ad.AddMember(t, "e2e everybody", "e2e pilots")
	s := serve(t, settings{AD: ad, Corp: []string{"cache: 0s"}, Top: []string{"required_for: {groups: [e2e everybody], users: ['chief-*']}"}})
	c := s.client(t, appending)
	hire(t, ad, "ground")
	chief, pilot := s.staff(t, ad, "chief-1"), s.staff(t, ad, "pilot")
	accepted(t, "who is not among them", c.Login(t, "ground", password))
	s.because(t, "ground", "accepted-not-required")
	rejected(t, "named, no code", c.Login(t, `corp\CHIEF-1`, password))
	accepted(t, "named, with code", c.Login(t, chief.name, chief.login(t)))
	ad.AddMember(t, "e2e pilots", pilot.name)
	rejected(t, "in a nested group, no code", c.Login(t, pilot.name, password))
	accepted(t, "in a nested group, with code", c.Login(t, pilot.name, pilot.login(t)))
}

func TestI07_ResetPeopleAreNotUnenrolled(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad, Top: []string{"unenrolled: allow", "unenrolled_until: 2099-01-01"}})
	p := hire(t, ad, "rollout")
	c := s.client(t, appending)
	accepted(t, "who never enrolled", c.Login(t, p.name, password))
	s.because(t, p.name, "accepted-unenrolled")
	s.enrol(t, p)
	rejected(t, "enrolled, no code", c.Login(t, p.name, password))
	accepted(t, "enrolled, with code", c.Login(t, p.name, p.login(t)))
	s.do(t, "user", "reset", p.name)
	for range 2 {
		rejected(t, "reset, password alone", c.Login(t, p.name, password))
		s.because(t, p.name, "enrolment-pending")
		s.kill(t)
		s.start(t)
		c = s.client(t, appending)
	}
}

// Whatever is wrong: the same answer, after the same time.
func TestI08_RefusalsAreAlikeAndTakeTheirTime(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	const slow door = "127.0.0.10"
	s := serve(t, settings{AD: ad, Clients: []string{client("slow", slow, "mode: append", "reject_floor: 600ms")}})
	p, blocked := s.staff(t, ad, "floor"), s.staff(t, ad, "floor-blocked")
	hire(t, ad, "floor-unenrolled")
	s.do(t, "user", "block", blocked.name)
	c := s.client(t, slow)
	from := time.Now()
	accepted(t, "an Accept", c.Login(t, p.name, p.login(t)))
	if took := time.Since(from); took > 500*time.Millisecond {
		t.Logf("an Accept took %v on a busy machine", took)
	}
	for what, try := range map[string]func() lab.RadReply{
		"nobody":           func() lab.RadReply { return c.Login(t, "nobody-here", p.login(t)) },
		"never enrolled":   func() lab.RadReply { return c.Login(t, "floor-unenrolled", password+"123456") },
		"a wrong password": func() lab.RadReply { return c.Login(t, p.name, "wrong"+p.code(t)) },
		"a wrong code":     func() lab.RadReply { return c.Login(t, p.name, password+p.wrong()) },
		"blocked":          func() lab.RadReply { return c.Login(t, blocked.name, blocked.login(t)) },
	} {
		from := time.Now()
		r := try()
		rejected(t, what, r)
		if took := time.Since(from); took < 600*time.Millisecond || took > 3*time.Second {
			t.Errorf("%s: after %v", what, took)
		}
		if got := r.Get("Reply-Message"); got != "Login refused." || len(r.Attrs) != 2 {
			t.Errorf("%s: %q, %v", what, got, r.Attrs)
		}
	}
}

// A service account without a second factor is what a stranger tries first.
func TestI04_WrongPasswordsOfTheExemptNeverLock(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	hire(t, ad, "svc-printer")
	s := serve(t, settings{AD: ad, Top: []string{"exclusions:", "  - {users: ['svc-*'], reason: cannot type}"}})
	s.wrongPasswords(t, appending, "svc-printer", 200)
	s.wrongPasswords(t, asking, `CORP\SVC-printer`, 50)
	if n := ad.BadPwdCount(t, "svc-printer"); n == 0 || n > threshold-3 || ad.LockedOut(t, "svc-printer") {
		t.Errorf("badPwdCount is %d, want some, and three left to other doors", n)
	}
	s.because(t, "svc-printer", "passwords-throttled")
	ad.Unlock(t, "svc-printer")
	s.do(t, "user", "unlock", "svc-printer")
}

// A service account logs in many times at once: those wait for each other
// where the password budget is small, and none is refused.
func TestAServiceAccountLogsInManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	hire(t, ad, "svc-busy")
	s := serve(t, settings{AD: ad, Top: []string{"exclusions:", "  - {users: ['svc-*'], reason: cannot type}"}})
	requests := make([]exchange.Request, 30)
	for i := range requests {
		requests[i] = exchange.Request{User: "svc-busy", Password: password}
	}
	if got := s.atOnce(t, appending, requests); got[codec.CodeAccessAccept] != len(requests) {
		t.Errorf("%v, want %d Accepts", got, len(requests))
	}
}
