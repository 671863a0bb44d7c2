//go:build integration

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twofold/core/otp"
	"twofold/internal/lab"
)

// login is `twofold login` with a password on standard input.
func (s *server) login(t *testing.T, d, name, password, code string) ran {
	t.Helper()
	return s.tell(t, password+"\n", "login", "--client", d, "--password-file", "-", "--code", code, name)
}

func TestTheHelpDesksDay(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "helped")
	c := s.client(t, appending)
	accepted(t, "at first", c.Login(t, p.name, p.login(t)))
	contains(t, s.do(t, "user", "show", `corp\HELPED`), `CORP\helped`, "enrolled", "SHA1, 6 digits, 30s")
	contains(t, s.do(t, "user", "list", "helped"), `CORP\helped`, "enrolled")

	contains(t, s.do(t, "user", "block", "--why", "laptop stolen", p.name), "laptop stolen")
	rejected(t, "blocked", c.Login(t, p.name, p.login(t)))
	s.because(t, p.name, "blocked")
	contains(t, s.do(t, "explain", "--client", "append", p.name), "refused", "laptop stolen")
	s.do(t, "user", "unblock", p.name)
	accepted(t, "unblocked", c.Login(t, p.name, p.login(t)))

	given := decode[struct {
		Code string
		Uses int
	}](t, s.do(t, "user", "temp-code", "--json", "--uses", "2", "--for", "10m", p.name))
	for range 2 {
		accepted(t, "a temporary code", c.Login(t, p.name, password+given.Code))
		s.because(t, p.name, "accepted-temp-code")
	}
	rejected(t, "a temporary code once more than it may", c.Login(t, p.name, password+given.Code))

	for range 10 {
		c.Login(t, p.name, password+p.wrong())
	}
	rejected(t, "a right code after ten wrong ones", c.Login(t, p.name, p.login(t)))
	s.do(t, "user", "unlock", p.name)
	accepted(t, "unlocked", c.Login(t, p.name, p.login(t)))

	contains(t, s.do(t, "user", "reset", p.name), "1 token")
	rejected(t, "reset", c.Login(t, p.name, p.login(t)))
	s.because(t, p.name, "enrolment-pending")
	s.enrol(t, p)
	accepted(t, "enrolled again", c.Login(t, p.name, p.login(t)))
	contains(t, s.do(t, "events", "--user", "HELPED@corp.example.com"), "user-blocked", "user-unblocked",
		"temp-code-issued", "user-unlocked", "user-reset", "user-enrolled", "by=uid 0 (root)")
	contains(t, s.do(t, "events", "verify"), "the chain is whole")
}

func TestLoginAndExplainSayEachStep(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "explained")
	contains(t, s.do(t, "explain", "--client", "append", "explained@example.com"),
		"CN=explained,CN=Users,DC=corp,DC=example,DC=com", "password and code", "usable", "locks after 6 wrong passwords")

	right := s.login(t, "append", p.name, password, p.code(t))
	if right.status != 0 {
		t.Errorf("status %d\n%s%s", right.status, right.out, right.said)
	}
	contains(t, right.out, "CN=explained", "right code", "password right", "accepted-code")
	for what, r := range map[string]ran{
		"wrong-code":     s.login(t, "append", p.name, password, p.wrong()),
		"code-used":      s.login(t, "append", p.name, password, p.used()),
		"wrong-password": s.login(t, "append", p.name, "wrong", p.code(t)),
		"unknown-user":   s.login(t, "append", "nobody", password, p.code(t)),
	} {
		if r.status != 1 {
			t.Errorf("%s: status %d\n%s%s", what, r.status, r.out, r.said)
		}
		contains(t, r.out, what)
		if strings.Contains(r.out+r.said, password) {
			t.Errorf("%s: the password stands in the output", what)
		}
	}
	challenge := s.tell(t, password+"\n"+p.code(t)+"\n", "login", "--client", "challenge", "--password-file", "-", p.name)
	if challenge.status != 0 {
		t.Errorf("a challenge: status %d\n%s%s", challenge.status, challenge.out, challenge.said)
	}
	contains(t, challenge.out, "challenged-code", "accepted-code")
}

func TestWrongUsageIsToldAndNothingIsDone(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	for _, tt := range []struct {
		status int
		says   string
		args   []string
	}{
		{2, "--label", []string{"user", "enrol", "someone", "--label=x"}},
		{2, "-", []string{"user", "reset", "-x"}},
		{2, "USER", []string{"user", "show"}},
		{2, "no command", []string{"user", "frobnicate"}},
		{1, "nobody", []string{"user", "show", "nobody"}},
		{1, "nobody", []string{"explain", "nobody"}},
		{2, "role", []string{"apikey", "create", "--role", "king"}},
	} {
		r := s.try(t, tt.args...)
		if r.status != tt.status {
			t.Errorf("%v: status %d, want %d", tt.args, r.status, tt.status)
		}
		contains(t, r.said, tt.says)
	}
	s.stop(t)
	r := s.try(t, "user", "list")
	if r.status != 1 {
		t.Errorf("status %d without a server", r.status)
	}
	contains(t, r.said, "hint")
}

func TestImportedTokensLogIn(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	people := map[string]*person{}
	for _, name := range []string{"import-uri", "import-csv", "import-late"} {
		p := hire(t, ad, name)
		key, err := otp.ParseURI("otpauth://totp/Old:" + name + "?secret=" + strings.ToUpper(strings.Repeat("abcdefg"+string(name[7]), 4)) + "&period=15&digits=8&algorithm=SHA256")
		if err != nil {
			t.Fatal(err)
		}
		key.Window = 10
		p.key, p.next = key, key.StepAt(time.Now())-5
		people[name] = p
	}
	file := filepath.Join(t.TempDir(), "tokens")
	uris := people["import-uri"].key.URI() + "\nnobody\t" + people["import-csv"].key.URI() + "\n"
	put(t, file, uris)
	if r := s.try(t, "token", "import", "--atomic", file); r.status != 1 || !strings.Contains(r.said, "line 2: nobody") {
		t.Errorf("atomic with a fault: status %d\n%s%s", r.status, r.out, r.said)
	}
	c := s.client(t, appending)
	rejected(t, "nothing was imported", c.Login(t, "import-uri", people["import-uri"].login(t)))
	if r := s.try(t, "token", "import", file); r.status != 1 || !strings.Contains(r.out, "1 token imported, 1 line refused") {
		t.Errorf("with a fault: status %d\n%s%s", r.status, r.out, r.said)
	}
	accepted(t, "imported as URI", c.Login(t, "import-uri", people["import-uri"].login(t)))

	base32 := func(p *person) string { return strings.ReplaceAll(otp.FormatKey(p.key.Secret), " ", "") }
	put(t, file, "user,secret,algorithm,digits,period,label\n"+
		"CORP\\import-csv,"+base32(people["import-csv"])+",SHA256,8,15,blue fob\n")
	contains(t, s.do(t, "token", "import", file), "1 token imported, 0 lines refused")
	accepted(t, "imported as CSV", c.Login(t, "import-csv", people["import-csv"].login(t)))
	contains(t, s.do(t, "user", "show", "import-csv"), "blue fob", "SHA256, 8 digits, 15s")

	put(t, file, "user,secret\nimport-late,"+base32(people["import-csv"])+"\n")
	if r := s.try(t, "token", "import", file); r.status != 1 {
		t.Errorf("another's seed: status %d\n%s%s", r.status, r.out, r.said)
	}
	contains(t, s.last(t, "import-csv").Name, "accepted-code")
}

func TestDoctorFindsNoFaultInAHealthySystem(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	c := quick(s, t, appending)
	c.NoMessageAuthenticator = true
	dropped(t, "an unsigned packet", c.Login(t, "anybody", password))
	r := s.try(t, "doctor")
	if r.status != 0 || strings.Contains(r.out, "FAULT") {
		t.Errorf("status %d: %s", r.status, r.said)
	}
	contains(t, r.out, ad.URL(), "0 faults", "require_message_authenticator")
	s.do(t, "check")
}

func TestDoctorNamesACertificateThatGoRefuses(t *testing.T) {
	t.Parallel()
	ad := lab.StartAD(t, lab.ADConfig{NegativeSerial: true})
	s := serve(t, settings{AD: ad})
	for _, where := range []string{"asking the server", "without a server"} {
		r := s.try(t, "doctor")
		if r.status != 1 {
			t.Errorf("%s: status %d", where, r.status)
		}
		contains(t, r.out, "FAULT", "negative serial number", "hint")
		if where == "asking the server" {
			s.stop(t)
		}
	}
}

func TestCheckTellsAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	dir := t.TempDir()
	c := settings{AD: ad, Top: []string{"nonsense: 1", "unenrolled: maybe", "throttle: {burst: 1000}"}}
	r := run(t, "", "check", "--config", c.write(t, dir))
	if r.status != 1 {
		t.Errorf("status %d", r.status)
	}
	contains(t, r.out+r.said, "nonsense", "maybe", "burst", "twofold.yaml:")
	if strings.Contains(r.out+r.said, vpn.secret()) {
		t.Error("the secret stands in the output")
	}
	if _, err := os.Stat(filepath.Join(dir, "state")); !os.IsNotExist(err) {
		t.Errorf("check made a state directory: %v", err)
	}
}
