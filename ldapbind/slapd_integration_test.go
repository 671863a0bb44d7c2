//go:build integration

package ldapbind_test

import (
	"errors"
	"testing"
	"time"

	"twofold/core"
	"twofold/internal/lab"
	"twofold/ldapbind"
)

func plain(s *lab.Slapd) ldapbind.Config {
	return ldapbind.Config{
		Name: "people", Kind: ldapbind.LDAP, URLs: []string{s.URL()}, CAs: s.CA.Pool,
		BaseDN: s.BaseDN, BindUser: s.BindUser, BindPassword: s.BindPassword,
		UPNSuffixes: []string{"example.com"}, NetBIOS: "PEOPLE", NeedGroups: true,
	}
}

func TestI06_SpellingsInOpenLDAP(t *testing.T) {
	s := lab.StartSlapd(t, lab.SlapdConfig{})
	alice := s.AddUser(t, lab.User{Name: "alice", Password: "Correct-horse-1"})
	s.AddUser(t, lab.User{Name: "carol", Password: "Correct-horse-2"})
	s.AddUser(t, lab.User{Name: "carol@example.com", Password: "Correct-horse-3"})
	ds := open(t, plain(s))
	for _, tt := range []struct{ name, login string }{
		{"alice", "alice"}, {"ALICE", "alice"}, {"alice@example.com", "alice"}, {`PEOPLE\Alice`, "alice"},
		{"alice ", "alice"}, {"ａｌｉｃｅ", "alice"}, {"carol", "carol"}, {"carol@example.com", "carol@example.com"},
	} {
		if who := resolve(t, ds, tt.name); who.Login != tt.login {
			t.Errorf("%q is %s, want %s", tt.name, who.Login, tt.login)
		}
	}
	for _, nobody := range []string{"*", "alice)(uid=*", "alice@other.example", `OTHER\alice`, "svc-twofold"} {
		if who, err := ds.Resolve(within(t, 5*time.Second), nobody); !errors.Is(err, core.ErrUnknownUser) {
			t.Errorf("%q is %s (%v), want nobody", nobody, who.Login, err)
		}
	}
	before := resolve(t, ds, "alice")
	alice = s.Rename(t, alice, "smith")
	if resolve(t, ds, "smith").ID != before.ID {
		t.Error("a rename made another person")
	}
	s.Delete(t, alice)
	s.AddUser(t, lab.User{Name: "smith", Password: "Correct-horse-1"})
	if resolve(t, ds, "smith").ID == before.ID {
		t.Error("the recreated entry is the same person")
	}
}

func TestBindAndGroupsOfOpenLDAP(t *testing.T) {
	s := lab.StartSlapd(t, lab.SlapdConfig{})
	alice := s.AddUser(t, lab.User{Name: "alice", Password: "Correct-horse-1"})
	inner := s.AddGroup(t, "inner", alice)
	outer := s.AddGroup(t, "outer", inner)
	s.Set(t, inner, "member", alice, outer) // a circle
	s.AddGroup(t, "foreign")
	ds := open(t, plain(s))
	who := resolve(t, ds, "alice")
	if len(who.Groups) != 2 || !who.InGroup("inner") || !who.InGroup(outer) {
		t.Errorf("alice is in %v", who.Groups)
	}
	if who.Lockout.Known {
		t.Error("a plain directory has no lockout policy to tell")
	}
	for password, want := range map[string]core.Outcome{
		"Correct-horse-1": core.Right, "wrong": core.Wrong, "": core.Wrong, "Correct-horse-1\x00": core.Wrong,
	} {
		if got := bind(t, ds, who, password); got.Outcome != want {
			t.Errorf("binding gave %+v, want %v", got, want)
		}
	}
}

func TestFreeIPAsShape(t *testing.T) {
	s := lab.StartSlapd(t, lab.SlapdConfig{Shape: lab.FreeIPA})
	s.AddUser(t, lab.User{Name: "alice", Password: "Correct-horse-1"})
	s.AddUser(t, lab.User{Name: "off", Password: "Correct-horse-1", Extra: map[string][]string{"nsAccountLock": {"TRUE"}}})
	c := plain(s)
	c.IDAttribute = "ipaUniqueID"
	c.UserFilter = "(!(uid=hidden))"
	ds := open(t, c)
	if got := bind(t, ds, resolve(t, ds, "alice"), "Correct-horse-1"); got.Outcome != core.Right {
		t.Errorf("alice's bind gave %+v", got)
	}
	if state := resolve(t, ds, "off").State; state != core.EntryDisabled {
		t.Errorf("a locked account is in state %d", state)
	}
	c.UserFilter = "(uid=somebody-else)"
	if _, err := open(t, c).Resolve(within(t, 5*time.Second), "alice"); !errors.Is(err, core.ErrUnknownUser) {
		t.Errorf("whom the filter excludes gave %v", err)
	}
	c.UserFilter, c.IDAttribute = "", "noSuchAttribute"
	if _, err := open(t, c).Resolve(within(t, 5*time.Second), "alice"); !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("an entry without an id gave %v", err)
	}
}
