//go:build integration

package e2e

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	codec "layeh.com/radius"

	"twofold/internal/lab"
	"twofold/radius/exchange"
)

func TestShutdownAnswersTheLoginsUnderWay(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	proxy := lab.NewProxy(t, ad.Addr())
	s := serve(t, settings{AD: ad, URLs: []string{"ldaps://" + proxy.Addr()}})
	p := s.staff(t, ad, "leaving")
	n := s.nas(t, appending)
	proxy.Delay(300 * time.Millisecond)
	packet, err := n.packet(exchange.Request{User: p.name, Password: p.login(t)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.conn.Write(packet); err != nil {
		t.Fatal(err)
	}
	if !eventually(5*time.Second, func() bool { return s.metric(t, "twofold_radius_in_hand") == 1 }) {
		t.Fatal("the login is not under way")
	}
	s.signal(t, syscall.SIGTERM)
	if reply, err := n.answer(packet); err != nil || reply.Code != codec.CodeAccessAccept {
		t.Errorf("%v, %v, want an Accept", reply.Code, err)
	}
	if status := s.wait(t); status != 0 {
		t.Errorf("status %d", status)
	}
}

// Killed while many log in: what was accepted is used up.
func TestI02_KilledUnderLoadNoCodeWorksTwice(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	crowd := make([]*person, 6)
	for i := range crowd {
		crowd[i] = s.staff(t, ad, fmt.Sprintf("crowd-%d", i))
	}
	for range 2 {
		taken := s.killedUnderLoad(t, crowd)
		s.start(t)
		c := s.client(t, appending)
		for name, line := range taken {
			rejected(t, "the last code taken of "+name, c.Login(t, name, line))
		}
		contains(t, s.do(t, "events", "verify"), "the chain is whole")
	}
}

// killedUnderLoad kills when ten logins have been accepted and others are
// under way, and gives the last accepted line of each person.
func (s *server) killedUnderLoad(t *testing.T, crowd []*person) map[string]string {
	t.Helper()
	var mu sync.Mutex
	taken, logins := map[string]string{}, 0
	var work sync.WaitGroup
	for _, p := range crowd {
		n := s.nas(t, appending)
		n.patience = time.Second
		lines := []string{p.login(t), p.login(t), p.login(t), p.login(t), p.login(t), p.login(t)}
		work.Go(func() {
			for _, line := range lines {
				reply, err := n.ask(exchange.Request{User: p.name, Password: line})
				if err != nil || reply.Code != codec.CodeAccessAccept {
					return // killed
				}
				mu.Lock()
				taken[p.name] = line
				logins++
				mu.Unlock()
			}
		})
	}
	if !eventually(5*time.Second, func() bool { mu.Lock(); defer mu.Unlock(); return logins >= 10 }) {
		t.Error("nobody gets in")
	}
	s.kill(t)
	work.Wait()
	return taken
}

func TestEventsAreFollowed(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "followed")
	cmd := exec.CommandContext(t.Context(), twofold(t), "events", "--config", s.config, "--follow", "--user", "followed")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 16)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	for _, want := range []string{"user-enrolled", "accepted-code"} {
		if want == "accepted-code" {
			accepted(t, "login", s.client(t, appending).Login(t, p.name, p.login(t)))
		}
		select {
		case line := <-lines:
			if !strings.Contains(line, want) {
				t.Errorf("%q, want %s", line, want)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("no event %s within 5 s", want)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended with %v, want status 0", err)
	}
}
