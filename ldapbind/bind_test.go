package ldapbind

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"twofold/core"
)

func found(t testing.TB, ds *Directories, name string) core.Identity {
	t.Helper()
	who, err := ds.Resolve(soon(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func TestI04_PasswordsThatAreNeverSent(t *testing.T) {
	f := newFake(t).add(user("alice", ""))
	ds := opened(t, fakeConfig(f))
	who := found(t, ds, "alice")
	for _, password := range []string{"", "\x00", "right\x00", "right\x00more"} {
		if got := ds.Bind(soon(t), who, password); got.Outcome != core.Wrong {
			t.Errorf("%q gave %+v", password, got)
		}
	}
	nameless := who
	nameless.DN = ""
	if got := ds.Bind(soon(t), nameless, "right"); got.Outcome != core.Unsent {
		t.Errorf("an entry without a DN gave %+v", got)
	}
	if got := ds.Bind(soon(t), core.Identity{DN: who.DN}, "right"); got.Outcome != core.Unsent {
		t.Errorf("an identity without an id gave %+v", got)
	}
	if n := f.seen("bind"); n != 0 {
		t.Errorf("%d binds were sent", n)
	}
	if got := ds.Bind(soon(t), who, "right"); got.Outcome != core.Right || f.seen("bind") != 1 {
		t.Errorf("the right password gave %+v and %d binds", got, f.seen("bind"))
	}
}

func TestI04_WhatBecomesOfABind(t *testing.T) {
	for _, tt := range []struct {
		name   string
		code   int
		answer bool
		want   core.Bound
		second int // binds that the second server sees
	}{
		{"success", 0, true, core.Bound{Outcome: core.Right}, 0},
		{"wrong password", 49, true, core.Bound{Outcome: core.Wrong}, 0},
		{"unwilling", 53, true, core.Bound{Outcome: core.Refused, Code: "ldap-53"}, 0},
		{"an unknown code", 4096, true, core.Bound{Outcome: core.Refused, Code: "ldap-4096"}, 0},
		{"busy: it did not look", 51, true, core.Bound{Outcome: core.Right}, 1},
		{"unavailable: it did not look", 52, true, core.Bound{Outcome: core.Right}, 1},
		{"closed without an answer", 0, false, core.Bound{Outcome: core.BindUnknown}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first, second := newFake(t).add(user("alice", "")), newFake(t).add(user("alice", ""))
			first.onBind = func(string, string) (int, string, bool) { return tt.code, "", tt.answer }
			ds := opened(t, fakeConfig(first, second))
			got := ds.Bind(soon(t), found(t, ds, "alice"), "right")
			if (got.Why != "") != (tt.want.Outcome == core.BindUnknown) {
				t.Errorf("it says why: %q", got.Why)
			}
			if got.Why = ""; got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if first.seen("bind") != 1 || second.seen("bind") != tt.second {
				t.Errorf("the servers saw %d and %d binds", first.seen("bind"), second.seen("bind"))
			}
		})
	}
}

func TestI04_ACancelledBindIsUnknownAndItsConnectionGone(t *testing.T) {
	f, other := newFake(t).add(user("alice", "")), newFake(t).add(user("alice", ""))
	var slow atomic.Bool
	reached, gate := make(chan struct{}, 1), make(chan struct{})
	f.onBind = func(_, password string) (int, string, bool) {
		if slow.Load() {
			reached <- struct{}{}
			<-gate
		}
		return 49, "", true
	}
	ds := opened(t, fakeConfig(f, other))
	who := found(t, ds, "alice")
	ds.Bind(soon(t), who, "wrong")
	slow.Store(true)
	ctx, cancel := context.WithCancel(soon(t))
	go func() { <-reached; cancel() }()
	if got := ds.Bind(ctx, who, "right"); got.Outcome != core.BindUnknown {
		t.Errorf("a cancelled bind gave %+v", got)
	}
	slow.Store(false)
	close(gate) // the late answer must not be taken for that to the next bind
	if got := ds.Bind(soon(t), who, "wrong"); got.Outcome != core.Wrong {
		t.Errorf("the next bind gave %+v", got)
	}
	if other.seen("bind") != 0 {
		t.Error("a bind was repeated")
	}
	if got := ds.Bind(ctx, who, "right"); got.Outcome == core.Right {
		t.Error("a bind began under a cancelled context")
	}
}

func TestAConnectionClosedWhileIdleCostsNoLogin(t *testing.T) {
	f := newFake(t).add(user("alice", ""))
	c := fakeConfig(f)
	c.Cache = time.Minute
	ds := opened(t, c)
	who := found(t, ds, "alice")
	for range 5 {
		if got := ds.Bind(soon(t), who, "right"); got.Outcome != core.Right {
			t.Errorf("bind gave %+v", got)
		}
		f.cut()
		time.Sleep(10 * time.Millisecond) // for the FIN to arrive
	}
}

func TestI12_ConnectionsAndWaitersAreBounded(t *testing.T) {
	f := newFake(t).add(user("alice", ""))
	gate := make(chan struct{})
	f.onBind = func(string, string) (int, string, bool) { <-gate; return 0, "", true }
	c := fakeConfig(f)
	c.MaxBinds, c.MaxWaiting = 2, 3
	ds := opened(t, c)
	who := found(t, ds, "alice")
	var outcomes [16]atomic.Int64
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() { outcomes[ds.Bind(soon(t), who, "right").Outcome].Add(1) })
	}
	for outcomes[core.Unsent].Load() < 7 || f.seen("bind") < 2 {
		time.Sleep(time.Millisecond)
	}
	if st := ds.Stats()[0].Binds; st != (PoolStats{InUse: 2, Waiting: 3, Limit: 2}) {
		t.Errorf("the pool is %+v", st)
	}
	if n := f.seen("bind"); n != 2 {
		t.Errorf("%d binds at once, want 2", n)
	}
	close(gate)
	all.Wait()
	if outcomes[core.Right].Load() != 5 || outcomes[core.Unsent].Load() != 7 {
		t.Errorf("%d were right and %d unsent, want 5 and 7", outcomes[core.Right].Load(), outcomes[core.Unsent].Load())
	}
}

func TestARefusedServiceAccountIsLeftAlone(t *testing.T) {
	f := newFake(t).add(user("alice", ""))
	c := fakeConfig(f)
	c.BindUser = "svc2"
	f.onBind = func(string, string) (int, string, bool) { return 49, "data 52e", true }
	ds := opened(t, c)
	for range 20 {
		if _, err := ds.Resolve(soon(t), "alice"); err == nil {
			t.Fatal("resolved without a service account")
		}
	}
	if n := f.seen("bind svc2"); n > 2 {
		t.Errorf("the service account was tried %d times: that locks it", n)
	}
}

func TestSubCodes(t *testing.T) {
	text := func(code string) string {
		return "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data " + code + ", v2580"
	}
	for message, want := range map[string]core.Bound{
		"": {Outcome: core.Wrong}, "Invalid credentials": {Outcome: core.Wrong},
		text("52e"): {Outcome: core.Wrong}, text("525"): {Outcome: core.Wrong}, text("52E"): {Outcome: core.Wrong},
		text("530"): {Outcome: core.Refused, Code: "530"}, text("531"): {Outcome: core.Refused, Code: "531"},
		text("532"): {Outcome: core.Refused, Code: "532"}, text("533"): {Outcome: core.Refused, Code: "533"},
		text("701"): {Outcome: core.Refused, Code: "701"}, text("773"): {Outcome: core.Refused, Code: "773"},
		text("775"): {Outcome: core.Refused, Code: "775"},
	} {
		if got := judgeBind(result{49, message}); got != want {
			t.Errorf("%q is %+v, want %+v", message, got, want)
		}
	}
}

func TestCurrentClosesTheOldAfterItsLastUse(t *testing.T) {
	f, g := newFake(t).add(user("alice", "")), newFake(t).add(user("alice", ""))
	reached, gate := make(chan struct{}), make(chan struct{})
	f.onBind = func(string, string) (int, string, bool) { close(reached); <-gate; return 0, "", true }
	old, err := Open(fakeConfig(f))
	if err != nil {
		t.Fatal(err)
	}
	c := NewCurrent(old)
	who, err := c.Resolve(soon(t), "alice")
	if err != nil {
		t.Fatal(err)
	}
	bound := make(chan core.Bound)
	go func() { bound <- c.Bind(soon(t), who, "right") }()
	<-reached
	next, err := Open(fakeConfig(g))
	if err != nil {
		t.Fatal(err)
	}
	c.Swap(next)
	if got := c.Bind(soon(t), who, "right"); got.Outcome != core.Right || g.seen("bind") != 1 {
		t.Errorf("after the swap a bind gave %+v", got)
	}
	close(gate)
	if got := <-bound; got.Outcome != core.Right {
		t.Errorf("the bind under way gave %+v", got)
	}
	c.Close()
}

func TestConfigsThatAreRefused(t *testing.T) {
	good := Config{Name: "corp", URLs: []string{"ldaps://dc1"}, BaseDN: fakeBase, BindUser: "svc", BindPassword: "svc"}
	if _, err := newDirectory(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"no name":                   func(c *Config) { c.Name = "" },
		"no servers":                func(c *Config) { c.URLs = nil },
		"clear text by accident":    func(c *Config) { c.URLs = []string{"ldap://dc1"} },
		"another scheme":            func(c *Config) { c.URLs = []string{"https://dc1"} },
		"no host":                   func(c *Config) { c.URLs = []string{"ldaps://"} },
		"a path":                    func(c *Config) { c.URLs = []string{"ldaps://dc1/dc=corp"} },
		"no base":                   func(c *Config) { c.BaseDN = "" },
		"a base that is no DN":      func(c *Config) { c.BaseDN = "corp" },
		"no service account":        func(c *Config) { c.BindUser = "" },
		"no password":               func(c *Config) { c.BindPassword = "" },
		"a filter that is no such":  func(c *Config) { c.UserFilter = "(uid=" },
		"two filters":               func(c *Config) { c.UserFilter = "(uid=a)(uid=b)" },
		"an attribute that is more": func(c *Config) { c.UserAttribute = "uid=*)(uid" },
		"another kind":              func(c *Config) { c.Kind = "nis" },
	} {
		c := good
		change(&c)
		if _, err := newDirectory(c); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	other := good
	other.Name = "lab"
	for name, configs := range map[string][]Config{
		"none": {}, "two without a default": {good, other}, "two of one name": {good, good},
	} {
		if ds, err := Open(configs...); err == nil {
			ds.Close()
			t.Errorf("%s was opened", name)
		}
	}
}
