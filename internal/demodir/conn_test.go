package demodir

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// raw connects without LDAP.
func raw(t *testing.T, s *Server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return conn
}

func TestWhatIsNotLDAPIsAnsweredByANoticeOfDisconnection(t *testing.T) {
	for name, sent := range map[string]string{
		"a web request":          "GET / HTTP/1.1\r\n\r\n",
		"a message too long":     "\x30\x83\xff\xff\xff",
		"a length in too many":   "\x30\x88\xff\xff",
		"an indefinite length":   "\x30\x80",
		"an empty message":       "\x30\x00",
		"an unknown operation":   "\x30\x05\x02\x01\x01\x69\x00",
		"a message id of nought": "\x30\x05\x02\x01\x00\x42\x00",
	} {
		t.Run(name, func(t *testing.T) {
			conn := raw(t, start(t))
			if _, err := io.WriteString(conn, sent); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(conn)
			if !strings.Contains(string(got), "1.3.6.1.4.1.1466.20036") && !strings.Contains(fmt.Sprint(err), "reset") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestConnectionsAreBoundedInNumber(t *testing.T) {
	s := start(t, func(c *Config) { c.MaxConns = 2 })
	one, two := dialBound(t, s), dialBound(t, s)
	if _, err := raw(t, s).Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("a third connection stays: %v", err)
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Search(people("(uid=bob)")); err != nil {
		t.Errorf("the second suffers: %v", err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if conn, err := ldap.DialURL(s.URL()); err == nil {
			bound := conn.Bind(Sample().BindDN, Sample().BindPassword)
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
			if bound == nil {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("the place of a connection that left is not given away")
		}
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	s := start(t, func(c *Config) { c.Idle = 50 * time.Millisecond })
	conn := raw(t, s)
	if _, err := io.WriteString(conn, "\x30\x05\x02"); err != nil { // the start of a request
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); err != nil || len(got) > 0 {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAPanicEndsOneConnectionOnly(t *testing.T) {
	faults := make(chan error, 1)
	s := start(t, func(c *Config) { c.Fault = func(err error) { faults <- err } })
	good, bad := dialBound(t, s), dialBound(t, s)
	s.tree.entries = append(s.tree.entries, nil)
	if _, err := bad.Search(people("(uid=alice)")); err == nil {
		t.Error("the search that panicked has an answer")
	}
	if err := <-faults; !strings.Contains(err.Error(), "nil pointer") {
		t.Errorf("fault is %v", err)
	}
	if err := good.Bind(Sample().BindDN, Sample().BindPassword); err != nil {
		t.Errorf("the other connection suffers: %v", err)
	}
}

func TestCloseEndsEverythingAndMayComeTwice(t *testing.T) {
	s := start(t)
	conn, silent := dialBound(t, s), raw(t, s)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := silent.Read(make([]byte, 1)); err == nil {
		t.Error("a connection outlives the server")
	}
	if _, err := conn.Search(people("(uid=alice)")); err == nil {
		t.Error("a search outlives the server")
	}
	if c, err := net.Dial("tcp", s.Addr()); err == nil {
		t.Errorf("still listening; closing: %v", c.Close())
	}
}
