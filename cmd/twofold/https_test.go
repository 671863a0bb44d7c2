package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"twofold/core"
	"twofold/httpapi"
)

// apiFor is a client of the HTTP API that knows the self-signed certificate.
func apiFor(t *testing.T, st *stage) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(filepath.Join(st.dir, "state", "https.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func TestAnApplicationLogsPeopleInOverHTTPS(t *testing.T) {
	st := stageFor(t)
	s := startFor(t, st, &logBuffer{})
	defer closeFor(t, s)
	key := enrolFor(t, s, "alice")
	admin := httpapi.Dial(s.addrs.socket)
	defer admin.Close()
	made, err := admin.CreateKey(context.Background(), core.Application, "shop")
	if err != nil {
		t.Fatal(err)
	}
	client := apiFor(t, st)
	ask := func(secret, password, code string) (int, httpapi.AuthReply) {
		t.Helper()
		body, err := json.Marshal(httpapi.AuthRequest{User: "alice", Password: password, Code: code})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest(http.MethodPost, "https://"+s.addrs.https+"/api/v1/auth", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+secret)
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
		}()
		var reply httpapi.AuthReply
		if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, reply
	}
	code := codeOf(key)
	if status, reply := ask(made.Secret, st.site.Password("alice"), code); status != http.StatusOK || reply.Result != core.Accept {
		t.Errorf("a right login: %d %s", status, reply.Result)
	}
	if status, reply := ask(made.Secret, st.site.Password("alice"), code); status != http.StatusOK || reply.Result != core.Reject {
		t.Errorf("the same code again: %d %s", status, reply.Result)
	}
	if status, _ := ask("tf_0_wrong", st.site.Password("alice"), codeOf(key)); status != http.StatusUnauthorized {
		t.Errorf("without a key: %d", status)
	}
}

func TestAListenerThatIsTurnedOffIsNotThere(t *testing.T) {
	st := stageFor(t)
	text, err := os.ReadFile(st.config)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(text), "http:")
	off := strings.Replace(before, `["127.0.0.1:0"]`, "[]", 1) + "http: {listen: \"\"}\nops: {listen: \"\"}\n"
	if err := os.WriteFile(st.config, []byte(off), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startFor(t, st, &logBuffer{})
	defer closeFor(t, s)
	if line := s.readyLine(); line != "twofold: ready, admin socket "+filepath.Join(st.dir, "state", "admin.sock") {
		t.Errorf("the ready line is %q", line)
	}
	if _, err := os.Stat(filepath.Join(st.dir, "state", "https.crt")); err == nil {
		t.Error("a certificate was made for nobody")
	}
	findings := s.examine(context.Background())
	found := false
	for _, f := range findings {
		found = found || f.Area == "client" && f.Level == httpapi.Warning && strings.Contains(f.Text, "radius.listen is empty")
	}
	if !found {
		t.Errorf("doctor does not say that RADIUS is off: %+v", findings)
	}
}
