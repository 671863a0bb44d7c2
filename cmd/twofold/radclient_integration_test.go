//go:build integration

package main

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"

	"twofold/internal/lab"
)

// TestAUserLogsInByDebiansToolsAlone enrols by the command line, makes codes
// with oathtool and logs in with radclient.
func TestAUserLogsInByDebiansToolsAlone(t *testing.T) {
	oathtool := lab.Need(t, "oathtool", "oathtool")
	st := stageFor(t)
	s := startFor(t, st, &logBuffer{})
	defer closeFor(t, s)
	var out, errs bytes.Buffer
	if status := run(context.Background(), []string{"twofold", "user", "enrol", "--config", st.config, "alice"}, nil, &out, &errs); status != done {
		t.Fatalf("enrol ended with %d: %s", status, errs.String())
	}
	_, rest, _ := strings.Cut(out.String(), "\nkey    ")
	key, _, _ := strings.Cut(rest, "\n")
	code := func(when string) string {
		made := exec.Command(oathtool, "--totp", "-b", "--now", when, "-")
		made.Stdin = strings.NewReader(strings.ReplaceAll(key, " ", "") + "\n")
		text, err := made.Output()
		if err != nil {
			t.Fatalf("oathtool: %v", err)
		}
		return strings.TrimSpace(string(text))
	}
	nas := lab.NewRadClient(t, s.radius.ReadyAddrs()[0].String(), siteSecret)
	password, now := st.site.Password("alice"), code("now")
	if reply := nas.Login(t, "alice", password+now); !reply.Accepted() {
		t.Errorf("append: %+v", reply)
	}
	asked := nas.Login(t, "alice", password)
	if !asked.Challenged() {
		t.Fatalf("password alone: %+v", asked)
	}
	if reply := nas.Answer(t, asked, "alice", now); !reply.Rejected() {
		t.Errorf("the same code again: %+v", reply)
	}
	asked = nas.Login(t, "alice", password)
	if reply := nas.Answer(t, asked, "alice", code("+30 seconds")); !reply.Accepted() {
		t.Errorf("challenge: %+v", reply)
	}
	nas.NoMessageAuthenticator = true
	if reply := nas.Login(t, "alice", password); !reply.Dropped() {
		t.Errorf("without Message-Authenticator: %+v", reply)
	}
}
