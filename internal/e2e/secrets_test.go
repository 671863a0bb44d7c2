//go:build integration

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"twofold/core/otp"
)

func TestI10_NoSecretOutlivesItsLogin(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad, Top: []string{"log: {level: debug}"}})
	p := s.staff(t, ad, "secretive")
	var said []string
	for _, d := range []door{vpn, appending, immediate} {
		c := s.client(t, d)
		r := c.Login(t, p.name, p.login(t))
		c.Login(t, p.name, "not the password"+p.code(t))
		if r.Challenged() {
			c.Answer(t, r, p.name, p.code(t))
		}
		said = append(said, "not the password")
	}
	c := s.client(t, asking)
	accepted(t, "a challenge", c.Answer(t, c.Login(t, p.name, password), p.name, p.code(t)))
	given := decode[struct{ Code string }](t, s.do(t, "user", "temp-code", "--json", p.name))
	made := decode[struct{ Secret string }](t, s.do(t, "apikey", "create", "--role", "auditor", "--json"))
	s.holdsNoSecret(t, p, append(said, given.Code, made.Secret)...)
	s.kill(t)
	s.start(t)
	s.holdsNoSecret(t, p, append(said, password, given.Code, made.Secret)...)
}

// holdsNoSecret looks for secrets in the state directory, the log, the events,
// the metrics and the command line.
func (s *server) holdsNoSecret(t *testing.T, p *person, more ...string) {
	t.Helper()
	ad := corp(t)
	secrets := append([]string{
		string(p.key.Secret), otp.FormatKey(p.key.Secret), strings.ReplaceAll(otp.FormatKey(p.key.Secret), " ", ""),
		vpn.secret(), ad.BindPassword,
	}, more...)
	look := func(where string, text []byte) {
		for i, one := range secrets {
			if bytes.Contains(text, []byte(one)) {
				t.Errorf("secret %d stands in %s", i, where)
			}
		}
	}
	s.files(t, func(path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		look(path, text)
	})
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	look("the command line", line)
	look("the log", []byte(s.out.String()))
	look("the events", []byte(s.do(t, "events", "--json")))
	look("the metrics", []byte(s.page(t, "/metrics")))
}
