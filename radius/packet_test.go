package radius

import (
	"bytes"
	"encoding/hex"
	"testing"

	codec "layeh.com/radius"
	"layeh.com/radius/rfc2865"
	"layeh.com/radius/rfc2869"
	"twofold/core"
	"twofold/radius/exchange"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The examples of RFC 2865 section 7.1 and RFC 5997 section 6.1; secret xyzzy5461.
const (
	rfc2865Request = "010000380f403f9473978057bd83d5cb98f4227a01066e656d6f02120dbe708d93d413ce3196e43f782a0aee0406c0a80110050600000003"
	rfc5997Request = "0cda00268a54f4686fb394c52866e302185d062350125a665e2e1e8411f3e243822097c84fa3"
)

func TestTheHeaderIsCheckedAndPaddingCutOff(t *testing.T) {
	whole := encode(t, 1, exchange.Request{User: "alice", Password: "x"})
	lengthOf := func(n int) []byte {
		b := bytes.Clone(whole)
		b[2], b[3] = byte(n>>8), byte(n)
		return b
	}
	for name, c := range map[string]struct {
		datagram []byte
		want     int // 0: refused
	}{
		"a whole packet is taken":                         {whole, len(whole)},
		"padding behind it is ignored":                    {append(bytes.Clone(whole), 0, 0, 0), len(whole)},
		"a datagram shorter than its packet says is none": {whole[:len(whole)-1], 0},
		"an empty datagram is none":                       {nil, 0},
		"19 octets are none":                              {whole[:19], 0},
		"a length below 20 is none":                       {lengthOf(19), 0},
		"a length of 20 is a packet":                      {lengthOf(20), 20},
		"a length above 4096 is none":                     {append(lengthOf(4097), make([]byte, 4200)...), 0},
		"a length of 4096 is a packet":                    {append(lengthOf(4096), make([]byte, 4096)...), 4096},
	} {
		got, ok := trim(c.datagram)
		if ok != (c.want > 0) || len(got) != c.want {
			t.Errorf("%s: got %d octets, %v", name, len(got), ok)
		}
	}
}

func TestAttributesMustFillThePacket(t *testing.T) {
	header := make([]byte, headerLen)
	for name, c := range map[string]struct {
		attrs string
		want  bool
	}{
		"none at all":                           {"", true},
		"one":                                   {"0103" + "61", true},
		"one of no value":                       {"0102", true},
		"a length of 0 would never end":         {"0100", false},
		"a length of 1":                         {"0101", false},
		"a type without length":                 {"010361" + "01", false},
		"a value that ends early":               {"0105" + "61", false},
		"a Message-Authenticator of 15 octets":  {"5011" + "000000000000000000000000000000", false},
		"a Message-Authenticator of 16 octets":  {"5012" + "00000000000000000000000000000000", true},
		"an unknown attribute (RFC 5080 2.5)":   {"fa0461" + "61", true},
		"a Message-Authenticator of no octets":  {"5002", false},
		"a Message-Authenticator of 17 octets":  {"5013" + "0000000000000000000000000000000000", false},
		"a good attribute before a broken one":  {"010361" + "0200", false},
		"a broken one hidden in a value is not": {"0104" + "0200", true},
	} {
		if _, ok := look(append(bytes.Clone(header), unhex(t, c.attrs)...)); ok != c.want {
			t.Errorf("%s: got %v", name, ok)
		}
	}
}

func TestTheExamplesOfTheRFCsAreRead(t *testing.T) {
	c := localClient()
	c.Secrets = []*Secret{NewSecret([]byte("xyzzy5461"))}
	c.RequireMessageAuthenticator = false
	status := unhex(t, rfc5997Request)
	about, _ := look(status)
	if _, why := c.verify(status, about); why != kept {
		t.Errorf("RFC 5997: %v", why)
	}
	r := request{client: &c, packet: unhex(t, rfc2865Request)}
	about, _ = look(r.packet)
	r.secret, _ = c.verify(r.packet, about)
	attrs, _ := r.attributes()
	at, why := r.attempt(attrs)
	if at.User != "nemo" || at.Password != "arctangent" || why != core.NoReason {
		t.Errorf("RFC 2865: %q, password right: %v, %v", at.User, at.Password == "arctangent", why)
	}
}

// added puts attributes behind those of a request without a Message-Authenticator.
func added(t testing.TB, unsigned bool, extra ...*codec.AVP) []byte {
	return encode(t, 9, exchange.Request{User: "alice", Password: "x", Unsigned: unsigned, Extra: extra})
}

var (
	proxied  = &codec.AVP{Type: rfc2865.ProxyState_Type, Attribute: codec.Attribute("hop")}
	eapStart = &codec.AVP{Type: rfc2869.EAPMessage_Type, Attribute: codec.Attribute{2, 7, 0, 6, 1, 'a'}}
	otherMAC = &codec.AVP{Type: rfc2869.MessageAuthenticator_Type, Attribute: make(codec.Attribute, 16)}
)

func TestOnlyABelievablePacketIsKept(t *testing.T) {
	wrong := added(t, false)
	wrong[22] ^= 1
	changed := added(t, false)
	changed[len(changed)-1] ^= 1
	status := encode(t, 9, exchange.Request{Code: codec.CodeStatusServer})
	unsignedStatus := encode(t, 9, exchange.Request{Code: codec.CodeStatusServer, Unsigned: true})
	for name, c := range map[string]struct {
		packet            []byte
		required, relaxed DropReason
	}{
		"signed":                              {added(t, false), kept, kept},
		"signed and proxied":                  {added(t, false, proxied), kept, kept},
		"signed EAP":                          {added(t, false, eapStart), kept, kept},
		"wrongly signed":                      {wrong, WrongMAC, WrongMAC},
		"changed after it was signed":         {changed, WrongMAC, WrongMAC},
		"signed twice":                        {added(t, false, otherMAC), Malformed, Malformed},
		"unsigned":                            {added(t, true), Unsigned, kept},
		"unsigned and proxied (Blast-RADIUS)": {added(t, true, proxied), Unsigned, UnsignedProxied},
		"unsigned EAP (RFC 3579 3.2)":         {added(t, true, eapStart), Unsigned, UnsignedEAP},
		"all zero":                            {added(t, true, otherMAC), WrongMAC, WrongMAC},
		"signed Status-Server":                {status, kept, kept},
		"unsigned Status-Server (RFC 5997 3)": {unsignedStatus, Unsigned, Unsigned},
	} {
		about, ok := look(c.packet)
		if !ok {
			t.Fatalf("%s: malformed", name)
		}
		client := localClient()
		if _, got := client.verify(c.packet, about); got != c.required {
			t.Errorf("%s, required: got %v, want %v", name, got, c.required)
		}
		client.RequireMessageAuthenticator = false
		if _, got := client.verify(c.packet, about); got != c.relaxed {
			t.Errorf("%s, not required: got %v, want %v", name, got, c.relaxed)
		}
	}
}

func TestTheMessageAuthenticatorTellsWhichSecretIsMeant(t *testing.T) {
	packet := added(t, false)
	about, _ := look(packet)
	client := localClient()
	right := client.Secrets[0]
	client.Secrets = []*Secret{NewSecret([]byte("new")), right, NewSecret([]byte("older"))}
	if got, why := client.verify(packet, about); got != right || why != kept {
		t.Errorf("one of three: %v", why)
	}
	client.Secrets = []*Secret{NewSecret([]byte("new")), NewSecret([]byte("older"))}
	if _, why := client.verify(packet, about); why != WrongMAC {
		t.Errorf("none of two: %v", why)
	}
}

func TestWithoutItThePasswordTells(t *testing.T) {
	packet := added(t, true)
	client := localClient()
	client.RequireMessageAuthenticator = false
	right := client.Secrets[0]
	client.Secrets = []*Secret{NewSecret([]byte("new")), right}
	r := request{client: &client, packet: packet}
	attrs, _ := r.attributes()
	at, why := r.attempt(attrs)
	if at.Password != "x" || r.secret != right || why != core.NoReason {
		t.Errorf("second secret: %v", why)
	}
}
