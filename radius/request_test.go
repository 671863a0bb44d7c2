package radius

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	codec "layeh.com/radius"
	"layeh.com/radius/rfc2865"
	"layeh.com/radius/rfc2868"
	"layeh.com/radius/rfc2869"
	"layeh.com/radius/rfc6911"
	"twofold/core"
	"twofold/radius/exchange"
)

func avp(kind codec.Type, value string) *codec.AVP {
	return &codec.AVP{Type: kind, Attribute: codec.Attribute(value)}
}

// read takes a packet as far as core.
func read(t testing.TB, client Client, packet []byte) (core.Attempt, core.Reason, bool) {
	t.Helper()
	about, ok := look(packet)
	if !ok {
		t.Fatal("malformed")
	}
	secret, why := client.verify(packet, about)
	if why != kept {
		t.Fatal(why)
	}
	r := request{client: &client, secret: secret, packet: packet, peer: netip.MustParseAddrPort("[::ffff:10.1.0.5]:3000")}
	attrs, ok := r.attributes()
	if !ok {
		return core.Attempt{}, 0, false
	}
	at, reason := r.attempt(attrs)
	if r.secret == nil {
		t.Error("no secret for the reply")
	}
	return at, reason, true
}

func TestAnAccessRequestBecomesAnAttempt(t *testing.T) {
	for name, c := range map[string]struct {
		ask  exchange.Request
		want core.Attempt
	}{
		"a first leg": {
			exchange.Request{User: `CORP\alice`, Password: "secret123456"},
			core.Attempt{User: `CORP\alice`, Password: "secret123456"},
		},
		"the answer to a challenge": {
			exchange.Request{User: "alice", Password: "123456", State: []byte("s\x00t")},
			core.Attempt{User: "alice", Code: "123456", State: []byte("s\x00t")},
		},
		"a static challenge of OpenVPN": {
			exchange.Request{User: "alice", Password: "SCRV1:c2VjcmV0:MTIzNDU2"},
			core.Attempt{User: "alice", Password: "secret", Code: "123456"},
		},
		"which is nothing special in an answer": {
			exchange.Request{User: "alice", Password: "SCRV1:c2VjcmV0:MTIzNDU2", State: []byte("s")},
			core.Attempt{User: "alice", Code: "SCRV1:c2VjcmV0:MTIzNDU2", State: []byte("s")},
		},
		"an empty password": {exchange.Request{User: "alice"}, core.Attempt{User: "alice"}},
		"a name as it was typed": {
			exchange.Request{User: " Älice ", Password: "x"}, core.Attempt{User: " Älice ", Password: "x"},
		},
		"attributes that nobody knows are ignored": {
			exchange.Request{User: "alice", Password: "x", Extra: codec.Attributes{avp(250, "?"), avp(26, "\x00\x00\x01"), avp(26, "")}},
			core.Attempt{User: "alice", Password: "x"},
		},
	} {
		got, why, ok := read(t, localClient(), encode(t, 1, c.ask))
		c.want.Place.NAS = netip.MustParseAddr("10.1.0.5")
		if why != core.NoReason || !ok {
			t.Errorf("%s: refused: %v", name, why)
		}
		if got.Client == nil || got.Client.Name != "vpn" || len(got.ID) != 16 {
			t.Errorf("%s: client %v, id %q", name, got.Client, got.ID)
		}
		if d := cmp.Diff(c.want, got, cmpopts.IgnoreFields(core.Attempt{}, "Client", "ID"), cmpopts.EquateComparable(netip.Addr{})); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// bare writes a request with none but the given attributes.
func bare(t testing.TB, attrs ...*codec.AVP) []byte {
	t.Helper()
	p := &codec.Packet{Code: codec.CodeAccessRequest, Identifier: 3, Secret: []byte(testSecret)}
	copy(p.Authenticator[:], nonce)
	p.Add(rfc2869.MessageAuthenticator_Type, make(codec.Attribute, 16))
	p.Attributes = append(p.Attributes, attrs...)
	octets, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	NewSecret(p.Secret).authenticate((*[16]byte)(octets[22:38]), octets, 22)
	return octets
}

func TestWhatCannotBeJudgedIsRefusedWithItsReason(t *testing.T) {
	user := avp(rfc2865.UserName_Type, "alice")
	hide16 := func(s string) *codec.AVP { return avp(rfc2865.UserPassword_Type, string(hide(t, []byte(s)))) }
	password := hide16("secret\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	state := avp(rfc2865.State_Type, "s")
	chap := avp(rfc2865.CHAPPassword_Type, strings.Repeat("c", 17))
	for name, c := range map[string]struct {
		attrs codec.Attributes
		want  core.Reason
	}{
		"password":                     {codec.Attributes{user, password}, core.NoReason},
		"no name":                      {codec.Attributes{password}, core.UnknownUser},
		"an empty name":                {codec.Attributes{avp(1, ""), password}, core.UnknownUser},
		"a name that is no text":       {codec.Attributes{avp(1, "al\xffce"), password}, core.UnknownUser},
		"a name with a NUL":            {codec.Attributes{avp(1, "alice\x00x"), password}, core.UnknownUser},
		"CHAP":                         {codec.Attributes{user, chap}, core.MethodUnsupported},
		"CHAP beside a password":       {codec.Attributes{user, password, chap}, core.MethodUnsupported},
		"CHAP beside a state":          {codec.Attributes{user, state, chap}, core.MethodUnsupported},
		"MS-CHAP":                      {codec.Attributes{user, avp(26, microsoft+"\x01\x34")}, core.MethodUnsupported},
		"MS-CHAPv2 beside a password":  {codec.Attributes{user, password, avp(26, microsoft+"\x19\x34")}, core.MethodUnsupported},
		"EAP":                          {codec.Attributes{user, avp(79, "\x02\x07\x00\x06\x01a")}, core.MethodUnsupported},
		"EAP beside a password":        {codec.Attributes{user, password, avp(79, "")}, core.MethodUnsupported},
		"ARAP":                         {codec.Attributes{user, avp(70, strings.Repeat("a", 16))}, core.MethodUnsupported},
		"Digest":                       {codec.Attributes{user, avp(103, "d")}, core.MethodUnsupported},
		"nothing":                      {codec.Attributes{user}, core.MethodUnsupported},
		"an answer of nothing":         {codec.Attributes{user, state}, core.NoReason},
		"another vendor's attribute":   {codec.Attributes{user, password, avp(26, "\x00\x00\x00\x09\x01\x34")}, core.NoReason},
		"Microsoft's other attributes": {codec.Attributes{user, password, avp(26, microsoft+"\x0b\x12")}, core.NoReason},
		"15 octets of password":        {codec.Attributes{user, avp(2, strings.Repeat("x", 15))}, core.UnusablePassword},
		"no octets of password":        {codec.Attributes{user, avp(2, "")}, core.UnusablePassword},
		"144 octets of password":       {codec.Attributes{user, avp(2, strings.Repeat("x", 144))}, core.UnusablePassword},
		"a NUL in the password":        {codec.Attributes{user, hide16("sec\x00ret123456789")}, core.UnusablePassword},
		"Latin-1 in the password":      {codec.Attributes{user, hide16("p\xe4ssword12345678")}, core.UnusablePassword},
	} {
		at, why, ok := read(t, localClient(), bare(t, c.attrs...))
		if why != c.want || !ok {
			t.Errorf("%s: got %v, want %v", name, why, c.want)
		}
		if why != core.NoReason && (at.Password != "" || at.Code != "") {
			t.Errorf("%s: something to bind with was handed on", name)
		}
	}
}

func TestWhatMayStandOnceMakesThePacketMalformedTwice(t *testing.T) {
	for kind, value := range map[codec.Type]string{1: "alice", 2: strings.Repeat("x", 16), 3: strings.Repeat("x", 17), 24: "s"} {
		if _, _, ok := read(t, localClient(), bare(t, avp(kind, value), avp(kind, value))); ok {
			t.Errorf("attribute %d was taken twice", kind)
		}
	}
	if _, _, ok := read(t, localClient(), bare(t, avp(1, "alice"), avp(24, ""))); ok {
		t.Error("an empty State was taken")
	}
}

func TestThePersonsAddressComesFromWhereTheClientIsTrusted(t *testing.T) {
	all := codec.Attributes{
		avp(rfc2865.CallingStationID_Type, "192.0.2.1"),
		avp(rfc2865.FramedIPAddress_Type, "\xc0\x00\x02\x02"),
		avp(rfc6911.FramedIPv6Address_Type, string(netip.MustParseAddr("2001:db8::3").AsSlice())),
		avp(rfc2868.TunnelClientEndpoint_Type, "\x01192.0.2.4"),
	}
	for name, want := range map[string]string{
		"": "invalid IP", "Calling-Station-Id": "192.0.2.1", "Framed-IP-Address": "192.0.2.2",
		"Framed-IPv6-Address": "2001:db8::3", "Tunnel-Client-Endpoint": "192.0.2.4",
	} {
		client := localClient()
		client.TrustAddressFrom = name
		at, _, _ := read(t, client, bare(t, all...))
		if at.Place.Person.String() != want {
			t.Errorf("%q: got %v, want %s", name, at.Place.Person, want)
		}
	}
}

func TestOnlyAnAddressIsAnAddress(t *testing.T) {
	for value, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "192.0.2.1:4711": "192.0.2.1", "2001:db8::1": "2001:db8::1", "[2001:db8::1]:500": "2001:db8::1",
		"::ffff:192.0.2.1": "192.0.2.1", "00-11-22-33-44-55": "invalid IP", "00:11:22:33:44:55": "invalid IP",
		"+49301234": "invalid IP", "": "invalid IP", "192.0.2.1 ": "invalid IP", "192.0.2.1/24": "invalid IP", "0.0.0.0": "invalid IP",
		"fe80::1%eth0": "invalid IP", "224.0.0.1": "invalid IP", "192.0.2.256": "invalid IP", "vpn.example.com": "invalid IP",
	} {
		attrs := codec.Attributes{avp(rfc2865.CallingStationID_Type, value)}
		if got := addressIn["Calling-Station-Id"](attrs); got.String() != want {
			t.Errorf("%q: got %v, want %s", value, got, want)
		}
	}
	twice := codec.Attributes{avp(31, "192.0.2.1"), avp(31, "192.0.2.2")}
	if got := addressIn["Calling-Station-Id"](twice); got.IsValid() {
		t.Errorf("two addresses: got %v", got)
	}
	if got := addressIn["Framed-IP-Address"](codec.Attributes{avp(8, "\x0a\x00\x00")}); got.IsValid() {
		t.Errorf("three octets: got %v", got)
	}
}
