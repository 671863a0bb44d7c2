//go:build integration

package e2e

import (
	"testing"

	"twofold/internal/lab"
)

func TestAccountsThatMayNotLogInAreRefusedAndTheEventSaysWhy(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad, Corp: []string{"cache: 0s"}})
	c := s.client(t, appending)
	for _, tt := range []struct {
		name   string
		change func(testing.TB, string)
		reason string
	}{
		{"disabled", ad.Disable, "entry-disabled"},
		{"expired", ad.Expire, "entry-expired"},
		{"must-change", ad.MustChange, "password-must-change"},
		{"old-password", ad.ExpirePassword, "password-expired"},
		{"locked", lockedOut(ad), "entry-locked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := s.staff(t, ad, tt.name)
			accepted(t, "before", c.Login(t, p.name, p.login(t)))
			tt.change(t, p.name)
			rejected(t, "after", c.Login(t, p.name, p.login(t)))
			s.because(t, p.name, tt.reason)
		})
	}
}

// The entry may be in the cache as it was: then the bind tells.
func TestACachedEntryLetsNobodyInWhoMayNot(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad, Corp: []string{"cache: 10m"}})
	c := s.client(t, appending)
	p := s.staff(t, ad, "cached")
	accepted(t, "before", c.Login(t, p.name, p.login(t)))
	ad.Disable(t, p.name)
	rejected(t, "after", c.Login(t, p.name, p.login(t)))
	s.because(t, p.name, "entry-disabled")
}

// lockedOut tries wrong passwords elsewhere until the domain locks.
func lockedOut(ad *lab.AD) func(testing.TB, string) {
	return func(t testing.TB, name string) {
		for range threshold {
			if ad.Bind(t, ad.DN(t, name), "wrong") == nil {
				t.Fatal("a wrong password was taken")
			}
		}
		if !ad.LockedOut(t, name) {
			t.Fatal("the domain did not lock")
		}
	}
}

func TestGroupsExclude(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	for _, g := range []string{"e2e inner", "e2e outer", "e2e primary", "e2e other"} {
		ad.AddGroup(t, g)
	}
	hire(t, ad, "nested")
	hire(t, ad, "primary")
	hire(t, ad, "neither")
	ad.AddMember(t, "e2e inner", "nested")
	ad.AddMember(t, "e2e outer", "e2e inner")
	ad.AddMember(t, "e2e other", "neither")
	ad.SetPrimaryGroup(t, "primary", "e2e primary")
	s := serve(t, settings{AD: ad, Top: []string{
		"exclusions:",
		"  - {groups: [e2e outer], reason: nested}",
		"  - {groups: ['CN=e2e primary,CN=Users," + ad.BaseDN + "'], reason: primary}",
		"  - {groups: [e2e other], clients: [challenge], reason: another door}",
		"  - {groups: [e2e other], until: 2020-12-31, reason: over}",
	}})
	c := s.client(t, appending)
	for _, name := range []string{"nested", "primary"} {
		accepted(t, name, c.Login(t, name, password))
		s.because(t, name, "accepted-excluded")
		rejected(t, name+", a wrong password", c.Login(t, name, "wrong"))
		rejected(t, name+", a client without exclusions", s.client(t, strict).Login(t, name, password))
		contains(t, s.do(t, "explain", "--client", "append", name), "password alone: exclusion", name)
	}
	rejected(t, "neither", c.Login(t, "neither", password))
	s.because(t, "neither", "not-enrolled")
}
