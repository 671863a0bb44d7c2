package radius

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	codec "layeh.com/radius"
	"layeh.com/radius/rfc2865"
	"layeh.com/radius/rfc2869"
	"twofold/core"
	"twofold/radius/exchange"
)

func replyTo(t testing.TB, packet []byte, d core.Decision, rules Rules) []byte {
	t.Helper()
	client := localClient()
	rules.Clients = []Client{client}
	table, err := newTable(rules)
	if err != nil {
		t.Fatal(err)
	}
	r := request{client: &client, table: table, secret: client.Secrets[0], packet: packet}
	attrs, ok := r.attributes()
	if !ok {
		t.Fatal("malformed")
	}
	reply, err := r.encode(d, attrs)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func types(attrs codec.Attributes) (all []codec.Type) {
	for _, a := range attrs {
		all = append(all, a.Type)
	}
	return all
}

// The octets were computed apart from this program, with Python's hmac and hashlib.
func TestRepliesAreTheSameOctetsForEver(t *testing.T) {
	request := encode(t, 7, exchange.Request{User: "alice", Password: "x", Extra: codec.Attributes{avp(33, "p1"), avp(33, "p2")}})
	rules := Rules{Texts: Texts{Reject: "no", Code: "code?"}, ChallengeTTL: 2 * time.Minute}
	for name, c := range map[string]struct {
		d    core.Decision
		want string
	}{
		"accept":    {core.Decision{Result: core.Accept}, goldenAccept},
		"reject":    {core.Decision{Result: core.Reject}, goldenReject},
		"challenge": {core.Decision{Result: core.Challenge, Ask: core.Ask{State: []byte("st")}}, goldenChallenge},
	} {
		if got := replyTo(t, request, c.d, rules); !bytes.Equal(got, unhex(t, c.want)) {
			t.Errorf("%s: %x", name, got)
		}
	}
}

func TestMessageAuthenticatorIsFirstInEveryReply(t *testing.T) {
	request := encode(t, 7, exchange.Request{User: "alice", Password: "x", Extra: codec.Attributes{avp(33, "p")}})
	for _, d := range []core.Decision{{Result: core.Accept}, {Result: core.Reject}, {Result: core.Challenge, Ask: core.Ask{State: []byte("s")}}} {
		reply := replyTo(t, request, d, Rules{})
		if got := decode(t, reply, request); got.Attributes[0].Type != rfc2869.MessageAuthenticator_Type {
			t.Errorf("%v: %v", d.Result, types(got.Attributes))
		}
		reply[22] ^= 1
		if _, err := exchange.Decode(reply, request, []byte(testSecret)); err == nil {
			t.Errorf("%v: a changed one verifies", d.Result)
		}
	}
}

func TestProxyStatesComeBackUnmodifiedAndInOrder(t *testing.T) {
	extra := codec.Attributes{avp(33, "one"), avp(31, "x"), avp(33, ""), avp(33, "\x00\xff"), avp(33, "one")}
	request := encode(t, 7, exchange.Request{User: "alice", Password: "x", Extra: extra})
	got := decode(t, replyTo(t, request, core.Decision{Result: core.Reject}, Rules{}), request)
	var states []string
	for _, a := range got.Attributes {
		if a.Type == rfc2865.ProxyState_Type {
			states = append(states, string(a.Attribute))
		}
	}
	if strings.Join(states, "|") != "one||\x00\xff|one" {
		t.Errorf("%q", states)
	}
}

func TestI08_AllRefusalsLookTheSame(t *testing.T) {
	request := encode(t, 7, exchange.Request{User: "alice", Password: "x"})
	want := replyTo(t, request, core.Decision{Result: core.Reject, Reason: core.UnknownUser}, Rules{})
	for reason := core.Reason(2001); reason <= 2040; reason++ {
		d := core.Decision{Result: core.Reject, Reason: reason, Who: core.Identity{Login: "alice"}, Ask: core.Ask{State: []byte("s"), Key: "k"}}
		if got := replyTo(t, request, d, Rules{}); !bytes.Equal(got, want) {
			t.Errorf("reason %d: %x", reason, got)
		}
	}
}

func TestAChallengeCarriesWhatTheAnswerNeeds(t *testing.T) {
	request := encode(t, 7, exchange.Request{User: "alice", Password: "x"})
	rules := Rules{Texts: Texts{Code: "code", NextCode: "next", Enrol: "{key} {uri}"}, ChallengeTTL: 90 * time.Second}
	for want, ask := range map[string]core.Ask{
		"code": {For: core.AskCode}, "next": {For: core.AskNextCode}, "ABCD EFGH otpauth://x": {For: core.AskEnrol, Key: "ABCD EFGH", URI: "otpauth://x"},
	} {
		ask.State = bytes.Repeat([]byte{0}, 253)
		got := decode(t, replyTo(t, request, core.Decision{Result: core.Challenge, Ask: ask}, rules), request)
		timeout, err := codec.Integer(got.Attributes.Get(rfc2865.SessionTimeout_Type))
		if got.Text != want || !bytes.Equal(got.State, ask.State) || err != nil || timeout != 90 {
			t.Errorf("%s: %q, %d octets of state, %d s, %v", want, got.Text, len(got.State), timeout, err)
		}
		if prompt := got.Attributes.Get(rfc2869.Prompt_Type); !bytes.Equal(prompt, []byte{0, 0, 0, 1}) {
			t.Errorf("%s: prompt %v", want, prompt)
		}
	}
}

func TestLongTextsAreSplitBetweenCharacters(t *testing.T) {
	for _, text := range []string{"", "short", strings.Repeat("x", 253), strings.Repeat("x", 254), strings.Repeat("€", 200), "xy" + strings.Repeat("𝄞", 150)} {
		var attrs codec.Attributes
		addText(&attrs, text)
		var joined string
		for _, a := range attrs {
			if len(a.Attribute) == 0 || len(a.Attribute) > 253 || !utf8.Valid(a.Attribute) {
				t.Errorf("a part of %d octets, UTF-8: %v", len(a.Attribute), utf8.Valid(a.Attribute))
			}
			joined += string(a.Attribute)
		}
		if joined != text {
			t.Errorf("%d octets came out as %d", len(text), len(joined))
		}
	}
}

func TestEAPIsRefusedInItsOwnWordsToo(t *testing.T) {
	for message, want := range map[string]string{"\x02\x07\x00\x06\x01a": "\x04\x07\x00\x04", "": "\x04\x00\x00\x04"} {
		request := bare(t, avp(1, "alice"), avp(79, message))
		got := decode(t, replyTo(t, request, core.Decision{Result: core.Reject}, Rules{}), request)
		if failure := got.Attributes.Get(rfc2869.EAPMessage_Type); string(failure) != want {
			t.Errorf("%q: %x", message, failure)
		}
	}
}

func TestADecisionNotToBeAnsweredIsNot(t *testing.T) {
	client := localClient()
	table, err := newTable(Rules{Clients: []Client{client}})
	if err != nil {
		t.Fatal(err)
	}
	r := request{client: &client, table: table, secret: client.Secrets[0], packet: encode(t, 1, exchange.Request{User: "a"})}
	for name, d := range map[string]core.Decision{"none": {}, "one of no meaning": {Result: 9}} {
		if got, err := r.encode(d, nil); got != nil || err != nil {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
	long := make(codec.Attributes, 0, 20)
	for range 20 {
		long = append(long, avp(33, strings.Repeat("x", 253)))
	}
	for name, c := range map[string]struct {
		d     core.Decision
		attrs codec.Attributes
	}{
		"a challenge without State":   {core.Decision{Result: core.Challenge}, nil},
		"a State of 254 octets":       {core.Decision{Result: core.Challenge, Ask: core.Ask{State: make([]byte, 254)}}, nil},
		"a reply of over 4096 octets": {core.Decision{Result: core.Accept}, long},
	} {
		if got, err := r.encode(c.d, c.attrs); got != nil || err == nil {
			t.Errorf("%s: %x", name, got)
		}
	}
}
