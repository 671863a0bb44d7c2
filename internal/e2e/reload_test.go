//go:build integration

package e2e

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	codec "layeh.com/radius"

	"twofold/radius/exchange"
)

// Robots need no code and log in without a pause, each one login at a time.
func TestReloadsLoseNoLogin(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	c := settings{AD: ad, Top: []string{"exclusions:", "  - {users: ['robot-*'], reason: first}"}}
	s := serve(t, c)
	var robots robots
	stop := make(chan struct{})
	for i := range 4 {
		name, n := fmt.Sprintf("robot-%d", i), s.nas(t, appending)
		hire(t, ad, name)
		robots.work.Go(func() { robots.logIn(n, name, stop) })
	}
	for i := range 6 {
		seen := robots.logins.Load()
		if !eventually(10*time.Second, func() bool { return robots.logins.Load() > seen+10 }) {
			t.Fatal("the robots have stopped")
		}
		c.Top[1] = "  - {users: ['robot-*'], reason: time " + strings.Repeat("I", i+1) + "}"
		s.reload(t, c.text())
		s.reloads(t, "ok", i+1)
	}
	close(stop)
	robots.work.Wait()
	t.Logf("%d logins under six reloads", robots.logins.Load())
	if n := robots.lost.Load(); n > 0 {
		t.Errorf("%d of %d logins failed", n, robots.logins.Load())
	}
	contains(t, s.do(t, "explain", "--client", "append", "robot-0"), "time IIIIII")
}

type robots struct {
	work         sync.WaitGroup
	logins, lost atomic.Int64
}

// logIn logs one in, again and again.
func (r *robots) logIn(n *nas, name string, stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		reply, err := n.ask(exchange.Request{User: name, Password: password})
		if err != nil || reply.Code != codec.CodeAccessAccept {
			r.lost.Add(1)
		}
		r.logins.Add(1)
	}
}

// reloads waits until so many have ended in a way.
func (s *server) reloads(t *testing.T, result string, n int) {
	t.Helper()
	if !eventually(10*time.Second, func() bool {
		return s.metric(t, "twofold_config_reloads_total", `result="`+result+`"`) >= n
	}) {
		t.Fatalf("no reload ended as %s:\n%s", result, s.out.String())
	}
}

func TestABadConfigurationKeepsTheOldOne(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	c := settings{AD: ad}
	s := serve(t, c)
	p := s.staff(t, ad, "reload")
	good := c.text()
	for i, bad := range []string{
		good + "\nnonsense: true\nunenrolled: maybe\n",
		strings.Replace(good, ad.CAFile, "/nowhere/ca.pem", 1),
		strings.Replace(good, "bind-CORP\n", "no-such-file\n", 1),
	} {
		s.reload(t, bad)
		s.reloads(t, "refused", i+1)
		accepted(t, "under the old one", s.client(t, appending).Login(t, p.name, p.login(t)))
	}
	contains(t, s.out.String(), "not reloaded", "nonsense", "maybe", "ca_file", "bind_password_file: there is no such file")

	const late door = "127.0.0.9"
	c.Clients = []string{client("late", late, "mode: append")}
	dropped(t, "a client that is not there yet", quick(s, t, late).Login(t, p.name, p.login(t)))
	s.reload(t, c.text())
	s.reloads(t, "ok", 1)
	accepted(t, "a new client", s.client(t, late).Login(t, p.name, p.login(t)))
	c.Clients = nil
	s.reload(t, c.text())
	s.reloads(t, "ok", 2)
	dropped(t, "a client that is gone", quick(s, t, late).Login(t, p.name, p.login(t)))
	s.because(t, "", "reloaded")
}
