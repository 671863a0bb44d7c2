package radius

import (
	"net/netip"
	"testing"

	"twofold/core"
	"twofold/radius/exchange"
)

// FuzzPacket takes arbitrary datagrams as far as a reply. Nothing may panic;
// what is believed must have an attempt that core can take and a reply that
// its asker can verify.
func FuzzPacket(f *testing.F) {
	f.Add([]byte{}, false)
	f.Add(unhex(f, rfc2865Request), false)
	f.Add(unhex(f, rfc5997Request), true)
	f.Add(encode(f, 1, exchange.Request{User: "alice", Password: "secret123456"}), true)
	f.Add(encode(f, 1, exchange.Request{User: "alice", Password: "123456", State: []byte("state")}), true)
	f.Add(added(f, false, proxied, eapStart), true)
	f.Add(added(f, true, proxied), false)
	f.Add(bare(f, avp(1, "alice"), avp(26, microsoft+"\x19\x34"), avp(31, "192.0.2.1:5")), true)
	client := localClient()
	client.TrustAddressFrom = "Calling-Station-Id"
	table, err := newTable(Rules{Clients: []Client{client}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, datagram []byte, required bool) {
		c := client
		c.RequireMessageAuthenticator = required
		packet, secret, why := c.believe(datagram)
		if why != kept {
			if secret != nil {
				t.Fatal("a dropped packet has a secret")
			}
			return
		}
		judgeFuzzed(t, &request{client: &c, table: table, secret: secret, packet: packet, peer: netip.MustParseAddrPort("127.0.0.1:1")})
	})
}

func judgeFuzzed(t *testing.T, r *request) {
	attrs, ok := r.attributes()
	if !ok {
		return
	}
	at, why := r.attempt(attrs)
	if len(at.Password)+len(at.Code) > core.MaxPassword || !isText([]byte(at.Password+at.Code)) {
		t.Fatalf("password of %d octets and code of %d", len(at.Password), len(at.Code))
	}
	if why == core.NoReason && (at.User == "" || !isText([]byte(at.User))) {
		t.Fatalf("user %q", at.User)
	}
	for _, d := range []core.Decision{{Result: core.Accept}, {Result: core.Reject}, {Result: core.Challenge, Ask: core.Ask{State: []byte("s")}}} {
		reply, err := r.encode(d, attrs)
		if err != nil {
			continue // too long
		}
		if _, err := exchange.Decode(reply, r.packet, r.secret.octets); err != nil {
			t.Fatalf("%v: %v", d.Result, err)
		}
	}
}
