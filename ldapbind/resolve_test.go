package ldapbind

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"twofold/core"
)

func TestI06_RanksOfNames(t *testing.T) {
	f := newFake(t).add(
		user("alice", "alice@corp.example.com", "mail", "al@example.net"),
		user("bob", "carol@corp.example.com", "mail", "alice@corp.example.com"),
		user("carol", "c.jones@corp.example.com", "mail", "odd@unlisted.example"),
		user("dave", "odd@unlisted.example"),
		user("erin", "twin@corp.example.com", "mail", "shared@example.net"),
		user("frank", "twin@corp.example.com", "mail", "shared@example.net"),
	)
	c := fakeConfig(f)
	c.UPNSuffixes = []string{"example.com"}
	withMail := c
	withMail.LoginNames = []string{Sam, UPN, Mail}
	samOnly := c
	samOnly.LoginNames = []string{Sam}
	upnOnly := c
	upnOnly.LoginNames = []string{UPN}
	for _, tt := range []struct {
		why, name, login string
		config           Config
		err              error
	}{
		{"a bare name is the sAMAccountName", "carol", "carol", c, nil},
		{"an explicit UPN outranks another's sAMAccountName@domain", "carol@corp.example.com", "bob", c, nil},
		{"nobody's explicit UPN is login and suffix", "bob@corp.example.com", "bob", c, nil},
		{"a configured suffix", "carol@example.com", "carol", c, nil},
		{"a suffix of the forest", "carol@forest.example", "carol", c, nil},
		{"a domain is the directory", `corp\CAROL`, "carol", c, nil},
		{"an unknown suffix", "carol@elsewhere.example", "", c, core.ErrUnknownUser},
		{"an unknown domain", `OTHER\carol`, "", c, core.ErrUnknownUser},
		{"two explicit UPNs", "twin@corp.example.com", "", c, core.ErrAmbiguous},
		{"mail is not asked", "al@example.net", "", c, core.ErrUnknownUser},
		{"mail is asked", "al@example.net", "alice", withMail, nil},
		{"mail does not outrank a UPN", "alice@corp.example.com", "alice", withMail, nil},
		{"mail does not bring in a UPN of an unlisted suffix", "odd@unlisted.example", "", withMail, core.ErrUnknownUser},
		{"one address of two people", "shared@example.net", "", withMail, core.ErrAmbiguous},
		{"a suffix where only sam is taken", "alice@corp.example.com", "", samOnly, core.ErrUnknownUser},
		{"a bare name where only upn is taken", "alice", "", upnOnly, core.ErrUnknownUser},
		{"a domain where only upn is taken", `CORP\alice`, "", upnOnly, core.ErrUnknownUser},
	} {
		t.Run(tt.why, func(t *testing.T) {
			who, err := opened(t, tt.config).Resolve(soon(t), tt.name)
			if !errors.Is(err, tt.err) || who.Login != tt.login {
				t.Errorf("%q is %q (%v), want %q (%v)", tt.name, who.Login, err, tt.login, tt.err)
			}
		})
	}
}

// twoDomains are corp, the default, and lab.
func twoDomains(t *testing.T) (corp, lab *fake, configs []Config) {
	t.Helper()
	corp = newFake(t).add(user("alice", ""), user("bob", ""))
	lab = newFake(t)
	lab.entries = domain("lab", "fedcba9876543210")
	for _, e := range []fakeEntry{user("alice", ""), user("zoe", "bob@forest.example")} {
		e.dn = strings.Replace(e.dn, "DC=corp", "DC=lab", 1)
		lab.add(e)
	}
	first, second := fakeConfig(corp), fakeConfig(lab)
	first.Default, second.Name, second.BaseDN = true, "lab", strings.Replace(fakeBase, "corp", "lab", 1)
	return corp, lab, []Config{first, second}
}

func TestI06_NamesInTwoDirectories(t *testing.T) {
	_, _, configs := twoDomains(t)
	ds := opened(t, configs...)
	for _, tt := range []struct {
		name, directory, login string
		err                    error
	}{
		{"alice", "corp", "alice", nil},
		{`LAB\alice`, "lab", "alice", nil},
		{`CORP\alice`, "corp", "alice", nil},
		{"alice@lab.example.com", "lab", "alice", nil},
		{"zoe", "", "", core.ErrUnknownUser},                // not in the default directory
		{"alice@forest.example", "", "", core.ErrAmbiguous}, // both list it, both have her
		{"bob@forest.example", "lab", "zoe", nil},           // hers by name, his by composition only
		{"zoe@forest.example", "lab", "zoe", nil},
	} {
		who, err := ds.Resolve(soon(t), tt.name)
		if !errors.Is(err, tt.err) || who.Directory != tt.directory || who.Login != tt.login {
			t.Errorf("%q is %s of %s (%v), want %s of %s (%v)", tt.name, who.Login, who.Directory, err, tt.login, tt.directory, tt.err)
		}
	}
	a, _ := ds.Resolve(soon(t), `CORP\alice`)
	b, _ := ds.Resolve(soon(t), `LAB\alice`)
	if a.ID == b.ID {
		t.Error("entries with one GUID in two directories are one person")
	}
}

func TestI07_ASilentDirectoryMakesNobodyUnknown(t *testing.T) {
	_, lab, configs := twoDomains(t)
	lab.close()
	ds := opened(t, configs...)
	if who, err := ds.Resolve(soon(t), "alice"); err != nil || who.Login != "alice" {
		t.Errorf("a bare name needs the default directory alone: %v", err)
	}
	for _, name := range []string{`LAB\alice`, "alice@lab.example.com", "bob@forest.example", `ELSE\bob`} {
		if _, err := ds.Resolve(soon(t), name); !errors.Is(err, core.ErrUnavailable) {
			t.Errorf("%q gave %v, want unavailable", name, err)
		}
	}
	configs[0].UPNSuffixes = []string{"forest.example"}
	if who, err := opened(t, configs...).Resolve(soon(t), "bob@forest.example"); err != nil || who.Login != "bob" {
		t.Errorf("a suffix that the configuration gives away: %v", err)
	}
}

func TestI07_AFailedSearchIsUnavailable(t *testing.T) {
	f := newFake(t).add(user("alice", ""))
	ds := opened(t, fakeConfig(f))
	for _, code := range []int{1, 3, 11, 32, 50, 51, 52, 53, 80} {
		f.mu.Lock()
		f.onSearch = func() (int, bool) { return code, true }
		f.mu.Unlock()
		if _, err := ds.Resolve(soon(t), "alice"); !errors.Is(err, core.ErrUnavailable) {
			t.Errorf("result code %d gave %v", code, err)
		}
	}
	broken := user("noguid", "")
	delete(broken.attrs, "objectGUID")
	f.add(broken)
	f.mu.Lock()
	f.onSearch = nil
	f.mu.Unlock()
	if _, err := ds.Resolve(soon(t), "noguid"); !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("an entry without an id gave %v", err)
	}
}

func TestCacheRemembersAndForgets(t *testing.T) {
	f := newFake(t).add(user("alice", "alice@corp.example.com"))
	var mu sync.Mutex
	now := time.Now()
	c := fakeConfig(f)
	c.Cache = 30 * time.Second
	c.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	ds := opened(t, c)
	searches := func(name string) int {
		before := f.seen("search")
		if _, err := ds.Resolve(soon(t), name); err != nil && !errors.Is(err, core.ErrUnknownUser) {
			t.Fatal(err)
		}
		return f.seen("search") - before
	}
	for i, want := range []int{1, 0} {
		for _, name := range []string{"alice", "nobody", "alice@corp.example.com"} {
			if got := searches(name); got != want {
				t.Errorf("%q, time %d: %d searches, want %d", name, i, got, want)
			}
		}
	}
	who, _ := ds.Resolve(soon(t), "alice")
	ds.Bind(soon(t), who, "right")
	if searches("alice") != 0 {
		t.Error("a right password dropped the entry")
	}
	ds.Bind(soon(t), who, "wrong")
	if searches("alice") != 1 || searches("alice@corp.example.com") != 1 {
		t.Error("a wrong password left the entry, whose count is wrong now")
	}
	mu.Lock()
	now = now.Add(30 * time.Second)
	mu.Unlock()
	if searches("alice") != 1 || searches("nobody") != 1 {
		t.Error("the cache outlives its time")
	}
}

func TestOneSearchForManyWhoAskTheSame(t *testing.T) {
	f := newFake(t).add(user("alice", ""))
	ds := opened(t, fakeConfig(f))
	if _, err := ds.Resolve(soon(t), "nobody"); !errors.Is(err, core.ErrUnknownUser) {
		t.Fatal(err)
	}
	gate := make(chan struct{})
	f.mu.Lock()
	f.onSearch = func() (int, bool) { <-gate; return 0, true }
	f.mu.Unlock()
	before := f.seen("search")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if who, err := ds.Resolve(soon(t), "alice"); err != nil || who.Login != "alice" {
				t.Errorf("got %s (%v)", who.Login, err)
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	close(gate)
	all.Wait()
	if got := f.seen("search") - before; got != 1 {
		t.Errorf("%d searches, want 1", got)
	}
}

func TestI06_NamesCannotChangeAFilter(t *testing.T) {
	f := newFake(t).add(user("alice", ""), user("*", ""), user(`a)(b`, ""))
	ds := opened(t, fakeConfig(f))
	for name, login := range map[string]string{
		"*": "*", "a)(b": "a)(b", "al*": "", "alice)(objectClass=*": "", "alice\x00": "", `alice\2a`: "", "(alice)": "",
	} {
		who, err := ds.Resolve(soon(t), name)
		if who.Login != login || (login == "") != errors.Is(err, core.ErrUnknownUser) {
			t.Errorf("%q is %q (%v), want %q", name, who.Login, err, login)
		}
	}
}

func TestIdentityOfAnEntry(t *testing.T) {
	ago := func(d time.Duration) string {
		return fmt.Sprint((time.Now().Add(-d).Unix() + 11644473600) * 1e7)
	}
	f := newFake(t).add(
		user("usable", "", "accountExpires", "9223372036854775807", "lockoutTime", "0", "displayName", "Us Able"),
		user("expired", "", "accountExpires", ago(time.Minute)),
		user("locked", "", "lockoutTime", ago(time.Minute)),
		user("freed", "", "lockoutTime", ago(time.Hour), "badPasswordTime", ago(time.Hour)),
		user("counted", "", "badPasswordTime", ago(time.Minute)),
	)
	f.mu.Lock()
	for _, e := range f.entries {
		if login := strings.Join(e.attrs["sAMAccountName"], ""); login == "freed" || login == "counted" {
			e.attrs["badPwdCount"] = []string{"4"}
		}
	}
	f.mu.Unlock()
	ds := opened(t, fakeConfig(f))
	for _, tt := range []struct {
		login string
		state core.EntryState
		bad   int
	}{
		{"usable", core.EntryUsable, 0}, {"expired", core.EntryExpired, 0}, {"locked", core.EntryLocked, 0},
		{"freed", core.EntryUsable, 0}, {"counted", core.EntryUsable, 4},
	} {
		who, err := ds.Resolve(soon(t), tt.login)
		want := core.Lockout{Known: true, Threshold: 5, Window: 30 * time.Minute, Bad: tt.bad}
		if err != nil || who.State != tt.state || who.Lockout != want {
			t.Errorf("%s: state %d, %+v (%v)", tt.login, who.State, who.Lockout, err)
		}
		if string(who.ID[:16]) != "0123456789abcdef" || who.Domain != "CORP" || who.UPN != tt.login+"@corp.example.com" {
			t.Errorf("%s is %+v", tt.login, who)
		}
	}
}

func TestI06_OneDomainConfiguredInTwoParts(t *testing.T) {
	f := newFake(t).add(user("alice", ""), user("bob", ""))
	staff, guests := fakeConfig(f), fakeConfig(f)
	staff.Default, staff.UserFilter = true, "(sAMAccountName=alice)"
	guests.Name = "guests"
	ds := opened(t, staff, guests)
	for name, want := range map[string]string{`CORP\alice`: "corp", `CORP\bob`: "guests", "alice@corp.example.com": "corp", "alice": "corp"} {
		if who, err := ds.Resolve(soon(t), name); err != nil || who.Directory != want {
			t.Errorf("%q is of %q (%v), want %s", name, who.Directory, err, want)
		}
	}
	if _, err := ds.Resolve(soon(t), "bob"); !errors.Is(err, core.ErrUnknownUser) {
		t.Errorf("a bare name outside the default directory gave %v", err)
	}
}
