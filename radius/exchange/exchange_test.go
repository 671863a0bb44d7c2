package exchange

import (
	"context"
	"crypto/md5"
	"errors"
	"net"
	"testing"
	"time"

	codec "layeh.com/radius"
	"layeh.com/radius/rfc2865"
	"layeh.com/radius/rfc2869"
)

var secret = []byte("testing123")

// signed makes a reply as a right server does.
func signed(t *testing.T, request []byte, attrs ...*codec.AVP) []byte {
	t.Helper()
	mac := make(codec.Attribute, 16)
	p := &codec.Packet{Code: codec.CodeAccessChallenge, Identifier: request[1], Secret: secret}
	copy(p.Authenticator[:], request[4:20])
	p.Add(rfc2869.MessageAuthenticator_Type, mac)
	p.Attributes = append(p.Attributes, attrs...)
	octets, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	copy(mac, sum(secret, octets))
	if octets, err = p.Encode(); err != nil {
		t.Fatal(err)
	}
	return octets
}

func request(t *testing.T, r Request) []byte {
	t.Helper()
	octets, err := Encode(codec.New(codec.CodeAccessRequest, secret), r)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func TestARequestCarriesWhatItSays(t *testing.T) {
	octets := request(t, Request{User: "alice", Password: "secret", State: []byte("st"), Extra: codec.Attributes{{Type: 31, Attribute: []byte("x")}}})
	p, err := codec.Parse(octets, secret)
	if err != nil {
		t.Fatal(err)
	}
	if rfc2865.UserName_GetString(p) != "alice" || rfc2865.UserPassword_GetString(p) != "secret" ||
		rfc2865.State_GetString(p) != "st" || rfc2865.CallingStationID_GetString(p) != "x" {
		t.Errorf("%v", p.Attributes)
	}
	if p.Attributes[0].Type != rfc2869.MessageAuthenticator_Type || string(p.Attributes[0].Attribute) != string(sum(secret, octets)) {
		t.Error("not signed")
	}
	unsigned, err := codec.Parse(request(t, Request{User: "alice", Unsigned: true}), secret)
	if err != nil || unsigned.Get(rfc2869.MessageAuthenticator_Type) != nil {
		t.Errorf("signed, %v", err)
	}
	if _, err := Encode(codec.New(codec.CodeAccessRequest, secret), Request{Password: string(make([]byte, 129))}); err == nil {
		t.Error("129 octets of password were taken")
	}
}

func TestOnlyAnAuthenticReplyIsTaken(t *testing.T) {
	asked := request(t, Request{User: "alice", Password: "x"})
	text := []*codec.AVP{{Type: rfc2865.ReplyMessage_Type, Attribute: []byte("Enter ")}, {Type: rfc2865.ReplyMessage_Type, Attribute: []byte("code")}, {Type: rfc2865.State_Type, Attribute: []byte("s")}}
	got, err := Decode(signed(t, asked, text...), asked, secret)
	if err != nil || got.Code != codec.CodeAccessChallenge || got.Text != "Enter code" || string(got.State) != "s" {
		t.Errorf("%+v, %v", got, err)
	}
	change := func(f func(reply []byte)) []byte {
		reply := signed(t, asked, text...)
		f(reply)
		return reply
	}
	resigned := func(f func(p *codec.Packet)) []byte {
		p, err := codec.Parse(asked, secret)
		if err != nil {
			t.Fatal(err)
		}
		r := p.Response(codec.CodeAccessAccept)
		f(r)
		octets, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return octets
	}
	for name, c := range map[string]struct {
		reply []byte
		want  error
	}{
		"another identifier":             {change(func(b []byte) { b[1]++ }), ErrForeign},
		"no packet":                      {[]byte("hello"), ErrForeign},
		"another code":                   {change(func(b []byte) { b[0] = 2 }), ErrForged},
		"another response authenticator": {change(func(b []byte) { b[4] ^= 1 }), ErrForged},
		"another attribute":              {change(func(b []byte) { b[len(b)-1] ^= 1 }), ErrForged},
		"no Message-Authenticator":       {resigned(func(p *codec.Packet) {}), ErrUnsigned},
		"one that is not first": {resigned(func(p *codec.Packet) {
			p.Add(18, []byte("x"))
			p.Add(80, make([]byte, 16))
		}), ErrUnsigned},
		"a wrong one": {resigned(func(p *codec.Packet) { p.Add(80, make([]byte, 16)) }), ErrForged},
	} {
		if _, err := Decode(c.reply, asked, secret); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if _, err := Decode(signed(t, asked), asked, []byte("other")); !errors.Is(err, ErrForged) {
		t.Errorf("another secret: %v", err)
	}
}

// serveOnce answers the nth datagram, after one that answers nothing.
func serveOnce(t *testing.T, nth int) net.Addr {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	go func() {
		datagram := make([]byte, 4096)
		for i := 1; ; i++ {
			n, from, err := conn.ReadFrom(datagram)
			if err != nil {
				return
			}
			if i < nth {
				continue
			}
			for _, reply := range [][]byte{make([]byte, md5.Size), signed(t, datagram[:n])} {
				if _, err := conn.WriteTo(reply, from); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	return conn.LocalAddr()
}

func TestARequestIsSentAgainAndGivenUp(t *testing.T) {
	addr := serveOnce(t, 3).String()
	c := Client{Addr: addr, Secret: secret, Timeout: 30 * time.Millisecond, Tries: 2}
	if _, err := c.Do(t.Context(), Request{User: "alice"}); !isTimeout(err) {
		t.Errorf("two tries: %v", err)
	}
	c.Timeout = 2 * time.Second
	if got, err := c.Do(t.Context(), Request{User: "alice"}); err != nil || got.Code != codec.CodeAccessChallenge {
		t.Errorf("the third: %v, %v", got.Code, err)
	}
}

func TestTheContextEndsTheWait(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	c := Client{Addr: serveOnce(t, 1<<30).String(), Secret: secret, Timeout: 5 * time.Second}
	if _, err := c.Do(ctx, Request{User: "alice"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
