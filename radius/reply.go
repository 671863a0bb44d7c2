package radius

import (
	"crypto/md5"
	"errors"
	"time"

	codec "layeh.com/radius"
	"layeh.com/radius/rfc2865"
	"layeh.com/radius/rfc2869"
	"twofold/core"
)

// encode words a decision. It gives nothing for one that is not to be answered.
func (r *request) encode(d core.Decision, attrs codec.Attributes) ([]byte, error) {
	texts := r.table.rules.Texts
	var code codec.Code
	var extra codec.Attributes
	switch d.Result {
	case core.Accept:
		code = codec.CodeAccessAccept
	case core.Challenge:
		if len(d.Ask.State) == 0 {
			return nil, errors.New("challenge without state")
		}
		code, extra = codec.CodeAccessChallenge, r.challenge(d.Ask)
	case core.Reject:
		code = codec.CodeAccessReject
		extra = eapFailure(attrs)
		addText(&extra, texts.Reject)
	default:
		return nil, nil
	}
	return sign(codec.Packet{Code: code, Attributes: append(proxyStates(attrs), extra...)}, r.packet, r.secret)
}

// challenge asks for an answer: State, the prompt, that what is typed may be
// shown (RFC 2869 section 5.10), and how long there is time (RFC 2865 section 5.27).
func (r *request) challenge(ask core.Ask) (attrs codec.Attributes) {
	attrs.Add(rfc2865.State_Type, codec.Attribute(ask.State))
	addText(&attrs, r.table.rules.Texts.prompt(ask))
	if ttl := r.table.rules.ChallengeTTL; ttl > 0 {
		attrs.Add(rfc2865.SessionTimeout_Type, codec.NewInteger(uint32(ttl/time.Second)))
	}
	attrs.Add(rfc2869.Prompt_Type, codec.NewInteger(uint32(rfc2869.Prompt_Value_Echo)))
	return attrs
}

// proxyStates gives back what proxies on the way have added, unmodified and in
// order (RFC 2865 section 5.33).
func proxyStates(attrs codec.Attributes) (states codec.Attributes) {
	for _, a := range attrs {
		if a.Type == rfc2865.ProxyState_Type {
			states = append(states, a)
		}
	}
	return states
}

// replyRoom is what a reply may need beside Proxy-States: State, a prompt of
// several Reply-Messages, and small attributes.
const replyRoom = 1536

// roomToReply tells whether any reply can carry the request's Proxy-States.
// Where none can, judging would use up a code for nothing.
func roomToReply(attrs codec.Attributes) bool {
	room := codec.MaxPacketLength - headerLen - 2 - macLen - replyRoom
	for _, a := range proxyStates(attrs) {
		room -= 2 + len(a.Attribute)
	}
	return room >= 0
}

// eapFailure answers an EAP-Message by EAP's own failure (RFC 3579 section
// 2.6.3). An EAP-Start has no identifier to repeat.
func eapFailure(attrs codec.Attributes) codec.Attributes {
	message, ok := attrs.Lookup(rfc2869.EAPMessage_Type)
	if !ok {
		return nil
	}
	failure := codec.Attribute{4, 0, 0, 4} // RFC 3748 section 4.2
	if len(message) >= 2 {
		failure[1] = message[1]
	}
	return codec.Attributes{{Type: rfc2869.EAPMessage_Type, Attribute: failure}}
}

// sign makes a reply to request out of p: Message-Authenticator first
// (CVE-2024-3596; draft-ietf-radext-deprecating-radius), then the Response
// Authenticator (RFC 2865 section 3).
func sign(p codec.Packet, request []byte, secret *Secret) ([]byte, error) {
	mac := make(codec.Attribute, macLen)
	p.Identifier, p.Secret = request[1], secret.octets
	copy(p.Authenticator[:], request[4:headerLen])
	p.Attributes = append(codec.Attributes{{Type: rfc2869.MessageAuthenticator_Type, Attribute: mac}}, p.Attributes...)
	unsigned, err := p.MarshalBinary()
	if err != nil {
		return nil, err
	}
	var sum [md5.Size]byte
	secret.authenticate(&sum, unsigned, headerLen+2)
	copy(mac, sum[:])
	return p.Encode()
}
