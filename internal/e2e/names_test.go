//go:build integration

package e2e

import (
	"testing"

	"twofold/internal/lab"
)

// spellings of one person whose UPN ends in another suffix than the domain's.
var spellings = []string{
	"alice", "ALICE", "alice@corp.example.com", "alice@example.com",
	`CORP\alice`, `corp\ALICE`, "aLiCe@Example.COM", "Alice@CORP.example.com",
}

// wonderland adds alice to the domain of a test, and enrols her.
func wonderland(t *testing.T, s *server, ad *lab.AD) *person {
	t.Helper()
	p := &person{name: "alice"}
	ad.AddUser(t, lab.User{Name: p.name, Password: password, UPN: "alice@example.com"})
	t.Cleanup(func() { ad.Delete(t, p.name) })
	s.enrol(t, p)
	return p
}

func TestI06_EverySpellingIsOnePerson(t *testing.T) {
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := wonderland(t, s, ad)
	c := s.client(t, appending)

	for i, name := range spellings {
		accepted(t, name, c.Login(t, name, p.login(t)))
		again := spellings[(i+1)%len(spellings)]
		rejected(t, again+", the code that "+name+" used", c.Login(t, again, password+p.used()))
		s.because(t, name, "code-used")
	}
	if list := decode[[]struct{ Login string }](t, s.do(t, "user", "list", "--json")); len(list) != 1 {
		t.Errorf("%d accounts, want one: %v", len(list), list)
	}
	if r := s.try(t, "user", "enrol", `CORP\Alice`); r.status != 1 {
		t.Errorf("enrolled twice: status %d\n%s", r.status, r.said)
	}
}

// Samba finds alice by her name with a space behind it; that must not be a
// second alice.
func TestI06_ATrailingSpaceMakesNobodyElse(t *testing.T) {
	ad := corp(t)
	s := serve(t, settings{AD: ad, Top: []string{`unenrolled: allow`, `unenrolled_until: 2099-01-01`}})
	p := wonderland(t, s, ad)
	c := s.client(t, appending)
	for _, name := range []string{"alice ", " alice", "alice@example.com ", `CORP\alice `, "alice\u00a0", "alice\x00", "ａlice", "alıce"} {
		rejected(t, "password alone, "+name, c.Login(t, name, password))
		if r := c.Login(t, name, p.login(t)); r.Accepted() {
			rejected(t, "the code again, by her name", c.Login(t, "alice", password+p.used()))
		}
	}
	if list := decode[[]struct{ Login string }](t, s.do(t, "user", "list", "--json")); len(list) != 1 {
		t.Errorf("%d accounts, want one: %v", len(list), list)
	}
}

func TestI06_OneThrottleForAllSpellings(t *testing.T) {
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := wonderland(t, s, ad)
	c := s.client(t, appending)
	for i := range 10 {
		rejected(t, "a wrong code", c.Login(t, spellings[i%len(spellings)], password+p.wrong()))
		s.because(t, "alice", "wrong-code")
	}
	for _, name := range spellings {
		rejected(t, "a right code after ten wrong ones, "+name, c.Login(t, name, p.login(t)))
		s.because(t, "alice", "codes-throttled")
	}
	first := p.code(t)
	accepted(t, "two consecutive codes", c.Login(t, "ALICE", password+first+p.code(t)))
	s.because(t, "alice", "accepted-pair")
	if n := ad.BadPwdCount(t, "alice"); n != 0 {
		t.Errorf("badPwdCount is %d, want 0", n)
	}
}

// An explicit UPN outranks what a suffix makes of another's login name.
func TestI06_AUPNThatLooksLikeAnothersLogin(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	bob := s.staff(t, ad, "bob")
	mallory := &person{name: "mallory"}
	ad.AddUser(t, lab.User{Name: mallory.name, Password: password, UPN: "bob@example.com"})
	s.enrol(t, mallory)
	c := s.client(t, appending)
	for _, tt := range []struct {
		name    string
		is, not *person
	}{
		{"bob", bob, mallory}, {`CORP\bob`, bob, mallory}, {"bob@corp.example.com", bob, mallory},
		{"bob@example.com", mallory, bob}, {"mallory", mallory, bob}, {"Bob@EXAMPLE.com", mallory, bob},
	} {
		accepted(t, tt.name, c.Login(t, tt.name, tt.is.login(t)))
		rejected(t, tt.name+", the other's code", c.Login(t, tt.name, tt.not.login(t)))
	}
	rejected(t, "an unknown suffix", c.Login(t, "bob@elsewhere.example", bob.login(t)))
	s.because(t, "", "unknown-user")
}

func TestI06_ARenameKeepsTheTokenARecreationDoesNot(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad, Corp: []string{"cache: 0s"}})
	p := s.staff(t, ad, "anna")
	c := s.client(t, appending)
	accepted(t, "anna", c.Login(t, "anna", p.login(t)))

	ad.Rename(t, "anna", "anna.married")
	accepted(t, "by her new name", c.Login(t, "anna.married", p.login(t)))
	rejected(t, "a used code by her new name", c.Login(t, "anna.married", password+p.used()))
	rejected(t, "by her old name", c.Login(t, "anna", p.login(t)))

	ad.Delete(t, "anna.married")
	rejected(t, "who has left", c.Login(t, "anna.married", p.login(t)))
	hire(t, ad, "anna.married")
	rejected(t, "another of the same name", c.Login(t, "anna.married", p.login(t)))
	s.because(t, "anna.married", "not-enrolled")
}
