//go:build integration

package radius

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"twofold/core"
	"twofold/internal/lab"
)

func radclient(t *testing.T, s *Server) *lab.RadClient {
	c := lab.NewRadClient(t, s.ReadyAddrs()[0].String(), testSecret)
	c.Timeout = time.Second
	return c
}

func TestDebiansRadclientLogsIn(t *testing.T) {
	s := serve(t, accepting(), nil)
	c := radclient(t, s)
	if r := c.Login(t, "alice", "secret123456"); !r.Accepted() {
		t.Errorf("password and code: %+v", r)
	}
	if r := c.Login(t, "alice", "wrong"); !r.Rejected() || r.Get("Reply-Message") != "Login refused." {
		t.Errorf("wrong password: %+v", r)
	}
	first := c.Login(t, "alice", "secret")
	if !first.Challenged() || first.Get("State") != "0x"+hex.EncodeToString([]byte("state-1")) || first.Get("Prompt") != "Echo" {
		t.Fatalf("password alone: %+v", first)
	}
	if r := c.Answer(t, first, "alice", "123456"); !r.Accepted() {
		t.Errorf("code: %+v", r)
	}
	if r := c.Status(t); !r.Accepted() {
		t.Errorf("Status-Server: %+v", r)
	}
}

func TestDebiansRadclientGetsItsProxyStatesBack(t *testing.T) {
	c := radclient(t, serve(t, accepting(), nil))
	r := c.Login(t, "alice", "secret123456", lab.RadAttr{Name: "Proxy-State", Value: "0x01"}, lab.RadAttr{Name: "Proxy-State", Value: "0x02"})
	if got := strings.Join(r.Attrs["Proxy-State"], " "); !r.Accepted() || got != "0x01 0x02" {
		t.Errorf("%+v", r)
	}
}

func TestDebiansRadclientIsDroppedWithoutMessageAuthenticator(t *testing.T) {
	s := serve(t, accepting(), nil)
	c := radclient(t, s)
	c.Timeout, c.NoMessageAuthenticator = 300*time.Millisecond, true
	if r := c.Login(t, "alice", "secret123456"); !r.Dropped() || dropped(s, Unsigned) != 1 {
		t.Errorf("%+v", r)
	}
	relaxed := localClient()
	relaxed.RequireMessageAuthenticator = false
	if err := s.Swap(Rules{Clients: []Client{relaxed}}); err != nil {
		t.Fatal(err)
	}
	if r := c.Login(t, "alice", "secret123456"); !r.Accepted() {
		t.Errorf("not required: %+v", r)
	}
	if r := c.Login(t, "alice", "secret123456", lab.RadAttr{Name: "Proxy-State", Value: "0x01"}); !r.Dropped() || dropped(s, UnsignedProxied) != 1 {
		t.Errorf("not required, proxied: %+v", r)
	}
}

func TestDebiansRadclientIsRefusedWithCHAPAndMSCHAP(t *testing.T) {
	s := serve(t, always(core.Decision{Result: core.Accept}), nil)
	c := radclient(t, s)
	for _, method := range []string{"CHAP-Password", "MS-CHAP-Password"} {
		if r := c.Send(t, lab.RadAttr{Name: "User-Name", Value: "alice"}, lab.RadAttr{Name: method, Value: "secret123456"}); !r.Rejected() {
			t.Errorf("%s: %+v", method, r)
		}
	}
}

func TestPamRadiusAuthLogsInByAppendAndByChallenge(t *testing.T) {
	s := serve(t, accepting(), func(c *Config) { c.Rules.Clients[0].RequireMessageAuthenticator = false })
	pam := lab.NewPAM(t, s.ReadyAddrs()[0].String(), testSecret)
	for name, c := range map[string]struct {
		answers []string
		want    bool
	}{
		"password and code":         {[]string{"secret123456"}, true},
		"password, then code":       {[]string{"secret", "123456"}, true},
		"password, then wrong code": {[]string{"secret", "654321"}, false},
		"wrong password":            {[]string{"wrong"}, false},
	} {
		if ok, said := pam.Login(t, "alice", c.answers...); ok != c.want {
			t.Errorf("%s: %v: %s", name, ok, said)
		}
	}
}
