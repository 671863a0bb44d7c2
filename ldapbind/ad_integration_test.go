//go:build integration

package ldapbind_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"twofold/core"
	"twofold/internal/lab"
	"twofold/ldapbind"
)

// corp is the configuration an administrator would write for a lab's domain.
func corp(ad *lab.AD) ldapbind.Config {
	return ldapbind.Config{
		Name: "corp", Kind: ldapbind.AD, URLs: []string{ad.URL()}, CAs: ad.CA.Pool,
		BaseDN: ad.BaseDN, BindUser: ad.BindUser, BindPassword: ad.BindPassword,
		UPNSuffixes: []string{"example.com"}, NeedGroups: true,
	}
}

func open(t testing.TB, configs ...ldapbind.Config) *ldapbind.Directories {
	t.Helper()
	ds, err := ldapbind.Open(configs...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ds.Close)
	return ds
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func resolve(t testing.TB, ds *ldapbind.Directories, name string) core.Identity {
	t.Helper()
	who, err := ds.Resolve(within(t, 5*time.Second), name)
	if err != nil {
		t.Fatalf("resolving %q: %v", name, err)
	}
	return who
}

func bind(t testing.TB, ds *ldapbind.Directories, who core.Identity, password string) core.Bound {
	t.Helper()
	return ds.Bind(within(t, 5*time.Second), who, password)
}

func TestI06_SpellingsInActiveDirectory(t *testing.T) {
	ad := lab.StartAD(t, lab.ADConfig{})
	ad.AddUser(t, lab.User{Name: "alice", Password: "Correct-horse-1", Mail: "a.liddell@example.net"})
	ad.AddUser(t, lab.User{Name: "bob", Password: "Correct-horse-2", UPN: "carol@example.com"})
	ad.AddUser(t, lab.User{Name: "carol", Password: "Correct-horse-3", UPN: "c.jones@" + ad.Realm, Mail: "alice@" + ad.Realm})
	ad.AddUser(t, lab.User{Name: "jürgen", Password: "Correct-horse-4"})
	ad.AddUPNSuffix(t, "forest.example")
	ds := open(t, corp(ad))

	for _, tt := range []struct{ name, login string }{
		{"alice", "alice"}, {"ALICE", "alice"}, {"aLiCe", "alice"},
		{"alice@corp.example.com", "alice"}, {"Alice@CORP.example.COM", "alice"},
		{"alice@example.com", "alice"}, {"alice@forest.example", "alice"},
		{`CORP\alice`, "alice"}, {`corp\Alice`, "alice"}, {`corp.example.com\alice`, "alice"},
		{"alice ", "alice"}, {" alice", "alice"}, {`CORP\ alice`, "alice"},
		{"bob", "bob"}, {"carol", "carol"},
		{"carol@example.com", "bob"}, // an explicit UPN outranks the other's sAMAccountName@suffix
		{"bob@corp.example.com", "bob"},
		{"carol@corp.example.com", "carol"}, // nobody's UPN
		{"c.jones@corp.example.com", "carol"},
		{"jürgen", "jürgen"}, {"ju\u0308rgen", "jürgen"},
	} {
		if who := resolve(t, ds, tt.name); who.Login != tt.login {
			t.Errorf("%q is %s, want %s", tt.name, who.Login, tt.login)
		}
	}
	alice := resolve(t, ds, "alice")
	for _, spelling := range []string{"ALICE", "alice@example.com", `CORP\alice`} {
		if resolve(t, ds, spelling).ID != alice.ID {
			t.Errorf("%q has another id than alice", spelling)
		}
	}
	if alice.Domain != "CORP" || alice.Mail != "a.liddell@example.net" || alice.UPN != "alice@corp.example.com" {
		t.Errorf("alice is %+v", alice)
	}
	for _, nobody := range []string{
		"*", "ali*", "alice)(objectClass=*", "alice\x00", "alice@unknown.example", `OTHER\alice`, `.\alice`,
		"", " ", `\alice`, `CORP\`, "@corp.example.com", "alice@", "a.liddell@example.net", "DC1$", "DC1",
		"Domain Users", "alice\u200b", "alice\n", "\xff", "alice,bob",
	} {
		if who, err := ds.Resolve(within(t, 5*time.Second), nobody); !errors.Is(err, core.ErrUnknownUser) {
			t.Errorf("%q is %s (%v), want nobody", nobody, who.Login, err)
		}
	}
}

func TestI06_MailNeverOutranks(t *testing.T) {
	ad := lab.StartAD(t, lab.ADConfig{})
	ad.AddUser(t, lab.User{Name: "alice", Password: "Correct-horse-1", Mail: "al@example.net"})
	ad.AddUser(t, lab.User{Name: "bob", Password: "Correct-horse-2", Mail: "alice@corp.example.com"})
	ad.AddUser(t, lab.User{Name: "carol", Password: "Correct-horse-3", UPN: "x@unlisted.example"})
	ad.AddUser(t, lab.User{Name: "dave", Password: "Correct-horse-4", Mail: "x@unlisted.example"})
	ad.AddUser(t, lab.User{Name: "erin", Password: "Correct-horse-5", Mail: "shared@example.net"})
	ad.AddUser(t, lab.User{Name: "frank", Password: "Correct-horse-6", Mail: "shared@example.net"})
	c := corp(ad)
	c.LoginNames = []string{ldapbind.Sam, ldapbind.UPN, ldapbind.Mail}
	ds := open(t, c)
	for name, login := range map[string]string{"al@example.net": "alice", "alice@corp.example.com": "alice"} {
		if who := resolve(t, ds, name); who.Login != login {
			t.Errorf("%q is %s, want %s", name, who.Login, login)
		}
	}
	for name, want := range map[string]error{
		"x@unlisted.example": core.ErrUnknownUser, "shared@example.net": core.ErrAmbiguous,
	} {
		if who, err := ds.Resolve(within(t, 5*time.Second), name); !errors.Is(err, want) {
			t.Errorf("%q is %s (%v), want %v", name, who.Login, err, want)
		}
	}
}

func TestI06_RenamedIsTheSameAndRecreatedIsNot(t *testing.T) {
	ad := lab.StartAD(t, lab.ADConfig{})
	ad.AddUser(t, lab.User{Name: "alice", Password: "Correct-horse-1"})
	ds := open(t, corp(ad))
	before := resolve(t, ds, "alice")
	ad.Rename(t, "alice", "smith")
	if resolve(t, ds, "smith").ID != before.ID {
		t.Error("a rename made another person")
	}
	ad.Delete(t, "smith")
	ad.AddUser(t, lab.User{Name: "smith", Password: "Correct-horse-1"})
	after := resolve(t, ds, "smith")
	if after.ID == before.ID {
		t.Error("the recreated entry is the same person")
	}
	if [16]byte(after.ID[:16]) != [16]byte(before.ID[:16]) {
		t.Error("the directory's own id changed")
	}
}

func TestBindOutcomesOfActiveDirectory(t *testing.T) {
	ad := lab.StartAD(t, lab.ADConfig{})
	ad.LockoutThreshold(t, 3)
	const password = "Correct-horse-1"
	for _, name := range []string{"alice", "off", "old", "new", "locked"} {
		ad.AddUser(t, lab.User{Name: name, Password: password})
	}
	ad.Disable(t, "off")
	ad.Expire(t, "old")
	ad.MustChange(t, "new")
	ds := open(t, corp(ad))
	locked := resolve(t, ds, "locked")
	for range 3 {
		if got := bind(t, ds, locked, "wrong"); got.Outcome != core.Wrong {
			t.Fatalf("a wrong password gave %+v", got)
		}
	}
	for _, tt := range []struct {
		name, password string
		state          core.EntryState
		want           core.Bound
	}{
		{"alice", password, core.EntryUsable, core.Bound{Outcome: core.Right}},
		{"alice", "wrong", core.EntryUsable, core.Bound{Outcome: core.Wrong}},
		{"alice", "", core.EntryUsable, core.Bound{Outcome: core.Wrong}},
		{"alice", password + "\x00", core.EntryUsable, core.Bound{Outcome: core.Wrong}},
		{"off", password, core.EntryDisabled, core.Bound{Outcome: core.Refused, Code: "533"}},
		{"old", password, core.EntryExpired, core.Bound{Outcome: core.Refused, Code: "701"}},
		{"new", password, core.EntryUsable, core.Bound{Outcome: core.Refused, Code: "773"}},
		{"locked", password, core.EntryLocked, core.Bound{Outcome: core.Refused, Code: "775"}},
	} {
		who := resolve(t, ds, tt.name)
		if who.State != tt.state {
			t.Errorf("%s is in state %d, want %d", tt.name, who.State, tt.state)
		}
		if got := bind(t, ds, who, tt.password); got != tt.want {
			t.Errorf("binding as %s gave %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if n := ad.BadPwdCount(t, "alice"); n != 1 {
		t.Errorf("alice has badPwdCount %d, want 1: empty and NUL-bearing passwords are not sent", n)
	}
}

func TestGroupsNestedAndPrimary(t *testing.T) {
	ad := lab.StartAD(t, lab.ADConfig{})
	ad.AddUser(t, lab.User{Name: "alice", Password: "Correct-horse-1"})
	for _, g := range []string{"inner", "outer", "outermost", "first", "foreign"} {
		ad.AddGroup(t, g)
	}
	ad.AddMember(t, "inner", "alice")
	ad.AddMember(t, "outer", "inner")
	ad.AddMember(t, "outermost", "outer")
	ad.SetPrimaryGroup(t, "alice", "first")
	ds := open(t, corp(ad))
	for range 2 { // the second time names come from memory
		who := resolve(t, ds, "alice")
		for _, g := range []string{"inner", "OUTER", "outermost", "first", "Domain Users", "CN=outermost,CN=Users," + ad.BaseDN} {
			if !who.InGroup(g) {
				t.Errorf("alice is not in %s but in %v", g, who.Groups)
			}
		}
		if who.InGroup("foreign") {
			t.Error("alice is in a group she does not belong to")
		}
	}
}

func TestLockoutPolicyOfDomainAndSettingsObject(t *testing.T) {
	ad := lab.StartAD(t, lab.ADConfig{})
	ad.LockoutThreshold(t, 6)
	ad.AddUser(t, lab.User{Name: "alice", Password: "Correct-horse-1"})
	ad.AddUser(t, lab.User{Name: "bob", Password: "Correct-horse-2"})
	ad.AddPSO(t, lab.PSO{Name: "strict", LockoutThreshold: 8, Window: time.Hour, AppliesTo: []string{"bob"}})
	ds := open(t, corp(ad))
	alice := resolve(t, ds, "alice")
	want := core.Lockout{Known: true, Threshold: 6, Window: 30 * time.Minute}
	if alice.Lockout != want {
		t.Errorf("alice has %+v, want %+v", alice.Lockout, want)
	}
	bind(t, ds, alice, "wrong")
	bind(t, ds, alice, "wrong")
	if bad := resolve(t, ds, "alice").Lockout.Bad; bad != 2 {
		t.Errorf("after two wrong passwords Bad is %d", bad)
	}
	want = core.Lockout{Known: true, Threshold: 4, Window: 24 * time.Hour} // bob's settings are not for an unprivileged account
	if got := resolve(t, ds, "bob").Lockout; got != want {
		t.Errorf("bob, whose settings are hidden, has %+v, want %+v", got, want)
	}

	c := corp(ad)
	c.BindUser, c.BindPassword = ad.AdminUser, ad.AdminPass
	want = core.Lockout{Known: true, Threshold: 8, Window: time.Hour}
	if got := resolve(t, open(t, c), "bob").Lockout; got != want {
		t.Errorf("bob has %+v, want %+v", got, want)
	}
}
