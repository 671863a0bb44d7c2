//go:build integration

package e2e

import (
	"bytes"
	"sync"
	"testing"

	codec "layeh.com/radius"

	"twofold/internal/lab"
	"twofold/radius/exchange"
)

// atOnce sends requests side by side, each from a socket of its own, and
// counts the answers by kind.
func (s *server) atOnce(t *testing.T, d door, requests []exchange.Request) map[codec.Code]int {
	t.Helper()
	var mu sync.Mutex
	answers := map[codec.Code]int{}
	var work sync.WaitGroup
	begin := make(chan struct{})
	for _, r := range requests {
		n := s.nas(t, d)
		work.Go(func() {
			<-begin
			reply, err := n.ask(r)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("asking: %v", err)
				return
			}
			answers[reply.Code]++
		})
	}
	close(begin)
	work.Wait()
	return answers
}

func TestI03_OneCodeFromTwoHundredRequestsAtOnce(t *testing.T) {
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := wonderland(t, s, ad)
	for _, d := range []door{appending, vpn} {
		before, line := s.binds(t), p.login(t)
		var requests []exchange.Request
		for i := range 200 {
			requests = append(requests, exchange.Request{User: spellings[i%len(spellings)], Password: line})
		}
		answers := s.atOnce(t, d, requests)
		if answers[codec.CodeAccessAccept] != 1 {
			t.Errorf("%s: %v, want one Accept", d, answers)
		}
		if n := s.binds(t) - before; n != 1 {
			t.Errorf("%s: %d binds, want one", d, n)
		}
	}
	if n := ad.BadPwdCount(t, p.name); n != 0 {
		t.Errorf("badPwdCount is %d", n)
	}
}

// One challenge answered by many at once: its nonce is spent once.
func TestI03_OneChallengeAnsweredByManyAtOnce(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "nonce")
	first, err := s.nas(t, asking).ask(exchange.Request{User: p.name, Password: password})
	if err != nil || first.Code != codec.CodeAccessChallenge {
		t.Fatalf("%v, %v", first.Code, err)
	}
	var requests []exchange.Request
	for range 20 {
		requests = append(requests, exchange.Request{User: p.name, Password: p.key.Code(p.key.Secret, p.next), State: first.State})
	}
	if answers := s.atOnce(t, asking, requests); answers[codec.CodeAccessAccept] != 1 || answers[codec.CodeAccessReject] != 19 {
		t.Errorf("%v, want one Accept", answers)
	}
	if n := s.binds(t); n != 1 {
		t.Errorf("%d binds, want one", n)
	}
}

// Whoever knows somebody's codes, or merely sits at the door, cannot lock the
// account by wrong passwords.
func TestI04_WrongPasswordsAtOnceNeverLock(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	for _, tt := range []struct {
		name      string
		threshold int
		ad        *lab.AD
		pso       bool
	}{
		{"domain-of-6", threshold, ad, false},
		{"settings-of-4", 4, ad, true},
		{"settings-of-9", 9, ad, true},
		{"domain-of-4", 4, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ad := tt.ad
			if ad == nil {
				ad = lab.StartAD(t, lab.ADConfig{})
				ad.LockoutThreshold(t, tt.threshold)
			}
			s := serve(t, settings{AD: ad})
			p := s.staff(t, ad, tt.name)
			if tt.pso {
				ad.AddPSO(t, lab.PSO{Name: tt.name, LockoutThreshold: tt.threshold, Precedence: tt.threshold, AppliesTo: []string{p.name}})
			}
			s.storm(t, ad, p, tt.threshold)
		})
	}
}

// storm tries two hundred wrong passwords, each with a right code, at once and
// at two doors; and as many without a code.
func (s *server) storm(t *testing.T, ad *lab.AD, p *person, threshold int) {
	t.Helper()
	line := exchange.Request{User: p.name, Password: "wrong" + p.code(t)}
	var work sync.WaitGroup
	for _, d := range []door{appending, vpn} {
		work.Go(func() {
			requests := make([]exchange.Request, 100)
			for i := range requests {
				requests[i] = line
			}
			if got := s.atOnce(t, d, requests); got[codec.CodeAccessAccept] != 0 {
				t.Errorf("%s: %v", d, got)
			}
		})
	}
	work.Wait()
	s.wrongPasswords(t, immediate, p.name, 50)
	n := ad.BadPwdCount(t, p.name)
	if n == 0 || n > threshold-1 || ad.LockedOut(t, p.name) {
		t.Errorf("badPwdCount is %d, locked %v; want some, and room below %d", n, ad.LockedOut(t, p.name), threshold)
	}
	if got := s.binds(t); got != n {
		t.Errorf("%d binds, but the domain counts %d wrong passwords", got, n)
	}
}

// What other doors did before counts too.
func TestI04_WrongPasswordsElsewhereCount(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad, Corp: []string{"cache: 0s"}})
	p := s.staff(t, ad, "elsewhere")
	c := s.client(t, appending)
	for range threshold - 2 {
		if ad.Bind(t, ad.DN(t, p.name), "wrong") == nil {
			t.Fatal("a wrong password was taken")
		}
	}
	rejected(t, "one more with a right code", c.Login(t, p.name, "wrong"+p.code(t)))
	s.because(t, p.name, "wrong-password")
	rejected(t, "and another", c.Login(t, p.name, "wrong"+p.code(t)))
	s.because(t, p.name, "passwords-throttled")
	if n := ad.BadPwdCount(t, p.name); n != threshold-1 || ad.LockedOut(t, p.name) {
		t.Errorf("badPwdCount is %d, want %d", n, threshold-1)
	}
	ad.Unlock(t, p.name)
	s.do(t, "user", "unlock", p.name)
	accepted(t, "unlocked in both", c.Login(t, p.name, p.login(t)))
}

// wrongPasswords tries so many of somebody at once, without a code.
func (s *server) wrongPasswords(t *testing.T, d door, name string, n int) {
	t.Helper()
	requests := make([]exchange.Request, n)
	for i := range requests {
		requests[i] = exchange.Request{User: name, Password: "wrong"}
	}
	if got := s.atOnce(t, d, requests); got[codec.CodeAccessAccept] != 0 {
		t.Errorf("%s: %v", d, got)
	}
}

func TestI05_FiftyWrongCodesLeaveTheDirectoryAlone(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "fifty")
	wrongs := map[door]func(n *nas) (exchange.Reply, error){
		appending: func(n *nas) (exchange.Reply, error) {
			return n.ask(exchange.Request{User: p.name, Password: "wrong" + p.wrong()})
		},
		asking: func(n *nas) (exchange.Reply, error) {
			first, err := n.ask(exchange.Request{User: p.name, Password: "wrong"})
			if err != nil {
				return first, err
			}
			return n.ask(exchange.Request{User: p.name, Password: p.wrong(), State: first.State})
		},
		vpn: func(n *nas) (exchange.Reply, error) {
			return n.ask(exchange.Request{User: p.name, Password: "wrong" + p.wrong()})
		},
	}
	for d, try := range wrongs {
		n := s.nas(t, d)
		for range 50 {
			if reply, err := try(n); err != nil || reply.Code == codec.CodeAccessAccept {
				t.Fatalf("%s: %v, %v", d, reply.Code, err)
			}
		}
	}
	if n, binds := ad.BadPwdCount(t, p.name), s.binds(t); n != 0 || binds != 0 {
		t.Errorf("badPwdCount is %d, %d binds; want none", n, binds)
	}
	rejected(t, "a wrong password with two right codes", s.client(t, appending).Login(t, p.name, "wrong"+p.code(t)+p.code(t)))
	if n := ad.BadPwdCount(t, p.name); n != 1 {
		t.Errorf("badPwdCount is %d after a wrong password with a right code, want 1", n)
	}
}

func TestI09_TheSamePacketThreeTimes(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "again")
	n := s.nas(t, appending)
	for what, line := range map[string]string{"right": p.login(t), "wrong": password + p.wrong()} {
		seen := s.metric(t, "twofold_attempts_total")
		packet, err := n.packet(exchange.Request{User: p.name, Password: line})
		if err != nil {
			t.Fatal(err)
		}
		var replies [3]exchange.Reply
		for i := range replies {
			if _, err := n.conn.Write(packet); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				continue // the second comes while the first is being judged
			}
			if replies[i], err = n.answer(packet); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		if !bytes.Equal(replies[1].Raw, replies[2].Raw) {
			t.Errorf("%s: the answers differ:\n%x\n%x", what, replies[1].Raw, replies[2].Raw)
		}
		if got := s.metric(t, "twofold_attempts_total") - seen; got != 1 {
			t.Errorf("%s: %d evaluations", what, got)
		}
	}
	if got := len(s.events(t, p.name)); got != 3 {
		t.Errorf("%d events, want those of the enrolment, the Accept and the Reject", got)
	}
}
