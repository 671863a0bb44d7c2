//go:build integration

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// A store put back from a copy has forgotten which codes were used. Whether
// that is noticed, or whoever puts it back says so: no code from before is
// taken.
func TestI03_ARestoredStoreTakesNoCodeFromBefore(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	for _, tt := range []struct {
		name, restored string
		noticed        bool
	}{
		{"the database alone", "db", true},
		{"the whole directory", ".", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, settings{AD: ad})
			p := s.staff(t, ad, "restored-"+strings.Trim(tt.restored, "."))
			s.stop(t)
			copied := filepath.Join(t.TempDir(), "copy")
			copyAll(t, filepath.Join(s.state(), tt.restored), copied)
			s.start(t)
			line := p.login(t)
			accepted(t, "after the copy was made", s.client(t, appending).Login(t, p.name, line))
			s.stop(t)

			copyAll(t, copied, filepath.Join(s.state(), tt.restored))
			if tt.noticed {
				contains(t, s.refuses(t), "--accept-loss")
			}
			s.start(t, "--accept-loss")
			c := s.client(t, appending)
			rejected(t, "the code used before", c.Login(t, p.name, line))
			rejected(t, "any code from before", c.Login(t, p.name, p.login(t)))
			contains(t, s.do(t, "events"), "floor-raised")
			given := decode[struct{ Code string }](t, s.do(t, "user", "temp-code", "--json", p.name))
			accepted(t, "until the window has passed, a temporary one", c.Login(t, p.name, password+given.Code))
		})
	}
}

// copyAll makes a copy of a directory, modes and all, in place of another.
func copyAll(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
