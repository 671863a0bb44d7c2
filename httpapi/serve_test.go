package httpapi

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
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

func TestI12_ConnectionsAreBoundedInAllAndBySource(t *testing.T) {
	proxy := address("10.0.0.1")
	l := newBoundedListener(nil, func(a netip.Addr) bool { return a == proxy })
	enter := func(from string, times int) (n int) {
		for range times {
			if l.enter(address(from)) {
				n++
			}
		}
		return n
	}
	if n := enter("192.0.2.1", 300); n != maxConnsSource {
		t.Errorf("one address has %d connections", n)
	}
	if n := enter("2001:db8::1", 200) + enter("2001:db8::2", 200); n != maxConnsSource {
		t.Errorf("one IPv6 network has %d connections", n)
	}
	if n := enter("10.0.0.1", 3*maxConns); n != maxConns-2*maxConnsSource {
		t.Errorf("a trusted proxy has %d connections", n)
	}
	if enter("192.0.2.2", 1) != 0 {
		t.Error("there is no end to connections")
	}
	l.leave(address("192.0.2.1"))
	if enter("192.0.2.2", 2) != 1 {
		t.Error("a place was not given back, or twice")
	}
}

func TestIdleSocketConnectionsBeyondTheBoundAreHungUpOn(t *testing.T) {
	s := newSite(t, nil)
	var idle []net.Conn
	for range maxLocal {
		conn, err := net.Dial("unix", s.socket.socket)
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, conn)
	}
	other := Dial(s.socket.socket)
	defer other.Close()
	if _, err := other.Status(t.Context()); err == nil {
		t.Error("one more is served")
	}
	for _, conn := range idle {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	deadline := time.Now().Add(5 * time.Second)
	for {
		if _, err := other.Status(t.Context()); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("places are not given back")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
