//go:build integration

package ldapbind_test

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"twofold/core"
	"twofold/internal/lab"
	"twofold/ldapbind"
)

func withAlice(t *testing.T) *lab.AD {
	t.Helper()
	ad := lab.StartAD(t, lab.ADConfig{})
	ad.LockoutThreshold(t, 10)
	ad.AddUser(t, lab.User{Name: "alice", Password: "Correct-horse-1"})
	return ad
}

// twoServers are two proxies before one directory, so that either may break.
func twoServers(t *testing.T, ad *lab.AD) (first, second *lab.Proxy, c ldapbind.Config) {
	t.Helper()
	first, second = lab.NewProxy(t, ad.Addr()), lab.NewProxy(t, ad.Addr())
	c = corp(ad)
	c.URLs = []string{"ldaps://" + first.Addr(), "ldaps://" + second.Addr()}
	c.ConnectTimeout = 3 * time.Second // Samba's TLS on a busy machine
	return first, second, c
}

// logIn resolves and binds as core does, and fails the test if it takes long.
func logIn(t *testing.T, ds *ldapbind.Directories, limit time.Duration) {
	t.Helper()
	from := time.Now()
	who := resolve(t, ds, "alice")
	if got := bind(t, ds, who, "Correct-horse-1"); got.Outcome != core.Right {
		t.Errorf("logging in gave %+v", got)
	}
	if took := time.Since(from); took > limit {
		t.Errorf("logging in took %v, more than %v", took, limit)
	}
}

func TestLoginsFlowThroughTheSecondServerAndBack(t *testing.T) {
	ad := withAlice(t)
	for name, mode := range map[string]lab.Mode{
		"the first hangs": lab.Blackhole, "the first crashed": lab.Reset, "the first is off": lab.Refuse,
		"the first closes its side": lab.HalfClose, "the first's answers are lost": lab.DropReplies,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second, c := twoServers(t, ad)
			ds := open(t, c)
			logIn(t, ds, 5*time.Second)
			first.Set(t, mode)
			logIn(t, ds, 2*time.Second)
			logIn(t, ds, time.Second)
			through := second.Count().Accepted
			if through == 0 {
				t.Error("nothing went through the second server")
			}
			first.Set(t, lab.Pass)
			second.Set(t, lab.Refuse)
			until(t, 10*time.Second, func() bool {
				who, err := ds.Resolve(within(t, 2*time.Second), "alice")
				return err == nil && ds.Bind(within(t, 2*time.Second), who, "Correct-horse-1").Outcome == core.Right
			})
		})
	}
}

func until(t *testing.T, limit time.Duration, done func() bool) {
	t.Helper()
	for from := time.Now(); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Since(from) > limit {
			t.Fatalf("it took longer than %v", limit)
		}
	}
}

func TestI04_ABindWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	ad := withAlice(t)
	first, second, c := twoServers(t, ad)
	c.Cache = time.Minute // no search stands before the bind
	ds := open(t, c)
	who := resolve(t, ds, "alice")
	if got := bind(t, ds, who, "Correct-horse-1"); got.Outcome != core.Right {
		t.Fatalf("bind gave %+v", got)
	}
	quiet := second.Count().Up
	first.Set(t, lab.DropReplies)
	if got := bind(t, ds, who, "wrong"); got.Outcome != core.BindUnknown {
		t.Errorf("a bind without an answer gave %+v", got)
	}
	if n := ad.BadPwdCount(t, "alice"); n != 1 {
		t.Errorf("badPwdCount is %d, want 1", n)
	}
	t.Logf("meanwhile the second server got %d octets, from probes", second.Count().Up-quiet)
}

func TestI04_ABindThatWasNotSentGoesToTheSecondServer(t *testing.T) {
	ad := withAlice(t)
	first, _, c := twoServers(t, ad)
	c.Cache = time.Minute
	ds := open(t, c)
	who := resolve(t, ds, "alice")
	bind(t, ds, who, "Correct-horse-1")
	first.Cut() // a firewall forgot the sessions; the pooled connection is dead
	if got := bind(t, ds, who, "wrong"); got.Outcome != core.Wrong {
		t.Errorf("a bind after the connections were cut gave %+v", got)
	}
	first.Set(t, lab.Refuse)
	if got := bind(t, ds, who, "wrong"); got.Outcome != core.Wrong {
		t.Errorf("a bind after the first server went away gave %+v", got)
	}
	if n := ad.BadPwdCount(t, "alice"); n != 2 {
		t.Errorf("badPwdCount is %d, want 2", n)
	}
}

func TestADirectoryThatIsDownAtStartIsFoundLater(t *testing.T) {
	ad := withAlice(t)
	p := lab.NewProxy(t, ad.Addr())
	p.Set(t, lab.Refuse)
	c := corp(ad)
	c.URLs = []string{"ldaps://" + p.Addr()}
	ds := open(t, c)
	for _, name := range []string{"alice", "nobody", "alice@example.com", "alice@unknown.example", `CORP\alice`} {
		if _, err := ds.Resolve(within(t, 5*time.Second), name); !errors.Is(err, core.ErrUnavailable) {
			t.Errorf("%q gave %v, want unavailable", name, err)
		}
	}
	p.Set(t, lab.Pass)
	until(t, 10*time.Second, func() bool {
		_, err := ds.Resolve(within(t, 2*time.Second), "alice")
		return err == nil
	})
}

func TestTLSIsNotTakenFromStrangers(t *testing.T) {
	s := lab.StartSlapd(t, lab.SlapdConfig{})
	s.AddUser(t, lab.User{Name: "alice", Password: "Correct-horse-1"})
	stranger := lab.NewCA(t)
	for name, change := range map[string]func(*ldapbind.Config){
		"another authority":        func(c *ldapbind.Config) { c.CAs = stranger.Pool },
		"the system's authorities": func(c *ldapbind.Config) { c.CAs = nil },
		"another host name":        func(c *ldapbind.Config) { c.URLs = []string{"ldaps://localhost:" + port(lab.NewProxy(t, s.Addr()))} },
		"StartTLS and another authority": func(c *ldapbind.Config) {
			c.URLs, c.StartTLS, c.CAs = []string{s.PlainURL()}, true, stranger.Pool
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := plain(s)
			change(&c)
			_, err := open(t, c).Resolve(within(t, 5*time.Second), "alice")
			if !errors.Is(err, core.ErrUnavailable) {
				t.Errorf("resolving gave %v", err)
			}
		})
	}
	c := plain(s)
	c.URLs, c.StartTLS = []string{s.PlainURL()}, true
	ds := open(t, c)
	if got := bind(t, ds, resolve(t, ds, "alice"), "Correct-horse-1"); got.Outcome != core.Right {
		t.Errorf("a bind over StartTLS gave %+v", got)
	}
}

func TestActiveDirectoryOverStartTLS(t *testing.T) {
	ad := withAlice(t)
	c := corp(ad)
	c.URLs, c.StartTLS = []string{ad.PlainURL()}, true
	ds := open(t, c)
	if got := bind(t, ds, resolve(t, ds, "alice"), "Correct-horse-1"); got.Outcome != core.Right {
		t.Errorf("a bind over StartTLS gave %+v", got)
	}
	c.StartTLS, c.Insecure = false, true // Samba demands more: nothing is downgraded, nothing gets through
	if _, err := open(t, c).Resolve(within(t, 5*time.Second), "alice"); !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("clear text to a server that refuses it gave %v", err)
	}
}

func TestTLSOlderThan12IsRefused(t *testing.T) {
	config := lab.NewCA(t).TLS(t, "127.0.0.1")
	config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			err = errors.Join(c.(*tls.Conn).Handshake(), c.Close())
		}
		heard <- err
	}()
	ds := open(t, ldapbind.Config{
		Name: "old", URLs: []string{"ldaps://" + l.Addr().String()}, BaseDN: "DC=old", BindUser: "svc", BindPassword: "svc",
		ConnectTimeout: 5 * time.Second,
	})
	if _, err := ds.Resolve(within(t, 15*time.Second), "alice"); !errors.Is(err, core.ErrUnavailable) || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("an old server gave %v", err)
	}
	if err := errors.Join(l.Close()); err != nil {
		t.Error(err)
	}
	if err := <-heard; err == nil {
		t.Error("a handshake in TLS 1.1 went well")
	}
}

func port(p *lab.Proxy) string { return p.Addr()[len("127.0.0.1:"):] }
