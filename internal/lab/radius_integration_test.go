//go:build integration

package lab

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"layeh.com/radius"
	"layeh.com/radius/rfc2865"
	"layeh.com/radius/rfc2869"
)

const secret = "s3cret of the lab"

// seen is what the stub server below was sent.
type seen struct {
	mu      sync.Mutex
	packets []*radius.Packet
	from    string
}

func (s *seen) last() *radius.Packet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.packets[len(s.packets)-1]
}

// stub answers as answer says; nil drops.
func stub(t *testing.T, secret string, answer func(*radius.Packet) *radius.Packet) (string, *seen) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &seen{}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			p, err := radius.Parse(append([]byte(nil), buf[:n]...), []byte(secret))
			if err != nil {
				continue
			}
			s.mu.Lock()
			s.packets, s.from = append(s.packets, p), from.String()
			s.mu.Unlock()
			if r := answer(p); r != nil {
				if b, err := r.Encode(); err == nil {
					conn.WriteTo(b, from)
				}
			}
		}
	}()
	return conn.LocalAddr().String(), s
}

// twoLegs challenges a right password and accepts code 123456 with its State.
func twoLegs(p *radius.Packet) *radius.Packet {
	password := rfc2865.UserPassword_GetString(p)
	switch {
	case password == "drop":
		return nil
	case password == "append123456":
		return p.Response(radius.CodeAccessAccept)
	case len(p.Get(rfc2865.State_Type)) == 0 && password == "correct horse":
		r := p.Response(radius.CodeAccessChallenge)
		rfc2865.State_Set(r, []byte{0, 1, 0xff})
		rfc2865.ReplyMessage_SetString(r, `Enter the "code":`)
		return r
	case string(rfc2865.State_Get(p)) == "\x00\x01\xff" && password == "123456":
		return p.Response(radius.CodeAccessAccept)
	}
	return p.Response(radius.CodeAccessReject)
}

func TestRadClient(t *testing.T) {
	addr, _ := stub(t, secret, twoLegs)
	c := NewRadClient(t, addr, secret)
	c.Timeout = 300 * time.Millisecond
	if r := c.Login(t, "alice", "wrong"); !r.Rejected() {
		t.Errorf("a wrong password: %+v", r)
	}
	if r := c.Login(t, "alice", "append123456"); !r.Accepted() {
		t.Errorf("password and code: %+v", r)
	}
	if r := c.Login(t, "alice", "drop"); !r.Dropped() {
		t.Errorf("no answer: %+v", r)
	}
	r := c.Login(t, "alice", "correct horse")
	if !r.Challenged() || r.Get("Reply-Message") != `Enter the "code":` || r.Get("State") != "0x0001ff" {
		t.Fatalf("a right password: %+v", r)
	}
	if r := c.Answer(t, r, "alice", "123456"); !r.Accepted() {
		t.Errorf("the code: %+v", r)
	}
}

func TestRadClientSendsWhatItIsGiven(t *testing.T) {
	addr, seen := stub(t, secret, twoLegs)
	c := NewRadClient(t, addr, secret)
	for _, password := range []string{`a"b\c`, "100%{User-Name}", "grün €", "tab\tnl\nend", "0x41", " lead and trail ", "\xff\xfe", "'q'"} {
		c.Login(t, `CORP\alice`, password, RadAttr{"NAS-IP-Address", "192.0.2.1"}, RadAttr{"Calling-Station-Id", "198.51.100.7"})
		p := seen.last()
		if got := rfc2865.UserPassword_GetString(p); got != password {
			t.Errorf("password %q arrived as %q", password, got)
		}
		if got := rfc2865.UserName_GetString(p); got != `CORP\alice` {
			t.Errorf("name arrived as %q", got)
		}
		if got := rfc2865.NASIPAddress_Get(p).String(); got != "192.0.2.1" {
			t.Errorf("NAS-IP-Address arrived as %s", got)
		}
		if _, err := rfc2869.MessageAuthenticator_Lookup(p); err != nil {
			t.Errorf("Message-Authenticator: %v", err)
		}
	}
	c.NoMessageAuthenticator = true
	c.Login(t, "alice", "x")
	if _, err := rfc2869.MessageAuthenticator_Lookup(seen.last()); err == nil {
		t.Error("a Message-Authenticator that nobody asked for")
	}
}

func TestRadClientSendsFromTheAddressItIsTold(t *testing.T) {
	addr, seen := stub(t, secret, twoLegs)
	c := NewRadClient(t, addr, secret)
	c.Source = "127.0.0.9"
	if r := c.Login(t, "alice", "append123456"); !r.Accepted() {
		t.Errorf("%+v", r)
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if !strings.HasPrefix(seen.from, "127.0.0.9:") {
		t.Errorf("sent from %s", seen.from)
	}
}

func TestPAM(t *testing.T) {
	addr, seen := stub(t, "no-spaces", twoLegs)
	p := NewPAM(t, addr, "no-spaces")
	for _, tt := range []struct {
		name    string
		ok      bool
		answers []string
	}{
		{"an appended code logs in", true, []string{"append123456"}},
		{"a challenge is answered", true, []string{"correct horse", "123456"}},
		{"a wrong answer fails", false, []string{"correct horse", "654321"}},
		{"a missing answer fails", false, []string{"correct horse"}},
		{"a wrong password fails", false, []string{"wrong"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ok, said := p.Login(t, "alice", tt.answers...)
			if ok != tt.ok {
				t.Errorf("ok %v, want %v: %s", ok, tt.ok, said)
			}
		})
	}
	if _, err := rfc2869.MessageAuthenticator_Lookup(seen.last()); err == nil {
		t.Error("pam_radius_auth sends a Message-Authenticator now: say so in PAM's comment")
	}
}
