package httpapi

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twofold/core"
)

func TestTheSocketIsTheServersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "admin.sock")
	l, err := ListenSocket(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if _, err := ListenSocket(path); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("a second server: %v", err)
	}
	l.SetUnlinkOnClose(false) // as if the process had died
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := ListenSocket(path)
	if err != nil {
		t.Fatalf("after a crash: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket stays: %v", err)
	}
}

func TestAFileThatIsNoSocketIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "admin.sock")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ListenSocket(path); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("got %v", err)
	}
	if text, err := os.ReadFile(path); string(text) != "precious" {
		t.Errorf("the file is %q, %v", text, err)
	}
	if _, err := ListenSocket("/" + strings.Repeat("x", maxSocketPath)); err == nil || !strings.Contains(err.Error(), "admin_socket") {
		t.Errorf("a path too long: %v", err)
	}
}

func TestTheClientSaysWhatToDoWithoutAServer(t *testing.T) {
	dir := t.TempDir()
	c := Dial(filepath.Join(dir, "none.sock"))
	_, err := c.Status(t.Context())
	if !errors.Is(err, errNotRunning) || !strings.Contains(err.Error(), "is `twofold serve` running") || !strings.Contains(err.Error(), "none.sock") {
		t.Errorf("without a socket: %v", err)
	}
	path := filepath.Join(dir, "other.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
			t.Errorf("reading the request: %v", err)
		}
		fmt.Fprint(conn, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
		conn.Close()
	}()
	other := Dial(path)
	defer other.Close()
	if _, err := other.Status(t.Context()); err == nil || !strings.Contains(err.Error(), "something else behind the socket") {
		t.Errorf("something else: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	<-done
}

func TestTheClientReachesEveryCommand(t *testing.T) {
	s := newSite(t, func(c *Config) {
		c.Doctor = func(context.Context) []Finding {
			return []Finding{{Area: "directory", Subject: "dc1", Level: Fault, Text: "certificate has a negative serial number", Hint: "issue another"}}
		}
	})
	ctx := t.Context()
	status, err := s.socket.Status(ctx)
	if err != nil || status.Version != "test" || status.Store.APIKeys != 4 || status.Started.IsZero() {
		t.Errorf("status: %+v, %v", status, err)
	}
	report, err := s.socket.Doctor(ctx)
	if err != nil || len(report.Findings) != 1 || report.Findings[0].Level != Fault {
		t.Errorf("doctor: %+v, %v", report, err)
	}
	made, err := s.socket.Enrol(ctx, "alice", core.EnrolRequest{Label: "phone"})
	if err != nil || !strings.HasPrefix(made.URI, "otpauth://totp/") || made.Key == "" || made.Token == "" {
		t.Errorf("enrol: %v", err)
	}
	if _, err := s.socket.Enrol(ctx, "alice", core.EnrolRequest{}); !errors.Is(err, core.ErrConflict) {
		t.Errorf("enrol again: %v", err)
	}
	if _, err := s.socket.Enrol(ctx, "alice", core.EnrolRequest{Add: true}); err != nil {
		t.Errorf("enrol another: %v", err)
	}
	code, err := s.socket.TempCode(ctx, "alice", core.TempCodeRequest{For: 90 * time.Minute, Uses: 2})
	if left := time.Until(code.Until); err != nil || len(code.Code) != 8 || code.Uses != 2 || left > 90*time.Minute || left < 89*time.Minute {
		t.Errorf("temp-code: %d uses until %v, %v", code.Uses, code.Until, err)
	}
	why, err := s.socket.Explain(ctx, "alice", "vpn", address("192.0.2.1"), address("10.1.0.1"))
	if err != nil || why.Entry.Login != "alice" || why.Outcome == "" || len(why.Policy) == 0 {
		t.Errorf("explain: %+v, %v", why, err)
	}
	if v, err := s.socket.Unlock(ctx, "alice"); err != nil || len(v.Tokens) != 2 {
		t.Errorf("unlock: %+v, %v", v, err)
	}
	done, err := s.socket.Reset(ctx, "alice", core.ResetRequest{Invite: true})
	if err != nil || done.Tokens != 2 || len(done.Invitation) != 8 || done.Until.IsZero() {
		t.Errorf("reset: %d tokens, until %v, %v", done.Tokens, done.Until, err)
	}
	page, err := s.socket.Users(ctx, core.UserQuery{Text: "ALI", Limit: 10})
	if err != nil || len(page.Users) != 1 || page.Users[0].Standing != "pending" {
		t.Errorf("users: %+v, %v", page, err)
	}
	keys, err := s.socket.Keys(ctx)
	if err != nil || len(keys) != 4 || keys[0].Role == core.NoRole {
		t.Errorf("keys: %+v, %v", keys, err)
	}
}

// https serves s over TLS, and gives a client that trusts the certificate.
func https(t *testing.T, s *site) (url string, client *http.Client, stop func() error) {
	t.Helper()
	cert, err := LoadCertificate(CertConfig{StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.ServeTLS(ctx, l, cert.TLSConfig(), s.API()) }()
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf())
	client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}}
	return "https://" + l.Addr().String(), client, func() error { client.CloseIdleConnections(); cancel(); return <-done }
}

func TestHTTPSIsServedUntilTheEnd(t *testing.T) {
	s := newSite(t, nil)
	url, client, stop := https(t, s)
	r, err := http.NewRequest("GET", url+"/api/v1/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-API-Key", s.keys[core.Auditor])
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || resp.StatusCode != 200 || resp.ProtoMajor != 2 || !strings.Contains(string(text), `"version":"test"`) {
		t.Errorf("%s %d %s %v", resp.Proto, resp.StatusCode, text, err)
	}
	old := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}
	if conn, err := tls.Dial("tcp", strings.TrimPrefix(url, "https://"), old); err == nil {
		t.Error("TLS 1.1 is spoken")
		conn.Close()
	}
	if err := stop(); err != nil {
		t.Errorf("ending: %v", err)
	}
}

func TestAFollowerDoesNotHoldUpTheEnd(t *testing.T) {
	s := newSite(t, nil)
	url, client, stop := https(t, s)
	r, err := http.NewRequest("GET", url+"/api/v1/events?follow=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-API-Key", s.keys[core.Auditor])
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(resp.Body)
	if line, err := lines.ReadString('\n'); err != nil || !strings.Contains(line, `"id":"TF6005"`) || resp.Header.Get("Content-Type") != jsonLines {
		t.Errorf("first line %q, %v", line, err)
	}
	began := time.Now()
	if err := stop(); err != nil || time.Since(began) > shutdownWithin/2 {
		t.Errorf("ending took %v: %v", time.Since(began), err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestASelfSignedPairIsMadeOnceAndRenewedInTime(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	load := func() *x509.Certificate {
		t.Helper()
		c, err := LoadCertificate(CertConfig{StateDir: dir, Hosts: []string{"otp.example.com", "192.0.2.7"}, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		return c.Leaf()
	}
	first := load()
	for _, host := range []string{"otp.example.com", "192.0.2.7", "localhost", "127.0.0.1"} {
		if err := first.VerifyHostname(host); err != nil {
			t.Errorf("not for %s: %v", host, err)
		}
	}
	if first.SerialNumber.Sign() <= 0 {
		t.Errorf("serial number %v", first.SerialNumber)
	}
	for _, name := range []string{"https.crt", "https.key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if again := load(); !again.Equal(first) {
		t.Error("made anew without need")
	}
	now = first.NotAfter.Add(-renewWithin / 2)
	second := load()
	if second.Equal(first) || !second.NotAfter.After(now.Add(renewWithin)) {
		t.Error("not renewed within the last month")
	}
	if err := os.WriteFile(filepath.Join(dir, "https.key"), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if third := load(); third.Equal(second) {
		t.Error("a broken pair was not replaced")
	}
}

func TestACertificateIsReadAgainWhenItChanges(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	for _, dir := range []string{one, two} {
		if _, err := LoadCertificate(CertConfig{StateDir: dir}); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	log := &syncBuffer{}
	c, err := LoadCertificate(CertConfig{
		CertFile: filepath.Join(one, "https.crt"), KeyFile: filepath.Join(one, "https.key"),
		Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	first := c.Leaf()
	put := func(name string) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(two, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(one, name), text, 0o600)
		}
		if err == nil {
			err = os.Chtimes(filepath.Join(one, name), now, now)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(lookEvery)
	put("https.crt") // and not yet its key
	if !c.Leaf().Equal(first) || !strings.Contains(log.text(), "cannot be used") {
		t.Error("half a pair is shown, or nobody is told")
	}
	now = now.Add(lookEvery / 2)
	put("https.key")
	if !c.Leaf().Equal(first) {
		t.Error("the files are looked at all the time")
	}
	now = now.Add(lookEvery)
	if c.Leaf().Equal(first) {
		t.Error("the new pair is not shown")
	}
	second := c.Leaf()
	if err := os.Remove(filepath.Join(one, "https.crt")); err != nil {
		t.Fatal(err)
	}
	now = now.Add(lookEvery)
	warned := strings.Count(log.text(), "cannot be used")
	for range 3 {
		if !c.Leaf().Equal(second) {
			t.Error("a pair that is gone is no longer shown")
		}
		now = now.Add(lookEvery)
	}
	if again := strings.Count(log.text(), "cannot be used"); again != warned+1 {
		t.Errorf("the fault is told %d times", again-warned)
	}
}

func TestCertificatesThatCannotServeAreRefusedAtStart(t *testing.T) {
	dir := t.TempDir()
	for name, cfg := range map[string]CertConfig{
		"a certificate without a key": {CertFile: "x.crt"},
		"a key without a certificate": {KeyFile: "x.key"},
		"files that are not there":    {CertFile: filepath.Join(dir, "x.crt"), KeyFile: filepath.Join(dir, "x.key")},
		"a folder that is not there":  {StateDir: filepath.Join(dir, "none")},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := LoadCertificate(cfg); err == nil {
				t.Error("loaded")
			}
		})
	}
}
