package lab

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// PAM logs in through Debian's pam_radius_auth under pamtester, as sshd or
// sudo would. It sends no Message-Authenticator (2.0), so the server's client
// must not require one.
type PAM struct {
	program, service string
}

// NewPAM sets up a PAM service of its own that asks a RADIUS server. The
// service file stands in /etc/pam.d, so this needs root; it goes with the test.
// The secret must hold no space. A server that is silent is given up after
// five seconds, without a second try.
func NewPAM(t testing.TB, server, secret string) *PAM {
	t.Helper()
	NeedRoot(t, "a PAM service")
	p := &PAM{program: Need(t, "pamtester", "pamtester"), service: "twofold-lab-" + strings.ToLower(rand.Text()[:10])}
	module := pamModule(t)
	conf := filepath.Join(t.TempDir(), "servers")
	write(t, conf, fmt.Sprintf("%s %s 5\n", server, secret))
	service := filepath.Join("/etc/pam.d", p.service)
	t.Cleanup(func() {
		if err := os.Remove(service); err != nil && !os.IsNotExist(err) {
			t.Errorf("removing a PAM service: %v", err)
		}
	})
	write(t, service, fmt.Sprintf("auth required %s conf=%s retry=0 max_challenge=4\n", module, conf))
	return p
}

// pamModule finds the module, which stands under the machine's architecture.
func pamModule(t testing.TB) string {
	t.Helper()
	for _, pattern := range []string{"/lib/*/security", "/usr/lib/*/security", "/lib/security"} {
		found, err := filepath.Glob(pattern + "/pam_radius_auth.so")
		if err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 {
			return found[0]
		}
	}
	t.Fatal(missing("pam_radius_auth.so", "libpam-radius-auth"))
	return ""
}

// Login authenticates a user, who answers the prompts in turn: the password,
// then whatever is challenged. It returns the conversation as the user sees it.
// A prompt without an answer left finds the end of input.
func (p *PAM) Login(t testing.TB, user string, answers ...string) (ok bool, said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.program, p.service, user, "authenticate")
	cmd.Stdin = strings.NewReader(strings.Join(answers, "\n") + "\n")
	out, err := cmd.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed || ctx.Err() != nil {
		t.Fatalf("running pamtester: %v", errors.Join(err, ctx.Err()))
	}
	return err == nil, string(out)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
