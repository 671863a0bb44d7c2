//go:build integration

package e2e

import (
	"testing"
	"time"

	"twofold/internal/lab"
)

func TestADomainControllerThatIsDown(t *testing.T) {
	t.Parallel()
	ad := lab.StartAD(t, lab.ADConfig{})
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "outage")
	drops, rejects := s.client(t, appending), s.client(t, rejecting)
	accepted(t, "before", drops.Login(t, p.name, p.login(t)))

	ad.Stop(t)
	line := p.login(t)
	drops.Timeout = 3500 * time.Millisecond // the client's deadline has passed by then
	dropped(t, "down, on_failure: drop", drops.Login(t, p.name, line))
	s.because(t, "", "directory-down")
	rejected(t, "down, on_failure: reject", rejects.Login(t, p.name, line))
	if status := s.get(t, "/readyz"); status != 503 {
		t.Errorf("/readyz is %d while no domain controller answers", status)
	}

	ad.Start(t)
	drops.Timeout = 500 * time.Millisecond
	from := time.Now()
	if !eventually(10*time.Second, func() bool { return drops.Login(t, p.name, line).Accepted() }) {
		t.Fatal("no login within 10 s of the domain controller's return")
	}
	t.Logf("back after %v", time.Since(from).Round(time.Millisecond))
	if status := s.get(t, "/readyz"); status != 200 {
		t.Errorf("/readyz is %d after its return", status)
	}
}

// A domain controller that hangs takes what was sent to it along: it may have
// been counted. Nobody may find themselves shut out when it is back.
func TestADomainControllerThatHangs(t *testing.T) {
	t.Parallel()
	ad := lab.StartAD(t, lab.ADConfig{})
	ad.LockoutThreshold(t, 4)
	const hurried door = "127.0.0.11"
	s := serve(t, settings{AD: ad, Clients: []string{client("hurried", hurried, "mode: append", "deadline: 1s")}})
	p, other := s.staff(t, ad, "hanging"), s.staff(t, ad, "hanging-too")
	c := s.client(t, hurried)
	c.Timeout = 1500 * time.Millisecond // the deadline has passed by then
	accepted(t, "before", c.Login(t, p.name, p.login(t)))
	accepted(t, "before", c.Login(t, other.name, other.login(t)))

	ad.Pause(t)
	for range 3 {
		dropped(t, "while it hangs", c.Login(t, p.name, p.login(t)))
	}
	dropped(t, "while it hangs, a wrong password", c.Login(t, other.name, "wrong"+other.code(t)))
	ad.Resume(t)
	from := time.Now()
	c.Timeout = 500 * time.Millisecond
	for _, who := range []*person{p, other} {
		line := who.login(t)
		if !eventually(10*time.Second, func() bool { return c.Login(t, who.name, line).Accepted() }) {
			t.Errorf("%s does not get in within 10 s of its return", who.name)
		}
	}
	t.Logf("both are in after %v", time.Since(from).Round(time.Millisecond))
}

// The first of two servers falls silent, as behind a firewall that drops.
func TestLoginsGoOnWhenAServerFallsSilent(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	proxy := lab.NewProxy(t, ad.Addr())
	s := serve(t, settings{AD: ad, URLs: []string{"ldaps://" + proxy.Addr(), ad.URL()}})
	known, fresh := s.staff(t, ad, "silence-known"), s.staff(t, ad, "silence-fresh")
	late := s.staff(t, ad, "silence-late")
	c := s.client(t, appending)
	accepted(t, "before", c.Login(t, known.name, known.login(t)))

	proxy.Set(t, lab.Blackhole)
	from := time.Now()
	ad.Rename(t, fresh.name, "silence-renamed") // so that no cache knows the name
	fresh.name = "silence-renamed"
	accepted(t, "who has to be looked up", c.Login(t, fresh.name, fresh.login(t)))
	t.Logf("after %v", time.Since(from).Round(time.Millisecond))
	accepted(t, "who is in the cache", c.Login(t, known.name, known.login(t)))
	if took := time.Since(from); took > 3*time.Second {
		t.Errorf("two logins took %v", took)
	}

	proxy.Set(t, lab.Pass)
	proxy.Set(t, lab.Refuse)
	accepted(t, "a server that refuses", c.Login(t, late.name, late.login(t)))
}

// A server that falls silent under a bind costs that login at most: it may
// have been counted, and is not repeated (I04). The next one works.
func TestI04_OneLoginAtMostIsLostToASilentServer(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	proxy := lab.NewProxy(t, ad.Addr())
	s := serve(t, settings{AD: ad, URLs: []string{"ldaps://" + proxy.Addr(), ad.URL()}})
	p := s.staff(t, ad, "lost")
	c := s.client(t, appending)
	accepted(t, "before", c.Login(t, p.name, p.login(t)))
	proxy.Set(t, lab.DropReplies)
	c.Timeout = 3 * time.Second // the client's deadline
	if r := c.Login(t, p.name, p.login(t)); !r.Accepted() && !r.Dropped() {
		t.Errorf("the first: %+v", r)
	}
	accepted(t, "the second", c.Login(t, p.name, p.login(t)))
	if n := s.binds(t); n > 3 {
		t.Errorf("%d binds for three logins", n)
	}
}
