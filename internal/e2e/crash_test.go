//go:build integration

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	codec "layeh.com/radius"

	"twofold/radius/exchange"
)

// Killed the moment the Accept is on the wire, over and over: no code works
// once more.
func TestI02_KilledRightAfterAnAcceptTheCodeIsUsed(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "killed")
	for range 4 {
		line := p.login(t)
		reply, err := s.nas(t, appending).ask(exchange.Request{User: p.name, Password: line})
		s.kill(t)
		if err != nil || reply.Code != codec.CodeAccessAccept {
			t.Fatalf("%v, %v", reply.Code, err)
		}
		s.start(t)
		s.because(t, p.name, "accepted-code")
		rejected(t, "the same code", s.client(t, appending).Login(t, p.name, line))
		s.because(t, p.name, "code-used")
	}
	accepted(t, "the next code", s.client(t, appending).Login(t, p.name, p.login(t)))
	contains(t, s.do(t, "events", "verify"), "the chain is whole")
}

func TestChallengesFromBeforeARestartAreRejected(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "restarted")
	first := challenged(t, "password", s.client(t, asking).Login(t, p.name, password))
	s.stop(t)
	s.start(t)
	rejected(t, "code", s.client(t, asking).Answer(t, first, p.name, p.code(t)))
	s.because(t, "", "challenge-invalid")
}

func TestI07_AnEmptiedStoreIsRefused(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad, Top: []string{"unenrolled: allow", "unenrolled_until: 2099-01-01"}})
	p := s.staff(t, ad, "emptied")
	s.stop(t)
	for _, what := range []string{"everything", "the database"} {
		var gone []string
		var err error
		switch what {
		case "everything":
			gone = []string{s.state()}
		default:
			if gone, err = filepath.Glob(filepath.Join(s.state(), "*")); err != nil {
				t.Fatal(err)
			}
			gone = without(gone, filepath.Join(s.state(), "master.key"))
		}
		for _, path := range gone {
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
		}
		contains(t, s.refuses(t), "--init")
		s.start(t, "--init")
		s.enrol(t, p)
		accepted(t, what+": enrolled again", s.client(t, appending).Login(t, p.name, p.login(t)))
		s.stop(t)
	}
}

func without(list []string, one string) (rest []string) {
	for _, s := range list {
		if s != one {
			rest = append(rest, s)
		}
	}
	return rest
}

func TestASecondProcessOnOneStoreIsRefused(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "second")
	other := &server{dir: s.dir, config: s.config}
	t.Log(other.refuses(t))
	accepted(t, "the first goes on", s.client(t, appending).Login(t, p.name, p.login(t)))
	s.do(t, "user", "show", p.name)
}
